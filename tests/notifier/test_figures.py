"""Answer times: by lane, route and week, of real pages alone, and of nobody in particular."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from prometheus_client import REGISTRY
from sqlalchemy.dialects import sqlite

from forkant_notifier.commands import routing
from forkant_notifier.commands.duty import load_demo
from forkant_notifier.domain.figures import Measure, Sample, by_week, mondays
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.pages.figures import bars
from forkant_notifier.store.figures import acceptances_query, tries_query
from forkant_shared.identity import Principal
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, escalation

PAGE = "/notifier/figures"
OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
TARGET = "00000000-0000-7000-8000-0000000000aa"


def observed(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"forkant_notifier_page_{name}_seconds_count", labels) or 0.0


def test_weeks_begin_on_monday_in_the_unit_s_own_time() -> None:
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert mondays(sunday_night, 2, OSLO) == (date(2026, 11, 16), date(2026, 11, 23))


def test_a_week_without_pages_stands_there_empty_and_is_drawn_as_nothing() -> None:
    weeks = mondays(NOW, 3, OSLO)
    at = NOW - timedelta(days=14)
    samples = [Sample(Measure.HUMAN, Lane.LIFE, None, at, seconds) for seconds in (10.0, 20.0, 30.0, 400.0)]
    (series,) = by_week(samples, weeks, OSLO)
    assert [(week.count, week.median, week.p95) for week in series.weeks] == [
        (4, 20.0, 400.0),
        (0, None, None),
        (0, None, None),
    ]
    drawn = bars(series.weeks)
    assert [(bar.kind, bar.height) for bar in drawn] == [("after", 5.0), ("before", 100.0)]
    assert all(bar.x + bar.width <= 1000 / 3 for bar in drawn)


def test_lanes_and_routes_are_kept_apart_with_what_saves_lives_first() -> None:
    samples = [
        Sample(Measure.RECEIPT, Lane.NORMAL, "sms-a", NOW, 1.0),
        Sample(Measure.SUBMIT, Lane.NORMAL, "sms-a", NOW, 1.0),
        Sample(Measure.SUBMIT, Lane.LIFE, "sms-b", NOW, 1.0),
        Sample(Measure.SUBMIT, Lane.LIFE, "sms-a", NOW, -0.1),
    ]
    found = by_week(samples, mondays(NOW, 1, OSLO), OSLO)
    assert [(one.measure, one.lane, one.route) for one in found] == [
        ("SUBMIT", "LIFE", "sms-a"),
        ("SUBMIT", "LIFE", "sms-b"),
        ("SUBMIT", "NORMAL", "sms-a"),
        ("RECEIPT", "NORMAL", "sms-a"),
    ]
    assert found[0].weeks[0].median == 0.0, "clocks that differ make no time run backwards"


async def test_a_page_is_counted_to_submit_and_to_its_first_human_only(desk: TestDesk, browser: Browser) -> None:
    assert "Ingen varsler i disse ukene" in await browser.get(PAGE)
    sent, humans = observed("submit", lane="LIFE", route="sandbox"), observed("human", lane="LIFE")
    page = await desk.opened()
    desk.clock.advance(timedelta(seconds=30))
    await desk.reply("duty.officer", page["code"])
    await desk.wait(700, each=50)
    await desk.reply("duty.officer", page["code"])
    assert observed("submit", lane="LIFE", route="sandbox") >= sent + 3
    assert observed("human", lane="LIFE") == humans + 1, "that it rang again and was accepted again is no new page"
    text = await browser.get(PAGE)
    assert "Til et menneske har kvittert" in text
    assert "30,0 s" in text
    assert "rute sandbox" in text
    assert "ingen" in text, "the weeks before"
    assert "Vakthavende (demo)" not in text.split("<main")[1], "nobody is named"
    rows = await desk.rows("select kind from audit where action = 'notifier.figure.read'")
    assert len(rows) == 2


async def test_drills_and_route_tests_are_not_among_the_figures(desk: TestDesk, browser: Browser) -> None:
    before = observed("submit", lane="LIFE", route="sandbox"), observed("human", lane="LIFE")
    who = desk.as_user("duty.leader")
    drill = (await desk.client.post("/notifier/v1/drills", json={"lane": "LIFE"}, headers=who)).json()
    await desk.send()
    await desk.reply("duty.officer", drill["code"])
    await routing.test_now(
        desk.parts, Principal("duty.leader", "Leader", "PERSON", frozenset({"duty.leader"})), "sandbox"
    )
    await desk.send()
    assert await desk.rows("select id from attempts where hint = 'TEST' and submitted_at is not null")
    assert (observed("submit", lane="LIFE", route="sandbox"), observed("human", lane="LIFE")) == before
    assert "Ingen varsler i disse ukene" in await browser.get(PAGE)


async def test_a_page_about_the_reader_is_not_counted_before_their_eyes(desk: TestDesk, browser: Browser) -> None:
    await load_demo(desk.parts, {"duty.deputy": TARGET})
    await desk.hear(escalation(excluded_actor_ids=[TARGET]))
    await desk.send()
    assert "rute sandbox" in await browser.get(PAGE)
    browser.client.cookies.clear()
    await browser.log_in("duty.deputy")
    assert "Ingen varsler i disse ukene" in await browser.get(PAGE)


async def test_more_than_the_bound_is_said(desk: TestDesk, browser: Browser) -> None:
    object.__setattr__(desk.desk.rules, "figure_rows", 2)
    await desk.opened()
    assert "bare de nyeste" in await browser.get(PAGE)


async def test_the_figures_are_for_those_who_share_the_duty(desk: TestDesk, browser: Browser) -> None:
    browser.client.cookies.clear()
    await browser.log_in("analyst")
    await browser.get(PAGE, status=403)


async def test_the_times_are_read_by_index(desk: TestDesk) -> None:
    async with desk.parts.database.read() as session:
        for query in (tries_query(NOW, 10), acceptances_query(NOW, 10)):
            text = str(query.compile(dialect=sqlite.dialect()))
            plan = await session.execute(sa.text("explain query plan " + text.replace("?", "1")))
            steps = [row.detail for row in plan]
            assert any("ix_pages_opened_at" in step for step in steps), steps
            assert not any(step.startswith("SCAN") for step in steps), steps
