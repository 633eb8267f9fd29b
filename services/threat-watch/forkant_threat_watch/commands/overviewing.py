"""What the front page of threat-watch shows: what needs somebody now, and the threats that stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.commands.reading import READ_REPORT, READ_THREAT, list_threats
from forkant_threat_watch.domain.words import Level, Party, PartyKind, State
from forkant_threat_watch.store import lifetimes, links, overview, reports, threats
from forkant_threat_watch.store.threats import Listed

READ_REVIEW = "threat-watch.review.read"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One threat in the list, with what of it is unanswered."""

    listed: Listed
    aggressors: tuple[Party, ...]
    targets: tuple[Party, ...]
    unanswered: tuple[str, ...]
    overdue: int
    lowering_proposed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person: a page nobody has answered, or a review. `line` is None for a task."""

    what: str
    line: Line | None
    at: Any
    due_at: Any
    lane: str | None
    cause: str | None
    overdue: bool
    subjects: tuple[Party, ...]
    review_id: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The front page."""

    lines: Sequence[Line]
    next: str | None
    waiting: Sequence[Waiting]
    ungraded: int
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """A part of what waits to be looked at, the most urgent first; `more` says that it goes on."""

    waiting: Sequence[Waiting]
    labels: dict[str, str]
    more: bool

    @property
    def overdue(self) -> int:
        return sum(one.overdue for one in self.waiting)


async def list_due(parts: ThreatWatchParts, who: Principal, *, after: tuple[datetime, str] | None, limit: int) -> Due:
    """Reviews and tasks nobody has answered, of threats that may be known of. Raises Forbidden."""
    policy.require(who, READ_REVIEW)
    now = parts.clock.now()
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_THREAT, threats.COLUMNS)
        rows = await lifetimes.open_reviews(session, visible, after=after, limit=limit + 1)
        shown = rows[:limit]
        found = [await threats.find(session, id, visible) for id in sorted({r.threat_id for r in shown if r.threat_id})]
        lines = await _lines(session, [one for one in found if one is not None])
        waiting = _of_reviews(shown, lines, now)
        labels = await links.labels(session, _actors(lines.values(), waiting))
    async with parts.database.write() as session:
        objects = [row.id for row in shown]
        await audit.record(session, who, READ_REVIEW, objects, kind="CONSULTATION", details={"hits": len(objects)})
    return Due(waiting, labels, len(rows) > limit)


async def look_over(
    parts: ThreatWatchParts,
    who: Principal,
    *,
    states: Collection[State],
    levels: Collection[Level],
    after: str | None,
    limit: int,
) -> Overview:
    """The front page as this person may see it. Raises Forbidden."""
    found, following = await list_threats(parts, who, states=states, levels=levels, after=after, limit=limit)
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_THREAT, threats.COLUMNS)
        pages = await overview.unanswered_pages(session, visible, SHOWN)
        may_review = policy.allows(who, READ_REVIEW)
        asked = await lifetimes.open_reviews(session, visible, limit=SHOWN) if may_review else ()
        listed = {line.id: line for line in found}
        for threat_id in {row.threat_id for row in (*pages, *asked)} - {None, *listed}:
            other = await threats.find(session, threat_id, visible)
            if other is not None:
                listed[other.id] = other
        lines = await _lines(session, list(listed.values()))
        waiting = [*_of_pages(pages, lines), *_of_reviews(asked, lines, parts.clock.now())]
        ungraded = 0
        if policy.allows(who, READ_REPORT):
            ungraded = await overview.ungraded(session, policy.visible(who, READ_REPORT, reports.COLUMNS))
        labels = await links.labels(session, _actors(lines.values(), waiting))
    return Overview([lines[line.id] for line in found], following, waiting, ungraded, labels)


async def name_reports(parts: ThreatWatchParts, who: Principal, report_ids: Collection[str]) -> dict[str, Any]:
    """The reports of these ids that this person may know of, by id: reference, channel, grade and times."""
    if not policy.allows(who, READ_REPORT):
        return {}
    async with parts.database.read() as session:
        visible = policy.visible(who, READ_REPORT, reports.COLUMNS)
        return await reports.told(session, [i for i in report_ids if _is_id(i)], visible)


def _is_id(text: str) -> bool:
    """Whether a signal came from a report at all, and not from a day, a conflict or an officer's word."""
    return len(text) == 36 and ":" not in text


async def _lines(session: Session, listed: Sequence[Listed]) -> dict[str, Line]:
    standings = await overview.standings(session, [line.id for line in listed])
    return {line.id: _line(line, standings[line.id]) for line in listed}


def _line(listed: Listed, stands: dict[str, Any]) -> Line:
    return Line(
        listed=listed,
        aggressors=stands["aggressors"],
        targets=stands["targets"],
        unanswered=tuple(page.lane.name for page in stands["pages"] if page.accepted_by is None),
        overdue=sum(review.overdue for review in stands["reviews"]),
        lowering_proposed=any(review.cause == "lowering-proposed" for review in stands["reviews"]),
    )


def _of_pages(rows: Sequence[Any], lines: dict[str, Line]) -> list[Waiting]:
    """Those for life first, then the oldest."""
    ordered = sorted(rows, key=lambda row: (row.lane != "LIFE", row.raised_at))
    return [
        Waiting("page", lines.get(row.threat_id), row.raised_at, None, row.lane, None, False, (), None)
        for row in ordered
    ]


def _of_reviews(rows: Sequence[Any], lines: dict[str, Line], now: datetime) -> list[Waiting]:
    return [
        Waiting(
            what="review" if row.threat_id else "task",
            line=lines.get(row.threat_id) if row.threat_id else None,
            at=row.asked_at,
            due_at=row.due_at,
            lane=None,
            cause=row.cause,
            overdue=row.overdue_at is not None or row.due_at < now,
            subjects=tuple(_party(key) for key in row.subjects),
            review_id=row.id,
        )
        for row in rows
    ]


def _party(key: str) -> Party:
    kind, _, ref = key.partition(":")
    return Party(PartyKind(kind), ref)


def _actors(lines: Collection[Line], waiting: Sequence[Waiting]) -> list[str]:
    parties = [party for line in lines for party in (*line.aggressors, *line.targets)]
    parties += [party for one in waiting for party in one.subjects]
    return sorted({party.ref for party in parties if party.kind in (PartyKind.PERSON, PartyKind.GROUP)})
