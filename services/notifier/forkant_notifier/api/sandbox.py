"""The fake phones: public contract 5. Embedded mode and trial only; a phone does not log in, nor does this."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import answering
from forkant_notifier.store import sandbox
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/sandbox", tags=["sandbox"])
MOST = 10_000


class MessageAnswer(BaseModel):
    """What a fake phone got."""

    id: UUID
    to: str
    channel: str
    body: str
    at: datetime


class ReplyBody(Body):
    """An answer as the phone would send it."""

    sender: Words = Field(alias="from", min_length=1, max_length=200)
    body: Words = Field(max_length=1000)


class ReplyAnswer(BaseModel):
    """What it was understood as; null where it was not, or the number is nobody's."""

    answer: str | None
    page_id: UUID | None


_SHAPE = re.compile(r"\s*(\d{4}-\d\d-\d\d[Tt ]|[0-9a-fA-F]{8}-)")


def _as_sent(value: Any) -> Any:
    """A plus sign that nobody quoted arrives as a space; a bare number is neither a time nor an id."""
    if not isinstance(value, str):
        return value
    if not _SHAPE.match(value):
        raise ValueError("a time as 2026-11-20T21:15:00+01:00, or the id of a message")
    return value.strip().replace(" ", "+")


Since = Annotated[UUID | AwareDatetime, BeforeValidator(_as_sent)]


@ROUTER.get("/messages")
async def list_messages(
    parts: PartsOf,
    since: Annotated[Since | None, Query(description="a time, or the id of the last message seen")] = None,
) -> list[MessageAnswer]:
    """What the fake phones got, oldest first."""
    after = since if isinstance(since, datetime) else None
    after_id = str(since) if isinstance(since, UUID) else None
    async with parts.database.read() as session:
        found = await sandbox.messages(session, after=after, after_id=after_id, limit=MOST)
    return [MessageAnswer(id=UUID(m.id), to=m.to, channel=m.channel, body=m.body, at=m.at) for m in found]


@ROUTER.post("/replies")
async def reply(parts: PartsOf, body: ReplyBody) -> ReplyAnswer:
    """Answer as the phone would."""
    outcome = await answering.answer_by_reply(parts, body.sender, body.body)
    return ReplyAnswer(
        answer=outcome.answer.value if outcome.answer else None,
        page_id=UUID(outcome.page.id) if outcome.page else None,
    )
