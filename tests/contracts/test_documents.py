"""The documents made from the code are current, and strangers' tools accept them."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from forkant_shared.events import EVENTS, OWNERS

ROOT = Path(__file__).parents[2]
CHECK = Path(__file__).parent / "asyncapi"
MISSING = "not possible on this machine: "

Checked = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["events.md", "asyncapi.yaml", "settings.md"])
def test_the_document_says_what_the_code_says(generate: ModuleType, name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == generate.documents()[name], "run `make docs`"


def test_every_event_and_its_fields_stand_in_the_catalogue() -> None:
    page = (ROOT / "docs" / "events.md").read_text("utf-8")
    for kind, event in EVENTS.items():
        section = page.split(f"## {kind}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}` |" in section for name in event.model_fields), kind
        assert f"Owner: {event.OWNER}." in section


def test_every_setting_of_every_service_stands_there_with_what_it_means(generate: ModuleType) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for service in OWNERS:
        settings = generate.part_of(service, "settings").Settings
        for name, field in settings.model_fields.items():
            assert field.description, f"{service}: {name} has no description"
            assert f"| `{generate.variable_of(settings, name, field)}` |" in page


@pytest.fixture(scope="module")
def checked() -> Checked:
    """The AsyncAPI parser, installed once from the lock file."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        reason = "Node.js is not installed; apt-get install nodejs npm"
        if os.environ.get("CI") == "true":
            pytest.fail(f"with CI=true nothing may be skipped: {reason}")
        pytest.skip(MISSING + reason)
    with (CHECK / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = CHECK / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (CHECK / "package-lock.json").stat().st_mtime:
            subprocess.run(["npm", "ci", "--silent"], cwd=CHECK, check=True, capture_output=True, timeout=300)

    def run(document: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["node", "check.js"], cwd=CHECK, input=document, capture_output=True, text=True, timeout=60
        )

    return run


def test_the_asyncapi_parser_accepts_the_document(checked: Checked) -> None:
    done = checked((ROOT / "docs" / "asyncapi.yaml").read_text("utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout, done.stdout


def test_the_asyncapi_parser_would_have_said_no(checked: Checked) -> None:
    document = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text("utf-8"))
    document["operations"]["registry.tells"]["action"] = "shout"
    assert checked(yaml.safe_dump(document)).returncode == 1


def test_the_lock_file_names_no_host() -> None:
    assert "resolved" not in (CHECK / "package-lock.json").read_text("utf-8")
