"""The live feed: replay for a phone that slept, late commits, the stream itself."""

from __future__ import annotations

import asyncio
import re

from forkant_notifier.pages import board
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, escalation


async def test_the_feed_replays_what_a_phone_that_slept_has_missed(desk: TestDesk) -> None:
    await desk.opened()
    stream = board.follow(desk.parts, None)
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    assert not first.done(), "without a number it begins with what comes"
    await desk.hear(escalation())
    seen = await asyncio.wait_for(first, 5)
    await stream.aclose()
    await desk.send()
    await desk.hear(escalation())
    replay = board.follow(desk.parts, str(seen.seq))
    later = [await asyncio.wait_for(anext(replay), 5) for _ in range(3)]
    await replay.aclose()
    assert [row.seq for row in later] == sorted({row.seq for row in later})
    assert later[0].seq > seen.seq
    newest = await desk.rows("select max(seq) as seq from timeline")
    strange = board.follow(desk.parts, str(newest[0]["seq"] + 1000))
    waiting = asyncio.create_task(anext(strange))
    await asyncio.sleep(0.05)
    await desk.hear(escalation())
    assert (await asyncio.wait_for(waiting, 5)).seq == newest[0]["seq"] + 1
    await strange.aclose()


async def test_a_row_that_commits_late_is_not_passed_over(desk: TestDesk) -> None:
    """Another transaction's row may become visible behind one already read."""
    from forkant_notifier.tables import TIMELINE

    async def put(seq: int) -> None:
        row = {"seq": seq, "page_id": None, "at": desk.clock.now(), "kind": "ATTEMPTS"}
        async with desk.parts.database.write() as session:
            await session.execute(TIMELINE.insert(), row)
        desk.desk.feed()

    stream = board.follow(desk.parts, "0")
    next_row = asyncio.create_task(anext(stream))
    await put(12)
    assert (await asyncio.wait_for(next_row, 5)).seq == 12
    await put(11)
    assert (await asyncio.wait_for(anext(stream), 5)).seq == 11
    await stream.aclose()


async def test_the_stream_is_server_sent_events_with_ids_and_ends_when_the_desk_stops(
    desk: TestDesk, browser: Browser
) -> None:
    await desk.opened()

    async def stop_soon() -> None:
        await asyncio.sleep(0.3)
        desk.desk.stopping = True
        desk.desk.feed()

    stopping = asyncio.create_task(stop_soon())
    answer = await browser.client.get("/notifier/feed", headers={"last-event-id": "0"})
    await stopping
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = re.findall(r"event: changed\ndata: (.*)\nid: (\d+)", answer.text)
    assert [int(number) for _, number in events] == sorted(int(number) for _, number in events)
    assert len(events) >= 3
