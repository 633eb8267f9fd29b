"""Rotas through the API: written, refused with a gap, waived, covered, swapped, and told as they were then."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from tests.notifier.support.desk import TestDesk

DUTY = "/notifier/v1/duty"
WISH: dict[str, Any] = {"name": "Night", "tier": 1, "members": ["duty.officer", "duty.deputy"], "hours": 12}


async def put(desk: TestDesk, path: str, body: Any, user: str = "duty.leader", method: str = "POST") -> httpx.Response:
    return await desk.client.request(method, f"{DUTY}{path}", json=body, headers=desk.as_user(user))


async def on_duty(desk: TestDesk, tier: int = 1, **at: str) -> list[str]:
    answer = await desk.client.get(DUTY, params=at, headers=desk.as_user("auditor"))
    assert answer.status_code == 200, answer.text
    return [user["user"] for user in answer.json()["tiers"][tier - 1]["users"]]


async def test_a_rota_of_twelve_hours_is_written_and_the_phone_follows_it(desk: TestDesk) -> None:
    rotas = await desk.get(f"{DUTY}/rotas")
    first = next(item for item in rotas["items"] if item["tier"] == 1)
    path = f"/rotas/{first['id']}"
    made = await put(desk, path, {**WISH, "handover": "08:00", "starts_on": "2026-11-16"}, method="PUT")
    assert made.status_code == 200, made.text
    seen = []
    for _ in range(3):
        desk.desk.book = None
        seen += await on_duty(desk)
        desk.clock.advance(timedelta(hours=12))
    assert seen in (
        ["duty.officer", "duty.deputy", "duty.officer"],
        ["duty.deputy", "duty.officer", "duty.deputy"],
    )


async def test_a_gap_is_refused_by_name_and_taken_with_a_waiver(desk: TestDesk) -> None:
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 2)
    late = {**WISH, "tier": 2, "starts_on": "2026-11-30"}
    refused = await put(desk, f"/rotas/{rota['id']}", late, method="PUT")
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert error["field"] == "rotations"
    assert "until 2026-11-30T08:00+01:00" in error["message"]
    assert "waiver" in error["remedy"]
    assert await on_duty(desk, 2) == ["duty.deputy"]
    waiver = {"reason": "Exercise", "until": "2026-12-01T08:00:00+01:00"}
    taken = await put(desk, f"/rotas/{rota['id']}", {**late, "waiver": waiver}, method="PUT")
    assert taken.status_code == 200, taken.text
    found = await desk.get(f"{DUTY}/rotas")
    assert found["gaps"] == []
    assert [(waived["tier"], waived["by"], waived["reason"]) for waived in found["waivers"]] == [
        (2, "duty.leader", "Exercise")
    ]
    assert await on_duty(desk, 2) == []


async def test_ending_the_only_rota_of_a_tier_needs_somebody_who_answers_for_it(desk: TestDesk) -> None:
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 3)
    assert (await put(desk, f"/rotas/{rota['id']}/end", {})).status_code == 422
    waiver = {"waiver": {"reason": "No leader in the holidays", "until": "2026-12-19T08:00:00+01:00"}}
    assert (await put(desk, f"/rotas/{rota['id']}/end", waiver)).status_code == 204
    assert (await put(desk, f"/rotas/{rota['id']}/end", waiver)).status_code == 404


async def test_an_edit_today_does_not_change_who_was_on_duty_yesterday(desk: TestDesk) -> None:
    before = desk.clock.now().isoformat()
    desk.clock.advance(timedelta(hours=1))
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 1)
    changed = {"name": "New", "tier": 1, "members": ["duty.leader"], "days": 7}
    assert (await put(desk, f"/rotas/{rota['id']}", changed, method="PUT")).status_code == 200
    assert await on_duty(desk) == ["duty.leader"]
    assert await on_duty(desk, at=before) == ["duty.officer"]
    looked = await desk.rows("select kind from audit where action = 'notifier.duty.read'")
    assert [row["kind"] for row in looked] == ["CONSULTATION"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"members": ["analyst"]}, "members.0"),
        ({"members": []}, "members"),
        ({"hours": 5}, "hours"),
        ({"days": 7}, "days"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"handover": "8"}, "handover"),
        ({"starts_on": "2031-01-01"}, "starts_on"),
    ],
)
async def test_a_rota_in_a_wrong_form_is_refused_by_field(desk: TestDesk, changed: dict[str, Any], field: str) -> None:
    answer = await put(desk, "/rotas", {**WISH, **changed})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_an_officer_does_not_write_rotas(desk: TestDesk) -> None:
    assert (await put(desk, "/rotas", WISH, user="duty.officer")).status_code == 403


async def test_one_who_decides_on_an_old_plan_is_told_so(desk: TestDesk) -> None:
    seen = (await desk.get(f"{DUTY}/rotas"))["revision"]
    first = await put(desk, "/overrides", {"tier": 1, "revision": seen}, user="duty.deputy")
    second = await put(desk, "/overrides", {"tier": 1, "revision": seen}, user="duty.leader")
    assert (first.status_code, second.status_code) == (201, 409)
    elsewhere = await put(desk, "/overrides", {"tier": 2, "revision": seen}, user="duty.leader")
    assert elsewhere.status_code == 201


async def test_a_shift_is_covered_and_given_back(desk: TestDesk) -> None:
    now = desk.clock.now()
    body = {
        "tier": 1,
        "covers": "duty.officer",
        "since": now.isoformat(),
        "until": (now + timedelta(days=2)).isoformat(),
    }
    made = await put(desk, "/covers", body, user="duty.deputy")
    assert made.status_code == 201, made.text
    assert await on_duty(desk) == ["duty.deputy"]
    desk.clock.advance(timedelta(hours=1))
    path = f"{DUTY}/overrides/{made.json()['id']}"
    ended = await desk.client.delete(path, headers=desk.as_user("duty.deputy"))
    assert ended.status_code == 204
    assert await on_duty(desk) == ["duty.officer"]
    assert await on_duty(desk, at=now.isoformat()) == ["duty.deputy"]
    assert (await desk.client.delete(path, headers=desk.as_user("duty.deputy"))).status_code == 409


async def swap_asked(desk: TestDesk) -> str:
    now = desk.clock.now()
    since, until = now.isoformat(), (now + timedelta(days=3)).isoformat()
    theirs = {"user": "duty.deputy", "tier": 2, "since": since, "until": until}
    body = {"tier": 1, "since": since, "until": until, "theirs": theirs}
    asked = await put(desk, "/swaps", body, user="duty.officer")
    assert asked.status_code == 201, asked.text
    found: str = asked.json()["id"]
    return found


async def test_two_change_shifts_and_both_phones_follow(desk: TestDesk) -> None:
    swap = await swap_asked(desk)
    assert await on_duty(desk, 1) == ["duty.officer"]
    assert (await put(desk, f"/swaps/{swap}/answer", {"state": "ACCEPTED"}, user="duty.leader")).status_code == 403
    assert (await put(desk, f"/swaps/{swap}/answer", {"state": "ACCEPTED"}, user="duty.deputy")).status_code == 200
    assert (await on_duty(desk, 1), await on_duty(desk, 2)) == (["duty.deputy"], ["duty.officer"])


async def test_of_two_who_take_the_same_shift_at_once_the_second_is_told(desk: TestDesk) -> None:
    now = desk.clock.now()
    body = {"tier": 1, "since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    swap = (await put(desk, "/swaps", body, user="duty.officer")).json()["id"]
    answers = await asyncio.gather(
        *(put(desk, f"/swaps/{swap}/answer", {"state": "ACCEPTED"}, user=u) for u in ("duty.deputy", "duty.leader"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await on_duty(desk)) == 1


async def test_a_shift_that_moved_meanwhile_is_not_swapped(desk: TestDesk) -> None:
    swap = await swap_asked(desk)
    assert (await put(desk, "/overrides", {"tier": 2}, user="duty.leader")).status_code == 201
    refused = await put(desk, f"/swaps/{swap}/answer", {"state": "ACCEPTED"}, user="duty.deputy")
    assert refused.status_code == 409
    assert await on_duty(desk, 1) == ["duty.officer"]
    waiting = await desk.get(f"{DUTY}/swaps")
    assert [item["state"] for item in waiting] == ["OPEN"]


async def test_a_gap_that_is_there_is_shown_and_can_be_answered_for(desk: TestDesk) -> None:
    rota = next(item for item in (await desk.get(f"{DUTY}/rotas"))["items"] if item["tier"] == 3)
    ends = {"name": "Leader", "tier": 3, "members": ["duty.leader"], "days": 7, "ends_on": "2026-12-14"}
    assert (await put(desk, f"/rotas/{rota['id']}", ends, method="PUT")).status_code == 200
    assert (await desk.get(DUTY))["gaps"] == []
    desk.clock.advance(timedelta(days=10))
    desk.desk.book = None
    gaps = (await desk.get(DUTY))["gaps"]
    assert [gap["tier"] for gap in gaps] == [3]
    until = (desk.clock.now() + timedelta(days=20)).isoformat()
    body = {"tier": 3, "reason": "Away", "until": until, "since": gaps[0]["since"]}
    assert (await put(desk, "/waivers", body)).status_code == 201
    assert (await desk.get(DUTY))["gaps"] == []
