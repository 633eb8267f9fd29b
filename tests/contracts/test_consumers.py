"""Every service survives every event it listens to: applied, or at most unknown to it, but never a bug."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from forkant_shared import consumer, inbox, outbox
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.database import sqlite_url
from forkant_shared.events import EVENTS, OWNERS, topic_of
from forkant_shared.migrations import migrate
from tests.contracts.test_events import golden


def _part(service: str, part: str) -> Any:
    name = f"forkant_{service.replace('-', '_')}.{part}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


HEARING = {
    service: _part(service, "consumers").SUBSCRIPTIONS for service in OWNERS if _part(service, "consumers") is not None
}
PAIRS = [(service, kind.TYPE) for service, heard in HEARING.items() for kind in heard]


def test_who_has_consumers_lists_what_they_hear_and_nobody_hears_what_nobody_tells() -> None:
    for service, heard in HEARING.items():
        assert heard, f"{service} has consumers and hears nothing"
        assert {kind.TYPE for kind in heard} <= set(EVENTS)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A migrated file for each service, to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    for service in HEARING:
        package = importlib.import_module(f"forkant_{service.replace('-', '_')}")
        migrate(package, sa.make_url(sqlite_url(str(folder / service))))
    return {service: folder / service for service in HEARING}


def _nobody_there(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"detail": "There is no such thing."})


@pytest.fixture
async def heard_by(
    request: pytest.FixtureRequest, migrated: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Any]:
    """The app of the service named, on a database of its own, with nobody else to ask."""
    monkeypatch.setattr(consumer, "RETRY_SECONDS", 0.0)
    service: str = request.param
    with sqlite3.connect(migrated[service]) as source, sqlite3.connect(tmp_path / "own") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    settings = _part(service, "settings").Settings(mode="embedded", database_url=sqlite_url(str(tmp_path / "own")))
    bus = EmbeddedBus()
    await bus.start()
    app = _part(service, "app").create_app(
        settings, bus=bus, clock=SystemClock(), peers=httpx.MockTransport(_nobody_there)
    )
    yield app
    await bus.close()
    await app.state.parts.database.close()


async def _deliver(app: Any, kind: str, example: dict[str, Any], *, times: int = 1) -> list[dict[str, Any]]:
    """What waits for a person after this event was delivered."""
    event = EVENTS[kind].model_validate(example)
    parts, reader = app.state.parts, app.state.running.consumer
    message = outbox.envelope_of(event, version=1, clock=parts.clock).to_message(topic_of(event.OWNER))
    for _ in range(times):
        assert await parts.bus.publish([message]) == [None]
    for _ in range(20):
        if not await reader.step():
            break
    assert not reader._waiting._waits, "it waits for something that is not away"
    async with parts.database.read() as session:
        return await inbox.parked(session, reader.group)


@pytest.mark.parametrize(("heard_by", "kind"), PAIRS, indirect=["heard_by"])
async def test_the_golden_example_is_applied_or_at_most_about_something_unknown(heard_by: Any, kind: str) -> None:
    for example in golden(kind).values():
        waiting = await _deliver(heard_by, kind, example, times=2)
        assert {row["error"] for row in waiting} <= {"NotFound"}, waiting


@pytest.mark.parametrize("heard_by", HEARING, indirect=True)
async def test_all_examples_together_in_one_database_leave_nothing_waiting_for_a_bug(heard_by: Any) -> None:
    reader = heard_by.state.running.consumer
    for kind in EVENTS:
        if kind in reader._handlers:
            waiting = await _deliver(heard_by, kind, golden(kind)["full"])
            assert {row["error"] for row in waiting} <= {"NotFound"}, waiting


@pytest.mark.parametrize("heard_by", HEARING, indirect=True)
async def test_an_event_of_another_shape_is_a_dead_letter_and_changes_nothing(heard_by: Any) -> None:
    parts, reader = heard_by.state.parts, heard_by.state.running.consumer
    kind = next(iter(reader._handlers))
    event = EVENTS[kind].model_validate(golden(kind)["full"])
    message = outbox.envelope_of(event, version=1, clock=parts.clock).to_message(topic_of(event.OWNER))
    broken = type(message)(message.topic, message.key, json.dumps({"x": 1}).encode(), message.headers)
    assert await parts.bus.publish([broken]) == [None]
    await reader.step()
    async with parts.database.read() as session:
        [row] = await inbox.parked(session, reader.group)
        applied = await session.execute(sa.select(sa.func.count()).select_from(inbox.INBOX))
        assert applied.scalar_one() == 0
    assert (row["error"], row["holds_key"]) == ("Invalid", False)
