"""Somebody watches the watcher."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from forkant_notifier.commands.watching import check_silence
from forkant_shared.events.threat_watch import WatchHeartbeat
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, standing
from tests.notifier.support.people import MONDAY


def beat(at: timedelta, sequence: int = 1) -> WatchHeartbeat:
    return WatchHeartbeat(watch_id="threat-watch", sequence=sequence, beat_at=MONDAY + at)


async def test_thirty_seconds_of_silence_ring_the_operations_centre_once(desk: TestDesk) -> None:
    await desk.hear(beat(timedelta(0)))
    desk.clock.advance(timedelta(seconds=30))
    assert not await check_silence(desk.parts)
    desk.clock.advance(timedelta(seconds=1))
    assert await check_silence(desk.parts)
    assert not await check_silence(desk.parts)
    await desk.send()
    assert {message["to"] for message in await desk.messages()} == {"+4700000009"}
    (page,) = await desk.get("/notifier/v1/pages", "operations")
    assert (page["lane"], page["threat_id"]) == ("LIFE", None)
    assert (await desk.get("/notifier/v1/status"))["silent"] is True


async def test_a_watch_that_comes_back_is_noted_and_a_new_silence_rings_again(desk: TestDesk) -> None:
    await desk.hear(beat(timedelta(0)))
    desk.clock.advance(timedelta(seconds=31))
    await check_silence(desk.parts)
    await desk.hear(beat(timedelta(seconds=31), 2), beat(timedelta(seconds=5), 1))
    (page,) = await desk.get("/notifier/v1/pages")
    assert page["state"] == "OPEN", "it still takes a human"
    assert (await desk.get(f"/notifier/v1/pages/{page['id']}"))["timeline"][-1]["kind"] == "WATCH_RESUMED"
    assert (await desk.get("/notifier/v1/status"))["silent"] is False
    desk.clock.advance(timedelta(seconds=31))
    assert await check_silence(desk.parts)
    assert len(await desk.get("/notifier/v1/pages")) == 2


async def test_old_heartbeats_from_a_queue_that_stood_still_do_not_count(desk: TestDesk) -> None:
    desk.clock.advance(timedelta(minutes=5))
    await desk.hear(beat(timedelta(seconds=1)), beat(timedelta(seconds=10), 2))
    assert await check_silence(desk.parts)


async def test_a_notifier_that_has_just_started_gives_the_watch_time(tmp_path: Path, clock: FixedClock) -> None:
    async with standing(tmp_path, clock) as desk:
        await desk.hear(beat(timedelta(days=-1)))
        clock.advance(timedelta(seconds=29))
        assert not await check_silence(desk.parts)
        clock.advance(timedelta(seconds=2))
        assert await check_silence(desk.parts)
