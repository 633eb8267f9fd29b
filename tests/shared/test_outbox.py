"""An event leaves only if its command was committed, sealed with all a reader needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from forkant_shared import outbox, telemetry
from forkant_shared.database import Database
from forkant_shared.events.threat_watch import ThreatOpened
from forkant_shared.testing import FixedClock
from tests.shared.support.rig import AT, beat


async def _waiting(database: Database) -> list[int]:
    async with database.read() as session:
        return [envelope.data["sequence"] for _, envelope, _ in await outbox.unpublished(session, 100)]


async def test_an_event_of_a_command_that_was_rolled_back_never_leaves(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await outbox.add(session, beat(1), version=1)
            raise RuntimeError
    assert await _waiting(database) == []


async def test_the_relay_is_woken_by_the_commit_and_not_before(database: Database) -> None:
    woken: list[str] = []
    database.relay_wakers.append(lambda: woken.append("now"))
    async with database.write() as session:
        await outbox.add(session, beat(1), version=1)
        await outbox.add(session, beat(2), version=2)
        assert woken == []
    assert woken == ["now"]


async def test_the_same_version_of_one_thing_cannot_be_told_by_two_commands(database: Database) -> None:
    """Two commands that decided on the same state: the second must fail, not reorder."""
    async with database.write() as session:
        await outbox.add(session, beat(1), version=1)
        await outbox.add(session, beat(2), version=1)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as session:
            await outbox.add(session, beat(3), version=1)
    assert await _waiting(database) == [1, 2]


async def test_the_envelope_says_who_what_when_and_why(database: Database) -> None:
    trail = telemetry.Trail("0197f3c0-story", "0197f3c0-cause", f"00-{'1' * 32}-{'2' * 16}-01")
    with telemetry.following(trail):
        async with database.write() as session:
            sealed = await outbox.add(session, ThreatOpened(threat_id="t-1"), version=4)
    async with database.read() as session:
        [(_, read_back, _)] = await outbox.unpublished(session, 10)
    assert read_back == sealed
    assert (sealed.type, sealed.source) == ("no.forkant.threat-watch.threat-opened.v1", "/forkant/threat-watch")
    assert (sealed.subject, sealed.partitionkey, sealed.aggregateversion) == ("threat/t-1", "t-1", 4)
    assert sealed.dataschema == "urn:forkant:schema:threat-watch.threat-opened:v1"
    assert (sealed.correlationid, sealed.causationid) == ("0197f3c0-story", "0197f3c0-cause")
    assert (sealed.traceparent, sealed.classification) == (trail.traceparent, "RESTRICTED")


async def test_published_events_are_deleted_by_age_and_unpublished_ones_never(kit_url: str) -> None:
    clock = FixedClock(AT)
    database = Database(kit_url, clock=clock)
    async with database.write() as session:
        for sequence in (1, 2, 3):
            await outbox.add(session, beat(sequence), version=sequence)
        await session.flush()
        await outbox.mark_published(session, [1])
    clock.advance(timedelta(days=20))
    async with database.write() as session:
        await outbox.mark_published(session, [2])
    clock.advance(timedelta(days=11))
    async with database.write() as session:
        assert await outbox.trim(session, timedelta(days=30)) == 1
        left = await session.execute(sa.select(outbox.OUTBOX.c.seq).order_by(outbox.OUTBOX.c.seq))
        assert list(left.scalars()) == [2, 3]
    await database.close()
