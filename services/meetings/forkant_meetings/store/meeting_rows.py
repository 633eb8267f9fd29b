"""Meetings read back from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.meeting import (
    CheckCode,
    Confirmation,
    Deconfliction,
    Ending,
    Held,
    Initiative,
    Meeting,
    Outcome,
    Override,
    Plan,
    State,
)
from forkant_meetings.domain.minutes import Approval, Climate, Correction, Minutes
from forkant_meetings.domain.people import Representative, ThirdParty
from forkant_meetings.domain.policy import Level
from forkant_meetings.tables import (
    ATTENDING,
    CORRECTIONS,
    MINUTES,
    OVERRIDES,
    REPRESENTATIVES,
    THIRD_PARTIES,
)
from forkant_shared.database import Session

Row = sa.Row[Any]


def row_of(meeting: Meeting) -> dict[str, Any]:
    """The meeting's own row."""
    plan, answer = meeting.plan, meeting.plan.deconfliction
    confirmation, held, ending = meeting.confirmation, meeting.held, meeting.ending
    return {
        "id": meeting.id,
        "dialogue_id": meeting.dialogue_id,
        "state": meeting.state.value,
        "level": plan.level.value,
        "initiative": plan.initiative.value,
        "purpose": plan.purpose,
        "not_recruitment": plan.not_recruitment,
        "starts_at": plan.starts_at,
        "place": plan.place,
        "neutral_place": plan.neutral_place,
        "counterpart_count": plan.counterpart_count,
        "deconfliction_outcome": answer.outcome.value if answer else None,
        "deconfliction_because": answer.because if answer else "",
        "threat_id": plan.threat_id,
        "verification_at": plan.verification_at,
        "fallback": plan.fallback,
        "conflict_id": plan.conflict_id,
        "created_by": meeting.created_by,
        "created_at": meeting.created_at,
        "planned_at": meeting.planned_at,
        "confirmed_by": confirmation.by if confirmation else None,
        "confirmed_at": confirmation.at if confirmation else None,
        "policy_version": confirmation.policy_version if confirmation else None,
        "withdrawn": meeting.withdrawn.value if meeting.withdrawn else None,
        "held_at": held.at if held else None,
        "recorded_by": held.recorded_by if held else None,
        "decided_by": held.decided_by if held else None,
        "deviations": [code.value for code in held.deviations] if held else [],
        "ending_reason": ending.reason if ending else None,
        "ended_by": ending.by if ending else None,
        "ended_at": ending.at if ending else None,
        "version": meeting.version,
    }


async def whole(session: Session, rows: Sequence[Row]) -> list[Meeting]:
    """The meetings of these rows, with everything that belongs to them, in the same order."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    parts = {
        table: await _parts(session, table, ids)
        for table in (REPRESENTATIVES, ATTENDING, THIRD_PARTIES, OVERRIDES, MINUTES, CORRECTIONS)
    }
    return [
        Meeting(
            id=row.id,
            dialogue_id=row.dialogue_id,
            state=State(row.state),
            plan=_plan(row, {table: found[row.id] for table, found in parts.items()}),
            created_by=row.created_by,
            created_at=row.created_at,
            planned_at=row.planned_at,
            overrides=tuple(
                Override(CheckCode(one.check), one.reason, one.by, one.at) for one in parts[OVERRIDES][row.id]
            ),
            confirmation=_confirmation(row),
            withdrawn=CheckCode(row.withdrawn) if row.withdrawn else None,
            held=_held(row),
            ending=Ending(row.ending_reason, row.ended_by, row.ended_at) if row.ended_at else None,
            minutes=_minutes(parts[MINUTES][row.id], parts[CORRECTIONS][row.id]),
            version=row.version,
        )
        for row in rows
    ]


async def _parts(session: Session, table: sa.Table, ids: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    order = list(table.primary_key.columns)
    for row in await session.execute(sa.select(table).where(table.c.meeting_id.in_(ids)).order_by(*order)):
        found[row.meeting_id].append(row)
    return found


def _plan(row: Row, parts: dict[sa.Table, list[Row]]) -> Plan:
    answer = row.deconfliction_outcome
    return Plan(
        level=Level(row.level),
        initiative=Initiative(row.initiative),
        purpose=row.purpose,
        not_recruitment=row.not_recruitment,
        starts_at=row.starts_at,
        place=row.place,
        neutral_place=row.neutral_place,
        representatives=tuple(
            Representative(one.subject, one.name, one.experienced_leader) for one in parts[REPRESENTATIVES]
        ),
        counterparts=tuple(one.person_id for one in parts[ATTENDING]),
        counterpart_count=row.counterpart_count,
        third_parties=tuple(ThirdParty(one.role, one.name) for one in parts[THIRD_PARTIES]),
        deconfliction=Deconfliction(Outcome(answer), row.deconfliction_because) if answer else None,
        threat_id=row.threat_id,
        verification_at=row.verification_at,
        fallback=row.fallback,
        conflict_id=row.conflict_id,
    )


def _confirmation(row: Row) -> Confirmation | None:
    if row.confirmed_at is None:
        return None
    return Confirmation(row.confirmed_by, row.confirmed_at, row.policy_version)


def _held(row: Row) -> Held | None:
    if row.held_at is None:
        return None
    deviations = tuple(CheckCode(code) for code in row.deviations)
    return Held(row.held_at, row.recorded_by, row.decided_by, deviations)


def _minutes(texts: Sequence[Row], corrections: Sequence[Row]) -> Minutes | None:
    if not texts:
        return None
    row = texts[0]
    return Minutes(
        text=row.text,
        author=row.author,
        written_at=row.written_at,
        approve_by=row.approve_by,
        approval=_approval(row),
        corrections=tuple(_correction(one) for one in corrections),
        climate=Climate(row.climate_ours, row.climate_theirs),
    )


def _correction(row: Row) -> Correction:
    climate = Climate(row.climate_ours, row.climate_theirs) if row.of_climate else None
    return Correction(row.number, row.text, row.by, row.at, _approval(row), climate)


def _approval(row: Row) -> Approval | None:
    return Approval(row.approved_by, row.approved_at) if row.approved_at else None
