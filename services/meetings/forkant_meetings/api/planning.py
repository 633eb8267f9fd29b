"""`POST /meetings/v1/meetings` and how a plan changes; `/meetings/v1/contacts` for what nobody could plan."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from forkant_meetings.api.asked import Asking, Done, done
from forkant_meetings.api.fields import Id, Line, Moment
from forkant_meetings.api.plan import PlanBody
from forkant_meetings.commands import planning as commands
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1", tags=["meetings"])


class DraftMeeting(PlanBody):
    """A meeting of a dialogue; PLANNED when its time, place and people are settled."""

    dialogue_id: Id
    state: Literal["DRAFT", "PLANNED"] = "DRAFT"


class LogContact(PlanBody):
    """An operational contact that has taken place. Without representatives: who logs it. Without `decided_by`: too."""

    dialogue_id: Id
    held_at: Moment
    decided_by: Line = ""


@router.post("/meetings", status_code=201)
async def draft_meeting(parts: PartsOf, asking: Asking, body: DraftMeeting, response: Response) -> Done:
    """Begin to plan a meeting, or plan it at once."""
    receipt = await commands.draft_meeting(
        parts, asking, body.dialogue_id, body.plan(), planned=body.state == "PLANNED"
    )
    return done(response, receipt, location="/meetings/v1/meetings")


@router.put("/meetings/{meeting_id}/plan")
async def revise_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, body: PlanBody, response: Response) -> Done:
    """Plan the meeting anew; a confirmed one must be confirmed again."""
    return done(response, await commands.revise_meeting(parts, asking, str(meeting_id), body.plan()))


@router.post("/meetings/{meeting_id}/planning")
async def plan_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, response: Response) -> Done:
    """Say that a draft has its time, place and people."""
    return done(response, await commands.plan_meeting(parts, asking, str(meeting_id)))


@router.post("/contacts", status_code=201)
async def log_contact(parts: PartsOf, asking: Asking, body: LogContact, response: Response) -> Done:
    """Log an operational contact or a meeting at short notice afterwards, straight to HELD."""
    receipt = await commands.log_contact(
        parts, asking, body.dialogue_id, body.plan(), body.held_at, body.decided_by.strip()
    )
    return done(response, receipt, location="/meetings/v1/meetings")
