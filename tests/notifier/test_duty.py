"""Who has the phone: taking over, the floor, the demo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_notifier.commands.duty import load_demo
from forkant_notifier.store import rotas
from forkant_notifier.tables import DEVICES
from tests.notifier.support.desk import TestDesk

NOBODY = "00000000-0000-7000-8000-00000000dead"


async def test_taking_over_moves_the_phone_at_once_and_back_when_it_ends(desk: TestDesk) -> None:
    body = {"tier": 1, "hours": 2}
    made = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.deputy"))
    assert made.status_code == 201
    await desk.opened()
    assert {message["to"] for message in await desk.messages()} == {"+4700000002"}
    desk.clock.advance(timedelta(hours=2))
    desk.desk.book = None
    assert (await desk.get("/notifier/v1/duty"))["tiers"][0]["users"][0]["user"] == "duty.officer"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tier": 4}, "tier"),
        ({"tier": 1, "hours": 0}, "hours"),
        ({"tier": 1, "hours": 500}, "hours"),
        ({"tier": 1, "hours": "2"}, "hours"),
        ({"tier": 2, "user": "du\u0000ty"}, "user"),
    ],
)
async def test_a_take_over_by_nobody_or_for_ever_is_refused(desk: TestDesk, body: dict[str, Any], field: str) -> None:
    answer = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.leader"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("user", ["analyst", "stranger"])
async def test_somebody_without_a_phone_cannot_take_over(desk: TestDesk, user: str) -> None:
    body = {"tier": 2, "user": user}
    answer = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.leader"))
    assert answer.status_code == 404


async def test_without_people_or_phones_the_operations_line_still_rings(desk: TestDesk) -> None:
    async with desk.parts.database.write() as session:
        await rotas.replace_all(session, [], desk.clock.now(), "test")
        await session.execute(DEVICES.delete())
    desk.desk.book = None
    await desk.opened()
    assert {message["to"] for message in await desk.messages()} == {desk.parts.settings.operations_line}


async def test_the_demo_written_twice_is_the_demo(desk: TestDesk) -> None:
    assert await load_demo(desk.parts, {"duty.deputy": NOBODY}) == 11
    assert len(await desk.rows("select * from rotations")) == 3
    assert len(await desk.rows("select * from people")) == 11
    token = (await desk.client.post("/auth/dev-token", json={"user": "duty.deputy"})).json()["access_token"]
    assert (await desk.parts.tokens.verify(token)).actor_id == NOBODY
