"""Actors: registering, finding, naming, reading."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field, JsonValue

from forkant_registry.api.answers import CardAnswer, FoundActor, FoundActors, NamedActor, NamedActors
from forkant_registry.api.fields import (
    After,
    AsOf,
    GradingBody,
    Id,
    Limit,
    Made,
    MarkedBody,
    Moment,
    NameValue,
    OnceOf,
    Origin,
    Purpose,
    Text,
)
from forkant_registry.commands import reading, registration
from forkant_registry.domain.actors import GroupWish, Name, PersonWish
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1", tags=["actors"])


class GroupBody(MarkedBody):
    """A group to register under a working label, which never leaves the house."""

    label: NameValue
    group_kind: Literal["mc_club", "family_based", "street", "network", "emerging"]
    grading: GradingBody
    origin: Origin
    observed_at: Moment | None = None


class NameBody(Body):
    kind: Literal["legal", "alias", "nickname", "previous", "club"]
    value: NameValue


# A connection names whom it is to; no other ground does.
CONNECTED: dict[str, JsonValue] = {
    "if": {"properties": {"ground": {"const": "CONNECTION"}}},
    "then": {"required": ["connected_to"], "properties": {"connected_to": {"type": "string"}}},
    "else": {"properties": {"connected_to": {"type": "null"}}},
}


class PersonBody(MarkedBody):
    """A person to register on a lawful ground; a CONNECTION names whom it is to."""

    model_config = ConfigDict(json_schema_extra=CONNECTED)

    names: Annotated[list[NameBody], Field(min_length=1, max_length=20)]
    ground: Literal["ASSUMED_OFFENDER", "CONNECTION", "VICTIM", "INFORMATION", "CONSENT"]
    grading: GradingBody
    origin: Origin
    observed_at: Moment | None = None
    connected_to: Id | None = None
    reason: Text | None = None


@router.post("/groups", status_code=201, responses={200: {"description": "Done before with this key"}})
async def register_group(body: GroupBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> Made:
    """Register a group."""
    wish = GroupWish(
        label=body.label,
        group_kind=body.group_kind,
        grading=body.grading.read(),
        origin=body.origin,
        observed_at=body.observed_at or parts.clock.now(),
        marks=body.marks(),
    )
    done = await registration.register_group(parts, who, wish, once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.post("/persons", status_code=201, responses={200: {"description": "Done before with this key"}})
async def register_person(body: PersonBody, who: SignedIn, parts: PartsOf, once: OnceOf, response: Response) -> Made:
    """Register a person on a ground."""
    wish = PersonWish(
        names=[Name(name.kind, name.value) for name in body.names],
        ground=body.ground,
        grading=body.grading.read(),
        origin=body.origin,
        observed_at=body.observed_at or parts.clock.now(),
        connected_to=body.connected_to,
        reason=body.reason,
        marks=body.marks(),
    )
    done = await registration.register_person(parts, who, wish, once)
    response.status_code = 200 if done.repeated else 201
    return Made(id=done.answer["id"])


@router.get("/actors")
async def find_actors(
    who: SignedIn,
    parts: PartsOf,
    q: Annotated[str, Query(max_length=200, description="a name, spelled as you like")] = "",
    kind: Literal["PERSON", "GROUP"] | None = None,
    after: After = None,
    limit: Limit = 20,
    purpose: Purpose = None,
) -> FoundActors:
    """Actors by name, the best fit first; without a name all, the newest first."""
    found = await reading.search_actors(parts, who, text=q, kind=kind, after=after, limit=limit, purpose=purpose)
    return FoundActors(items=[FoundActor.of(one) for one in found.items], next=found.next)


@router.get("/actors:names")
async def name_actors(
    who: SignedIn,
    parts: PartsOf,
    ids: Annotated[list[Id], Query(min_length=1, max_length=100, description="repeat it for each actor")],
    purpose: Purpose = None,
) -> NamedActors:
    """What actors are called, for up to 100 ids at once; those you may not know of are left out."""
    return NamedActors(items=[NamedActor.of(one) for one in await reading.name_actors(parts, who, ids, purpose)])


@router.get("/actors/{actor_id}")
async def read_card(
    actor_id: Id, who: SignedIn, parts: PartsOf, as_of: AsOf = None, known_at: AsOf = None, purpose: Purpose = None
) -> CardAnswer:
    """The card of an actor: what is said to hold on a day, as known on another."""
    view = await reading.read_card(parts, who, actor_id, as_of=as_of, known_at=known_at, purpose=purpose)
    return CardAnswer.of(view)
