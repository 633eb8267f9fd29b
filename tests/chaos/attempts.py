"""`python -m tests.chaos --attempts --runs 500`: a notifier killed at every state of an attempt, again and again.

Each run is a database of its own, one to three escalations on the bus, and one to four lives of a real process that
end by SIGKILL at a place the seed has chosen. Then it lives once more, and everything is counted: LOST is an escalation
without a page, or a phone that no carrier has taken a message for; DOUBLED is a second page, a second first try, a
message of nothing we know or with another code, or one sent again though it was stored as sent. A message whose answer
nobody had time to store is sent again with the same code: that is no loss and no fault, and is counted by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from forkant_full.processes import free_port
from tests.chaos.carrier import Carrier
from tests.chaos.ground import Ground, end, same
from tests.chaos.lives import Life, Story, story
from tests.chaos.victim import forked, live

SETTLE_SECONDS = 60.0
LOOK_SECONDS = 0.03
CHANNELS = ("PUSH", "SMS", "CALL")
SENT = ("SUBMITTED", "DELIVERED")
NOTHING_YET = "no attempt yet"
_ATTEMPTS = 'SELECT id, page_id, "user", channel, code, number, state FROM attempts'


@dataclass
class Tally:
    """What came of all runs so far. `states` are those of attempts at the moments of death."""

    runs: int = 0
    kills: int = 0
    missed: int = 0
    pages: int = 0
    messages: int = 0
    again: int = 0
    points: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.lost and not self.doubled

    def __str__(self) -> str:
        return "\n".join(
            [
                f"runs {self.runs}, kills -9 {self.kills} ({self.missed} by the clock: their point did not come)",
                f"points     {_listed(self.points)}",
                f"states hit {_listed(self.states)}",
                f"pages {self.pages}, messages a carrier took {self.messages}"
                f" ({self.again} once more with the same code, their answer not having been stored)",
                f"lost {len(self.lost)}",
                f"doubled {len(self.doubled)}",
                *(f"  {line}" for line in (self.lost + self.doubled)[:40]),
            ]
        )


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {counted[name]}" for name in sorted(counted))


def killed_at_every_state(
    folder: Path, ground: Ground, *, seed: int, runs: int, say: Callable[[str], None] = print
) -> Tally:
    """Run them all, one after another; what was counted."""
    tally, port = Tally(), free_port()
    ground.prepare()
    carrier = forked(lambda: asyncio.run(Carrier(folder).serve(port)))
    try:
        for number in range(runs):
            _run(folder, ground, port, story(seed, number, one_name=ground.one_name), tally)
            if (number + 1) % 50 == 0:
                say(f"{number + 1:5}  lost {len(tally.lost)}, doubled {len(tally.doubled)}")
    finally:
        end(carrier)
        ground.close()
    return tally


def _run(root: Path, ground: Ground, port: int, told: Story, tally: Tally) -> None:
    folder = root / str(told.number)
    folder.mkdir()
    (root / f"{told.number}.yaml").write_text(yaml.safe_dump(_routes(f"http://127.0.0.1:{port}/{told.number}")))
    escalations = [same(one) for one in ground.lay(folder, told.lanes)]
    before: dict[str, int] = {}
    for number, life in enumerate(told.lives):
        asked = {"manners": told.manners, "bad_messages": told.bad_messages, "life": number}
        _write(folder / "carrier.json", asked | {"point": life.point, "nth": life.nth})
        tally.missed += not _lived(folder, ground, life)
        tally.kills += 1
        tally.points[life.point] += 1
        found = ground.rows(folder, _ATTEMPTS)
        taken = Counter(line["ref"] for line in _log(folder))
        _count_states(found, taken, tally)
        before |= {row["id"]: taken[row["id"]] for row in found if row["state"] in SENT}
    _write(folder / "carrier.json", {"manners": "ok", "bad_messages": 0, "life": "last", "point": "", "nth": 0})
    pid = _begin(folder, ground, Life("", 0, 0.0, told.last_instance))
    _until(lambda: _settled(folder, ground, escalations), SETTLE_SECONDS)
    end(pid)
    wrong = _judge(folder, ground, told, escalations, before, tally)
    if not wrong:
        ground.clear(folder)
        (root / f"{told.number}.yaml").unlink()


def _write(file: Path, told: dict[str, Any]) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(told))
    beside.rename(file)


def _begin(folder: Path, ground: Ground, life: Life) -> int:
    return forked(partial(live, folder, ground.database(folder), partial(ground.bus, folder), life))


def _lived(folder: Path, ground: Ground, life: Life) -> bool:
    """Whether it died where it was to die; one whose point does not come is ended by the clock."""
    pid = _begin(folder, ground, life)
    dead = _until(lambda: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None, life.after)
    if not dead:
        end(pid)
        return life.point == "moment"
    os.waitpid(pid, 0)
    return True


def _until(true: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(LOOK_SECONDS)
    return true()


def _log(folder: Path) -> list[dict[str, Any]]:
    file = folder / "carrier.log"
    lines = file.read_text().splitlines() if file.exists() else []
    return [found | {"ref": same(found["ref"])} for found in map(json.loads, lines)]


def _count_states(found: Iterable[dict[str, Any]], taken: Counter[str], tally: Tally) -> None:
    """In which state each attempt stood; of one that was leased, whether a carrier had it already."""
    states = set()
    for row in found:
        state = row["state"]
        if state == "LEASED":
            state = "LEASED, with the carrier" if taken[row["id"]] else "LEASED, unsent"
        states.add(state)
    for state in states or {NOTHING_YET}:
        tally.states[state] += 1


def _settled(folder: Path, ground: Ground, escalations: list[str]) -> bool:
    """Every escalation has its page, nothing waits, and of whatever a carrier took the receipt is here."""
    pages = {row["escalation_id"] for row in ground.rows(folder, "SELECT escalation_id FROM pages")}
    if not pages >= set(escalations):
        return False
    return not any(row["state"] in ("DUE", "LEASED", "SUBMITTED") for row in ground.rows(folder, _ATTEMPTS))


def _judge(
    folder: Path, ground: Ground, told: Story, escalations: list[str], before: dict[str, int], tally: Tally
) -> bool:
    """Count one run; whether anything was wrong with it."""
    wrong = len(tally.lost) + len(tally.doubled)
    log = _log(folder)
    sent = Counter(line["ref"] for line in log)
    taken = {line["ref"] for line in log if line["taken"]}
    attempts = ground.rows(folder, _ATTEMPTS)
    every = ground.rows(folder, "SELECT id, lane, escalation_id FROM pages")
    for escalation in escalations:
        pages = [row for row in every if row["escalation_id"] == escalation]
        tally.pages += len(pages)
        if len(pages) != 1:
            (tally.lost if not pages else tally.doubled).append(f"run {told.number}: {len(pages)} pages of one")
            continue
        for channel in CHANNELS if pages[0]["lane"] == "LIFE" else ("SMS", "PUSH"):
            tries = [row for row in attempts if row["page_id"] == pages[0]["id"] and row["channel"] == channel]
            # Where every answer came too late to be believed, the carrier has it all the same, and the page rings on.
            if not any(row["id"] in taken for row in tries):
                tally.lost.append(f"run {told.number}: {channel} of a page, {[row['state'] for row in tries]}")
            if sum(row["number"] == 1 for row in tries) != 1 or len({row["code"] for row in tries}) != 1:
                tally.doubled.append(f"run {told.number}: {channel} of a page, {len(tries)} tries")
    # A call says its code only to whoever has shown a PIN.
    codes = {row["id"]: "" if row["channel"] == "CALL" else row["code"] for row in attempts}
    for line in log:
        if codes.get(line["ref"], "of nothing we know") not in line["text"]:
            tally.doubled.append(f"run {told.number}: a message of no attempt, or with another code")
    for attempt_id, times in before.items():
        if sent[attempt_id] > times:
            tally.doubled.append(f"run {told.number}: sent again though it was stored as sent")
    tally.runs += 1
    tally.messages += len(taken)
    tally.again += sum(times - 1 for times in sent.values() if times > 1)
    return len(tally.lost) + len(tally.doubled) > wrong


def _routes(url: str) -> dict[str, Any]:
    """Two carriers for each channel, asked for receipts every moment."""
    gateways = []
    for channel in CHANNELS:
        for place in ("first", "second"):
            name = f"{channel.lower()}-{place}"
            gateways.append(
                {
                    "name": name,
                    "channel": channel,
                    "url": f"{url}/{name}/send",
                    "body": {"kind": "json", "fields": {"to": "{to}", "text": "{text}", "ref": "{reference}"}},
                    "success": {"status": [200], "path": "status", "values": ["OK"]},
                    "id": "messages.0.id",
                    "poll": {"url": f"{url}/{name}/state/{{id}}", "state": "state", "delivered": ["DELIVERED"]},
                }
            )
    callbacks = {"poll_each": 0.1}
    return {"version": "chaos-1", "gateways": gateways, "health": {"callbacks": callbacks}}
