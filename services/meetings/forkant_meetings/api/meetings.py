"""`/meetings/v1/meetings`: what they are, and each step they take."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from forkant_meetings.api import views
from forkant_meetings.api.asked import After, Asking, Done, Limit, cursor, done, etag
from forkant_meetings.api.fields import Moment, Said
from forkant_meetings.api.views import CheckView, MeetingAnswer, MeetingPage, MinutesView, OverrideCount
from forkant_meetings.commands import meetings as commands
from forkant_meetings.commands import minutes, reading
from forkant_meetings.domain.meeting import CheckCode, State
from forkant_meetings.domain.minutes import Climate
from forkant_meetings.store.meetings import Wanted
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/meetings/v1", tags=["meetings"])


class Reason(Body):
    """A check that is let pass, and why."""

    check: Annotated[CheckCode, Field(strict=False)]
    reason: Said


class Confirm(Body):
    """The checks that are let pass; every one is a record and counted."""

    overrides: list[Reason] = Field(default_factory=list, max_length=20)


class Hold(Body):
    """When it took place."""

    held_at: Moment


class End(Body):
    """Why it ended early."""

    reason: Said


class Text(Body):
    """What was said."""

    text: Said


class WrittenMinutes(Text):
    """What was said, and the climate from -2 to 2: as we felt it, and as they said it."""

    climate_ours: Annotated[int, Field(ge=-2, le=2)] | None = None
    climate_theirs: Annotated[int, Field(ge=-2, le=2)] | None = None


class CorrectedClimate(Body):
    """The climate that holds instead; null says that nobody said anything of it."""

    ours: Annotated[int, Field(ge=-2, le=2)] | None = None
    theirs: Annotated[int, Field(ge=-2, le=2)] | None = None


class CorrectedMinutes(Text):
    """What is right, in words; with `climate` that is corrected too."""

    climate: CorrectedClimate | None = None


@router.get("/meetings")
async def list_meetings(
    parts: PartsOf,
    who: SignedIn,
    dialogue_id: UUID | None = None,
    threat_id: UUID | None = None,
    state: Annotated[list[State] | None, Query(max_length=8)] = None,
    starts_from: Annotated[Moment | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> MeetingPage:
    """Meetings, by id."""
    wanted = Wanted(cursor(dialogue_id), cursor(threat_id), tuple(state or ()), starts_from)
    found = await reading.list_meetings(parts, who, wanted, after=cursor(after), limit=limit)
    return MeetingPage(items=[views.meeting(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/meetings/{meeting_id}")
async def get_meeting(parts: PartsOf, who: SignedIn, meeting_id: UUID, response: Response) -> MeetingAnswer:
    """A meeting and how it stands against its checks."""
    found = await reading.read_meeting(parts, who, str(meeting_id))
    response.headers["etag"] = etag(found.meeting.version)
    return views.whole_meeting(found)


@router.get("/meetings/{meeting_id}/checks")
async def get_checks(parts: PartsOf, who: SignedIn, meeting_id: UUID) -> list[CheckView]:
    """What is looked at before the meeting is confirmed; empty once it is held or over."""
    found = await reading.read_meeting(parts, who, str(meeting_id))
    return [views.check(one) for one in found.checks]


@router.get("/override-counts")
async def override_counts(
    parts: PartsOf, who: SignedIn, days: Annotated[int, Query(ge=1, le=3650)] = 90
) -> list[OverrideCount]:
    """How often each check was let pass in the last days."""
    since = parts.clock.now() - timedelta(days=days)
    counts = await reading.count_overrides(parts, who, since)
    return [OverrideCount(check=CheckCode(check), count=count) for check, count in counts.items()]


@router.post("/meetings/{meeting_id}/confirmation")
async def confirm_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, body: Confirm, response: Response) -> Done:
    """Say that the meeting will be held. 409 names the first check that does not pass."""
    reasons = {one.check: one.reason for one in body.overrides}
    if len(reasons) != len(body.overrides):
        raise Invalid("A check is named twice.", field="overrides", remedy="Give one reason for each check.")
    return done(response, await commands.confirm_meeting(parts, asking, str(meeting_id), reasons))


@router.post("/meetings/{meeting_id}/holding")
async def hold_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, body: Hold, response: Response) -> Done:
    """Record that the meeting took place."""
    return done(response, await commands.hold_meeting(parts, asking, str(meeting_id), body.held_at))


@router.post("/meetings/{meeting_id}/cancellation")
async def cancel_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, body: End, response: Response) -> Done:
    """Say, with a reason, that it will not take place."""
    return done(response, await commands.cancel_meeting(parts, asking, str(meeting_id), body.reason))


@router.post("/meetings/{meeting_id}/break-off")
async def break_off_meeting(parts: PartsOf, asking: Asking, meeting_id: UUID, body: End, response: Response) -> Done:
    """Say, with a reason, that it began and was broken off."""
    return done(response, await commands.break_off_meeting(parts, asking, str(meeting_id), body.reason))


@router.get("/meetings/{meeting_id}/minutes")
async def get_minutes(parts: PartsOf, who: SignedIn, meeting_id: UUID) -> MinutesView:
    """The minutes with their corrections."""
    found = await reading.read_meeting(parts, who, str(meeting_id), minutes=True)
    if found.meeting.minutes is None:
        raise NotFound("There is no such thing.")
    return views.minutes(found.meeting.minutes)


@router.post("/meetings/{meeting_id}/minutes")
async def write_minutes(
    parts: PartsOf, asking: Asking, meeting_id: UUID, body: WrittenMinutes, response: Response
) -> Done:
    """Lay down what was said; the one who asks is the author."""
    climate = Climate(body.climate_ours, body.climate_theirs)
    return done(response, await minutes.write_minutes(parts, asking, str(meeting_id), body.text, climate))


@router.post("/meetings/{meeting_id}/minutes/corrections")
async def correct_minutes(
    parts: PartsOf, asking: Asking, meeting_id: UUID, body: CorrectedMinutes, response: Response
) -> Done:
    """Add a correction; what was written stays. A corrected climate holds when the correction is approved."""
    climate = Climate(body.climate.ours, body.climate.theirs) if body.climate else None
    return done(response, await minutes.correct_minutes(parts, asking, str(meeting_id), body.text, climate))


@router.post("/meetings/{meeting_id}/minutes/approval")
async def approve_minutes(parts: PartsOf, asking: Asking, meeting_id: UUID, response: Response) -> Done:
    """Approve the minutes, and corrections that wait, as the second representative."""
    return done(response, await minutes.approve_minutes(parts, asking, str(meeting_id)))
