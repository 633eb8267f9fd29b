"""The routes of meetings under `/meetings/v1`: parse, call, answer."""

from forkant_meetings.api.calls import router as calls
from forkant_meetings.api.dialogues import router as dialogues
from forkant_meetings.api.meetings import router as meetings
from forkant_meetings.api.notes import router as notes
from forkant_meetings.api.planning import router as planning
from forkant_meetings.api.promises import router as promises
from forkant_meetings.api.reminders import router as reminders

ROUTERS = (dialogues, planning, calls, meetings, notes, promises, reminders)
