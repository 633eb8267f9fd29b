"""Contacts, dialogues and promises over HTTP."""

from datetime import timedelta

from forkant_shared.clock import new_id
from tests.meetings.builders import NOW
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import LATER


async def test_a_contact_is_logged_afterwards_by_the_one_who_was_there(served: Served):
    dialogue_id = await served.dialogue()
    body = {
        "dialogue_id": dialogue_id,
        "level": "OPERATIONAL",
        "purpose": "Traff dem utenfor stadion",
        "not_recruitment": True,
        "counterpart_count": 5,
        "held_at": (NOW - timedelta(hours=1)).isoformat(),
    }
    answer = await served.post("/contacts", body, role="duty.officer")
    assert (answer.status_code, answer.json()["state"]) == (201, "HELD")
    found = (await served.get(f"/meetings/{answer.json()['id']}")).json()
    assert [one["subject"] for one in found["representatives"]] == ["duty.officer"]
    assert found["held"]["decided_by"] == "duty.officer"
    ahead = await served.post("/contacts", {**body, "held_at": LATER}, role="duty.officer")
    assert ahead.status_code == 422 and ahead.json()["errors"][0]["field"] == "held_at"


async def test_a_dialogue_is_moved_on_and_its_people_change(served: Served):
    dialogue_id = await served.dialogue()
    path = f"/dialogues/{dialogue_id}"
    assert (await served.post(f"{path}/phases", {"phase": "III"})).status_code == 409
    moved = await served.post(f"{path}/phases", {"phase": "II", "cadence_days": 14})
    assert moved.json() == {"id": dialogue_id, "state": "II", "version": 2}
    added = await served.post(f"{path}/contacts", {"subject": "duty.leader", "name": "Liv Eksempel"})
    assert added.status_code == 200
    person = new_id()
    people = {"counterparts": [{"person_id": person, "standing": "REAL_AUTHORITY"}]}
    assert (await served.put(f"{path}/counterparts", people)).status_code == 200
    ended = await served.client.delete(f"/meetings/v1{path}/contacts/{OFFICER}", headers=served.as_(LEADER))
    assert ended.status_code == 200
    alone = await served.client.delete(f"/meetings/v1{path}/contacts/{LEADER}", headers=served.as_(LEADER))
    assert alone.status_code == 409
    found = (await served.get(path)).json()
    assert found["cadence_days"] == 14
    assert [(one["subject"], one["until"] is None) for one in found["contacts"]] == [
        (OFFICER, False),
        (LEADER, True),
        ("duty.leader", True),
    ]
    assert found["counterparts"] == [{"person_id": person, "standing": "REAL_AUTHORITY"}]


async def test_a_promise_is_made_followed_and_judged(served: Served):
    dialogue_id = await served.dialogue()
    body = {
        "dialogue_id": dialogue_id,
        "by": "POLICE",
        "to": "Lederen",
        "text": "Ringe tilbake",
        "due_on": "2026-12-01",
    }
    made = await served.post("/promises", body)
    assert made.status_code == 201
    path = f"/promises/{made.json()['id']}"
    assert (await served.post(f"{path}/acknowledgement", {"how": "SPOKEN"})).status_code == 200
    assert (await served.post(f"{path}/acknowledgement", {"how": "SPOKEN"})).status_code == 409
    step = {"progress": "MINIMUM", "due_on": "2026-11-21", "owner": LEADER}
    assert (await served.put(f"{path}/progress", step)).status_code == 200
    served.clock.advance(timedelta(days=2))
    late = (await served.get("/promises?overdue=true")).json()["items"]
    assert [(one["owner"], one["overdue"]) for one in late] == [(LEADER, True)]
    wrong = await served.post(f"{path}/judgements", {"fate": "BROKEN", "evidence": "Glemt"})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "manner"
    judged = {"fate": "BROKEN", "manner": "ACCIDENTAL", "evidence": "Glemt"}
    assert (await served.post(f"{path}/judgements", judged)).json()["state"] == "BROKEN"
    health = (await served.get(f"/dialogues/{dialogue_id}")).json()["health"]
    assert health["police"] == {
        "share_kept": 0.0,
        "settled": 1,
        "open": 0,
        "overdue": 0,
        "kept": 0,
        "broken": 1,
        "excused": 0,
        "lapsed": 0,
    }
    assert health["counterpart"]["share_kept"] is None
