"""The first page: what is coming, what was promised, what is late."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from forkant_meetings.commands import falling_due, reading
from forkant_meetings.pages.face import known_id, labels, render
from forkant_shared.service import PartsOf
from forkant_shared.web import PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings", include_in_schema=False)
ON_A_PAGE = 50


@ROUTER.get("/", response_class=HTMLResponse)
async def front(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    after = request.query_params.get("after")
    found = await reading.overview(parts, who, after=known_id(after) if after else None, limit=ON_A_PAGE)
    named = await labels(request, parts, found.groups.values())
    return render(
        request,
        parts,
        who,
        "overview.html",
        found=found,
        named=named,
        group_of=lambda dialogue_id: named.of(found.groups[dialogue_id]),
        reminder_link=_reminder_link,
        next=f"/meetings/?after={found.dialogues[-1].id}" if found.more_dialogues else None,
        first="/meetings/" if after else None,
    )


@ROUTER.post("/reminders/{reminder_id}/seen")
async def seen(request: Request, reminder_id: str, parts: PartsOf, who: PageUser) -> Response:
    await form(request)
    await falling_due.see_reminder(parts, who, known_id(reminder_id))
    return see_other("/meetings/")


def _reminder_link(kind: str, object_id: str) -> str:
    if kind.startswith("PROMISE_"):
        return f"/meetings/promises/{object_id}"
    return f"/meetings/dialogues/{object_id}" if kind == "CONTACT_OVERDUE" else f"/meetings/meetings/{object_id}"
