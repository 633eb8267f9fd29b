"""The pages of following a threat up: what may be said, the measures, the questions, the fallback."""

from __future__ import annotations

import re
from typing import Any

import httpx2 as httpx
import pytest

from forkant_threat_watch.domain.disclosure import Obstacle, Part
from forkant_threat_watch.domain.exposure import Exposure, Keeper
from forkant_threat_watch.domain.followup import MeasureKind
from forkant_threat_watch.domain.measures import Standing
from forkant_threat_watch.domain.requests import Outcome
from forkant_threat_watch.pages import followup_words, words
from tests.threat_watch.support.served import GANG, LEADER, Watching, as_role, body, local

SECRET = "En tekst bare noen får lese, om et hus og en bil"
AT_THE_DOOR = "Han ved døra fortalte om en grå varebil"
INTENT = {"factor": "INTENT", "strength": "EXPLICIT", "aggressor": GANG, "target": LEADER}


async def opened(watching: Watching) -> str:
    """A threat by a handler's report and by somebody who came to the door; its address."""
    first = await watching.report(body(INTENT, grading="A2", text=SECRET))
    walked_in = body(INTENT, grading=None, origin="W1", channel="WALK_IN", text=AT_THE_DOOR)
    await watching.report(walked_in, role="duty.officer")
    return f"/threat-watch/threats/{first.json()['threats'][0]['id']}"


async def sent(watching: Watching, address: str, name: str, role: str, **fields: str) -> httpx.Response:
    """Send a form of the page at this address; hidden fields that are not given are taken from its first form."""
    page = await watching.page(address, role)
    assert page.status_code == 200, page.text
    form = re.search(rf'<form[^>]*action="{address}/{name}".*?</form>', page.text, re.S)
    assert form is not None, f"{role} is shown no form {name}"
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form[0]))
    hidden.pop("csrf", None)
    return await watching.send(f"{address}/{name}", page, role, **(hidden | fields))


