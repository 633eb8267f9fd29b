"""A policy may ask for two answers, or for one from a certain duty: the clock stops when it has what it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import forkant_notifier
from forkant_notifier.app import life
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.paging import raise_escalation
from forkant_notifier.domain.acceptance import Demand
from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.climb import open_page, step_due
from forkant_notifier.domain.human import Human, answer, say_working
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.page import Decision, EntryKind, Page, PageState
from forkant_notifier.domain.policy import PagingPolicy, from_document
from forkant_notifier.domain.roster import Roster
from forkant_notifier.settings import Settings, policy_document
from forkant_shared import testing
from forkant_shared.errors import Invalid
from forkant_shared.events.notifier import PageAccepted, PageAnswered
from forkant_shared.migrations import migrate
from forkant_shared.testing import FixedClock
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import THREAT, TestDesk, escalation, new_app, standing
from tests.notifier.support.people import MONDAY, cause, policy, roster

USERS = ("duty.officer", "duty.deputy", "duty.leader", "operations")


def asking(people: int = 1, *tiers: int) -> PagingPolicy:
    """The shipped policy, whose LIFE lane asks for this."""
    shipped = policy()
    life_lane = replace(shipped.lanes[Lane.LIFE], demand=Demand(people, frozenset(tiers)))
    return replace(shipped, lanes={**shipped.lanes, Lane.LIFE: life_lane})


def opened(plan: PagingPolicy, people: Roster | None = None) -> Page:
    return open_page(cause(), page_id="page", code="7F3A", policy=plan, roster=people or roster(), now=MONDAY).page


def said(page: Page, user: str, given: Answer, plan: PagingPolicy, seconds: float = 30) -> Decision:
    at = MONDAY + timedelta(seconds=seconds)
    return answer(page, given, Human(user), policy=plan, roster=roster(), now=at)


def yes(page: Page, user: str, plan: PagingPolicy, seconds: float = 30) -> Decision:
    return said(page, user, Answer.ACCEPT, plan, seconds)


def test_the_first_of_two_answers_counts_and_the_second_stops_the_clock() -> None:
    plan = asking(2)
    first = yes(opened(plan), "duty.officer", plan)
    assert first.page.state is PageState.OPEN
    assert first.page.next_step_at == MONDAY + timedelta(seconds=45), "it rings on"
    assert [(entry.kind, entry.code) for entry in first.entries] == [(EntryKind.ACCEPTED_PARTLY, "1/2")]
    (told,) = first.events
    assert isinstance(told, PageAnswered)
    assert (told.user, told.given, told.needed) == ("duty.officer", 1, 2)
    second = yes(first.page, "duty.deputy", plan, 60)
    assert second.page.state is PageState.ACCEPTED
    assert second.page.accepted_at == MONDAY + timedelta(seconds=60)
    assert [type(event) for event in second.events] == [PageAccepted]


def test_the_same_person_twice_counts_once() -> None:
    plan = asking(2)
    page = yes(opened(plan), "duty.officer", plan).page
    again = yes(page, "duty.officer", plan, 40)
    assert again.page == page
    assert not again.entries and not again.events


def test_who_has_said_yes_is_not_rung_again_with_their_tier_and_the_next_is_asked_at_once() -> None:
    plan = asking(2)
    page = yes(opened(plan), "duty.officer", plan).page
    stepped = step_due(page, plan, roster(), MONDAY + timedelta(seconds=45))
    assert {ring.contact.user for ring in stepped.rings} == {"duty.deputy"}


def test_where_everybody_who_can_has_said_yes_the_last_step_still_rings_and_no_clock_runs_wild() -> None:
    plan = asking(2, 3)
    nobody = roster(deputy=False, leader=False)
    page = yes(opened(plan, nobody), "duty.officer", plan).page
    page = replace(page, acceptances=(*page.acceptances, replace(page.acceptances[0], user="somebody.off.duty")))
    stepped = step_due(page, plan, nobody, MONDAY + timedelta(days=1))
    assert {"duty.officer", "operations"} == {ring.contact.user for ring in stepped.rings}
    assert stepped.page.next_step_at and stepped.page.next_step_at > MONDAY + timedelta(days=1)


def test_a_no_takes_back_ones_own_yes_and_leaves_the_others() -> None:
    plan = asking(2)
    page = yes(opened(plan), "duty.officer", plan).page
    page = yes(page, "duty.deputy", plan, 40).page
    back = said(page, "duty.deputy", Answer.CANNOT, plan, 50)
    assert back.page.state is PageState.OPEN
    assert [given.user for given in back.page.acceptances] == ["duty.officer"]
    assert yes(back.page, "duty.leader", plan, 60).page.state is PageState.ACCEPTED
    alone = said(yes(opened(plan), "duty.officer", plan).page, "duty.officer", Answer.CANNOT, plan, 40)
    assert alone.page.acceptances == ()
    assert {ring.contact.user for ring in alone.rings} == {"duty.deputy"}


def test_working_on_it_does_not_stop_a_clock_that_waits_for_another() -> None:
    plan = asking(2)
    at = MONDAY + timedelta(seconds=30)
    working = say_working(opened(plan), Human("duty.officer"), plan, roster(), at)
    assert working.page.state is PageState.OPEN
    assert working.page.next_step_at == MONDAY + timedelta(seconds=45)
    assert [entry.kind for entry in working.entries] == [EntryKind.ACCEPTED_PARTLY, EntryKind.WORKING]


@pytest.mark.parametrize(("user", "stops"), [("duty.officer", False), ("duty.leader", True), ("operations", True)])
def test_an_answer_from_a_certain_duty_is_given_by_it_or_by_the_operations_centre(user: str, stops: bool) -> None:
    plan = asking(1, 3)
    page = yes(opened(plan), user, plan).page
    assert (page.state is PageState.ACCEPTED) is stops
    assert yes(page, "duty.leader", plan, 40).page.state is PageState.ACCEPTED


def test_somebody_off_duty_counts_as_a_person_and_never_as_a_duty() -> None:
    plan = asking(2, 3)
    page = yes(yes(opened(plan), "duty.officer", plan).page, "analyst", plan, 40).page
    assert page.state is PageState.OPEN
    assert yes(page, "duty.leader", plan, 50).page.state is PageState.ACCEPTED


def test_an_acceptance_without_any_action_asks_everybody_again() -> None:
    plan = asking(2)
    page = yes(yes(opened(plan), "duty.officer", plan).page, "duty.deputy", plan, 40).page
    again = step_due(page, plan, roster(), MONDAY + timedelta(seconds=640))
    assert again.page.state is PageState.OPEN
    assert again.page.acceptances == ()
    assert {ring.contact.user for ring in again.rings} == {"duty.officer"}


@settings(max_examples=150, deadline=None)
@given(
    people=st.sampled_from([1, 2]),
    tiers=st.sampled_from([(), (1,), (3,), (2, 3)]),
    acts=st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(list(Answer)), st.integers(0, 130)), max_size=12),
)
def test_whatever_is_answered_in_whatever_order_the_clock_stands_still_only_when_the_demand_is_met(
    people: int, tiers: tuple[int, ...], acts: list[tuple[str, Answer, int]]
) -> None:
    plan = asking(people, *tiers)
    page, at = opened(plan), 0.0
    for user, given_answer, wait in acts:
        at += wait
        page = step_due(page, plan, roster(), MONDAY + timedelta(seconds=at)).page
        page = said(page, user, given_answer, plan, at).page
        met = plan.lanes[page.lane].demand.met_by(page.acceptances)
        assert (page.state is PageState.ACCEPTED) is met
        assert page.state is PageState.ACCEPTED or page.next_step_at is not None
        assert len({one.user for one in page.acceptances}) == len(page.acceptances)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"needed": 0}, "lanes.LIFE.answers.needed"),
        ({"needed": 3}, "lanes.LIFE.answers.needed"),
        ({"of_tiers": [4]}, "lanes.LIFE.answers.of_tiers"),
        ({"of_tiers": [0]}, "lanes.LIFE.answers.of_tiers"),
    ],
)
def test_a_demand_that_cannot_be_met_is_refused(answers: dict[str, object], field: str) -> None:
    document = policy_document("2026-2")
    document["lanes"]["LIFE"]["answers"] = answers
    with pytest.raises(Invalid) as refused:
        from_document(document)
    assert refused.value.field == field


def test_the_policies_that_ship_ask_for_one_answer_for_two_or_for_the_leader() -> None:
    asked = {version: from_document(policy_document(version)).lanes for version in ("2026-1", "2026-3", "2026-4")}
    assert asked["2026-1"][Lane.LIFE].demand == Demand()
    assert asked["2026-3"][Lane.LIFE].demand == Demand(2)
    assert asked["2026-4"][Lane.LIFE].demand == Demand(1, frozenset({3}))
    assert {lanes[Lane.NORMAL].demand for lanes in asked.values()} == {Demand()}
    assert asked["2026-3"][Lane.LIFE].steps[3].channels[-1] is Channel.WEBHOOK


# -- the whole way ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def two(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TestDesk]:
    async with standing(tmp_path, clock, policy="2026-3") as desk:
        yield desk


async def test_by_sms_and_at_the_desk_two_people_stop_the_clock_and_the_api_says_who_is_missing(two: TestDesk) -> None:
    page = await two.opened()
    assert page["answers"] == {"needed": 2, "of_tiers": [], "given": [], "tier_lacking": False}
    assert (await two.reply("duty.officer", page["code"]))["answer"] == "ACCEPT"
    (after,) = await two.pages()
    assert after["state"] == "OPEN"
    assert [given["user"] for given in after["answers"]["given"]] == ["duty.officer"]
    await two.wait(90)
    assert await two.messages(to="+4700000002"), "the deputy is rung all the same"
    path = f"/notifier/v1/pages/{page['id']}/accept"
    done = await two.client.post(path, json={"answer": "ACCEPT"}, headers=two.as_user("duty.deputy"))
    assert done.json()["state"] == "ACCEPTED"
    kinds = [line["kind"] for line in done.json()["timeline"]]
    assert kinds.index("ACCEPTED_PARTLY") < kinds.index("ACCEPTED")
    told = await two.rows("select json_extract(envelope, '$.type') as type from outbox order by seq")
    kinds = [row["type"].split(".")[-2] for row in told]
    assert [kind for kind in kinds if kind.startswith("page-a")] == ["page-answered", "page-accepted"]


async def test_the_board_and_the_page_say_how_many_have_answered_and_a_yes_says_that_it_rings_on(
    two: TestDesk,
) -> None:
    page = await two.opened()
    browser = Browser(two)
    await browser.log_in("duty.officer")
    assert "0 av 2 har svart" in await browser.get("/")
    path = f"/notifier/pages/{page['id']}"
    sent = await browser.send(path, f"{path}/answer", answer="ACCEPT")
    assert sent.status_code == 303
    shown = await browser.get(path)
    assert "1 av 2 har svart: Vakthavende (demo)" in shown
    assert "Varselet går videre til flere har svart" in shown
    assert "Kvittert, flere må svare: 1 av 2" in shown
    await browser.client.aclose()


async def test_the_board_says_which_duty_must_answer(tmp_path: Path, clock: FixedClock) -> None:
    async with standing(tmp_path, clock, policy="2026-4") as desk:
        page = await desk.opened()
        await desk.reply("duty.officer", page["code"])
        browser = Browser(desk)
        await browser.log_in("duty.leader")
        shown = " ".join((await browser.get("/")).split())
        assert "Mangler svar fra Vaktleder, eller operasjonssentralen" in shown
        (waiting,) = await desk.pages()
        assert waiting["answers"]["tier_lacking"] and waiting["answers"]["of_tiers"] == [3]
        await desk.reply("duty.leader", page["code"])
        assert (await desk.pages())[0]["state"] == "ACCEPTED"
        await browser.client.aclose()


async def test_many_who_accept_at_once_are_counted_one_by_one(database_url: str) -> None:
    """Two people, each pressing three times in the same moment, on either database: one of each counts."""
    chosen = Settings(mode="embedded", database_url=database_url, policy="2026-3")
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database_url))
    clock = FixedClock(MONDAY)
    app = new_app(chosen, clock)
    parts: NotifierParts = app.state.parts
    async with life(parts):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            for number in range(5):
                await _both_at_once(client, parts, number)
    await parts.database.close()


async def _both_at_once(client: httpx.AsyncClient, parts: NotifierParts, number: int) -> None:
    issuer = desk_of(parts).development
    assert issuer
    threat = f"{THREAT[:-2]}{number:02}"
    async with parts.database.write() as session:
        await raise_escalation(session, parts, escalation(threat_id=threat))

    def as_user(user: str) -> dict[str, str]:
        return testing.bearer(issuer.person(user, name=user, roles=[user], lifetime=timedelta(hours=1)))

    shown = await client.get(f"/notifier/v1/pages?threat={threat}", headers=as_user("duty.officer"))
    path = f"/notifier/v1/pages/{shown.json()[0]['id']}"
    alone = await asyncio.gather(
        *(client.post(f"{path}/accept", json={"answer": "ACCEPT"}, headers=as_user("duty.officer")) for _ in range(4))
    )
    assert {one.status_code for one in alone} == {200}
    page = (await client.get(path, headers=as_user("duty.officer"))).json()
    assert page["state"] == "OPEN" and len(page["answers"]["given"]) == 1
    both = await asyncio.gather(
        *(
            client.post(f"{path}/accept", json={"answer": "ACCEPT"}, headers=as_user(user))
            for user in ("duty.officer", "duty.deputy", "duty.leader") * 2
        )
    )
    assert {one.status_code for one in both} == {200}
    page = (await client.get(path, headers=as_user("duty.officer"))).json()
    assert page["state"] == "ACCEPTED"
    given = [one["user"] for one in page["answers"]["given"]]
    assert len(given) == 2 and given[0] == "duty.officer" and given[1] == page["accepted_by"]
    kinds = [line["kind"] for line in page["timeline"]]
    assert (kinds.count("ACCEPTED_PARTLY"), kinds.count("ACCEPTED")) == (1, 1)
