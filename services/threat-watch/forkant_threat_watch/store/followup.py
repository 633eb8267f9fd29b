"""The working values for following up that this release comes with."""

from __future__ import annotations

from functools import cache
from importlib import resources

from forkant_threat_watch.domain.followup import Followup, followup_of
from forkant_threat_watch.store.yaml_files import read_document

CURRENT = "followup-2026-1.yaml"


@cache
def current() -> Followup:
    """The working values in use. Raises Invalid with the path inside the file of what is wrong."""
    with resources.as_file(resources.files("forkant_threat_watch") / "policies" / CURRENT) as path:
        return followup_of(read_document(path))
