"""What is committed names no machine, and every link in it leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.support.tree import ROOT, committed, name_of

TEXTS = {
    *(".py", ".md", ".txt", ".in", ".toml", ".yaml", ".yml", ".json", ".js", ".css", ".html", ".cfg", ".xml", ".sh"),
    "",
}
# Put together here, so that this file is not the one that names them. In a Dockerfile a path is of the image.
MACHINE = re.compile(
    "|".join(("/work" + "/", "/home" + "/", "/Users" + "/", "/root" + "/(?!.cache)", r"\\bC:" + r"\\\\"))
)
HOSTS = ("pypi.org", "pythonhosted.org", "registry.npmjs", "repo1.maven", "repo.maven", "ghcr.io")
REGISTRIES = re.compile("|".join(re.escape(host) for host in HOSTS))
FOREIGN = ("tests/browser/axe/", "shared/forkant_shared/web/static/")


def _texts() -> list[Path]:
    return [path for path in committed() if path.suffix in TEXTS and not name_of(path).startswith(FOREIGN)]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRIES], ids=["absolute path", "registry"])
def test_no_file_names_one_machine_or_one_registry(pattern: re.Pattern[str]) -> None:
    found = []
    for path in _texts():
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if match := pattern.search(line):
                found.append(f"{name_of(path)}:{number}: {match.group()}")
    assert not found, "\n".join(found)


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*_\[\]]|\([^)]*\)", "", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def _prose(path: Path) -> str:
    """The text without what stands in code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)


PAGES = [path for path in committed() if path.suffix == ".md" and not name_of(path).startswith(FOREIGN)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_in_a_page_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        where, _, anchor = target.partition("#")
        path = (page.parent / where).resolve() if where else page
        assert path.exists(), f"{name_of(page)} links to {target}"
        assert path.is_relative_to(ROOT), f"{name_of(page)} links out of the repository: {target}"
        if anchor and path.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in {_slug(heading) for heading in headings}, f"{name_of(page)} links to {target}"


def test_every_command_the_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`(?:\w+=\S+ )*make ([a-z-]+)", page.read_text("utf-8")):
            assert target in targets, f"{name_of(page)} tells people to run make {target}"
