"""A gap or a dead phone is told ahead of the shift: once for each lead time, without content, and never as a page."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from forkant_notifier.commands import noticing
from forkant_notifier.commands.noticing import warn_ahead
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.notices import Worry, WorryKind, leads_passed
from forkant_notifier.domain.quiet import QuietHours
from forkant_notifier.tables import DEVICES, PEOPLE
from tests.notifier.support.desk import LINES, TestDesk, standing
from tests.notifier.test_rotas import DUTY, put

QUIET = QuietHours(time(22), time(7), ZoneInfo("Europe/Oslo"))
NOTICES = "select user, channel, lane from attempts where hint = 'NOTICE' order by user"


async def notices(desk: TestDesk) -> list[str]:
    return [row["user"] for row in await desk.rows(NOTICES)]


async def at(desk: TestDesk, moment: str) -> None:
    """Time has passed until then, and the timer looks."""
    desk.clock.advance(datetime.fromisoformat(moment) - desk.clock.now())
    desk.desk.book = None
    await warn_ahead(desk.parts)


async def gap_at_noon(desk: TestDesk) -> None:
    """From Tuesday 2026-12-08 12:00 (11:00 UTC) nobody has the deputy's tier."""
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 2)
    ends = {"name": "Deputy", "tier": 2, "members": ["duty.deputy"], "days": 1, "handover": "12:00"}
    ended = await put(desk, f"/rotas/{rota['id']}", {**ends, "ends_on": "2026-12-08"}, method="PUT")
    assert ended.status_code == 200, ended.text


async def test_the_leader_hears_of_a_gap_a_day_before_and_an_hour_before_and_no_more(desk: TestDesk) -> None:
    await gap_at_noon(desk)
    await at(desk, "2026-12-07T10:59:00+00:00")
    assert await notices(desk) == []
    await at(desk, "2026-12-07T11:00:00+00:00")
    await at(desk, "2026-12-07T12:00:00+00:00")
    await at(desk, "2026-12-08T09:59:00+00:00")
    assert await notices(desk) == ["duty.leader"]
    await at(desk, "2026-12-08T10:01:00+00:00")
    await at(desk, "2026-12-08T10:30:00+00:00")
    assert await notices(desk) == ["duty.leader", "duty.leader"]
    await at(desk, "2026-12-08T11:00:00+00:00")
    assert len(await notices(desk)) == 2
    await desk.send()
    told = await desk.messages(to=LINES["duty.leader"])
    assert {message["body"] for message in told} == {Hint.NOTICE.value}
    assert {message["channel"] for message in told} == {"SMS"}
    assert {row["lane"] for row in await desk.rows(NOTICES)} == {"NORMAL"}
    assert await desk.rows("select id from pages") == []


async def test_a_gap_that_is_waived_in_time_is_not_told(desk: TestDesk) -> None:
    await gap_at_noon(desk)
    desk.clock.advance(timedelta(days=10))
    waiver = {"tier": 2, "reason": "Away", "until": "2026-12-28T12:00:00+01:00"}
    assert (await put(desk, "/waivers", waiver)).status_code == 201
    await at(desk, "2026-12-08T10:01:00+00:00")
    assert await notices(desk) == []
    assert desk.desk.worries == []


async def test_a_shift_of_somebody_whose_push_is_gone_is_told_to_them_and_to_the_leader(desk: TestDesk) -> None:
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 1)
    turns = {"name": "Officer", "tier": 1, "members": ["duty.officer", "duty.deputy"], "days": 1, "handover": "12:00"}
    written = {**turns, "starts_on": "2026-11-22"}
    assert (await put(desk, f"/rotas/{rota['id']}", written, method="PUT")).status_code == 200
    async with desk.parts.database.write() as session:
        lost = {"push_lost_at": desk.clock.now()}
        await session.execute(PEOPLE.update().where(PEOPLE.c.user == "duty.deputy").values(lost))
        mine = (DEVICES.c.user == "duty.deputy") & (DEVICES.c.channel == "PUSH")
        await session.execute(DEVICES.delete().where(mine))
    await at(desk, "2026-11-23T10:30:00+00:00")
    assert await notices(desk) == ["duty.deputy", "duty.leader"]
    shown = await desk.get("/notifier/v1/status")
    assert shown["shifts_at_risk"] == 1
    await at(desk, "2026-11-23T10:31:00+00:00")
    assert len(await notices(desk)) == 2


