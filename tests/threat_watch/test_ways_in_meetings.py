"""What is said in meetings comes in over the bus: notes, complaints, what is taken back, and the climate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.clock import new_id
from forkant_shared.events import threat_watch as told
from forkant_shared.events.meetings import ClimateCorrected, IntelligenceNoted, IntelligenceWithdrawn, MinutesApproved
from forkant_threat_watch.tables import DESTROYED, REPORTS, SIGNALS
from tests.threat_watch.serving import GRADES, Served, signal
from tests.threat_watch.test_ways_in import everything, reviews, threat_between, two_groups

PICTURE = "/threat-watch/v1/situation"


@pytest.fixture
def served(served_on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return served_on_both


def noted(served: Served, group: str, **changes: Any) -> IntelligenceNoted:
    """A note of intent against police leaders, by somebody nobody can name."""
    said: dict[str, Any] = {
        "note_id": new_id(),
        "dialogue_id": new_id(),
        "meeting_id": new_id(),
        "origin_id": new_id(),
        "observed_at": served.clock.now() - timedelta(hours=3),
        "kind": "FACT",
        "factor": "INTENT",
        "strength": "EXPLICIT",
        "aggressor_kind": "GROUP",
        "aggressor_ref": group,
        "target_kind": "ROLE",
        "target_ref": "POLICE_LEADER",
        "scale": "ADMIRALTY",
        "source_grade": "A",
        "information_grade": "2",
        "handling": "RESTRICTED",
        **changes,
    }
    return IntelligenceNoted.model_validate(said)


def taken_back(served: Served, note: IntelligenceNoted) -> IntelligenceWithdrawn:
    return IntelligenceWithdrawn(
        note_id=note.note_id, dialogue_id=note.dialogue_id, cause="MISHEARD", withdrawn_at=served.clock.now()
    )


async def report(served: Served, report_id: str, role: str = "analyst", **more: Any) -> Any:
    return await served.client.get(f"/threat-watch/v1/reports/{report_id}", headers=served.head(role, **more))


async def threat_of(served: Served, note: IntelligenceNoted) -> dict[str, Any]:
    (line,) = (await report(served, note.note_id)).json()["threats"]
    return await served.threat(line["id"])


async def test_a_note_is_a_report_that_is_joined_and_weighed_as_one_that_was_posted(served: Served) -> None:
    (group, other) = await two_groups(served)
    note = noted(served, group, imminence_hours=48)
    await served.hear(note)
    found = (await report(served, note.note_id)).json()
    assert (found["channel"], found["exposure"], found["text"]) == ("MEETING", "NO", None)
    assert found["origin"] == f"meeting:{note.origin_id}"
    assert found["grading"] == GRADES
    by_note = await threat_of(served, note)
    said = signal(
        aggressor={"kind": "GROUP", "id": other}, target={"kind": "ROLE", "code": "POLICE_LEADER"}, imminence_hours=48
    )
    posted = await served.report(
        channel="MEETING", origin="meeting:x", observed_at=note.observed_at.isoformat(), text=None, signals=[said]
    )
    by_post = await served.threat(posted.json()["threats"][0]["id"])
    for name in ("index", "level", "automatic", "gate", "interval", "missing"):
        assert by_note[name] == by_post[name], name
    assert [one["id"] for one in by_note["rules"]] == [one["id"] for one in by_post["rules"]]
    page = await served.client.get(f"/threat-watch/threats/{by_note['id']}", headers=served.head("analyst"))
    assert found["reference"] in page.text
    assert len(await served.said(told.ReportReceived)) == 2


async def test_told_twice_a_note_is_one_report(served: Served) -> None:
    (group, _) = await two_groups(served)
    note = noted(served, group)
    await served.hear(note, times=2)
    before = await everything(served)
    # Another envelope around the same note, as after a relay that forgot that it had sent it.
    await served.hear(note)
    await served.hear(note, note)
    assert await everything(served) == before
    assert len(await served.said(told.ReportReceived)) == 1


async def test_one_mouth_is_one_origin_and_another_mouth_is_another(served: Served) -> None:
    (group, _) = await two_groups(served)
    first = noted(served, group, strength="STATED")
    await served.hear(first)
    alone = (await threat_of(served, first))["index"]
    await served.hear(noted(served, group, strength="STATED", origin_id=first.origin_id))
    assert (await threat_of(served, first))["index"] == pytest.approx(alone, abs=1e-9)
    await served.hear(noted(served, group, strength="STATED"))
    assert (await threat_of(served, first))["index"] > alone + 0.01


async def test_a_note_that_is_taken_back_takes_its_signal_along_and_a_person_is_asked_to_look(served: Served) -> None:
    (group, _) = await two_groups(served)
    first, second = noted(served, group), noted(served, group, factor="RECONNAISSANCE")
    await served.hear(first, second)
    threat_id = (await threat_of(served, first))["id"]
    before = await served.threat(threat_id)
    gone = taken_back(served, second)
    await served.hear(gone, times=2)
    after = await served.threat(threat_id)
    assert after["index"] < before["index"]
    assert "RECONNAISSANCE" not in {one["factor"] for one in after["factors"]}
    assert (await report(served, second.note_id)).status_code == 404
    assert "report-destroyed" in await reviews(served)
    timeline = await served.client.get(f"/threat-watch/v1/threats/{threat_id}/timeline", headers=served.head("analyst"))
    lines = [item for item in timeline.json()["items"] if item["what"] == "note-withdrawn"]
    assert [line["codes"] for line in lines] == [{"cause": "MISHEARD"}]
    stood = await everything(served)
    await served.hear(gone)
    await served.hear(second)
    assert await everything(served) == stood
    async with served.app.state.parts.database.read() as session:
        receipts = (await session.execute(DESTROYED.select())).all()
    assert [(row.id, row.cause) for row in receipts] == [(second.note_id, "WITHDRAWN")]


async def test_a_note_that_was_taken_back_before_it_came_never_counts(served: Served) -> None:
    (group, _) = await two_groups(served)
    note = noted(served, group)
    await served.hear(taken_back(served, note))
    await served.hear(note)
    async with served.app.state.parts.database.read() as session:
        assert (await session.execute(REPORTS.select())).all() == []
        assert (await session.execute(SIGNALS.select())).all() == []
    later = noted(served, group)
    await served.hear(later, taken_back(served, later))
    assert (await report(served, later.note_id)).status_code == 404


async def test_what_is_kept_for_few_in_meetings_is_kept_for_the_same_few_here(served: Served) -> None:
    (group, _) = await two_groups(served)
    note = noted(served, group, compartment="havna")
    await served.hear(note)
    assert (await report(served, note.note_id)).status_code == 404
    assert (await report(served, note.note_id, compartments=["havna"])).status_code == 200


async def test_a_grade_that_no_policy_knows_loses_no_note(served: Served) -> None:
    (group, _) = await two_groups(served)
    note = noted(served, group, scale="EN_ANNEN")
    await served.hear(note)
    found = (await report(served, note.note_id)).json()
    assert found["not_yet_graded"] and found["threats"]


async def test_only_a_contact_of_the_dialogue_answers_whether_a_note_can_be_shown(served: Served) -> None:
    (group, _) = await two_groups(served)
    note = noted(served, group)
    await served.hear(note)
    threat_id = (await threat_of(served, note))["id"]
    path = f"/threat-watch/v1/threats/{threat_id}/exposure/{note.note_id}"
    answer = {"exposure": "PARAPHRASE", "could_know": 9, "open_origin": False}
    refused = await served.client.put(path, json=answer, headers=served.head("source.handler"))
    assert refused.status_code == 403
    taken = await served.client.put(path, json=answer, headers=served.head("dialogue.officer"))
    assert taken.status_code == 201, taken.text


async def test_a_promise_of_their_own_weighs_as_their_own_words(served: Served) -> None:
    (group, _) = await two_groups(served)
    intent = noted(served, group)
    await served.hear(intent)
    before = (await threat_of(served, intent))["index"]
    await served.hear(noted(served, group, factor="BUFFER", spoken_by="AGGRESSOR"))
    own = (await threat_of(served, intent))["index"]
    await served.hear(noted(served, group, factor="BUFFER"))
    others = (await threat_of(served, intent))["index"]
    assert others < own < before


@pytest.mark.parametrize(
    ("action", "strength", "asked"),
    [
        ("CONTROL", "STATED", True),
        ("ARREST", "EXPLICIT", True),
        ("SEARCH", "HINT", False),
        ("CONDUCT", "EXPLICIT", False),
    ],
)
async def test_a_complaint_of_what_we_did_is_a_grievance_and_asks_for_a_dialogue(
    served: Served, action: str, strength: str, asked: bool
) -> None:
    group, other = await two_groups(served)
    threat_id = await threat_between(served, group, other)
    before = await served.threat(threat_id)
    complaint = noted(
        served, group, factor="GRIEVANCE", own_action=action, strength=strength, meeting_id=None,
        target_kind="UNKNOWN", target_ref=None,
    )  # fmt: skip
    await served.hear(complaint, times=2)
    after = await served.threat(threat_id)
    assert after["index"] > before["index"]
    assert (await reviews(served)).count("own-action") == int(asked)
    await served.hear(taken_back(served, complaint))
    assert (await served.threat(threat_id))["index"] == pytest.approx(before["index"], abs=1e-9)


async def test_a_complaint_of_a_group_without_a_threat_waits_for_one(served: Served) -> None:
    group, other = await two_groups(served)
    early = noted(
        served, group, factor="GRIEVANCE", own_action="CONTROL", target_kind="UNKNOWN", target_ref=None
    )  # fmt: skip
    withdrawn = noted(
        served, group, factor="GRIEVANCE", own_action="SEARCH", target_kind="UNKNOWN", target_ref=None
    )  # fmt: skip
    await served.hear(early, withdrawn)
    assert (await report(served, early.note_id)).json()["threats"] == []
    await served.hear(taken_back(served, withdrawn))
    threat = await served.threat(await threat_between(served, group, other))
    signals = [
        one["report"] for factor in threat["factors"] if factor["factor"] == "GRIEVANCE" for one in factor["signals"]
    ]
    assert signals == [early.note_id]


# -- climate ---------------------------------------------------------------------------------------------------------


def approved(
    served: Served, group: str | None, days_ago: float, ours: int | None, theirs: int | None, **changes: Any
) -> MinutesApproved:
    said: dict[str, Any] = {
        "meeting_id": new_id(),
        "dialogue_id": new_id(),
        "level": "TACTICAL",
        "group_id": group,
        "held_at": served.clock.now() - timedelta(days=days_ago),
        "climate_ours": ours,
        "climate_theirs": theirs,
        "handling": "RESTRICTED",
        **changes,
    }
    return MinutesApproved.model_validate(said)


async def climate(served: Served, **more: Any) -> list[tuple[str, int | None, int | None]]:
    answer = await served.client.get(PICTURE, headers=served.head("duty.leader", **more))
    assert answer.status_code == 200, answer.text
    return [(one["group"]["id"], one["ours"], one["theirs"]) for one in answer.json()["climate"]]


async def test_the_newest_meeting_says_what_the_climate_is_in_whatever_order_minutes_are_approved(
    served: Served,
) -> None:
    group, other = await two_groups(served)
    assert await climate(served) == []
    newest = approved(served, group, 1, -2, 1)
    older = approved(served, group, 9, 2, 2, dialogue_id=newest.dialogue_id)
    silent = approved(served, group, 0.1, None, None, dialogue_id=newest.dialogue_id)
    await served.hear(newest, times=2)
    await served.hear(older, silent, approved(served, other, 3, None, 0))
    await served.hear(newest)
    assert await climate(served) == [(group, -2, 1), (other, None, 0)]
    # Another dialogue with the same group: the newer of the two meetings speaks.
    await served.hear(approved(served, group, 0.5, 1, None))
    assert await climate(served) == [(group, 1, None), (other, None, 0)]


def corrected(one: MinutesApproved, number: int, ours: int | None, theirs: int | None) -> ClimateCorrected:
    said = one.model_dump(exclude={"level", "threat_id"}) | {"climate_ours": ours, "climate_theirs": theirs}
    return ClimateCorrected.model_validate(said | {"correction": number})


async def test_a_corrected_climate_holds_and_one_taken_away_lets_the_meeting_before_speak(served: Served) -> None:
    group, _ = await two_groups(served)
    older = approved(served, group, 9, 1, 1)
    newest = approved(served, group, 1, -2, 1, dialogue_id=older.dialogue_id)
    await served.hear(older, newest)
    first, second = corrected(newest, 1, 2, None), corrected(newest, 2, 0, 0)
    await served.hear(first, times=2)
    assert await climate(served) == [(group, 2, None)]
    await served.hear(second, first)
    assert await climate(served) == [(group, 0, 0)]
    await served.hear(corrected(newest, 3, None, None))
    assert await climate(served) == [(group, 1, 1)]
    await served.hear(newest)
    assert await climate(served) == [(group, 1, 1)]
    # Of a meeting nobody had said anything of, the correction is the first word.
    silent = approved(served, group, 0.1, None, None)
    await served.hear(silent, corrected(silent, 1, None, -1))
    assert await climate(served) == [(group, None, -1)]


async def test_the_climate_of_a_dialogue_for_few_is_shown_to_them_alone(served: Served) -> None:
    group, _ = await two_groups(served)
    await served.hear(approved(served, group, 5, 0, 0), approved(served, group, 1, -1, -1, compartment="havna"))
    assert await climate(served) == [(group, 0, 0)]
    assert await climate(served, compartments=["havna"]) == [(group, -1, -1)]


async def test_minutes_of_before_there_was_a_climate_change_nothing(served: Served) -> None:
    await served.hear(MinutesApproved(meeting_id=new_id(), dialogue_id=new_id(), level="STRATEGIC"))
    assert await climate(served) == []


async def test_the_page_shows_the_climate_and_says_so_where_nobody_said_anything(served: Served) -> None:
    head = served.head("duty.leader")
    empty = await served.client.get("/threat-watch/situation", headers=head)
    assert "Ingen godkjente referater sier noe om klimaet." in empty.text
    group, _ = await two_groups(served)
    await served.hear(approved(served, group, 1, -2, None))
    shown = await served.client.get("/threat-watch/situation", headers=head)
    assert "−2 fiendtlig" in shown.text and "Slik vi opplevde det" in shown.text
    english = await served.client.get("/threat-watch/situation", headers=head | {"accept-language": "en"})
    assert "−2 hostile" in english.text
