"""The whole service with its workers running: over the embedded bus, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

import forkant_notifier
from forkant_notifier.app import create_app
from forkant_notifier.commands.desk import desk_of
from forkant_notifier.settings import Settings
from forkant_shared import testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock, new_id
from forkant_shared.command_line import all_topics
from forkant_shared.envelope import Event
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of
from tests.notifier.support.desk import LINES, escalation


class Running:
    """A notifier at work."""

    def __init__(self, app: FastAPI, bus: EmbeddedBus, client: httpx.AsyncClient) -> None:
        self.app = app
        self.bus = bus
        self.client = client

    async def publish(self, *events: Event, times: int = 1) -> None:
        """Put events on the bus, each `times` times as the same event."""
        sealed = [envelope_of(event, version=1, clock=SystemClock()) for event in events]
        messages = [envelope.to_message("forkant.threat-watch") for envelope in sealed] * times
        assert await self.bus.publish(messages) == [None] * len(messages)

    async def pages(self) -> list[dict[str, Any]]:
        headers = testing.bearer(testing.token("duty.officer"))
        found: list[dict[str, Any]] = (await self.client.get("/notifier/v1/pages", headers=headers)).json()
        return found

    async def until(self, count: int) -> list[dict[str, Any]]:
        """The messages on the fake phones, once there are so many."""
        for _ in range(1000):
            found: list[dict[str, Any]] = (await self.client.get("/notifier/sandbox/messages")).json()
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"{len(found)} messages and not {count}")


@asynccontextmanager
async def at_work(url: str, bus: EmbeddedBus) -> AsyncIterator[Running]:
    app = create_app(Settings(mode="embedded", database_url=url), bus=bus, clock=SystemClock())
    async with testing.running(app) as client:
        yield Running(app, bus, client)


@pytest.fixture
async def running(database_url: str) -> AsyncIterator[Running]:
    migrate(forkant_notifier, sa.make_url(database_url))
    bus = EmbeddedBus(":memory:")
    await bus.start()
    await bus.create_topics(all_topics())
    async with at_work(database_url, bus) as found:
        yield found
    await bus.close()


async def test_an_event_on_the_bus_rings_the_phone_and_a_reply_answers_it(running: Running) -> None:
    await running.publish(escalation())
    messages = await running.until(3)
    assert {message["to"] for message in messages} == {LINES["duty.officer"]}
    (page,) = await running.pages()
    body = {"from": LINES["duty.officer"], "body": page["code"]}
    assert (await running.client.post("/notifier/sandbox/replies", json=body)).json()["answer"] == "ACCEPT"
    (page,) = await running.pages()
    assert page["accepted_by"] == "duty.officer"


async def test_delivered_twice_by_the_bus_it_is_one_page(running: Running) -> None:
    await running.publish(escalation(threat_id=new_id()), times=3)
    await running.publish(escalation(threat_id=new_id()))
    assert len(await running.until(6)) == 6
    assert len(await running.pages()) == 2


async def test_a_burst_of_pages_all_leave_each_with_a_code_of_its_own(running: Running) -> None:
    await running.publish(
        *[escalation(threat_id=new_id(), lane=lane) for lane in ("LIFE", "NORMAL") for _ in range(60)]
    )
    messages = await running.until(60 * 3 + 60 * 2)
    assert len({message["body"] for message in messages}) == 120
    for _ in range(200):
        pages = await running.pages()
        if all(attempt["state"] == "DELIVERED" for page in pages for attempt in page["attempts"]):
            break
        await asyncio.sleep(0.05)
    assert {attempt["state"] for page in pages for attempt in page["attempts"]} == {"DELIVERED"}


async def test_life_and_its_replacement_in_one_batch_see_each_other(running: Running) -> None:
    threat = new_id()
    normal, life = escalation(threat_id=threat, lane="NORMAL"), escalation(threat_id=threat, lane="LIFE")
    await running.publish(normal, life)
    for _ in range(200):
        pages = await running.pages()
        if len(pages) == 2:
            break
        await asyncio.sleep(0.02)
    assert [(page["lane"], page["state"]) for page in pages] == [("LIFE", "OPEN"), ("NORMAL", "CLOSED")]


async def test_the_sweep_climbs_in_real_time(running: Running) -> None:
    desk = desk_of(running.app.state.parts)
    plan = desk.policy.lanes
    quick = {
        lane: replace(found, steps=tuple(replace(step, after=step.after / 90) for step in found.steps))
        for lane, found in plan.items()
    }
    desk.policy = replace(desk.policy, lanes=quick)
    desk.policies[desk.policy.version] = desk.policy
    await running.publish(escalation())
    messages = await running.until(12)
    assert [message["to"] for message in messages[6:12]] == [LINES["duty.deputy"]] * 3 + [LINES["duty.leader"]] * 3


async def test_what_a_killed_process_held_leaves_after_the_restart(database_url: str) -> None:
    """The first life commits the page and dies before its sender gets anything."""
    migrate(forkant_notifier, sa.make_url(database_url))
    bus = EmbeddedBus(":memory:")
    await bus.start()
    await bus.create_topics(all_topics())
    async with at_work(database_url, bus) as first:
        desk = desk_of(first.app.state.parts)
        desk.mailbox.hand_over = lambda attempts: None  # type: ignore[method-assign]
        await first.publish(escalation())
        for _ in range(200):
            if await first.pages():
                break
            await asyncio.sleep(0.02)
        assert (await first.client.get("/notifier/sandbox/messages")).json() == []
    started = asyncio.get_running_loop().time()
    async with at_work(database_url, bus) as second:
        assert len(await second.until(3)) == 3
    waited = timedelta(seconds=asyncio.get_running_loop().time() - started)
    assert waited < desk.policy.lease, "an instance that comes back does not wait for its own leases"
    await bus.close()


async def test_every_worker_is_up_and_readiness_says_so(running: Running) -> None:
    answer = await running.client.get("/notifier/health/ready")
    assert answer.status_code == 200, answer.text
    document = (await running.client.get("/notifier/openapi.json")).json()
    assert "/notifier/v1/pages/{page_id}/accept" in document["paths"]
    assert "/notifier/board" not in document["paths"]
