"""`/meetings/v1/reminders`: what the one who asks has to be reminded of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from forkant_meetings.api.asked import After, Done, Limit, cursor
from forkant_meetings.commands import falling_due, reading
from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1/reminders", tags=["reminders"])


class ReminderView(BaseModel):
    """One thing: what it is about (`object_id`, a promise, meeting or dialogue by `kind`), since when."""

    id: str
    kind: str
    object_id: str
    at: datetime


class ReminderPage(BaseModel):
    """Some reminders; `next` asks for more."""

    items: list[ReminderView]
    next: str | None


@router.get("")
async def list_reminders(parts: PartsOf, who: SignedIn, after: After = None, limit: Limit = 50) -> ReminderPage:
    """One's own reminders that one has not said to have seen, the oldest first."""
    found = await reading.own_reminders(parts, who, after=cursor(after), limit=limit)
    return ReminderPage(
        items=[ReminderView(id=one.id, kind=one.kind, object_id=one.object_id, at=one.at) for one in found],
        next=found[-1].id if len(found) == limit else None,
    )


@router.put("/{reminder_id}/seen")
async def see_reminder(parts: PartsOf, who: SignedIn, reminder_id: UUID) -> Done:
    """Say that one has seen it. May be said again."""
    receipt = await falling_due.see_reminder(parts, who, str(reminder_id))
    return Done(id=receipt.id, state=receipt.state, version=receipt.version)
