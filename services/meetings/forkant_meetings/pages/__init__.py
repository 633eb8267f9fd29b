"""The pages of meetings: the same commands and reads as the API, drawn for a phone and a desktop."""

from forkant_meetings.pages import calls, contact, dialogue, meeting, minutes, notes, overview, plan, promise
from forkant_meetings.pages.face import PAGES

# Fixed addresses before those with an id in them.
ROUTERS = (
    overview.ROUTER,
    contact.ROUTER,
    calls.ROUTER,
    plan.ROUTER,
    minutes.ROUTER,
    notes.ROUTER,
    meeting.ROUTER,
    promise.ROUTER,
    dialogue.ROUTER,
)

__all__ = ["PAGES", "ROUTERS"]
