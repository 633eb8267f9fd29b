"""What meetings reads from the environment, `FORKANT_MEETINGS_<NAME>`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from forkant_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of meetings."""

    model_config = SettingsConfigDict(env_prefix="FORKANT_MEETINGS_", extra="ignore", populate_by_name=True)

    policy: str = Field("2026-1", description="version of the meetings policy in use, of those that are shipped")
    policy_file: Path | None = Field(None, description="a policy of the unit's own, instead of a shipped one")
    registry_url: str = Field("http://127.0.0.1:8000", description="where the registry gives groups their names")
    sweep_seconds: float = Field(5.0, gt=0, le=300, description="how often due reminders and deadlines are looked for")

    def policy_text(self) -> str:
        """The policy's YAML. Raises OSError where there is no such file."""
        if self.policy_file is not None:
            return self.policy_file.read_text("utf-8")
        return files("forkant_meetings").joinpath("policies", f"{self.policy}.yaml").read_text("utf-8")
