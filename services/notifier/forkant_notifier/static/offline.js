// The desk when the network goes: keeps the last board, fills the pages the worker shows without network, and shows
// the calls that wait on this phone. Without it every page works as before.
"use strict";
(() => {
  const panel = document.getElementById("waiting");
  if (!panel || !("serviceWorker" in navigator) || !window.crypto?.subtle || !window.indexedDB) return;
  const LOOK_AGAIN = 5000;
  const SEND_AGAIN = 30000;
  const live = Boolean(panel.dataset.user);
  const said = document.getElementById("waiting-said");
  const asked = new URLSearchParams(location.search);
  const language = document.documentElement.lang;
  const hours = new Intl.DateTimeFormat(language, { timeZone: "Europe/Oslo", hour: "2-digit", minute: "2-digit" });
  const clock = (at) => hours.format(at).replace(":", language === "nb" ? "." : ":");
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const part = (element, name) => element.querySelector(`[data-${name}]`);
  const drawn = () => document.dispatchEvent(new CustomEvent("forkant:drawn"));
  const tell = (worker) => navigator.serviceWorker.ready.then((found) => found.active?.postMessage(worker));

  // ---------- What is said once, after something was saved, sent or left ----------

  function say(name, kind) {
    const text = said.dataset[name];
    if (!text) return;
    const notice = copy("waiting-notice");
    notice.dataset.color = kind;
    notice.textContent = text;
    said.replaceChildren(notice);
  }

  function sayWhatWasAsked() {
    if (asked.get("saved") === "waits") say("waits", "warning");
    else if (asked.has("saved")) say(asked.get("saved"), "success");
    if (asked.has("unsent")) say("unsent", "danger");
    if (asked.has("left")) say("left", "warning");
  }

  // ---------- The calls that wait ----------

  const CAUSES = { LOGIN: "login", FORBIDDEN: "forbidden", CONFLICT: "conflict", REFUSED: "refused" };
  function entry(call, mine) {
    const shown = copy("waiting-entry");
    const cause = !mine ? "other" : CAUSES[call.cause] || (call.state === "DRAFT" ? "draft" : "network");
    part(shown, "time").textContent = clock(call.at);
    part(shown, "cause").textContent = panel.dataset[cause];
    const change = part(shown, "change");
    change.href = `/notifier/calls/new?kept=${call.key}`;
    change.hidden = !mine;
    part(shown, "login").hidden = cause !== "login" || live;
    part(shown, "send").hidden = !mine || call.state === "DRAFT" || call.cause === "REFUSED";
    part(shown, "send").addEventListener("click", () => tell({ kind: "send", key: call.key }));
    part(shown, "delete").hidden = !mine;
    part(shown, "delete").addEventListener("click", async () => {
      if (confirm(panel.dataset.sure)) await kept.dropCall(call.key).then(draw);
    });
    return shown;
  }

  let drawnAs = "";
  async function draw() {
    const [calls, me] = await Promise.all([kept.calls(), kept.me()]);
    const editing = asked.get("kept");
    const shown = calls.filter((call) => call.key !== editing);
    const now = JSON.stringify(shown.map((call) => [call.key, call.state, call.cause, me?.user]));
    if (now !== drawnAs) panel.querySelector("ul").replaceChildren(...shown.map((call) => entry(call, call.by === me?.user)));
    drawnAs = now;
    panel.hidden = shown.length === 0;
    return calls.some((call) => call.by === me?.user && call.state === "WAITING");
  }

  // ---------- The form ----------

  function fill(form, fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements.namedItem(name);
      if (!field) continue;
      if (field instanceof RadioNodeList) field.value = value;
      else if (field.type === "checkbox" || field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  }

  async function fillForm(me) {
    const form = document.getElementById("call-form");
    if (!form || !me) return;
    form.hidden = false;
    document.getElementById("nobody")?.remove();
    const by = document.getElementById("entered-by");
    if (by) by.textContent = me.name;
    form.elements.token.value = me.token;
    if (!live) form.elements.page.value = asked.get("page") || "";
    const mine = (await kept.calls()).find((call) => call.key === asked.get("kept") && call.by === me.user);
    if (!mine) return;
    fill(form, mine.fields);
    say(CAUSES[mine.cause] || "draft", "warning");
  }

  // ---------- The board ----------

  async function keepBoard() {
    const told = document.getElementById("kept-board")?.dataset.board;
    if (told) await kept.keepBoard({ at: Date.now(), ...JSON.parse(told) });
  }

  function pageOf(told) {
    const shown = copy("kept-page");
    shown.classList.toggle("fk-card--accepted", Boolean(told.by));
    shown.classList.toggle("fk-card--life", told.life && !told.drill && !told.by);
    for (const [name, wanted] of [["drill", told.drill], ["life", told.life], ["normal", !told.life]]) {
      if (!wanted) part(shown, name).remove();
    }
    part(shown, "code").textContent = told.code;
    part(shown, "what").textContent = told.what;
    part(shown, "since").dateTime = told.since;
    if (told.by) part(shown, "who").textContent = told.by;
    else part(shown, "accepted").remove();
    if (told.next && !told.by) part(shown, "next").textContent = clock(Date.parse(told.next));
    else part(shown, "then").remove();
    return shown;
  }

  function drawBoard(board) {
    const shown = document.getElementById("kept-shown");
    if (!shown || !board) return;
    document.getElementById("kept-nothing").hidden = true;
    shown.hidden = false;
    document.querySelectorAll("time[data-kept-at]").forEach((time) => { time.dateTime = new Date(board.at).toISOString(); });
    document.getElementById("kept-age").hidden = false;
    document.getElementById("kept-pages").replaceChildren(...board.pages.map(pageOf));
    document.getElementById("kept-none").hidden = board.pages.length > 0;
    const duty = board.duty.map((on) => {
      const row = copy("kept-duty-row");
      part(row, "tier").textContent = on.tier;
      part(row, "users").textContent = on.users;
      return row;
    });
    document.getElementById("kept-duty").replaceChildren(...duty);
    drawn();
  }

  // The network is back when we answer, not when the phone says that it has one.
  async function lookForNetwork() {
    if (document.hidden) return;
    const answer = await fetch("/notifier/health/live", { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    await tell({ kind: "send" });
    if (document.getElementById("kept-shown")) location.replace(location.pathname === "/notifier/calls/new" ? "/" : location.href);
    else document.getElementById("kept-back").hidden = false;
  }

  async function begin() {
    sayWhatWasAsked();
    if (live) {
      const { user, name } = panel.dataset;
      const theme = document.documentElement.dataset.colorScheme;
      await kept.iAm({ user, name, theme, language });
      await navigator.serviceWorker.register("/notifier/scripts/service-worker.js", { scope: "/" });
      await keepBoard();
      document.addEventListener("htmx:after:swap", keepBoard);
      addEventListener("online", () => tell({ kind: "send" }));
    } else {
      setInterval(lookForNetwork, LOOK_AGAIN);
    }
    const me = await kept.me();
    if (!live && me?.theme) document.documentElement.dataset.colorScheme = me.theme;
    if (!live) drawBoard(await kept.board());
    await fillForm(me);
    navigator.serviceWorker.addEventListener("message", (event) => {
      if (event.data?.kind !== "calls") return;
      if (event.data.sent && !asked.has("saved")) say("sent", "success");
      draw();
    });
    if ((await draw()) && live) tell({ kind: "send" });
    setInterval(async () => { if (!document.hidden && (await draw())) tell({ kind: "send" }); }, SEND_AGAIN);
  }

  begin().catch(() => {});
})();
