// Shows a page of the duty desk: a code, never what it is about. A test makes no sound and goes by itself.
"use strict";
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : { text: "Forkant. Logg inn." };
  const life = told.lane === "LIFE";
  event.waitUntil(
    self.registration
      .showNotification(told.text, {
        tag: told.code || "forkant",
        renotify: life,
        requireInteraction: life,
        silent: Boolean(told.test),
        data: { link: told.link || "/" },
      })
      .then(async () => {
        if (!told.test) return;
        for (const shown of await self.registration.getNotifications({ tag: "forkant" })) shown.close();
      }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = new URL(event.notification.data.link, self.location.origin);
  if (link.origin === self.location.origin) event.waitUntil(self.clients.openWindow(link.href));
});
