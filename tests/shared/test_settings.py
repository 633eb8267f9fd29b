"""An unsafe start is refused with a sentence that says what to set."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_settings import SettingsConfigDict

from forkant_shared.settings import ServiceSettings, Unsafe


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="FORKANT_X_", extra="ignore", populate_by_name=True)


POSTGRES = "postgresql+psycopg://x@db/x"
FULL = {
    "FORKANT_X_MODE": "full",
    "FORKANT_X_DATABASE_URL": POSTGRES,
    "FORKANT_X_KAFKA": "kafka:9092",
    "FORKANT_X_MACHINE_ISSUER": "https://machines.test/",
    "FORKANT_X_MACHINE_JWKS_URL": "https://machines.test/jwks",
    "FORKANT_X_MACHINE_AUDIENCE": "https://forkant.test/",
    "FORKANT_X_PUBLIC_URL": "https://forkant.test",
    "FORKANT_X_AUTH_URL": "http://notifier:8000",
}
EMBEDDED = {"FORKANT_X_MODE": "embedded", "FORKANT_X_DATABASE_URL": "sqlite:///x"}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("FORKANT_"):
            monkeypatch.delenv(name)


def _read(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


def test_a_full_environment_is_accepted_and_believes_no_made_up_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _read(monkeypatch, FULL).allows_development


def test_an_embedded_environment_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, EMBEDDED).allows_development


@pytest.mark.parametrize(
    ("base", "change", "says"),
    [
        (FULL, {"FORKANT_X_DATABASE_URL": None}, "FORKANT_X_DATABASE_URL"),
        (FULL, {"FORKANT_X_DATABASE_URL": "sqlite:///x"}, "FORKANT_X_DATABASE_URL=postgresql+psycopg://"),
        (FULL, {"FORKANT_X_KAFKA": None}, "FORKANT_X_KAFKA=host:port"),
        (FULL, {"FORKANT_X_MACHINE_ISSUER": None}, "FORKANT_X_MACHINE_ISSUER"),
        (FULL, {"FORKANT_X_MACHINE_JWKS_URL": None}, "FORKANT_X_MACHINE_JWKS_URL"),
        (FULL, {"FORKANT_X_MACHINE_AUDIENCE": None}, "FORKANT_X_MACHINE_AUDIENCE"),
        (FULL, {"FORKANT_X_PUBLIC_URL": None}, "FORKANT_X_PUBLIC_URL"),
        (FULL, {"FORKANT_X_AUTH_URL": "http://localhost:8000"}, "FORKANT_X_AUTH_URL"),
        (FULL, {"FORKANT_X_MODE": "halfway"}, "FORKANT_X_MODE"),
        (FULL, {"FORKANT_X_PORT": "eighty"}, "FORKANT_X_PORT"),
        (FULL, {"FORKANT_TRIAL": "perhaps"}, "FORKANT_TRIAL"),
        (EMBEDDED, {"FORKANT_X_HOST": "0.0.0.0"}, "FORKANT_X_HOST=127.0.0.1"),
        (EMBEDDED, {"FORKANT_X_DATABASE_URL": None}, "FORKANT_X_DATABASE_URL"),
    ],
)
def test_what_is_missing_or_unsafe_is_refused_and_the_sentence_names_what_to_set(
    monkeypatch: pytest.MonkeyPatch, base: dict[str, str], change: dict[str, str | None], says: str
) -> None:
    wanted: dict[str, Any] = {**base, **change}
    with pytest.raises(Unsafe) as caught:
        _read(monkeypatch, {name: value for name, value in wanted.items() if value is not None})
    assert says in caught.value.detail


def test_a_value_that_cannot_be_read_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unsafe) as caught:
        _read(monkeypatch, {**FULL, "FORKANT_X_POOL_SIZE": "hunter2"})
    assert "hunter2" not in f"{caught.value.detail} {caught.value.remedy}"
    assert caught.value.__cause__ is None


def test_trial_is_one_variable_for_all_and_nothing_else_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _read(monkeypatch, {**FULL, "TRIAL": "yes", "trial": "1"}).allows_development
    assert _read(monkeypatch, {**FULL, "FORKANT_TRIAL": "yes"}).allows_development


def test_every_setting_says_what_it_is() -> None:
    for name, field in ServiceSettings.model_fields.items():
        assert field.description, name
