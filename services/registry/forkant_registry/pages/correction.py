"""The form to correct a claim: it is marked and stays, and what is right is added beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from forkant_registry.commands import claims, reading
from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.claims import Claim, Marks, Reason, Wish
from forkant_registry.domain.predicates import Predicate
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, NOBODY, Picked, known
from forkant_registry.pages.claim import CLAIM_FIELDS, target_of, values_of, wish_of
from forkant_registry.pages.face import (
    ADVICE,
    CLAIM_KINDS,
    HANDLINGS,
    REASONS,
    advice,
    purpose_of,
    render,
    scale_of,
    text_of,
)
from forkant_registry.pages.graded import OSLO
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry/claims", include_in_schema=False)
INSTEAD = {"replace": N_("Det som står her"), "nothing": N_("Ingenting – opplysningen blir bare merket")}


@ROUTER.get("/{claim_id}/correction", response_class=HTMLResponse)
async def show(request: Request, claim_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, claims.CORRECT)
    claim = await reading.read_claim(parts, who, checked_id(claim_id), purpose_of(request))
    values = _as_it_stands(claim)
    scale = request.query_params.get("scale")
    if scale and scale != claim.grading.scale:
        values |= {"scale": scale, "source": "", "information": ""}
    target = await known(parts, who, claim.object.id) if claim.object else NOBODY
    return await _form(request, parts, who, claim, values, {}, target)


@ROUTER.post("/{claim_id}/correction", response_class=HTMLResponse)
async def correct(request: Request, claim_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, claims.CORRECT)
    claim = await reading.read_claim(parts, who, checked_id(claim_id), None)
    predicate = reference_of(parts).catalogue.predicate(claim.predicate)
    instead = text_of(sent, "then") != "nothing"
    target = await target_of(parts, who, predicate, sent) if instead else NOBODY
    if target.asks:
        return await _form(request, parts, who, claim, values_of(sent), {"object": CHOOSE}, target)
    try:
        reason = _reason(text_of(sent, "reason"))
        replacement = _kept(wish_of(parts, predicate, target, sent), claim) if instead else None
        await claims.correct_claim(parts, who, claim.id, reason, replacement)
    except (Invalid, NotFound, Conflict) as error:
        errors = _advice(error)
        return await _form(request, parts, who, claim, values_of(sent), errors, target)
    return see_other(
        f"/registry/actors/{claim.actor_id}/claims", notice=N_("Opplysningen er rettet. Den gamle står med merke.")
    )


def _advice(error: ForkantError) -> dict[str, str]:
    if error.field == "replacement":
        return {"then": ADVICE["then"]}
    if error.field == "reason":
        return {"why": ADVICE["why"]}
    error.field = (error.field or "").removeprefix("replacement.") or None
    return advice(error, CLAIM_FIELDS)


def _reason(text: str) -> Reason:
    if text not in REASONS:
        raise Invalid("There is no such reason.", field="reason")
    found: Reason = text  # type: ignore[assignment]  # one of the keys, which are the reasons
    return found


def _kept(wish: Wish, old: Claim) -> Wish:
    """What the form does not ask for stays: the compartment, and the report as long as the origin is the same."""
    report = old.report if wish.origin == old.origin else None
    return replace(wish, marks=Marks(wish.marks.handling, old.marks.compartment), report=report)


def _as_it_stands(claim: Claim) -> dict[str, Any]:
    """The claim as the form's fields hold it."""
    values: dict[str, Any] = {
        "value": claim.value or "",
        "kind": claim.kind,
        "verified": "yes" if claim.verified else "",
        "scale": claim.grading.scale,
        "source": claim.grading.source,
        "information": claim.grading.information,
        "origin": claim.origin,
        "observed_at": claim.observed_at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M"),
        "valid_from": _day(claim.valid_from),
        "valid_to": _day(claim.valid_to),
        "note": claim.note or "",
        "handling": claim.marks.handling,
        "then": "replace",
    }
    return values | {f"q-{name}": list(codes) for name, codes in claim.qualifiers.items()}


def _day(moment: datetime | None) -> str:
    return moment.astimezone(OSLO).date().isoformat() if moment else ""


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    claim: Claim,
    values: dict[str, Any],
    errors: Mapping[str, str],
    target: Picked,
) -> HTMLResponse:
    named = await reading.name_actors(parts, who, [claim.actor_id], None)
    reference = reference_of(parts)
    predicate: Predicate = reference.catalogue.predicate(claim.predicate)
    return render(
        request,
        parts,
        who,
        "correction_form.html",
        status_code=422 if errors else 200,
        actor=named[0],
        claim=claim,
        object=(await known(parts, who, claim.object.id)).actor if claim.object else None,
        predicate=predicate,
        values=values,
        errors=errors,
        target=target,
        scale=scale_of(reference, values.get("scale")),
        handlings=HANDLINGS,
        claim_kinds=CLAIM_KINDS,
        reasons=REASONS,
        instead=INSTEAD,
    )
