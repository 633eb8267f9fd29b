"""Observations and controls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from forkant_registry.api.answers import GradingAnswer
from forkant_registry.api.fields import (
    GradingBody,
    Id,
    Limit,
    Made,
    MarkedBody,
    Moment,
    OnceOf,
    Origin,
    Purpose,
    Text,
)
from forkant_registry.commands import observations
from forkant_registry.domain.observations import Control, Near, Observation, ObservationReason, ObservationWish
from forkant_shared.errors import NotFound
from forkant_shared.fields import read_moment
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1", tags=["observations"])

Line = Annotated[Text, StringConstraints(max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{0,39}$")]


class NearActorBody(Body):
    """Whose protected place it was near; never where it is."""

    kind: Literal["PERSON", "GROUP"]
    ref: Id


class NearRoleBody(Body):
    """As `NearActorBody`, for whoever holds a role."""

    kind: Literal["ROLE"]
    ref: Code


class ControlBody(Body):
    """A stop or a search. Nothing is ever said about children: only whether family was there."""

    kind: Literal["STOP", "SEARCH"]
    reason: Code
    family_present: bool


class ObservationBody(MarkedBody):
    """Who was seen together, where, when and by whom. Near a protected place no place is written, and it is not open.

    Without actors it is about strangers, which counts only near a protected place.
    """

    actors: Annotated[list[Id], Field(max_length=50)]
    observed_at: Moment
    unit: Annotated[Text, StringConstraints(max_length=64)]
    effort_minutes: Annotated[int, Field(ge=1, le=10080)] | None = None
    place: Line | None = None
    district: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2})?$")] | None = None
    near: Annotated[NearActorBody | NearRoleBody, Field(discriminator="kind")] | None = None
    vehicle: Line | None = None
    clothing: Line | None = None
    phone: Line | None = None
    control: ControlBody | None = None
    grading: GradingBody
    origin: Origin

    def wish(self) -> ObservationWish:
        same = "actors observed_at unit effort_minutes place district vehicle clothing phone origin"
        values: dict[str, Any] = {name: getattr(self, name) for name in same.split()}
        control = self.control
        return ObservationWish(
            **values,
            grading=self.grading.read(),
            near=Near(self.near.kind, self.near.ref) if self.near else None,
            control=Control(control.kind, control.reason, control.family_present) if control else None,
            marks=self.marks(),
        )


class ObservationCorrectionBody(Body):
    """Why an observation does not hold, and what does instead: REFINED asks for it, WITHDRAWN takes none."""

    reason: ObservationReason
    replacement: ObservationBody | None = None


class ObservationCorrected(Body):
    """The observation that holds instead, if any."""

    id: str | None


class NearAnswer(BaseModel):
    kind: str
    ref: str


class ControlAnswer(BaseModel):
    kind: str
    reason: str
    family_present: bool


class ObservationAnswer(BaseModel):
    """An observation; `actors` are those the reader may know of."""

    id: str
    actors: list[str]
    observed_at: datetime
    unit: str
    effort_minutes: int | None
    place: str | None
    district: str | None
    near: NearAnswer | None
    vehicle: str | None
    clothing: str | None
    phone: str | None
    control: ControlAnswer | None
    grading: GradingAnswer
    origin: str
    handling: str
    compartment: str | None
    recorded_at: datetime
    recorded_by: str
    corrects: str | None
    superseded_at: datetime | None
    superseded_by: str | None
    superseded_reason: str | None

    @classmethod
    def of(cls, one: Observation) -> ObservationAnswer:
        same = (
            "id observed_at unit effort_minutes place district vehicle clothing phone origin recorded_at recorded_by "
            "corrects superseded_at superseded_by superseded_reason"
        )
        values: dict[str, Any] = {name: getattr(one, name) for name in same.split()}
        near, control = one.near, one.control
        return cls(
            **values,
            actors=list(one.actors),
            near=NearAnswer(kind=near.kind, ref=near.ref) if near else None,
            control=ControlAnswer(kind=control.kind, reason=control.reason, family_present=control.family_present)
            if control
            else None,
            grading=GradingAnswer.of(one.grading),
            handling=one.marks.handling,
            compartment=one.marks.compartment,
        )


class Observations(BaseModel):
    items: list[ObservationAnswer]
    next: str | None


class PressureAnswer(BaseModel):
    """How often an actor was controlled, and how often with family present."""

    id: str
    controls: int
    with_family: int


class Pressures(BaseModel):
    items: list[PressureAnswer]


@router.post("/observations", status_code=201, responses={200: {"description": "Done before with this key"}})
async def record_observation(
    body: ObservationBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response
) -> Made:
    """Record who was seen together, or a control."""
    done = await observations.record_observation(parts, who, body.wish(), once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.get("/observations")
async def list_observations(
    who: SignedIn,
    parts: PartsOf,
    actor: Id | None = None,
    controls: Annotated[bool, Query(description="only stops and searches")] = False,
    after: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9T:.+-]{19,40}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            description="`next` of the part before",
        ),
    ] = None,
    limit: Limit = 50,
    purpose: Purpose = None,
) -> Observations:
    """Observations that stand, the newest first, of one actor or all."""
    found, following = await observations.list_observations(
        parts, who, actor_id=actor, controls=controls, after=_cursor(after), limit=limit, purpose=purpose
    )
    next_part = f"{following[0].isoformat()}/{following[1]}" if following else None
    return Observations(items=[ObservationAnswer.of(one) for one in found], next=next_part)


@router.get("/observations/{observation_id}")
async def read_observation(
    observation_id: Id, who: SignedIn, parts: PartsOf, purpose: Purpose = None
) -> ObservationAnswer:
    """One observation, also one that was corrected."""
    return ObservationAnswer.of(await observations.read_observation(parts, who, observation_id, purpose))


@router.post(
    "/observations/{observation_id}/corrections",
    status_code=201,
    responses={200: {"description": "Done before with this key"}},
)
async def correct_observation(
    observation_id: Id,
    body: ObservationCorrectionBody,
    who: SignedIn,
    parts: PartsOf,
    once: OnceOf,
    response: Response,
) -> ObservationCorrected:
    """Correct or withdraw an observation: the old one is marked and stays, the new one is added."""
    replacement = body.replacement.wish() if body.replacement else None
    done = await observations.correct_observation(parts, who, observation_id, body.reason, replacement, once)
    response.status_code = 200 if done.repeated else 201
    return ObservationCorrected(id=done.answer["id"])


@router.get("/actors:controls")
async def count_controls(
    who: SignedIn,
    parts: PartsOf,
    ids: Annotated[list[Id], Query(min_length=1, max_length=100, description="repeat it for each actor")],
    days: Annotated[int, Query(ge=1, le=365, description="how far back")] = 30,
    purpose: Purpose = None,
) -> Pressures:
    """How often up to 100 actors were stopped or searched, and how often with family present.

    A group's controls are those of its members, each once. Actors you may not know of are left out.
    """
    found = await observations.count_controls(parts, who, ids, days, purpose)
    items = [PressureAnswer(id=one.actor_id, controls=one.controls, with_family=one.with_family) for one in found]
    return Pressures(items=items)


def _cursor(after: str | None) -> tuple[datetime, str] | None:
    if after is None:
        return None
    moment, _, observation_id = after.partition("/")
    try:
        return read_moment(moment), observation_id
    except ValueError:
        raise NotFound("No part of this list ended there.", field="after", remedy="Send `next` as it came.") from None
