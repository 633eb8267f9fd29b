"""Going on duty: codes leave by the real chain over two channels and come back."""

from __future__ import annotations

import re
from datetime import timedelta

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.store import duty
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk

CHECK_IN = "/notifier/v1/duty/check-in"


async def begun(desk: TestDesk, user: str = "duty.officer") -> dict[str, str]:
    """A check-in was begun and has left; the code of each channel as the phone shows it."""
    answer = await desk.client.post(CHECK_IN, headers=desk.as_user(user))
    assert answer.status_code == 201, answer.text
    await desk.send()
    found = {}
    for message in await desk.messages():
        code = re.fullmatch(r"Forkant ([0-9A-F]{4})\. Logg inn\.", message["body"])
        assert code
        found[message["channel"]] = code.group(1)
    return found


async def give(desk: TestDesk, code: str, user: str = "duty.officer") -> int:
    answer = await desk.client.post(f"{CHECK_IN}/codes", json={"code": code}, headers=desk.as_user(user))
    return answer.status_code


async def absent(desk: TestDesk) -> list[str]:
    return [user for tier in (await desk.get("/notifier/v1/duty"))["tiers"] for user in tier["not_checked_in"]]


async def test_two_codes_out_two_codes_back_and_the_desk_shows_it(desk: TestDesk) -> None:
    assert "duty.officer" in await absent(desk)
    codes = await begun(desk)
    assert set(codes) == {"SMS", "PUSH"}
    assert codes["SMS"] != codes["PUSH"]
    assert await give(desk, codes["SMS"]) == 200
    assert "duty.officer" in await absent(desk)
    assert await give(desk, codes["PUSH"].lower()) == 200
    assert "duty.officer" not in await absent(desk)
    assert "duty.deputy" in await absent(desk)


async def test_the_code_may_come_back_as_a_reply_from_the_phone(desk: TestDesk) -> None:
    codes = await begun(desk)
    assert (await desk.reply("duty.officer", codes["SMS"]))["page_id"] is None
    assert (await desk.reply("duty.officer", f"{codes['PUSH']} ja"))["page_id"] is None
    assert "duty.officer" not in await absent(desk)
    assert not [m for m in await desk.messages() if "ukjent" in m["body"]]


async def test_somebody_elses_code_is_nothing(desk: TestDesk) -> None:
    codes = await begun(desk)
    assert (await desk.reply("duty.deputy", codes["SMS"]))["page_id"] is None
    assert "duty.officer" in await absent(desk)
    assert await give(desk, codes["SMS"], "duty.deputy") == 404


async def test_after_ten_minutes_or_five_wrong_codes_it_is_over(desk: TestDesk) -> None:
    codes = await begun(desk)
    wrong = next(code for code in ("0000", "0001", "0002") if code not in codes.values())
    assert [await give(desk, wrong) for _ in range(6)] == [422] * 5 + [409]
    assert await give(desk, codes["SMS"]) == 409
    again = await begun(desk)
    desk.clock.advance(timedelta(minutes=11))
    assert await give(desk, again["SMS"]) == 409


async def test_a_check_in_counts_for_the_shift_and_not_for_the_next(desk: TestDesk) -> None:
    codes = await begun(desk)
    for code in codes.values():
        assert await give(desk, code) == 200
    desk.clock.advance(timedelta(days=8))
    desk.desk.book = None
    assert "duty.officer" in await absent(desk)


async def test_a_phone_with_one_channel_cannot_check_in(desk: TestDesk) -> None:
    async with desk.parts.database.write() as session:
        await duty.put_person(
            session, "duty.officer", name="One", actor_id=None, floor=False, addresses={Channel.SMS: "+4700000001"}
        )
    desk.desk.book = None
    answer = await desk.client.post(CHECK_IN, headers=desk.as_user("duty.officer"))
    assert answer.status_code == 422
    assert "two channels" in answer.json()["detail"]
    assert (await desk.client.post(CHECK_IN, headers=desk.as_user("admin"))).status_code == 404


async def test_a_check_in_on_the_page_without_scripts(desk: TestDesk, browser: Browser) -> None:
    assert "Send kodene" in await browser.get("/notifier/duty/check-in")
    assert (await browser.send("/notifier/duty/check-in", "/notifier/duty/check-in")).status_code == 303
    await desk.send()
    codes = re.findall(r"[0-9A-F]{4}", " ".join(m["body"] for m in await desk.messages()))
    page = "/notifier/duty/check-in"
    wrong = await browser.send(page, f"{page}/codes", code="zzzz")
    assert wrong.status_code == 422
    assert "Det er ikke en av kodene" in wrong.text
    assert (await browser.send(page, f"{page}/codes", code=codes[0])).headers["location"] == page
    assert (await browser.send(page, f"{page}/codes", code=codes[1])).headers["location"] == "/notifier/duty"
    assert "Sjekket inn" in await browser.get("/notifier/duty")
