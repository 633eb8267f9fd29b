"""The lasting relation with a gang, and the officers who carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from forkant_meetings.domain.policy import Phase, Policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.meetings import DialogueOpened, DialoguePhaseChanged

ORDER = tuple(Phase)


class EntryForm(StrEnum):
    """The four ways in."""

    FORCED_AFTER_PRESSURE = "FORCED_AFTER_PRESSURE"
    IN_CUSTODY = "IN_CUSTODY"
    OPEN_APPROACH = "OPEN_APPROACH"
    HAND_STRETCHED_OUT = "HAND_STRETCHED_OUT"


class Standing(StrEnum):
    """What a person of the counterpart is in the dialogue. Formal role and real authority are two things."""

    REAL_AUTHORITY = "REAL_AUTHORITY"
    FORMAL_ROLE = "FORMAL_ROLE"
    SPOKESPERSON = "SPOKESPERSON"


@dataclass(frozen=True, slots=True)
class Contact:
    """An officer who carries the dialogue, from `since`; `until` is when they stopped."""

    subject: str
    name: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A person of the group we talk with: the registry's id, never a name."""

    person_id: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One dialogue with one group. `cadence` is the longest time between two contacts; `last_contact_at` is when the
    last meeting of it was held."""

    id: str
    group_id: str
    phase: Phase
    entry_form: EntryForm | None
    cadence: timedelta
    contacts: tuple[Contact, ...]
    counterparts: tuple[Counterpart, ...]
    opened_at: datetime
    opened_by: str
    handling: str = "RESTRICTED"
    compartment: str | None = None
    last_contact_at: datetime | None = None
    version: int = 1

    @property
    def carriers(self) -> tuple[Contact, ...]:
        """The contacts who carry the dialogue now."""
        return tuple(contact for contact in self.contacts if contact.until is None)

    @property
    def next_contact_by(self) -> datetime:
        """When the next contact is due at the latest."""
        return (self.last_contact_at or self.opened_at) + self.cadence

    def overdue(self, now: datetime) -> bool:
        """Nobody has been in touch for longer than agreed."""
        return now > self.next_contact_by


def open_dialogue(wish: Dialogue, policy: Policy) -> tuple[Dialogue, tuple[DialogueOpened, ...]]:
    """Begin a dialogue. Raises Invalid where contacts are too few or the phase needs a way in."""
    _enough_contacts(wish, policy)
    _way_in(wish.phase, wish.entry_form)
    _no_double(wish)
    if wish.cadence <= timedelta(0):
        raise Invalid("The cadence must be at least a day.", field="cadence_days", remedy="Give a number of days.")
    return wish, (DialogueOpened(dialogue_id=wish.id, group_id=wish.group_id, phase=wish.phase.value),)


def change_phase(
    dialogue: Dialogue, phase: Phase, entry_form: EntryForm | None, cadence: timedelta
) -> tuple[Dialogue, tuple[DialoguePhaseChanged, ...]]:
    """Move one phase on, or back to any earlier one. From phase III the way in must be known."""
    if phase is dialogue.phase:
        raise Conflict("The dialogue is in this phase already.", field="phase", remedy="Choose another phase.")
    if ORDER.index(phase) > ORDER.index(dialogue.phase) + 1:
        raise Conflict(
            "A dialogue moves one phase at a time.", field="phase", remedy="Choose the next phase, or go back."
        )
    found = entry_form or dialogue.entry_form
    _way_in(phase, found)
    changed = replace(dialogue, phase=phase, entry_form=found, cadence=cadence, version=dialogue.version + 1)
    event = DialoguePhaseChanged(dialogue_id=dialogue.id, group_id=dialogue.group_id, phase=phase.value)
    return changed, (event,)


def add_contact(dialogue: Dialogue, contact: Contact) -> Dialogue:
    """Let one more officer carry the dialogue. Raises Conflict for one who does already."""
    if any(carrier.subject == contact.subject for carrier in dialogue.carriers):
        raise Conflict("This officer carries the dialogue already.", field="subject", remedy="Choose another officer.")
    return replace(dialogue, contacts=(*dialogue.contacts, contact), version=dialogue.version + 1)


def end_contact(dialogue: Dialogue, subject: str, policy: Policy, now: datetime) -> Dialogue:
    """Let an officer stop carrying the dialogue. Raises Conflict when too few would be left."""
    if not any(carrier.subject == subject for carrier in dialogue.carriers):
        raise Conflict("This officer does not carry the dialogue.", field="subject", remedy="Read it again.")
    contacts = tuple(
        replace(contact, until=now) if contact.subject == subject and contact.until is None else contact
        for contact in dialogue.contacts
    )
    changed = replace(dialogue, contacts=contacts, version=dialogue.version + 1)
    if len(changed.carriers) < policy.least_contacts:
        raise Conflict(
            "A dialogue is never carried by fewer contacts than the policy says.",
            field="subject",
            remedy="Add the new contact first, and let both meet the counterpart.",
        )
    return changed


def set_counterparts(dialogue: Dialogue, counterparts: tuple[Counterpart, ...]) -> Dialogue:
    """Say whom we talk with. Raises Invalid where one person has the same standing twice."""
    changed = replace(dialogue, counterparts=counterparts, version=dialogue.version + 1)
    _no_double(changed)
    return changed


def _enough_contacts(dialogue: Dialogue, policy: Policy) -> None:
    subjects = {contact.subject for contact in dialogue.carriers}
    if len(subjects) != len(dialogue.carriers):
        raise Invalid("The same officer is named twice.", field="contacts", remedy="Name each officer once.")
    if len(subjects) < policy.least_contacts:
        raise Invalid(
            "A dialogue needs at least two police contacts.",
            field="contacts",
            remedy="Name the officers who will carry it together.",
        )


def _way_in(phase: Phase, entry_form: EntryForm | None) -> None:
    if phase in (Phase.III, Phase.IV) and entry_form is None:
        raise Invalid(
            "From phase III on it must be known how contact was established.",
            field="entry_form",
            remedy="Choose one of the four ways in.",
        )


def _no_double(dialogue: Dialogue) -> None:
    if len(set(dialogue.counterparts)) != len(dialogue.counterparts):
        raise Invalid(
            "A person of the counterpart is named twice.",
            field="counterparts",
            remedy="Name each person once for each standing.",
        )
