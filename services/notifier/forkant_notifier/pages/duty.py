"""The duty calendar: who now, who next; take it, cover it, ask for a swap, in one tap each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from forkant_notifier.commands import calendar, calendar_feed, covering, duty
from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import SwapState
from forkant_notifier.pages.face import PAGES, TIERS, moment_in_oslo
from forkant_shared.access import policy
from forkant_shared.errors import Invalid
from forkant_shared.fields import read_moment
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/duty", include_in_schema=False)

ANSWERED = {
    "ACCEPTED": N_("Byttet er gjort."),
    "DECLINED": N_("Du har sagt nei til byttet."),
    "WITHDRAWN": N_("Forespørselen er trukket."),
}


@ROUTER.get("", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    may = policy.allows(who, "notifier.duty.write")
    return PAGES.render(
        request,
        "duty.html",
        duty=await calendar.duty_now(parts, who),
        ahead=await calendar.calendar(parts, who),
        tiers=TIERS,
        may_take=may,
        may_plan=policy.allows(who, "notifier.duty.plan"),
        may_hand_over=policy.allows(who, "notifier.handover.read"),
        may_see_figures=policy.allows(who, "notifier.figure.read"),
        may_see_drills=policy.allows(who, "notifier.drill.read"),
        key_ends_at=await calendar_feed.key_ends_at(parts, who) if may else None,
    )


@ROUTER.get("/then", response_class=HTMLResponse)
async def then(request: Request, parts: PartsOf, who: PageUser, at: str = "") -> HTMLResponse:
    """Who was on duty at a time past, as it was then."""
    policy.require(who, "notifier.duty.read")
    found, error = None, None
    moment = moment_in_oslo(at) if at else None
    if at and moment is None:
        error = N_("Skriv dato og klokkeslett.")
    elif moment is not None:
        try:
            found = await calendar.duty_then(parts, who, moment)
        except Invalid:
            error = N_("Velg et tidspunkt nærmere nå.")
    status = 422 if error else 200
    return PAGES.render(request, "duty_then.html", status_code=status, duty=found, at=at, error=error, tiers=TIERS)


@ROUTER.post("/take-over")
async def take_over(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """The one who presses the button has the tier from now, for as long as the rules say."""
    given = await web_form(request)
    await duty.take_over(parts, who, _tier(given), revision=_revision(given))
    return see_other("/notifier/duty", notice=N_("Du har vakten nå. Under står hvor lenge."))


@ROUTER.post("/cover")
async def cover(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    """The one who presses the button has this shift."""
    given = await web_form(request)
    shift = _shift(given)
    wish = covering.CoverWish(shift.tier, shift.users[0], max(shift.since, parts.clock.now()), shift.until)
    await covering.cover(parts, who, wish, revision=_revision(given))
    return see_other("/notifier/duty", notice=N_("Du har tatt vakta."))


@ROUTER.post("/overrides/{override_id}/end")
async def give_back(request: Request, parts: PartsOf, who: PageUser, override_id: UUID) -> RedirectResponse:
    await web_form(request)
    await covering.give_back(parts, who, str(override_id))
    return see_other("/notifier/duty", notice=N_("Vakta går etter lista igjen."))


@ROUTER.get("/swaps/new", response_class=HTMLResponse)
async def blank_swap(
    request: Request, parts: PartsOf, who: PageUser, tier: int = 0, since: str = "", until: str = ""
) -> HTMLResponse:
    """Whom to ask: the colleagues' shifts of the weeks to come, or anybody."""
    policy.require(who, "notifier.duty.write")
    found = await calendar.calendar(parts, who, days=28)
    begin, end = _moment(since, "since"), _moment(until, "until")
    others: list[tuple[str, Shift]] = [
        (f"{shift.tier}|{shift.users[0]}|{shift.since.isoformat()}|{shift.until.isoformat()}", shift)
        for shift in found.shifts
        if len(shift.users) == 1 and shift.users[0] != who.subject
    ]
    told: dict[str, Any] = {"tier": tier, "since": begin, "until": end, "others": others, "book": found.book}
    return PAGES.render(request, "swap.html", tiers=TIERS, **told)


@ROUTER.post("/swaps/new")
async def ask_swap(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    given = await web_form(request)
    own, theirs = _shift(given, user=who.subject), None
    chosen = str(given.get("theirs") or "")
    if chosen:
        tier, user, since, until = [*chosen.replace("\0", "").split("|"), "", "", ""][:4]
        theirs = Shift(_number(tier, "theirs"), (user,), _moment(since, "theirs"), _moment(until, "theirs"))
    await covering.ask_swap(parts, who, own, theirs)
    return see_other("/notifier/duty", notice=N_("Forespørselen er sendt; den står på vaktlista."))


@ROUTER.post("/swaps/{swap_id}/answer")
async def answer_swap(request: Request, parts: PartsOf, who: PageUser, swap_id: UUID) -> RedirectResponse:
    given = await web_form(request)
    state = str(given.get("state"))
    if state not in ANSWERED:
        raise Invalid("There is no such answer.", field="state")
    await covering.answer_swap(parts, who, str(swap_id), SwapState(state))
    return see_other("/notifier/duty", notice=ANSWERED[state])


@ROUTER.post("/calendar-key", response_class=HTMLResponse)
async def make_key(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """The secret is shown once, on the answer to the post, and stands in no address."""
    await web_form(request)
    return PAGES.render(request, "calendar_key.html", key=await calendar_feed.make_key(parts, who))


@ROUTER.post("/calendar-key/end")
async def forget_key(request: Request, parts: PartsOf, who: PageUser) -> RedirectResponse:
    await web_form(request)
    await calendar_feed.forget_key(parts, who)
    return see_other("/notifier/duty", notice=N_("Kalenderen er stengt."))


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid("That is not a number.", field=field)
    return int(text)


def _tier(given: FormData) -> int:
    tier = str(given.get("tier"))
    if tier not in ("1", "2", "3"):
        raise Invalid("There is no such tier.", field="tier")
    return int(tier)


def _revision(given: FormData) -> int | None:
    text = str(given.get("revision") or "")
    return _number(text, "revision") if text else None


def _moment(text: str, field: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError as error:
        raise Invalid("There is no such time.", field=field, remedy="Choose a shift in the calendar.") from error


def _shift(given: FormData, user: str | None = None) -> Shift:
    holder = user or str(given.get("user") or "").replace("\0", "")
    since, until = (_moment(str(given.get(name) or ""), name) for name in ("since", "until"))
    return Shift(_tier(given), (holder,), since, until)
