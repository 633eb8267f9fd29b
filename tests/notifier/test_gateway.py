"""The HTTP SMS gateway, against a real server on loopback that hangs, breaks, and says no with 200."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from forkant_notifier.clients.gateway import HttpGateway
from forkant_notifier.clients.route import Answer, Outgoing, Route
from forkant_notifier.clients.routes_file import read
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import PageMessage
from forkant_shared.errors import Invalid
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import LINES, TestDesk, escalation, standing
from tests.notifier.support.gateway import SECRET, SECRET_IN, FakeGateway, fake_gateway


def template(url: str, **changed: Any) -> dict[str, Any]:
    return {
        "name": "first",
        "url": f"{url}/send",
        "headers": {"X-Given": "k"},
        "body": {
            "kind": "json",
            "fields": {"messages": [{"to": "{to}", "text": "{text}", "ref": "{reference}"}], "priority": 1},
        },
        "success": {"status": [200], "path": "status", "values": ["OK"]},
        "id": "messages.0.id",
        "secret": {"env": SECRET_IN},
        "receipt": {"id": "id", "state": "state", "delivered": ["DELIVRD"], "failed": ["UNDELIV"]},
        "reply": {"sender": "from", "text": "text"},
    } | changed


def gateway_of(**changed: Any) -> HttpGateway:
    (found,) = read({"gateways": [template(**changed)]}).routes
    assert isinstance(found, HttpGateway)
    return found


@pytest.fixture
async def peer() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as found:
        yield found


def outgoing(number: int = 1, lane: Lane = Lane.LIFE) -> Outgoing:
    message = PageMessage("7F3A", lane, "https://desk/notifier/answer/x")
    return Outgoing(f"ref-{number}", Channel.SMS, f"+470000000{number}", lane, message)


async def submitted(gateway: Route, *batch: Outgoing, seconds: float = 3) -> list[Answer]:
    try:
        return [answer async for answer in gateway.submit(batch, timeout=timedelta(seconds=seconds))]
    finally:
        await gateway.close()


async def test_json_form_and_query_are_filled_in(peer: FakeGateway) -> None:
    (answer,) = await submitted(gateway_of(url=peer.url), outgoing())
    assert (answer.outcome, answer.provider_id) == (Outcome.SUBMITTED, "gw-1")
    told = peer.got[0]
    assert told["messages"] == [{"to": "+4700000001", "text": "Forkant 7F3A HASTER. Logg inn.", "ref": "ref-1"}]
    assert told["priority"] == 1
    assert told["headers"]["x-given"] == "k"
    fields = {"to": "{to}", "text": "{text}"}
    await submitted(gateway_of(url=peer.url, body={"kind": "form", "fields": fields}), outgoing())
    query = gateway_of(url=peer.url, method="GET", body={"kind": "query", "fields": fields})
    await submitted(query, outgoing())
    for told in peer.got[1:]:
        assert (told["to"], told["text"]) == ("+4700000001", "Forkant 7F3A HASTER. Logg inn.")
    assert [told["method"] for told in peer.got] == ["POST", "POST", "GET"]


async def test_an_address_with_a_place_in_it_is_quoted(peer: FakeGateway) -> None:
    changed = template(peer.url) | {"url": f"{peer.url}/to/{{to}}?t={{text}}", "body": {"kind": "query", "fields": {}}}
    (found,) = read({"gateways": [changed | {"method": "GET"}]}).routes
    await submitted(found, outgoing())
    assert peer.got[0]["path"] == "/to/+4700000001"
    assert peer.got[0]["t"] == "Forkant 7F3A HASTER. Logg inn."


@pytest.mark.parametrize(
    ("behaves", "outcome", "cause"),
    [
        ("hang", Outcome.SILENT, "TIMEOUT"),
        ("error", Outcome.REFUSED, "HTTP_500"),
        ("no", Outcome.REFUSED, "GATEWAY_SAID_NO"),
    ],
)
async def test_what_is_not_a_clear_yes_is_not_called_sent(
    peer: FakeGateway, behaves: str, outcome: Outcome, cause: str
) -> None:
    peer.behaves = behaves
    (answer,) = await submitted(gateway_of(url=peer.url), outgoing(), seconds=0.3)
    assert (answer.outcome, answer.cause, answer.provider_id) == (outcome, cause, None)


async def test_a_gateway_nobody_answers_at_is_refused_at_once() -> None:
    (answer,) = await submitted(gateway_of(url="http://127.0.0.1:1"), outgoing())
    assert (answer.outcome, answer.cause) == (Outcome.REFUSED, "NO_CONNECTION")


async def test_a_text_answer_is_judged_by_its_pattern(peer: FakeGateway) -> None:
    yes = gateway_of(url=peer.url, success={"status": [200], "pattern": '"status":"OK"'}, id=None)
    (answer,) = await submitted(yes, outgoing())
    assert (answer.outcome, answer.provider_id) == (Outcome.SUBMITTED, "ref-1")
    no = gateway_of(url=peer.url, success={"status": [200], "pattern": "^0: Accepted"}, id=None)
    (answer,) = await submitted(no, outgoing())
    assert answer.cause == "GATEWAY_SAID_NO"


async def test_a_whole_batch_leaves_at_once(peer: FakeGateway) -> None:
    answers = await submitted(gateway_of(url=peer.url), *[outgoing(number) for number in range(1, 10)])
    assert {answer.reference for answer in answers} == {f"ref-{number}" for number in range(1, 10)}
    assert {answer.outcome for answer in answers} == {Outcome.SUBMITTED}


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "ftp://gateway"},
        {"body": {"kind": "json", "fields": {"text": "{content}"}}},
        {"headers": {"X": "{name}"}},
        {"secret": None},
        {"secret": "written-out-in-the-file"},
        {"secret": {"env": "FORKANT_TEST_NOT_SET"}},
        {"secret": {"file": "not-there"}},
        {"headers": {"Authorization": "Bearer written-out"}},
        {"credentials": {"text": {"env": "PATH"}}},
        {"unknown": 1},
        {"success": {"status": []}},
    ],
)
def test_a_template_that_cannot_work_or_asks_for_content_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        read({"gateways": [template("http://gateway") | changed]})
    assert refused.value.field and refused.value.field.startswith("routes_file")


def test_two_gateways_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="same name"):
        read({"gateways": [template("http://a"), template("http://b")]})


# -- the whole way, over the wire ------------------------------------------------------------------------------------


@pytest.fixture
async def two(tmp_path: Path, clock: FixedClock) -> AsyncIterator[tuple[TestDesk, FakeGateway, FakeGateway]]:
    async with fake_gateway() as first, fake_gateway() as second:
        routes = tmp_path / "routes.yaml"
        gateways = [template(first.url), template(second.url, name="second")]
        routes.write_text(yaml.safe_dump({"gateways": gateways}))
        async with standing(tmp_path, clock, routes_file=routes) as desk:
            desk.desk.policy = replace(desk.desk.policy, timeout=timedelta(seconds=0.3))
            yield desk, first, second


async def sms_states(desk: TestDesk) -> list[str]:
    (page,) = await desk.pages()
    return [a["state"] for a in page["attempts"] if a["channel"] == "SMS"]


@pytest.mark.parametrize(("behaves", "state"), [("hang", "UNKNOWN"), ("error", "FAILED"), ("no", "FAILED")])
async def test_the_other_gateway_rings_when_the_first_does_not(
    two: tuple[TestDesk, FakeGateway, FakeGateway], behaves: str, state: str
) -> None:
    desk, first, second = two
    first.behaves = behaves
    await desk.hear(escalation())
    await desk.send()
    assert await sms_states(desk) == [state, "SUBMITTED"]
    assert first.got[0]["messages"][0]["text"] == second.got[0]["messages"][0]["text"]


async def tell(desk: TestDesk, what: str, told: dict[str, Any], *, secret: str = SECRET) -> int:
    answer = await desk.client.post(
        f"/notifier/v1/gateways/first/{what}", json=told, headers={"Authorization": f"Bearer {secret}"}
    )
    return answer.status_code


async def test_receipts_in_any_order_number_and_time_are_taken(
    two: tuple[TestDesk, FakeGateway, FakeGateway],
) -> None:
    desk, _, second = two
    assert await tell(desk, "receipts", {"id": "gw-1", "state": "DELIVRD"}) == 204, "before we know the message"
    await desk.hear(escalation())
    await desk.send()
    assert await sms_states(desk) == ["DELIVERED"]
    for state in ("DELIVRD", "UNDELIV", "ENROUTE", "DELIVRD"):
        assert await tell(desk, "receipts", {"id": "gw-1", "state": state}) == 204
    assert await sms_states(desk) == ["DELIVERED"]
    assert second.got == []


async def test_a_receipt_that_says_no_sends_it_over_the_other_gateway(
    two: tuple[TestDesk, FakeGateway, FakeGateway],
) -> None:
    desk, _, second = two
    await desk.hear(escalation())
    await desk.send()
    assert await sms_states(desk) == ["SUBMITTED"]
    await tell(desk, "receipts", {"id": "gw-1", "state": "UNDELIV"})
    await desk.send()
    assert await sms_states(desk) == ["FAILED", "SUBMITTED"]
    assert len(second.got) == 1


async def test_a_receipt_is_not_an_answer(two: tuple[TestDesk, FakeGateway, FakeGateway]) -> None:
    desk, _, _ = two
    await desk.hear(escalation())
    await desk.send()
    await tell(desk, "receipts", {"id": "gw-1", "state": "DELIVRD"})
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_an_answer_comes_in_through_the_gateway(two: tuple[TestDesk, FakeGateway, FakeGateway]) -> None:
    desk, _, _ = two
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    told = {"from": LINES["duty.officer"], "text": f"{page['code']} ja"}
    assert await tell(desk, "replies", told, secret="not-the-secret-at-all") == 401
    assert (await desk.pages())[0]["state"] == "OPEN"
    assert await tell(desk, "replies", told) == 204
    assert (await desk.pages())[0]["accepted_by"] == "duty.officer"


async def test_a_gateway_shows_its_secret_as_basic_authentication_too_and_may_send_a_form(
    two: tuple[TestDesk, FakeGateway, FakeGateway],
) -> None:
    desk, _, _ = two
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    answer = await desk.client.post(
        "/notifier/v1/gateways/first/replies",
        data={"from": LINES["duty.officer"], "text": page["code"]},
        auth=("gateway", SECRET),
    )
    assert answer.status_code == 204
    assert (await desk.pages())[0]["state"] == "ACCEPTED"


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic !!", "Digest x", "Basic eA=="])
async def test_nobody_else_speaks_for_a_gateway(
    two: tuple[TestDesk, FakeGateway, FakeGateway], header: str | None
) -> None:
    desk, _, _ = two
    for name in ("first", "nobody"):
        answer = await desk.client.post(
            f"/notifier/v1/gateways/{name}/receipts", json={}, headers={"Authorization": header} if header else {}
        )
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"not json", b"[1]", b'{"from": 1}', b"[" * 100_000])
async def test_nonsense_from_a_gateway_is_refused_and_changes_nothing(
    two: tuple[TestDesk, FakeGateway, FakeGateway], body: bytes
) -> None:
    desk, _, _ = two
    answer = await desk.client.post(
        "/notifier/v1/gateways/first/replies", content=body, headers={"Authorization": f"Bearer {SECRET}"}
    )
    assert answer.status_code == 422
