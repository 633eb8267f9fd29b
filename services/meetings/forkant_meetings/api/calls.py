"""`/meetings/v1/contacts/calls`: calls for help that the duty desk hands over as operational contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from forkant_meetings.api.asked import After, Asking, Done, Limit, cursor, done
from forkant_meetings.api.fields import Id, Line, Moment, Said, Subject
from forkant_meetings.commands import calling
from forkant_meetings.domain.call import LONGEST, CallContact, Caller, CallWish, Urgency
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1/contacts/calls", tags=["calls"])


class CallerBody(Body):
    """Who called: the name as it was said, the actor where one was chosen. Both left out: nobody knows."""

    name: Line | None = None
    actor_id: Id | None = None


class CallBody(Body):
    """A call as the duty desk noted it; `entered_at` is later where it was entered from paper."""

    call_id: Id
    caller: CallerBody
    what: Annotated[Said, Field(max_length=LONGEST)]
    urgency: Annotated[Urgency, Field(strict=False)]
    violence: bool
    called_at: Moment
    entered_at: Moment
    entered_by: Subject

    def wish(self) -> CallWish:
        name = (self.caller.name or "").strip() or None
        return CallWish(
            call_id=self.call_id,
            caller=Caller(name, self.caller.actor_id),
            what=self.what,
            urgency=self.urgency,
            violence=self.violence,
            called_at=self.called_at,
            entered_at=self.entered_at,
            entered_by=self.entered_by,
        )


class CallerView(BaseModel):
    """Who called, as far as anybody knows."""

    name: str | None
    actor_id: str | None


class CallView(BaseModel):
    """An operational contact that a call opened."""

    id: str
    call_id: str
    caller: CallerView
    what: str
    urgency: Urgency
    violence: bool
    called_at: datetime
    entered_at: datetime
    entered_by: str
    received_at: datetime


class CallPage(BaseModel):
    """Some contacts; `next` asks for older ones."""

    items: list[CallView]
    next: str | None


@router.post("", status_code=201)
async def receive_call(parts: PartsOf, asking: Asking, body: CallBody, response: Response) -> Done:
    """Open the operational contact of a call; the same call opens one, however often it is sent."""
    receipt = await calling.receive_call(parts, asking, body.wish())
    return done(response, receipt, location="/meetings/v1/contacts/calls")


@router.get("")
async def list_calls(parts: PartsOf, who: SignedIn, after: After = None, limit: Limit = 50) -> CallPage:
    """Contacts that calls opened, the newest first."""
    found = await calling.list_calls(parts, who, before=cursor(after), limit=limit)
    return CallPage(items=[_view(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/{contact_id}")
async def get_call(parts: PartsOf, who: SignedIn, contact_id: UUID) -> CallView:
    """One contact, with who called."""
    return _view(await calling.read_call(parts, who, str(contact_id)))


def _view(contact: CallContact) -> CallView:
    wish = contact.wish
    return CallView(
        id=contact.id,
        call_id=wish.call_id,
        caller=CallerView(name=wish.caller.name, actor_id=wish.caller.actor_id),
        what=wish.what,
        urgency=wish.urgency,
        violence=wish.violence,
        called_at=wish.called_at,
        entered_at=wish.entered_at,
        entered_by=wish.entered_by,
        received_at=contact.received_at,
    )
