"""Forms to register a group and a person."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_registry.commands import registration
from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.actors import GroupWish, Name, PersonWish
from forkant_registry.pages.choosing import CHOOSE, NOBODY, Picked, picked
from forkant_registry.pages.face import HANDLINGS, NAME_KINDS, advice, render, scale_of, sent_back, text_of
from forkant_registry.pages.graded import GRADED_FIELDS, empty_graded, graded_of
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry", include_in_schema=False)
PERSON_NAMES = ("legal", "alias", "nickname", "previous", "club")
NAME_FIELDS = {f"names.{n}.value": "name" for n in range(len(PERSON_NAMES))} | {"names": "name"}


@ROUTER.get("/groups/new", response_class=HTMLResponse)
async def new_group(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, registration.WRITE)
    return _group_form(request, parts, who, empty_graded(parts, request) | {"label": "", "group_kind": ""}, {})


@ROUTER.post("/groups", response_class=HTMLResponse)
async def register_group(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    try:
        graded = graded_of(parts, sent)
        wish = GroupWish(
            label=text_of(sent, "label"),
            group_kind=text_of(sent, "group_kind"),
            grading=graded.grading,
            origin=graded.origin,
            observed_at=graded.observed_at,
            marks=graded.marks,
        )
        done = await registration.register_group(parts, who, wish)
    except (Invalid, Conflict) as error:
        return _group_form(request, parts, who, sent_back(sent), advice(error, GRADED_FIELDS))
    return see_other(f"/registry/actors/{done.answer['id']}", notice=N_("Gruppen er registrert."))


@ROUTER.get("/persons/new", response_class=HTMLResponse)
async def new_person(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, registration.WRITE)
    return _person_form(request, parts, who, empty_graded(parts, request), {}, NOBODY)


@ROUTER.post("/persons", response_class=HTMLResponse)
async def register_person(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    link = await _link(parts, who, sent)
    if link.asks:
        return _person_form(request, parts, who, sent_back(sent), {"connected_to": CHOOSE}, link)
    try:
        graded = graded_of(parts, sent)
        wish = PersonWish(
            names=[Name(kind, text_of(sent, kind)) for kind in PERSON_NAMES if text_of(sent, kind)],
            ground=text_of(sent, "ground"),
            grading=graded.grading,
            origin=graded.origin,
            observed_at=graded.observed_at,
            connected_to=link.id,
            reason=text_of(sent, "reason") or None,
            marks=graded.marks,
        )
        done = await registration.register_person(parts, who, wish)
    except (Invalid, Conflict) as error:
        errors = advice(error, GRADED_FIELDS | NAME_FIELDS)
        return _person_form(request, parts, who, sent_back(sent), errors, link)
    return see_other(f"/registry/actors/{done.answer['id']}", notice=N_("Personen er registrert."))


async def _link(parts: Any, who: Principal, sent: FormData) -> Picked:
    """Whom a connection is to: the one chosen, or those that the name may mean."""
    ground = reference_of(parts).catalogue.grounds.get(text_of(sent, "ground"))
    if ground is None or ground.needs_link_to is None:
        return NOBODY
    return await picked(parts, who, sent, "connected_to", "PERSON")


def _group_form(
    request: Request, parts: Any, who: Principal, values: dict[str, str], errors: dict[str, str]
) -> HTMLResponse:
    return _form(request, parts, who, "group_form.html", values, errors)


def _person_form(
    request: Request,
    parts: Any,
    who: Principal,
    values: dict[str, str],
    errors: dict[str, str],
    link: Picked,
) -> HTMLResponse:
    return _form(request, parts, who, "person_form.html", values, errors, link=link, names=NAME_KINDS)


def _form(
    request: Request,
    parts: Any,
    who: Principal,
    template: str,
    values: dict[str, str],
    errors: dict[str, str],
    **more: object,
) -> HTMLResponse:
    scale = scale_of(reference_of(parts), values.get("scale"))
    status = 422 if errors else 200
    return render(
        request,
        parts,
        who,
        template,
        status_code=status,
        values=values,
        errors=errors,
        scale=scale,
        handlings=HANDLINGS,
        **more,
    )
