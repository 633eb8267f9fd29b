"""Mail to a real SMTP server and a signed webhook to a real receiver, both on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from standardwebhooks import Webhook, WebhookVerificationError

from forkant_notifier.clients.route import Answer, Outgoing, Route
from forkant_notifier.clients.routes_file import ALONE, Surroundings, read
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint, PageMessage
from forkant_notifier.store import reach
from forkant_shared.clock import SystemClock
from forkant_shared.errors import Invalid
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import escalation
from tests.notifier.support.gateway import FakeGateway, fake_gateway
from tests.notifier.support.routes import routed

LINK = "https://desk/notifier/answer/secret-token"
WHSEC = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def message(channel: Channel, to: str, lane: Lane = Lane.LIFE, reference: str = "ref-1") -> Outgoing:
    return Outgoing(reference, channel, to, lane, PageMessage("7F3A", lane, LINK))


async def sent(route: Route, *batch: Outgoing, seconds: float = 3) -> list[Answer]:
    try:
        return [answer async for answer in route.submit(batch, timeout=timedelta(seconds=seconds))]
    finally:
        await route.close()


# -- mail ------------------------------------------------------------------------------------------------------------


class Mailbox:
    """Takes mail, or answers what it is told to; `hold` makes it wait after the text has come."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.answer = "250 OK"
        self.to_recipient = "250 OK"
        self.hold: threading.Event | None = None
        self.users: list[bytes] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        if self.hold is not None:
            while not self.hold.is_set():
                await asyncio.sleep(0.02)
        return self.answer


@contextlib.contextmanager
def mail_server(**options: Any) -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=_free_port(), **options)
    controller.start()
    try:
        yield box, controller.port
    finally:
        if box.hold is not None:
            box.hold.set()
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def mail(port: int, **changed: Any) -> Route:
    given = {
        "kind": "mail",
        "name": "mail",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "vakt@forkant.example",
    }
    (found,) = read({"gateways": [given | changed]}).routes
    return found


async def test_a_mail_has_code_and_lane_and_not_even_the_link() -> None:
    with mail_server() as (box, port):
        (answer,) = await sent(mail(port), message(Channel.MAIL, "vakthavende@politiet.example"))
    assert (answer.outcome, answer.provider_id) == (Outcome.SUBMITTED, "ref-1")
    (envelope,) = box.got
    assert envelope.rcpt_tos == ["vakthavende@politiet.example"]
    assert isinstance(envelope.content, bytes)
    told = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert told["Subject"] == "Forkant 7F3A HASTER. Logg inn."
    assert told.get_body().get_content().strip() == "Forkant 7F3A HASTER. Logg inn."  # type: ignore[union-attr]
    assert b"secret-token" not in envelope.content
    assert (told["Importance"], told["Auto-Submitted"]) == ("high", "auto-generated")
    assert told["Message-ID"] == "<ref-1@forkant.example>"


@pytest.mark.parametrize(
    ("at", "says", "cause"),
    [("answer", "451 later", "SMTP_451"), ("answer", "550 no", "SMTP_550"), ("to_recipient", "550 who", "SMTP_550")],
)
async def test_a_mail_server_that_says_no_is_not_called_sent(at: str, says: str, cause: str) -> None:
    with mail_server() as (box, port):
        setattr(box, at, says)
        (answer,) = await sent(mail(port), message(Channel.MAIL, "a@b.example"))
    assert (answer.outcome, answer.cause) == (Outcome.REFUSED, cause)


async def test_a_mail_server_that_hangs_after_the_text_is_unknown() -> None:
    with mail_server() as (box, port):
        box.hold = threading.Event()
        (answer,) = await sent(mail(port), message(Channel.MAIL, "a@b.example"), seconds=0.4)
    assert (answer.outcome, answer.cause) == (Outcome.SILENT, "TIMEOUT")


async def test_no_mail_server_is_refused_at_once_and_an_address_cannot_add_a_header() -> None:
    (answer,) = await sent(mail(_free_port()), message(Channel.MAIL, "a@b.example"))
    assert (answer.outcome, answer.cause) == (Outcome.REFUSED, "NO_CONNECTION")
    with mail_server() as (box, port):
        (answer,) = await sent(mail(port), message(Channel.MAIL, "a@b.example\r\nBcc: spy@evil.example"))
    assert answer.outcome is not Outcome.SUBMITTED
    assert box.got == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test server has no certificate
async def test_a_mail_server_that_asks_is_shown_user_and_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("mail-password\n")
    seen: list[Any] = []

    def check(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        seen.append(given)
        return AuthResult(success=isinstance(given, LoginPassword) and given.password == b"mail-password")

    with mail_server(authenticator=check, auth_require_tls=False, auth_required=True) as (box, port):
        given = {"user": "forkant", "password": {"file": str(tmp_path / "password")}}
        (answer,) = await sent(mail(port, **given), message(Channel.MAIL, "a@b.example"))
        assert answer.outcome is Outcome.SUBMITTED
        (tmp_path / "password").write_text("wrong")
        (answer,) = await sent(mail(port, **given), message(Channel.MAIL, "a@b.example"))
        assert answer.outcome is Outcome.REFUSED
        assert answer.cause in ("SMTP_535", "NO_LOGIN")
    assert len(box.got) == 1
    assert len(seen) >= 2


@pytest.mark.parametrize(
    "changed",
    [{"host": "mail.example"}, {"user": "u"}, {"sender": "no address"}, {"port": 0}, {"password": {"env": "PATH"}}],
)
def test_mail_in_clear_to_another_machine_or_half_a_login_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="routes file is wrong"):
        mail(**{"port": 2525} | changed)


