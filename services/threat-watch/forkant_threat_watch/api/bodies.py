"""A report as a body."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from forkant_shared.problems import Body
from forkant_threat_watch.api.fields import Code, Compartment, Id, Moment, Name, Origin, Words
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.reporting import ReportWish, SignalWish
from forkant_threat_watch.domain.words import UNKNOWN, Channel, Factor, Party, PartyKind


class ActorParty(Body):
    """A person or a group of the registry."""

    kind: Literal["PERSON", "GROUP"]
    id: Id

    def party(self) -> Party:
        return Party(PartyKind(self.kind), self.id)


class RoleParty(Body):
    """Whoever holds a role."""

    kind: Literal["ROLE"]
    code: Code

    def party(self) -> Party:
        return Party(PartyKind.ROLE, self.code)


class NameParty(Body):
    """Somebody of whom only a name is known; resolved when the registry knows the name as one actor."""

    kind: Literal["NAME"]
    name: Name

    def party(self) -> Party:
        return Party(PartyKind.NAME, self.name)


class UnknownParty(Body):
    """Nobody knows who."""

    kind: Literal["UNKNOWN"]

    def party(self) -> Party:
        return UNKNOWN


PartyBody = Annotated[ActorParty | RoleParty | NameParty | UnknownParty, Field(discriminator="kind")]


class GradingBody(Body):
    """Both axes and the scale they are codes of, as they were written."""

    scale: Annotated[str, Field(min_length=1, max_length=20)]
    source: Annotated[str, Field(min_length=1, max_length=4)]
    information: Annotated[str, Field(min_length=1, max_length=4)]

    def grading(self) -> Grading:
        return Grading(self.scale, self.source, self.information)


class SignalBody(Body):
    """One thing the report says about one factor. `strength`: a word of the policy, or 0 to 1."""

    factor: Annotated[Factor, Field(strict=False)]
    strength: Annotated[str, Field(min_length=1, max_length=20)] | Annotated[float, Field(ge=0, le=1)]
    aggressor: PartyBody | None = None
    target: PartyBody | None = None
    imminence_hours: Annotated[float, Field(ge=0, le=8760)] | None = None
    place: Code | None = None
    spoken_by: Literal["AGGRESSOR"] | None = None
    own_action: Code | None = None

    @field_validator("place", "own_action", mode="before")
    @classmethod
    def _a_strange_code_loses_no_report(cls, value: object) -> object:
        """What stands in an optional field is left out where it is no code; the report is what counts."""
        good = isinstance(value, str) and 0 < len(value) <= 40 and value.isascii() and value.isprintable()
        return value if good and " " not in str(value) and str(value)[0].isalnum() else None

    def wish(self) -> SignalWish:
        return SignalWish(
            factor=self.factor,
            strength=self.strength,
            aggressor=self.aggressor.party() if self.aggressor else UNKNOWN,
            target=self.target.party() if self.target else UNKNOWN,
            imminence_hours=self.imminence_hours,
            place=self.place,
            spoken_by_aggressor=self.spoken_by == "AGGRESSOR",
            own_action=self.own_action,
        )


class ReportBody(Body):
    """One report. `grading`, `verified` and `exposure` may be left out where the channel allows: not yet graded."""

    observed_at: Moment
    channel: Annotated[Channel, Field(strict=False)]
    grading: GradingBody | None = None
    origin: Origin
    kind: Literal["FACT", "ASSESSMENT"] = "FACT"
    verified: bool | None = None
    exposure: Literal["OK", "PARAPHRASE", "NO"] | None = None
    text: Words | None = None
    handling: Literal["OPEN", "RESTRICTED", "SECRET"] = "RESTRICTED"
    compartment: Compartment | None = None
    signals: Annotated[list[SignalBody], Field(max_length=50, default_factory=list)]
    confirmed_by: Annotated[
        list[Id], Field(max_length=20, default_factory=list, description="the reports that confirm this one")
    ]

    def wish(self) -> ReportWish:
        return ReportWish(
            observed_at=self.observed_at,
            channel=self.channel,
            origin=self.origin,
            kind=self.kind,
            grading=self.grading.grading() if self.grading else None,
            verified=self.verified,
            exposure=self.exposure,
            text=self.text,
            handling=self.handling,
            compartment=self.compartment,
            signals=tuple(signal.wish() for signal in self.signals),
            confirmed_by=tuple(self.confirmed_by),
        )

    def signals_as_sent(self) -> list[object]:
        """The signals as they are shown again to whoever reads the report."""
        return [signal.model_dump(mode="json", exclude_none=True) for signal in self.signals]
