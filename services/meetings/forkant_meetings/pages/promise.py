"""A promise: writing it down, following it, saying what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings.commands import promises as commands
from forkant_meetings.commands import reading
from forkant_meetings.commands.asking import Asked, Receipt
from forkant_meetings.commands.promises import Found, PromiseWish
from forkant_meetings.domain.promise import Acknowledgement, Fate, Manner, Progress, Side
from forkant_meetings.pages.face import (
    advice,
    asked,
    choice_of,
    choice_or_none,
    day_of,
    id_of,
    known_id,
    labels,
    line_of,
    moment_of,
    render,
    sent_back,
    text_of,
)
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/promises", include_in_schema=False)


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.MAKE)
    meeting = request.query_params.get("meeting", "")
    values = {"by": "COUNTERPART", "owner": who.subject, "meeting_id": meeting and known_id(meeting)}
    return await _form(request, parts, who, known_id(request.query_params.get("dialogue", "")), values)


@ROUTER.post("")
async def make(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    dialogue_id = known_id(text_of(sent, "dialogue_id"))
    try:
        wish = PromiseWish(
            dialogue_id=dialogue_id,
            by=choice_of(sent, "by", Side),
            to=line_of(sent, "to"),
            text=text_of(sent, "text"),
            owner=line_of(sent, "owner"),
            meeting_id=id_of(sent, "meeting_id"),
            due_on=day_of(sent, "due_on"),
            threat_id=id_of(sent, "threat_id"),
        )
        receipt = await commands.make_promise(parts, asked(who, sent, on_version=False), wish)
    except (Invalid, Conflict) as error:
        return await _form(request, parts, who, dialogue_id, sent_back(sent), error)
    return see_other(f"/meetings/promises/{receipt.id}", notice=N_("Løftet er skrevet ned."))


@ROUTER.get("/{promise_id}", response_class=HTMLResponse)
async def show(request: Request, promise_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _page(request, parts, who, known_id(promise_id))


@ROUTER.post("/{promise_id}/acknowledgement")
async def acknowledge(request: Request, promise_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(promise_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.acknowledge_promise(parts, asking, found, choice_of(sent, "how", Acknowledgement))

    return await _step(request, parts, who, found, sent, act, N_("Det er notert at den andre siden har bekreftet."))


@ROUTER.post("/{promise_id}/progress")
async def advance(request: Request, promise_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(promise_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.advance_promise(
            parts, asking, found, choice_of(sent, "progress", Progress), day_of(sent, "due_on"), line_of(sent, "owner")
        )

    return await _step(request, parts, who, found, sent, act, N_("Framdriften er notert."))


@ROUTER.post("/{promise_id}/judgements")
async def judge(request: Request, promise_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(promise_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.judge_promise(
            parts,
            asking,
            found,
            Found(
                choice_of(sent, "fate", Fate),
                choice_or_none(sent, "manner", Manner),
                text_of(sent, "evidence"),
                moment_of(parts, sent, "happened_at"),
            ),
        )

    return await _step(request, parts, who, found, sent, act, N_("Det er notert hva som ble av løftet."))


async def _step(
    request: Request,
    parts: Any,
    who: Principal,
    promise_id: str,
    sent: FormData,
    act: Callable[[Asked], Awaitable[Receipt]],
    notice: str,
) -> Response:
    try:
        await act(asked(who, sent))
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        return await _page(request, parts, who, promise_id, error=error, sent=sent)
    return see_other(f"/meetings/promises/{promise_id}", notice=notice)


async def _page(
    request: Request,
    parts: Any,
    who: Principal,
    promise_id: str,
    *,
    error: ForkantError | None = None,
    sent: FormData | None = None,
) -> HTMLResponse:
    promise = await reading.read_promise(parts, who, promise_id)
    dialogue, _ = await reading.read_dialogue(parts, who, promise.dialogue_id)
    named = await labels(request, parts, [dialogue.group_id])
    return render(
        request,
        parts,
        who,
        "promise.html",
        status_code=error.status if error else 200,
        promise=promise,
        dialogue=dialogue,
        officers=await reading.known_officers(parts, who),
        named=named,
        errors=advice(error, {"state": "form"}) if error else {},
        values=sent_back(sent) if sent is not None else {},
    )


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    dialogue_id: str,
    values: dict[str, Any],
    error: ForkantError | None = None,
) -> HTMLResponse:
    dialogue, _ = await reading.read_dialogue(parts, who, dialogue_id)
    named = await labels(request, parts, [dialogue.group_id])
    return render(
        request,
        parts,
        who,
        "promise_form.html",
        status_code=error.status if error else 200,
        dialogue=dialogue,
        officers=await reading.known_officers(parts, who),
        named=named,
        values=values,
        errors=advice(error) if error else {},
    )
