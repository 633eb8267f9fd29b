"""The fake phones: public contract 5. Embedded mode and trial only; a phone does not log in, nor does this."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from forkant_notifier.commands import answering
from forkant_notifier.store import sandbox
from forkant_shared.errors import Invalid
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

    sender: str = Field(alias="from", min_length=1, max_length=200)
    body: str = Field(max_length=1000)


class ReplyAnswer(BaseModel):
    """What it was understood as; null where it was not, or the number is nobody's."""

    answer: str | None
    page_id: UUID | None


@ROUTER.get("/messages")
async def list_messages(
    parts: PartsOf, since: Annotated[str | None, Query(description="a time, or the id of the last message seen")] = None
) -> list[MessageAnswer]:
    """What the fake phones got, oldest first."""
    after, after_id = _since(since)
    async with parts.database.read() as session:
        found = await sandbox.messages(session, after=after, after_id=after_id, limit=MOST)
    return [MessageAnswer(id=UUID(m.id), to=m.to, channel=m.channel, body=m.body, at=m.at) for m in found]


def _since(value: str | None) -> tuple[datetime | None, str | None]:
    if not value:
        return None, None
    try:
        return None, str(UUID(value))
    except ValueError:
        pass
    try:
        # A plus sign that nobody quoted arrives as a space.
        moment = datetime.fromisoformat(value.strip().replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(
            "This is neither a time nor the id of a message.",
            field="since",
            remedy="Send a time as 2026-11-20T21:15:00+01:00.",
        )
    return moment, None


@ROUTER.post("/replies")
async def reply(parts: PartsOf, body: ReplyBody) -> ReplyAnswer:
    """Answer as the phone would."""
    outcome = await answering.answer_by_reply(parts, body.sender, body.body)
    return ReplyAnswer(
        answer=outcome.answer.value if outcome.answer else None,
        page_id=UUID(outcome.page.id) if outcome.page else None,
    )
