"""What meetings tells the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from forkant_shared.envelope import Event


class DialogueOpened(Event):
    """A lasting relation with a group began."""

    TYPE: ClassVar[str] = "no.forkant.meetings.dialogue-opened.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "dialogue_id"
    NOUN: ClassVar[str] = "dialogue"

    dialogue_id: str
    group_id: str
    phase: Literal["I", "II", "III", "IV"]


class DialoguePhaseChanged(Event):
    """The dialogue moved to another phase."""

    TYPE: ClassVar[str] = "no.forkant.meetings.dialogue-phase-changed.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "dialogue_id"
    NOUN: ClassVar[str] = "dialogue"

    dialogue_id: str
    group_id: str
    phase: Literal["I", "II", "III", "IV"]


class MeetingPlanned(Event):
    """A meeting has a time and people."""

    TYPE: ClassVar[str] = "no.forkant.meetings.meeting-planned.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


class MeetingConfirmed(Event):
    """A meeting passed its checks and will be held."""

    TYPE: ClassVar[str] = "no.forkant.meetings.meeting-confirmed.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


class MeetingHeld(Event):
    """A meeting took place."""

    TYPE: ClassVar[str] = "no.forkant.meetings.meeting-held.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


class MeetingCancelled(Event):
    """A meeting will not take place."""

    TYPE: ClassVar[str] = "no.forkant.meetings.meeting-cancelled.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


class MeetingBrokenOff(Event):
    """A meeting began and was broken off."""

    TYPE: ClassVar[str] = "no.forkant.meetings.meeting-broken-off.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


class MinutesApproved(Event):
    """The second representative approved the minutes. The climate is from -2 to 2, as the police felt it (`ours`) and
    as the counterpart said it (`theirs`), of the meeting held at `held_at` with `group_id`; `handling` and
    `compartment` say who may know of it."""

    TYPE: ClassVar[str] = "no.forkant.meetings.minutes-approved.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None
    group_id: str | None = None
    held_at: datetime | None = None
    climate_ours: int | None = None
    climate_theirs: int | None = None
    handling: Literal["OPEN", "RESTRICTED", "SECRET"] | None = None
    compartment: str | None = None


class ClimateCorrected(Event):
    """The climate of a meeting whose minutes were approved before is another one: what approved corrections say of it,
    up to the one with the number `correction`. The fields are as in `MinutesApproved`."""

    TYPE: ClassVar[str] = "no.forkant.meetings.climate-corrected.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    correction: int
    group_id: str
    held_at: datetime
    climate_ours: int | None = None
    climate_theirs: int | None = None
    handling: Literal["OPEN", "RESTRICTED", "SECRET"]
    compartment: str | None = None


class IntelligenceNoted(Event):
    """What was said in a meeting, or complained of, was marked as intelligence. The words stay where they were written.

    `origin_id` stands for the mouth it came from: always the same for one mouth, and for nobody else to resolve. A
    `ref` is an actor's id or a role's code, by its kind; None where nobody knows who. `spoken_by` says that the
    aggressor spoke of itself; `own_action` what the police did that is complained of.
    """

    TYPE: ClassVar[str] = "no.forkant.meetings.intelligence-noted.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "note_id"
    NOUN: ClassVar[str] = "note"

    note_id: str
    dialogue_id: str
    meeting_id: str | None = None
    origin_id: str
    observed_at: datetime
    kind: Literal["FACT", "ASSESSMENT"]
    factor: Literal["GRIEVANCE", "INTENT", "RECONNAISSANCE", "CAPABILITY", "TARGET_EXPOSURE", "BUFFER"]
    strength: Literal["HINT", "STATED", "EXPLICIT"]
    aggressor_kind: Literal["PERSON", "GROUP", "UNKNOWN"]
    aggressor_ref: str | None = None
    target_kind: Literal["PERSON", "GROUP", "ROLE", "UNKNOWN"]
    target_ref: str | None = None
    imminence_hours: float | None = None
    spoken_by: Literal["AGGRESSOR"] | None = None
    own_action: str | None = None
    scale: str
    source_grade: str
    information_grade: str
    handling: Literal["OPEN", "RESTRICTED", "SECRET"]
    compartment: str | None = None


class IntelligenceWithdrawn(Event):
    """A note was taken back: what it said no longer counts. Why, in words, stays where it was written."""

    TYPE: ClassVar[str] = "no.forkant.meetings.intelligence-withdrawn.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "note_id"
    NOUN: ClassVar[str] = "note"

    note_id: str
    dialogue_id: str
    cause: Literal["MISHEARD", "WRONG_PARTY", "TAKEN_BACK", "MISTAKE"]
    withdrawn_at: datetime


class PromiseMade(Event):
    """One side promised something."""

    TYPE: ClassVar[str] = "no.forkant.meetings.promise-made.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "promise_id"
    NOUN: ClassVar[str] = "promise"

    promise_id: str
    dialogue_id: str
    by: Literal["POLICE", "COUNTERPART"]
    threat_id: str | None = None
    due_on: date | None = None


class PromiseKept(Event):
    """A promise was kept."""

    TYPE: ClassVar[str] = "no.forkant.meetings.promise-kept.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "promise_id"
    NOUN: ClassVar[str] = "promise"

    promise_id: str
    dialogue_id: str
    by: Literal["POLICE", "COUNTERPART"]
    threat_id: str | None = None


class PromiseBroken(Event):
    """A promise was broken."""

    TYPE: ClassVar[str] = "no.forkant.meetings.promise-broken.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "promise_id"
    NOUN: ClassVar[str] = "promise"

    promise_id: str
    dialogue_id: str
    by: Literal["POLICE", "COUNTERPART"]
    manner: Literal["INTENTIONAL", "ACCIDENTAL", "EXCUSED"]
    threat_id: str | None = None
    broken_at: datetime


class PromiseLapsed(Event):
    """A promise ran out without being kept or broken."""

    TYPE: ClassVar[str] = "no.forkant.meetings.promise-lapsed.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "promise_id"
    NOUN: ClassVar[str] = "promise"

    promise_id: str
    dialogue_id: str
    by: Literal["POLICE", "COUNTERPART"]
    threat_id: str | None = None
