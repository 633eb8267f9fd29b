"""What the environment may say, read once at the door and passed down.

A service's settings are `FORKANT_<SERVICE>_<NAME>`; `FORKANT_TRIAL=yes` is for all. `refuse_unsafe` stops a start that
would run without real identity or on a carrier nobody carries, with a sentence that says what to set.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from forkant_shared.errors import Invalid

LOOPBACK = ("", "127.0.0.1", "::1", "localhost")


class Unsafe(Invalid):
    """A setting that must not be used like this; the detail says what to set."""


class ServiceSettings(BaseSettings):
    """What every service reads. A service subclasses it with its own `env_prefix`."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    mode: Literal["embedded", "full"] = Field(
        "full", description="embedded: one process on SQLite; full: Kafka and PostgreSQL"
    )
    trial: bool = Field(
        False,
        validation_alias="FORKANT_TRIAL",
        description="allow the development issuer and the sandbox carrier in full mode",
    )
    database_url: str = Field("", description="sqlite:///… or postgresql+psycopg://…")
    kafka: str = Field("", description="host:port of the brokers, separated by commas")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how to speak to the brokers"
    )
    kafka_sasl_mechanism: str = Field("SCRAM-SHA-512", description="with SASL: the mechanism")
    kafka_username: str = Field("", description="with SASL: the user")
    kafka_password_file: Path | None = Field(None, description="with SASL: a file with the password")
    kafka_ca_file: Path | None = Field(None, description="with SSL: the certificates to believe")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="the port to listen on")
    metrics_port: int | None = Field(None, ge=0, le=65535, description="the port of /metrics; none without")
    public_url: str = Field("http://127.0.0.1:8000", description="where browsers reach the gateway")
    auth_url: str = Field("http://127.0.0.1:8000", description="where the notifier's /auth answers other services")
    instance: str = Field("1", description="name of this instance, the same after a restart")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="the least that is logged")
    otlp_endpoint: str | None = Field(None, description="where traces go over OTLP/HTTP; nowhere without")
    pool_size: int = Field(
        10, ge=1, le=100, description="database connections for commands; as many for looks, one for the relay"
    )
    machine_issuer: str | None = Field(None, description="issuer of machine tokens, as https://maskinporten.no/")
    machine_jwks_url: str | None = Field(None, description="where that issuer's keys are")
    machine_audience: str | None = Field(None, description="the audience machine tokens must name")
    machine_token_url: str | None = Field(None, description="where this service gets machine tokens of its own")
    machine_client_id: str = Field("", description="who this service is to that issuer")
    machine_key_file: Path | None = Field(None, description="a PEM file with the key that proves it")

    @classmethod
    def from_environment(cls) -> Self:
        """Read the environment, once. Raises Unsafe where this start would not be safe."""
        try:
            settings = cls()
        except ValidationError as error:
            raise _unreadable(error, cls.model_config.get("env_prefix", "FORKANT_")) from None
        settings.refuse_unsafe()
        return settings

    @property
    def allows_development(self) -> bool:
        """Whether the development issuer and the sandbox carrier may be used."""
        return self.mode == "embedded" or self.trial

    def refuse_unsafe(self) -> None:
        """Raise Unsafe with a sentence that says what to set."""
        prefix = self.model_config.get("env_prefix", "FORKANT_")
        if not self.database_url:
            raise Unsafe(f"Set {prefix}DATABASE_URL to this service's own database.", field="database_url")
        if self.mode == "embedded":
            if self.host not in LOOPBACK:
                raise Unsafe(f"Embedded mode listens on loopback only; set {prefix}HOST=127.0.0.1.", field="host")
            return
        if not self.database_url.startswith("postgresql+psycopg://"):
            raise Unsafe(
                f"Full mode needs PostgreSQL: set {prefix}DATABASE_URL=postgresql+psycopg://…", field="database_url"
            )
        if not self.kafka:
            raise Unsafe(f"Full mode needs Kafka: set {prefix}KAFKA=host:port.", field="kafka")
        if not self.trial and not (self.machine_issuer and self.machine_jwks_url):
            raise Unsafe(
                f"Without an issuer nobody can be believed: set {prefix}MACHINE_ISSUER and {prefix}MACHINE_JWKS_URL, "
                "or FORKANT_TRIAL=yes for a trial with made-up users.",
                field="machine_issuer",
            )
        if not self.trial:
            self._refuse_what_only_a_trial_needs(prefix)

    def _refuse_what_only_a_trial_needs(self, prefix: str) -> None:
        if not self.machine_audience:
            raise Unsafe(
                f"A token made for somebody else would be believed: set {prefix}MACHINE_AUDIENCE to the audience that "
                "tokens for this system name.",
                field="machine_audience",
            )
        for name in ("public_url", "auth_url"):
            if (urlsplit(getattr(self, name)).hostname or "") in LOOPBACK:
                raise Unsafe(
                    f"Nobody else reaches this machine's own loopback: set {prefix}{name.upper()} to an address that "
                    "the others can use.",
                    field=name,
                )


def _unreadable(error: ValidationError, prefix: str) -> Unsafe:
    """Names the variable and what it takes, never its value: it may be a password in the wrong place."""
    first = error.errors(include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    variable = name if name.startswith("FORKANT_") else f"{prefix}{name.upper()}"
    return Unsafe(f"{variable} cannot be read: {first['msg']}.", field=name, remedy=f"Set or unset {variable}.")
