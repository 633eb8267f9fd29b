// Lets this browser take pushes: asks for leave, subscribes, and sends what the service needs with the page's own form.
"use strict";
(() => {
  const form = document.getElementById("push");
  if (!form) return;
  const said = document.getElementById("push-said");
  form.hidden = false;
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!can) {
    form.querySelector("button").disabled = true;
    said.textContent = form.dataset.cannot;
    return;
  }
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      const worker = await navigator.serviceWorker.register("/notifier/scripts/service-worker.js", { scope: "/" });
      const subscription = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(form.dataset.key),
      });
      const told = subscription.toJSON();
      form.elements.endpoint.value = told.endpoint;
      form.elements.key.value = told.keys.p256dh;
      form.elements.secret.value = told.keys.auth;
      form.submit();
    } catch {
      said.textContent = form.dataset.no;
    }
  });
})();
