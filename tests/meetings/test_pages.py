"""The pages, as a browser without scripts meets them."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.responses import JSONResponse

import forkant_meetings
from forkant_meetings.domain.checks import REMEDIES
from forkant_meetings.pages import words
from forkant_shared.clock import new_id
from forkant_shared.events.registry import GroupRegistered
from forkant_shared.web import missing_translations
from tests.meetings.beside import GROUP, PERSON
from tests.meetings.browsing import Browser
from tests.meetings.builders import NOW
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import plan, planned

ROOM = Path(forkant_meetings.__file__).parent


def shown(browser: Browser) -> str:
    """The page's text without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", browser.page.text)))


async def test_the_whole_work_is_done_at_a_browser_without_scripts(named: Served):
    await named.hear(GroupRegistered(group_id=GROUP, group_kind="mc_club"))
    officer, leader = Browser(named, OFFICER), Browser(named, LEADER)
    assert "Ingen dialoger ennå" in await leader.open("/meetings/")
    assert "Kaigjengen" in await officer.open("/meetings/dialogues/new")
    opened = await officer.send("/dialogues", group_id=GROUP, officer__2=LEADER)
    assert "Dialogen er åpnet." in opened and "Kaigjengen" in opened

    dialogue = officer.page.url.path
    found = await officer.send("counterpart-searches", name="kaptein")
    assert "Kaptein Eksempel" in found
    assert "Reell autoritet" in await officer.send("/counterparts", person_id=PERSON, standing="REAL_AUTHORITY")
    assert "Fase II" in await officer.send("/phases", phase="II")

    await officer.open(f"/meetings/meetings/new?dialogue={dialogue.rsplit('/', 1)[-1]}")
    starts = (NOW + timedelta(days=10)).strftime("%Y-%m-%dT%H:%M")
    page = await officer.send(
        "/meetings/meetings",
        purpose="Ro før årsfesten",
        starts_at=starts,
        place="Biblioteket",
        not_recruitment="yes",
        neutral_place="yes",
        counterparts=[PERSON],
        deconfliction="NOT_CHECKED",
        because="Ingen rakk det",
        officer__2="",
        then="plan",
    )
    assert "Møtet er lagret." in page and "Planlagt" in page and "Kaptein Eksempel" in page
    refused = await officer.send("/confirmation")
    assert officer.page.status_code == 409 and "Sett opp én representant til." in refused
    assert "Møtet er bekreftet." in await officer.send(
        "/confirmation", reason__POLICE_REPRESENTATIVES="De ville bare møte henne"
    )
    assert "Fraveket" in officer.page.text and "Sett opp én" not in officer.page.text

    meeting = officer.page.url.path
    await officer.open(f"{meeting}/plan")
    assert 'value="Biblioteket"' in officer.page.text
    assert "Planen er endret." in await officer.send("/plan", officer__2=LEADER)
    assert "Møtet er bekreftet." in await officer.send("/confirmation")
    named.clock.set(NOW + timedelta(days=11))
    officer, leader = Browser(named, OFFICER), Browser(named, LEADER)
    await officer.open(meeting)
    assert "Referatet er ikke skrevet" in await officer.send("/holding")
    await officer.open(f"{meeting}/minutes")
    assert "venter på godkjenning" in await officer.send("/minutes", text="De lovet ro.\n\nVi lovet å ringe.")
    assert "Godkjenn referatet" not in officer.page.text
    await leader.open(meeting)
    assert "Referatet er godkjent." in await leader.send("/approval")
    wrong = await leader.send("/corrections", correction="Varmt.", of_climate="yes", corrected_ours="7")
    assert leader.page.status_code == 422 and 'id="error-corrected_ours"' in wrong and "Varmt." in wrong
    assert "Rettelsen er lagt til." in await leader.send("/corrections", correction="De var tre.")
    sheet = await leader.open(f"{meeting}/print")
    assert "De lovet ro." in sheet and "De var tre." in sheet and "ikke godkjent" in sheet
    await leader.open(meeting)
    await leader.send("/corrections", correction="Det var varmt.", of_climate="yes", corrected_ours="2")
    assert "Klimaet rettes til: oss +2 varm, dem ikke sagt" in shown(leader)
    await officer.open(meeting)
    await officer.send("/approval")
    assert "Klimaet er rettet i rettelse 2. Først sto det: oss ikke vurdert, dem ikke sagt" in shown(officer)

    await officer.open(
        f"/meetings/promises/new?dialogue={dialogue.rsplit('/', 1)[-1]}&meeting={meeting.rsplit('/', 1)[-1]}"
    )
    page = await officer.send("/promises", by="POLICE", text="Ringe før fredag", to="Kapteinen", due_on="2026-12-04")
    assert "Løftet er skrevet ned." in page
    assert "er notert" in await officer.send("/acknowledgement", how="THEIR_MINUTES")
    assert "Framdriften er notert." in await officer.send("/progress", progress="MINIMUM")
    wrong = await officer.send("/judgements", fate="BROKEN", evidence="Ingen ringte")
    assert officer.page.status_code == 422 and "Si hvordan løftet ble brutt" in wrong and "Ingen ringte" in wrong
    assert "Ved et uhell" in await officer.send("/judgements", manner="ACCIDENTAL")
    assert "Det er notert hva som ble av løftet." in officer.page.text
    front = await leader.open("/meetings/")
    assert front.index("Brutte løfter, våre først") < front.index("Kommende møter")
    assert "Ringe før fredag" in front and "Kaigjengen" in front and "Fravik" in front


