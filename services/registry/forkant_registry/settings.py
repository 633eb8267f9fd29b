"""What the registry reads from the environment, `FORKANT_REGISTRY_<NAME>`, and the reference data it ships with."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml
from pydantic_settings import SettingsConfigDict

from forkant_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the registry; it needs nothing beyond what every service reads."""

    model_config = SettingsConfigDict(env_prefix="FORKANT_REGISTRY_", extra="ignore", populate_by_name=True)


def reference_documents() -> dict[str, dict[str, Any]]:
    """The files in `data/`, parsed, by name without the ending."""
    found: dict[str, dict[str, Any]] = {}
    for entry in resources.files(__package__).joinpath("data").iterdir():
        if entry.name.endswith(".yaml"):
            found[entry.name.removesuffix(".yaml")] = yaml.safe_load(entry.read_text("utf-8"))
    return found
