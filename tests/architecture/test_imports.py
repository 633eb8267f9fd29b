"""Imports point inward, and each contract that says so is shown to fail when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.support.tree import PACKAGES, ROOT

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def _lint(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(folder / top.relative_to(ROOT)) for top in PACKAGES.values())
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*command, "--config", str(folder / "pyproject.toml"), "--cache-dir", str(folder / "cache"), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our Python files alone, in a folder where one may plant things."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    skipped = shutil.ignore_patterns("__pycache__", "static", "templates", "locale", "build", "*.egg-info", ".*_cache")
    for package, top in PACKAGES.items():
        shutil.copytree(top / package, folder / top.relative_to(ROOT) / package, ignore=skipped)
    return folder


def test_every_contract_is_kept(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout
    for name in CONTRACTS.values():
        assert f"{name} KEPT" in done.stdout


def test_the_contracts_speak_of_every_package_there_is() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert set(config["root_packages"]) == set(PACKAGES)


REGISTRY = "services/registry/forkant_registry"
WATCH = "services/threat-watch/forkant_threat_watch"
KIT = "shared/forkant_shared"
PLANTS = [
    ("apart", f"{REGISTRY}/domain/planted.py", "import forkant_meetings"),
    ("apart", f"{KIT}/web/planted.py", "import forkant_notifier"),
    ("apart", f"{WATCH}/store/planted.py", "import forkant_embedded"),
    ("inward", f"{REGISTRY}/domain/planted.py", "import forkant_registry.store"),
    ("inward", f"{REGISTRY}/store/planted.py", "import forkant_registry.commands"),
    ("inward", f"{REGISTRY}/commands/planted.py", "import forkant_registry.api"),
    ("inward", f"{REGISTRY}/helpers.py", ""),
    ("kit", f"{KIT}/bus/planted.py", "import forkant_shared.database"),
    ("kit", f"{KIT}/events/planted.py", "import forkant_shared.outbox"),
    ("kit", f"{KIT}/leftovers.py", ""),
    ("events", f"{KIT}/events/registry.py", "import forkant_shared.events.meetings"),
    ("plain", f"{WATCH}/domain/planted.py", "import sqlalchemy"),
    ("plain", f"{WATCH}/domain/planted.py", "import forkant_shared.outbox"),
    ("plain", f"{WATCH}/domain/planted.py", "import asyncio"),
    ("words", f"{WATCH}/domain/planted.py", "import pydantic"),
    ("words", f"{WATCH}/domain/planted.py", "import forkant_shared.settings"),
    ("sql", f"{REGISTRY}/commands/planted.py", "import sqlalchemy"),
    ("sql", f"{REGISTRY}/pages/planted.py", "import sqlalchemy.dialects"),
    ("kafka", f"{KIT}/planted.py", "import aiokafka"),
    ("kafka", f"{REGISTRY}/store/planted.py", "import aiokafka.errors"),
]


@pytest.fixture
def planted(copy: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one file more, or with one line more in a file that is there."""
    where, text = request.param
    path = copy / where
    before = path.read_text() if path.exists() else None
    path.write_text((before or "") + f"\n{text}\n")
    yield copy
    if before is None:
        path.unlink()
    else:
        path.write_text(before)


@pytest.mark.parametrize(
    ("contract", "planted"),
    [(contract, (where, text)) for contract, where, text in PLANTS],
    indirect=["planted"],
    ids=[f"{contract}-{where.rsplit('/', 2)[-2]}-{text or 'a file nobody named'}" for contract, where, text in PLANTS],
)
def test_a_forbidden_import_breaks_the_contract_by_name(contract: str, planted: Path) -> None:
    done = _lint(planted, "--contract", contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{CONTRACTS[contract]} BROKEN" in done.stdout, done.stdout + done.stderr


def test_every_contract_has_a_plant_that_breaks_it() -> None:
    assert {contract for contract, _, _ in PLANTS} == set(CONTRACTS)
