"""Whom a threat is aimed at (or whose family is) hears nothing of its page, however they came to be on duty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from forkant_notifier.domain.lanes import TELEPHONE
from forkant_notifier.store import duty
from forkant_shared.clock import new_id
from tests.notifier.support.desk import LINES, TestDesk, escalation

DUTY = "/notifier/v1/duty"
ACTOR = "00000000-0000-7000-8000-0000000000f1"
OWN_LINE = "+4700000044"

Place = Callable[[TestDesk], Awaitable[tuple[str, str]]]


async def _as_actor(desk: TestDesk, user: str) -> tuple[str, str]:
    """This user is the target in the registry; who they are, and their phone."""
    async with desk.parts.database.write() as session:
        await duty.set_actor(session, user, ACTOR)
    desk.desk.book = None
    return user, LINES[user]


async def on_tier_one(desk: TestDesk) -> tuple[str, str]:
    return await _as_actor(desk, "duty.officer")


async def on_tier_two(desk: TestDesk) -> tuple[str, str]:
    return await _as_actor(desk, "duty.deputy")


async def on_tier_three_which_the_escalation_asks_for_by_name(desk: TestDesk) -> tuple[str, str]:
    return await _as_actor(desk, "duty.leader")


async def at_the_operations_centre(desk: TestDesk) -> tuple[str, str]:
    async with desk.parts.database.write() as session:
        phones = dict.fromkeys(TELEPHONE, OWN_LINE)
        await duty.put_person(
            session, "ops.person", name="Operatør (demo)", actor_id=ACTOR, floor=True, addresses=phones
        )
    desk.desk.book = None
    return "ops.person", OWN_LINE


async def who_took_every_tier_with_one_tap(desk: TestDesk) -> tuple[str, str]:
    for tier in (1, 3):
        taken = await desk.client.post(
            f"{DUTY}/overrides", json={"tier": tier}, headers=desk.as_user("duty.deputy", actor_id=ACTOR)
        )
        assert taken.status_code == 201, taken.text
    return await _as_actor(desk, "duty.deputy")


async def who_swapped_into_the_shift(desk: TestDesk) -> tuple[str, str]:
    now = desk.clock.now()
    span = {"since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    asked = await desk.client.post(f"{DUTY}/swaps", json={"tier": 1, **span}, headers=desk.as_user("duty.officer"))
    assert asked.status_code == 201, asked.text
    path = f"{DUTY}/swaps/{asked.json()['id']}/answer"
    done = await desk.client.post(path, json={"state": "ACCEPTED"}, headers=desk.as_user("duty.leader"))
    assert done.status_code == 200, done.text
    return await _as_actor(desk, "duty.leader")


PLACES: tuple[Place, ...] = (
    on_tier_one,
    on_tier_two,
    on_tier_three_which_the_escalation_asks_for_by_name,
    at_the_operations_centre,
    who_took_every_tier_with_one_tap,
    who_swapped_into_the_shift,
)


@pytest.mark.parametrize("lane", ["LIFE", "NORMAL"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
async def test_the_target_is_passed_over_and_others_are_rung(desk: TestDesk, place: Place, lane: str) -> None:
    _, phone = await place(desk)
    await desk.hear(escalation(lane=lane, excluded_actor_ids=[new_id(), ACTOR], include_leader=True))
    await desk.wait(600 if lane == "LIFE" else 3600, each=15)
    assert await desk.messages(to=phone) == []
    others = {message["to"] for message in await desk.messages()}
    assert others and phone not in others
    assert "+4700000009" in others, "the operations centre, in the end"


async def test_one_who_is_put_on_duty_while_the_page_climbs_is_passed_over_too(desk: TestDesk) -> None:
    await desk.hear(escalation(excluded_actor_ids=[ACTOR]))
    await desk.wait(60)
    await who_took_every_tier_with_one_tap(desk)
    await desk.wait(400)
    late = [m for m in await desk.messages(to=LINES["duty.deputy"]) if "HASTER" in m["body"]]
    assert late == []


async def test_the_code_of_the_page_is_unknown_to_the_target(desk: TestDesk) -> None:
    user, phone = await on_tier_one(desk)
    await desk.hear(escalation(excluded_actor_ids=[ACTOR]))
    await desk.send()
    (page,) = await desk.pages("duty.deputy")
    assert (await desk.reply(user, page["code"]))["answer"] is None
    await desk.send()
    assert [m["body"] for m in await desk.messages(to=phone)] == ["Forkant: ukjent kode. Logg inn."]
