"""`python -m forkant_threat_watch`: see `--help`."""

from __future__ import annotations

import argparse
import sys

from forkant_shared.errors import ForkantError
from forkant_threat_watch.commands.replaying import add_replay


def main() -> int:
    """Run the command in `sys.argv`; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m forkant_threat_watch")
    add_replay(parser.add_subparsers(required=True, metavar="COMMAND"))
    given = parser.parse_args()
    try:
        return int(given.run(given))
    except ForkantError as error:
        print(f"{error.detail} {error.remedy or ''}".strip(), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
