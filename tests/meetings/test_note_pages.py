"""The pages where something is marked as intelligence, a complaint is noted, and either is taken back."""

from __future__ import annotations

from datetime import timedelta

from forkant_shared.clock import new_id
from tests.meetings.beside import GROUP, PERSON
from tests.meetings.browsing import Browser
from tests.meetings.builders import NOW
from tests.meetings.served import OFFICER, Served
from tests.meetings.test_api import planned


async def held_meeting(served: Served) -> str:
    """A held meeting with the group whose name the registry knows."""
    dialogue_id = await served.dialogue(group_id=GROUP)
    meeting_id = await planned(served, dialogue_id, counterparts=[PERSON])
    await served.post(f"/meetings/{meeting_id}/confirmation", {})
    served.clock.advance(timedelta(days=10, hours=3))
    held_at = (NOW + timedelta(days=10)).isoformat()
    assert (await served.post(f"/meetings/{meeting_id}/holding", {"held_at": held_at})).status_code == 200
    return meeting_id


async def test_what_was_said_is_marked_on_the_meetings_page_and_taken_back_on_its_own(named: Served):
    meeting_id = await held_meeting(named)
    browser = Browser(named, OFFICER)
    assert "Ingenting fra møtet er merket som etterretning" in await browser.open(f"/meetings/meetings/{meeting_id}")
    filled = {
        "note_text": "De vet hvor hun bor.",
        "note_factor": "INTENT",
        "note_strength": "EXPLICIT",
        "note_target": "ROLE:POLICE_LEADER",
        "note_speaker": PERSON,
        "note_hours": "48",
        "note_source": "B",
    }
    wrong = await browser.send("/notes", **filled)
    assert browser.page.status_code == 422 and "De vet hvor hun bor." in wrong
    assert 'id="error-note_information"' in wrong
    page = await browser.send("/notes", **filled, note_information="2", note_own_words="yes")
    assert "Merket som etterretning og sendt til trusselvurderingen." in page and "Kaigjengen" in page
    (event,) = [data for name, data in await named.events() if name == "intelligence-noted"]
    assert (event["target_ref"], event["imminence_hours"], event["spoken_by"]) == ("POLICE_LEADER", 48.0, "AGGRESSOR")

    (note,) = (await named.get("/notes")).json()["items"]
    shown = await browser.open(f"/meetings/notes/{note['id']}")
    assert "Kaptein Eksempel" in shown and "vanligvis pålitelig" in shown
    missing = await browser.send("/withdrawal", cause="MISHEARD", reason="")
    assert browser.page.status_code == 422 and 'id="error-reason"' in missing
    gone = await browser.send("/withdrawal", cause="MISHEARD", reason="Det var en film.")
    assert "Notatet er trukket tilbake" in gone and "Det var en film." in gone
    assert "Trukket tilbake" in await browser.open(f"/meetings/meetings/{meeting_id}")


async def test_a_target_can_be_anybody_of_the_registry_by_id(named: Served):
    meeting_id = await held_meeting(named)
    browser = Browser(named, OFFICER)
    await browser.open(f"/meetings/meetings/{meeting_id}")
    filled = {
        "note_text": "Ham tar vi.", "note_factor": "INTENT", "note_strength": "HINT", "note_source": "C",
        "note_information": "3", "note_aggressor": "UNKNOWN",
    }  # fmt: skip
    wrong = await browser.send("/notes", **filled, note_target_id="Kaptein")
    assert 'id="error-note_target_id"' in wrong
    target = new_id()
    await browser.send("/notes", **filled, note_target_id=target)
    (event,) = [data for name, data in await named.events() if name == "intelligence-noted"]
    assert (event["target_kind"], event["target_ref"], event["aggressor_kind"]) == ("PERSON", target, "UNKNOWN")


