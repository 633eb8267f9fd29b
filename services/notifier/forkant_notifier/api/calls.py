"""The duty phone's call log over HTTP: `/notifier/v1/calls`. Also where a phone sends what it kept without network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import calling
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.domain.call import LONGEST, LONGEST_NAME, Caller, CallWish
from forkant_shared.errors import Conflict
from forkant_shared.fields import Moment
from forkant_shared.identity import Principal, SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/calls", tags=["calls"])

#: A phone that was away longer than this has a clock that was set, not a call that waited.
LONGEST_WAIT = 30 * 86_400
LONGEST_THREATENED = 200


class CallBody(Body):
    """Three questions. When it was is `called_at`, or `waited_seconds` before now, or now.

    `entered_by` is who wrote it: where that is not who sends it, nothing is kept (409).
    """

    caller: Literal["KNOWN", "UNKNOWN"]
    caller_name: Words | None = Field(default=None, max_length=LONGEST_NAME)
    caller_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] | None = None
    what: Words = Field(min_length=1, max_length=LONGEST)
    urgency: Literal["NOW", "SOON", "LATER"]
    violence: bool = False
    threatened: Words | None = Field(default=None, max_length=LONGEST_THREATENED)
    called_at: Moment | None = None
    waited_seconds: int = Field(default=0, ge=0, le=LONGEST_WAIT)
    page_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] | None = None
    entered_by: Words | None = Field(default=None, max_length=80)


class CallAnswer(BaseModel):
    """That there was a call. Who called and what was said is with meetings."""

    id: UUID
    called_at: datetime
    entered_at: datetime


@ROUTER.post("", status_code=201)
async def log_call(
    parts: PartsOf, who: SignedIn, body: CallBody, idempotency_key: Annotated[UUID, Header()]
) -> CallAnswer:
    """Keep a call. The key is the call's id: sent twice it is one call, and both get 201."""
    _by_the_same(who, body.entered_by)
    call = await calling.log_call(parts, who, _wish(parts, body, idempotency_key))
    return CallAnswer(id=UUID(call.id), called_at=call.called_at, entered_at=call.entered_at)


def _by_the_same(who: Principal, entered_by: str | None) -> None:
    if entered_by is not None and entered_by != who.subject:
        raise Conflict(
            "This was written by somebody else.",
            field="entered_by",
            remedy="Log in as the one who wrote it, and send it again.",
        )


def _wish(parts: NotifierParts, body: CallBody, key: UUID) -> CallWish:
    waited = timedelta(seconds=body.waited_seconds)
    return CallWish(
        caller=body.caller,
        what=body.what,
        urgency=body.urgency,
        violence=body.violence,
        called_at=body.called_at or parts.clock.now() - waited,
        page_id=body.page_id,
        who=Caller((body.caller_name or "").strip() or None, body.caller_id),
        form=str(key),
        threatened=(body.threatened or "").strip() or None,
    )
