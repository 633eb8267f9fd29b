"""Texts that wait for a person, what people said of them, and the pages they opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_threat_watch.domain.reporting import SignalWish
from forkant_threat_watch.domain.triage.parties import Mention
from forkant_threat_watch.domain.triage.queue import Entry, Standing, Verdict
from forkant_threat_watch.domain.triage.reading import Proposed
from forkant_threat_watch.domain.words import Factor, Party, PartyKind
from forkant_threat_watch.tables import REPORTS, TEXT_ESCALATIONS, TRIAGE, TRIAGE_VERDICTS


def _mention(mention: Mention | None) -> dict[str, Any] | None:
    return None if mention is None else {"words": mention.words, "is_name": mention.is_name, "role": mention.role}


def _proposed(proposed: Proposed) -> dict[str, Any]:
    return {
        "factor": proposed.factor.value,
        "strength": proposed.strength,
        "imminence_hours": proposed.imminence_hours,
        "words": list(proposed.words),
        "aggressor": _mention(proposed.aggressor),
        "target": _mention(proposed.target),
        "place": proposed.place,
    }


def _proposal(told: Mapping[str, Any]) -> Proposed:
    return Proposed(
        factor=Factor(told["factor"]),
        strength=told["strength"],
        imminence_hours=told["imminence_hours"],
        words=tuple(told["words"]),
        aggressor=Mention(**told["aggressor"]) if told["aggressor"] else None,
        target=Mention(**told["target"]) if told["target"] else None,
        place=told["place"],
    )


def _entry(row: Any) -> Entry:
    return Entry(
        report_id=row.report_id,
        standing=Standing(row.standing),
        imminent=row.imminent,
        proposals=tuple(_proposal(told) for told in row.proposals),
        triggers=tuple(row.triggers),
        excluded=frozenset(row.excluded),
        book_version=row.book_version,
        read_at=row.read_at,
        escalation_id=row.escalation_id,
        version=row.version,
    )


async def add(session: Session, entry: Entry) -> None:
    """Store a text that has just been read, at the end of this transaction."""
    row = {
        "report_id": entry.report_id,
        "standing": entry.standing.value,
        "imminent": entry.imminent,
        "urgency": 0 if entry.imminent else 1,
        "proposals": [_proposed(proposed) for proposed in entry.proposals],
        "triggers": list(entry.triggers),
        "excluded": sorted(entry.excluded),
        "book_version": entry.book_version,
        "read_at": entry.read_at,
        "escalation_id": entry.escalation_id,
        "version": entry.version,
    }
    session.later(TRIAGE, row)


async def find(
    session: Session, report_id: str, visible: sa.ColumnElement[bool], *, lock: bool = False
) -> tuple[Entry, Any] | None:
    """A text's entry and its report, if it may be known of; held for a change where `lock`."""
    statement = (
        sa.select(TRIAGE, REPORTS).join(REPORTS, REPORTS.c.id == TRIAGE.c.report_id).where(REPORTS.c.id == report_id)
    ).where(visible)
    if lock:
        statement = statement.with_for_update(of=TRIAGE)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (_entry(row), row)


async def standing(session: Session, report_id: str) -> Standing | None:
    """Where a report's text stands; None for a report that is not in the queue."""
    found = await session.execute(sa.select(TRIAGE.c.standing).where(TRIAGE.c.report_id == report_id))
    name = found.scalar_one_or_none()
    return None if name is None else Standing(name)


