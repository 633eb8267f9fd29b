"""A credential in a file is replaced while the notifier runs: the next message has it, and no log."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosmtpd.smtp import AuthResult, LoginPassword
from standardwebhooks import Webhook

from forkant_notifier.clients import credentials
from forkant_notifier.clients.credentials import Credential, Rotating
from forkant_notifier.clients.route import Answer, Outgoing, Route
from forkant_notifier.clients.routes_file import ALONE, Surroundings, read
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import PageMessage
from forkant_shared import telemetry
from forkant_shared.clock import SystemClock
from forkant_shared.testing import FixedClock
from tests.notifier.support.gateway import fake_gateway
from tests.notifier.support.routes import routed, sms
from tests.notifier.test_mail_and_webhook import WHSEC, mail_server

OLD, NEW = "the-old-credential", "the-new-credential"


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by which files are looked at; a test moves it."""
    now = [100.0]
    monkeypatch.setattr(credentials, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def log_lines() -> io.StringIO:
    lines = io.StringIO()
    telemetry.configure(service="notifier", level="DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    return lines


def outgoing(number: int, channel: Channel = Channel.SMS, to: str = "+4700000001") -> Outgoing:
    return Outgoing(f"ref-{number}", channel, to, Lane.LIFE, PageMessage("7F3A", Lane.LIFE, "https://desk/x"))


async def submitted(route: Route, message: Outgoing) -> Answer:
    (answer,) = [answer async for answer in route.submit([message], timeout=timedelta(seconds=3))]
    return answer


def route_of(folder: Path, **given: Any) -> Route:
    around = Surroundings(SystemClock(), ALONE.subscribed, ALONE.forget)
    (found,) = read({"gateways": [given]}, folder, around).routes
    return found


async def test_a_gateway_that_refuses_the_old_credential_takes_the_next_message(
    tmp_path: Path, seconds: list[float], log_lines: io.StringIO
) -> None:
    (tmp_path / "token").write_text(OLD)
    async with fake_gateway() as gateway:
        gateway.wants = f"Bearer {OLD}"
        bearer = {"headers": {"Authorization": "Bearer {token}"}, "credentials": {"token": {"file": "token"}}}
        route = route_of(tmp_path, **sms("first", gateway.url, **bearer))
        assert (await submitted(route, outgoing(1))).outcome is Outcome.SUBMITTED
        gateway.wants = f"Bearer {NEW}"
        refused = await submitted(route, outgoing(2))
        assert (refused.outcome, refused.cause) == (Outcome.REFUSED, "HTTP_401")
        (tmp_path / "token").write_text(NEW)
        seconds[0] += 1
        assert (await submitted(route, outgoing(3))).outcome is Outcome.SUBMITTED
        await route.close()
    told = log_lines.getvalue()
    assert "credential-read-again" in told
    assert "routes_file.gateways.first.credentials.token" in told
    assert OLD not in told
    assert NEW not in told


async def test_a_mail_server_that_refuses_the_old_password_takes_the_next_mail(
    tmp_path: Path, seconds: list[float]
) -> None:
    good = [OLD.encode()]

    def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
        return AuthResult(success=given.password == good[0])

    (tmp_path / "password").write_text(OLD)
    with mail_server(authenticator=login, auth_require_tls=False) as (box, port):
        given = {"kind": "mail", "name": "mail", "host": "127.0.0.1", "port": port, "security": "none"}
        login_as = {"sender": "vakt@forkant.example", "user": "forkant", "password": {"file": "password"}}
        route = route_of(tmp_path, **given, **login_as)
        mail = outgoing(1, Channel.MAIL, "vakt@unit.example")
        assert (await submitted(route, mail)).outcome is Outcome.SUBMITTED
        good[0] = NEW.encode()
        assert (await submitted(route, mail)).outcome is Outcome.REFUSED
        (tmp_path / "password").write_text(NEW)
        seconds[0] += 1
        assert (await submitted(route, mail)).outcome is Outcome.SUBMITTED
    assert len(box.got) == 2


async def test_a_webhook_is_signed_with_the_secret_as_it_is_now(tmp_path: Path, seconds: list[float]) -> None:
    other = "whsec_" + "B" * 32
    (tmp_path / "whsec").write_text(WHSEC)
    async with fake_gateway() as receiver:
        hook = {"kind": "webhook", "name": "hook", "url": receiver.url, "secret": {"file": "whsec"}}
        route = route_of(tmp_path, **hook)
        for secret in (WHSEC, other):
            (tmp_path / "whsec").write_text(secret)
            seconds[0] += 1
            await submitted(route, outgoing(1, Channel.WEBHOOK, "operations"))
            assert Webhook(secret).verify(receiver.bodies[-1], receiver.got[-1]["headers"])
        (tmp_path / "whsec").write_text("no secret of that kind")
        seconds[0] += 1
        await submitted(route, outgoing(2, Channel.WEBHOOK, "operations"))
        assert Webhook(other).verify(receiver.bodies[-1], receiver.got[-1]["headers"]), "the last good one goes on"
        await route.close()


async def test_what_a_carrier_shows_us_is_replaced_too_and_the_old_one_is_refused(
    tmp_path: Path, clock: FixedClock, seconds: list[float]
) -> None:
    (tmp_path / "callback").write_text(OLD)
    shown = {"secret": {"file": "callback"}}
    async with routed(tmp_path, clock, first=shown) as system:
        reply = {"from": "+4700000001", "text": "hei"}
        assert await system.tell("replies", reply, secret=OLD) == 204
        (tmp_path / "callback").write_text(NEW)
        seconds[0] += 1
        assert await system.tell("replies", reply, secret=OLD) == 401
        assert await system.tell("replies", reply, secret=NEW) == 204
        (tmp_path / "callback").write_text("short")
        seconds[0] += 1
        assert await system.tell("replies", reply, secret="short") == 401
        assert await system.tell("replies", reply, secret=NEW) == 204


def rotating(folder: Path) -> Rotating[str]:
    return Rotating(Credential(file=Path("token")).within(folder), str, field="token")


def test_a_file_that_is_gone_or_empty_for_a_while_changes_nothing(tmp_path: Path, seconds: list[float]) -> None:
    file = tmp_path / "token"
    file.write_text(OLD)
    kept = rotating(tmp_path)
    file.unlink()
    seconds[0] += 1
    assert kept.value == OLD
    file.write_text("")
    seconds[0] += 1
    assert kept.value == OLD
    file.write_text(NEW)
    seconds[0] += 1
    assert kept.value == NEW


def test_another_file_in_its_place_is_seen_though_its_time_and_length_are_the_same(
    tmp_path: Path, seconds: list[float]
) -> None:
    file, other = tmp_path / "token", tmp_path / "other"
    file.write_text(OLD)
    other.write_text(NEW)
    for one in (file, other):
        os.utime(one, ns=(1, 1))
    kept = rotating(tmp_path)
    other.replace(file)
    seconds[0] += 1
    assert kept.value == NEW


def test_a_file_is_looked_at_once_a_second_and_the_environment_never(
    tmp_path: Path, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Credential] = []
    stamp = Credential.stamp

    def counted(self: Credential) -> credentials.Stamp | None:
        looks.append(self)
        return stamp(self)

    monkeypatch.setattr(Credential, "stamp", counted)
    (tmp_path / "token").write_text(OLD)
    kept = rotating(tmp_path)
    for _ in range(50):
        assert kept.value == OLD
    assert len(looks) == 1, "when it was made"
    seconds[0] += 1
    for _ in range(50):
        assert kept.value == OLD
    assert len(looks) == 2
    monkeypatch.setenv("FORKANT_TEST_ROTATING", OLD)
    fixed = Rotating(Credential(env="FORKANT_TEST_ROTATING"), str, field="token")
    monkeypatch.setenv("FORKANT_TEST_ROTATING", NEW)
    seconds[0] += 1
    assert fixed.value == OLD
