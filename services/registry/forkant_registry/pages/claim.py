"""The form to say something about an actor."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_registry.commands import claims, reading
from forkant_registry.commands.deed import no_such_actor, reference_of
from forkant_registry.domain.claims import Target, Wish
from forkant_registry.domain.predicates import Predicate
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, NOBODY, Picked, picked
from forkant_registry.pages.face import CLAIM_KINDS, HANDLINGS, advice, render, scale_of, sent_back, text_of
from forkant_registry.pages.graded import GRADED_FIELDS, empty_graded, graded_of, local_day
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry/actors", include_in_schema=False)
# A field of the wish → the field of the form it is written in.
CLAIM_FIELDS = GRADED_FIELDS | {"object.id": "object", "object.kind": "object"}


@ROUTER.get("/{actor_id}/claims/new", response_class=HTMLResponse)
async def new(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, claims.WRITE)
    predicate = reference_of(parts).catalogue.predicate(request.query_params.get("predicate", ""))
    values = empty_graded(parts, request) | {"kind": "FACT"}
    return await _form(request, parts, who, checked_id(actor_id), predicate, values, {}, NOBODY)


@ROUTER.post("/{actor_id}/claims", response_class=HTMLResponse)
async def record(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    actor_id = checked_id(actor_id)
    predicate = reference_of(parts).catalogue.predicate(text_of(sent, "predicate"))
    target = await target_of(parts, who, predicate, sent)
    if target.asks:
        return await _form(request, parts, who, actor_id, predicate, values_of(sent), {"object": CHOOSE}, target)
    try:
        await claims.record_claim(parts, who, actor_id, wish_of(parts, predicate, target, sent))
    except (Invalid, NotFound, Conflict) as error:
        errors = advice(error, CLAIM_FIELDS)
        return await _form(request, parts, who, actor_id, predicate, values_of(sent), errors, target)
    return see_other(f"/registry/actors/{actor_id}", notice=N_("Opplysningen er registrert."))


def wish_of(parts: Any, predicate: Predicate, target: Picked, sent: FormData) -> Wish:
    """What the form says. Raises Invalid that names the field."""
    graded = graded_of(parts, sent)
    at = target.actor
    return Wish(
        predicate=predicate.name,
        grading=graded.grading,
        origin=graded.origin,
        observed_at=graded.observed_at,
        object=Target("PERSON" if at.kind == "PERSON" else "GROUP", at.id) if at else None,
        value=text_of(sent, "value") or None,
        kind="ASSESSMENT" if text_of(sent, "kind") == "ASSESSMENT" else "FACT",
        verified=text_of(sent, "verified") == "yes",
        qualifiers={
            name: codes
            for name in predicate.qualifiers
            if (codes := [str(code) for code in sent.getlist(f"q-{name}") if code])
        },
        valid_from=local_day(text_of(sent, "valid_from"), "valid_from"),
        valid_to=local_day(text_of(sent, "valid_to"), "valid_to"),
        note=text_of(sent, "note") or None,
        marks=graded.marks,
    )


async def target_of(parts: Any, who: Principal, predicate: Predicate, sent: FormData) -> Picked:
    """The actor the claim points at, or those that the name may mean."""
    if not predicate.object_kinds:
        return NOBODY
    kind = next(iter(predicate.object_kinds)) if len(predicate.object_kinds) == 1 else None
    return await picked(parts, who, sent, "object", kind)


def values_of(sent: FormData) -> dict[str, Any]:
    """What was written, to be shown again."""
    many = {name: sent.getlist(name) for name in sent if name.startswith("q-")}
    return sent_back(sent) | many


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    actor_id: str,
    predicate: Predicate,
    values: dict[str, Any],
    errors: dict[str, str],
    target: Picked,
) -> HTMLResponse:
    named = await reading.name_actors(parts, who, [actor_id], None)
    if not named:
        raise no_such_actor()
    return render(
        request,
        parts,
        who,
        "claim_form.html",
        status_code=422 if errors else 200,
        actor=named[0],
        predicate=predicate,
        values=values,
        errors=errors,
        target=target,
        scale=scale_of(reference_of(parts), values.get("scale")),
        handlings=HANDLINGS,
        claim_kinds=CLAIM_KINDS,
    )
