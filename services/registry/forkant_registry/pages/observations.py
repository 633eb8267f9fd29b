"""Who was seen together, and controls: the list, one observation, and the forms to record and to correct."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from forkant_registry.commands import observations, reading
from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.observations import Observation
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, Picked, known, picked, picked_many
from forkant_registry.pages.face import HANDLINGS, advice, purpose_of, render, scale_of
from forkant_registry.pages.graded import empty_graded
from forkant_registry.pages.observing import (
    FIELDS,
    OBSERVATION_KINDS,
    OBSERVATION_REASONS,
    as_it_stands,
    kept_marks,
    reason_of,
    wish_of,
    written,
)
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry/observations", include_in_schema=False)
ON_A_PAGE = 50


@ROUTER.get("", response_class=HTMLResponse)
async def listing(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """The newest first, of everybody or of one actor; all, or controls alone."""
    actor = request.query_params.get("actor")
    actor_id = checked_id(actor) if actor else None
    only = request.query_params.get("controls") == "true"
    after = _cursor(request.query_params.get("after"))
    found, following = await observations.list_observations(
        parts, who, actor_id=actor_id, controls=only, after=after, limit=ON_A_PAGE, purpose=purpose_of(request)
    )
    asked = [f"actor={actor_id}"] * bool(actor_id) + ["controls=true"] * only
    here = "/registry/observations" + ("?" + "&".join(asked) if asked else "")
    more = f"{here}{'&' if asked else '?'}after={_mark(following)}" if following else None
    return render(
        request,
        parts,
        who,
        "observations.html",
        observations=found,
        labels=await _labels(parts, who, found, [actor_id] if actor_id else []),
        observation_kinds=OBSERVATION_KINDS,
        actor_id=actor_id,
        only_controls=only,
        next=more,
        first=here if after else None,
    )


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, observations.WRITE)
    actor = request.query_params.get("actor")
    named = await reading.name_actors(parts, who, [checked_id(actor)], None) if actor else []
    values = empty_graded(parts, request) | {"actors": [one.id for one in named], "kind": "SEEN"}
    return _form(request, parts, who, values, {}, Picked(choices=tuple(named)), Picked())


@ROUTER.post("", response_class=HTMLResponse)
async def record(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, observations.WRITE)
    ids, actors = await picked_many(parts, who, sent, "actors")
    near = await picked(parts, who, sent, "near", None)
    values = written(sent, ids)
    if asked := _asks(actors, near):
        return _form(request, parts, who, values, asked, actors, near)
    try:
        done = await observations.record_observation(parts, who, wish_of(parts, sent, ids, near))
    except (Invalid, NotFound, Conflict) as error:
        return _form(request, parts, who, values, advice(error, FIELDS), actors, near)
    return see_other(f"/registry/observations/{done.answer['id']}", notice=N_("Observasjonen er registrert."))


@ROUTER.get("/{observation_id}", response_class=HTMLResponse)
async def show(request: Request, observation_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    found = await observations.read_observation(parts, who, checked_id(observation_id), purpose_of(request))
    return render(
        request,
        parts,
        who,
        "observation.html",
        observation=found,
        labels=await _labels(parts, who, [found]),
        observation_kinds=OBSERVATION_KINDS,
        observation_reasons=OBSERVATION_REASONS,
        handlings=HANDLINGS,
    )


@ROUTER.get("/{observation_id}/correction", response_class=HTMLResponse)
async def correcting(request: Request, observation_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, observations.CORRECT)
    found = await observations.read_observation(parts, who, checked_id(observation_id), purpose_of(request))
    values = as_it_stands(found)
    scale = request.query_params.get("scale")
    if scale and scale != found.grading.scale:
        values |= {"scale": scale, "source": "", "information": ""}
    named = await reading.name_actors(parts, who, found.actors, None) if found.actors else []
    near = await known(parts, who, values["near"])
    return _form(request, parts, who, values, {}, Picked(choices=tuple(named)), near, found)


@ROUTER.post("/{observation_id}/correction", response_class=HTMLResponse)
async def correct(request: Request, observation_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, observations.CORRECT)
    old = await observations.read_observation(parts, who, checked_id(observation_id), None)
    ids, actors = await picked_many(parts, who, sent, "actors")
    near = await picked(parts, who, sent, "near", None)
    values = written(sent, ids)
    if asked := _asks(actors, near):
        return _form(request, parts, who, values, asked, actors, near, old)
    try:
        reason = reason_of(sent)
        wish = None if reason == "WITHDRAWN" else kept_marks(wish_of(parts, sent, ids, near), old)
        done = await observations.correct_observation(parts, who, old.id, reason, wish)
    except (Invalid, NotFound, Conflict) as error:
        error.field = (error.field or "").removeprefix("replacement.") or None
        return _form(request, parts, who, values, advice(error, FIELDS), actors, near, old)
    if done.answer["id"] is None:
        return see_other(f"/registry/observations/{old.id}", notice=N_("Observasjonen er trukket."))
    return see_other(
        f"/registry/observations/{done.answer['id']}", notice=N_("Observasjonen er rettet. Den gamle står med merke.")
    )


def _asks(actors: Picked, near: Picked) -> dict[str, str]:
    return {name: CHOOSE for name, one in (("actors", actors), ("near", near)) if one.asks}


def _mark(following: tuple[datetime, str]) -> str:
    return f"{following[0].timestamp()}/{following[1]}"


def _cursor(text: str | None) -> tuple[datetime, str] | None:
    moment, _, last = (text or "").partition("/")
    try:
        return (datetime.fromtimestamp(float(moment)).astimezone(), checked_id(last)) if last else None
    except (ValueError, OverflowError, OSError):
        return None


async def _labels(parts: Any, who: Principal, found: Sequence[Observation], more: Sequence[str] = ()) -> dict[str, Any]:
    ids = {actor for one in found for actor in one.actors} | set(more)
    ids |= {one.near.ref for one in found if one.near and one.near.kind != "ROLE"}
    named = await reading.name_actors(parts, who, sorted(ids), None) if ids else []
    return {one.id: one for one in named}


def _form(
    request: Request,
    parts: Any,
    who: Principal,
    values: dict[str, Any],
    errors: dict[str, str],
    actors: Picked,
    near: Picked,
    observation: Observation | None = None,
) -> HTMLResponse:
    return render(
        request,
        parts,
        who,
        "observation_form.html",
        status_code=422 if errors else 200,
        values=values,
        errors=errors,
        actors=actors,
        near=near,
        observation=observation,
        scale=scale_of(reference_of(parts), values.get("scale")),
        observation_kinds=OBSERVATION_KINDS,
        observation_reasons=OBSERVATION_REASONS,
        handlings=HANDLINGS,
    )
