"""The queue of texts and the page of one text, as a person reads and sends them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.threat_watch.support.served import Watching, as_role, body

TONIGHT = "De skal skyte Vidar Oppdiktsen i natt.\nDet er han som har tystet. <b>1 & 2</b>"


async def told(watching: Watching, text: str, **more: Any) -> str:
    answer = await watching.report(body(grading="B3") | {"text": text, "signals": []} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_an_empty_queue_says_what_would_come(watching: Watching) -> None:
    page = await watching.page("/threat-watch/triage")
    assert page.status_code == 200
    assert "Ingen tekster venter" in page.text
    other = await watching.page("/threat-watch/triage?standing=DISMISSED")
    assert "Ingen tekster her" in other.text
    english = await watching.http.get("/threat-watch/triage", headers=as_role("analyst") | {"accept-language": "en"})
    assert "No texts are waiting" in english.text


async def test_a_text_stands_in_the_queue_with_its_words_and_the_list_of_threats_leads_there(
    watching: Watching,
) -> None:
    report_id = await told(watching, TONIGHT)
    front = await watching.page("/threat-watch/threats")
    assert "1 tekst venter på vurdering" in front.text
    page = await watching.page("/threat-watch/triage")
    assert f'href="/threat-watch/triage/{report_id}"' in page.text
    assert "Nært forestående" in page.text and "<mark>i natt</mark>" in page.text


async def test_the_page_shows_the_text_with_what_told_marked_and_nothing_of_it_as_markup(watching: Watching) -> None:
    page = await watching.page(f"/threat-watch/triage/{await told(watching, TONIGHT)}")
    assert "De skal <mark>skyte Vidar" in page.text
    assert "<mark>i natt</mark>" in page.text
    assert "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in page.text
    assert 'value="Vidar Oppdiktsen"' in page.text
    assert "Ingenting teller før du bekrefter" in page.text


async def test_confirming_from_the_page_makes_the_threat_and_shows_where_it_went(watching: Watching) -> None:
    report_id = await told(watching, TONIGHT)
    page = await watching.page(f"/threat-watch/triage/{report_id}")
    fields = {"version": "1", "take-0": "yes", "factor-0": "INTENT", "strength-0": "STATED", "hours-0": "12,5"}
    sent = await watching.send(
        f"/threat-watch/triage/{report_id}/confirmation", page, **fields, **{"target-0": "Vidar Oppdiktsen"}
    )
    assert sent.status_code == 303
    done = await watching.page(f"/threat-watch/triage/{report_id}")
    assert "Bekreftet" in done.text and "/threat-watch/threats/" in done.text
    assert 'name="take-0"' not in done.text, "what is confirmed is not confirmed again"
    report = await watching.page(f"/threat-watch/reports/{report_id}")
    assert "Se hva reglene leste av teksten" in report.text and "Bekreftet" in report.text


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({}, "Velg minst ett signal"),
        ({"take-0": "yes", "factor-0": "FURY", "strength-0": "STATED"}, "Velg en faktor."),
        ({"take-0": "yes", "factor-0": "INTENT", "strength-0": "9"}, "Velg en styrke."),
        ({"take-0": "yes", "factor-0": "INTENT", "strength-0": "HINT", "hours-0": "snart"}, "antall timer"),
        ({"take-0": "yes", "factor-0": "INTENT", "strength-0": "HINT", "hours-0": "9999"}, "antall timer"),
        ({"take-0": "yes", "factor-0": "INTENT", "strength-0": "HINT", "role-0": "KING"}, "Velg en av rollene."),
        ({"take-0": "yes", "factor-0": "INTENT", "strength-0": "HINT", "target-0": "x" * 300}, "for langt"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_counts(
    watching: Watching, fields: dict[str, str], advice: str
) -> None:
    report_id = await told(watching, TONIGHT)
    page = await watching.page(f"/threat-watch/triage/{report_id}")
    again = await watching.send(f"/threat-watch/triage/{report_id}/confirmation", page, version="1", **fields)
    assert again.status_code == 422
    assert advice in again.text
    if "hours-0" in fields:
        assert f'value="{fields["hours-0"]}"' in again.text
    assert "1 tekst venter" in (await watching.page("/threat-watch/threats")).text


async def test_a_dismissal_without_a_reason_comes_back_and_with_one_leads_to_the_queue(watching: Watching) -> None:
    report_id = await told(watching, TONIGHT)
    page = await watching.page(f"/threat-watch/triage/{report_id}")
    path = f"/threat-watch/triage/{report_id}/dismissal"
    empty = await watching.send(path, page, version="1", reason=" ")
    assert (empty.status_code, "Skriv hvorfor." in empty.text) == (422, True)
    done = await watching.send(path, page, version="1", reason="En rollespilltekst")
    assert (done.status_code, done.headers["location"].split("?")[0]) == (303, "/threat-watch/triage")
    shown = await watching.page(f"/threat-watch/triage/{report_id}")
    assert "En rollespilltekst" in shown.text and "Avvist" in shown.text


async def test_who_comes_second_is_told_and_sees_what_was_decided(watching: Watching) -> None:
    report_id = await told(watching, TONIGHT)
    page = await watching.page(f"/threat-watch/triage/{report_id}")
    await watching.send(f"/threat-watch/triage/{report_id}/dismissal", page, version="1", reason="Tull")
    late = await watching.send(
        f"/threat-watch/triage/{report_id}/confirmation", page,
        version="1", **{"take-0": "yes", "factor-0": "INTENT", "strength-0": "STATED"},
    )  # fmt: skip
    assert late.status_code == 412
    assert "Noen andre har avgjort denne teksten" in late.text and "Tull" in late.text


async def test_a_text_the_rules_found_nothing_in_can_be_added_to(watching: Watching) -> None:
    report_id = await told(watching, "Han mumlet noe om fredag.")
    page = await watching.page(f"/threat-watch/triage/{report_id}")
    assert "Reglene fant ingenting" in page.text
    fields = {"take-0": "yes", "factor-0": "INTENT", "strength-0": "HINT", "role-0": "WITNESS"}
    done = await watching.send(f"/threat-watch/triage/{report_id}/confirmation", page, version="1", **fields)
    assert done.status_code == 303


async def test_nobody_without_the_right_opens_a_text(watching: Watching) -> None:
    report_id = await told(watching, TONIGHT)
    for path in ("/threat-watch/triage", f"/threat-watch/triage/{report_id}"):
        assert (await watching.page(path, "dialogue.officer")).status_code == 403
    assert "venter på vurdering" not in (await watching.page("/threat-watch/threats", "dialogue.officer")).text
    looking = await watching.page(f"/threat-watch/triage/{report_id}", "auditor")
    assert looking.status_code == 200 and "Bekreft</button>" not in looking.text
    unknown = await watching.http.get("/threat-watch/triage/nothing", headers=as_role("analyst"))
    assert unknown.status_code == 404
