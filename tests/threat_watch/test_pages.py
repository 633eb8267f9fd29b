"""The pages: what needs somebody now, a threat and why, and what a person does about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import forkant_threat_watch
from forkant_shared.clock import new_id
from forkant_shared.web import missing_translations
from forkant_threat_watch.pages import words
from forkant_threat_watch.store.checklists import current as checklist
from forkant_threat_watch.store.policies import current_policy
from tests.threat_watch.support.served import GANG, LEADER, YEAR, Watching, body, hence, local

RECON = {"factor": "RECONNAISSANCE", "strength": 0.8, "aggressor": GANG, "target": LEADER}


async def opened(watching: Watching) -> str:
    """A threat at HIGH, with two reports in it."""
    await watching.report(body(grading="A2", text="En tekst bare noen får lese"))
    answer = await watching.report(body(RECON, grading="B2", origin="P1", channel="PATROL"))
    threat_id: str = answer.json()["threats"][0]["id"]
    return threat_id


async def test_an_empty_front_page_says_that_nothing_waits_and_what_would_come(watching: Watching) -> None:
    page = await watching.page("/threat-watch/threats")
    assert page.status_code == 200
    assert "Ingenting venter på noen akkurat nå" in page.text
    assert "Ingen trusler her" in page.text


async def test_what_nobody_has_answered_stands_first_and_leads_to_the_threat(watching: Watching) -> None:
    threat_id = await opened(watching)
    page = await watching.page("/threat-watch/threats")
    now = page.text.split('id="list"')[0]
    assert "fk-card--life" in now
    assert f"/threat-watch/threats/{threat_id}" in now
    assert "Ingen har kvittert varselet" in now
    assert "Politileder" in now


async def test_the_list_is_narrowed_by_level_and_shows_closed_ones_on_request(watching: Watching) -> None:
    threat_id = await opened(watching)
    address = f"/threat-watch/threats/{threat_id}"
    assert address in (await watching.page("/threat-watch/threats?level=HIGH")).text
    assert address not in (await watching.page("/threat-watch/threats?level=LOW")).text
    assert address not in (await watching.page("/threat-watch/threats?state=closed")).text


async def test_the_threats_page_says_where_it_stands_why_and_what_is_missing(watching: Watching) -> None:
    threat_id = await opened(watching)
    page = await watching.page(f"/threat-watch/threats/{threat_id}")
    assert page.status_code == 200
    for said in ("Hvor den står", "Hensikt", "Rekognosering", "fk-waterfall", "fk-timeline", "Ingenting om kapasitet"):
        assert said in page.text
    assert "Uten hver opprinnelse" in page.text
    assert f"R-{YEAR}-000001" in page.text
    assert "Nivået steg til høyt eller kritisk" in page.text
    assert "En tekst bare noen får lese" not in page.text


async def test_without_the_right_to_read_reports_no_source_is_shown(watching: Watching) -> None:
    threat_id = await opened(watching)
    for address, role in (("", "dialogue.officer"), ("?sources=hidden", "analyst")):
        page = await watching.page(f"/threat-watch/threats/{threat_id}{address}", role)
        assert page.status_code == 200
        assert f"R-{YEAR}-" not in page.text
        assert "P1" not in re.sub(r"<[^>]+>", " ", page.text)
        assert "Vist uten kilder" in page.text


async def test_a_report_is_read_with_the_threat_as_purpose(watching: Watching) -> None:
    threat_id = await opened(watching)
    page = await watching.page(f"/threat-watch/threats/{threat_id}")
    address = re.search(r'href="(/threat-watch/reports/[^"]+)"', page.text)
    assert address is not None
    report = await watching.page(address[1])
    assert "En tekst bare noen får lese" in report.text or "Rapporten har ingen tekst" in report.text
    assert (await watching.page(address[1], "dialogue.officer")).status_code == 403


async def test_reports_nobody_has_graded_are_counted_and_listed(watching: Watching) -> None:
    sent = {"observed_at": hence(hours=-1), "channel": "DUTY_PHONE", "origin": "caller", "text": "noen ringte"}
    assert (await watching.report(sent, role="duty.officer")).status_code == 201
    assert "1 rapport er ikke gradert" in (await watching.page("/threat-watch/threats")).text
    listed = await watching.page("/threat-watch/reports?graded=no")
    assert f"R-{YEAR}-000001" in listed.text
    assert "Ennå ikke gradert" in listed.text


async def test_the_level_is_decided_from_the_page_with_a_reason(watching: Watching) -> None:
    threat_id = await opened(watching)
    address = f"/threat-watch/threats/{threat_id}"
    page = await watching.page(address)
    sent = {"level": "MODERATE", "reason-decision": "de har reist", "expires_at": local(days=5)}
    done = await watching.send(f"{address}/decision", page, **sent)
    assert done.status_code == 303
    assert (await watching.threat(threat_id))["level"] == "MODERATE"
    again = await watching.page(address)
    assert "Nivået er bestemt av en person" in again.text
    assert "de har reist" in again.text


@pytest.mark.parametrize(
    ("form", "fields", "says"),
    [
        ("decision", {"level": "LOW", "reason-decision": "", "expires_at": local(days=5)}, "Skriv hvorfor"),
        ("decision", {"level": "LOW", "reason-decision": "x", "expires_at": "2020-01-01T12:00"}, "fram i tid"),
        ("decision", {"level": "SOME", "reason-decision": "x", "expires_at": local(days=5)}, "Velg et nivå"),
        ("decision", {"level": "LOW", "reason-decision": "x", "expires_at": "soon"}, "fram i tid"),
        ("verification", {"due_at": local(days=5), "fallback": " "}, "hvis virkningen uteblir"),
        ("feedback", {"outcome": "RESOLVED", "evidence": ""}, "hva du så eller hørte"),
        ("judgement", {"lane": "SLOW", "reason-judgement": "x"}, "hvordan det skal varsles"),
        ("closure", {"reason-closure": ""}, "Skriv hvorfor"),
        ("checklist", {"point": "1", "answer": "PERHAPS"}, "Velg et svar"),
    ],
)
async def test_a_mistake_in_a_form_is_said_and_nothing_is_changed(
    form: str, fields: dict[str, str], says: str, watching: Watching
) -> None:
    threat_id = await opened(watching)
    before = await watching.threat(threat_id)
    page = await watching.page(f"/threat-watch/threats/{threat_id}", "duty.leader")
    answer = await watching.send(f"/threat-watch/threats/{threat_id}/{form}", page, "duty.leader", **fields)
    assert answer.status_code in (409, 422)
    assert says in answer.text
    assert (await watching.threat(threat_id)) == before


@pytest.mark.parametrize(
    ("form", "fields", "shows"),
    [
        ("verification", {"due_at": local(days=5), "fallback": "pågripelse"}, "Effekten skal verifiseres"),
        ("feedback", {"outcome": "TEMPORARY", "evidence": "stille i helga"}, "Effekt meldt"),
        ("judgement", {"lane": "LIFE", "reason-judgement": "kjent mønster"}, "En tjenesteperson ba om varsel"),
        (
            "move",
            {"state": "VERIFYING", "reason-move": "sagt", "due_at-move": local(days=2), "fallback-move": "pågripe"},
            "Effekten verifiseres",
        ),
        ("checklist", {"point": "3", "answer": "NO", "note-3": "bare to visste"}, "bare to visste"),
        ("closure", {"reason-closure": "avklart"}, "Lukket"),
    ],
)
async def test_each_form_does_what_it_says(form: str, fields: dict[str, str], shows: str, watching: Watching) -> None:
    threat_id = await opened(watching)
    address = f"/threat-watch/threats/{threat_id}"
    page = await watching.page(address, "duty.leader")
    done = await watching.send(f"{address}/{form}", page, "duty.leader", **fields)
    assert done.status_code == 303
    assert shows in (await watching.page(address, "duty.leader")).text


async def test_a_form_from_elsewhere_changes_nothing(watching: Watching) -> None:
    threat_id = await opened(watching)
    before = await watching.threat(threat_id)
    page = await watching.page("/threat-watch/threats")
    address = f"/threat-watch/threats/{threat_id}/closure"
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    answer = await watching.http.post(
        address,
        data={"csrf": (token[1] if token else "") + "x", "reason-closure": "x"},
        headers={k: v for k, v in page.request.headers.items() if k == "authorization"},
    )
    assert answer.status_code == 403
    assert (await watching.threat(threat_id)) == before


@pytest.mark.parametrize(
    "address", ["/threat-watch/threats/01a20000-0000-7000-8000-000000000000", "/threat-watch/threats/none"]
)
async def test_what_is_not_there_is_not_found(address: str, watching: Watching) -> None:
    assert (await watching.page(address)).status_code == 404


async def test_without_the_role_the_pages_are_closed(watching: Watching) -> None:
    assert (await watching.page("/threat-watch/threats", "admin")).status_code == 403


def test_every_text_has_an_english_one() -> None:
    assert missing_translations(Path(forkant_threat_watch.__path__[0])) == []


def test_every_code_has_a_word_on_screen() -> None:
    policy = current_policy()
    assert {rule.id for rule in policy.rules} <= words.RULES.keys()
    assert checklist().points == words.QUESTIONS
    assert set(words.ANSWERS) == set(checklist().answers)


async def test_a_task_about_no_one_threat_is_done_from_the_front_page(watching: Watching) -> None:
    arrest = {"factor": "GRIEVANCE", "strength": 0.9, "aggressor": GANG, "own_action": "ARREST"}
    await watching.report(body(arrest, grading="A1", origin="log"))
    page = await watching.page("/threat-watch/threats")
    assert "Egen handling kan være en foranledning" in page.text
    address = re.search(r'action="(/threat-watch/tasks/[^"]+)"', page.text)
    assert address is not None
    assert (await watching.send(address[1], page)).status_code == 303
    assert "Egen handling" not in (await watching.page("/threat-watch/threats")).text


async def test_a_suggested_signal_is_chosen_or_dismissed_from_the_page(watching: Watching) -> None:
    threats = []
    for number in range(2):
        intent = {"factor": "INTENT", "strength": 0.7, "aggressor": GANG, "target": {"kind": "PERSON", "id": new_id()}}
        threats.append((await watching.report(body(intent, origin=f"S{number}"))).json()["threats"][0]["id"])
    unclear = {"factor": "RECONNAISSANCE", "strength": 0.7, "aggressor": GANG}
    report = (await watching.report(body(unclear, origin="P1", channel="PATROL"))).json()
    address = f"/threat-watch/threats/{threats[0]}"
    page = await watching.page(address)
    assert "Foreslåtte signaler" in page.text
    assert report["reference"] in page.text
    sent = {"signal": f"{report['id']}/0", "reason-1": "samme bil"}
    assert (await watching.send(f"{address}/link", page, **{**sent, "reason-1": ""})).status_code == 422
    assert (await watching.send(f"{address}/link", page, **sent)).status_code == 303
    again = await watching.page(address)
    assert "Foreslåtte signaler" not in again.text
    assert "Rekognosering" in again.text
    taken = await watching.send(f"{address}/unlink", again, signal=sent["signal"], **{"reason-unlink": "en annen bil"})
    assert taken.status_code == 303
    assert "Et signal ble tatt bort" in (await watching.page(address)).text
    assert "Foreslåtte signaler" not in (await watching.page(f"/threat-watch/threats/{threats[1]}")).text


async def test_two_threats_are_merged_split_and_parted_again_from_the_page_each_with_a_reason(
    watching: Watching,
) -> None:
    threats = []
    for number in range(2):
        intent = {"factor": "INTENT", "strength": 0.7, "aggressor": GANG, "target": {"kind": "PERSON", "id": new_id()}}
        threats.append((await watching.report(body(intent, origin=f"S{number}"))).json()["threats"][0])
    here, there = (f"/threat-watch/threats/{one['id']}" for one in threats)
    page = await watching.page(here)
    why = {"reason-merge": "samme plan"}
    unknown = await watching.send(f"{here}/merge", page, **{"into-merge": "T-1999-000001", **why})
    assert (
        unknown.status_code == 422 and "Skriv referansen til en annen" in unknown.text and "samme plan" in unknown.text
    )
    itself = await watching.send(f"{here}/merge", page, **{"into-merge": threats[0]["reference"], **why})
    assert itself.status_code == 422
    silent = await watching.send(f"{here}/merge", page, **{"into-merge": threats[1]["reference"], "reason-merge": ""})
    assert silent.status_code == 422 and "Skriv hvorfor." in silent.text
    done = await watching.send(f"{here}/merge", page, **{"into-merge": threats[1]["reference"].lower(), **why})
    assert done.status_code == 303
    merged = await watching.page(here)
    assert "Opphev sammenslåingen" in merged.text and "samme plan" in merged.text
    assert "Opphev sammenslåingen" not in (await watching.page(there)).text
    parted = await watching.send(f"{here}/unmerge", merged, **{"reason-unmerge": "to ulike planer"})
    assert parted.status_code == 303
    assert "Sammenslåing opphevet" in (await watching.page(there)).text
    assert "Opphev sammenslåingen" not in (await watching.page(here)).text

    again = await watching.send(
        f"{here}/merge", await watching.page(here), **{"into-merge": threats[1]["reference"], **why}
    )
    assert again.status_code == 303
    both = await watching.page(there)
    signals = re.findall(r'name="signals-split" value="([^"]+)"', both.text)
    assert len(signals) == 2
    nothing = await watching.send(f"{there}/split", both, **{"reason-split": "to planer"})
    assert nothing.status_code == 422 and "Velg det som er en trussel for seg" in nothing.text
    apart = await watching.send(f"{there}/split", both, **{"signals-split": signals[0], "reason-split": "to planer"})
    assert apart.status_code == 303
    assert "Delt i to" in (await watching.page(there)).text
