"""A canary word goes in through every door of the notifier; it leaves through none that leads to a phone or a log."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from prometheus_client import generate_latest

from forkant_notifier.commands import reaching
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint, PageMessage
from forkant_notifier.store import duty, reach
from forkant_shared import telemetry
from forkant_shared.identity import Principal
from forkant_shared.testing import FixedClock
from tests.notifier.support.browser import Browser
from tests.notifier.support.browser_push import fake_push_service, vapid_pem
from tests.notifier.support.desk import LINES, TestDesk, escalation, standing
from tests.notifier.support.gateway import SECRET, fake_gateway
from tests.notifier.support.routes import routed
from tests.notifier.test_gateway import template
from tests.notifier.test_mail_and_webhook import WHSEC, mail_server
from tests.notifier.test_voice import voice
from tests.notifier.test_web_push import push

CANARY = "Kanarifuglen"


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    lines = io.StringIO()
    telemetry.configure(service="notifier", level="DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    return lines


async def through_every_door(desk: TestDesk) -> None:
    """Escalation reasons, notes, calls, replies, names, and nonsense of every kind."""
    async with desk.parts.database.write() as session:
        await duty.put_person(session, "canary", name=CANARY, actor_id=None, floor=False, addresses={})
    await desk.hear(escalation(reason=CANARY))
    await desk.send()
    page = (await desk.pages())[0]
    who = desk.as_user("duty.officer")
    address = f"/notifier/v1/pages/{page['id']}"
    assert (await desk.client.post(f"{address}/notes", json={"note": CANARY}, headers=who)).status_code == 200
    for path, body in (
        ("accept", {"answer": CANARY}),
        ("accept", {CANARY: CANARY}),
        ("close", {"cause": CANARY}),
    ):
        refused = await desk.client.post(f"{address}/{path}", json=body, headers=who)
        assert refused.status_code == 422
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    form = "/notifier/calls/new"
    call = {"caller": "UNKNOWN", "what": CANARY, "urgency": "NOW", "violence": "yes", "threatened": CANARY}
    saved = await browser.send(form, form, **call)
    assert saved.status_code == 303
    assert CANARY not in str(saved.headers)
    await desk.client.get(f"/notifier/{CANARY}")
    await desk.client.get("/notifier/v1/pages", params={"threat": CANARY}, headers=who)
    await desk.wait(400)


async def test_no_message_event_log_line_metric_or_url_knows_it(desk: TestDesk, log_lines: io.StringIO) -> None:
    await through_every_door(desk)
    await desk.client.post("/notifier/sandbox/replies", json={"from": LINES["duty.officer"], "body": CANARY})
    await desk.send()
    messages = await desk.messages()
    assert len(messages) > 6
    assert CANARY not in json.dumps(messages)
    allowed = {hint.value for hint in Hint}
    assert all(m["body"] in allowed or (m["body"].startswith("Forkant ") and len(m["body"]) <= 30) for m in messages)
    for table in ("outbox", "audit", "attempts", "pages", "sandbox_messages", "feed", "receipts"):
        if table != "feed":
            assert CANARY not in json.dumps(await desk.rows(f"select * from {table}"), default=str), table
    assert CANARY not in log_lines.getvalue()
    assert CANARY.encode() not in generate_latest()


async def test_no_request_to_a_gateway_knows_it(tmp_path: Path, clock: FixedClock, log_lines: io.StringIO) -> None:
    async with fake_gateway() as peer:
        routes = tmp_path / "routes.yaml"
        routes.write_text(json.dumps({"gateways": [template(peer.url)]}))
        async with standing(tmp_path, clock, routes_file=routes) as desk:
            await through_every_door(desk)
            told = {"from": LINES["duty.officer"], "text": CANARY}
            await desk.client.post(
                "/notifier/v1/gateways/first/replies", json=told, headers={"Authorization": f"Bearer {SECRET}"}
            )
            await desk.send()
        assert len(peer.got) > 2
        assert CANARY not in json.dumps(peer.got)
    assert CANARY not in log_lines.getvalue()
    assert SECRET not in log_lines.getvalue()
    for line in LINES.values():
        assert line not in log_lines.getvalue(), "a phone number is no log entry either"


async def test_no_call_push_mail_or_webhook_knows_it(tmp_path: Path, clock: FixedClock, log_lines: io.StringIO) -> None:
    (tmp_path / "vapid.pem").write_text(vapid_pem())
    (tmp_path / "whsec").write_text(WHSEC)
    async with fake_gateway() as calls, fake_push_service() as pushes, fake_gateway() as hooks:
        with mail_server() as (mailbox, port):
            gateways = [
                voice("voice", calls.url),
                push(pushes.url),
                {"kind": "webhook", "name": "hook", "url": hooks.url, "secret": {"file": "whsec"}},
                {"kind": "mail", "name": "mail", "host": "127.0.0.1", "port": port, "security": "none"}
                | {"sender": "vakt@forkant.example"},
            ]
            async with routed(tmp_path, clock, gateways=gateways) as system:
                desk = system.desk
                async with desk.parts.database.write() as session:
                    await reach.put_address(session, "duty.officer", Channel.MAIL, "vakt@unit.example")
                    await reach.put_address(session, "duty.officer", Channel.WEBHOOK, "operations")
                officer = Principal("duty.officer", CANARY, "PERSON", roles=frozenset({"duty.officer"}))
                await reaching.subscribe(desk.parts, officer, **pushes.subscription(CANARY))
                everything = replace(desk.desk.policy.lanes[Lane.LIFE].steps[0], channels=tuple(Channel))
                life = desk.desk.policy.lanes[Lane.LIFE]
                lanes = {**desk.desk.policy.lanes, Lane.LIFE: replace(life, steps=(everything, *life.steps[1:]))}
                desk.desk.policy = replace(desk.desk.policy, lanes=lanes)
                await through_every_door(desk)
                await system.tell("keypad", {"call": {"ref": CANARY, "digits": CANARY}}, name="voice")
                await system.goes_on(10)
        told = [json.dumps(calls.got), json.dumps(pushes.got), json.dumps(hooks.got)]
        told += [str(envelope.content) for envelope in mailbox.got]
        assert calls.got
        assert pushes.got
        assert hooks.got
        assert mailbox.got
        assert not [one for one in told if CANARY in one]
    for secret in (CANARY, WHSEC, SECRET, pushes.subscription()["secret"], pushes.url):
        assert secret not in log_lines.getvalue()
    assert CANARY.encode() not in generate_latest()


def test_the_message_has_no_room_for_content() -> None:
    with pytest.raises(TypeError):
        PageMessage("7F3A", "LIFE", "https://desk", CANARY)  # type: ignore[call-arg, arg-type]
