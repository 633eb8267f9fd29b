"""The repository as the tests of its shape see it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
SERVICES = ("registry", "meetings", "threat-watch", "notifier")
PACKAGES = {
    "forkant_shared": ROOT / "shared",
    **{f"forkant_{service.replace('-', '_')}": ROOT / "services" / service for service in SERVICES},
    "forkant_embedded": ROOT / "deploy" / "embedded",
    "forkant_full": ROOT / "deploy" / "full",
}


@cache
def committed() -> tuple[Path, ...]:
    """Every file that is in Git or on its way there."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in sorted(set(names)) if name and (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """Those of our Python files that lie under these folders of the repository."""
    inside = [ROOT / folder for folder in folders]
    return [path for path in committed() if path.suffix == ".py" and any(path.is_relative_to(top) for top in inside)]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def imported(path: Path) -> Iterator[str]:
    """The top-level name of each absolute import, wherever in the file it stands."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]
