"""Each service installs and starts with the kit and what the two declare, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.support import alone
from tests.architecture.support.tree import PACKAGES, ROOT, SERVICES, imported, python_files

OWN = {canonicalize_name(package) for package in PACKAGES}


@cache
def declared(folder: str) -> frozenset[str]:
    """The distributions that the project in this folder says it needs, by name, ours left out."""
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    return frozenset(text for text in project["dependencies"] if canonicalize_name(Requirement(text).name) not in OWN)


def _needed(requirements: Iterable[str]) -> set[str]:
    """These and all that they need in turn, with the extras asked for."""
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) in found:
                continue
            found.add((name, wanted))
            waiting += [(Requirement(text), wanted) for text in metadata.requires(name) or []]
    return {name for name, _ in found}


def _link(distributions: Iterable[str], folder: Path) -> None:
    """Put exactly the files of these distributions where an interpreter can find them."""
    for name in distributions:
        distribution = metadata.distribution(name)
        for top in {Path(file).parts[0] for file in distribution.files or [] if ".." not in Path(file).parts}:
            there, here = Path(str(distribution.locate_file(top))), folder / top
            if top == "__pycache__" or here.exists() or not there.exists():
                continue
            here.symlink_to(there)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each of our distributions, built and installed by pip into a folder of its own."""
    base = tmp_path_factory.mktemp("alone")
    found = {}
    for folder in ("shared", *(f"services/{service}" for service in SERVICES)):
        source, target = base / "source" / folder, base / "installed" / folder
        skipped = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", ".*_cache")
        shutil.copytree(ROOT / folder, source, ignore=skipped)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        done = subprocess.run(
            [*command, "--no-compile", "--target", str(target), str(source)], env=quiet, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found[folder] = target
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_the_kit_and_what_the_two_declare(
    service: str, installed: dict[str, Path], tmp_path: Path
) -> None:
    folder = f"services/{service}"
    site = tmp_path / "site"
    site.mkdir()
    _link(_needed(declared("shared") | declared(folder)), site)
    package = f"forkant_{service.replace('-', '_')}"
    others = [*sorted(set(PACKAGES) - {package, "forkant_shared"}), "pytest", "mypy", "hypothesis"]
    paths = [str(installed["shared"]), str(installed[folder]), str(site)]
    begin = f"import sys, runpy; sys.path[:0] = {paths!r}; runpy.run_path({alone.__file__!r}, run_name='__main__')"
    # -I and -S: no environment, no site-packages, so that nothing comes in by the way.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", begin, service, *others], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said["answers"].values()) == {200}, said
    assert said["others"] == [], "another service or a tool of ours was there too"


STANDS_FOR = {
    name: {canonicalize_name(of) for of in names} for name, names in metadata.packages_distributions().items()
}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_third_party_import_is_declared_there_or_by_the_kit(package: str) -> None:
    folder = str(PACKAGES[package].relative_to(ROOT))
    names = {canonicalize_name(Requirement(text).name) for text in declared(folder) | declared("shared")}
    for path in python_files(folder):
        for name in set(imported(path)) - set(sys.stdlib_module_names) - set(PACKAGES):
            assert STANDS_FOR.get(name, {name}) & names, f"{path.name} imports {name}, which {folder} does not declare"
