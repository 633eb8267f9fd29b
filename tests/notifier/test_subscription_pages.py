"""Abonnementer in a browser without scripts: what an administrator sees and does, and what an auditor only sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from forkant_shared.testing import FixedClock
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, standing
from tests.notifier.support.partners import Partner, deliver, happen, let_time_pass
from tests.notifier.support.receiver import receiver

PAGE = "/notifier/subscriptions"


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TestDesk]:
    async with standing(tmp_path, clock, webhook_loopback=True) as found:
        yield found


@pytest.fixture
async def admin(desk: TestDesk) -> AsyncIterator[Browser]:
    found = Browser(desk)
    await found.log_in("admin")
    yield found
    await found.client.aclose()


async def test_an_empty_list_says_who_fills_it_and_the_desk_leads_there(admin: Browser) -> None:
    assert f'href="{PAGE}"' in await admin.get("/")
    assert "Ingen abonnementer" in await admin.get(PAGE)


async def test_health_deliveries_and_steps_taken_stand_on_the_pages(desk: TestDesk, admin: Browser) -> None:
    partner = Partner(desk)
    async with receiver() as hooked:
        made = await partner.made(f"{hooked.url}/hook?token=theirs")
        assert "Ikke prøvd ennå" in await admin.get(PAGE)
        await deliver(desk)
        assert "Virker" in await admin.get(PAGE)
        hooked.status = 500
        await happen(desk)
        await deliver(desk)
        await let_time_pass(desk)
        await admin.log_in("admin")
        listed, path = await admin.get(PAGE), f"{PAGE}/{made['id']}"
        assert "Svikter" in listed
        assert "1 gitt opp" in listed
        assert "0192:312345676" in listed
        shown = await admin.get(path)
        assert "HTTP_500" in shown
        assert "10 forsøk på rad" in shown
        for secret in ("token=theirs", made["secret"], made["secret"].removeprefix("whsec_")):
            assert secret not in listed + shown
        off = await admin.send(path, f"{path}/disable")
        assert off.status_code == 303
        assert "Slått av av oss" in await admin.get(path)
        await happen(desk, "2026-10-26")
        assert "På vent" in await admin.get(path)
        assert (await admin.client.post(f"{path}/enable")).status_code == 422, "a form of nobody's does nothing"
        hooked.status = 204
        assert (await admin.send(path, f"{path}/enable")).status_code == 303
        await deliver(desk)
        before = len(hooked.told)
        given_up = (await desk.rows("select id from webhook_deliveries where state = 'GIVEN_UP'"))[0]["id"]
        assert (await admin.send(path, f"{path}/replay", delivery=given_up)).status_code == 303
        await deliver(desk)
        assert len(hooked.told) == before + 1
        since = (desk.clock.now() - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
        assert (await admin.send(path, f"{path}/replay", since=since)).status_code == 303
        await deliver(desk)
        await deliver(desk)
        assert len(hooked.told) > before + 1


async def test_what_was_done_by_somebody_else_meanwhile_or_makes_no_sense_is_said(
    desk: TestDesk, admin: Browser
) -> None:
    made = await Partner(desk).made("http://127.0.0.1:9/")
    path = f"{PAGE}/{made['id']}"
    await admin.send(path, f"{path}/disable")
    twice = await admin.send(path, f"{path}/disable")
    assert twice.status_code == 409
    assert "Det har endret seg" in twice.text
    await admin.send(path, f"{path}/enable")
    assert (await admin.send(path, f"{path}/enable")).status_code == 409
    for since in ("", "tomorrow", "2999-01-01T00:00", "2101-01-01T00:00", "2020-01-01T00:00"):
        refused = await admin.send(path, f"{path}/replay", since=since)
        assert refused.status_code == 422
        assert "ds-validation-message" in refused.text
    assert (await admin.send(path, f"{path}/replay", delivery="x")).status_code == 422
    pending = (await desk.rows("select id from webhook_deliveries"))[0]["id"]
    assert (await admin.send(path, f"{path}/replay", delivery=pending)).status_code == 409
    await admin.get(f"{PAGE}/00000000-0000-7000-8000-000000000009", 404)


async def test_an_auditor_sees_and_does_nothing_and_others_do_not_see(desk: TestDesk) -> None:
    made = await Partner(desk).made("http://127.0.0.1:9/")
    path = f"{PAGE}/{made['id']}"
    for user, status in (("auditor", 200), ("duty.leader", 403), ("analyst", 403)):
        browser = Browser(desk)
        await browser.log_in(user)
        await browser.get(PAGE, status)
        shown = await browser.get(path, status)
        assert "Slå av" not in shown
        assert "Send på nytt" not in shown
        assert (await browser.send("/", f"{path}/disable")).status_code == 403
        await browser.client.aclose()
    assert (await Partner(desk).read(f"/{made['id']}"))["status"] == "ENABLED"


async def test_a_long_list_is_paged_both_ways_and_in_english(desk: TestDesk, admin: Browser) -> None:
    for number in range(3):
        partner = Partner(desk, f"0192:31000002{number}")
        for path in range(9):
            await partner.made(f"http://127.0.0.1:9/{path}")
    first = await admin.get(PAGE)
    assert first.count('class="fk-card__title"') == 20
    assert "Neste side" in first
    second = await admin.get(f"{PAGE}?after={first.split('?after=')[1][:36]}")
    assert second.count('class="fk-card__title"') == 7
    assert "Til starten" in second
    admin.client.cookies.set("forkant-language", "en")
    assert "Subscriptions" in await admin.get(PAGE)
