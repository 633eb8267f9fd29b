// Small kindnesses on pages that work without them: times that stay true, countdowns, news after sleep.
(() => {
  "use strict";
  const served = document.querySelector('meta[name="forkant-now"]');
  // The server's clock decides; a phone may be minutes off.
  const ahead = served ? Date.parse(served.content) - Date.now() : 0;
  const now = () => Date.now() + ahead;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "nb", { numeric: "always" });
  const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  function relative(element) {
    const seconds = Math.round((Date.parse(element.dateTime) - now()) / 1000);
    const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) || units[6];
    return words.format(Math.round(seconds / size), unit);
  }

  function countdown(element) {
    const left = Math.max(0, Math.round((Date.parse(element.dateTime) - now()) / 1000));
    element.toggleAttribute("data-passed", left === 0);
    const pad = (value) => String(value).padStart(2, "0");
    const minutes = Math.floor(left / 60) % 60;
    const hours = Math.floor(left / 3600);
    return hours ? `${hours}:${pad(minutes)}:${pad(left % 60)}` : `${minutes}:${pad(left % 60)}`;
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    document.querySelectorAll("time[data-countdown]").forEach((element) => put(element, countdown(element)));
  }

  function refresh() {
    document.querySelectorAll("time[data-relative][datetime]").forEach((element) => put(element, relative(element)));
  }

  // The login lasts ten minutes at a time; a page that is looked at keeps it fresh, so that no form is lost.
  const renew = async () => {
    if (!document.body.hasAttribute("data-signed-in")) return;
    await fetch("/auth/refresh?next=/", { redirect: "manual" }).catch(() => {});
  };

  const fetchAgain = () => document.body.dispatchEvent(new CustomEvent("forkant:wake"));
  // A stream that waits longer and longer between its tries need not wait when the network is there again.
  const listenAgain = () => document.querySelectorAll("[hx-sse\\:connect]").forEach((feed) => feed._htmx?.sse?.delayCanceller?.());

  async function wake() {
    refresh();
    tick();
    await renew();
    listenAgain();
    fetchAgain();
  }

  function online(yes) {
    const strip = document.querySelector("[data-offline]");
    if (!strip) return;
    const seen = strip.querySelector("time");
    if (seen && yes) seen.dateTime = new Date(now()).toISOString();
    strip.hidden = yes;
    refresh();
  }

  const whenSeen = (act) => () => { if (!document.hidden) act(); };
  setInterval(tick, 1000);
  setInterval(refresh, 15000);
  setInterval(whenSeen(renew), 240000);
  // A stream can die without a sound; nobody should wait for a page because of it.
  setInterval(whenSeen(fetchAgain), 30000);
  document.addEventListener("visibilitychange", whenSeen(wake));
  addEventListener("online", wake);
  addEventListener("offline", () => online(false));
  // Nothing is missed between drawing and listening, or while the stream was away: once it is there, fetch anew.
  document.addEventListener("htmx:sse:error", () => online(false));
  document.addEventListener("htmx:sse:after:connection", () => { online(true); fetchAgain(); });
  // A part that could not be fetched leaves what stands there, and says that it may be old.
  document.addEventListener("htmx:error", () => online(false));
  document.addEventListener("htmx:before:response", (event) => {
    const failed = event.detail.ctx.response.status >= 500;
    if (failed) event.preventDefault();
    online(!failed);
  });
  document.addEventListener("forkant:drawn", () => { refresh(); tick(); });
  // The menu closes on Escape and on a tap outside it.
  const menu = document.querySelector(".fk-menu");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu?.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => { if (menu?.open && !menu.contains(event.target)) menu.open = false; });
  document.querySelector("[data-focus]")?.focus();
  // A form is sent once, however often a tired thumb taps.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  refresh();
  tick();
})();
