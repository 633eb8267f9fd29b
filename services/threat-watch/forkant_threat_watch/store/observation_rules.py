"""What observations weigh, as this release comes with."""

from __future__ import annotations

from functools import cache
from importlib import resources

from forkant_threat_watch.domain.observing import ObservationRules, observation_rules_of
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "observations-2026-1.yaml"


@cache
def current() -> ObservationRules:
    """The rules in use. Raises Invalid with the path inside the file of what is wrong."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / CURRENT) as path:
        return observation_rules_of(read_document(path))
