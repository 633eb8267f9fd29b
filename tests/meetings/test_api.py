"""The routes: what they take, what they refuse, what they answer."""

from datetime import timedelta

import pytest

from forkant_shared.clock import new_id
from tests.meetings.builders import NOW
from tests.meetings.served import LEADER, OFFICER, Served

LATER = (NOW + timedelta(days=10)).isoformat()


def plan(**changes):
    return {
        "level": "TACTICAL",
        "initiative": "THEIRS",
        "purpose": "Avtale ro før årsfesten",
        "not_recruitment": True,
        "starts_at": LATER,
        "place": "Møterom på biblioteket",
        "neutral_place": True,
        "representatives": [{"subject": OFFICER}, {"subject": LEADER, "experienced_leader": True}],
        "counterpart_count": 2,
        "deconfliction": {"outcome": "PROCEED"},
        **changes,
    }


async def planned(served: Served, dialogue_id: str, **changes) -> str:
    body = plan(dialogue_id=dialogue_id, state="PLANNED", **changes)
    answer = await served.post("/meetings", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_a_meeting_goes_its_whole_way_over_http(served: Served):
    dialogue_id = await served.dialogue()
    meeting_id = await planned(served, dialogue_id)
    confirmed = await served.post(f"/meetings/{meeting_id}/confirmation", {})
    assert confirmed.json() == {"id": meeting_id, "state": "CONFIRMED", "version": 2}
    served.clock.advance(timedelta(days=10, hours=3))
    held = await served.post(f"/meetings/{meeting_id}/holding", {"held_at": LATER})
    assert held.json()["state"] == "HELD"
    written = await served.post(f"/meetings/{meeting_id}/minutes", {"text": "De lovet ro."})
    assert written.json()["state"] == "MINUTED"
    own = await served.post(f"/meetings/{meeting_id}/minutes/approval")
    assert own.status_code == 409
    assert own.json()["errors"][0]["remedy"] == "Let the second representative approve."
    approved = await served.post(f"/meetings/{meeting_id}/minutes/approval", role=LEADER)
    assert approved.json()["state"] == "APPROVED"
    read = (await served.get(f"/meetings/{meeting_id}")).json()
    assert read["confirmation"]["policy_version"] == "2026-1"
    assert [one["name"] for one in read["representatives"]] == ["dialogue.officer Eksempel", "dialogue.leader"]
    minutes = (await served.get(f"/meetings/{meeting_id}/minutes")).json()
    assert (minutes["text"], minutes["approved_by"]) == ("De lovet ro.", LEADER)
    dialogue = (await served.get(f"/dialogues/{dialogue_id}")).json()
    assert dialogue["last_contact_at"].startswith((NOW + timedelta(days=10)).isoformat()[:19])
    assert [name for name, _ in await served.events()] == [
        "dialogue-opened",
        "meeting-planned",
        "meeting-confirmed",
        "meeting-held",
        "minutes-approved",
    ]


async def test_a_failing_check_is_a_conflict_that_names_it_and_a_reason_lets_it_pass(served: Served):
    meeting_id = await planned(served, await served.dialogue(), representatives=[{"subject": OFFICER}])
    checks = (await served.get(f"/meetings/{meeting_id}/checks")).json()
    assert [one["check"] for one in checks if not one["passed"]] == ["POLICE_REPRESENTATIVES"]
    refused = await served.post(f"/meetings/{meeting_id}/confirmation", {})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "checks.POLICE_REPRESENTATIVES"
    reason = {"overrides": [{"check": "POLICE_REPRESENTATIVES", "reason": "De ville bare møte henne"}]}
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", reason)).status_code == 200
    counts = (await served.get("/override-counts")).json()
    assert counts == [{"check": "POLICE_REPRESENTATIVES", "count": 1}]
    served.clock.advance(timedelta(days=8))
    assert (await served.get("/override-counts?days=7")).json() == []


async def test_nobody_signed_in_is_401_everywhere(served: Served):
    some = new_id()
    for method, path in [
        ("GET", "/dialogues"),
        ("POST", "/dialogues"),
        ("GET", f"/meetings/{some}"),
        ("POST", f"/meetings/{some}/confirmation"),
        ("GET", f"/promises/{some}"),
        ("POST", "/contacts"),
        ("GET", "/reminders"),
    ]:
        answer = await served.client.request(method, f"/meetings/v1{path}", json={})
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_without_the_right_it_is_403_whether_the_thing_exists_or_not(served: Served):
    meeting_id = await planned(served, await served.dialogue())
    for found in (meeting_id, new_id()):
        for answer in (
            await served.get(f"/meetings/{found}", role="registrar"),
            await served.post(f"/meetings/{found}/confirmation", {}, role="analyst"),
            await served.post(f"/meetings/{found}/holding", {"held_at": LATER}, role="source.handler"),
        ):
            assert answer.status_code == 403


async def test_another_system_reads_meetings_but_never_minutes(served: Served):
    meeting_id = await planned(served, await served.dialogue())
    scoped = served.machine("forkant:meetings.read")
    assert (await served.client.get(f"/meetings/v1/meetings/{meeting_id}", headers=scoped)).status_code == 200
    answer = await served.client.get(f"/meetings/v1/meetings/{meeting_id}/minutes", headers=scoped)
    assert answer.status_code == 403


async def test_hidden_and_missing_get_the_same_answer(served: Served):
    member = served.as_(OFFICER, compartments=["blue"])
    body = {
        "group_id": new_id(),
        "phase": "I",
        "compartment": "blue",
        "contacts": [{"subject": OFFICER}, {"subject": LEADER}],
    }
    hidden = (await served.client.post("/meetings/v1/dialogues", json=body, headers=member)).json()["id"]
    promise = {"dialogue_id": hidden, "by": "POLICE", "to": "Lederen", "text": "Ringe tilbake"}
    made = (await served.client.post("/meetings/v1/promises", json=promise, headers=member)).json()["id"]
    for path in ("dialogues", "promises"):
        thing = hidden if path == "dialogues" else made
        there, nowhere = await served.get(f"/{path}/{thing}"), await served.get(f"/{path}/{new_id()}")
        assert there.status_code == nowhere.status_code == 404
        assert there.json() == nowhere.json()
        assert (await served.get(f"/{path}")).json()["items"] == []
    assert (await served.client.get(f"/meetings/v1/dialogues/{hidden}", headers=member)).status_code == 200
    assert (await served.post("/promises", promise)).status_code == 404
    assert (await served.post("/dialogues", body)).status_code == 404


async def test_the_same_key_and_body_is_done_once_and_another_body_is_409(served: Served):
    body = {"group_id": new_id(), "phase": "I", "contacts": [{"subject": OFFICER}, {"subject": LEADER}]}
    first = await served.post("/dialogues", body, Idempotency_Key="k-1")
    again = await served.post("/dialogues", body, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    other = await served.post("/dialogues", {**body, "phase": "II"}, Idempotency_Key="k-1")
    assert other.status_code == 409 and other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len((await served.get("/dialogues")).json()["items"]) == 1
    path = f"/dialogues/{first.json()['id']}/contacts"
    assert (await served.post(path, body, Idempotency_Key="k-1")).status_code in (409, 422)


async def test_every_step_can_be_repeated_by_its_key(served: Served):
    meeting_id = await planned(served, await served.dialogue())
    steps = [
        ("confirmation", {}, OFFICER),
        ("holding", {"held_at": LATER}, OFFICER),
        ("minutes", {"text": "De lovet ro."}, OFFICER),
        ("minutes/corrections", {"text": "De var tre."}, OFFICER),
        ("minutes/approval", None, LEADER),
    ]
    for path, body, role in steps:
        if path == "holding":
            served.clock.advance(timedelta(days=11))
        one = await served.post(f"/meetings/{meeting_id}/{path}", body, role=role, Idempotency_Key=path)
        two = await served.post(f"/meetings/{meeting_id}/{path}", body, role=role, Idempotency_Key=path)
        assert one.status_code == two.status_code == 200, two.text
        assert one.json() == two.json()
    assert (await served.get(f"/meetings/{meeting_id}")).json()["version"] == 6


async def test_a_change_decided_on_an_old_version_is_412(served: Served):
    meeting_id = await planned(served, await served.dialogue())
    tag = (await served.get(f"/meetings/{meeting_id}")).headers["etag"]
    changed = await served.put(f"/meetings/{meeting_id}/plan", plan(place="Kafeen"), If_Match=tag)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = await served.put(f"/meetings/{meeting_id}/plan", plan(place="Parken"), If_Match=tag)
    assert stale.status_code == 412
    assert (await served.get(f"/meetings/{meeting_id}")).json()["place"] == "Kafeen"
    wrong = await served.put(f"/meetings/{meeting_id}/plan", plan(), If_Match="hei")
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "If-Match"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level": "SECRET"}, "level"),
        ({"level": 1}, "level"),
        ({"surprise": True}, "surprise"),
        ({"starts_at": "2026-11-30T10:00:00"}, "starts_at"),
        ({"starts_at": 1790000000}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"counterpart_count": "2"}, "counterpart_count"),
        ({"purpose": "a\x00b"}, "purpose"),
        ({"representatives": [{"subject": ""}]}, "representatives.0.subject"),
        ({"dialogue_id": "x"}, "dialogue_id"),
        ({"starts_at": None, "state": "PLANNED"}, "starts_at"),
        ({"representatives": [{"subject": OFFICER}, {"subject": OFFICER}]}, "representatives"),
    ],
)
async def test_a_wrong_field_is_422_and_named_and_nothing_is_changed(served: Served, changes, field):
    dialogue_id = await served.dialogue()
    before = len(await served.events())
    answer = await served.post("/meetings", plan(**{"dialogue_id": dialogue_id, **changes}))
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field and error["remedy"]
    assert (await served.get("/meetings")).json()["items"] == []
    assert len(await served.events()) == before


