"""Policy and scenario files, checked by the domain as they are read."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_document import policy_of
from forkant_threat_watch.domain.scenario import Story, story_of
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "2026-1"


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises Invalid with the path inside the file of what is wrong."""
    return policy_of(read_document(path))


@cache
def current_policy() -> Policy:
    """The policy that this release comes with."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / f"{CURRENT}.yaml") as path:
        return read_policy(path)


def read_story(path: Path) -> Story:
    """The story in a scenario file. Raises Invalid with the path inside the file of what is wrong."""
    return story_of(read_document(path))
