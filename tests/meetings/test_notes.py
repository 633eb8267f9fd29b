"""Notes of intelligence and complaints over HTTP: who may, what is refused, what travels, and taking back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from forkant_shared.audit import AUDIT
from forkant_shared.clock import new_id
from forkant_shared.events.registry import IdentityChanged
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import LATER, planned

GROUP = "0192f000-0000-7000-8000-0000000000d1"
SPEAKER = "0192f000-0000-7000-8000-0000000000d2"
GRADE = {"scale": "ADMIRALTY", "source": "B", "information": "2"}
SAID = "Kaptein Eksempel sa at de vet hvor hun bor."


@pytest.fixture
def served(on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return on_both


def said(**changes: Any) -> dict[str, Any]:
    body = {"text": SAID, "factor": "INTENT", "strength": "STATED", "grading": GRADE, **changes}
    return {name: value for name, value in body.items() if value is not ...}


def held_against_us(**changes: Any) -> dict[str, Any]:
    return {"text": SAID, "own_action": "CONTROL", "strength": "STATED", "grading": GRADE, **changes}


async def held(served: Served, dialogue_id: str, **changes: Any) -> str:
    """A meeting that has been held."""
    meeting_id = await planned(served, dialogue_id, counterparts=[SPEAKER], **changes)
    confirmed = await served.post(f"/meetings/{meeting_id}/confirmation", {})
    assert confirmed.status_code == 200, confirmed.text
    served.clock.advance(timedelta(days=10, hours=3))
    assert (await served.post(f"/meetings/{meeting_id}/holding", {"held_at": LATER})).status_code == 200
    return meeting_id


async def told(served: Served, name: str) -> list[dict[str, Any]]:
    return [data for kind, data in await served.events() if kind == name]


async def test_what_was_said_is_noted_by_a_representative_and_travels_as_codes(served: Served):
    dialogue_id, meeting_id = await _held_in_compartment(served)
    head = served.as_(OFFICER, compartments=["havna"])
    body = said(
        speaker_id=SPEAKER, target={"kind": "ROLE", "code": "POLICE_LEADER"}, imminence_hours=72, spoken_by="AGGRESSOR"
    )
    answer = await served.client.post(f"/meetings/v1/meetings/{meeting_id}/notes", json=body, headers=head)
    assert answer.status_code == 201, answer.text
    note_id = answer.json()["id"]
    assert answer.headers["location"] == f"/meetings/v1/notes/{note_id}"
    (event,) = await told(served, "intelligence-noted")
    assert event.pop("origin_id") not in (SPEAKER, dialogue_id, GROUP)
    assert event == {
        "note_id": note_id,
        "dialogue_id": dialogue_id,
        "meeting_id": meeting_id,
        "observed_at": LATER.replace("+00:00", "Z"),
        "kind": "FACT",
        "factor": "INTENT",
        "strength": "STATED",
        "aggressor_kind": "GROUP",
        "aggressor_ref": GROUP,
        "target_kind": "ROLE",
        "target_ref": "POLICE_LEADER",
        "imminence_hours": 72.0,
        "spoken_by": "AGGRESSOR",
        "own_action": None,
        "scale": "ADMIRALTY",
        "source_grade": "B",
        "information_grade": "2",
        "handling": "RESTRICTED",
        "compartment": "havna",
    }
    assert SPEAKER not in str(event) and "Eksempel" not in str(event)
    shown = await served.client.get(f"/meetings/v1/notes/{note_id}", headers=head)
    assert (shown.json()["text"], shown.json()["speaker_id"], shown.json()["note_kind"]) == (
        SAID, SPEAKER, "INTELLIGENCE",
    )  # fmt: skip
    assert (await served.get(f"/notes/{note_id}")).status_code == 404
    rows = await served.rows(sa.select(AUDIT.c.action, AUDIT.c.details).where(AUDIT.c.action.like("meetings.note.%")))
    assert [row.action for row in rows][:2] == ["meetings.note.write", "meetings.note.read"]
    assert SAID not in str([row.details for row in rows])


async def _held_in_compartment(served: Served) -> tuple[str, str]:
    """A dialogue that only its members may know of, and a contact that was had in it."""
    contacts = [{"subject": OFFICER}, {"subject": LEADER}]
    opened = {"group_id": GROUP, "phase": "I", "contacts": contacts, "compartment": "havna"}
    head = served.as_(OFFICER, compartments=["havna"])
    dialogue = await served.client.post("/meetings/v1/dialogues", json=opened, headers=head)
    assert dialogue.status_code == 201, dialogue.text
    served.clock.advance(timedelta(days=10, hours=3))
    body = {
        "dialogue_id": dialogue.json()["id"],
        "level": "OPERATIONAL",
        "initiative": "OURS",
        "purpose": "Ro",
        "held_at": LATER,
        "counterparts": [SPEAKER],
        "counterpart_count": 1,
        "representatives": [{"subject": OFFICER}],
        "not_recruitment": True,
    }
    head = served.as_(OFFICER, compartments=["havna"])
    answer = await served.client.post("/meetings/v1/contacts", json=body, headers=head)
    assert answer.status_code == 201, answer.text
    return str(dialogue.json()["id"]), str(answer.json()["id"])


async def test_one_mouth_has_one_origin_in_every_meeting_and_under_every_id_it_is_known_by(served: Served):
    dialogue_id = await served.dialogue(
        group_id=GROUP, counterparts=[{"person_id": SPEAKER, "standing": "SPOKESPERSON"}]
    )
    meeting_id = await held(served, dialogue_id)
    alias = new_id()
    other = await served.dialogue(counterparts=[{"person_id": alias, "standing": "SPOKESPERSON"}])
    await served.post(f"/meetings/{meeting_id}/notes", said(speaker_id=SPEAKER))
    await served.post(f"/meetings/{meeting_id}/notes", said(speaker_id=SPEAKER, factor="CAPABILITY"))
    await served.post(f"/meetings/{meeting_id}/notes", said())
    await served.post(f"/dialogues/{dialogue_id}/complaints", held_against_us())
    await served.hear(IdentityChanged(actor_id=alias, canonical_id=SPEAKER))
    assert (await served.post(f"/dialogues/{other}/complaints", held_against_us(speaker_id=alias))).status_code == 201
    await served.post(f"/dialogues/{other}/complaints", held_against_us())
    origins = [event["origin_id"] for event in await told(served, "intelligence-noted")]
    assert origins[0] == origins[1] == origins[4]
    assert origins[2] == origins[3]
    assert len(set(origins)) == 3


@pytest.mark.parametrize(("changes", "field"), [
    ({"text": "  "}, "text"),
    ({"factor": "WISH"}, "factor"),
    ({"strength": 0.4}, "strength"),
    ({"grading": {**GRADE, "source": "Z"}}, "grading.source"),
    ({"grading": {**GRADE, "information": "A"}}, "grading.information"),
    ({"grading": {**GRADE, "scale": "MIN"}}, "grading.scale"),
    ({"grading": ...}, "grading"),
    ({"imminence_hours": 9000}, "imminence_hours"),
    ({"target": {"kind": "ROLE", "code": "KING"}}, "target"),
    ({"target": {"kind": "GROUP", "id": GROUP}}, "target"),
    ({"aggressor": {"kind": "ROLE", "code": "WITNESS"}}, "aggressor"),
    ({"aggressor": {"kind": "UNKNOWN"}, "spoken_by": "AGGRESSOR"}, "spoken_by"),
    ({"speaker_id": GROUP}, "speaker_id"),
])  # fmt: skip
async def test_a_note_that_makes_no_sense_is_refused_with_its_field(
    served: Served, changes: dict[str, Any], field: str
):
    meeting_id = await held(served, await served.dialogue(group_id=GROUP))
    answer = await served.post(f"/meetings/{meeting_id}/notes", said(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert await told(served, "intelligence-noted") == []


async def test_only_who_was_there_notes_and_only_once_it_has_begun(served: Served):
    dialogue_id = await served.dialogue(group_id=GROUP)
    early = await planned(served, dialogue_id)
    assert (await served.post(f"/meetings/{early}/notes", said())).status_code == 409
    meeting_id = await held(served, dialogue_id)
    elsewhere = await served.post(f"/meetings/{meeting_id}/notes", said(), role="duty.leader")
    assert elsewhere.json()["errors"][0]["field"] == "author"
    for role in ("analyst", "auditor", "source.handler", "registrar", "operations", "admin"):
        assert (await served.post(f"/meetings/{meeting_id}/notes", said(), role=role)).status_code == 403, role
        assert (
            await served.post(f"/dialogues/{dialogue_id}/complaints", held_against_us(), role=role)
        ).status_code == 403
    for role, status in {"analyst": 200, "duty.officer": 403, "source.handler": 403, "registrar": 403}.items():
        assert (await served.get("/notes", role=role)).status_code == status, role
    assert (
        await served.client.get("/meetings/v1/notes", headers=served.machine("forkant:meetings.read"))
    ).status_code == 403


async def test_what_was_said_before_it_was_broken_off_can_be_noted(served: Served):
    meeting_id = await planned(served, await served.dialogue(group_id=GROUP))
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    await served.post(f"/meetings/{meeting_id}/break-off", {"reason": "De gikk"})
    assert (await served.post(f"/meetings/{meeting_id}/notes", said())).status_code == 201


async def test_a_complaint_is_a_grievance_of_the_group_with_what_we_did(served: Served):
    dialogue_id = await served.dialogue(group_id=GROUP)
    at = served.clock.now() - timedelta(hours=5)
    alone = await served.post(f"/dialogues/{dialogue_id}/complaints", held_against_us(said_at=at.isoformat()))
    assert alone.status_code == 201, alone.text
    meeting_id = await held(served, dialogue_id)
    there = await served.post(f"/dialogues/{dialogue_id}/complaints", held_against_us(meeting_id=meeting_id))
    assert there.status_code == 201, there.text
    first, second = await told(served, "intelligence-noted")
    for event in (first, second):
        assert (event["factor"], event["own_action"], event["aggressor_ref"]) == ("GRIEVANCE", "CONTROL", GROUP)
        assert event["target_kind"] == "UNKNOWN"
    assert (first["meeting_id"], second["meeting_id"]) == (None, meeting_id)
    assert second["observed_at"] == LATER.replace("+00:00", "Z")


@pytest.mark.parametrize(("changes", "field"), [
    ({"own_action": "WEDDING"}, "own_action"),
    ({"meeting_id": GROUP}, "meeting_id"),
    ({"said_at": "2027-11-20T09:00:00Z"}, "said_at"),
    ({"speaker_id": GROUP}, "speaker_id"),
])  # fmt: skip
async def test_a_complaint_that_makes_no_sense_is_refused_with_its_field(
    served: Served, changes: dict[str, Any], field: str
):
    dialogue_id = await served.dialogue(group_id=GROUP)
    answer = await served.post(f"/dialogues/{dialogue_id}/complaints", held_against_us(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field


async def test_the_same_key_notes_once(served: Served):
    meeting_id = await held(served, await served.dialogue(group_id=GROUP))
    first = await served.post(f"/meetings/{meeting_id}/notes", said(), Idempotency_Key="n1")
    again = await served.post(f"/meetings/{meeting_id}/notes", said(), Idempotency_Key="n1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await served.post(f"/meetings/{meeting_id}/notes", said(strength="HINT"), Idempotency_Key="n1")
    assert other.status_code == 409
    assert len(await told(served, "intelligence-noted")) == 1


async def test_a_note_is_taken_back_once_with_a_reason_and_stays_on_record(served: Served):
    meeting_id = await held(served, await served.dialogue(group_id=GROUP))
    note_id = (await served.post(f"/meetings/{meeting_id}/notes", said())).json()["id"]
    why = {"cause": "MISHEARD", "reason": "Han snakket om en film."}
    path = f"/notes/{note_id}/withdrawal"
    assert (await served.post(path, why, role="analyst")).status_code == 403
    stranger = await served.post(path, why, role="duty.leader")
    assert stranger.json()["errors"][0]["field"] == "by"
    silent = await served.post(path, {**why, "reason": " "})
    assert silent.json()["errors"][0]["field"] == "reason"
    assert (await served.post(path, why, If_Match='"9"')).status_code == 412
    gone = await served.post(path, why, role=LEADER)
    assert gone.json() == {"id": note_id, "state": "WITHDRAWN", "version": 2}
    assert (await served.post(path, why)).status_code == 409
    (event,) = await told(served, "intelligence-withdrawn")
    assert (event["note_id"], event["cause"]) == (note_id, "MISHEARD")
    assert "film" not in str(event)
    listed = (await served.get(f"/notes?meeting_id={meeting_id}")).json()["items"]
    assert [(one["id"], one["withdrawal"]["reason"]) for one in listed] == [(note_id, "Han snakket om en film.")]
    assert [one["by"] for one in [listed[0]["withdrawal"]]] == [LEADER]


async def test_minutes_carry_the_climate_and_the_event_its_two_numbers(served: Served):
    dialogue_id = await served.dialogue(group_id=GROUP)
    meeting_id = await held(served, dialogue_id)
    refused = await served.post(f"/meetings/{meeting_id}/minutes", {"text": "Ro.", "climate_ours": 3})
    assert refused.status_code == 422
    body = {"text": "Ro.", "climate_ours": -1, "climate_theirs": 2}
    assert (await served.post(f"/meetings/{meeting_id}/minutes", body)).status_code == 200
    await served.post(f"/meetings/{meeting_id}/minutes/approval", role=LEADER)
    minutes = (await served.get(f"/meetings/{meeting_id}/minutes")).json()
    assert (minutes["climate_ours"], minutes["climate_theirs"]) == (-1, 2)
    (event,) = await told(served, "minutes-approved")
    assert (event["group_id"], event["climate_ours"], event["climate_theirs"]) == (GROUP, -1, 2)
    assert (event["held_at"], event["handling"]) == (LATER.replace("+00:00", "Z"), "RESTRICTED")


async def test_a_corrected_climate_is_told_once_the_correction_is_approved_and_the_minutes_stay(served: Served):
    meeting_id = await held(served, await served.dialogue(group_id=GROUP))
    path = f"/meetings/{meeting_id}/minutes"
    await served.post(path, {"text": "Ro.", "climate_ours": -1, "climate_theirs": 2})
    await served.post(f"{path}/approval", role=LEADER)
    wrong = await served.post(f"{path}/corrections", {"text": "Varmere.", "climate": {"ours": 3}})
    assert wrong.status_code == 422
    right = {"text": "De var varmere enn vi skrev.", "climate": {"ours": 1, "theirs": None}}
    assert (await served.post(f"{path}/corrections", right)).status_code == 200
    assert (await served.get(path)).json()["climate"] == {"ours": -1, "theirs": 2}
    assert await told(served, "climate-corrected") == []
    assert (await served.post(f"{path}/approval", role=LEADER)).status_code == 200
    minutes = (await served.get(path)).json()
    assert minutes["climate"] == {"ours": 1, "theirs": None}
    assert (minutes["climate_ours"], minutes["climate_theirs"]) == (-1, 2)
    assert minutes["corrections"][0]["climate"] == {"ours": 1, "theirs": None}
    (event,) = await told(served, "climate-corrected")
    assert (event["correction"], event["climate_ours"], event["climate_theirs"]) == (1, 1, None)
    assert (event["group_id"], event["meeting_id"], event["handling"]) == (GROUP, meeting_id, "RESTRICTED")
    # Words alone change no climate, and nothing is told of them.
    await served.post(f"{path}/corrections", {"text": "De var tre."})
    await served.post(f"{path}/approval", role=LEADER)
    assert len(await told(served, "climate-corrected")) == 1


async def test_a_climate_corrected_before_the_first_approval_is_told_with_it(served: Served):
    meeting_id = await held(served, await served.dialogue(group_id=GROUP))
    path = f"/meetings/{meeting_id}/minutes"
    await served.post(path, {"text": "Ro.", "climate_ours": -1})
    await served.post(f"{path}/corrections", {"text": "Nei.", "climate": {"ours": 2}})
    await served.post(f"{path}/approval", role=LEADER)
    (event,) = await told(served, "minutes-approved")
    assert event["climate_ours"] == 2
    assert await told(served, "climate-corrected") == []
