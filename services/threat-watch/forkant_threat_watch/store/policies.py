"""Policy and scenario files: read with a safe loader, checked by the domain."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_document import policy_of
from forkant_threat_watch.domain.scenario import Story, story_of

CURRENT = "2026-1"


def read_document(path: Path) -> object:
    """The content of a YAML file. Raises Invalid where it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one, see below
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read.", remedy="Give the path of a YAML file.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{path.name} is not YAML.", remedy="Check it with a YAML linter.") from error


# The C loader is some ten times faster on a long scenario; both are the safe one.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's truth values: only true and false, so that `on: +40d` is a key named on."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


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