async def test_a_complaint_is_noted_from_the_dialogue_or_the_meeting(named: Served):
    meeting_id = await held_meeting(named)
    browser = Browser(named, OFFICER)
    page = await browser.open(f"/meetings/meetings/{meeting_id}")
    link = next(part for part in page.split('"') if part.startswith("/meetings/complaints/new"))
    await browser.open(link.replace("&amp;", "&"))
    wrong = await browser.send("/complaints", note_text="Kontrollert foran barna.", note_strength="STATED")
    assert browser.page.status_code == 422 and "Kontrollert foran barna." in wrong
    filled = {"note_own_action": "CONTROL", "note_source": "B", "note_information": "2"}
    noted = await browser.send("/complaints", **filled, note_strength="STATED")
    assert "Klagen er notert" in noted and "En kontroll" in noted
    (event,) = [data for name, data in await named.events() if name == "intelligence-noted"]
    assert (event["own_action"], event["meeting_id"], event["factor"]) == ("CONTROL", meeting_id, "GRIEVANCE")


async def test_those_who_were_not_there_see_no_form_and_those_who_may_not_read_see_no_notes(named: Served):
    meeting_id = await held_meeting(named)
    body = {
        "text": "Hemmelig sagt.", "factor": "INTENT", "strength": "HINT",
        "grading": {"scale": "ADMIRALTY", "source": "B", "information": "2"},
    }  # fmt: skip
    note_id = (await named.post(f"/meetings/{meeting_id}/notes", body)).json()["id"]
    analyst, duty = Browser(named, "analyst"), Browser(named, "duty.officer")
    page = await analyst.open(f"/meetings/meetings/{meeting_id}")
    assert "Hemmelig sagt." in page and "note_text" not in page
    assert "Trekk notatet tilbake" not in await analyst.open(f"/meetings/notes/{note_id}")
    assert "Hemmelig sagt." not in await duty.open(f"/meetings/meetings/{meeting_id}")
    assert (await duty.client.get(f"/meetings/notes/{note_id}")).status_code == 403


async def test_the_climate_is_chosen_with_the_minutes_and_shown_with_them(named: Served):
    meeting_id = await held_meeting(named)
    browser = Browser(named, OFFICER)
    await browser.open(f"/meetings/meetings/{meeting_id}/minutes")
    page = await browser.send("/minutes", text="Ro.", climate_ours="-1", climate_theirs="2")
    assert "−1 kjølig" in page and "+2 varm" in page
    assert "−1 kjølig" in await browser.open(f"/meetings/meetings/{meeting_id}/print")


async def test_a_note_can_be_graded_on_any_scale_the_rules_know(named: Served):
    meeting_id = await held_meeting(named)
    browser = Browser(named, OFFICER)
    page = await browser.open(f"/meetings/meetings/{meeting_id}")
    assert "Admiralty (NATO)" in page and "note_scale=UK_3X5X2#note_grade" in page
    page = await browser.open(f"/meetings/meetings/{meeting_id}?note_scale=EUROPOL_4X4")
    assert 'name="note_scale" value="EUROPOL_4X4"' in page and 'value="X"' in page
    filled = {
        "note_text": "De vet hvor hun bor.",
        "note_factor": "INTENT",
        "note_strength": "STATED",
        "note_scale": "EUROPOL_4X4",
        "note_source": "X",
    }
    wrong = await browser.send("/notes", **filled, note_information="6")
    assert 'id="error-note_information"' in wrong and 'name="note_scale" value="EUROPOL_4X4"' in wrong
    await browser.send("/notes", **filled, note_information="4")
    (event,) = [data for name, data in await named.events() if name == "intelligence-noted"]
    assert (event["scale"], event["source_grade"], event["information_grade"]) == ("EUROPOL_4X4", "X", "4")
    unknown = await browser.open(f"/meetings/meetings/{meeting_id}?note_scale=EN_ANNEN")
    assert 'name="note_scale" value="ADMIRALTY"' in unknown
