"""A dialogue: how it stands, who carries it, whom we talk with, what was promised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings import clients
from forkant_meetings.commands import dialogues as commands
from forkant_meetings.commands import reading
from forkant_meetings.commands.asking import Asked, Receipt, working_values
from forkant_meetings.commands.dialogues import DialogueWish, Named
from forkant_meetings.domain.dialogue import Counterpart, EntryForm, Standing
from forkant_meetings.domain.health import in_order
from forkant_meetings.domain.policy import Phase
from forkant_meetings.pages.face import (
    advice,
    asked,
    choice_of,
    choice_or_none,
    id_of,
    known_id,
    labels,
    line_of,
    number_of,
    render,
    sent_back,
    text_of,
    token_of,
)
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/dialogues", include_in_schema=False)
SEATS = (1, 2, 3)


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.OPEN)
    values = {"phase": "I", "officer-1": who.subject, "group_id": request.query_params.get("group", "")}
    return await _form(request, parts, who, values | {"handling": "RESTRICTED"})


@ROUTER.post("")
async def open_dialogue(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    try:
        group_id = id_of(sent, "group_id")
        if group_id is None:
            raise Invalid("No group is chosen.", field="group_id", remedy="Choose one of the values.")
        handling = text_of(sent, "handling")
        wish = DialogueWish(
            group_id=group_id,
            phase=choice_of(sent, "phase", Phase),
            entry_form=choice_or_none(sent, "entry_form", EntryForm),
            cadence_days=_days(sent),
            contacts=[Named(line_of(sent, f"officer-{seat}")) for seat in SEATS if line_of(sent, f"officer-{seat}")],
            counterparts=[],
            handling=handling if handling in ("OPEN", "RESTRICTED", "SECRET") else "RESTRICTED",
        )
        receipt = await commands.open_dialogue(parts, asked(who, sent, on_version=False), wish)
    except (Invalid, Conflict) as error:
        return await _form(request, parts, who, sent_back(sent), error)
    return see_other(f"/meetings/dialogues/{receipt.id}", notice=N_("Dialogen er åpnet."))


@ROUTER.get("/{dialogue_id}", response_class=HTMLResponse)
async def show(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    return await _page(request, parts, who, known_id(dialogue_id))


@ROUTER.post("/{dialogue_id}/phases")
async def change_phase(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(dialogue_id)

    async def act(asking: Asked) -> Receipt:
        phase, entry = choice_of(sent, "phase", Phase), choice_or_none(sent, "entry_form", EntryForm)
        return await commands.change_phase(parts, asking, found, phase, entry, _days(sent))

    return await _step(request, parts, who, found, sent, act, N_("Fasen er endret."))


@ROUTER.post("/{dialogue_id}/contacts")
async def add_contact(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(dialogue_id)

    async def act(asking: Asked) -> Receipt:
        if not line_of(sent, "subject"):
            raise Invalid("Nobody is chosen.", field="subject", remedy="Choose one of the values.")
        return await commands.add_contact(parts, asking, found, Named(line_of(sent, "subject")))

    return await _step(request, parts, who, found, sent, act, N_("Kontakten er lagt til."))


@ROUTER.post("/{dialogue_id}/contact-endings")
async def end_contact(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(dialogue_id)

    async def act(asking: Asked) -> Receipt:
        return await commands.end_contact(parts, asking, found, line_of(sent, "subject"))

    return await _step(request, parts, who, found, sent, act, N_("Kontakten er avsluttet."))


@ROUTER.post("/{dialogue_id}/counterpart-searches", response_class=HTMLResponse)
async def search(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> Response:
    """By post, so that no name stands in an address of ours."""
    sent, found = await form(request), known_id(dialogue_id)
    policy.require(who, commands.CHANGE)
    matches = await clients.persons_like(parts, token_of(request), line_of(sent, "name"))
    return await _page(request, parts, who, found, sent=sent, matches=matches, searched=True)


@ROUTER.post("/{dialogue_id}/counterparts")
async def change_counterparts(request: Request, dialogue_id: str, parts: PartsOf, who: PageUser) -> Response:
    """Add one person, or take one away."""
    sent, found = await form(request), known_id(dialogue_id)

    async def act(asking: Asked) -> Receipt:
        person = Counterpart(known_id(text_of(sent, "person_id")), choice_of(sent, "standing", Standing))
        dialogue, _ = await reading.read_dialogue(parts, who, found)
        kept = tuple(one for one in dialogue.counterparts if one != person)
        people = kept if text_of(sent, "then") == "remove" else (*dialogue.counterparts, person)
        return await commands.set_counterparts(parts, asking, found, people)

    return await _step(request, parts, who, found, sent, act, N_("Motpartens personer er endret."))


def _days(sent: FormData) -> int | None:
    return number_of(sent, "cadence_days", least=1, most=3650) if text_of(sent, "cadence_days") else None


async def _step(
    request: Request,
    parts: Any,
    who: Principal,
    dialogue_id: str,
    sent: FormData,
    act: Callable[[Asked], Awaitable[Receipt]],
    notice: str,
) -> Response:
    try:
        await act(asked(who, sent))
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        return await _page(request, parts, who, dialogue_id, error=error, sent=sent)
    return see_other(f"/meetings/dialogues/{dialogue_id}", notice=notice)


async def _page(
    request: Request,
    parts: Any,
    who: Principal,
    dialogue_id: str,
    *,
    error: ForkantError | None = None,
    sent: FormData | None = None,
    matches: list[clients.Match] | None = None,
    searched: bool = False,
) -> HTMLResponse:
    dialogue, health = await reading.read_dialogue(parts, who, dialogue_id)
    held, given = await reading.of_dialogue(parts, who, dialogue_id)
    people = [one.person_id for one in dialogue.counterparts]
    return render(
        request,
        parts,
        who,
        "dialogue.html",
        status_code=error.status if error else 200,
        dialogue=dialogue,
        health=health,
        meetings=held,
        promises=in_order(given, working_values(parts).local_day(parts.clock.now())),
        officers=await reading.known_officers(parts, who),
        named=await labels(request, parts, [dialogue.group_id, *people]),
        matches=matches,
        searched=searched,
        errors=advice(error) if error else {},
        values=sent_back(sent) if sent is not None else {},
    )


async def _form(
    request: Request, parts: Any, who: Principal, values: dict[str, Any], error: ForkantError | None = None
) -> HTMLResponse:
    groups = await reading.known_groups(parts, who)
    named = await labels(request, parts, groups)
    return render(
        request,
        parts,
        who,
        "dialogue_form.html",
        status_code=error.status if error else 200,
        groups=sorted(((one, named.of(one)) for one in groups), key=lambda pair: pair[1]),
        officers=await reading.known_officers(parts, who),
        seats=SEATS,
        named=named,
        values=values,
        errors=advice(error, {"contacts": "officer-1"}) if error else {},
    )