async def listed(
    session: Session,
    visible: sa.ColumnElement[bool],
    standing: Standing,
    *,
    after: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[tuple[Entry, Any]]:
    """Texts of this standing with their reports: the imminent first, then the oldest."""
    statement = (
        sa.select(TRIAGE, REPORTS)
        .join(REPORTS, REPORTS.c.id == TRIAGE.c.report_id)
        .where(TRIAGE.c.standing == standing.value, visible)
    )
    if after is not None:
        urgency, report_id = after
        later = sa.and_(TRIAGE.c.urgency == urgency, TRIAGE.c.report_id > report_id)
        statement = statement.where(sa.or_(TRIAGE.c.urgency > urgency, later))
    found = await session.execute(statement.order_by(TRIAGE.c.urgency, TRIAGE.c.report_id).limit(limit))
    return [(_entry(row), row) for row in found]


async def waiting(session: Session, visible: sa.ColumnElement[bool]) -> int:
    """How many texts wait for a person."""
    statement = (
        sa.select(sa.func.count())
        .select_from(TRIAGE.join(REPORTS, REPORTS.c.id == TRIAGE.c.report_id))
        .where(TRIAGE.c.standing == Standing.WAITING.value, visible)
    )
    return int((await session.execute(statement)).scalar_one())


async def settle(session: Session, entry: Entry, verdict: Verdict, signals: Sequence[Any], now: datetime) -> None:
    """Store what a person said; `signals` as they are shown again. The caller holds the entry."""
    await session.execute(
        TRIAGE.update()
        .where(TRIAGE.c.report_id == entry.report_id)
        .values(standing=entry.standing.value, version=entry.version)
    )
    row = {
        "id": new_id(),
        "report_id": entry.report_id,
        "standing": verdict.standing.value,
        "signals": [_wish(wish) for wish in verdict.signals],
        "reason": verdict.reason,
        "by": verdict.by,
        "at": now,
    }
    await session.execute(TRIAGE_VERDICTS.insert().values(row))
    if verdict.standing is Standing.CONFIRMED:
        await session.execute(REPORTS.update().where(REPORTS.c.id == entry.report_id).values(signals=list(signals)))


async def verdicts(session: Session, report_id: str) -> list[tuple[Verdict, datetime]]:
    """What people said of a text, oldest first."""
    found = await session.execute(
        sa.select(TRIAGE_VERDICTS)
        .where(TRIAGE_VERDICTS.c.report_id == report_id)
        .order_by(TRIAGE_VERDICTS.c.at, TRIAGE_VERDICTS.c.id)
    )
    return [(Verdict(Standing(r.standing), tuple(_wished(s) for s in r.signals), r.reason, r.by), r.at) for r in found]


def _wish(wish: SignalWish) -> dict[str, Any]:
    return {
        "factor": wish.factor.value,
        "strength": wish.strength,
        "aggressor": [wish.aggressor.kind.value, wish.aggressor.ref],
        "target": [wish.target.kind.value, wish.target.ref],
        "imminence_hours": wish.imminence_hours,
        "place": wish.place,
        "spoken_by_aggressor": wish.spoken_by_aggressor,
        "own_action": wish.own_action,
    }


def _wished(told: Mapping[str, Any]) -> SignalWish:
    sides = {side: Party(PartyKind(told[side][0]), told[side][1]) for side in ("aggressor", "target")}
    return SignalWish(**{**told, **sides, "factor": Factor(told["factor"])})


# -- the pages that texts opened ---------------------------------------------------------------------------------------


async def ringing(session: Session, origin: str, since: datetime) -> str | None:
    """The escalation that a text of this origin opened since then and that nobody has closed."""
    found = await session.execute(
        sa.select(TEXT_ESCALATIONS.c.id)
        .where(
            TEXT_ESCALATIONS.c.origin == origin,
            TEXT_ESCALATIONS.c.raised_at >= since,
            TEXT_ESCALATIONS.c.closed_at.is_(None),
        )
        .order_by(TEXT_ESCALATIONS.c.raised_at.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()


async def raise_escalation(session: Session, row: Mapping[str, Any]) -> None:
    """Store that a text rings, at the end of this transaction."""
    session.later(TEXT_ESCALATIONS, row)


async def answer(session: Session, escalation_id: str, user: str, now: datetime) -> None:
    """Somebody accepted the page."""
    await session.execute(
        TEXT_ESCALATIONS.update()
        .where(TEXT_ESCALATIONS.c.id == escalation_id, TEXT_ESCALATIONS.c.accepted_at.is_(None))
        .values(accepted_by=user, accepted_at=now)
    )


async def close(session: Session, escalation_id: str, now: datetime) -> None:
    """The page is over."""
    await session.execute(
        TEXT_ESCALATIONS.update()
        .where(TEXT_ESCALATIONS.c.id == escalation_id, TEXT_ESCALATIONS.c.closed_at.is_(None))
        .values(closed_at=now)
    )


async def escalation(session: Session, escalation_id: str) -> Any | None:
    """What is known of the page a text opened."""
    found = await session.execute(sa.select(TEXT_ESCALATIONS).where(TEXT_ESCALATIONS.c.id == escalation_id))
    return found.one_or_none()


async def waits_too(session: Session, escalation_id: str, report_id: str) -> bool:
    """Whether another text under the same page still waits for a person."""
    found = await session.execute(
        sa.select(TRIAGE.c.report_id)
        .where(
            TRIAGE.c.escalation_id == escalation_id,
            TRIAGE.c.report_id != report_id,
            TRIAGE.c.standing == Standing.WAITING.value,
        )
        .limit(1)
    )
    return found.first() is not None
