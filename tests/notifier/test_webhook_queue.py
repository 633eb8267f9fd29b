"""What partners are owed survives: a process killed between any two lines, two instances at once, both databases."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import httpx2 as httpx
import pytest
import sqlalchemy as sa

import forkant_notifier
from forkant_notifier.app import life
from forkant_notifier.commands import telling
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.consumers import SUBSCRIPTIONS
from forkant_notifier.domain.webhooks import DeliveryState
from forkant_notifier.settings import Settings
from forkant_notifier.store import deliveries
from forkant_notifier.timers.webhooks import WebhookSender
from forkant_shared.clock import new_id
from forkant_shared.events.threat_watch import SituationUpdated
from forkant_shared.migrations import migrate
from forkant_shared.outbox import envelope_of
from forkant_shared.testing import FixedClock
from tests.notifier.support import telling_and_dying
from tests.notifier.support.desk import TestDesk, new_app
from tests.notifier.support.partners import Partner, deliver, happen
from tests.notifier.support.people import MONDAY
from tests.notifier.support.receiver import Receiver, receiver

PICTURE = SituationUpdated(begins=date(2026, 9, 28), published_at=MONDAY)


@pytest.fixture
async def hooked() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture
async def on_both(database_url: str) -> AsyncIterator[TestDesk]:
    """A notifier on each database."""
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database_url))
    settings = Settings(mode="embedded", database_url=database_url, webhook_loopback=True)
    clock = FixedClock(MONDAY)
    app = new_app(settings, clock)
    parts: NotifierParts = app.state.parts
    async with life(parts):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            yield TestDesk(app, parts, clock, client)
    await parts.database.close()


@pytest.mark.parametrize(("place", "arrived"), [("webhook-leased", 0), ("webhook-posted", 1)])
async def test_a_process_killed_at_any_seam_doubles_at_most_and_loses_nothing(
    on_both: TestDesk, hooked: Receiver, place: str, arrived: int
) -> None:
    desk = on_both
    made = await Partner(desk).made(hooked.url)
    await deliver(desk)
    await happen(desk)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, telling_and_dying.__file__, desk.parts.settings.database_url, desk.clock.now().isoformat()],
        env={**os.environ, "FORKANT_CRASH_AT": place},
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(hooked.told) == arrived
    await deliver(desk)
    assert len(hooked.told) == arrived, "while its lease runs nobody else takes it"
    desk.clock.advance(timedelta(seconds=61))
    await deliver(desk)
    assert len(hooked.told) == arrived + 1
    assert len(set(hooked.ids[1:])) == 1, "the receiver can tell that it is the same"
    assert (await Partner(desk).read(f"/{made['id']}"))["deliveries"]["delivered"] == 2


async def test_what_is_to_be_delivered_is_stored_with_the_event_or_not_at_all(
    on_both: TestDesk, hooked: Receiver
) -> None:
    desk = on_both
    await Partner(desk).made(hooked.url)
    envelope = envelope_of(PICTURE, version=1, clock=desk.clock)
    with pytest.raises(RuntimeError, match="power"):
        async with desk.parts.database.write() as session:
            await SUBSCRIPTIONS[SituationUpdated](desk.parts, session, PICTURE, envelope)
            await session.flush()
            raise RuntimeError("power cut")
    assert await desk.rows("select id from webhook_deliveries where type <> 'ping'") == []


async def test_two_instances_deliver_each_message_once(on_both: TestDesk, hooked: Receiver) -> None:
    desk = on_both
    for number in range(4):
        await Partner(desk).made(f"{hooked.url}/{number}")
    await happen(desk, *(f"2026-0{month}-01" for month in range(1, 7)))
    senders = [WebhookSender(desk.parts) for _ in range(3)]
    await asyncio.gather(*(sender.drain() for sender in senders))
    assert await telling.lease_due(desk.parts, (), 1) == []
    assert len(hooked.told) == 4 * 6
    assert len(set(hooked.ids)) == len(hooked.ids)


async def test_of_many_at_once_no_more_subscriptions_are_made_than_an_organisation_may_have(
    on_both: TestDesk, hooked: Receiver
) -> None:
    desk = on_both
    most = desk.desk.webhooks.rules.per_organisation
    bodies = [{"url": f"{hooked.url}/{number}", "types": ["situation-updated"]} for number in range(most + 3)]
    partner, other = Partner(desk), Partner(desk, "0192:310000015")
    answers = await asyncio.gather(*(partner.call("POST", body=body) for body in [*bodies, *bodies[:2]]))
    assert sorted(answer.status_code for answer in answers) == [201] * most + [409] * 5
    twice = await asyncio.gather(*(other.call("POST", body=bodies[0]) for _ in range(4)))
    assert sorted(answer.status_code for answer in twice) == [201, 409, 409, 409]
    assert all(answer.json()["errors"][0]["remedy"] for answer in answers if answer.status_code == 409)


async def test_disabling_while_events_come_leaves_nothing_due_and_enabling_sends_all_of_it(
    on_both: TestDesk, hooked: Receiver
) -> None:
    desk = on_both
    partner = Partner(desk)
    made = await partner.made(hooked.url)
    await deliver(desk)
    days = [f"2026-0{month}-01" for month in range(1, 6)]
    await asyncio.gather(partner.done(f"/{made['id']}/disable"), *(happen(desk, day) for day in days))
    await deliver(desk)
    assert hooked.told == []
    seen = await partner.read(f"/{made['id']}")
    assert (seen["reason"], seen["deliveries"]["waiting"], seen["deliveries"]["due"]) == ("OWNER", 5, 0)
    answers = await asyncio.gather(*(partner.call("POST", f"/{made['id']}/enable") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    await deliver(desk)
    assert sorted(body["data"]["id"] for body in hooked.told) == days


async def test_due_work_is_found_by_an_index_among_many_that_are_over(on_both: TestDesk) -> None:
    desk = on_both
    made = await Partner(desk).made("http://127.0.0.1:9/")
    over = telling.delivery(desk.parts, made["id"], "situation-updated", "2026-09-28", MONDAY)
    over = replace(over, state=DeliveryState.DELIVERED, due_at=None, done_at=MONDAY)
    async with desk.parts.database.write() as session:
        await deliveries.insert(session, [replace(over, id=new_id()) for _ in range(20_000)])
    async with desk.parts.database.write() as session:
        await session.execute(sa.text("analyze"))
    async with desk.parts.database.read() as session:
        for look in deliveries.looks(made["id"], MONDAY):
            written = look.compile(dialect=session.connection.dialect, compile_kwargs={"literal_binds": True})
            how = "explain " if session.dialect == "postgresql" else "explain query plan "
            plan = await session.execute(sa.text(how + str(written).replace(":", "\\:")))
            told = "\n".join(str(tuple(row)) for row in plan)
            assert "ix_webhook_deliveries_due" in told or "ix_webhook_deliveries_leased" in told, told
            assert "Seq Scan on webhook_deliveries" not in told
