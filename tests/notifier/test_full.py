"""The disk of the database is full: a clear no, nothing lost, and whoever watches from outside sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest
import sqlalchemy as sa

import forkant_notifier
from forkant_notifier.app import life
from forkant_notifier.clients import outside
from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.settings import Settings
from forkant_notifier.timers import sweep
from forkant_notifier.timers.sender import Sender
from forkant_shared import testing
from forkant_shared.clock import new_id
from forkant_shared.database import Database
from forkant_shared.events import topic_of
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import escalation, new_app
from tests.notifier.support.people import MONDAY

FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_timeline BEFORE INSERT ON timeline FOR EACH ROW EXECUTE FUNCTION no_room();
CREATE TRIGGER full_attempts BEFORE INSERT OR UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION no_room();
CREATE TRIGGER full_inbox BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION no_room();
"""
#: More pages than what is left of the room takes.
MORE = 40
ROOM = "DROP FUNCTION no_room CASCADE"


class Carrier:
    """Takes everything, and keeps it in memory."""

    name, channels, gives_receipts = "only", frozenset(Channel), False

    def __init__(self) -> None:
        self.got: list[Outgoing] = []

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        self.got += batch
        for outgoing in batch:
            yield Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    async def close(self) -> None:
        return


@dataclass
class Disk:
    """Fills the disk under a database, and makes room again."""

    database: Database

    async def fill(self) -> None:
        """SQLite: no page more than there are. PostgreSQL: what it says when it cannot extend a file."""
        if self.database.url.get_backend_name() == "sqlite":
            await self._pragma("PRAGMA max_page_count = 1")
        else:
            await self._run(FULL)

    async def make_room(self) -> None:
        if self.database.url.get_backend_name() == "sqlite":
            await self._pragma("PRAGMA max_page_count = 1000000")
        else:
            await self._run(ROOM)

    async def _pragma(self, statement: str) -> None:
        with self.database._store._writer.connect() as connection:
            connection.exec_driver_sql(statement)

    async def _run(self, statements: str) -> None:
        async with self.database.write() as session:
            await session.execute(sa.text(statements.replace(":", "\\:")))


@dataclass
class Standing:
    parts: NotifierParts
    client: httpx.AsyncClient
    disk: Disk
    app: Any

    def as_user(self, user: str) -> dict[str, str]:
        issuer = desk_of(self.parts).development
        assert issuer
        return testing.bearer(issuer.person(user, name=user, roles=[user], lifetime=timedelta(hours=1)))

    async def publish(self) -> None:
        envelope = envelope_of(escalation(threat_id=new_id()), version=1, clock=self.parts.clock)
        await self.parts.bus.publish([envelope.to_message(topic_of("threat-watch"))])

    async def listen(self, pages: int, rounds: int = 200) -> int:
        """Let the consumer work until there are that many pages, or for a while; how many there are."""
        for _ in range(rounds):
            await self.app.state.running.consumer.step()
            if len(await self.pages()) >= pages:
                break
            await asyncio.sleep(0.02)
        return len(await self.pages())

    async def pages(self) -> list[dict[str, Any]]:
        answer = await self.client.get("/notifier/v1/pages", headers=self.as_user("duty.officer"))
        found: list[dict[str, Any]] = answer.json()
        return found


@pytest.fixture
async def standing(database_url: str) -> AsyncIterator[Standing]:
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database_url))
    app = new_app(Settings(mode="embedded", database_url=database_url), FixedClock(MONDAY))
    parts: NotifierParts = app.state.parts
    await parts.bus.start()
    async with life(parts):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            yield Standing(parts, client, Disk(parts.database), app)
    await parts.database.close()


async def test_a_full_disk_is_a_clear_no_is_seen_from_outside_and_nothing_is_lost(standing: Standing) -> None:
    await standing.publish()
    assert await standing.listen(1) == 1
    (page,) = await standing.pages()
    path = f"/notifier/v1/pages/{page['id']}/notes"
    await standing.disk.fill()
    refused = await _until_refused(standing, path)
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) >= 1
    assert "no room left in the database" in refused.json()["detail"]
    assert "operations" in str(refused.json())

    ready = await standing.client.get("/notifier/health/ready")
    assert ready.status_code == 503 and ready.json()["parts"]["room"] is False
    seen = await outside.look(standing.client, None)
    assert seen.wrong == "NOT_READY", "and so the outside watcher raises the alarm by its own route"

    for _ in range(MORE):
        await standing.publish()
    assert await standing.listen(1 + MORE, rounds=20) < 1 + MORE, "what cannot be stored is not begun"
    await standing.disk.make_room()
    assert await standing.listen(1 + MORE) == 1 + MORE, "and waits on the bus until it can"
    again = await standing.client.post(path, json={"note": "x"}, headers=standing.as_user("duty.officer"))
    assert again.status_code == 200
    assert (await standing.client.get("/notifier/health/ready")).json()["parts"]["room"] is True


async def _until_refused(standing: Standing, path: str) -> httpx.Response:
    """Pages that are there have room for a little more."""
    for _ in range(400):
        note = {"note": "x" * 900}
        answer = await standing.client.post(path, json=note, headers=standing.as_user("duty.officer"))
        if answer.status_code != 200:
            assert answer.status_code == 503, answer.text
            return answer
    raise AssertionError("the disk never got full")


async def test_what_was_handed_over_before_the_disk_was_full_still_leaves_and_is_stored_later(
    standing: Standing,
) -> None:
    """With a carrier that needs no database: the page is on its way, only what came of it waits."""
    carrier = Carrier()
    desk = desk_of(standing.parts)
    desk.routes = RouteBoard([carrier], desk.routes.rules)
    await standing.publish()
    await standing.listen(1)
    await standing.disk.fill()
    sender = asyncio.create_task(Sender(standing.parts).run())
    for _ in range(200):
        await asyncio.sleep(0.01)
        if len(carrier.got) >= 3:
            break
    await standing.disk.make_room()
    for _ in range(300):
        await asyncio.sleep(0.02)
        (page,) = await standing.pages()
        if {one["state"] for one in page["attempts"]} == {"SUBMITTED"}:
            break
    sender.cancel()
    await asyncio.gather(sender, return_exceptions=True)
    await sweep(standing.parts)
    assert len(carrier.got) >= 3
    assert {one["state"] for one in page["attempts"]} == {"SUBMITTED"}
