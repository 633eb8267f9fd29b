"""Notes of intelligence: rows to domain and back, and what stands for each mouth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from forkant_meetings.domain.note import (
    Basis,
    Cause,
    Factor,
    Grade,
    Note,
    NoteKind,
    NoteWish,
    Party,
    PartyKind,
    Strength,
    Withdrawal,
)
from forkant_meetings.tables import DIALOGUES, IDENTITIES, NOTE_ORIGINS, NOTES
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Stale
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notes of a list; None: any."""

    dialogue_id: str | None = None
    meeting_id: str | None = None


async def load(session: Session, note_id: str, *, lock: bool = False) -> Note:
    """The note. Raises NotFound. `lock` as for dialogues."""
    query = sa.select(NOTES).where(NOTES.c.id == note_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such thing.")
    return _note(row)


async def listed(
    session: Session, who: Principal, action: str, wanted: Wanted, *, after: str | None, limit: int
) -> list[Note]:
    """Notes that `who` may know of, by id, after the one named."""
    query = (
        sa.select(NOTES)
        .join(DIALOGUES, DIALOGUES.c.id == NOTES.c.dialogue_id)
        .where(policy.visible(who, action, DIALOGUES.c))
    )
    if wanted.dialogue_id is not None:
        query = query.where(NOTES.c.dialogue_id == wanted.dialogue_id)
    if wanted.meeting_id is not None:
        query = query.where(NOTES.c.meeting_id == wanted.meeting_id)
    if after is not None:
        query = query.where(NOTES.c.id > after)
    return [_note(row) for row in await session.execute(query.order_by(NOTES.c.id).limit(limit))]


async def add(session: Session, note: Note) -> None:
    """A new note."""
    await session.execute(NOTES.insert().values(**_row(note)))


async def save(session: Session, before: Note, after: Note) -> None:
    """The note as it was withdrawn. Raises Stale where somebody was first."""
    saved = await session.execute(
        NOTES.update().where(NOTES.c.id == before.id, NOTES.c.version == before.version).values(**_row(after))
    )
    if saved.rowcount != 1:
        raise Stale("The note has been changed.", field="If-Match", remedy="Read it again and repeat the change.")


async def origin_of(session: Session, dialogue_id: str, speaker_id: str | None) -> str:
    """What stands for this mouth outside: one person is one origin in every dialogue, under all their ids; those of a
    dialogue whom nobody can name are one together."""
    mouths = [f"DIALOGUE:{dialogue_id}"]
    if speaker_id is not None:
        mouths = [f"PERSON:{one}" for one in await _same_person(session, speaker_id)]
    known = sa.select(NOTE_ORIGINS.c.origin_id).where(NOTE_ORIGINS.c.mouth.in_(mouths))
    oldest = known.order_by(NOTE_ORIGINS.c.since, NOTE_ORIGINS.c.mouth).limit(1)
    found: str | None = (await session.execute(oldest)).scalar_one_or_none()
    if found is None:
        # Drawn, not derived: nobody who has the list of persons can try them one after another.
        row = {"mouth": mouths[0], "origin_id": new_id(), "since": session.clock.now()}
        await session.insert_ignore(NOTE_ORIGINS, [row])
        found = (await session.execute(oldest)).scalar_one()
    return found


async def _same_person(session: Session, person_id: str) -> Sequence[str]:
    """The person's ids, the one they are known under first."""
    query = sa.select(IDENTITIES.c.canonical_id).where(IDENTITIES.c.actor_id == person_id)
    canonical = (await session.execute(query)).scalar_one_or_none() or person_id
    others = sa.select(IDENTITIES.c.actor_id).where(IDENTITIES.c.canonical_id == canonical)
    return list(dict.fromkeys([canonical, person_id, *(await session.execute(others)).scalars()]))


def _row(note: Note) -> dict[str, Any]:
    wish, gone = note.wish, note.withdrawal
    return {
        "id": note.id,
        "dialogue_id": note.dialogue_id,
        "meeting_id": note.meeting_id,
        "kind": note.kind.value,
        "text": wish.text,
        "basis": wish.basis.value,
        "factor": wish.factor.value,
        "strength": wish.strength.value,
        "aggressor_kind": note.aggressor.kind.value,
        "aggressor_ref": note.aggressor.ref,
        "target_kind": wish.target.kind.value,
        "target_ref": wish.target.ref,
        "imminence_hours": wish.imminence_hours,
        "spoken_by_aggressor": wish.spoken_by_aggressor,
        "own_action": wish.own_action,
        "scale": wish.grade.scale,
        "source_grade": wish.grade.source,
        "information_grade": wish.grade.information,
        "speaker_id": wish.speaker_id,
        "origin_id": note.origin_id,
        "said_at": note.said_at,
        "noted_by": note.noted_by,
        "noted_at": note.noted_at,
        "withdrawn_by": gone.by if gone else None,
        "withdrawn_at": gone.at if gone else None,
        "withdrawn_cause": gone.cause.value if gone else None,
        "withdrawn_reason": gone.reason if gone else None,
        "version": note.version,
    }


def _note(row: Any) -> Note:
    aggressor = Party(PartyKind(row.aggressor_kind), row.aggressor_ref)
    wish = NoteWish(
        text=row.text,
        factor=Factor(row.factor),
        strength=Strength(row.strength),
        grade=Grade(row.scale, row.source_grade, row.information_grade),
        basis=Basis(row.basis),
        aggressor=aggressor,
        target=Party(PartyKind(row.target_kind), row.target_ref),
        imminence_hours=row.imminence_hours,
        spoken_by_aggressor=row.spoken_by_aggressor,
        own_action=row.own_action,
        speaker_id=row.speaker_id,
        said_at=row.said_at,
    )
    gone = None
    if row.withdrawn_at is not None:
        gone = Withdrawal(row.withdrawn_by, row.withdrawn_at, Cause(row.withdrawn_cause), row.withdrawn_reason)
    return Note(
        id=row.id,
        dialogue_id=row.dialogue_id,
        meeting_id=row.meeting_id,
        kind=NoteKind(row.kind),
        wish=wish,
        aggressor=aggressor,
        said_at=row.said_at,
        origin_id=row.origin_id,
        noted_by=row.noted_by,
        noted_at=row.noted_at,
        withdrawal=gone,
        version=row.version,
    )
