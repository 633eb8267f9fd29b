"""Web Push against a push service on loopback that decrypts with a library that is not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forkant_notifier.clients.routes_file import read
from forkant_notifier.clients.web_push import WebPushRoute
from forkant_notifier.commands import reaching
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.push import may_be_reached
from forkant_notifier.store import duty, reach
from forkant_shared.errors import Conflict, Forbidden, Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.testing import FixedClock
from tests.notifier.support.browser_push import FakePushService, fake_push_service, vapid_pem
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.support.routes import Routed, routed

OFFICER = Principal("duty.officer", "Vakthavende", "PERSON", roles=frozenset({"duty.officer"}))


def push(service: str, **changed: Any) -> dict[str, Any]:
    return {
        "kind": "push",
        "name": "push",
        "key": {"file": "vapid.pem"},
        "contact": "mailto:drift@forkant.example",
        "services": [service],
    } | changed


@pytest.fixture
async def service() -> AsyncIterator[FakePushService]:
    async with fake_push_service() as found:
        yield found


@pytest.fixture
async def system(tmp_path: Path, clock: FixedClock, service: FakePushService) -> AsyncIterator[Routed]:
    (tmp_path / "vapid.pem").write_text(vapid_pem())
    async with routed(tmp_path, clock, gateways=[push(service.url)]) as found:
        await reaching.subscribe(found.desk.parts, OFFICER, **service.subscription())
        yield found


async def page_and_push(desk: TestDesk) -> str:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    (state,) = [a["state"] for a in page["attempts"] if a["channel"] == "PUSH" and a["state"] != "DUE"][:1]
    return str(state)


async def test_the_browser_reads_code_lane_and_link_and_the_push_service_reads_nothing(
    system: Routed, service: FakePushService
) -> None:
    assert await page_and_push(system.desk) == "SUBMITTED"
    (page,) = await system.desk.pages()
    (told,) = service.got
    assert told == {
        "text": f"Forkant {page['code']} HASTER. Logg inn.",
        "code": page["code"],
        "lane": "LIFE",
        "drill": False,
        "link": told["link"],
    }
    assert "/notifier/answer/" in told["link"]
    (raw,) = service.raw
    assert page["code"].encode() not in raw
    assert b"Forkant" not in raw
    (headers,) = service.headers
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("300", "high", "aes128gcm")
    (claims,) = service.claims
    assert claims["aud"] == service.url
    assert claims["sub"] == "mailto:drift@forkant.example"
    now = system.desk.clock.now()
    assert now < now.fromtimestamp(claims["exp"], tz=now.tzinfo) <= now + timedelta(hours=24)


async def test_every_message_is_as_long_as_any_other(system: Routed, service: FakePushService) -> None:
    await page_and_push(system.desk)
    await system.desk.hear(escalation(lane="NORMAL", threat_id="00000000-0000-7000-8000-000000000002"))
    await system.desk.send()
    assert [told["lane"] for told in service.got] == ["LIFE", "NORMAL"]
    assert len({len(raw) for raw in service.raw}) == 1


async def test_all_of_a_persons_browsers_are_told_and_one_is_enough(system: Routed, service: FakePushService) -> None:
    async with fake_push_service() as broken:
        broken.status = 500
        route = system.desk.desk.routes.routes["push"]
        assert isinstance(route, WebPushRoute)
        route.services = (*route.services, broken.url)
        await reaching.subscribe(system.desk.parts, OFFICER, **broken.subscription())
        assert await page_and_push(system.desk) == "SUBMITTED"
        assert len(broken.got) == len(service.got) == 1


@pytest.mark.parametrize(("status", "state"), [(500, "FAILED"), (429, "FAILED"), (302, "FAILED")])
async def test_a_service_that_does_not_take_it_is_not_called_sent(
    system: Routed, service: FakePushService, status: int, state: str
) -> None:
    service.status = status
    assert await page_and_push(system.desk) == state


async def test_a_service_that_hangs_is_unknown_and_holds_nothing_up(system: Routed, service: FakePushService) -> None:
    service.hangs = True
    system.desk.desk.policy = replace(system.desk.desk.policy, timeout=timedelta(seconds=0.3))
    assert await page_and_push(system.desk) == "UNKNOWN"


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten_with_its_address(
    system: Routed, service: FakePushService, status: int
) -> None:
    service.status = status
    assert await page_and_push(system.desk) == "FAILED"
    assert await system.desk.rows("select * from push_subscriptions") == []
    assert await system.desk.rows("select * from devices where channel = 'PUSH' and user = 'duty.officer'") == []
    await system.desk.hear(escalation(threat_id="00000000-0000-7000-8000-000000000002"))
    await system.desk.send()
    assert len(service.raw) == 1, "nobody pushes to a browser that is gone"


async def test_people_without_a_browser_do_not_make_the_route_a_failing_one(system: Routed) -> None:
    (mine,) = (await reaching.read_reach(system.desk.parts, OFFICER)).browsers
    await reaching.unsubscribe(system.desk.parts, OFFICER, mine.id)
    async with system.desk.parts.database.write() as session:
        await reach.put_address(session, "duty.officer", Channel.PUSH, "webpush:duty.officer")
    reaching.forget_book(system.desk.desk)
    for number in range(3):
        await system.desk.hear(escalation(threat_id=f"00000000-0000-7000-8000-00000000000{number + 2}"))
        await system.desk.send()
    (row,) = await system.desk.rows("select count(*) as n from attempts where cause = 'NO_BROWSER'")
    assert row["n"] >= 3
    assert system.state("push") == "GOOD"


async def test_a_browser_belongs_to_the_one_who_subscribed_last_and_to_nobody_twice(
    system: Routed, service: FakePushService
) -> None:
    deputy = Principal("duty.deputy", "Stedfortreder", "PERSON", roles=frozenset({"duty.deputy"}))
    await reaching.subscribe(system.desk.parts, deputy, **service.subscription())
    assert (await reaching.read_reach(system.desk.parts, OFFICER)).browsers == []
    (mine,) = (await reaching.read_reach(system.desk.parts, deputy)).browsers
    with pytest.raises(NotFound):
        await reaching.unsubscribe(system.desk.parts, OFFICER, mine.id)
    await reaching.unsubscribe(system.desk.parts, deputy, mine.id)
    assert await system.desk.rows("select * from devices where channel = 'PUSH' and user = 'duty.deputy'") == []


async def test_a_person_written_anew_keeps_the_browsers_they_let_notify_them(
    system: Routed, service: FakePushService
) -> None:
    async with system.desk.parts.database.write() as session:
        addresses = {Channel.SMS: "+4700000001", Channel.PUSH: "+4700000001"}
        await duty.put_person(session, "duty.officer", name="V", actor_id=None, floor=False, addresses=addresses)
    found = await system.desk.rows("select channel, address from devices where user = 'duty.officer' order by channel")
    assert [(row["channel"], row["address"]) for row in found] == [
        ("PUSH", "webpush:duty.officer"),
        ("SMS", "+4700000001"),
    ]
    await page_and_push(system.desk)
    assert len(service.got) == 1


async def test_the_oldest_of_many_browsers_goes(system: Routed, service: FakePushService) -> None:
    for number in range(7):
        await reaching.subscribe(system.desk.parts, OFFICER, **service.subscription(f"b{number}"))
    mine = (await reaching.read_reach(system.desk.parts, OFFICER)).browsers
    assert [browser.endpoint[-2:] for browser in mine] == ["b2", "b3", "b4", "b5", "b6"]


async def test_only_those_who_share_the_duty_subscribe_and_only_by_services_we_know(
    system: Routed, service: FakePushService
) -> None:
    good = service.subscription()
    with pytest.raises(Forbidden):
        await reaching.subscribe(
            system.desk.parts, Principal("analyst", "A", "PERSON", roles=frozenset({"analyst"})), **good
        )
    for wrong in ("http://127.0.0.1:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", ""):
        with pytest.raises(Invalid) as refused:
            await reaching.subscribe(system.desk.parts, OFFICER, **good | {"endpoint": wrong})
        assert refused.value.field == "endpoint"
    for wrong_key in ({"key": "AAAA"}, {"secret": "AA"}, {"key": "!"}, {"secret": ""}):
        with pytest.raises(Invalid) as refused:
            await reaching.subscribe(system.desk.parts, OFFICER, **good | wrong_key)
        assert refused.value.field == "key"


async def test_without_a_push_route_nobody_can_subscribe(desk: TestDesk, service: FakePushService) -> None:
    assert (await reaching.read_reach(desk.parts, OFFICER)).public_key is None
    with pytest.raises(Conflict):
        await reaching.subscribe(desk.parts, OFFICER, **service.subscription())


@pytest.mark.parametrize(
    ("endpoint", "may"),
    [
        ("https://push.example/x", True),
        ("https://a.b.wide.example/x", True),
        ("https://wide.example/x", False),
        ("https://evilwide.example/x", False),
        ("http://push.example/x", False),
        ("https://push.example:8443/x", False),
        ("https://push.example@evil.example/x", False),
        ("https://user@push.example/x", False),
        ("https://push.example.evil.example/x", False),
        ("https://[push.example/x", False),
        ("https://push.example/" + "x" * 1000, False),
    ],
)
def test_an_endpoint_is_one_of_the_services_the_operator_named(endpoint: str, may: bool) -> None:
    assert may_be_reached(endpoint, ["https://push.example", "https://*.wide.example"]) is may


@pytest.mark.parametrize(
    ("changed", "pem"),
    [
        ({"services": ["http://push.example"]}, None),
        ({"contact": "drift"}, None),
        ({}, "no key"),
        ({"services": []}, None),
    ],
)
def test_a_push_route_that_cannot_be_meant_is_refused(tmp_path: Path, changed: dict[str, Any], pem: str | None) -> None:
    (tmp_path / "vapid.pem").write_text(pem or vapid_pem())
    with pytest.raises(Invalid) as refused:
        read({"gateways": [push("https://push.example") | changed]}, tmp_path)
    assert str(refused.value.field).startswith("routes_file.gateways")
    assert "PRIVATE" not in str(refused.value)
