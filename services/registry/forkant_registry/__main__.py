"""`python -m forkant_registry serve | migrate | …`"""

from __future__ import annotations

import sys

import forkant_registry
from forkant_registry.app import NAME, create_app
from forkant_registry.settings import Settings
from forkant_shared.command_line import command_line


def main() -> int:
    """Run the command named on the command line; the exit code."""
    return command_line(NAME, forkant_registry, Settings, create_app)


if __name__ == "__main__":
    sys.exit(main())