# -- webhook ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def receiver() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as found:
        yield found


def webhook(url: str, folder: Path, secret: str = WHSEC) -> Route:
    (folder / "whsec").write_text(secret)
    given = {"kind": "webhook", "name": "hook", "url": f"{url}/hook", "secret": {"file": "whsec"}}
    around = Surroundings(SystemClock(), ALONE.subscribed, ALONE.forget)
    (found,) = read({"gateways": [given]}, folder, around).routes
    return found


async def test_the_standards_own_library_verifies_the_signature_and_finds_code_and_lane_only(
    receiver: FakeGateway, tmp_path: Path
) -> None:
    (answer,) = await sent(webhook(receiver.url, tmp_path), message(Channel.WEBHOOK, "operations"))
    assert answer.outcome is Outcome.SUBMITTED
    (got,) = receiver.got
    told = Webhook(WHSEC).verify(receiver.bodies[0], got["headers"])
    assert told["type"] == "forkant.page"
    assert told["data"] == {
        "to": "operations",
        "code": "7F3A",
        "lane": "LIFE",
        "drill": False,
        "text": "Forkant 7F3A HASTER. Logg inn.",
    }
    assert got["headers"]["webhook-id"] == "ref-1"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(receiver.bodies[0], got["headers"])
    with pytest.raises(WebhookVerificationError):
        Webhook(WHSEC).verify(receiver.bodies[0] + b" ", got["headers"])


async def test_a_test_is_said_to_be_one(receiver: FakeGateway, tmp_path: Path) -> None:
    test = Outgoing("ref-2", Channel.WEBHOOK, "operations", Lane.NORMAL, Hint.TEST)
    await sent(webhook(receiver.url, tmp_path), test)
    assert json.loads(receiver.bodies[0])["type"] == "forkant.test"


@pytest.mark.parametrize(
    ("behaves", "outcome", "cause"),
    [
        ("hang", Outcome.SILENT, "TIMEOUT"),
        ("error", Outcome.REFUSED, "HTTP_500"),
        ("redirect", Outcome.REFUSED, "HTTP_307"),
    ],
)
async def test_a_receiver_that_does_not_take_it_is_not_called_sent_and_a_redirect_is_not_followed(
    receiver: FakeGateway, tmp_path: Path, behaves: str, outcome: Outcome, cause: str
) -> None:
    receiver.behaves = behaves
    (answer,) = await sent(webhook(receiver.url, tmp_path), message(Channel.WEBHOOK, "operations"), seconds=0.4)
    assert (answer.outcome, answer.cause) == (outcome, cause)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("secret", ["whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!"])
def test_a_secret_that_is_none_of_the_standards_is_refused_and_not_shown(tmp_path: Path, secret: str) -> None:
    with pytest.raises(Invalid) as refused:
        webhook("http://127.0.0.1:1", tmp_path, secret)
    assert secret not in f"{refused.value} {refused.value.field}" or secret == "whsec_"


def test_a_webhook_in_clear_to_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not https"):
        webhook("http://hook.example", tmp_path)


# -- the whole way ---------------------------------------------------------------------------------------------------


async def test_by_the_policy_that_has_them_a_normal_page_goes_by_mail_and_to_another_system_at_once(
    tmp_path: Path, clock: FixedClock, receiver: FakeGateway
) -> None:
    (tmp_path / "whsec").write_text(WHSEC)
    hook = {"kind": "webhook", "name": "hook", "url": receiver.url, "secret": {"file": "whsec"}}
    with mail_server() as (box, port):
        post = {"kind": "mail", "name": "mail", "host": "127.0.0.1", "port": port, "security": "none"}
        gateways = [hook, post | {"sender": "vakt@forkant.example"}]
        async with routed(tmp_path, clock, gateways=gateways, settings={"policy": "2026-2"}) as system:
            async with system.desk.parts.database.write() as session:
                await reach.put_address(session, "duty.officer", Channel.MAIL, "vakt@unit.example")
                await reach.put_address(session, "duty.officer", Channel.WEBHOOK, "operations")
            await system.desk.hear(escalation(lane="NORMAL"))
            await system.desk.send()
            (page,) = await system.desk.pages()
    assert {a["channel"]: a["state"] for a in page["attempts"]}.items() >= {
        ("MAIL", "SUBMITTED"),
        ("WEBHOOK", "SUBMITTED"),
    }
    assert [envelope.rcpt_tos for envelope in box.got] == [["vakt@unit.example"]]
    assert json.loads(receiver.bodies[0])["data"]["code"] == page["code"]
