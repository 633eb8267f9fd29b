// What a phone keeps for when there is no network: who uses it, the last board, and calls that wait to be sent.
// Everything is sealed with a key that no script can read out; logging out takes the key away. docs/security.md says
// what that is worth. BOARD_HOURS, for how long the board is shown, stands before this file as it is served.
"use strict";
const kept = (() => {
  const NAME = "forkant-desk";
  const answered = (request) => new Promise((yes, no) => {
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
  });

  async function store(name, mode, act) {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => ["things", "calls"].forEach((made) => opening.result.createObjectStore(made));
    const database = await answered(opening);
    database.onversionchange = () => database.close();
    try {
      const work = database.transaction(name, mode);
      const finished = new Promise((yes, no) => { work.oncomplete = yes; work.onabort = () => no(work.error); });
      const result = await answered(act(work.objectStore(name)));
      await finished;
      return result;
    } finally {
      database.close();
    }
  }

  async function key() {
    const known = await store("things", "readonly", (things) => things.get("key"));
    if (known) return known;
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // Two tabs may get here at once: the first one's key is everybody's.
    await store("things", "readwrite", (things) => things.add(fresh, "key")).catch(() => {});
    return store("things", "readonly", (things) => things.get("key"));
  }

  async function seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(value));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), text) };
  }

  async function unseal(found) {
    if (!found) return null;
    try {
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: found.iv }, await key(), found.sealed);
      return JSON.parse(new TextDecoder().decode(text));
    } catch {
      return null;
    }
  }

  const put = async (where, name, value) => {
    const sealed = await seal(value);
    return store(where, "readwrite", (things) => things.put(sealed, name));
  };
  const drop = (where, name) => store(where, "readwrite", (things) => things.delete(name));
  const me = async () => unseal(await store("things", "readonly", (things) => things.get("me")));

  // Another person at the same phone does not see the last one's board; what that one wrote waits for them.
  // The token tells the worker a form of ours from one that another site sends: that site cannot read it.
  async function iAm(person) {
    const before = await me();
    if (before && before.user !== person.user) await drop("things", "board");
    const token = before?.user === person.user ? before.token : crypto.randomUUID();
    await put("things", "me", { ...person, token });
    return { ...person, token };
  }

  async function board() {
    const found = await unseal(await store("things", "readonly", (things) => things.get("board")));
    if (found && Date.now() - found.at > BOARD_HOURS * 3600000) {
      await drop("things", "board");
      return null;
    }
    return found;
  }

  async function calls() {
    const found = await store("calls", "readonly", (all) => all.getAll());
    const opened = await Promise.all(found.map(unseal));
    return opened.filter(Boolean).sort((one, other) => one.at - other.at);
  }

  const erased = () => new Promise((yes) => {
    const erasing = indexedDB.deleteDatabase(NAME);
    erasing.onsuccess = erasing.onerror = erasing.onblocked = () => yes();
  });

  // Logging out: all of this person, and the key too where nobody else has something waiting.
  async function forget(user) {
    const left = await calls();
    for (const call of left.filter((one) => one.by === user)) await drop("calls", call.key);
    await drop("things", "board");
    await drop("things", "me");
    if (left.every((one) => one.by === user)) await erased();
  }

  return {
    me, iAm, board, calls, forget,
    keepBoard: (told) => put("things", "board", told),
    keepCall: (call) => put("calls", call.key, call),
    dropCall: (name) => drop("calls", name),
  };
})();
