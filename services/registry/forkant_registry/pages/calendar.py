"""Days that matter: the list of what is coming, one day, and the forms to record, move, correct and call off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_registry.commands import calendar, reading
from forkant_registry.commands.deed import reference_of
from forkant_registry.domain.calendar import Entry, EntryKind, EntryReason, EntryWish
from forkant_registry.domain.claims import Marks
from forkant_registry.pages.card import checked_id
from forkant_registry.pages.choosing import CHOOSE, Picked, picked_many
from forkant_registry.pages.face import (
    ADVICE,
    ENTRY_KINDS,
    ENTRY_REASONS,
    HANDLINGS,
    advice,
    purpose_of,
    render,
    scale_of,
    text_of,
)
from forkant_registry.pages.graded import GRADED_FIELDS, OSLO, empty_graded, graded_of
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/registry/calendar", include_in_schema=False)
ON_A_PAGE = 50
FIELDS = GRADED_FIELDS | {"kind": "entry_kind"}


@ROUTER.get("", response_class=HTMLResponse)
async def listing(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """What is coming, or from a day that was asked for."""
    today = parts.clock.now().astimezone(OSLO).date()
    since = _day_or_none(request.query_params.get("since")) or today
    after = _cursor(request.query_params.get("after"))
    found, following = await calendar.list_entries(
        parts, who, actor_id=None, since=since, until=None, after=after, limit=ON_A_PAGE, purpose=purpose_of(request)
    )
    here = f"/registry/calendar?since={since}"
    return render(
        request,
        parts,
        who,
        "calendar.html",
        entries=found,
        labels=await _labels(parts, who, found),
        entry_kinds=ENTRY_KINDS,
        since=since,
        today=today,
        week=today + timedelta(days=7),
        next=f"{here}&after={following[0]}:{following[1]}" if following else None,
        first=here if after else None,
    )


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, calendar.WRITE)
    party = request.query_params.get("party")
    named = await reading.name_actors(parts, who, [checked_id(party)], None) if party else []
    values = empty_graded(parts, request) | {"parties": [one.id for one in named]}
    return _form(request, parts, who, values, {}, Picked(choices=tuple(named)))


@ROUTER.post("", response_class=HTMLResponse)
async def record(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, calendar.WRITE)
    ids, parties = await picked_many(parts, who, sent, "parties")
    values = _values(sent, ids)
    if parties.asks:
        return _form(request, parts, who, values, {"parties": CHOOSE}, parties)
    try:
        done = await calendar.record_entry(parts, who, _wish(parts, sent, ids))
    except (Invalid, NotFound, Conflict) as error:
        return _form(request, parts, who, values, advice(error, FIELDS), parties)
    return see_other(f"/registry/calendar/{done.answer['id']}", notice=N_("Dagen er registrert."))


@ROUTER.get("/{entry_id}", response_class=HTMLResponse)
async def show(request: Request, entry_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    entry = await calendar.read_entry(parts, who, checked_id(entry_id), purpose_of(request))
    return render(
        request,
        parts,
        who,
        "entry.html",
        entry=entry,
        labels=await _labels(parts, who, [entry]),
        entry_kinds=ENTRY_KINDS,
        entry_reasons=ENTRY_REASONS,
        handlings=HANDLINGS,
    )


@ROUTER.get("/{entry_id}/correction", response_class=HTMLResponse)
async def correcting(request: Request, entry_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, calendar.CORRECT)
    entry = await calendar.read_entry(parts, who, checked_id(entry_id), purpose_of(request))
    values = _as_it_stands(entry)
    scale = request.query_params.get("scale")
    if scale and scale != entry.grading.scale:
        values |= {"scale": scale, "source": "", "information": ""}
    named = await reading.name_actors(parts, who, entry.parties, None)
    return _form(request, parts, who, values, {}, Picked(choices=tuple(named)), entry)


@ROUTER.post("/{entry_id}/correction", response_class=HTMLResponse)
async def correct(request: Request, entry_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    policy.require(who, calendar.CORRECT)
    entry = await calendar.read_entry(parts, who, checked_id(entry_id), None)
    ids, parties = await picked_many(parts, who, sent, "parties")
    values = _values(sent, ids)
    if parties.asks:
        return _form(request, parts, who, values, {"parties": CHOOSE}, parties, entry)
    try:
        reason = _reason(text_of(sent, "reason"))
        wish = None if reason == "CANCELLED" else _wish(parts, sent, ids)
        kept = replace(wish, marks=Marks(wish.marks.handling, entry.marks.compartment)) if wish else None
        done = await calendar.correct_entry(parts, who, entry.id, reason, kept)
    except (Invalid, NotFound, Conflict) as error:
        return _form(request, parts, who, values, _advice(error), parties, entry)
    if done.answer["id"] is None:
        return see_other(f"/registry/calendar/{entry.id}", notice=N_("Dagen er avlyst."))
    return see_other(f"/registry/calendar/{done.answer['id']}", notice=N_("Dagen er rettet. Den gamle står med merke."))


def _advice(error: ForkantError) -> dict[str, str]:
    if error.field == "reason":
        return {"why": ADVICE["why"]}
    error.field = (error.field or "").removeprefix("replacement.") or None
    return advice(error, FIELDS)


def _reason(text: str) -> EntryReason:
    if text not in ENTRY_REASONS:
        raise Invalid("There is no such reason.", field="reason")
    return cast(EntryReason, text)


def _wish(parts: Any, sent: FormData, parties: Sequence[str]) -> EntryWish:
    kind = text_of(sent, "kind")
    if kind not in ENTRY_KINDS:
        raise Invalid("There is no such kind of day.", field="kind")
    on = _day_or_none(text_of(sent, "on"))
    if on is None:
        raise Invalid("This is not a day.", field="on")
    graded = graded_of(parts, sent, observed_at=parts.clock.now())
    return EntryWish(
        kind=cast(EntryKind, kind),
        on=on,
        parties=parties,
        grading=graded.grading,
        origin=graded.origin,
        note=text_of(sent, "note") or None,
        marks=graded.marks,
    )


def _values(sent: FormData, parties: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if isinstance(value, str)} | {"parties": list(parties)}


def _as_it_stands(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "on": entry.on.isoformat(),
        "parties": list(entry.parties),
        "scale": entry.grading.scale,
        "source": entry.grading.source,
        "information": entry.grading.information,
        "origin": entry.origin,
        "handling": entry.marks.handling,
        "note": entry.note or "",
    }


def _day_or_none(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _cursor(text: str | None) -> tuple[date, str] | None:
    day, _, entry_id = (text or "").partition(":")
    on = _day_or_none(day)
    return (on, checked_id(entry_id)) if on and entry_id else None


async def _labels(parts: Any, who: Principal, entries: Sequence[Entry]) -> dict[str, Any]:
    ids = sorted({party for entry in entries for party in entry.parties})
    named = await reading.name_actors(parts, who, ids, None) if ids else []
    return {one.id: one for one in named}


def _form(
    request: Request,
    parts: Any,
    who: Principal,
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    parties: Picked,
    entry: Entry | None = None,
) -> HTMLResponse:
    return render(
        request,
        parts,
        who,
        "entry_form.html",
        status_code=422 if errors else 200,
        values=values,
        errors=errors,
        parties=parties,
        entry=entry,
        scale=scale_of(reference_of(parts), values.get("scale")),
        entry_kinds=ENTRY_KINDS,
        entry_reasons=ENTRY_REASONS,
        handlings=HANDLINGS,
    )
