"""Notes of intelligence: what was said, marked so that it counts, and complaints of what we did ourselves.

The words stay here; what travels is ids and codes. A note is never changed, only withdrawn with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_meetings.domain.dialogue import Dialogue
from forkant_meetings.domain.meeting import Meeting, State
from forkant_meetings.domain.note_rules import NoteRules
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.meetings import IntelligenceNoted, IntelligenceWithdrawn

#: A meeting in one of these has begun, so that something can have been said.
SAID_IN = (State.HELD, State.MINUTED, State.APPROVED, State.BROKEN_OFF)


class NoteKind(StrEnum):
    """INTELLIGENCE: something said about a threat. COMPLAINT: something we did that is held against us."""

    INTELLIGENCE = "INTELLIGENCE"
    COMPLAINT = "COMPLAINT"


class Basis(StrEnum):
    """Whether it was said as a fact or as what somebody thinks."""

    FACT = "FACT"
    ASSESSMENT = "ASSESSMENT"


class Factor(StrEnum):
    """What it says something about. BUFFER pulls the other way."""

    GRIEVANCE = "GRIEVANCE"
    INTENT = "INTENT"
    RECONNAISSANCE = "RECONNAISSANCE"
    CAPABILITY = "CAPABILITY"
    TARGET_EXPOSURE = "TARGET_EXPOSURE"
    BUFFER = "BUFFER"


class Strength(StrEnum):
    """How plainly it was said."""

    HINT = "HINT"
    STATED = "STATED"
    EXPLICIT = "EXPLICIT"


class PartyKind(StrEnum):
    """PERSON and GROUP are actors of the registry, ROLE is whoever holds it."""

    PERSON = "PERSON"
    GROUP = "GROUP"
    ROLE = "ROLE"
    UNKNOWN = "UNKNOWN"


class Cause(StrEnum):
    """Why a note is withdrawn. TAKEN_BACK: who said it has said that it is not so."""

    MISHEARD = "MISHEARD"
    WRONG_PARTY = "WRONG_PARTY"
    TAKEN_BACK = "TAKEN_BACK"
    MISTAKE = "MISTAKE"


@dataclass(frozen=True, slots=True)
class Party:
    """Who it comes from or is aimed at: `ref` is an actor's id or a role's code; None for UNKNOWN."""

    kind: PartyKind
    ref: str | None = None


NOBODY_KNOWS = Party(PartyKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Grade:
    """Both axes as codes of a scale."""

    scale: str
    source: str
    information: str


@dataclass(frozen=True, slots=True)
class NoteWish:
    """What is to be noted. `aggressor` None: the group of the dialogue. `speaker_id` None: nobody we can name."""

    text: str
    factor: Factor
    strength: Strength
    grade: Grade
    basis: Basis = Basis.FACT
    aggressor: Party | None = None
    target: Party = NOBODY_KNOWS
    imminence_hours: float | None = None
    spoken_by_aggressor: bool = False
    own_action: str | None = None
    speaker_id: str | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took a note back, when and why."""

    by: str
    at: datetime
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `origin_id` stands for the mouth it came from, and goes out in its place."""

    id: str
    dialogue_id: str
    meeting_id: str | None
    kind: NoteKind
    wish: NoteWish
    aggressor: Party
    said_at: datetime
    origin_id: str
    noted_by: str
    noted_at: datetime
    withdrawal: Withdrawal | None = None
    version: int = 1


def note(
    note_id: str, wish: NoteWish, meeting: Meeting, dialogue: Dialogue, rules: NoteRules, by: str, now: datetime
) -> Note:
    """Mark what was said in a meeting as intelligence; its origin is not known yet.

    Raises Conflict before the meeting has begun; Invalid for somebody who was not there, and for what makes no sense.
    """
    meeting.needs(*SAID_IN)
    if not meeting.represents(by):
        raise Invalid(
            "What was said is noted by a representative who was there.",
            field="author",
            remedy="Let one of the police representatives note it.",
        )
    said_at = _begun_at(meeting)
    if said_at is None:
        raise Conflict("The meeting has not begun.", field="state", remedy="Say when the meeting was held first.")
    if wish.own_action is not None:
        raise Invalid(
            "What we did ourselves is noted as a complaint.", field="own_action", remedy="Note it as a complaint."
        )
    return _noted(note_id, NoteKind.INTELLIGENCE, wish, meeting, dialogue, rules, by, said_at, now)


def complain(
    note_id: str, wish: NoteWish, meeting: Meeting | None, dialogue: Dialogue, rules: NoteRules, by: str, now: datetime
) -> Note:
    """Note a complaint of something we did ourselves, made in a meeting or outside: a grievance of the group's.

    Raises Conflict before the meeting has begun; Invalid for an action that is none of the rules', and a time ahead.
    """
    if meeting is not None:
        meeting.needs(*SAID_IN)
    if wish.own_action not in rules.own_actions:
        raise Invalid("It does not say what we did.", field="own_action", remedy=f"Use {', '.join(rules.own_actions)}.")
    said_at = wish.said_at or (_begun_at(meeting) if meeting is not None else None) or now
    grievance = replace(wish, factor=Factor.GRIEVANCE, aggressor=None, target=NOBODY_KNOWS, imminence_hours=None)
    return _noted(note_id, NoteKind.COMPLAINT, grievance, meeting, dialogue, rules, by, said_at, now)


def _begun_at(meeting: Meeting) -> datetime | None:
    if meeting.held is not None:
        return meeting.held.at
    return meeting.ending.at if meeting.ending is not None else None


def _noted(
    note_id: str,
    kind: NoteKind,
    wish: NoteWish,
    meeting: Meeting | None,
    dialogue: Dialogue,
    rules: NoteRules,
    by: str,
    said_at: datetime,
    now: datetime,
) -> Note:
    aggressor = wish.aggressor or Party(PartyKind.GROUP, dialogue.group_id)
    _sound(wish, aggressor, rules)
    if said_at > now:
        raise Invalid("This lies ahead.", field="said_at", remedy="Give when it was said.")
    present = {one.person_id for one in dialogue.counterparts} | set(meeting.plan.counterparts if meeting else ())
    if wish.speaker_id is not None and wish.speaker_id not in present:
        raise Invalid(
            "This is nobody of the counterpart.", field="speaker_id", remedy="Choose somebody of the counterpart."
        )
    meeting_id = meeting.id if meeting is not None else None
    return Note(note_id, dialogue.id, meeting_id, kind, wish, aggressor, said_at, "", by, now)


def _sound(wish: NoteWish, aggressor: Party, rules: NoteRules) -> None:
    if not wish.text.strip():
        raise Invalid("A note without words cannot be checked.", field="text", remedy="Write what was said.")
    rules.check_grade(wish.grade.scale, wish.grade.source, wish.grade.information)
    if aggressor.kind is PartyKind.ROLE:
        raise Invalid("A threat comes from a person or a group.", field="aggressor", remedy="Choose one of the values.")
    if wish.target.kind is PartyKind.ROLE and wish.target.ref not in rules.target_roles:
        raise Invalid("There is no such role.", field="target", remedy="Choose one of the values.")
    if wish.target.kind is not PartyKind.UNKNOWN and wish.target == aggressor:
        raise Invalid("Nobody threatens themselves.", field="target", remedy="Choose somebody else.")
    if wish.spoken_by_aggressor and aggressor.kind is PartyKind.UNKNOWN:
        raise Invalid("Somebody unknown does not speak of themselves.", field="spoken_by", remedy="Say who it is.")
    hours = wish.imminence_hours
    if hours is not None and not 0 <= hours <= rules.longest_imminence_hours:
        raise Invalid("This is not a number of hours that fits.", field="imminence_hours", remedy="Write a number.")


def told(note: Note, dialogue: Dialogue) -> IntelligenceNoted:
    """What goes out about a note: ids and codes."""
    wish, grade = note.wish, note.wish.grade
    return IntelligenceNoted.model_validate(
        {
            "note_id": note.id,
            "dialogue_id": note.dialogue_id,
            "meeting_id": note.meeting_id,
            "origin_id": note.origin_id,
            "observed_at": note.said_at,
            "kind": wish.basis.value,
            "factor": wish.factor.value,
            "strength": wish.strength.value,
            "aggressor_kind": note.aggressor.kind.value,
            "aggressor_ref": note.aggressor.ref,
            "target_kind": wish.target.kind.value,
            "target_ref": wish.target.ref,
            "imminence_hours": wish.imminence_hours,
            "spoken_by": "AGGRESSOR" if wish.spoken_by_aggressor else None,
            "own_action": wish.own_action,
            "scale": grade.scale,
            "source_grade": grade.source,
            "information_grade": grade.information,
            "handling": dialogue.handling,
            "compartment": dialogue.compartment,
        }
    )


def withdraw(
    note: Note, withdrawal: Withdrawal, there: frozenset[str]
) -> tuple[Note, tuple[IntelligenceWithdrawn, ...]]:
    """Take a note back. `there` are those who may beside the one who noted it: they were there or carry the dialogue.

    Raises Conflict where it was withdrawn before, Invalid for anybody else and without a reason.
    """
    if note.withdrawal is not None:
        raise Conflict("The note is withdrawn already.", field="state", remedy="Read it again.")
    if withdrawal.by != note.noted_by and withdrawal.by not in there:
        raise Invalid(
            "A note is withdrawn by somebody who was there or carries the dialogue.",
            field="by",
            remedy="Let one who was there withdraw it.",
        )
    if not withdrawal.reason.strip():
        raise Invalid("A note is not withdrawn without a reason.", field="reason", remedy="Write why.")
    gone = replace(note, withdrawal=withdrawal, version=note.version + 1)
    event = IntelligenceWithdrawn(
        note_id=note.id, dialogue_id=note.dialogue_id, cause=withdrawal.cause.value, withdrawn_at=withdrawal.at
    )
    return gone, (event,)