async def test_a_contact_is_logged_from_a_phone_in_one_form(named: Served):
    await named.dialogue(group_id=GROUP)
    duty = Browser(named, "duty.officer")
    assert "Kaigjengen" in await duty.open("/meetings/contacts/new")
    dialogue_id = (await named.get("/dialogues")).json()["items"][0]["id"]
    refused = await duty.send("/contacts", dialogue_id=dialogue_id, purpose="Traff dem ved kaia")
    assert duty.page.status_code == 422 and "informanter" in refused and "Traff dem ved kaia" in refused
    assert "Kontakten er loggført." in await duty.send("/contacts", not_recruitment="yes")
    assert "Referatet er ikke skrevet" in duty.page.text


async def test_without_the_registry_references_stand_for_names_and_the_page_says_so(served: Served):
    async def away(scope, receive, send) -> None:
        await JSONResponse({}, 503)(scope, receive, send)

    dialogue_id = await served.dialogue(group_id=GROUP)
    served.parts.peers = httpx.ASGITransport(app=away)
    browser = Browser(served, OFFICER)
    for path in ("/meetings/", f"/meetings/dialogues/{dialogue_id}", f"/meetings/promises/new?dialogue={dialogue_id}"):
        page = await browser.open(path)
        assert "Registeret svarer ikke akkurat nå." in page and f"…{GROUP[-8:]}" in page
    assert "Registeret svarer ikke" in await browser.open(f"/meetings/dialogues/{dialogue_id}")
    await browser.send("counterpart-searches", name="kaptein")
    assert browser.page.status_code == 200 and "Prøv igjen om litt" in browser.page.text


async def test_a_form_without_its_token_does_nothing(named: Served):
    dialogue_id = await named.dialogue(group_id=GROUP)
    meeting_id = await planned(named, dialogue_id)
    browser = Browser(named, OFFICER)
    for path, fields in (
        (f"/meetings/meetings/{meeting_id}/confirmation", [("x", "y")]),
        (f"/meetings/meetings/{meeting_id}/cancellation", [("cancel_reason", "x")]),
        ("/meetings/promises", [("dialogue_id", dialogue_id)]),
        ("/meetings/dialogues", [("group_id", GROUP)]),
        ("/meetings/contacts", [("dialogue_id", dialogue_id)]),
    ):
        assert (await browser.post(path, fields)).status_code == 403, path
    assert (await named.get(f"/meetings/{meeting_id}")).json()["state"] == "PLANNED"


async def test_the_same_form_sent_twice_is_one_promise(named: Served):
    dialogue_id = await named.dialogue(group_id=GROUP)
    browser = Browser(named, OFFICER)
    await browser.open(f"/meetings/promises/new?dialogue={dialogue_id}")
    form = next(one for one in browser.forms() if one.action == "/meetings/promises")
    fields = [pair for pair in form.fields if pair[0] not in ("text", "to")] + [("text", "Ro"), ("to", "Kari")]
    first, second = await browser.post(form.action, fields), await browser.post(form.action, fields)
    assert first.url == second.url
    assert len((await named.get("/promises")).json()["items"]) == 1


async def test_a_page_that_is_old_is_told_so_and_changes_nothing(named: Served):
    meeting_id = await planned(named, await named.dialogue(group_id=GROUP))
    browser = Browser(named, OFFICER)
    await browser.open(f"/meetings/meetings/{meeting_id}")
    await named.put(f"/meetings/{meeting_id}/plan", plan(place="Kafeen"))
    await browser.send("/confirmation")
    assert browser.page.status_code == 412
    assert (await named.get(f"/meetings/{meeting_id}")).json()["state"] == "PLANNED"


async def test_nobody_signed_in_is_sent_to_log_in_and_back(named: Served):
    answer = await named.client.get("/meetings/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login?next=%2Fmeetings%2F")


async def test_who_may_not_sees_neither_button_nor_page(named: Served):
    dialogue_id = await named.dialogue(group_id=GROUP)
    meeting_id = await planned(named, dialogue_id)
    reader = Browser(named, "auditor")
    for path in ("/meetings/", f"/meetings/dialogues/{dialogue_id}", f"/meetings/meetings/{meeting_id}"):
        await reader.open(path)
        assert {one.action for one in reader.forms()} == {"/auth/logout"}
    for path in (f"/meetings/meetings/new?dialogue={dialogue_id}", f"/meetings/meetings/{meeting_id}/plan"):
        assert (await reader.client.get(path)).status_code == 403
    stranger = Browser(named, "registrar")
    assert (await stranger.client.get("/meetings/")).status_code == 403
    assert (await reader.client.get(f"/meetings/meetings/{new_id()}")).status_code == 404
    assert (await reader.client.get("/meetings/meetings/nothing")).status_code == 404


