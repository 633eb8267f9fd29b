"""What every service answers, and that its workers live as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from forkant_shared import outbox, service, testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.errors import Unavailable
from forkant_shared.events.threat_watch import ReportReceived
from forkant_shared.service import Worker, every
from tests.shared.support.app import Settings, create_app
from tests.shared.support.tables import make_tables

MakeApp = Callable[..., FastAPI]


@pytest.fixture
async def make(sqlite_url: str) -> AsyncIterator[MakeApp]:
    buses: list[EmbeddedBus] = []

    def made(*, tables: bool = True, **more: Any) -> FastAPI:
        settings = Settings(mode="embedded", database_url=make_tables(sqlite_url) if tables else sqlite_url)
        buses.append(EmbeddedBus())
        return create_app(settings, bus=buses[-1], clock=SystemClock(), **more)

    yield made
    for bus in buses:
        await bus.close()


async def _ready(client: httpx.AsyncClient) -> tuple[int, dict[str, bool]]:
    answer = await client.get("/kit/health/ready")
    return answer.status_code, answer.json()["parts"]


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(5):
        while (await _ready(client))[0] != 200:
            await asyncio.sleep(0.02)


async def test_a_service_is_live_at_once_and_ready_when_all_it_needs_answers(make: MakeApp) -> None:
    async with testing.running(make()) as client:
        assert (await client.get("/kit/health/live")).json() == {"status": "live"}
        await _until_ready(client)
        status, parts = await _ready(client)
        assert status == 200
        assert parts == {
            "database": True,
            "room": True,
            "bus": True,
            "consumer": True,
            "workers": True,
            "outbox": True,
        }


async def test_an_event_nobody_takes_turns_readiness_red_until_a_person_looks(make: MakeApp) -> None:
    app = make()
    async with testing.running(app) as client:
        async with app.state.parts.database.write() as session:
            huge = ReportReceived(report_id="r", threat_ids=[f"{n:036}" for n in range(30_000)])
            await outbox.add(session, huge, version=1)
        async with asyncio.timeout(5):
            while (await _ready(client))[1].get("outbox", True):
                await asyncio.sleep(0.02)
        assert (await _ready(client))[0] == 503


async def test_a_database_without_tables_is_live_and_not_ready(make: MakeApp) -> None:
    async with testing.running(make(tables=False)) as client:
        assert (await client.get("/kit/health/live")).status_code == 200
        assert (await client.get("/kit/health/ready")).status_code in (500, 503)


async def test_a_worker_that_falls_is_started_again_and_readiness_is_red_meanwhile(
    make: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RESTART_SECONDS", 0.2)
    starts: list[int] = []
    stands = asyncio.Event()

    async def run(_: Any) -> None:
        starts.append(1)
        if len(starts) < 3:
            raise ZeroDivisionError
        stands.set()
        await asyncio.Event().wait()

    async with testing.running(make(workers=[Worker("falls", run)])) as client:
        async with asyncio.timeout(5):
            while (await _ready(client))[1]["workers"]:
                await asyncio.sleep(0.01)
            await stands.wait()
        await _until_ready(client)
    assert len(starts) == 3


async def test_periodic_work_runs_at_once_when_woken_and_outlives_an_outage(make: MakeApp) -> None:
    wake, seen = asyncio.Event(), asyncio.Queue[int]()
    count = 0

    async def act(_: Any) -> None:
        nonlocal count
        count += 1
        seen.put_nowait(count)
        if count == 2:
            raise Unavailable("away")

    async with testing.running(make(workers=[every(3600, act, name="due", wake=wake)])):
        async with asyncio.timeout(5):
            for expected in (1, 2, 3):
                assert await seen.get() == expected
                wake.set()


async def test_stopping_ends_every_worker_soon(make: MakeApp) -> None:
    ended = asyncio.Event()

    async def run(_: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.timeout(5):
        async with testing.running(make(workers=[Worker("waits", run)])) as client:
            await _until_ready(client)
    assert ended.is_set()


async def test_every_answer_carries_the_correlation_id_of_its_trail(make: MakeApp) -> None:
    async with testing.running(make()) as client:
        answer = await client.get("/kit/v1/trail")
        assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]
        assert (await client.get("/kit/v1/trail")).json()["correlation_id"] != answer.json()["correlation_id"]


@pytest.mark.parametrize("given", ["Ola Nordmann", "", "00-xyz", f"00-{'1' * 32}-{'2' * 16}-01 Ola", "00-1-2-3"])
async def test_a_trace_header_that_is_none_goes_no_further(make: MakeApp, given: str) -> None:
    async with testing.running(make()) as client:
        answer = await client.get("/kit/v1/trail", headers={"traceparent": given})
        assert answer.json()["traceparent"] is None


async def test_a_trace_header_is_followed(make: MakeApp) -> None:
    given = f"00-{'1' * 32}-{'2' * 16}-01"
    async with testing.running(make()) as client:
        answer = await client.get("/kit/v1/trail", headers={"traceparent": given})
        assert answer.json()["traceparent"] == given
