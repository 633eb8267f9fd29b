"""Who is who: what waits for a second person, what was judged of an actor, and the forms to judge and to take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_registry.commands import identity, matching, reading
from forkant_registry.domain.claims import Marks
from forkant_registry.domain.identity import Judgement, Verdict, Wish
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, NOBODY, Picked, known, picked
from forkant_registry.pages.face import (
    ADVICE,
    ALIKE,
    FEATURES,
    HANDLINGS,
    SAME,
    STATES,
    VERDICTS,
    advice,
    purpose_of,
    render,
    sent_back,
    text_of,
)
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Forbidden, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry", include_in_schema=False)
ON_A_PAGE = 25
WORDS: dict[str, Any] = {"verdicts": VERDICTS, "states": STATES, "same": SAME, "features": FEATURES, "alike": ALIKE}


@ROUTER.get("/identity", response_class=HTMLResponse)
async def queue(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """What waits for a second person, or everything that was judged."""
    every, after = request.query_params.get("all") == "1", request.query_params.get("after")
    found, following = await identity.list_judgements(
        parts,
        who,
        actor_id=None,
        waiting=not every,
        after=checked_id(after) if after else None,
        limit=ON_A_PAGE,
        purpose=purpose_of(request),
    )
    here = "/registry/identity" + ("?all=1" if every else "")
    return render(
        request,
        parts,
        who,
        "judgements.html",
        judgements=found,
        labels=await _labels(parts, who, found),
        every=every,
        refused=None,
        next=f"{here}{'&' if every else '?'}after={following}" if following else None,
        first=here if after else None,
        me=who.subject,
        **WORDS,
    )


@ROUTER.get("/actors/{actor_id}/identity", response_class=HTMLResponse)
async def of_one(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """What was judged about an actor, who it is one with, and which cards look like it."""
    actor_id, after = checked_id(actor_id), request.query_params.get("after")
    view = await reading.read_card(parts, who, actor_id, as_of=None, known_at=None, purpose=purpose_of(request))
    found, following = await identity.list_judgements(
        parts,
        who,
        actor_id=actor_id,
        waiting=False,
        after=checked_id(after) if after else None,
        limit=ON_A_PAGE,
        purpose=purpose_of(request),
    )
    here = f"/registry/actors/{actor_id}/identity"
    suggested = await matching.match_card(parts, who, actor_id, purpose_of(request)) if not after else []
    return render(
        request,
        parts,
        who,
        "identity.html",
        view=view,
        judgements=found,
        labels={**view.labels, **await _labels(parts, who, found)},
        suggested=suggested,
        next=f"{here}?after={following}" if following else None,
        first=here if after else None,
        me=who.subject,
        **WORDS,
    )


@ROUTER.get("/actors/{actor_id}/identity/new", response_class=HTMLResponse)
async def new(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, identity.JUDGE)
    other = request.query_params.get("other")
    chosen = await known(parts, who, checked_id(other)) if other else NOBODY
    return await _form(request, parts, who, checked_id(actor_id), {}, {}, chosen)


@ROUTER.post("/actors/{actor_id}/identity", response_class=HTMLResponse)
async def judge(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, identity.JUDGE)
    actor_id = checked_id(actor_id)
    named = await reading.name_actors(parts, who, [actor_id], None)
    other = await picked(parts, who, sent, "other", named[0].kind if named else None)
    if other.asks or other.actor is None or not text_of(sent, "verdict"):
        errors = _missing(other, sent)
        return await _form(request, parts, who, actor_id, sent_back(sent), errors, other)
    try:
        done = await identity.judge(parts, who, await _wish(parts, who, actor_id, other.actor.id, sent))
    except (Invalid, NotFound, Conflict) as error:
        return await _form(request, parts, who, actor_id, sent_back(sent), advice(error, {}), other)
    waits = done.answer["state"] == "WAITS"
    notice = N_("Vurderingen venter på en til, som ser alt om begge.") if waits else N_("Vurderingen gjelder.")
    return see_other(f"/registry/actors/{actor_id}/identity", notice=notice)


@ROUTER.post("/judgements/{judgement_id}/approval", response_class=HTMLResponse)
async def approve(request: Request, judgement_id: str, parts: PartsOf, who: PageUser) -> Response:
    await form(request)
    judgement_id = checked_id(judgement_id)
    try:
        await identity.approve(parts, who, judgement_id)
    except Forbidden as error:
        policy.require(who, identity.APPROVE)
        return await _refused(request, parts, who, judgement_id, error)
    except Conflict as error:
        return await _refused(request, parts, who, judgement_id, error)
    return see_other("/registry/identity", notice=N_("Vurderingen gjelder."))


@ROUTER.get("/judgements/{judgement_id}/revocation", response_class=HTMLResponse)
async def taking_back(request: Request, judgement_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, identity.REVOKE)
    found = await identity.read_judgement(parts, who, checked_id(judgement_id), purpose_of(request))
    return await _revocation(request, parts, who, found, {}, {})


@ROUTER.post("/judgements/{judgement_id}/revocation", response_class=HTMLResponse)
async def take_back(request: Request, judgement_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, identity.REVOKE)
    found = await identity.read_judgement(parts, who, checked_id(judgement_id), None)
    try:
        await identity.revoke(parts, who, found.id, text_of(sent, "reason"))
    except (Invalid, Conflict) as error:
        return await _revocation(request, parts, who, found, sent_back(sent), advice(error, {}))
    return see_other(f"/registry/actors/{found.one}/identity", notice=N_("Vurderingen er tatt tilbake."))


def _missing(other: Picked, sent: FormData) -> dict[str, str]:
    errors: dict[str, str] = {}
    if other.actor is None:
        errors["other"] = CHOOSE if other.asks else ADVICE["object"]
    elif not text_of(sent, "verdict"):
        errors["verdict"] = N_("Velg hva du mener.")
    return errors


async def _wish(parts: Any, who: Principal, actor_id: str, other_id: str, sent: FormData) -> Wish:
    """What the form says, with how alike the two were when it was said."""
    verdict, handling = text_of(sent, "verdict"), text_of(sent, "handling") or "OPEN"
    if verdict not in VERDICTS:
        raise Invalid("There is no such verdict.", field="verdict")
    if handling not in HANDLINGS:
        raise Invalid("There is no such handling.", field="handling")
    score = None
    if actor_id != other_id:
        compared = await matching.compare_cards(parts, who, actor_id, other_id, None)
        score = compared.resemblance.score if compared.resemblance else 0.0
    marks = Marks(cast(Any, handling))
    return Wish(actor_id, other_id, cast(Verdict, verdict), text_of(sent, "reason"), score, marks)


async def _labels(parts: Any, who: Principal, found: Sequence[Judgement]) -> dict[str, Any]:
    ids = sorted({actor for one in found for actor in one.pair})
    named = await reading.name_actors(parts, who, ids, None) if ids else []
    return {one.id: one for one in named}


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    actor_id: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    other: Picked,
) -> HTMLResponse:
    named = await reading.name_actors(parts, who, [actor_id], None)
    if not named:
        raise NotFound("There is no such actor.")
    comparable = other.actor is not None and other.actor.kind == named[0].kind and other.id != actor_id
    compared = await matching.compare_cards(parts, who, actor_id, str(other.id), None) if comparable else None
    return render(
        request,
        parts,
        who,
        "judgement_form.html",
        status_code=422 if errors else 200,
        actor=named[0],
        other=other,
        compared=compared,
        values=values,
        errors=errors,
        handlings=HANDLINGS,
        **WORDS,
    )


async def _refused(
    request: Request, parts: Any, who: Principal, judgement_id: str, error: Forbidden | Conflict
) -> HTMLResponse:
    """The judgement again, with why it cannot be approved now."""
    found = await identity.read_judgement(parts, who, judgement_id, None)
    refused = {Forbidden: "forbidden", Conflict: "conflict"}[type(error)]
    return render(
        request,
        parts,
        who,
        "judgements.html",
        status_code=error.status,
        judgements=[found],
        labels=await _labels(parts, who, [found]),
        every=True,
        refused=refused,
        next=None,
        first="/registry/identity",
        me=who.subject,
        **WORDS,
    )


async def _revocation(
    request: Request,
    parts: Any,
    who: Principal,
    found: Judgement,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> HTMLResponse:
    return render(
        request,
        parts,
        who,
        "revocation_form.html",
        status_code=422 if errors else 200,
        judgement=found,
        labels=await _labels(parts, who, [found]),
        values=values,
        errors=errors,
        me=who.subject,
        **WORDS,
    )
