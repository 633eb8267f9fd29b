"""The mark and the effect share one transaction, whoever claims at the same time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from forkant_shared import inbox
from forkant_shared.bus import Record
from forkant_shared.database import Database
from forkant_shared.testing import FixedClock
from tests.shared.support.rig import AT

RECORD = Record(topic="t", partition=0, offset=0, key="k", value=b"{}", headers=(), timestamp=AT)


async def test_of_two_that_claim_one_event_at_once_one_gets_it(database: Database) -> None:
    async def claim() -> bool:
        async with database.write() as session:
            got = await inbox.claim(session, "forkant.notifier", "event-1")
            await asyncio.sleep(0.02)
            return got

    assert sorted(await asyncio.gather(claim(), claim())) == [False, True]


async def test_consumers_claim_independently(database: Database) -> None:
    async with database.write() as session:
        assert await inbox.claim(session, "forkant.notifier", "event-1")
        assert await inbox.claim(session, "forkant.meetings", "event-1")


async def test_it_knows_what_was_applied_and_which_keys_wait(database: Database) -> None:
    async with database.write() as session:
        inbox.claim_later(session, "forkant.notifier", ["1", "2"])
        inbox.claim_later(session, "forkant.meetings", ["3"])
        await inbox.park(session, "forkant.notifier", RECORD, event_id="4", event_type="t", error="KeyError")
    async with database.read() as session:
        known = await inbox.known(session, "forkant.notifier", ["1", "2", "3"], [RECORD.key, "other"])
        assert known == inbox.Known(frozenset({"1", "2"}), frozenset({RECORD.key}))
        assert await inbox.known(session, "forkant.meetings", [], []) == inbox.Known(frozenset(), frozenset())


async def test_a_batch_with_one_event_taken_is_not_ours(database: Database) -> None:
    async with database.write() as session:
        inbox.claim_later(session, "forkant.notifier", ["1", "2"])
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            inbox.claim_later(session, "forkant.notifier", ["2", "3"])
    async with database.write() as session:
        assert await inbox.claim(session, "forkant.notifier", "3"), "of what failed nothing is left"


async def test_old_marks_are_forgotten_and_fresh_ones_kept(kit_url: str) -> None:
    clock = FixedClock(AT)
    database = Database(kit_url, clock=clock)
    async with database.write() as session:
        await inbox.claim(session, "forkant.notifier", "old")
    clock.advance(timedelta(days=61))
    async with database.write() as session:
        await inbox.claim(session, "forkant.notifier", "new")
        assert await inbox.trim(session, timedelta(days=60)) == 1
        assert not await inbox.claim(session, "forkant.notifier", "new")
        assert await inbox.claim(session, "forkant.notifier", "old")
    await database.close()
