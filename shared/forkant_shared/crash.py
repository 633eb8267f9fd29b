"""Named places where a process may be told to die, so that tests can kill it between any two lines.

`FORKANT_CRASH_AT=relay-published` ends the process there with SIGKILL, as a power cut would. Read once, when the module
is first used; a name that stands nowhere does nothing.
"""

from __future__ import annotations

import os
import signal

CRASH_AT = os.environ.get("FORKANT_CRASH_AT")


def crash_point(name: str) -> None:
    """Die here if the environment asks for it."""
    if name == CRASH_AT:
        os.kill(os.getpid(), signal.SIGKILL)
