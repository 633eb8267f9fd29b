"""The calendar feed, read by a library that did not write it, and what it keeps to itself."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
import vobject

from forkant_notifier.store import duty
from tests.notifier.support.desk import TestDesk

FEED = "/notifier/v1/duty/calendar.ics"


async def key(desk: TestDesk, user: str = "duty.officer") -> str:
    made = await desk.client.post("/notifier/v1/duty/calendar-key", headers=desk.as_user(user))
    assert made.status_code == 201, made.text
    answer = made.json()
    assert answer["secret"] not in answer["url"]
    assert answer["url"].endswith(FEED)
    found: str = answer["secret"]
    return found


async def fetch(desk: TestDesk, secret: str, user: str = "duty.officer") -> httpx.Response:
    return await desk.client.get(FEED, auth=(user, secret))


async def test_another_library_reads_ones_own_shifts_across_the_weeks(desk: TestDesk) -> None:
    answer = await fetch(desk, await key(desk))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "private, no-store"
    events = list(vobject.readOne(answer.text).vevent_list)
    assert len(events) > 12
    spans = sorted((event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) for event in events)
    now = desk.clock.now()
    assert any(since <= now < until for since, until in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert {event.summary.value for event in events} == {"Vakt, trinn 1"}
    assert len({event.uid.value for event in events}) == len(events)


async def test_the_feed_names_nobody_and_tells_of_nobody_elses_shifts(desk: TestDesk) -> None:
    text = (await fetch(desk, await key(desk))).text
    for word in ("Stedfortreder", "Vaktleder", "duty.", "+47", "demo", "trinn 2"):
        assert word not in text


async def test_a_shift_keeps_its_name_when_it_is_read_again_and_moves_with_a_take_over(desk: TestDesk) -> None:
    secret = await key(desk)
    first = {event.uid.value for event in vobject.readOne((await fetch(desk, secret)).text).vevent_list}
    desk.clock.advance(timedelta(hours=2))
    again = {event.uid.value for event in vobject.readOne((await fetch(desk, secret)).text).vevent_list}
    assert first == again
    body = {"tier": 2, "hours": 3}
    taken = await desk.client.post("/notifier/v1/duty/overrides", json=body, headers=desk.as_user("duty.officer"))
    assert taken.status_code == 201
    summaries = [event.summary.value for event in vobject.readOne((await fetch(desk, secret)).text).vevent_list]
    assert summaries.count("Vakt, trinn 2") == 1


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic ZHV0eQ==", "Bearer x", "Basic ZHV0eS5vZmZpY2VyOng="]
)
async def test_a_wrong_key_gets_the_question_for_one_and_nothing_else(desk: TestDesk, header: str) -> None:
    await key(desk)
    answer = await desk.client.get(FEED, headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_new_key_closes_the_old_and_a_closed_calendar_stays_closed(desk: TestDesk) -> None:
    old, new = await key(desk), await key(desk)
    assert (await fetch(desk, old)).status_code == 401
    assert (await fetch(desk, new)).status_code == 200
    assert (await fetch(desk, new, "duty.deputy")).status_code == 401
    path = "/notifier/v1/duty/calendar-key"
    assert (await desk.client.delete(path, headers=desk.as_user("duty.officer"))).status_code == 204
    assert (await fetch(desk, new)).status_code == 401


async def test_the_calendar_closes_when_its_year_is_over_and_when_somebody_leaves(desk: TestDesk) -> None:
    secret, other = await key(desk), await key(desk, "duty.deputy")
    async with desk.parts.database.write() as session:
        await duty.leave(session, "duty.deputy", desk.clock.now())
    assert (await fetch(desk, other, "duty.deputy")).status_code == 401
    desk.clock.advance(timedelta(days=367))
    assert (await fetch(desk, secret)).status_code == 401


async def test_only_the_digest_of_a_secret_is_kept(desk: TestDesk) -> None:
    secret = await key(desk)
    rows = await desk.rows("select * from calendar_secrets")
    assert secret not in str(rows)
    assert secret not in str(await desk.rows("select * from audit"))
    assert datetime.fromisoformat(str(rows[0]["ends_at"]))
