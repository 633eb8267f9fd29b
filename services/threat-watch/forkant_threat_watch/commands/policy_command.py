"""`policy …`: the workbench from a terminal.

`check` and `try` need nothing but files. All other acts go through the API of a running service, with the token of
whoever does them, so that a right, a second signature and the audit log are the same as on the page.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import httpx2 as httpx

from forkant_shared.errors import Invalid
from forkant_threat_watch.commands import policy_remote
from forkant_threat_watch.commands.policy_comparing import compare_texts
from forkant_threat_watch.commands.policy_drafting import UNSIGNED, examined
from forkant_threat_watch.store import policies
from forkant_threat_watch.store.workbench_rules import current as rules
from forkant_threat_watch.store.yaml_files import read_text

URL, TOKEN = "FORKANT_URL", "FORKANT_TOKEN"
TIMEOUT_SECONDS = 60.0
CURRENT = "current"

Act = Callable[[httpx.AsyncClient, argparse.Namespace, TextIO], Awaitable[Any]]


def add_policy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Put `policy ACT …` among a command line's commands."""
    text = "the policy workbench: check, try, draft, compare, sign, adopt, go back"
    parser = commands.add_parser("policy", help=text, description=f"{text}. {__doc__}")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    _add_local(acts)
    for name, (act, help_, words) in REMOTE.items():
        made = acts.add_parser(name, help=help_, description=help_)
        for flags, options in words:
            made.add_argument(*flags, **options)
        made.add_argument("--url", default=os.environ.get(URL), help=f"where Forkant answers; else ${URL}")
        made.add_argument("--token-file", type=Path, help=f"a file with your token; else ${TOKEN}")
        made.add_argument("--json", action="store_true", help="what the service answered, as one JSON object")
        made.set_defaults(run=_remote(act))


