"""The workbench from a terminal: files are checked alone, all else goes through the API by somebody's own right."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forkant_shared.errors import Conflict, Forbidden, Invalid, NotFound
from forkant_threat_watch.commands import policy_comparing, policy_remote
from forkant_threat_watch.commands.policy_command import REMOTE, add_policy, check_file, remotely
from tests.threat_watch.domain.test_scenarios import SCENARIOS
from tests.threat_watch.serving import Served
from tests.threat_watch.support.drafting import ADOPTER, LEAD, SIGNER, WRITER, overview, text, with_weight

STORY = next(path for path in SCENARIOS if path.stem == "2008")


def words(*typed: str) -> argparse.Namespace:
    """What the command line makes of these words."""
    parser = argparse.ArgumentParser()
    add_policy(parser.add_subparsers())
    return parser.parse_args(["policy", *typed])


async def act(served: Served, role: str, *typed: str) -> tuple[int, str]:
    """Do an act with the token of this role: exit code, and what was printed."""
    out = io.StringIO()
    served.client.headers.update(served.head(role))
    code = await remotely(REMOTE[typed[0]][0], served.client, words(*typed), out, io.StringIO())
    return code, out.getvalue()


def kept(folder: Path, policy: str, name: str = "draft.yaml") -> str:
    (folder / name).write_text(policy)
    return str(folder / name)


async def test_from_a_file_to_the_policy_in_force_and_back(served: Served, tmp_path: Path) -> None:
    path = kept(tmp_path, with_weight(4.2))
    made = json.loads((await act(served, WRITER, "draft", path, "--name", "Mildere", "--json"))[1])
    kept(tmp_path, with_weight(4.1))
    await act(served, WRITER, "save", made["id"], path, "--revision", "1")
    _, shown = await act(served, WRITER, "show", made["id"])
    assert "difference: path=index.weights.INTENT  before=4.4  after=4.1" in shown
    assert await act(served, SIGNER, "sign", made["id"], "--revision", "2") == (0, "version: 2026-8\n")
    _, said = await act(served, ADOPTER, "adopt", "2026-8", "--why", "Prøvd.")
    assert "version: 2026-8" in said
    served.forward(seconds=LEAD)
    _, said = await act(served, ADOPTER, "status")
    assert said.startswith("current: 2026-8\n")
    await act(served, ADOPTER, "adopt", "2026-1", "--why", "Tilbake.")
    served.forward(seconds=LEAD)
    assert (await overview(served))["current"] == "2026-1"
    _, file = await act(served, "auditor", "file", "2026-8")
    kept(tmp_path, file, "signed.yaml")
    assert check_file(tmp_path / "signed.yaml", io.StringIO()) == 0


async def test_an_adoption_is_set_for_later_and_withdrawn(served: Served, tmp_path: Path) -> None:
    path = kept(tmp_path, with_weight(4.2))
    made = json.loads((await act(served, WRITER, "draft", path, "--name", "En", "--json"))[1])
    await act(served, SIGNER, "sign", made["id"], "--revision", "1")
    later = served.clock.now().replace(year=served.clock.now().year + 5).isoformat()
    with pytest.raises(Invalid, match="not yet here"):
        await act(served, ADOPTER, "adopt", "2026-8", "--from", later, "--why", "x")
    await act(served, ADOPTER, "adopt", "2026-8", "--why", "Nå.")
    await act(served, ADOPTER, "withdraw", "1", "--why", "Likevel ikke.")
    served.forward(seconds=LEAD)
    assert (await overview(served))["current"] == "2026-1"


async def test_a_comparison_is_waited_for_and_printed_as_what_differs(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await act(served, WRITER, "story", "2008", str(STORY))
    path = kept(tmp_path, text(**{"HIGH: 0.60": "HIGH: 0.50"}))
    made = json.loads((await act(served, WRITER, "draft", path, "--name", "En", "--json"))[1])

    async def meanwhile(_: float) -> None:
        await policy_comparing.compare_next(served.app.state.parts)

    # Its own name alone: `asyncio` is everybody's, and another test's loop may be asleep.
    monkeypatch.setattr(policy_remote, "asyncio", SimpleNamespace(sleep=meanwhile))
    code, said = await act(served, WRITER, "compare", made["id"], "--stories")
    assert code == 0
    assert said.startswith("2008: pages appears ") and "\n  page-moves " in said
    await act(served, WRITER, "drop-story", "2008")
    with pytest.raises(Invalid, match="no story"):
        await act(served, WRITER, "compare", made["id"], "--stories")
    await act(served, WRITER, "discard", made["id"])
    with pytest.raises(NotFound):
        await act(served, WRITER, "show", made["id"])


async def test_what_the_service_refuses_is_said_with_its_remedy(served: Served, tmp_path: Path) -> None:
    path = kept(tmp_path, with_weight(4.2))
    with pytest.raises(Forbidden):
        await act(served, "duty.officer", "draft", path, "--name", "Min")
    wrong = kept(tmp_path, text(**{"INTENT: 4.4": "INTENT: -1"}), "wrong.yaml")
    with pytest.raises(Invalid, match="Line ") as refused:
        await act(served, WRITER, "draft", wrong, "--name", "Feil")
    assert refused.value.remedy and refused.value.field == "index.weights.INTENT"
    await act(served, WRITER, "draft", path, "--name", "Min")
    with pytest.raises(Conflict):
        await act(served, WRITER, "draft", path, "--name", "Min")


def run(*typed: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "forkant_threat_watch", "policy", *typed]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "", **environment})


def test_a_file_is_checked_and_tried_without_a_service(tmp_path: Path) -> None:
    path = kept(tmp_path, text(**{"HIGH: 0.60": "HIGH: 0.50"}))
    checked = run("check", path)
    assert (checked.returncode, "examples hold." in checked.stdout) == (0, True)
    tried = run("try", path, str(STORY), "--json")
    assert tried.returncode == 0, tried.stderr
    told: dict[str, Any] = json.loads(tried.stdout)["result"]["stories"][0]
    assert told["name"] == "2008" and sum(told["changes"].values()) > 0
    assert "100 %" in tried.stderr


def test_what_is_no_policy_and_what_does_not_hold_have_exit_codes_of_their_own(tmp_path: Path) -> None:
    wrong = run("check", kept(tmp_path, text(**{"INTENT: 4.4": "INTENT: much"})))
    assert wrong.returncode == 2 and wrong.stderr.startswith("Line ") and "Write a number" in wrong.stderr
    failing = text(**{"HIGH: 0.60": "HIGH: 0.9998", "CRITICAL: 0.85": "CRITICAL: 0.9999"})
    unfit = run("check", kept(tmp_path, failing))
    assert unfit.returncode == 1 and "level-high positive[0]: does not hold" in unfit.stdout
    large = run("check", kept(tmp_path, "#" * 50_000_000))
    assert large.returncode == 2 and "larger than 500 kB" in large.stderr


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "FORKANT_URL"), ({"FORKANT_URL": "http://127.0.0.1:1"}, "FORKANT_TOKEN"),
     ({"FORKANT_URL": "http://127.0.0.1:1", "FORKANT_TOKEN": "x"}, "Forkant does not answer")],
)  # fmt: skip
def test_without_an_address_a_token_or_a_service_the_remedy_is_named(environment: dict[str, str], said: str) -> None:
    found = run("status", **environment)
    assert (found.returncode, said in found.stderr, "Traceback" in found.stderr) == (2, True, False)
