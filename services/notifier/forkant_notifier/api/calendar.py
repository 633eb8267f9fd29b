"""One's own shifts for a calendar program: `/notifier/v1/duty/calendar.ics`, opened by a name and a secret."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from forkant_notifier.commands import calendar_feed
from forkant_shared.errors import Unauthenticated
from forkant_shared.identity import SignedIn
from forkant_shared.problems import problem
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/duty", tags=["duty"])


class KeyAnswer(BaseModel):
    """What to write into the calendar program; the secret is shown this once."""

    url: str
    user: str
    secret: str
    ends_at: datetime


class CalendarAnswer(Response):
    """An iCalendar document."""

    media_type = "text/calendar; charset=utf-8"


@ROUTER.post("/calendar-key", status_code=201)
async def make_key(parts: PartsOf, who: SignedIn) -> KeyAnswer:
    """Open one's calendar with a new secret."""
    made = await calendar_feed.make_key(parts, who)
    return KeyAnswer(url=made.url, user=made.user, secret=made.secret, ends_at=made.ends_at)


@ROUTER.delete("/calendar-key", status_code=204)
async def forget_key(parts: PartsOf, who: SignedIn) -> None:
    """Close one's calendar."""
    await calendar_feed.forget_key(parts, who)


@ROUTER.get("/calendar.ics", response_class=CalendarAnswer)
async def calendar(request: Request, parts: PartsOf) -> Response:
    """One's own shifts, by HTTP Basic authentication: an address is logged on its way, a header is not."""
    try:
        user, secret = _basic(request.headers.get("authorization", ""))
        body = await calendar_feed.feed(parts, user, secret)
    except Unauthenticated as error:
        asked = {"www-authenticate": 'Basic realm="Forkant", charset="UTF-8"'}
        return problem(error.status, error.title, error.detail, headers=asked)
    return CalendarAnswer(body, headers={"cache-control": "private, no-store"})


def _basic(header: str) -> tuple[str, str]:
    scheme, _, told = header.partition(" ")
    try:
        text = base64.b64decode(told.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    user, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon or "\0" in text or len(text) > 300:
        raise Unauthenticated("A calendar is opened with a user and a secret.")
    return user, secret
