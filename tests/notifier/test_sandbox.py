"""The fake phones: what they got since a time or a message."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from tests.notifier.support.desk import TestDesk


async def test_since_is_a_time_or_the_last_message_seen(desk: TestDesk) -> None:
    await desk.opened()
    desk.clock.advance(timedelta(minutes=1))
    first = await desk.messages()
    await desk.opened()
    both = await desk.messages()
    assert (len(first), len(both)) == (3, 6)
    assert set(both[0]) == {"id", "to", "channel", "body", "at"}
    moment = datetime.fromisoformat(first[-1]["at"]).isoformat()
    assert moment.endswith("+00:00")
    for since in (first[-1]["id"], quote(moment), moment, moment.replace("+00:00", "Z")):
        answer = await desk.client.get(f"/notifier/sandbox/messages?since={since}")
        assert [m["id"] for m in answer.json()] == [m["id"] for m in both[3:]], since


@pytest.mark.parametrize("since", ["yesterday", "1", "0.5", "2026-11-23T02:14:00", "a-b"])
async def test_what_is_neither_is_refused_and_named(desk: TestDesk, since: str) -> None:
    answer = await desk.client.get("/notifier/sandbox/messages", params={"since": since})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("since")
