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
    """The second representative approved the minutes."""

    TYPE: ClassVar[str] = "no.forkant.meetings.minutes-approved.v1"
    OWNER: ClassVar[str] = "meetings"
    KEY: ClassVar[str] = "meeting_id"
    NOUN: ClassVar[str] = "meeting"

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None = None


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
