"""What threat-watch tells the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from forkant_shared.envelope import Event


class ReportReceived(Event):
    """A report is stored; these threats took its signals."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.report-received.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "report_id"
    NOUN: ClassVar[str] = "report"

    report_id: str
    threat_ids: list[str]


class ThreatOpened(Event):
    """A new threat exists."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.threat-opened.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    threat_id: str


class AssessmentMade(Event):
    """The threat was weighed anew. `index` is 0 to 1."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.assessment-made.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    assessment_id: str
    threat_id: str
    level: Literal["LOW", "MODERATE", "HIGH", "CRITICAL"]
    index: float
    policy_version: str


class EscalationRaised(Event):
    """Somebody must be woken.

    `excluded_actor_ids` are targets and their families, who get no page; `replaces` is an escalation whose page this
    one takes over; `include_leader` asks for the duty leader beside the first tier.
    """

    TYPE: ClassVar[str] = "no.forkant.threat-watch.escalation-raised.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    escalation_id: str
    threat_id: str
    lane: Literal["LIFE", "NORMAL"]
    rules: list[str]
    reason: str
    include_leader: bool = False
    excluded_actor_ids: list[str] = Field(default_factory=list)
    replaces: str | None = None
    raised_at: datetime


class EscalationUpdated(Event):
    """More has come to an escalation that already rings; no new ringing."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.escalation-updated.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    escalation_id: str
    threat_id: str
    rules: list[str]


class ReportEscalated(Event):
    """Somebody must look at a report that belongs to no threat yet: its text speaks of imminent violence.

    A further report under the same `escalation_id` is an update to the page that already rings. `excluded_actor_ids`
    are those it seems to be aimed at and their families, who get no page; `include_leader` asks for the leader too.
    """

    TYPE: ClassVar[str] = "no.forkant.threat-watch.report-escalated.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "report_id"
    NOUN: ClassVar[str] = "report"

    escalation_id: str
    report_id: str
    lane: Literal["LIFE", "NORMAL"]
    rules: list[str]
    reason: str
    include_leader: bool = False
    excluded_actor_ids: list[str] = Field(default_factory=list)
    raised_at: datetime


class ReportTriaged(Event):
    """A person has assessed a report's text: its signals count in these threats, or it was dismissed.

    `escalation_id` is the escalation that is over with it, if any.
    """

    TYPE: ClassVar[str] = "no.forkant.threat-watch.report-triaged.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "report_id"
    NOUN: ClassVar[str] = "report"

    report_id: str
    outcome: Literal["CONFIRMED", "DISMISSED"]
    threat_ids: list[str]
    escalation_id: str | None = None
    user: str


class ReviewRequested(Event):
    """A named person is asked to look at the threat."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.review-requested.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    review_id: str
    threat_id: str
    cause: str
    due_at: datetime


class ThreatClosed(Event):
    """A person closed the threat."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.threat-closed.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    threat_id: str


class DialogueCleared(Event):
    """Two signatures allow a dialogue about the threat until `valid_until`.

    `excluded_actor_ids` are targets and their families, who take no part in it; said again when more become known.
    """

    TYPE: ClassVar[str] = "no.forkant.threat-watch.dialogue-cleared.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    threat_id: str
    valid_until: datetime
    excluded_actor_ids: list[str] = Field(default_factory=list)


class DialogueClearanceWithdrawn(Event):
    """No dialogue about the threat any more, from `withdrawn_at`, until it is cleared anew."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.dialogue-clearance-withdrawn.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "threat_id"
    NOUN: ClassVar[str] = "threat"

    threat_id: str
    withdrawn_at: datetime
    cause: str


class WatchHeartbeat(Event):
    """The watch is alive; silence is what matters."""

    TYPE: ClassVar[str] = "no.forkant.threat-watch.watch-heartbeat.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "watch_id"
    NOUN: ClassVar[str] = "watch"

    watch_id: str
    sequence: int
    beat_at: datetime


class SituationUpdated(Event):
    """The partners' situation picture has a period more, for good; what is in it is asked for.

    `begins` is the period's first day, by which the picture is known.
    """

    TYPE: ClassVar[str] = "no.forkant.threat-watch.situation-updated.v1"
    OWNER: ClassVar[str] = "threat-watch"
    KEY: ClassVar[str] = "begins"
    NOUN: ClassVar[str] = "situation"

    begins: date
    published_at: datetime
