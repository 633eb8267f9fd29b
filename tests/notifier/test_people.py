"""People on the desk: written by the same checks as a file's, refused where that leaves nobody, and let go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from forkant_notifier.commands import reaching
from forkant_notifier.commands.people import person_id
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.push import PREFIX
from forkant_notifier.settings import Settings
from forkant_notifier.store import devices, duty, reach
from forkant_notifier.tables import ATTEMPTS
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk

PEOPLE = "/notifier/v1/duty/people"
NEW: dict[str, Any] = {"user": "a.berg", "name": "A. Berg", "phone": "+4700000011"}


async def put(desk: TestDesk, path: str, body: Any, user: str = "duty.leader", method: str = "POST") -> httpx.Response:
    return await desk.client.request(method, f"{PEOPLE}{path}", json=body, headers=desk.as_user(user))


async def person(desk: TestDesk, user: str, reader: str = "duty.leader") -> dict[str, Any]:
    found: dict[str, Any] = await desk.get(f"{PEOPLE}/{person_id(user)}", reader)
    return found


async def test_a_person_written_on_the_desk_can_have_a_shift_and_is_rung(desk: TestDesk) -> None:
    made = await put(desk, "", {**NEW, "mail": "a.berg@unit.example"})
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{PEOPLE}/{made.json()['id']}"
    taken = await desk.client.post(
        "/notifier/v1/duty/overrides", json={"tier": 1, "user": "a.berg"}, headers=desk.as_user("duty.leader")
    )
    assert taken.status_code == 201, taken.text
    await desk.opened()
    assert "+4700000011" in {message["to"] for message in await desk.messages()}
    told = [str(row["details"]) for row in await desk.rows("select details from audit where subject = 'duty.leader'")]
    assert any("PERSON" in details and "a.berg" in details for details in told)
    assert not any("+47" in details for details in told)
    noted = await desk.rows("select kind, user, \"by\" from duty_changes where kind = 'PERSON'")
    assert [(row["kind"], row["user"], row["by"]) for row in noted] == [("PERSON", "a.berg", "duty.leader")]


async def test_a_number_is_whole_for_who_may_plan_and_two_digits_for_others(desk: TestDesk) -> None:
    await put(desk, "", {**NEW, "mail": "a.berg@unit.example"})
    seen = {d["channel"]: d["address"] for d in (await person(desk, "a.berg"))["devices"]}
    assert seen == {"SMS": "+4700000011", "CALL": "+4700000011", "MAIL": "a.berg@unit.example"}
    for reader in ("duty.officer", "auditor"):
        others = {d["channel"]: d["address"] for d in (await person(desk, "a.berg", reader))["devices"]}
        assert others == {"SMS": "•• 11", "CALL": "•• 11", "MAIL": None}
    listed = await desk.client.get(PEOPLE, headers=desk.as_user("duty.officer"))
    assert "+47" not in listed.text
    assert (await put(desk, "", NEW, "duty.officer")).status_code == 403
    assert (await desk.client.get(PEOPLE, headers=desk.as_user("analyst"))).status_code == 403


async def test_looking_at_the_list_is_written_down(desk: TestDesk) -> None:
    before = len(await desk.rows("select * from audit where kind = 'CONSULTATION'"))
    await desk.get(PEOPLE, "auditor")
    rows = await desk.rows("select action, details from audit where kind = 'CONSULTATION'")
    assert len(rows) == before + 1
    assert rows[-1]["action"] == "notifier.duty.read"


async def test_a_wrong_number_is_refused_with_the_number_that_was_meant(desk: TestDesk) -> None:
    refused = await put(desk, "", {**NEW, "phone": "00 00 00 11"})
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert (error["field"], error["remedy"]) == ("phone", "Write it as +4700000011.")
    assert (await put(desk, "", {**NEW, "phone": "+4700000001"})).json()["errors"][0]["field"] == "phone"
    assert (await put(desk, "", {**NEW, "user": "duty.officer"})).status_code == 409
    assert (await put(desk, "", {**NEW, "colour": "red"})).status_code == 422
    assert len(await desk.rows("select * from people")) == 11


async def test_the_last_phone_of_a_shift_stays_until_somebody_else_has_the_shift(desk: TestDesk) -> None:
    leader = f"/{person_id('duty.leader')}"
    bare = {"name": "Leader"}
    # The demo's phone for pushes was written by a file: it stays, and can still ring.
    assert (await put(desk, leader, bare, "admin", "PUT")).status_code == 204
    refused = await put(desk, f"{leader}/leave", {}, "admin")
    assert refused.status_code == 422
    assert "Tier 3 would have nobody" in refused.json()["errors"][0]["message"]
    assert [d["channel"] for d in (await person(desk, "duty.leader"))["devices"]] == ["PUSH"]


def without_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As outside the demo, where no line is made up."""
    monkeypatch.setattr(Settings, "operations_line", "")


