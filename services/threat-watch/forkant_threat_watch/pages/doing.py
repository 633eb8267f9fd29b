"""A form on a page of a threat is one act; what was wrong is said on the page, with what was written still in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.web import FORM_FIELD, form, see_other
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.pages import words
from forkant_threat_watch.pages.face import known_id, moment_of, text_of

Act = Callable[[ThreatWatchParts, Principal, str, FormData], Awaitable[object]]
Draw = Callable[..., Awaitable[HTMLResponse]]


def choice(sent: FormData, name: str, allowed: object) -> str:
    """The name of a member of `allowed` (an enumeration) that was chosen. Raises Invalid for anything else."""
    value = said_in(sent, name)
    if value not in getattr(allowed, "__members__", ()):
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of them.")
    return value


def said_in(sent: FormData, what: str) -> str:
    """What was written in the form's field of this kind; each form names its own so that no two on a page are one."""
    name = _named(sent, what)
    return "" if name is None else text_of(sent, name)


def moment_in(sent: FormData, what: str, parts: ThreatWatchParts) -> datetime:
    """The date and time in the form's field of this kind, in the unit's own time zone. Raises Invalid."""
    try:
        return moment_of(sent, _named(sent, what) or what, parts)
    except Invalid as error:
        raise Invalid(error.detail, field=what, remedy=error.remedy) from None


def number_in(sent: FormData, what: str) -> int:
    """The whole number in the form's field of this kind. Raises Invalid."""
    text = said_in(sent, what)
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Invalid("This is no whole number.", field=what, remedy="Write a whole number.")
    return int(text)


def id_in(sent: FormData, name: str) -> str:
    """The id in a hidden field. Raises NotFound where it is none."""
    return known_id(text_of(sent, name))


def _named(sent: FormData, what: str) -> str | None:
    return next((name for name in sent if name == what or name.split("-", 1)[0] == what), None)


async def attempt(
    request: Request,
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    name: str,
    acts: Mapping[str, tuple[Act, str]],
    draw: Draw,
    back: str,
) -> Response:
    """Do what the form of this name says, and go `back`; on a mistake the page again."""
    sent = await form(request)
    do, done = acts[name]
    try:
        await do(parts, who, threat_id, sent)
    except (Invalid, Conflict) as error:
        if error.field is None:
            raise
        errors = {error.field: words.ADVICE.get(error.field, error.detail)}
        # Boxes that were ticked come one value each; the template takes them apart again.
        given = {key: "\n".join(map(str, sent.getlist(key))) for key in sent if key != FORM_FIELD}
        return await draw(
            request, parts, who, threat_id, status_code=error.status, errors=errors, given=given, form=name
        )
    return see_other(back, notice=done)
