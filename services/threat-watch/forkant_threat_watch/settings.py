"""What threat-watch reads from the environment, `FORKANT_THREAT_WATCH_<NAME>`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from forkant_shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of threat-watch."""

    model_config = SettingsConfigDict(env_prefix="FORKANT_THREAT_WATCH_", extra="ignore", populate_by_name=True)

    policy_file: Path | None = Field(None, description="the signed policy to go by; without, the one of this release")
    triage_file: Path | None = Field(None, description="the rules texts are read by; without, those of this release")
    registry_url: str = Field("http://127.0.0.1:8000", description="where the registry answers")
    heartbeat_seconds: float = Field(10.0, gt=0, le=20, description="how often the watch says that it is alive")
