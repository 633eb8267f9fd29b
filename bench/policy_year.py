"""A year of recorded history in threat-watch's own tables: reports, and what people did about the threats they made."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from forkant_shared.clock import SystemClock, new_id
from forkant_shared.database import Database
from forkant_threat_watch.domain import life
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.outcomes import Paged, Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.telling import Teller
from forkant_threat_watch.domain.words import Factor, Party, PartyKind, State
from forkant_threat_watch.store.policies import current_policy
from forkant_threat_watch.store.signals import row_of
from forkant_threat_watch.tables import COUNTED, REPORTS, SIGNALS, THREATS, TIMELINE

GROUPS = 200
FACTORS = (Factor.GRIEVANCE, Factor.INTENT, Factor.RECONNAISSANCE, Factor.CAPABILITY, Factor.TARGET_EXPOSURE)
STRENGTHS = (0.5, 0.7, 0.9)
#: A page is accepted and closed so long after it; a threat that nothing new is heard of is closed so long after that.
ACCEPTED_AFTER, CLOSED_AFTER, QUIET_AFTER = timedelta(minutes=10), timedelta(hours=6), timedelta(days=21)
SLICE = 500


@dataclass
class Year:
    """Rows for each table, and how many acts there are among them."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    threats: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)


def year(reports: int, until: datetime, seed: int = 1) -> Year:
    """So many graded reports in the year until then, about gangs that mostly have one or two enemies.

    Pages are accepted and closed, and a threat is closed when nothing was heard of it for three weeks.
    """
    chance, policy, found = random.Random(seed), current_policy(), Year()
    groups = [Party(PartyKind.GROUP, new_id()) for _ in range(GROUPS)]
    since = until - timedelta(days=364)
    people = _People(policy)
    for number in range(reports):
        at = since + number * (until - since) / reports
        aggressor = chance.randrange(GROUPS)
        target = (aggressor + chance.choice((1, 1, 1, 2, 2, 7))) % GROUPS
        row, signal = _report(number, at, groups[aggressor], groups[target], chance, policy)
        found.reports.append(row)
        found.signals.append({**row_of(signal), "received_at": at, "place": None})
        people.hear_of(signal, at)
    people.write(found)
    return found


def _report(
    number: int, at: datetime, aggressor: Party, target: Party, chance: random.Random, policy: Policy
) -> tuple[dict[str, Any], Signal]:
    report_id, observed_at = new_id(), at - timedelta(hours=chance.randrange(48))
    grading = Grading("ADMIRALTY", chance.choice("BCDEF"), chance.choice("23456"))
    grade = policy.grading.quality(grading)
    signal = Signal(
        id=f"{report_id}/0", report=report_id, factor=chance.choice(FACTORS), strength=chance.choice(STRENGTHS),
        grade=grade, quality=grade.weigh(policy.grading.unknown), origin=f"o{chance.randrange(10_000)}",
        observed_at=observed_at, aggressor=aggressor, target=target, weighed_by=policy.version,
    )  # fmt: skip
    row = {
        "id": report_id,
        "reference": f"R-9999-{number}",
        "received_at": at,
        "received_from": "bench",
        "observed_at": observed_at,
        "channel": "HANDLER",
        "scale": grading.scale,
        "source_grade": grading.source,
        "information_grade": grading.information,
        "origin": signal.origin,
        "kind": "FACT",
        "verified": False,
        "exposure": "NO",
        "text": None,
        "signals": [{"factor": signal.factor.value, "strength": signal.strength}],
        "handling": "RESTRICTED",
        "compartment": None,
        "policy_version": policy.version,
        "relevance_due_at": at + timedelta(days=365),
    }
    return row, signal


class _People:
    """What people do about what the engine says, as a timeline tells it."""

    def __init__(self, policy: Policy) -> None:
        self.teller = Teller(policy, Links(), self._said)
        self.acts: list[tuple[datetime, str, str]] = []
        self._heard: dict[str, datetime] = {}
        self._waits: list[tuple[datetime, str, str]] = []
        self._swept: datetime | None = None

    def hear_of(self, signal: Signal, at: datetime) -> None:
        self.teller.run_timers(at)
        due = [wait for wait in self._waits if wait[0] <= at]
        self._waits = [wait for wait in self._waits if wait[0] > at]
        for moment, what, threat in sorted(due):
            self._act(moment, what, threat)
        received = self.teller.watch.receive([signal], at)
        self._heard.update({threat: at for threats in received.counts.values() for threat in threats})
        self.teller.heard(received.said)
        if self._swept is None or at - self._swept >= timedelta(days=1):
            self._swept = at
            for threat in [one for one, heard in self._heard.items() if heard < at - QUIET_AFTER]:
                self._act(at, "close", threat)

    def _said(self, said: Sequence[Said]) -> None:
        for each in said:
            if isinstance(each, Paged):
                self._waits.append((each.at + ACCEPTED_AFTER, "page-accepted", each.threat))
                self._waits.append((each.at + CLOSED_AFTER, "page-closed", each.threat))

    def _act(self, at: datetime, what: str, threat_id: str) -> None:
        watch = self.teller.watch
        threat = watch.threats[threat_id]
        if not threat.open:
            return
        pages = [page.id for page in threat.pages]
        self.acts.append((at, what, threat_id))
        if what == "close":
            self._heard.pop(threat_id)
            watch.keep(replace(life.over(threat), state=State.CLOSED))
        elif what == "page-accepted":
            life.accept(watch, threat_id, pages, "duty.officer")
        else:
            life.close_pages(watch, threat_id, pages)
        self.teller.heard(())

    def write(self, found: Year) -> None:
        """The threats that somebody did something about, closed so that nothing else looks at them, and the acts."""
        ids = {threat_id: new_id() for _, _, threat_id in self.acts}
        for number, (threat_id, stored) in enumerate(ids.items()):
            threat = self.teller.watch.threats[threat_id]
            found.threats.append(
                {
                    "id": stored, "reference": f"T-9999-{number}", "opened_at": threat.opened_at,
                    "updated_at": threat.opened_at, "state": "CLOSED", "level": threat.level.value,
                    "automatic": threat.automatic.value, "index": threat.index, "handling": "RESTRICTED",
                    "compartment": None, "due_at": None, "standing": {}, "version": 1, "assessed_by": "2026-1",
                }
            )  # fmt: skip
            found.counted += [
                {"threat_id": stored, "signal_id": signal.id, "suggested": False, "position": place}
                for place, signal in enumerate(threat.signals)
            ]
        found.timeline += [
            {"threat_id": ids[threat_id], "at": at, "what": what, "by": "duty.officer", "codes": {}, "note": None}
            for at, what, threat_id in self.acts
        ]


async def fill(url: str, found: Year) -> None:
    """Write the year into a database in its newest shape, a slice at a time."""
    database = Database(url, clock=SystemClock(), pool_size=1)
    tables = ((REPORTS, found.reports), (SIGNALS, found.signals), (THREATS, found.threats))
    try:
        for table, rows in (*tables, (COUNTED, found.counted), (TIMELINE, found.timeline)):
            for part in _parts(rows):
                async with database.write() as session:
                    await session.execute(table.insert(), part)
    finally:
        await database.close()


def _parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), SLICE):
        yield rows[start : start + SLICE]


def described(found: Year) -> str:
    """What was written, in numbers."""
    return json.dumps({name: len(rows) for name, rows in vars(found).items()})


def now() -> datetime:
    """This moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
