"""A gap that is there can be answered for on the desk, by name, for a reason and until a time."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk
from tests.notifier.test_rotas import DUTY, put

ROTAS = "/notifier/duty/rotas"


async def gapped(desk: TestDesk) -> Browser:
    """The leader's rota ends in four days; a duty leader looks at it."""
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 3)
    ends = {"name": "Leader", "tier": 3, "members": ["duty.leader"], "days": 7, "ends_on": "2026-12-14"}
    assert (await put(desk, f"/rotas/{rota['id']}", ends, method="PUT")).status_code == 200
    desk.clock.advance(timedelta(days=17))
    browser = Browser(desk)
    await browser.log_in("duty.leader")
    return browser


async def hidden(browser: Browser) -> dict[str, str]:
    """What the form beside the gap sends without being asked."""
    shown = await browser.get(ROTAS)
    return dict(re.findall(r'name="(place|tier|since)" value="([^"]+)"', shown))


async def test_a_gap_is_answered_for_in_the_form_beside_it(desk: TestDesk) -> None:
    browser = await gapped(desk)
    fields = await hidden(browser)
    assert (fields["tier"], fields["place"]) == ("3", "1")
    done = await browser.send(ROTAS, f"{ROTAS}/waivers", **fields, reason1="Ferie", until1="2026-12-30T08:00")
    assert done.status_code == 303, done.text
    found = await desk.get(f"{DUTY}/rotas")
    assert [(w["tier"], w["by"], w["reason"]) for w in found["waivers"]] == [(3, "duty.leader", "Ferie")]
    assert found["waivers"][0]["until"].startswith("2026-12-30T07:00")
    assert found["gaps"] == []
    kinds = await desk.rows("select kind, tier from duty_changes order by revision desc limit 1")
    assert kinds == [{"kind": "WAIVED", "tier": 3}]
    await browser.client.aclose()


async def test_a_waiver_without_a_reason_or_an_end_that_is_near_says_so_beside_its_field(desk: TestDesk) -> None:
    browser = await gapped(desk)
    fields = await hidden(browser)
    bare = await browser.send(ROTAS, f"{ROTAS}/waivers", **fields, reason1="", until1="2026-12-30T08:00")
    assert bare.status_code == 422
    assert "Skriv hvorfor ingen trengs." in bare.text
    far = await browser.send(ROTAS, f"{ROTAS}/waivers", **fields, reason1="Ferie", until1="2027-12-30T08:00")
    assert far.status_code == 422
    assert "innen fire uker" in far.text
    assert 'value="Ferie"' in far.text
    assert (await browser.send(ROTAS, f"{ROTAS}/waivers", **fields, reason1="", until1="")).status_code == 422
    wrong = {**fields, "since": "then"}
    nowhen = await browser.send(ROTAS, f"{ROTAS}/waivers", **wrong, reason1="x", until1="2026-12-30T08:00")
    assert nowhen.status_code == 422
    assert (await desk.get(f"{DUTY}/rotas"))["waivers"] == []
    await browser.client.aclose()


async def test_who_may_not_plan_sees_the_gap_and_no_form(desk: TestDesk, browser: Browser) -> None:
    leader = await gapped(desk)
    fields = await hidden(leader)
    await leader.client.aclose()
    await browser.log_in("duty.officer")
    shown = await browser.get(ROTAS)
    assert "har ingen fra" in shown
    assert "Svar for hullet" not in shown
    refused = await browser.send("/notifier/duty", f"{ROTAS}/waivers", **fields, reason1="x", until1="2026-12-30T08:00")
    assert refused.status_code == 403
