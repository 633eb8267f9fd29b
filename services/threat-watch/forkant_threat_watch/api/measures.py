"""Measures against a threat: made in proportion, served, ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from forkant_shared.errors import Invalid
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import IfMatch, version_of
from forkant_threat_watch.api.fields import Id, Moment, Reason
from forkant_threat_watch.api.views import LevelName
from forkant_threat_watch.commands import following, measuring
from forkant_threat_watch.domain.followup import MeasureKind
from forkant_threat_watch.domain.measures import Measure, Standing, Wish

router = APIRouter(prefix="/threat-watch/v1", tags=["measures"])

Subject = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
PartyKey = Annotated[str, StringConstraints(pattern=r"^(PERSON|GROUP|ROLE|NAME):[^\x00]{1,200}$")]


class MeasureView(BaseModel):
    """A measure. `outside`: it was out of proportion to the threat's level when it was made, `because` says why."""

    id: str
    threat_id: str
    kind: MeasureKind
    what: str
    toward: str | None
    owner: str
    starts_at: datetime
    expires_at: datetime
    standing: Standing
    made_by: str
    made_at: datetime
    level: LevelName
    table_version: str
    outside: bool
    because: str | None
    served: bool | None
    served_by: str | None
    served_at: datetime | None
    not_served_because: str | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    version: int


class PressureView(BaseModel):
    """How often somebody was controlled of late, and how often with family present."""

    actor_id: str
    controls: int
    with_family: int


class MeasuresView(BaseModel):
    """The measures of a threat, newest first. `pressure` is None where the registry tells nothing about controls."""

    items: list[MeasureView]
    outside: int
    pressure: list[PressureView] | None
    pressure_days: int


class RunningView(BaseModel):
    """Every measure nobody has ended, the first to run out first; of `made` since then `outside` the table."""

    items: list[MeasureView]
    outside: int
    made: int
    since: datetime


class MeasureBody(Body):
    """What is done, by whom, until when. Outside the table of proportion `because` is demanded."""

    kind: Annotated[MeasureKind, Field(strict=False)]
    what: Reason
    owner: Subject
    starts_at: Moment
    expires_at: Moment
    toward: PartyKey | None = None
    because: Reason | None = None


class ServiceBody(Body):
    """That it was served, and when; or why it was not."""

    served: bool
    at: Moment | None = None
    not_because: Reason | None = None


class EndBody(Body):
    """How it went, or why it ends."""

    reason: Reason


@router.get("/threats/{threat_id}/measures")
async def list_measures(threat_id: Id, who: SignedIn, parts: PartsOf) -> MeasuresView:
    """The measures of a threat, with the control pressure on those it comes from."""
    found = await following.read_measures(parts, who, threat_id)
    pressure = await following.control_pressure(parts, found.threat)
    return MeasuresView(
        items=[view(one, parts.clock.now()) for one in found.measures],
        outside=found.outside,
        pressure=None
        if pressure is None
        else [
            PressureView(actor_id=actor_id, controls=one.controls, with_family=one.with_family)
            for actor_id, one in sorted(pressure.items())
        ],
        pressure_days=following.measure_rules().pressure_days,
    )


@router.get("/measures")
async def list_running(who: SignedIn, parts: PartsOf) -> RunningView:
    """Every measure that nobody has ended, over all threats."""
    found = await following.list_measures(parts, who)
    items = [view(one, parts.clock.now()) for one, _, _ in found.measures]
    return RunningView(items=items, outside=found.outside, made=found.made, since=found.since)


@router.post("/threats/{threat_id}/measures", status_code=201)
async def make(threat_id: Id, body: MeasureBody, who: SignedIn, parts: PartsOf, response: Response) -> MeasureView:
    """Begin a measure; before it runs out a person is asked."""
    wish = Wish(body.kind, body.what, body.owner, body.starts_at, body.expires_at, body.toward, body.because)
    return _answer(response, await measuring.make_measure(parts, who, threat_id, wish), parts)


@router.post("/threats/{threat_id}/measures/{measure_id}/service", status_code=201)
async def serve(
    threat_id: Id,
    measure_id: Id,
    body: ServiceBody,
    who: SignedIn,
    parts: PartsOf,
    response: Response,
    if_match: IfMatch = None,
) -> MeasureView:
    """Say that a measure was served, or why not."""
    if body.served and body.not_because is not None:
        raise Invalid("It was served, or there is a reason why not.", field="not_because", remedy="Leave one out.")
    because = None if body.served else (body.not_because or "")
    version = version_of(if_match)
    made = await measuring.serve_measure(parts, who, threat_id, measure_id, because, at=body.at, version=version)
    return _answer(response, made, parts)


@router.post("/threats/{threat_id}/measures/{measure_id}/end", status_code=201)
async def end(
    threat_id: Id,
    measure_id: Id,
    body: EndBody,
    who: SignedIn,
    parts: PartsOf,
    response: Response,
    if_match: IfMatch = None,
) -> MeasureView:
    """End a measure, with a reason."""
    version = version_of(if_match)
    return _answer(
        response, await measuring.end_measure(parts, who, threat_id, measure_id, body.reason, version=version), parts
    )


def _answer(response: Response, made: Measure, parts: PartsOf) -> MeasureView:
    response.headers["etag"] = f'"{made.version}"'
    return view(made, parts.clock.now())


def view(made: Measure, now: datetime) -> MeasureView:
    """A measure as it is answered."""
    wish, service, ending = made.wish, made.service, made.ending
    return MeasureView(
        id=made.id,
        threat_id=made.threat,
        kind=wish.kind,
        what=wish.what,
        toward=wish.toward,
        owner=wish.owner,
        starts_at=wish.starts_at,
        expires_at=wish.expires_at,
        standing=made.standing(now),
        made_by=made.made_by,
        made_at=made.made_at,
        level=made.level.name,
        table_version=made.table_version,
        outside=made.outside,
        because=wish.because,
        served=service and service.served,
        served_by=service and service.by,
        served_at=service and service.at,
        not_served_because=service and service.not_because,
        ended_by=ending and ending.by,
        ended_at=ending and ending.at,
        ended_because=ending and ending.because,
        version=made.version,
    )
