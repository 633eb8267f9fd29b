"""Two routes to the phones, one of them broken in every way, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from forkant_notifier.clients.gateway import HttpGateway
from forkant_notifier.clients.routes_file import read
from forkant_notifier.commands.routing import forget_tests, learn_standings, watch_routes
from forkant_shared.errors import Invalid
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import LINES, escalation, standing
from tests.notifier.support.gateway import SECRET, SECRET_IN
from tests.notifier.support.routes import TEST_TO, Routed, routed, sms


@pytest.fixture
async def system(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Routed]:
    async with routed(tmp_path, clock) as found:
        yield found


async def rung(system: Routed) -> list[tuple[str, str]]:
    """Route and state of every SMS of every page, in order."""
    rows = await system.desk.rows(
        "select route, state from attempts where page_id is not null and channel = 'SMS' order by id"
    )
    return [(row["route"], row["state"]) for row in rows]


async def own_pages(system: Routed) -> list[dict[str, object]]:
    return await system.desk.rows("select * from pages where origin = 'ROUTE_DEAD' order by opened_at")


async def test_every_route_is_tried_at_the_start_and_each_quarter_of_an_hour_and_wakes_nobody(system: Routed) -> None:
    await system.goes_on(5)
    for gateway in (system.first, system.second):
        assert [(got["to"], got["text"]) for got in gateway.got] == [(TEST_TO, "Forkant prøve. Ingen skal svare.")]
    await system.goes_on(890, each=10)
    assert len(system.first.got) == 1
    await system.goes_on(20)
    assert len(system.first.got) == len(system.second.got) == 2
    assert await own_pages(system) == []
    assert await system.desk.pages() == []
    assert system.desk.desk.routes.health(system.desk.clock.now())[0].proven


async def test_tries_of_routes_are_kept_for_a_week_and_pages_for_as_long_as_ever(
    tmp_path: Path, clock: FixedClock
) -> None:
    receipts = {"receipt": {"id": "id", "state": "state", "delivered": ["DELIVRD"]}}
    async with routed(tmp_path, clock, first=receipts) as system:
        await system.goes_on(5)
        await system.desk.hear(escalation())
        await system.desk.send()
        (tested,) = await system.desk.rows(
            "select provider_id from attempts where hint = 'TEST' and route = 'first' and provider_id is not null"
        )
        assert await system.tell("receipts", {"id": tested["provider_id"], "state": "DELIVRD"}) == 204
        of_page = "select id from attempts where page_id is not null"
        kept = await system.desk.rows(of_page)
        assert kept and len(await system.desk.rows("select 1 from receipts")) == 1
        clock.advance(timedelta(days=6, hours=23))
        assert await forget_tests(system.desk.parts) == 0
        clock.advance(timedelta(hours=2))
        assert await forget_tests(system.desk.parts) == 2
        assert await system.desk.rows("select 1 from attempts where page_id is null") == []
        assert await system.desk.rows("select 1 from receipts") == []
        assert await system.desk.rows(of_page) == kept


@pytest.mark.parametrize("behaves", ["hang", "no", "error"])
async def test_a_route_that_fails_goes_to_the_back_and_the_page_goes_by_the_other_with_the_same_code(
    system: Routed, behaves: str
) -> None:
    system.first.behaves = behaves
    begun = time.monotonic()
    for _ in range(3):
        await system.desk.hear(escalation())
        await system.desk.send()
    assert time.monotonic() - begun < 30
    assert system.state("first") == "FAILING"
    taken = [route for route, state in await rung(system) if state == "SUBMITTED"]
    assert taken == ["second"] * 3
    texts = [[got["text"] for got in gateway.got] for gateway in (system.first, system.second)]
    assert texts[0] == texts[1]
    await system.desk.hear(escalation())
    await system.desk.send()
    assert len(system.first.got) == 3, "the fourth page does not wait for the broken one"
    assert len(system.second.got) == 4


async def test_a_dead_route_is_found_by_its_tests_alone_is_a_page_to_operations_and_comes_back_by_itself(
    system: Routed,
) -> None:
    await system.goes_on(5)
    system.first.behaves = "error"
    await system.goes_on(900, each=10)
    await system.goes_on(100)
    assert system.state("first") == "DEAD"
    (page,) = await own_pages(system)
    assert (page["lane"], page["state"]) == ("NORMAL", "OPEN")
    rung_users = await system.desk.rows(f"select distinct user from attempts where page_id = '{page['id']}'")
    assert [row["user"] for row in rung_users] == ["operations"]
    told = [got["text"] for got in system.second.got if got["to"] == LINES.get("operations", "+4700000009")]
    assert told == [f"Forkant {page['code']}. Logg inn."]
    system.first.behaves = "ok"
    await system.goes_on(30)
    assert system.state("first") == "GOOD"
    (page,) = await own_pages(system)
    assert page["state"] == "CLOSED"
    lines = await system.desk.rows(f"select kind, code from timeline where page_id = '{page['id']}' order by seq")
    assert (lines[0]["kind"], lines[0]["code"]) == ("OPENED", "route-dead,first")
    assert (lines[-1]["kind"], lines[-1]["code"]) == ("CLOSED", "ROUTE_BACK")


async def test_a_person_who_has_the_page_of_a_dead_route_ends_it(system: Routed) -> None:
    await system.goes_on(5)
    system.first.behaves = "no"
    for _ in range(3):
        await system.desk.hear(escalation())
    await system.goes_on(75)
    (page,) = await own_pages(system)
    path = f"/notifier/v1/pages/{page['id']}"
    answered = await system.desk.client.post(
        f"{path}/accept", json={"answer": "ACCEPT"}, headers=system.desk.as_user("operations")
    )
    assert answered.status_code == 200, answered.text
    system.first.behaves = "ok"
    await system.goes_on(30)
    detail = await system.desk.get(path)
    assert detail["state"] == "ACCEPTED"
    assert detail["timeline"][-1]["kind"] == "ROUTE_BACK"
    closed = await system.desk.client.post(
        f"{path}/close", json={"cause": "HANDLED"}, headers=system.desk.as_user("operations")
    )
    assert closed.status_code == 200


async def test_what_is_known_of_a_route_outlives_the_process(tmp_path: Path, clock: FixedClock) -> None:
    async with routed(tmp_path, clock) as system:
        await system.goes_on(5)
        system.first.behaves = "error"
        for _ in range(3):
            await system.desk.hear(escalation())
        await system.goes_on(20)
        stored = await system.desk.rows("select name, state from routes order by name")
        assert [(row["name"], row["state"]) for row in stored] == [("first", "FAILING"), ("second", "GOOD")]
        url = system.desk.parts.settings.database_url
        file = system.desk.parts.settings.routes_file
    async with standing(tmp_path / "..", clock, routes_file=file, database_url=url) as again:
        assert again.desk.routes.standings["first"].state.value == "FAILING"
        assert (
            again.desk.routes.order(next(iter(again.desk.routes.routes["first"].channels)), clock.now())[0] == "second"
        )


async def test_two_instances_are_of_one_mind_and_tell_of_a_death_once(tmp_path: Path, clock: FixedClock) -> None:
    async with routed(tmp_path, clock) as system:
        await system.goes_on(5)
        settings = system.desk.parts.settings
        same = {"routes_file": settings.routes_file, "database_url": settings.database_url, "instance": "2"}
        (tmp_path / "two").mkdir()
        async with standing(tmp_path / "two", clock, **same) as second:
            system.first.behaves = "error"
            for _ in range(3):
                await system.desk.hear(escalation())
            for _ in range(20):
                await system.goes_on(5)
                await learn_standings(second.parts)
                await watch_routes(second.parts)
            assert len(await own_pages(system)) == 1
            assert (await own_pages(system))[0]["state"] == "OPEN"
            channel = next(iter(second.desk.routes.routes["first"].channels))
            assert second.desk.routes.order(channel, clock.now()) == ["second", "first"]
            system.first.behaves = "ok"
            for _ in range(8):
                await system.goes_on(5)
                await learn_standings(second.parts)
                await watch_routes(second.parts)
            assert (await own_pages(system))[0]["state"] == "CLOSED"
            assert second.desk.routes.standings["first"].state.value == "GOOD"


async def test_both_routes_down_the_page_keeps_climbing_and_leaves_when_one_is_back(system: Routed) -> None:
    system.first.behaves = system.second.behaves = "error"
    await system.desk.hear(escalation())
    await system.goes_on(60)
    assert "SUBMITTED" not in [state for _, state in await rung(system)]
    system.second.behaves = "ok"
    await system.goes_on(60)
    assert ("second", "SUBMITTED") in await rung(system)
    assert system.state("second") == "GOOD"


# -- what carriers tell ----------------------------------------------------------------------------------------------

POLL = {"poll": {"url": "http://replaced/{id}", "state": "state", "delivered": ["DELIVRD"], "failed": ["UNDELIV"]}}


async def test_a_carrier_that_does_not_call_is_asked_and_its_word_counts(tmp_path: Path, clock: FixedClock) -> None:
    async with routed(tmp_path, clock) as plain:
        url = plain.first.url
        document = yaml.safe_load((tmp_path / "routes.yaml").read_text())
        document["gateways"][0] |= {"poll": POLL["poll"] | {"url": f"{url}/state/{{id}}"}}
        (tmp_path / "routes.yaml").write_text(yaml.safe_dump(document))
        plain.first.states = {"gw-1": "ENROUTE", "gw-2": "UNDELIV"}
        async with standing(tmp_path, clock, routes_file=tmp_path / "routes.yaml") as desk:
            system = Routed(desk, plain.first, plain.second)
            await desk.hear(escalation())
            await desk.send()
            await system.goes_on(5)
            assert await rung(system) == [("first", "SUBMITTED")]
            plain.first.states["gw-1"] = "DELIVRD"
            await system.goes_on(5)
            assert await rung(system) == [("first", "DELIVERED")]
            assert system.state("first") == "GOOD"
            await system.goes_on(700, each=10)
            asked = plain.first.asked.count("gw-3")
            await system.goes_on(20)
            assert plain.first.asked.count("gw-3") == asked > 50, "after ten minutes nobody asks any more"


async def test_receipts_of_messages_nobody_knows_are_bounded_answered_and_forgotten(system: Routed) -> None:
    receipts = {"receipt": {"id": "id", "state": "state", "delivered": ["DELIVRD"], "failed": ["UNDELIV"]}}
    gateway = system.desk.desk.routes.routes["first"]
    assert isinstance(gateway, HttpGateway)
    gateway.template = gateway.template.model_validate(
        gateway.template.model_dump(exclude_unset=True) | receipts | {"secret": {"env": SECRET_IN}}
    )
    begun = time.monotonic()
    answers = [await system.tell("receipts", {"id": f"unknown-{n}", "state": "DELIVRD"}) for n in range(700)]
    assert set(answers) == {204}
    assert time.monotonic() - begun < 15
    kept = (await system.desk.rows("select count(*) as n from receipts"))[0]["n"]
    assert 500 <= kept < 600
    for _ in range(20):
        await system.tell("receipts", {"id": "unknown-0", "state": "DELIVRD"})
    assert (await system.desk.rows("select count(*) as n from receipts"))[0]["n"] == kept, "a repeat is kept once"
    system.desk.clock.advance(timedelta(hours=2))
    await system.goes_on(5)
    assert (await system.desk.rows("select count(*) as n from receipts"))[0]["n"] == 0


async def test_a_flood_is_answered_with_a_no_that_names_when_and_keeps_no_answer_out(
    tmp_path: Path, clock: FixedClock
) -> None:
    few = {"callbacks": {"per_second": 0.1, "burst": 10}}
    async with routed(tmp_path, clock, health=few) as system:
        answers = [await system.tell("receipts", {}) for _ in range(300)]
        assert answers[:10] == [204] * 10
        assert answers.count(503) >= 250
        assert await system.tell("replies", {"from": "x", "text": "y"}) == 204, "a human's answer has places of its own"
        refused = await system.desk.client.post(
            "/notifier/v1/gateways/first/receipts", headers={"Authorization": f"Bearer {SECRET}"}
        )
        assert refused.headers["retry-after"] == "1"
        assert await system.tell("replies", {"from": "x", "text": "y"}, name="second") == 204, (
            "others are not held back"
        )


@pytest.mark.parametrize("written", ["+4700000001", "004700000001", "00 00 00 01", 4700000001])
async def test_a_reply_is_known_by_its_number_however_the_carrier_writes_it(system: Routed, written: str | int) -> None:
    await system.desk.hear(escalation())
    await system.desk.send()
    (page,) = await system.desk.pages()
    assert await system.tell("replies", {"from": written, "text": page["code"]}) == 204
    assert (await system.desk.pages())[0]["accepted_by"] == "duty.officer"


@pytest.mark.parametrize("forged", ["+4799999999", "+4600000001", "Forkant", "", "+47 00000001 2"])
async def test_a_reply_with_the_right_code_from_another_number_changes_nothing_and_is_not_answered(
    system: Routed, forged: str
) -> None:
    await system.desk.hear(escalation())
    await system.desk.send()
    (page,) = await system.desk.pages()
    sent = len(system.first.got)
    assert await system.tell("replies", {"from": forged, "text": f"{page['code']} JA"}) == 204
    await system.desk.send()
    assert (await system.desk.pages())[0]["state"] == "OPEN"
    assert len(system.first.got) == sent


# -- credentials -----------------------------------------------------------------------------------------------------


async def test_a_credential_comes_from_its_file_and_is_in_no_answer_of_ours(tmp_path: Path, clock: FixedClock) -> None:
    changed = {"credentials": {"key": {"file": "key"}}, "headers": {"X-Api-Key": "Key {key}"}}
    (tmp_path / "key").write_text("carrier-password\n")
    async with routed(tmp_path, clock, first=changed) as system:
        await system.goes_on(5)
        assert system.first.got[0]["headers"]["x-api-key"] == "Key carrier-password"
        health = await system.desk.client.get("/notifier/v1/status", headers=system.desk.as_user("admin"))
        assert "carrier-password" not in health.text
        assert SECRET not in health.text
        route = system.desk.desk.routes.routes["first"]
        assert isinstance(route, HttpGateway)
        assert "carrier-password" not in repr(route.template) + repr(route)


def test_a_secret_too_short_to_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short")
    with pytest.raises(Invalid, match="too short") as refused:
        read({"gateways": [sms("first", "http://gateway", secret={"file": "short"})]}, tmp_path)
    assert refused.value.field == "routes_file.gateways.first.secret"
