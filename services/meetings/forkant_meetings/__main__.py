"""`python -m forkant_meetings serve | migrate | audit verify | dead-letters … | openapi`."""

from __future__ import annotations

import sys

import forkant_meetings
from forkant_meetings.app import create_app
from forkant_meetings.settings import Settings
from forkant_shared.command_line import command_line

if __name__ == "__main__":
    sys.exit(command_line("meetings", forkant_meetings, Settings, create_app))
