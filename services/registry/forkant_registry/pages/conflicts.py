"""How groups stand to each other: the list, one conflict with its history, and the forms to record and to change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_registry.commands import conflicts, reading
from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.conflicts import Conflict as Relation
from forkant_registry.domain.conflicts import StandingWish, Status
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, NOBODY, Picked, known, picked
from forkant_registry.pages.face import (
    ADVICE,
    CLAIM_KINDS,
    HANDLINGS,
    STATUSES,
    advice,
    purpose_of,
    render,
    scale_of,
    sent_back,
    text_of,
)
from forkant_registry.pages.graded import GRADED_FIELDS, empty_graded, graded_of, local_moment
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry/conflicts", include_in_schema=False)
ON_A_PAGE = 50
SIDES = ("group_a", "group_b")


@ROUTER.get("", response_class=HTMLResponse)
async def listing(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    after = request.query_params.get("after")
    found, following = await conflicts.list_conflicts(
        parts,
        who,
        group_id=None,
        after=checked_id(after) if after else None,
        limit=ON_A_PAGE,
        purpose=purpose_of(request),
    )
    labels = await _labels(parts, who, found)
    return render(
        request,
        parts,
        who,
        "conflicts.html",
        conflicts=found,
        labels=labels,
        now=parts.clock.now(),
        statuses=STATUSES,
        next=f"/registry/conflicts?after={following}" if following else None,
        first="/registry/conflicts" if after else None,
    )


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, conflicts.WRITE)
    given = await known(parts, who, _id_or_none(request.query_params.get("group", "")))
    return _form(request, parts, who, _empty(parts, request), {}, {"group_a": given, "group_b": NOBODY})


@ROUTER.post("", response_class=HTMLResponse)
async def record(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, conflicts.WRITE)
    sides = {name: await picked(parts, who, sent, name, "GROUP") for name in SIDES}
    errors = {name: CHOOSE if side.asks else ADVICE[name] for name, side in sides.items() if side.actor is None}
    if errors:
        return _form(request, parts, who, sent_back(sent), errors, sides)
    try:
        ids = (str(sides["group_a"].id), str(sides["group_b"].id))
        done = await conflicts.change_conflict(parts, who, ids, _wish(parts, sent))
    except (Invalid, NotFound, Conflict) as error:
        return _form(request, parts, who, sent_back(sent), advice(error, GRADED_FIELDS), sides)
    return see_other(f"/registry/conflicts/{done.answer['id']}", notice=N_("Forholdet mellom gruppene er registrert."))


@ROUTER.get("/{conflict_id}", response_class=HTMLResponse)
async def show(request: Request, conflict_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    found = await conflicts.read_conflict(parts, who, checked_id(conflict_id), purpose_of(request))
    return await _one(request, parts, who, found, _empty(parts, request), {})


@ROUTER.post("/{conflict_id}", response_class=HTMLResponse)
async def change(request: Request, conflict_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, conflicts.WRITE)
    found = await conflicts.read_conflict(parts, who, checked_id(conflict_id), None)
    try:
        await conflicts.change_conflict(parts, who, (found.group_a, found.group_b), _wish(parts, sent))
    except (Invalid, NotFound, Conflict) as error:
        return await _one(request, parts, who, found, sent_back(sent), advice(error, GRADED_FIELDS))
    return see_other(f"/registry/conflicts/{found.id}", notice=N_("Den nye statusen er registrert."))


def _wish(parts: Any, sent: FormData) -> StandingWish:
    status = text_of(sent, "status")
    if status not in STATUSES:
        raise Invalid("There is no such status.", field="status")
    since = local_moment(text_of(sent, "since"), "since")
    graded = graded_of(parts, sent, observed_at=since)
    return StandingWish(
        status=cast(Status, status),
        since=since,
        grading=graded.grading,
        origin=graded.origin,
        kind="FACT" if text_of(sent, "kind") == "FACT" else "ASSESSMENT",
        verified=text_of(sent, "verified") == "yes",
        note=text_of(sent, "note") or None,
        marks=graded.marks,
    )


def _empty(parts: Any, request: Request) -> dict[str, str]:
    values = empty_graded(parts, request)
    return values | {"since": values["observed_at"], "kind": "ASSESSMENT"}


def _id_or_none(text: str) -> str:
    return checked_id(text) if text else ""


async def _labels(parts: Any, who: Principal, found: list[Relation]) -> dict[str, Any]:
    ids = {group for relation in found for group in (relation.group_a, relation.group_b)}
    named = await reading.name_actors(parts, who, sorted(ids), None) if ids else []
    return {one.id: one for one in named}


async def _one(
    request: Request,
    parts: Any,
    who: Principal,
    found: Relation,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> HTMLResponse:
    now = parts.clock.now()
    return render(
        request,
        parts,
        who,
        "conflict.html",
        status_code=422 if errors else 200,
        conflict=found,
        current=found.at(now, now),
        labels=await _labels(parts, who, [found]),
        values=values,
        errors=errors,
        **_words(parts, values),
    )


def _form(
    request: Request,
    parts: Any,
    who: Principal,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    sides: Mapping[str, Picked],
) -> HTMLResponse:
    return render(
        request,
        parts,
        who,
        "conflict_form.html",
        status_code=422 if errors else 200,
        values=values,
        errors=errors,
        sides=sides,
        **_words(parts, values),
    )


def _words(parts: Any, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "scale": scale_of(reference_of(parts), values.get("scale")),
        "statuses": STATUSES,
        "claim_kinds": CLAIM_KINDS,
        "handlings": HANDLINGS,
    }
