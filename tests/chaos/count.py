"""The morning after: what was promised, what is there, what is there twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from forkant_shared.bus import Bus
from forkant_shared.envelope import Envelope
from forkant_shared.events import read, topic_of
from forkant_shared.events.threat_watch import EscalationRaised
from tests.chaos.targets import Target
from tests.chaos.traffic import Ledger

_SETTLE_SECONDS = 90.0
_QUIET_FETCHES = 8
_SERVICES = ("registry", "meetings", "threat-watch", "notifier")


@dataclass
class Count:
    faults: int
    reports: int
    tries: int
    threats: int
    escalations: int
    messages: int
    rung_twice: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def __str__(self) -> str:
        said = [
            f"faults survived {self.faults}",
            f"reports confirmed {self.reports} (in {self.tries} tries), threats {self.threats}",
            f"escalations {self.escalations}, messages to the carrier {self.messages}"
            f" ({self.rung_twice} rung twice, as a carrier that did not answer in time must be)",
            f"lost {len(self.lost)}",
            f"doubled {len(self.doubled)}",
            f"stuck {len(self.stuck)}",
            *(f"  {line}" for line in (self.lost + self.doubled + self.stuck)[:40]),
        ]
        return "\n".join(said)


async def settled(target: Target, ledger: Ledger) -> None:
    """Until every threat that must ring has rung, or waiting longer is no use."""
    wanted = {threat for accepted in ledger.accepted.values() for threat in accepted.threats}
    end = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < end:
        if wanted <= await asyncio.to_thread(rung_threats, target):
            return
        await asyncio.sleep(0.5)


async def count(target: Target, ledger: Ledger, faults: int, forgotten: Sequence[str]) -> Count:
    raised = await _raised(target.bus())
    rows = await asyncio.to_thread(_rows, target)
    wanted = {threat for accepted in ledger.accepted.values() for threat in accepted.threats}
    reports = [accepted.report for accepted in ledger.accepted.values()]
    pages = Counter(rows["pages"])
    submitted = Counter(rows["submitted"])
    found = Count(
        faults=faults,
        reports=len(reports),
        tries=ledger.tries,
        threats=len(wanted),
        escalations=len(raised),
        messages=sum(submitted.values()),
        rung_twice=len(rows["sandbox"]) - len(rows["submitted"]),
    )
    found.lost += [f"report of {key}" for key in forgotten]
    found.lost += [f"report {report}" for report in set(reports) - set(rows["reports"])]
    found.lost += [f"page of escalation {escalation}" for escalation in raised - set(pages)]
    found.lost += [f"ring of threat {threat}" for threat in wanted - rung_threats(target)]
    found.doubled += [f"report {report} was promised to two keys" for report, n in Counter(reports).items() if n > 1]
    surplus = len(rows["reports"]) - len(reports)
    found.doubled += [f"{surplus} reports that nobody was promised"] if surplus > 0 else []
    found.doubled += [f"page of escalation {escalation}" for escalation, n in pages.items() if n > 1]
    found.doubled += [f"page of escalation {escalation} that was never raised" for escalation in set(pages) - raised]
    found.stuck += [f"{times} times {said}" for said, times in ledger.complaints.items()]
    found.stuck += rows["stuck"] + target.bugs()
    return found


def _rows(target: Target) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {
        "reports": _select(target, "threat-watch", "SELECT id FROM reports"),
        "pages": _select(target, "notifier", "SELECT escalation_id FROM pages WHERE escalation_id IS NOT NULL"),
        "submitted": _select(target, "notifier", "SELECT id FROM attempts WHERE submitted_at IS NOT NULL"),
        "sandbox": _select(target, "notifier", "SELECT id FROM sandbox_messages"),
        "stuck": [],
    }
    for service in _SERVICES:
        for table, where in (("outbox", "published_at IS NULL"), ("parked_events", "1 = 1")):
            left = _select(target, service, f"SELECT count(*) FROM {table} WHERE {where}")[0]
            found["stuck"] += [f"{left} rows wait in {table} of {service}"] if left else []
    return found


def rung_threats(target: Target) -> set[str]:
    """The threats for which a message went out."""
    statement = (
        "SELECT DISTINCT pages.threat_id FROM pages JOIN attempts ON attempts.page_id = pages.id "
        "WHERE attempts.submitted_at IS NOT NULL AND pages.threat_id IS NOT NULL"
    )
    return set(_select(target, "notifier", statement))


def _select(target: Target, service: str, statement: str) -> list[Any]:
    engine = sa.create_engine(target.database(service), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [_plain(row[0]) for row in connection.execute(sa.text(statement))]


def _plain(value: Any) -> Any:
    """Ids as text: PostgreSQL has them as UUID, SQLite as 32 digits."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return value if isinstance(value, int) else str(value)


async def _raised(bus: Bus) -> set[str]:
    """The ids of all escalations on the bus: of one event published twice, one."""
    await bus.start()
    reader = await bus.subscribe("forkant.chaos", [topic_of("threat-watch")])
    found: set[str] = set()
    quiet = 0
    while quiet < _QUIET_FETCHES:
        records = await reader.fetch(max_records=500, timeout=0.5)
        quiet = 0 if records or not reader.assigned else quiet + 1
        for record in records:
            event = read(Envelope.from_record(record))
            if isinstance(event, EscalationRaised):
                found.add(event.escalation_id)
    await bus.close()
    return found