def _add_local(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "read a draft and tell every rule's examples; 1 where one does not hold, 2 for what is no policy"
    check = acts.add_parser("check", help=text, description=text)
    check.add_argument("file", type=Path, help="a policy file, with or without a signature line")
    check.set_defaults(run=lambda given: check_file(given.file, sys.stdout))
    text = "tell scenario files under a draft and under another policy: pages, levels, weeks; nothing is stored"
    tried = acts.add_parser("try", help=text, description=text)
    tried.add_argument("file", type=Path, help="a policy file")
    tried.add_argument("scenarios", type=Path, nargs="+", help="scenario files")
    tried.add_argument("--against", default=CURRENT, help="a policy file, or 'current': that of this release")
    tried.add_argument("--json", action="store_true", help="one JSON object")
    tried.set_defaults(run=lambda given: try_file(given, sys.stdout, sys.stderr))


def check_file(path: Path, out: TextIO) -> int:
    """Read a policy file and tell its examples; the exit code. Raises Invalid with line and remedy."""
    text, signed = _text_of(path)
    found = examined(text, path.name, policies.current_policy(), signed)
    for example in found.examples:
        if not example["holds"]:
            where = f"Line {example['line']}, {example['rule']} {example['kind']}[{example['place']}]"
            out.write(f"{where}: does not hold; it fired {example['fired']} times.\n")
    held = len(found.examples) - found.failing
    out.write(f"{found.policy.version}: {held} of {len(found.examples)} examples hold.\n")
    return 1 if found.failing else 0


def _text_of(path: Path) -> tuple[str, Any]:
    """A file's text, and whether its signature stands in it (None) or not yet anywhere."""
    text = read_text(path, largest=rules().largest_policy)
    written = any(line.startswith(("signed_by:", "signed_on:")) for line in text.splitlines())
    return text, None if written else UNSIGNED


def try_file(given: argparse.Namespace, out: TextIO, progress: TextIO) -> int:
    """Tell scenarios under two policies and print what differs; the exit code. Raises Invalid."""
    before = (
        policies.of_release()[policies.CURRENT] if given.against == CURRENT else policies.of_file(Path(given.against))
    )
    text, signed = _text_of(given.file)
    if signed is None:
        text = policies.of_file(given.file).text
    stories = [{"name": path.stem, "text": read_text(path, largest=rules().largest_scenario)}
               for path in given.scenarios]  # fmt: skip

    async def told(done: int, total: int) -> None:
        policy_remote.say_progress(done, total, progress)

    result = asyncio.run(compare_texts(before, text, [before], {"source": "SCENARIOS", "stories": stories}, told))
    policy_remote.end_progress(progress)
    _print({"result": result}, out, as_json=given.json)
    return 0


def _remote(act: Act) -> Callable[[argparse.Namespace], int]:
    async def run(given: argparse.Namespace) -> int:
        if not given.url:
            raise Invalid("It is not known where Forkant answers.", remedy=f"Give --url, or set {URL}.")
        headers = {"Authorization": f"Bearer {_token(given.token_file)}"}
        async with httpx.AsyncClient(base_url=given.url, headers=headers, timeout=TIMEOUT_SECONDS) as client:
            return await remotely(act, client, given, sys.stdout, sys.stderr)

    return lambda given: asyncio.run(run(given))


def _token(file: Path | None) -> str:
    token = read_text(file).strip() if file is not None else os.environ.get(TOKEN, "").strip()
    if not token:
        raise Invalid("Nobody is signed in.", remedy=f"Give --token-file, or set {TOKEN}.")
    return token


async def remotely(
    act: Act, client: httpx.AsyncClient, given: argparse.Namespace, out: TextIO, progress: TextIO
) -> int:
    """Do an act through the API and print what came of it; the exit code. Raises ForkantError as the API said it."""
    try:
        answer = await act(client, given, progress)
    except httpx.HTTPError as error:
        raise Invalid(f"Forkant does not answer: {type(error).__name__}.", remedy="Look at --url.") from error
    if isinstance(answer, str):
        out.write(answer)
    elif answer is not None:
        _print(answer, out, as_json=given.json)
    return 1 if isinstance(answer, Mapping) and answer.get("problem") else 0


def _print(answer: Mapping[str, Any], out: TextIO, *, as_json: bool) -> None:
    if as_json:
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        out.writelines(f"{line}\n" for line in policy_remote.shown(answer))


_DRAFT = (("draft",), {"help": "the draft's id"})
_FILE = (("file",), {"type": Path, "help": "a policy file without a signature line"})
_WHY = (("--why",), {"required": True, "help": "the reason; it is kept"})
_NEW = (("--name",), {"required": True, "help": "what the draft is called"})
_REVISION = (("--revision",), {"type": int, "required": True, "help": "the revision that you read"})
_SINCE = (("--since",), {"help": "from when, as 2026-01-01T00:00:00+01:00; a year without"})
_STORIES = (("--stories",), {"action": "store_true", "help": "on the stories that are kept, not on history"})
_FROM = (("--from",), {"dest": "from_at", "help": "from when, as 2026-12-01T07:00:00+01:00; at once without"})
_VERSION = (("version",), {"help": "a signed version"})
_NUMBER = (("number",), {"type": int, "help": "the adoption's number"})
_NAME = (("name",), {"help": "the story's name"})
_STORY = (("file",), {"type": Path, "help": "a scenario file"})

REMOTE: dict[str, tuple[Act, str, tuple[tuple[tuple[str, ...], dict[str, Any]], ...]]] = {
    "status": (policy_remote.status, "what is in force, what is to come, versions, drafts, stories", ()),
    "draft": (policy_remote.begin, "begin a draft with a file", (_FILE, _NEW)),
    "save": (policy_remote.save, "save a file as a draft's next text", (_DRAFT, _FILE, _REVISION)),
    "show": (policy_remote.show, "a draft with its differences, examples and signatures", (_DRAFT,)),
    "discard": (policy_remote.discard, "throw a draft away", (_DRAFT,)),
    "compare": (policy_remote.compare, "tell a draft beside the policy in force", (_DRAFT, _SINCE, _STORIES)),
    "sign": (policy_remote.sign, "sign this revision of a draft by your name", (_DRAFT, _REVISION)),
    "file": (policy_remote.file, "print a signed version as a file", (_VERSION,)),
    "adopt": (policy_remote.adopt, "let a version be in force, an earlier one too", (_VERSION, _FROM, _WHY)),
    "withdraw": (policy_remote.withdraw, "let an adoption not come into force", (_NUMBER, _WHY)),
    "story": (policy_remote.put_story, "keep a story that drafts are compared on", (_NAME, _STORY)),
    "drop-story": (policy_remote.drop_story, "take a story away", (_NAME,)),
}
