"""What a meeting is: its plan, and what has happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypedDict

from forkant_meetings.domain.minutes import Minutes
from forkant_meetings.domain.people import Representative, ThirdParty
from forkant_meetings.domain.policy import Level
from forkant_shared.errors import Conflict


class State(StrEnum):
    """DRAFT → PLANNED → CONFIRMED → HELD → MINUTED → APPROVED; CANCELLED and BROKEN_OFF end it, with a reason."""

    DRAFT = "DRAFT"
    PLANNED = "PLANNED"
    CONFIRMED = "CONFIRMED"
    HELD = "HELD"
    MINUTED = "MINUTED"
    APPROVED = "APPROVED"
    CANCELLED = "CANCELLED"
    BROKEN_OFF = "BROKEN_OFF"


OPEN = (State.DRAFT, State.PLANNED, State.CONFIRMED)


class Initiative(StrEnum):
    """Who wanted the meeting."""

    OURS = "OURS"
    THEIRS = "THEIRS"
    THIRD_PARTY = "THIRD_PARTY"


class Outcome(StrEnum):
    """What the units agreed on. DELAY and CANCEL keep a meeting from being confirmed; NOT_CHECKED needs a because."""

    PROCEED = "PROCEED"
    JOINT = "JOINT"
    DELAY = "DELAY"
    CANCEL = "CANCEL"
    NOT_CHECKED = "NOT_CHECKED"


class CheckCode(StrEnum):
    """What is looked at before a meeting is confirmed."""

    POLICE_REPRESENTATIVES = "POLICE_REPRESENTATIVES"
    COUNTERPART_NUMBER = "COUNTERPART_NUMBER"
    NEUTRAL_PLACE = "NEUTRAL_PLACE"
    PURPOSE = "PURPOSE"
    NOT_RECRUITMENT = "NOT_RECRUITMENT"
    DECONFLICTION = "DECONFLICTION"
    LEAD_TIME = "LEAD_TIME"
    REPRESENTATIVES_KNOWN = "REPRESENTATIVES_KNOWN"
    NOT_A_TARGET = "NOT_A_TARGET"
    DIALOGUE_CLEARED = "DIALOGUE_CLEARED"
    EXPERIENCED_LEADERS = "EXPERIENCED_LEADERS"
    VERIFICATION_TIME = "VERIFICATION_TIME"
    FALLBACK = "FALLBACK"


@dataclass(frozen=True, slots=True)
class Deconfliction:
    """The answer of the other units, or why they were not asked."""

    outcome: Outcome
    because: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a meeting that can be planned, and planned anew.

    `counterpart_count` is how many of the other side are expected, named (`counterparts`, registry ids) or not.
    `not_recruitment` is the declaration that the contact is not used for recruiting informants. A meeting with a
    `threat_id` is a threat dialogue: `verification_at` is when its effect must be seen, `fallback` what is done else.
    """

    level: Level
    initiative: Initiative
    purpose: str = ""
    not_recruitment: bool = False
    starts_at: datetime | None = None
    place: str = ""
    neutral_place: bool = False
    representatives: tuple[Representative, ...] = ()
    counterparts: tuple[str, ...] = ()
    counterpart_count: int = 0
    third_parties: tuple[ThirdParty, ...] = ()
    deconfliction: Deconfliction | None = None
    threat_id: str | None = None
    verification_at: datetime | None = None
    fallback: str = ""
    conflict_id: str | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A failing check that a named person let pass, and why. Never removed."""

    check: CheckCode
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who said that the meeting will be held, under which version of the policy."""

    by: str
    at: datetime
    policy_version: str


@dataclass(frozen=True, slots=True)
class Held:
    """That it took place. `deviations` are the checks without override that no longer held when it did."""

    at: datetime
    recorded_by: str
    decided_by: str
    deviations: tuple[CheckCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a meeting was cancelled or broken off, by whom, when."""

    reason: str
    by: str
    at: datetime


class Told(TypedDict):
    """What every event about a meeting says."""

    meeting_id: str
    dialogue_id: str
    level: Literal["STRATEGIC", "TACTICAL", "OPERATIONAL"]
    threat_id: str | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting of a dialogue. `withdrawn` says which check took a confirmation back, until confirmed anew."""

    id: str
    dialogue_id: str
    state: State
    plan: Plan
    created_by: str
    created_at: datetime
    planned_at: datetime | None = None
    overrides: tuple[Override, ...] = ()
    confirmation: Confirmation | None = None
    withdrawn: CheckCode | None = None
    held: Held | None = None
    ending: Ending | None = None
    minutes: Minutes | None = None
    version: int = 1

    def represents(self, subject: str) -> bool:
        """The officer is one of the police representatives."""
        return any(one.subject == subject for one in self.plan.representatives)

    @property
    def told(self) -> Told:
        """What an event says about this meeting: ids and codes."""
        return Told(
            meeting_id=self.id,
            dialogue_id=self.dialogue_id,
            level=self.plan.level.value,
            threat_id=self.plan.threat_id,
        )

    def needs(self, *states: State) -> None:
        """Raises Conflict in any state but these."""
        if self.state not in states:
            raise Conflict(
                "The meeting is in a state where this is not possible.",
                field="state",
                remedy=f"It is possible in {', '.join(states)}.",
            )
