"""The replay: tell a scenario with a policy, or show which pages another policy would change."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_examples import failing_examples
from forkant_threat_watch.domain.replay import tell
from forkant_threat_watch.domain.verdict import differences, lines, page_changes
from forkant_threat_watch.store.policies import current_policy, read_policy, read_story

CURRENT = "current"


def add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put `replay SCENARIO [--policy FILE] [--against FILE] [--json]` among a command line's commands."""
    text = "tell a scenario with the engine and print what it says; 1 where it is not told as expected"
    parser = commands.add_parser("replay", help=text, description=text)
    parser.add_argument("scenario", type=Path, help="a scenario file")
    parser.add_argument("--policy", default=CURRENT, help="a policy file, or 'current'")
    parser.add_argument("--against", help="a policy file, or 'current': print only the pages that would change")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=lambda given: replay(given, sys.stdout, sys.stderr))


def replay(given: argparse.Namespace, out: TextIO, complaints: TextIO) -> int:
    """Run the command; its exit code. The same file and policy print the same bytes."""
    story, policy = read_story(given.scenario), _policy(given.policy)
    for failing in failing_examples(policy) if given.policy != CURRENT else ():
        print(f"This policy is not fit to be signed yet: {failing}", file=complaints)
    if given.against is not None:
        _print(page_changes(story, _policy(given.against), policy), out, as_json=given.json)
        return 0
    told = tell(story, policy)
    _print(lines(story, told, policy), out, as_json=given.json)
    found = differences(story, told)
    for difference in found:
        print(difference, file=complaints)
    return 1 if found else 0


def _policy(name: str) -> Policy:
    return current_policy() if name == CURRENT else read_policy(Path(name))


def _print(rows: Iterable[Mapping[str, Any]], out: TextIO, *, as_json: bool) -> None:
    for row in rows:
        if as_json:
            out.write(json.dumps(row, ensure_ascii=False, separators=(", ", ": ")) + "\n")
        else:
            out.write("  ".join(_shown(key, value) for key, value in row.items() if value not in (None, [], {})) + "\n")


def _shown(key: str, value: object) -> str:
    if key in ("at", "kind"):
        return str(value).ljust(25 if key == "at" else 12)
    return f"{key}={json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}"
