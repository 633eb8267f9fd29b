"""What the others tell, and what follows from it; told twice is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from forkant_meetings import tables
from forkant_meetings.consumers import SUBSCRIPTIONS
from forkant_shared.clock import new_id
from forkant_shared.events.registry import GroupRegistered, IdentityChanged
from forkant_shared.events.threat_watch import (
    DialogueClearanceWithdrawn,
    DialogueCleared,
    EscalationRaised,
    ThreatClosed,
)
from forkant_shared.inbox import METADATA as INBOX
from tests.meetings.builders import NOW, TARGET, THREAT
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import LATER, plan

CLEARED = DialogueCleared(threat_id=THREAT, valid_until=NOW + timedelta(days=30))


@pytest.fixture
def served(on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return on_both


def escalation(*excluded: str) -> EscalationRaised:
    return EscalationRaised(
        escalation_id=new_id(),
        threat_id=THREAT,
        lane="LIFE",
        rules=["level-high"],
        reason="level-high",
        excluded_actor_ids=list(excluded),
        raised_at=NOW,
    )


async def threat_meeting(served: Served) -> str:
    """A planned threat dialogue whose representatives have signed in; the leader is known to be TARGET."""
    dialogue_id = await served.dialogue()
    seen = served.as_(LEADER, actor_id=TARGET)
    assert (await served.client.get(f"/meetings/v1/dialogues/{dialogue_id}", headers=seen)).status_code == 200
    body = plan(
        dialogue_id=dialogue_id,
        state="PLANNED",
        threat_id=THREAT,
        verification_at=(NOW + timedelta(days=20)).isoformat(),
        fallback="Patrulje ved boligen",
        representatives=[
            {"subject": OFFICER, "experienced_leader": True},
            {"subject": LEADER, "experienced_leader": True},
        ],
    )
    answer = await served.post("/meetings", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def state_of(served: Served, meeting_id: str) -> tuple[str, str | None]:
    found = (await served.get(f"/meetings/{meeting_id}")).json()
    return found["state"], found["withdrawn"]


async def test_a_threat_dialogue_waits_until_it_is_cleared(served: Served):
    meeting_id = await threat_meeting(served)
    refused = await served.post(f"/meetings/{meeting_id}/confirmation", {})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "checks.DIALOGUE_CLEARED"
    because = {"overrides": [{"check": "DIALOGUE_CLEARED", "reason": "Det haster"}]}
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", because)).status_code == 409
    await served.hear(CLEARED)
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", {})).status_code == 200


async def test_a_representative_who_becomes_the_target_takes_the_confirmation_back_once(served: Served):
    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED)
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    told = escalation(TARGET)
    await served.hear(told)
    await served.hear(told)
    assert await state_of(served, meeting_id) == ("PLANNED", "NOT_A_TARGET")
    refused = await served.post(
        f"/meetings/{meeting_id}/confirmation", {"overrides": [{"check": "NOT_A_TARGET", "reason": "x"}]}
    )
    assert refused.status_code == 409
    reminders = (await served.get("/reminders")).json()["items"]
    assert [(one["kind"], one["object_id"]) for one in reminders] == [("CONFIRMATION_WITHDRAWN", meeting_id)]


async def test_the_target_decides_nothing_about_the_threat(served: Served):
    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED, escalation(TARGET))
    for path, body in (("confirmation", {}), ("cancellation", {"reason": "x"})):
        answer = await served.client.post(
            f"/meetings/v1/meetings/{meeting_id}/{path}", json=body, headers=served.as_(LEADER, actor_id=TARGET)
        )
        assert answer.status_code == 403, answer.text
    assert (await state_of(served, meeting_id))[0] == "PLANNED"


async def test_a_target_under_another_identity_is_the_same_person(served: Served):
    meeting_id = await threat_meeting(served)
    other = new_id()
    await served.hear(CLEARED, escalation(other))
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", {})).status_code == 200
    await served.hear(IdentityChanged(actor_id=TARGET, canonical_id=other))
    assert await state_of(served, meeting_id) == ("PLANNED", "NOT_A_TARGET")


async def test_targets_are_added_to_and_never_forgotten(served: Served):
    first, second = sorted([new_id(), new_id()])
    await served.hear(escalation(second), escalation(first), escalation())
    (row,) = await served.rows(tables.THREATS.select())
    assert row.excluded == [first, second]


async def test_a_shorter_clearance_takes_a_later_meeting_back(served: Served):
    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED)
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    await served.hear(DialogueCleared(threat_id=THREAT, valid_until=NOW + timedelta(days=2)))
    assert await state_of(served, meeting_id) == ("PLANNED", "DIALOGUE_CLEARED")


async def test_a_withdrawn_clearance_takes_the_confirmation_back_and_refuses_the_next_until_it_is_cleared_anew(
    served: Served,
):
    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED)
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    withdrawn = DialogueClearanceWithdrawn(threat_id=THREAT, withdrawn_at=NOW, cause="ANSWER_CHANGED")
    await served.hear(withdrawn)
    await served.hear(withdrawn)
    assert await state_of(served, meeting_id) == ("PLANNED", "DIALOGUE_CLEARED")
    because = {"overrides": [{"check": "DIALOGUE_CLEARED", "reason": "Det haster"}]}
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", because)).status_code == 409
    await served.hear(CLEARED)
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", {})).status_code == 200


async def test_whom_a_threat_that_never_paged_is_aimed_at_comes_with_the_clearance(served: Served):
    meeting_id = await threat_meeting(served)
    cleared = CLEARED.model_copy(update={"excluded_actor_ids": [TARGET]})
    await served.hear(cleared)
    await served.hear(cleared)
    because = {"overrides": [{"check": "NOT_A_TARGET", "reason": "Det haster"}]}
    refused = await served.post(f"/meetings/{meeting_id}/confirmation", because)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "checks.NOT_A_TARGET"


async def test_groups_and_closed_threats_are_remembered(served: Served):
    group = GroupRegistered(group_id=new_id(), group_kind="street")
    closed = ThreatClosed(threat_id=THREAT)
    await served.hear(group, closed)
    await served.hear(group, closed)
    assert [row.group_id for row in await served.rows(tables.GROUPS.select())] == [group.group_id]
    assert [row.closed for row in await served.rows(tables.THREATS.select())] == [True]


async def test_the_same_envelope_twice_changes_nothing_the_second_time(served: Served):
    from forkant_shared.envelope import Envelope
    from forkant_shared.events import topic_of
    from forkant_shared.outbox import envelope_of

    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED)
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    sealed: Envelope = envelope_of(escalation(TARGET), version=1, clock=served.clock)
    for _ in range(2):
        await served.bus.publish([sealed.to_message(topic_of("threat-watch"))])
        await served.listen()
    assert len(await served.rows(tables.REMINDERS.select())) == 2
    inbox = next(table for table in INBOX.sorted_tables if table.name == "inbox")
    assert len(await served.rows(sa.select(inbox))) == 2


async def test_every_subscription_survives_what_it_may_hear(served: Served):
    some: dict[str, object] = {
        "group_id": new_id(),
        "group_kind": "mc_club",
        "actor_id": new_id(),
        "canonical_id": new_id(),
        "threat_id": new_id(),
        "valid_until": NOW,
        "withdrawn_at": NOW,
        "cause": "PLAN_CHANGED",
        "escalation_id": new_id(),
        "lane": "NORMAL",
        "rules": [],
        "reason": "x",
        "raised_at": NOW,
        "tomorrow_there_may_be_more": 1,
    }
    await served.hear(*(kind.model_validate(some) for kind in SUBSCRIPTIONS))
    parked = next(table for table in INBOX.sorted_tables if table.name == "parked_events")
    assert await served.rows(sa.select(parked)) == []


async def test_what_was_held_without_clearance_is_recorded_as_a_deviation(served: Served):
    meeting_id = await threat_meeting(served)
    await served.hear(CLEARED)
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    served.clock.advance(timedelta(days=31))
    at = (NOW + timedelta(days=31)).isoformat()
    held = await served.post(f"/meetings/{meeting_id}/holding", {"held_at": at})
    assert held.status_code == 200
    found = (await served.get(f"/meetings/{meeting_id}")).json()
    assert found["held"]["deviations"] == ["DIALOGUE_CLEARED"]
    assert at != LATER