def report_in(page: httpx.Response) -> str:
    found = re.search(r'name="report" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def planned(watching: Watching) -> str:
    """A plan on the handler's report that can be signed; the address of its page."""
    address = f"{await opened(watching)}/disclosure"
    report = report_in(await watching.page(address, "source.handler"))
    said = {"report": report, "exposure": "PARAPHRASE", f"could_know-{report}": "9"}
    assert (await sent(watching, address, "answer", "source.handler", **said)).status_code == 303
    text = {"text": "Vi kjenner til planer, og dere kan stanse dem.", "reports": report}
    assert (await sent(watching, address, "line", "analyst", **text)).status_code == 303
    assert (await sent(watching, address, "approval", "dialogue.leader")).status_code == 303
    return address


async def test_a_new_threats_card_says_that_nothing_is_cleared_done_or_asked(watching: Watching) -> None:
    card = await watching.page(await opened(watching), "duty.leader")
    for said in ("Ikke klarert", "Ingen tiltak pågår.", "Ingenting er etterspurt.", "Utleveringsplan"):
        assert said in card.text


async def test_the_plan_is_answered_written_approved_and_signed_by_those_whose_it_is(watching: Watching) -> None:
    address = await planned(watching)
    assert (await sent(watching, address, "source", "source.handler")).status_code == 303
    assert (await sent(watching, address, "leader", "duty.leader")).status_code == 303
    page = await watching.page(address, "dialogue.officer")
    assert "Dialog om trusselen er klarert" in page.text
    card = await watching.page(address.removesuffix("/disclosure"), "dialogue.officer")
    assert "Dialog klarert" in card.text
    # Whom it is not for is offered nothing.
    analyst = await watching.page(address, "analyst")
    assert f"{address}/withdrawal" not in analyst.text and f"{address}/alone" not in analyst.text
    withdrawn = await sent(watching, address, "withdrawal", "source.handler", **{"reason-withdrawal": "redd"})
    assert withdrawn.status_code == 303
    after = await watching.page(address, "dialogue.officer")
    assert "Ikke klarert" in after.text and "trukket av en person" in after.text


@pytest.mark.parametrize(
    ("role", "offered", "not_offered"),
    [
        ("source.handler", {"answer", "line"}, {"source", "leader", "alone", "approval"}),
        ("dialogue.officer", {"answer"}, {"line", "source", "leader", "alone"}),
        ("duty.officer", {"line"}, {"answer", "source", "leader", "alone"}),
        ("auditor", set(), {"answer", "line", "source", "leader", "alone"}),
    ],
)
async def test_the_page_offers_each_role_its_own_forms_alone(
    watching: Watching, role: str, offered: set[str], not_offered: set[str]
) -> None:
    address = f"{await opened(watching)}/disclosure"
    page = await watching.page(address, role)
    assert page.status_code == 200
    for name in offered:
        assert f'action="{address}/{name}"' in page.text, name
    for name in not_offered:
        assert f'action="{address}/{name}"' not in page.text, name


async def test_no_report_is_shown_to_who_may_not_read_it_but_the_keeper_sees_their_own(watching: Watching) -> None:
    address = f"{await opened(watching)}/disclosure"
    contact = await watching.page(address, "dialogue.officer")
    assert AT_THE_DOOR in contact.text and SECRET not in contact.text
    assert "1 rapport du ikke har tilgang til" in contact.text
    handler = await watching.page(address, "source.handler")
    assert AT_THE_DOOR not in handler.text and SECRET not in handler.text


async def test_a_copied_text_is_refused_on_the_page_with_what_was_written_still_there(watching: Watching) -> None:
    address = f"{await opened(watching)}/disclosure"
    answer = await sent(watching, address, "line", "analyst", text=SECRET)
    assert answer.status_code == 422
    assert "Skriv det på nytt med egne ord" in answer.text and SECRET in answer.text
    assert "Ingenting er skrevet ennå" in answer.text


@pytest.mark.parametrize("could_know", ["", "mange", "0", "-1", "1.5"])
async def test_a_number_that_cannot_be_is_refused(watching: Watching, could_know: str) -> None:
    address = f"{await opened(watching)}/disclosure"
    report = report_in(await watching.page(address, "source.handler"))
    said = {"report": report, "exposure": "OK", f"could_know-{report}": could_know}
    answer = await sent(watching, address, "answer", "source.handler", **said)
    assert answer.status_code == 422 and "Oppgi et antall" in answer.text


async def test_the_duty_leader_alone_is_told_what_stands_in_the_way_and_clears_when_it_does_not(
    watching: Watching,
) -> None:
    address = await planned(watching)
    refused = await sent(watching, address, "alone", "duty.leader", **{"because-alone": " "})
    assert refused.status_code == 422 and "Skriv hvorfor" in refused.text
    done = await sent(watching, address, "alone", "duty.leader", **{"because-alone": "Skjer i natt."})
    assert done.status_code == 303
    card = await watching.page(address.removesuffix("/disclosure"), "duty.leader")
    assert "av vaktleder alene" in card.text and "Vaktleder klarerte alene" in card.text


async def test_a_page_that_was_read_before_the_plan_changed_signs_nothing(watching: Watching) -> None:
    address = await planned(watching)
    old = await watching.page(address, "duty.leader")
    version = re.search(r'name="plan_version" value="(\d+)"', old.text)
    assert version is not None
    await sent(watching, address, "line", "analyst", text="Og presset følger av deres egne valg.")
    answer = await watching.send(f"{address}/leader", old, "duty.leader", plan_version=version[1])
    assert answer.status_code == 412 and "Planen er endret" in answer.text


def measure(**changes: str) -> dict[str, str]:
    fields = {"kind": "PROTECTION", "what": "Patrulje ved boligen", "owner": "duty.leader"}
    return fields | {"starts_at": local(), "expires_at": local(days=5)} | changes


async def test_a_measure_is_made_served_and_ended_from_its_page(watching: Watching) -> None:
    address = f"{await opened(watching)}/measures"
    assert (await sent(watching, address, "make", "duty.leader", **measure(kind="WARNING_NOTICE"))).status_code == 303
    page = await watching.page(address, "duty.leader")
    assert "Varsel til den utsatte" in page.text and "Ikke sagt om det er forkynt" in page.text
    assert "Ikke tilgjengelig" in page.text
    early = await sent(watching, address, "end", "duty.leader", **{"reason-x": "ferdig"})
    assert early.status_code == 409 and "Si først om det er forkynt" in early.text
    unreasoned = await sent(watching, address, "service", "dialogue.officer", served="no")
    assert unreasoned.status_code == 422 and "ikke ble forkynt" in unreasoned.text
    assert (await sent(watching, address, "service", "dialogue.officer", served="yes")).status_code == 303
    running = await watching.page("/threat-watch/measures", "auditor")
    assert "Varsel til den utsatte" in running.text and "0 tiltak ble satt i gang utenfor" in running.text
    assert (await sent(watching, address, "end", "duty.leader", **{"reason-x": "ferdig"})).status_code == 303
    assert "Ingen tiltak pågår" in (await watching.page("/threat-watch/measures", "auditor")).text


async def test_a_measure_out_of_proportion_is_asked_for_a_reason_on_the_page(watching: Watching) -> None:
    address = f"{await opened(watching)}/measures"
    refused = await sent(watching, address, "make", "duty.leader", **measure(kind="SURVEILLANCE"))
    assert refused.status_code == 422 and "Skriv hvorfor" in refused.text and "Patrulje ved boligen" in refused.text
    reasoned = measure(kind="SURVEILLANCE", because="De har leid en garasje")
    assert (await sent(watching, address, "make", "duty.leader", **reasoned)).status_code == 303
    page = await watching.page(address, "duty.leader")
    assert "1 utenfor tabellen" in page.text and "De har leid en garasje" in page.text


async def test_a_question_is_asked_and_answered_from_the_card(watching: Watching) -> None:
    card = await opened(watching)
    address = f"{card}/requests"
    asking = {"about-request": "NO_CAPABILITY", "question-request": "Har de våpen?", "owner-request": "analyst"}
    page = await watching.page(card, "analyst")
    wrong = await watching.send(f"{address}/request", page, "analyst", **asking, **{"due_at-request": "i morgen"})
    assert wrong.status_code == 422 and "Har de våpen?" in wrong.text
    done = await watching.send(f"{address}/request", page, "analyst", **asking, **{"due_at-request": local(days=1)})
    assert done.status_code == 303
    page = await watching.page(card, "analyst")
    assert "Har de våpen?" in page.text and "Ingenting om kapasitet" in page.text
    fields = {name: _hidden(page, name) for name in ("request", "version")}
    empty = await watching.send(f"{address}/request-answer", page, "analyst", **fields)
    assert empty.status_code == 422 and "Skriv hvorfor det ikke finnes noe svar" in empty.text
    told = await watching.send(f"{address}/request-answer", page, "analyst", **fields, **{"note-x": "Ingen vet."})
    assert told.status_code == 303
    assert "Ingen vet" in (await watching.page(card, "analyst")).text


def _hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def test_the_fallback_that_waits_stands_on_the_card_and_a_leader_starts_it(watching: Watching) -> None:
    card = await opened(watching)
    verify: dict[str, Any] = {"due_at": local(days=1), "fallback": "pågripe de to"}
    assert (await sent(watching, card, "verification", "duty.leader", **verify)).status_code == 303
    assert (await sent(watching, card, "feedback", "duty.leader", outcome="NONE", evidence="møttes igjen")).is_redirect
    page = await watching.page(card, "duty.leader")
    assert "Alternativet venter på en leder" in page.text and "pågripe de to" in page.text
    assert f"{card}/fallback-start" not in (await watching.page(card, "analyst")).text
    unsaid = await sent(watching, card, "fallback-start", "duty.leader", **{"due_at-fallback": local(days=1)})
    assert unsaid.status_code == 422
    started = {"due_at-fallback": local(days=1), "fallback-next": "flytte familien"}
    assert (await sent(watching, card, "fallback-start", "duty.leader", **started)).status_code == 303
    page = await watching.page(card, "duty.leader")
    assert "Under tiltak" in page.text and "flytte familien" in page.text


async def test_a_move_that_stands_on_nothing_is_refused_on_the_page_as_over_http(watching: Watching) -> None:
    card = await opened(watching)
    verify = {"due_at-move": local(days=1), "fallback-move": "pågripe"}
    for state, says in (("IN_DIALOGUE", "Ingen dialog er klarert"), ("UNDER_MEASURES", "Se på tiltakene først")):
        answer = await sent(watching, card, "move", "duty.leader", state=state, **verify)
        assert answer.status_code == 409 and says in answer.text


@pytest.mark.parametrize("path", ["", "/disclosure", "/measures"])
async def test_the_target_sees_the_page_and_is_refused_each_form(watching: Watching, path: str) -> None:
    who = "01a20000-0000-7000-8000-00000000000a"
    target = {**INTENT, "target": {"kind": "PERSON", "id": who}}
    answer = await watching.report(body(target, grading="A2"))
    address = f"/threat-watch/threats/{answer.json()['threats'][0]['id']}{path}"
    head = as_role("duty.leader", actor_id=who) | {"accept": "text/html"}
    page = await watching.http.get(address, headers=head)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    names = {"": "closure", "/disclosure": "line", "/measures": "make"}
    fields = {"csrf": token[1], "reason-closure": "x", "text": "Nye ord her.", "plan_version": "0", **measure()}
    refused = await watching.http.post(f"{address}/{names[path]}", data=fields, headers=head)
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["/disclosure", "/measures"])
async def test_without_the_right_the_pages_are_closed_and_what_is_not_there_is_not_found(
    watching: Watching, path: str
) -> None:
    address = f"{await opened(watching)}{path}"
    assert (await watching.page(address, "operations")).status_code == 403
    assert (await watching.page(f"/threat-watch/threats/01a20000-0000-7000-8000-000000000000{path}")).status_code == 404
    assert (await watching.page(f"/threat-watch/threats/none{path}")).status_code == 404


def test_every_code_of_following_up_has_a_word_on_screen() -> None:
    assert set(followup_words.MEASURES) == {kind.value for kind in MeasureKind}
    assert set(followup_words.STANDINGS) == set(followup_words.STANDING_KINDS) == {one.value for one in Standing}
    assert set(followup_words.OBSTACLES) == {code.value for code in Obstacle}
    assert set(followup_words.PARTS) == {part.value for part in Part}
    assert set(followup_words.KEEPERS) == {keeper.value for keeper in Keeper}
    assert set(words.EXPOSURES) == set(followup_words.EXPOSURE_KINDS) == {one.value for one in Exposure}
    assert set(followup_words.REQUEST_OUTCOMES) == {outcome.value for outcome in Outcome}
    assert {f"plan.{code.value}" for code in Obstacle} <= set(words.ADVICE)
