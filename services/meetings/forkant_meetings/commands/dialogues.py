"""Open a dialogue, move it on, and say who carries it and whom we talk with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from forkant_meetings.commands.asking import (
    Asked,
    MeetingsParts,
    Receipt,
    answered,
    finish,
    may,
    on_version,
    working_values,
)
from forkant_meetings.domain import dialogue as domain
from forkant_meetings.domain.dialogue import Contact, Counterpart, Dialogue, EntryForm
from forkant_meetings.domain.policy import Phase
from forkant_meetings.store import dialogues as store
from forkant_meetings.store import dues, known
from forkant_shared.access import Resource
from forkant_shared.access import policy as access
from forkant_shared.clock import new_id
from forkant_shared.database import Session

OPEN = "meetings.dialogue.open"
CHANGE = "meetings.dialogue.change"


@dataclass(frozen=True, slots=True)
class Named:
    """An officer as somebody named them; an empty name is filled in from what we know."""

    subject: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DialogueWish:
    """A dialogue to be opened. `cadence_days` None: as the policy proposes for the phase."""

    group_id: str
    phase: Phase
    entry_form: EntryForm | None
    cadence_days: int | None
    contacts: Sequence[Named]
    counterparts: Sequence[Counterpart]
    handling: str = "RESTRICTED"
    compartment: str | None = None


async def open_dialogue(parts: MeetingsParts, asked: Asked, wish: DialogueWish) -> Receipt:
    """Begin a dialogue with a group."""
    access.require(asked.who, OPEN, Resource(wish.handling, wish.compartment))
    now, policy = parts.clock.now(), working_values(parts)
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        days = policy.cadence_days[wish.phase] if wish.cadence_days is None else wish.cadence_days
        names = await _names(session, wish.contacts)
        opened, events = domain.open_dialogue(
            Dialogue(
                id=new_id(),
                group_id=wish.group_id,
                phase=wish.phase,
                entry_form=wish.entry_form,
                cadence=timedelta(days=days),
                contacts=tuple(Contact(one.subject, names[one.subject], now) for one in wish.contacts),
                counterparts=tuple(wish.counterparts),
                opened_at=now,
                opened_by=asked.who.subject,
                handling=wish.handling,
                compartment=wish.compartment,
            ),
            policy,
        )
        await store.add(session, opened)
        await _expect_contact(session, opened)
        return await finish(session, asked, OPEN, _receipt(opened), events=events, details={"phase": wish.phase.value})


async def change_phase(
    parts: MeetingsParts,
    asked: Asked,
    dialogue_id: str,
    phase: Phase,
    entry_form: EntryForm | None,
    cadence_days: int | None,
) -> Receipt:
    """Move the dialogue to another phase. Without a cadence: as the policy proposes for it."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, dialogue_id)
        days = working_values(parts).cadence_days[phase] if cadence_days is None else cadence_days
        after, events = domain.change_phase(before, phase, entry_form, timedelta(days=days))
        await store.save(session, before, after)
        await _expect_contact(session, after)
        return await finish(session, asked, CHANGE, _receipt(after), events=events, details={"phase": phase.value})


async def add_contact(parts: MeetingsParts, asked: Asked, dialogue_id: str, named: Named) -> Receipt:
    """Let one more officer carry the dialogue."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, dialogue_id)
        names = await _names(session, [named])
        after = domain.add_contact(before, Contact(named.subject, names[named.subject], parts.clock.now()))
        await store.save(session, before, after)
        return await finish(session, asked, CHANGE, _receipt(after), details={"contact": "ADDED"})


async def end_contact(parts: MeetingsParts, asked: Asked, dialogue_id: str, subject: str) -> Receipt:
    """Let an officer stop carrying the dialogue."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, dialogue_id)
        after = domain.end_contact(before, subject, working_values(parts), parts.clock.now())
        await store.save(session, before, after)
        return await finish(session, asked, CHANGE, _receipt(after), details={"contact": "ENDED"})


async def set_counterparts(
    parts: MeetingsParts, asked: Asked, dialogue_id: str, counterparts: Sequence[Counterpart]
) -> Receipt:
    """Say whom of the group we talk with."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, dialogue_id)
        after = domain.set_counterparts(before, tuple(counterparts))
        await store.save(session, before, after)
        return await finish(session, asked, CHANGE, _receipt(after), details={"counterparts": len(after.counterparts)})


async def expect_contact(session: Session, dialogue_id: str) -> None:
    """Count the cadence anew after a contact, in the caller's transaction."""
    await _expect_contact(session, await store.load(session, dialogue_id))


async def _expect_contact(session: Session, dialogue: Dialogue) -> None:
    await dues.reschedule(session, dialogue.id, [("CONTACT_OVERDUE", dialogue.next_contact_by)])


async def _load(session: Session, asked: Asked, dialogue_id: str) -> Dialogue:
    await may(session, asked, CHANGE, dialogue_id)
    found = await store.load(session, dialogue_id, lock=True)
    on_version(asked, found.version)
    return found


async def _names(session: Session, named: Sequence[Named]) -> dict[str, str]:
    officers = await known.officers(session, [one.subject for one in named])
    return {
        one.subject: officers[one.subject].name if one.subject in officers else one.name or one.subject for one in named
    }


def _receipt(dialogue: Dialogue) -> Receipt:
    return Receipt(dialogue.id, dialogue.phase.value, dialogue.version)
