"""`python -m forkant_threat_watch serve | migrate | audit | dead-letters | replay SCENARIO | triage | policy ACT`."""

from __future__ import annotations

import argparse
import sys

import forkant_threat_watch
from forkant_shared.command_line import command_line
from forkant_threat_watch.app import create_app
from forkant_threat_watch.commands.policy_command import add_policy
from forkant_threat_watch.commands.replaying import add_replay
from forkant_threat_watch.commands.text_lines import add_triage
from forkant_threat_watch.settings import Settings


def main() -> int:
    """Run the command in `sys.argv`; its exit code."""
    return command_line("threat-watch", forkant_threat_watch, Settings, create_app, _add)


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    add_replay(commands)
    add_triage(commands)
    add_policy(commands)


if __name__ == "__main__":
    sys.exit(main())
