"""Reminders and deadlines: each once, also when nobody looked for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from forkant_meetings import tables
from forkant_meetings.commands.falling_due import do_what_is_due
from tests.meetings.builders import NOW, THREAT
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import LATER, plan, planned


@pytest.fixture
def served(on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return on_both


async def promised(served: Served, **changes) -> str:
    body = {
        "dialogue_id": await served.dialogue(cadence_days=3000),
        "by": "COUNTERPART",
        "to": "Kari",
        "text": "Ro i helgen",
        "due_on": "2026-12-04",
        **changes,
    }
    answer = await served.post("/promises", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def reminded(served: Served, role: str = OFFICER) -> list[str]:
    return [one["kind"] for one in (await served.get("/reminders", role=role)).json()["items"]]


async def pass_days(served: Served, days: int) -> None:
    for _ in range(days):
        served.clock.advance(timedelta(days=1))
        await do_what_is_due(served.parts)


async def test_the_owner_is_reminded_before_and_told_after_and_then_it_lapses(served: Served):
    promise_id = await promised(served)
    await pass_days(served, 6)
    assert await reminded(served) == []
    await pass_days(served, 2)
    assert await reminded(served) == ["PROMISE_REMIND"]
    await pass_days(served, 7)
    assert await reminded(served) == ["PROMISE_REMIND", "PROMISE_REMIND", "PROMISE_OVERDUE"]
    await pass_days(served, 62)
    found = (await served.get(f"/promises/{promise_id}")).json()
    assert (found["fate"], found["judgements"][0]["by"]) == ("LAPSED", "system:meetings")
    assert [name for name, _ in await served.events()][-1] == "promise-lapsed"


async def test_our_own_promises_and_those_under_a_threat_never_lapse_by_themselves(served: Served):
    ours = await promised(served, by="POLICE")
    under = await promised(served, threat_id=THREAT)
    served.clock.advance(timedelta(days=1000))
    await do_what_is_due(served.parts)
    for promise_id in (ours, under):
        found = (await served.get(f"/promises/{promise_id}")).json()
        assert (found["fate"], found["overdue"]) == ("OPEN", True)


async def test_a_settled_or_moved_promise_is_not_reminded_of(served: Served):
    kept, moved = await promised(served), await promised(served)
    await served.post(f"/promises/{kept}/judgements", {"fate": "KEPT", "evidence": "Ingen hendelser"})
    later = {"progress": "MINIMUM", "due_on": "2027-06-01", "owner": LEADER}
    await served.put(f"/promises/{moved}/progress", later)
    await pass_days(served, 20)
    assert await reminded(served) == []
    assert await reminded(served, LEADER) == []


async def test_two_instances_do_a_thing_once(served: Served):
    await promised(served)
    served.clock.advance(timedelta(days=8))
    done = await asyncio.gather(*(do_what_is_due(served.parts) for _ in range(4)))
    assert sum(done) == 1
    assert await reminded(served) == ["PROMISE_REMIND"]


async def test_a_reminder_is_gone_once_seen_and_only_for_its_owner(served: Served):
    await promised(served)
    served.clock.advance(timedelta(days=8))
    await do_what_is_due(served.parts)
    (found,) = (await served.get("/reminders")).json()["items"]
    assert (await served.put(f"/reminders/{found['id']}/seen", role=LEADER)).status_code == 404
    assert (await served.put(f"/reminders/{found['id']}/seen", role="analyst")).status_code == 403
    for _ in range(2):
        assert (await served.put(f"/reminders/{found['id']}/seen")).status_code == 200
    assert await reminded(served) == []


async def test_missing_minutes_and_a_late_approval_are_told_to_the_representatives(served: Served):
    meeting_id = await planned(served, await served.dialogue(cadence_days=3000))
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    served.clock.set(NOW + timedelta(days=10))
    await served.post(f"/meetings/{meeting_id}/holding", {"held_at": LATER})
    served.clock.advance(timedelta(days=4))
    await do_what_is_due(served.parts)
    assert await reminded(served) == await reminded(served, LEADER) == ["MINUTES_MISSING"]
    await served.post(f"/meetings/{meeting_id}/minutes", {"text": "De lovet ro."})
    served.clock.advance(timedelta(days=1))
    await do_what_is_due(served.parts)
    assert await reminded(served, LEADER) == ["MINUTES_MISSING", "MINUTES_OVERDUE"]
    await served.post(f"/meetings/{meeting_id}/minutes/approval", role=LEADER)
    waiting = sa.select(tables.DUES).where(tables.DUES.c.object_id == meeting_id, tables.DUES.c.done_at.is_(None))
    assert await served.rows(waiting) == []


async def test_a_quiet_dialogue_is_told_to_those_who_carry_it_and_a_contact_starts_the_count_anew(served: Served):
    dialogue_id = await served.dialogue(cadence_days=30)
    await pass_days(served, 20)
    contact = {
        "dialogue_id": dialogue_id,
        **plan(level="OPERATIONAL"),
        "held_at": served.clock.now().isoformat(),
    }
    for name in ("starts_at", "deconfliction"):
        contact.pop(name)
    answer = await served.post("/contacts", contact)
    assert answer.status_code == 201, answer.text
    await served.post(f"/meetings/{answer.json()['id']}/minutes", {"text": "Kort prat."})
    await served.post(f"/meetings/{answer.json()['id']}/minutes/approval", role=LEADER)
    await pass_days(served, 15)
    assert await reminded(served, LEADER) == []
    await pass_days(served, 16)
    assert await reminded(served, LEADER) == ["CONTACT_OVERDUE"]
