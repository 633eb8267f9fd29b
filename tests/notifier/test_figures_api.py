"""The answer times as data: the same figures as the page's, for the same readers, and of nobody in particular."""

from __future__ import annotations

import json
from datetime import timedelta

from forkant_notifier.commands.duty import load_demo
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.test_figures import TARGET

FIGURES = "/notifier/v1/figures"


async def test_the_week_of_a_page_has_its_times_and_names_nobody(desk: TestDesk) -> None:
    page = await desk.opened()
    desk.clock.advance(timedelta(seconds=30))
    await desk.reply("duty.officer", page["code"])
    found = await desk.get(FIGURES)
    assert found["cut"] is False
    assert found["weeks"][-1] == "2026-11-23"
    assert len(found["weeks"]) == desk.desk.rules.figure_weeks
    human = next(one for one in found["series"] if one["measure"] == "HUMAN")
    assert (human["lane"], human["route"]) == ("LIFE", None)
    assert human["weeks"][-1] == {"begins": "2026-11-23", "count": 1, "median_seconds": 30.0, "p95_seconds": 30.0}
    assert human["weeks"][0]["median_seconds"] is None
    assert {one["measure"] for one in found["series"]} == {"SUBMIT", "RECEIPT", "HUMAN"}
    assert {one["route"] for one in found["series"] if one["measure"] == "SUBMIT"} == {"sandbox"}
    told = json.dumps(found)
    assert not any(word in told for word in ("duty.officer", "Vakthavende", "+47", page["code"], page["id"]))


async def test_reading_is_for_those_who_share_the_duty_and_is_written_down(desk: TestDesk) -> None:
    for user in ("analyst", "admin", "registrar"):
        assert (await desk.client.get(FIGURES, headers=desk.as_user(user))).status_code == 403
    assert (await desk.client.get(FIGURES)).status_code == 401
    await desk.get(FIGURES, "auditor")
    rows = await desk.rows("select subject, kind from audit where action = 'notifier.figure.read'")
    assert [(row["subject"], row["kind"]) for row in rows if row["kind"] == "CONSULTATION"] == [
        ("auditor", "CONSULTATION")
    ]


async def test_without_pages_there_are_weeks_and_no_series(desk: TestDesk) -> None:
    found = await desk.get(FIGURES)
    assert (len(found["weeks"]), found["series"]) == (desk.desk.rules.figure_weeks, [])


async def test_a_page_about_the_reader_is_not_counted_before_their_eyes(desk: TestDesk) -> None:
    await load_demo(desk.parts, {"duty.deputy": TARGET})
    await desk.hear(escalation(excluded_actor_ids=[TARGET]))
    await desk.send()
    assert (await desk.get(FIGURES))["series"]
    assert (await desk.get(FIGURES, "duty.deputy"))["series"] == []
