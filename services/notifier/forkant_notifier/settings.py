"""What the notifier reads from the environment, `FORKANT_NOTIFIER_<NAME>`, and the files it names."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from forkant_shared.errors import Invalid
from forkant_shared.settings import ServiceSettings, Unsafe

#: Synthetic: no such line exists. Only for embedded mode and trial.
MADE_UP_OPERATIONS = "+4700000009"


class Settings(ServiceSettings):
    """Settings of the notifier."""

    model_config = SettingsConfigDict(env_prefix="FORKANT_NOTIFIER_", extra="ignore", populate_by_name=True)

    policy: str = Field(
        "2026-1", description="version of the paging policy for new pages, until one is chosen on the desk"
    )
    operations_phone: str = Field("", description="the operations centre's line, rung when nobody else answers")
    routes_file: Path | None = Field(
        None, description="YAML with the routes; in embedded mode and trial: none = sandbox"
    )
    signing_key_file: Path | None = Field(None, description="PEM with the RSA key that signs sessions and answer links")
    session_hours: int = Field(12, ge=1, le=24, description="how long a login lasts")
    meetings_url: str = Field("http://127.0.0.1:8000", description="where meetings takes calls for help")
    registry_url: str = Field("http://127.0.0.1:8000", description="where the registry is asked who calls")
    threat_watch_url: str = Field("http://127.0.0.1:8000", description="where threat-watch takes reports")
    webhook_loopback: bool = Field(
        False, description="let partners' endpoints be on this machine, in clear too; embedded mode and trial only"
    )

    def refuse_unsafe(self) -> None:
        """Beside the kit's own checks: a real start has real routes, a real floor and a key of its own."""
        super().refuse_unsafe()
        if self.allows_development:
            return
        if self.webhook_loopback:
            raise Unsafe(
                "A partner could have this machine call itself: unset FORKANT_NOTIFIER_WEBHOOK_LOOPBACK (it is for "
                "embedded mode and trial only).",
                field="webhook_loopback",
            )
        if self.routes_file is None:
            raise Unsafe(
                "Without a route no phone can ring: set FORKANT_NOTIFIER_ROUTES_FILE to a file with at least one SMS "
                "gateway (the sandbox carrier is for embedded mode and trial only).",
                field="routes_file",
            )
        if not self.operations_phone:
            raise Unsafe(
                "Set FORKANT_NOTIFIER_OPERATIONS_PHONE: the operations centre is rung when nobody else answers.",
                field="operations_phone",
            )
        if self.signing_key_file is None:
            raise Unsafe(
                "Set FORKANT_NOTIFIER_SIGNING_KEY_FILE to a PEM file with the RSA key that signs sessions.",
                field="signing_key_file",
            )

    @property
    def operations_line(self) -> str:
        """The operations centre's number; a made-up one where that is allowed and none is set."""
        return self.operations_phone or (MADE_UP_OPERATIONS if self.allows_development else "")


def policy_document(version: str) -> dict[str, Any]:
    """A paging policy that ships with the package. Raises Invalid for a version there is no file of."""
    return _yaml(f"policies/{version}.yaml", field="policy")


def policy_versions() -> list[str]:
    """The paging policies that ship with the package."""
    found = resources.files(__package__).joinpath("policies").iterdir()
    return sorted(one.name.removesuffix(".yaml") for one in found if one.name.endswith(".yaml"))


def demo_document() -> dict[str, Any]:
    """The made-up users, their phones and a rota; for embedded mode and trial."""
    return _yaml("demo.yaml", field="demo")


def route_rules_document() -> dict[str, Any]:
    """When a route fails, is dead and is good again, and what a carrier may tell us."""
    return _yaml("route_rules.yaml", field="route_rules")


def speech_document() -> dict[str, Any]:
    """What a call says, and how long a PIN is."""
    return _yaml("speech.yaml", field="speech")


def duty_document() -> dict[str, Any]:
    """What duty goes by: how far one looks ahead, how long things last."""
    return _yaml("duty_rules.yaml", field="duty_rules")


def webhook_document() -> dict[str, Any]:
    """What webhooks to partners go by."""
    return _yaml("webhook_rules.yaml", field="webhook_rules")


def _yaml(name: str, *, field: str) -> dict[str, Any]:
    path = resources.files(__package__).joinpath(name)
    if not path.is_file():
        raise Invalid("There is no such file in the notifier's package.", field=field, remedy="Name one that ships.")
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def routes_document(path: Path) -> dict[str, Any]:
    """The routes as the operator wrote them. Raises Invalid where the file cannot be read."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(
            "The file with the routes cannot be read.",
            field="routes_file",
            remedy="Set FORKANT_NOTIFIER_ROUTES_FILE to a readable YAML file.",
        ) from error
    if not isinstance(found, dict):
        raise Invalid("The file with the routes holds no mapping.", field="routes_file")
    return found
