// Shows pages of the duty desk (a code, never what it is about), and stands in when the network is gone: the last
// board, the call form, and the calls that wait, each sent once. VERSION, FILES and `kept` stand above.
"use strict";
const CACHE = `forkant-${VERSION}`;
const PATIENCE = 10000;
const CALL = "/notifier/calls/new";
const later = (milliseconds) => new Promise((yes) => setTimeout(yes, milliseconds));

self.addEventListener("install", (event) => {
  const all = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(all)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("forkant-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

// ---------- Pages without network ----------

async function shell(what) {
  const language = (await kept.me().catch(() => null))?.language || "nb";
  const found = await caches.match(`/notifier/offline/${what}/${language}`, { cacheName: CACHE, ignoreVary: true });
  return found || Response.error();
}

async function shown(event, url) {
  const asked = Promise.resolve(event.preloadResponse).then((early) => early || fetch(event.request));
  asked.catch(() => {});
  const what = url.pathname === CALL ? "call" : "board";
  // A network that neither answers nor fails is no network; `?live` is somebody who would rather wait.
  const patient = url.searchParams.has("live") || url.pathname !== "/";
  try {
    const answer = await (patient ? asked : Promise.race([asked, later(PATIENCE)]));
    if (answer && ![502, 504].includes(answer.status)) return answer;
  } catch { /* no network */ }
  return shell(what);
}

// A file's address changes with the file, a script's does not.
const found = (request) => caches.match(request, { cacheName: CACHE, ignoreVary: true });
const file = async (request) => (await found(request)) || fetch(request);
const script = (request) => fetch(request).catch(async () => (await found(request)) || Response.error());

// ---------- Calls that wait ----------

const whole = (fields) => ["KNOWN", "UNKNOWN"].includes(fields.caller) && ["NOW", "SOON", "LATER"].includes(fields.urgency)
  && Boolean(fields.what?.trim()) && (fields.caller === "UNKNOWN" || Boolean(fields.caller_name?.trim() || fields.caller_id))
  && !(fields.at && Number.isNaN(Date.parse(fields.at)));

async function entered(request) {
  const given = [...(await request.formData())].filter(([name, value]) => typeof value === "string" && name !== "csrf");
  const { lookup, token, ...fields } = Object.fromEntries(given);
  fields.key ||= crypto.randomUUID();
  return { fields, lookup: Boolean(lookup), token };
}

async function keep(fields, by, state) {
  await kept.keepCall({ key: fields.key, by, at: Date.now(), state, cause: null, fields });
}

async function saved(event) {
  const { fields, lookup, token } = await entered(event.request.clone());
  const me = await kept.me().catch(() => null);
  // Not from a page of ours, or nothing to keep it with: as if there were no worker.
  if (!me || token !== me.token) return fetch(event.request);
  const draft = `${CALL}?kept=${fields.key}`;
  if (lookup || !whole(fields)) {
    try {
      return await fetch(event.request);
    } catch {
      await keep(fields, me.user, "DRAFT");
      return Response.redirect(draft, 303);
    }
  }
  await keep(fields, me.user, "WAITING");
  await self.registration.sync?.register("calls").catch(() => {});
  await Promise.race([send(), later(PATIENCE)]).catch(() => {});
  const left = (await kept.calls()).find((call) => call.key === fields.key);
  if (left?.state === "STOPPED") return Response.redirect(draft, 303);
  if (left) return Response.redirect("/?saved=waits", 303);
  const told = `saved=${fields.violence === "yes" ? "violence" : "call"}`;
  return Response.redirect(fields.page ? `/notifier/pages/${fields.page}?${told}` : `/notifier/calls?${told}`, 303);
}

// What a `datetime-local` field says in Oslo, as a moment.
function moment(text) {
  const wall = Date.parse(`${text}Z`);
  const ahead = (at) => Date.parse(`${new Date(at).toLocaleString("sv-SE", { timeZone: "Europe/Oslo" }).replace(" ", "T")}Z`) - at;
  return new Date(wall - ahead(wall - ahead(wall))).toISOString();
}

function body({ fields, by, at }) {
  const waited = Math.max(0, Math.round((Date.now() - at) / 1000));
  return JSON.stringify({
    caller: fields.caller, caller_name: fields.caller_name || null, caller_id: fields.caller_id || null,
    what: fields.what, urgency: fields.urgency, violence: fields.violence === "yes",
    threatened: fields.threatened || null, page_id: fields.page || null, entered_by: by,
    ...(fields.at ? { called_at: moment(fields.at) } : { waited_seconds: waited }),
  });
}

const CAUSES = { 401: "LOGIN", 403: "FORBIDDEN", 409: "CONFLICT" };
async function post(call) {
  const headers = { "content-type": "application/json", "idempotency-key": call.key };
  const answer = await fetch("/notifier/v1/calls", { method: "POST", headers, body: body(call), redirect: "error" });
  if (answer.ok) return null;
  if (answer.status >= 500 || answer.status === 429) throw new Error("later");
  return CAUSES[answer.status] || "REFUSED";
}

// One at a time, whoever asks: a tab, another tab, the browser itself. The key makes what was sent twice one call.
const send = (asked) => navigator.locks.request("forkant-calls", async () => {
  const me = await kept.me();
  const mine = (await kept.calls()).filter((call) => call.by === me?.user);
  const due = mine.filter((call) => call.state === "WAITING" || (call.key === asked && call.state !== "DRAFT"));
  let sent = 0;
  try {
    if (due.length) await fetch("/auth/refresh?next=/", { redirect: "manual" });
    for (const call of due) {
      const cause = await post(call);
      if (cause === null) {
        await kept.dropCall(call.key);
        sent += 1;
      } else {
        await kept.keepCall({ ...call, state: cause === "LOGIN" ? "WAITING" : "STOPPED", cause });
      }
    }
  } finally {
    for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage({ kind: "calls", sent });
  }
});
self.addEventListener("sync", (event) => { if (event.tag === "calls") event.waitUntil(send()); });
self.addEventListener("message", (event) => {
  if (event.data?.kind === "send") event.waitUntil(send(event.data.key).catch(() => {}));
});

// ---------- Logging out ----------

async function left(event) {
  const me = await kept.me().catch(() => null);
  if (me) {
    await Promise.race([send(), later(PATIENCE)]).catch(() => {});
    // Nobody loses a call by logging out: it is sent first, or thrown away by hand.
    if ((await kept.calls()).some((call) => call.by === me.user)) return Response.redirect("/?unsent=1", 303);
    await kept.forget(me.user);
  }
  try {
    return await fetch(event.request);
  } catch {
    return Response.redirect("/?left=1", 303);
  }
}

self.addEventListener("fetch", (event) => {
  const { method, mode } = event.request;
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (mode === "navigate" && method === "GET") event.respondWith(shown(event, url));
  else if (mode === "navigate" && method === "POST" && url.pathname === CALL) event.respondWith(saved(event));
  else if (mode === "navigate" && method === "POST" && url.pathname === "/auth/logout") event.respondWith(left(event));
  else if (method === "GET" && url.pathname.startsWith("/notifier/static/")) event.respondWith(file(event.request));
  else if (method === "GET" && url.pathname.startsWith("/notifier/scripts/")) event.respondWith(script(event.request));
});

// ---------- Pushes ----------

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