async def test_a_duty_officer_sees_that_there_are_minutes_and_not_what_they_say(named: Served):
    meeting_id = await planned(named, await named.dialogue(group_id=GROUP))
    await named.post(f"/meetings/{meeting_id}/confirmation", {})
    named.clock.set(NOW + timedelta(days=11))
    at = (NOW + timedelta(days=10)).isoformat()
    await named.post(f"/meetings/{meeting_id}/holding", {"held_at": at})
    await named.post(f"/meetings/{meeting_id}/minutes", {"text": "De lovet ro."})
    page = await Browser(named, "duty.officer").open(f"/meetings/meetings/{meeting_id}")
    assert "Du har ikke tilgang til å lese referatet." in page and "De lovet ro." not in page
    assert "De lovet ro." in await Browser(named, LEADER).open(f"/meetings/meetings/{meeting_id}")


@pytest.mark.parametrize(
    ("action", "values", "says"),
    [
        ("/plan", {"officer__2": OFFICER}, "To representanter er to forskjellige betjenter."),
        ("/plan", {"counterpart_count": "mange"}, "Skriv et helt tall."),
        ("/plan", {"starts_at": "i morgen"}, "Skriv et gyldig tidspunkt."),
        ("/plan", {"threat_id": "x"}, "Velg en av mulighetene."),
        ("/plan", {"place": "x" * 201}, "Teksten er for lang."),
        ("/plan", {"starts_at": "2026-11-01T10:00"}, "Velg et senere tidspunkt."),
        ("/cancellation", {"cancel_reason": " "}, "Skriv hvorfor."),
    ],
)
async def test_a_form_that_does_not_hold_says_why_in_its_own_words(named: Served, action, values, says):
    meeting_id = await planned(named, await named.dialogue(group_id=GROUP))
    browser = Browser(named, OFFICER)
    await browser.open(f"/meetings/meetings/{meeting_id}{'/plan' if action == '/plan' else ''}")
    page = await browser.send(action, **values)
    assert browser.page.status_code == 422 and says in page
    assert (await named.get(f"/meetings/{meeting_id}")).json()["version"] == 1


async def test_what_somebody_wrote_is_shown_as_text_and_never_as_markup(named: Served):
    sharp = "<script>alert(1)</script>"
    dialogue_id = await named.dialogue(group_id=GROUP)
    meeting_id = await planned(named, dialogue_id, purpose=sharp, place=sharp)
    body = {"dialogue_id": dialogue_id, "by": "POLICE", "to": sharp, "text": sharp}
    promise_id = (await named.post("/promises", body)).json()["id"]
    browser = Browser(named, OFFICER)
    for path in (
        "/meetings/",
        f"/meetings/dialogues/{dialogue_id}",
        f"/meetings/meetings/{meeting_id}",
        f"/meetings/meetings/{meeting_id}/plan",
        f"/meetings/promises/{promise_id}",
    ):
        page = await browser.open(path)
        assert sharp not in page and "&lt;script&gt;" in page, path


async def test_a_reminder_is_put_away_from_the_first_page(named: Served):
    from forkant_meetings.commands.falling_due import do_what_is_due

    await named.dialogue(group_id=GROUP, cadence_days=1)
    named.clock.advance(timedelta(days=2))
    await do_what_is_due(named.parts)
    browser = Browser(named, OFFICER)
    assert "Det er for lenge siden sist kontakt" in await browser.open("/meetings/")
    assert "Det er for lenge siden sist kontakt" not in await browser.send("/seen")


async def test_the_pages_speak_english_to_who_asks_for_it(named: Served):
    browser = Browser(named, OFFICER)
    browser.client.headers["Accept-Language"] = "en"
    assert "Meetings and promises" in await browser.open("/meetings/")


def test_everything_on_the_pages_is_translated():
    assert missing_translations(ROOM) == []


def test_every_remedy_of_the_domain_has_its_words_on_the_pages():
    spoken = set()
    for path in [*ROOM.joinpath("domain").glob("*.py"), *ROOM.joinpath("commands").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Invalid", "Conflict", "Forbidden"):
                spoken |= {
                    one.value.value
                    for one in node.keywords
                    if one.arg == "remedy" and isinstance(one.value, ast.Constant)
                }
    assert len(spoken) > 30
    elsewhere = {"Compare the file with policies/2026-1.yaml.", "Compare with policies/notes-2026-1.yaml."}
    assert spoken - elsewhere <= set(words.SENTENCES)
    assert set(REMEDIES) == {*words.CHECKS} == {*words.CHECK_REMEDIES}