async def test_a_kill_between_telling_and_storing_tells_it_once_afterwards(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gap_at_noon(desk)

    async def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(noticing, "notify", killed)
        with pytest.raises(SystemExit):
            await at(desk, "2026-12-07T11:00:00+00:00")
    assert await notices(desk) == []
    assert await desk.rows("select * from duty_notices") == []
    await at(desk, "2026-12-07T11:01:00+00:00")
    assert await notices(desk) == ["duty.leader"]


async def test_two_instances_tell_it_once(desk: TestDesk, tmp_path_factory: pytest.TempPathFactory) -> None:
    await gap_at_noon(desk)
    url = desk.parts.settings.database_url
    async with standing(tmp_path_factory.mktemp("other"), desk.clock, database_url=url) as other:
        await at(desk, "2026-12-07T11:00:00+00:00")
        await warn_ahead(other.parts)
    assert await notices(desk) == ["duty.leader"]


async def test_a_notice_in_the_night_waits_for_the_morning_unless_the_shift_begins_before(desk: TestDesk) -> None:
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 2)
    ends = {"name": "Deputy", "tier": 2, "members": ["duty.deputy"], "days": 1, "handover": "02:00"}
    ended = await put(desk, f"/rotas/{rota['id']}", {**ends, "ends_on": "2026-12-08"}, method="PUT")
    assert ended.status_code == 200, ended.text
    await at(desk, "2026-12-07T01:00:00+00:00")
    assert await notices(desk) == []
    await at(desk, "2026-12-07T06:00:00+00:00")
    assert await notices(desk) == ["duty.leader"]
    await at(desk, "2026-12-08T00:00:00+00:00")
    await desk.send()
    assert len(await desk.messages(to=LINES["duty.leader"])) == 2


def test_quiet_hours_end_in_the_morning_of_the_same_night_also_when_the_clock_changes() -> None:
    def over(moment: str) -> datetime:
        return QUIET.over_at(datetime.fromisoformat(moment))

    assert over("2026-12-07T21:30:00+00:00") == datetime(2026, 12, 8, 6, tzinfo=UTC)
    assert over("2026-12-08T02:00:00+00:00") == datetime(2026, 12, 8, 6, tzinfo=UTC)
    assert over("2026-12-08T06:00:00+00:00") == datetime(2026, 12, 8, 6, tzinfo=UTC)
    assert over("2026-03-28T23:00:00+00:00") == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert over("2026-12-08T12:00:00+00:00") == datetime(2026, 12, 8, 12, tzinfo=UTC)


def test_the_longer_lead_time_does_not_follow_the_shorter() -> None:
    begins = datetime(2026, 12, 8, 11, tzinfo=UTC)
    worry, leads = Worry(WorryKind.GAP, 1, begins), (timedelta(hours=24), timedelta(hours=1))
    assert leads_passed(worry, leads, QUIET, begins - timedelta(minutes=30)) == list(leads)
    assert leads_passed(worry, leads, QUIET, begins) == []


async def test_nothing_of_who_or_why_is_in_what_is_told_or_logged(
    desk: TestDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    await gap_at_noon(desk)
    await at(desk, "2026-12-07T11:00:00+00:00")
    await desk.send()
    said = capsys.readouterr()
    assert "duty.leader" not in said.out + said.err
    assert "+4700000003" not in said.out + said.err
    assert "%" not in Hint.NOTICE.value
    assert len(Hint.NOTICE.value) <= 160
    events = await desk.rows("select * from outbox")
    assert not any("duty.leader" in str(event) or "+47" in str(event) for event in events)
