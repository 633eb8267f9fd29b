"""A PIN that was tried too often is told: to its owner, to the duty leader on the desk, and to the audit."""

from __future__ import annotations

from datetime import timedelta

from forkant_notifier.commands.keypad import set_pin
from forkant_notifier.commands.people import person_id
from forkant_notifier.domain.messages import Hint
from tests.notifier.support.browser import Browser
from tests.notifier.support.gateway import FakeGateway
from tests.notifier.support.routes import Routed
from tests.notifier.test_voice import OFFICER, PIN, calls, press, system

__all__ = ["calls", "system"]

TOLD = "select user, channel, lane, page_id from attempts where hint = 'PIN_LOCKED'"


async def lock(system: Routed, calls: FakeGateway) -> None:
    for _ in range(system.desk.desk.speech.pin.tries):
        await press(system, calls, "19999#")


async def test_the_owner_hears_once_and_without_content_that_the_pin_is_locked(
    system: Routed, calls: FakeGateway
) -> None:
    for _ in range(system.desk.desk.speech.pin.tries - 1):
        await press(system, calls, "19999#")
    assert await system.desk.rows(TOLD) == []
    for _ in range(3):
        await press(system, calls, "19999#")
    told = await system.desk.rows(TOLD)
    assert told == [{"user": "duty.officer", "channel": "SMS", "lane": "NORMAL", "page_id": None}]
    assert len(Hint.PIN_LOCKED.value) <= 160
    noted = [str(row) for row in await system.desk.rows("select subject, details, action from audit")]
    locked = [row for row in noted if "PIN_LOCKED" in row]
    assert len(locked) == 1
    assert "notifier.reach.write" in locked[0]
    assert not any(PIN in row or "9999" in row for row in locked)


async def test_the_leader_sees_that_and_whose_until_it_is_over(system: Routed, calls: FakeGateway) -> None:
    desk = system.desk
    assert (await desk.get("/notifier/v1/status"))["pins_locked"] == 0
    await lock(system, calls)
    assert (await desk.get("/notifier/v1/status"))["pins_locked"] == 1
    path = f"/notifier/v1/duty/people/{person_id('duty.officer')}"
    assert (await desk.get(path, "duty.leader"))["pin_locked_until"]
    assert (await desk.get(path, "duty.deputy"))["pin_locked_until"] is None
    browser = Browser(desk)
    await browser.log_in("duty.leader")
    assert "1 PIN er låst etter gale forsøk" in await browser.get("/")
    assert "PIN låst til" in await browser.get("/notifier/duty/people")
    desk.clock.advance(desk.desk.speech.pin.lock_for + timedelta(seconds=1))
    assert (await desk.get("/notifier/v1/status"))["pins_locked"] == 0
    await browser.client.aclose()


async def test_a_right_pin_and_a_new_one_tell_nobody(system: Routed, calls: FakeGateway) -> None:
    await press(system, calls, f"1{PIN}#")
    await set_pin(system.desk.parts, OFFICER, "7391")
    assert await system.desk.rows(TOLD) == []