async def test_the_floor_is_never_left_without_a_line(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_line_of_its_own(monkeypatch)
    operations = f"/{person_id('operations')}"
    assert (await put(desk, f"{operations}/leave", {})).json()["errors"][0]["field"] == "floor"
    kept = {"name": "Operations", "phone": "+4700000009"}
    assert (await put(desk, operations, kept, method="PUT")).json()["errors"][0]["field"] == "floor"
    assert (await put(desk, "", {**NEW, "floor": True})).status_code == 201
    assert (await put(desk, f"{operations}/leave", {})).status_code == 204


async def test_whoever_is_let_go_keeps_a_name_and_neither_phone_browser_nor_pin(desk: TestDesk) -> None:
    await put(desk, "", NEW)
    async with desk.parts.database.write() as session:
        await reach.subscribe(session, "a.berg", "https://push.example/1", "key", "secret")
        await reach.put_address(session, "a.berg", Channel.PUSH, PREFIX + "a.berg")
    gone = f"/{person_id('a.berg')}"
    assert (await put(desk, f"{gone}/leave", {})).status_code == 204
    for table in ("devices", "push_subscriptions", "pins"):
        assert not await desk.rows(f"select * from {table} where user = 'a.berg'")
    assert (await desk.client.get(f"{PEOPLE}{gone}", headers=desk.as_user("duty.leader"))).status_code == 404
    assert (await put(desk, f"{gone}/leave", {})).status_code == 404
    assert (await put(desk, "", NEW)).status_code == 201


async def test_one_who_decides_on_an_old_list_is_told(desk: TestDesk) -> None:
    revision = (await desk.get(PEOPLE, "duty.leader"))["revision"]
    assert (await put(desk, "", {**NEW, "revision": revision})).status_code == 201
    late = {"name": "Other", "revision": revision}
    assert (await put(desk, f"/{person_id('a.berg')}", late, method="PUT")).status_code == 409


async def test_a_long_list_is_read_in_parts_and_nobody_is_left_out(desk: TestDesk) -> None:
    seen: list[str] = []
    after = ""
    while True:
        part = await desk.get(f"{PEOPLE}?limit=4{after}", "duty.leader")
        seen += [item["user"] for item in part["items"]]
        if part["next"] is None:
            break
        after = f"&after={part['next']}"
    assert len(seen) == len(set(seen)) == 11
    wrong = f"{PEOPLE}?after=00000000-0000-7000-8000-000000000001"
    assert (await desk.client.get(wrong, headers=desk.as_user("duty.leader"))).status_code == 422


async def test_a_phone_whose_last_attempts_all_failed_is_dead_until_one_arrives(desk: TestDesk) -> None:
    async with desk.parts.database.write() as session:
        book = await duty.book(session, desk.clock.now())
    address = book.people["duty.officer"].contact.addresses[Channel.SMS]
    await desk.opened()

    async def settle(state: str) -> None:
        async with desk.parts.database.write() as session:
            mine = sa.and_(ATTEMPTS.c.channel == "SMS", ATTEMPTS.c.user == "duty.officer")
            await session.execute(ATTEMPTS.update().where(mine).values(state=state))

    await desk.wait(700)
    await settle("FAILED")
    states = {d["channel"]: d["state"] for d in (await person(desk, "duty.officer"))["devices"]}
    assert states["SMS"] == "DEAD"
    async with desk.parts.database.read() as session:
        since = desk.clock.now() - timedelta(days=30)
        ended = await devices.endings(session, ["duty.officer"], since, 3)
    assert ended["duty.officer"][Channel.SMS, address] == [False, False, False]
    await settle(Outcome.DELIVERED.value)
    states = {d["channel"]: d["state"] for d in (await person(desk, "duty.officer"))["devices"]}
    assert states["SMS"] == "WORKS"


async def test_a_browser_that_the_push_service_dropped_is_shown_as_gone(desk: TestDesk) -> None:
    await put(desk, "", NEW)
    async with desk.parts.database.write() as session:
        await reach.subscribe(session, "a.berg", "https://push.example/1", "key", "secret")
        await reach.put_address(session, "a.berg", Channel.PUSH, PREFIX + "a.berg")
        browser = (await reach.subscriptions(session, "a.berg"))[0]
    await reaching.forget_browser(desk.parts, browser)
    found = (await person(desk, "a.berg"))["devices"]
    assert found[0] == {"channel": "PUSH", "address": None, "state": "EXPIRED"}


async def test_the_desk_writes_changes_and_lets_go_without_scripts(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_a_line_of_its_own(monkeypatch)
    browser = Browser(desk)
    await browser.log_in("duty.leader")
    assert "Skriv inn en til" in await browser.get("/notifier/duty/people")
    form = "/notifier/duty/people/new"
    refused = await browser.send(form, form, user="a.berg", name="A. Berg", phone="00000011")
    assert refused.status_code == 422
    assert "Skriv nummeret som +4700000011." in refused.text
    assert (await browser.send(form, form, user="duty.officer", name="X")).status_code == 409
    taken = await browser.send(form, form, user="a.berg", name="A. Berg", phone="+4700000001")
    assert "Noen andre har dette nummeret." in taken.text
    made = await browser.send(form, form, user="a.berg", name="A. Berg", phone="+4700000011", revision="")
    assert made.status_code == 303, made.text
    one = f"/notifier/duty/people/{person_id('a.berg')}"
    assert 'value="+4700000011"' in await browser.get(one)
    changed = await browser.send(one, one, user="a.berg", name="A. Berg", sms="+4700000012")
    assert changed.status_code == 303
    assert "SMS +4700000012" in await browser.get("/notifier/duty/people")
    floor = f"/notifier/duty/people/{person_id('operations')}"
    assert "uten telefon" in (await browser.send(floor, f"{floor}/leave")).text
    leader = f"/notifier/duty/people/{person_id('duty.leader')}"
    refused = await browser.send(leader, f"{leader}/leave")
    assert "ville ha ingen fra" in refused.text
    assert 'value="+4700000003"' in refused.text, "a form that comes back empty would wipe the phones when it is saved"
    assert (await browser.send(one, f"{one}/leave")).status_code == 303
    assert "A. Berg" not in await browser.get("/notifier/duty/people")
    await browser.client.aclose()


async def test_who_may_only_read_sees_no_form_and_no_whole_number(browser: Browser) -> None:
    shown = await browser.get("/notifier/duty/people")
    assert "•• 01" in shown
    assert "+47" not in shown
    assert "Skriv inn en til" not in shown
    await browser.get("/notifier/duty/people/new", status=403)
