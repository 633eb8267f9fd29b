"""The plan of a meeting as a body."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from forkant_meetings.api.fields import Id, Line, Moment, Subject, Words
from forkant_meetings.domain.meeting import Deconfliction, Initiative, Outcome, Plan
from forkant_meetings.domain.people import Representative, ThirdParty
from forkant_meetings.domain.policy import Level
from forkant_shared.problems import Body


class RepresentativeBody(Body):
    """An officer who represents the police; the name may be left out for one who has signed in."""

    subject: Subject
    name: Line = ""
    experienced_leader: bool = False


class ThirdPartyBody(Body):
    """Somebody else at the table, and in which role."""

    role: Annotated[Line, Field(min_length=1)]
    name: Annotated[Line, Field(min_length=1)]


class DeconflictionBody(Body):
    """What the other units answered; `because` is needed for NOT_CHECKED."""

    outcome: Annotated[Outcome, Field(strict=False)]
    because: Words = ""


class PlanBody(Body):
    """Everything about a meeting that can be planned. What is left out is not settled yet."""

    level: Annotated[Level, Field(strict=False)]
    initiative: Annotated[Initiative, Field(strict=False)] = Initiative.OURS
    purpose: Words = ""
    not_recruitment: bool = False
    starts_at: Moment | None = None
    place: Line = ""
    neutral_place: bool = False
    representatives: list[RepresentativeBody] = Field(default_factory=list, max_length=20)
    counterparts: list[Id] = Field(default_factory=list, max_length=50)
    counterpart_count: Annotated[int, Field(ge=0, le=500)] | None = None
    third_parties: list[ThirdPartyBody] = Field(default_factory=list, max_length=20)
    deconfliction: DeconflictionBody | None = None
    threat_id: Id | None = None
    verification_at: Moment | None = None
    fallback: Words = ""
    conflict_id: Id | None = None

    def plan(self) -> Plan:
        """The same in the words of the domain. Without a count, those named are counted."""
        answer = self.deconfliction
        count = self.counterpart_count
        return Plan(
            level=self.level,
            initiative=self.initiative,
            purpose=self.purpose.strip(),
            not_recruitment=self.not_recruitment,
            starts_at=self.starts_at,
            place=self.place.strip(),
            neutral_place=self.neutral_place,
            representatives=tuple(
                Representative(one.subject, one.name.strip(), one.experienced_leader) for one in self.representatives
            ),
            counterparts=tuple(self.counterparts),
            counterpart_count=len(self.counterparts) if count is None else count,
            third_parties=tuple(ThirdParty(one.role, one.name) for one in self.third_parties),
            deconfliction=Deconfliction(answer.outcome, answer.because.strip()) if answer else None,
            threat_id=self.threat_id,
            verification_at=self.verification_at,
            fallback=self.fallback.strip(),
            conflict_id=self.conflict_id,
        )