async def test_lists_are_paged_and_filtered(served: Served):
    dialogue_id, other = await served.dialogue(), await served.dialogue()
    made = [await planned(served, dialogue_id) for _ in range(3)]
    await planned(served, other)
    first = (await served.get(f"/meetings?dialogue_id={dialogue_id}&limit=2")).json()
    second = (await served.get(f"/meetings?dialogue_id={dialogue_id}&limit=2&after={first['next']}")).json()
    assert [one["id"] for one in first["items"] + second["items"]] == sorted(made)
    assert second["next"] is None
    assert (await served.get("/meetings?state=CONFIRMED&state=HELD")).json()["items"] == []
    assert len((await served.get("/meetings?state=PLANNED")).json()["items"]) == 4
    late = (NOW + timedelta(days=11)).isoformat().replace("+", "%2B")
    assert (await served.get(f"/meetings?starts_from={late}")).json()["items"] == []
    assert (await served.get("/meetings?limit=101")).status_code == 422
    assert (await served.get("/meetings?starts_from=1790000000")).status_code == 422


async def test_reading_leaves_a_trace_and_the_chain_holds(served: Served):
    from forkant_shared import audit

    meeting_id = await planned(served, await served.dialogue())
    await served.get(f"/meetings/{meeting_id}", role="analyst")
    async with served.parts.database.read() as session:
        assert await audit.verify(session) is None
    rows = await served.rows(audit.AUDIT.select().order_by(audit.AUDIT.c.seq))
    assert [(row.subject, row.kind, row.action) for row in rows] == [
        (OFFICER, "ALTERATION", "meetings.dialogue.open"),
        (OFFICER, "ALTERATION", "meetings.meeting.plan"),
        ("analyst", "CONSULTATION", "meetings.meeting.read"),
    ]
    assert "bibliotek" not in "".join(str(row) for row in rows)


async def test_every_path_of_the_document_answers_with_json_and_never_500(served: Served):
    document = (await served.client.get("/meetings/openapi.json")).json()
    for path, methods in document["paths"].items():
        if not path.startswith("/meetings/v1"):
            continue
        for method in methods:
            address = path.replace("{subject}", "x").replace("{", "").replace("}", "")
            for found in (address, path.replace("{subject}", "x").replace("{", new_id() + "{").split("{")[0]):
                answer = await served.client.request(method, found, json=[], headers=served.as_(OFFICER))
                assert answer.status_code < 500, (method, found, answer.text)
