"""What all pages of meetings share: drawing, reading forms, and saying what is wrong in the form's own words."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from forkant_meetings import clients
from forkant_meetings.clients import Labels
from forkant_meetings.commands.asking import Asked, MeetingsParts, working_values
from forkant_meetings.pages import words
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import ForkantError, Invalid, NotFound
from forkant_shared.identity import COOKIE, Principal
from forkant_shared.web import FORM_FIELD, Pages

PAGES = Pages("forkant_meetings", service="meetings")
LONGEST_TEXT = 20_000
LONGEST_LINE = 200

E = TypeVar("E", bound=StrEnum)


class Said(dict[str, Any]):
    """What a form holds or what is wrong with it, by field; nothing for a field nobody spoke of."""

    def __missing__(self, name: str) -> str:
        return ""


def render(
    request: Request, parts: MeetingsParts, who: Principal, template: str, *, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """A page of meetings: the codes' words, what `who` may do, and a fresh key for each form."""
    now = parts.clock.now()
    given = {
        "words": words,
        "may": lambda action: policy.allows(who, f"meetings.{action}"),
        "today": working_values(parts).local_day(now),
        "form_key": new_id,
        "short_day": lambda day: None if day is None else f"{day:%d.%m.%Y}",
        "local_input": lambda moment: _as_input(parts, moment),
    }
    said = {name: Said(context.pop(name, {})) for name in ("errors", "values")}
    return PAGES.render(request, template, status_code=status_code, **(given | context | said))


async def labels(request: Request, parts: MeetingsParts, actor_ids: Collection[str]) -> Labels:
    """What the one who looks may know these actors as."""
    return await clients.names(parts, token_of(request), actor_ids)


def token_of(request: Request) -> str:
    """The token the browser (or a program) came with; meant for asking other services in the same name."""
    header = request.headers.get("authorization", "")
    return header.partition(" ")[2].strip() if header else request.cookies.get(COOKIE, "")


def known_id(text: str) -> str:
    """The id in its one form. Raises NotFound where it is none: such an address leads nowhere."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("There is no such thing.") from None


def asked(who: Principal, sent: FormData, *, on_version: bool = True) -> Asked:
    """How a form asks: once for its key, and on the version it was drawn from."""
    key = text_of(sent, "key")
    fields = sorted((name, str(value)) for name, value in sent.multi_items() if name not in (FORM_FIELD, "key"))
    digest = hashlib.sha256(repr(fields).encode()).hexdigest()
    version = text_of(sent, "version")
    expected = int(version) if on_version and version.isdigit() and len(version) <= 18 else None
    return Asked(who, f"page:{key}"[:200] if key.isprintable() and key else None, digest, expected)


def text_of(sent: FormData, name: str, *, longest: int = LONGEST_TEXT) -> str:
    """A field as text, empty where it was not sent. Raises Invalid where it is too long."""
    value = sent.get(name)
    text = value.replace("\x00", "").strip() if isinstance(value, str) else ""
    if len(text) > longest:
        raise Invalid("The text is too long.", field=name, remedy="Shorten the text.")
    return text


def line_of(sent: FormData, name: str) -> str:
    """A field that is one line of text."""
    return text_of(sent, name, longest=LONGEST_LINE)


def many_of(sent: FormData, name: str) -> list[str]:
    """All values of a field."""
    return [value for value in sent.getlist(name) if isinstance(value, str) and value]


def choice_of(sent: FormData, name: str, kind: type[E]) -> E:
    """A field that is one of these. Raises Invalid for another."""
    try:
        return kind(text_of(sent, name))
    except ValueError:
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of the values.") from None


def choice_or_none(sent: FormData, name: str, kind: type[E]) -> E | None:
    """The same, or nothing."""
    return choice_of(sent, name, kind) if text_of(sent, name) else None


def number_of(sent: FormData, name: str, *, least: int, most: int) -> int:
    """A whole number. Raises Invalid for anything else, or one outside the bounds."""
    text = text_of(sent, name)
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not least <= int(text) <= most:
        raise Invalid("This is not a number that fits.", field=name, remedy="Write a number.")
    return int(text)


def moment_of(parts: MeetingsParts, sent: FormData, name: str) -> datetime | None:
    """The clock on the wall where the unit works, in UTC; None where nothing was written. Raises Invalid."""
    text = text_of(sent, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=working_values(parts).zone)
    except ValueError:
        raise Invalid("This is not a time.", field=name, remedy="Write a time.") from None
    if not 1900 <= found.year <= 2200:
        raise Invalid("This is not a time.", field=name, remedy="Write a time.")
    return found.astimezone(UTC)


def day_of(sent: FormData, name: str) -> date | None:
    """A day; None where nothing was written. Raises Invalid."""
    text = text_of(sent, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("This is not a day.", field=name, remedy="Write a day.") from None


def id_of(sent: FormData, name: str) -> str | None:
    """An id that was chosen; None where none was. Raises Invalid."""
    text = text_of(sent, name)
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise Invalid("This is none of the values.", field=name, remedy="Choose one of the values.") from None


def sent_back(sent: FormData) -> dict[str, Any]:
    """What was written, to be shown again; fields sent more than once as lists under `<name>[]`."""
    one = {name: value for name, value in sent.items() if isinstance(value, str)}
    many = {f"{name}[]": many_of(sent, name) for name in sent}
    return one | many


def advice(error: ForkantError, fields: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field of the form → what to do. `fields` says which field of the form stands for one of the wish."""
    name = error.field or "form"
    if name.startswith("checks."):
        return {f"reason-{name[7:]}": words.CHECK_REMEDIES[name[7:]]}
    return {(fields or {}).get(name, name): words.SENTENCES.get(error.remedy or "", words.OTHERWISE)}


def _as_input(parts: MeetingsParts, moment: datetime | None) -> str:
    """A moment as `datetime-local` takes it."""
    return "" if moment is None else moment.astimezone(working_values(parts).zone).strftime("%Y-%m-%dT%H:%M")
