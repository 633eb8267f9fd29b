"""A report with text alone: read by rules, put before a person, and nothing counts before that person has spoken."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared import audit
from forkant_shared.clock import new_id
from forkant_shared.events import notifier, registry
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.store import links
from tests.threat_watch.serving import Served

QUEUE = "/threat-watch/v1/triage"
TONIGHT = "De skal skyte Vidar Oppdiktsen i natt ved Tøyen, han har tystet."
LATER = "De har sagt at de vil drepe ham."
QUIET = "Vi spiser middag klokka fem."


async def told(served: Served, text: str, **changes: Any) -> str:
    """A report that came as text alone; its id."""
    answer = await served.report(text=text, signals=[], **changes)
    assert answer.status_code == 201, answer.text
    assert answer.json()["threats"] == []
    return str(answer.json()["id"])


async def queue(served: Served, role: str = "analyst", query: str = "", **who: Any) -> dict[str, Any]:
    answer = await served.client.get(f"{QUEUE}{query}", headers=served.head(role, **who))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def say(
    served: Served, report_id: str, what: str, body: dict[str, Any], user: str = "analyst", **headers: str
) -> httpx.Response:
    head = served.head("analyst", user=user) | {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.client.post(f"{QUEUE}/{report_id}/{what}", json=body, headers=head)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def either(request: pytest.FixtureRequest) -> Served:
    """threat-watch on each of the two databases."""
    found: Served = request.getfixturevalue("served" if request.param == "sqlite" else "served_postgres")
    return found


async def test_a_text_proposes_signals_with_the_words_that_told_and_counts_in_no_threat(either: Served) -> None:
    report_id = await told(either, TONIGHT)
    (line,) = (await queue(either))["items"]
    assert (line["report_id"], line["standing"], line["imminent"]) == (report_id, "WAITING", True)
    intent = next(signal for signal in line["proposed"] if signal["factor"] == "INTENT")
    assert (intent["strength"], intent["imminence_hours"], intent["place"]) == ("EXPLICIT", 12, "0301-01")
    assert intent["target"] == {"words": "Vidar Oppdiktsen", "is_name": True, "role": None}
    assert any("skyte" in words for words in line["triggers"]) and "i natt" in line["triggers"]
    threats = await either.client.get("/threat-watch/v1/threats", headers=either.head("analyst"))
    assert threats.json()["items"] == []


async def test_imminent_violence_pages_in_the_normal_lane_with_its_own_reason(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    (raised,) = await served.said(events.ReportEscalated)
    assert isinstance(raised, events.ReportEscalated)
    assert (raised.report_id, raised.lane, raised.reason) == (report_id, "NORMAL", "unassessed-text")
    assert raised.rules == ["unassessed-text"]
    assert await served.said(events.EscalationRaised) == []
    assert await served.said(events.AssessmentMade) == [], "a text never decides a level"


@pytest.mark.parametrize("text", [LATER, QUIET, "De skal ikke skyte ham i natt.", "   "])
async def test_what_is_not_near_rings_nobody(served: Served, text: str) -> None:
    if text.strip():
        await told(served, text)
    assert await served.said(events.ReportEscalated) == []


async def test_a_report_with_signals_of_its_own_is_not_read(served: Served) -> None:
    answer = await served.report(text=TONIGHT)
    assert (await queue(served))["items"] == []
    report = await served.client.get(f"/threat-watch/v1/reports/{answer.json()['id']}", headers=served.head("analyst"))
    assert report.json()["triage"] is None


async def test_confirmed_as_proposed_the_signals_are_joined_as_a_reports_own(either: Served) -> None:
    report_id = await told(either, TONIGHT)
    done = await say(either, report_id, "confirmation", {})
    assert done.status_code == 200, done.text
    assert (done.json()["standing"], done.json()["version"], done.headers["etag"]) == ("CONFIRMED", 2, '"2"')
    (line,) = done.json()["threats"]
    threat = await either.threat(line["id"])
    assert [(party["kind"], party["name"]) for party in threat["targets"]] == [("NAME", "Vidar Oppdiktsen")]
    assert {signal["report"] for factor in threat["factors"] for signal in factor["signals"]} == {report_id}
    report = (await either.client.get(f"/threat-watch/v1/reports/{report_id}", headers=either.head("analyst"))).json()
    assert (report["triage"], report["threats"]) == ("CONFIRMED", [line])
    assert report["signals"][0]["factor"] == "INTENT"
    assert (await queue(either))["items"] == []


async def test_the_same_signals_sent_or_confirmed_from_a_text_weigh_the_same(served: Served) -> None:
    target = {"kind": "NAME", "name": "Vidar Oppdiktsen"}
    signal = {"factor": "INTENT", "strength": "EXPLICIT", "imminence_hours": 12, "target": target}
    await told(served, TONIGHT)
    (line,) = (await queue(served))["items"]
    by_text = (await say(served, line["report_id"], "confirmation", {"signals": [signal]})).json()["threats"][0]
    other = {**signal, "target": {"kind": "NAME", "name": "Ola Annen"}}
    by_hand = (await served.report(signals=[other], origin="S7")).json()["threats"][0]
    one, two = await served.threat(by_text["id"]), await served.threat(by_hand["id"])
    assert (one["index"], one["level"]) == (two["index"], two["level"])


async def test_the_page_of_the_threat_takes_the_place_of_the_texts_own(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    await say(served, report_id, "confirmation", {})
    (text,) = await served.said(events.ReportEscalated)
    (threat,) = await served.said(events.EscalationRaised)
    (over,) = await served.said(events.ReportTriaged)
    assert isinstance(text, events.ReportEscalated) and isinstance(over, events.ReportTriaged)
    assert isinstance(threat, events.EscalationRaised)
    assert threat.replaces == text.escalation_id
    assert (over.outcome, over.escalation_id, over.user) == ("CONFIRMED", text.escalation_id, "analyst")
    assert over.threat_ids == [threat.threat_id]


async def test_an_analyst_may_change_what_counts(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    gang = {"kind": "GROUP", "id": new_id()}
    changed = [{"factor": "INTENT", "strength": "HINT", "aggressor": gang}]
    done = await say(served, report_id, "confirmation", {"signals": changed, "reason": "Bare snakk."})
    threat = await served.threat(done.json()["threats"][0]["id"])
    assert [party["id"] for party in threat["aggressors"]] == [gang["id"]]
    assert threat["level"] == "LOW"
    assert done.json()["verdicts"][0] | {"at": None} == {
        "outcome": "CONFIRMED", "signals": 1, "reason": "Bare snakk.", "by": "analyst", "at": None
    }  # fmt: skip


async def test_a_dismissal_needs_a_reason_and_makes_no_threat(served: Served) -> None:
    report_id = await told(served, LATER)
    for reason in ("", "   "):
        refused = await say(served, report_id, "dismissal", {"reason": reason})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "reason"
    done = await say(served, report_id, "dismissal", {"reason": "En sangtekst."})
    assert (done.status_code, done.json()["standing"], done.json()["threats"]) == (200, "DISMISSED", [])
    assert await served.said(events.ThreatOpened) == []
    shown = await queue(served, query="?standing=DISMISSED")
    assert [line["report_id"] for line in shown["items"]] == [report_id]


async def test_the_same_word_twice_by_the_same_person_is_one(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    first, again = [await say(served, report_id, "confirmation", {}) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert len(await served.said(events.ReportTriaged)) == 1


async def test_of_two_analysts_one_is_told_that_the_other_has_decided(either: Served) -> None:
    report_id = await told(either, TONIGHT)
    answers = await asyncio.gather(
        say(either, report_id, "confirmation", {}, user="kari"),
        say(either, report_id, "dismissal", {"reason": "Tull."}, user="ola"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (over,) = await either.said(events.ReportTriaged)
    assert isinstance(over, events.ReportTriaged)
    won = next(answer for answer in answers if answer.status_code == 200)
    assert (over.outcome, len(won.json()["verdicts"])) == (won.json()["standing"], 1)


async def test_who_decides_on_an_old_version_is_stopped_and_who_has_seen_a_dismissal_may_overrule_it(
    served: Served,
) -> None:
    report_id = await told(served, LATER)
    await say(served, report_id, "dismissal", {"reason": "Gammelt."}, user="ola", If_Match='"1"')
    assert (await say(served, report_id, "confirmation", {}, user="kari", If_Match='"1"')).status_code == 412
    assert (await say(served, report_id, "confirmation", {}, user="kari")).status_code == 409
    done = await say(served, report_id, "confirmation", {}, user="kari", If_Match='"2"')
    assert done.status_code == 200, done.text
    assert [(v["outcome"], v["by"]) for v in done.json()["verdicts"]] == [("DISMISSED", "ola"), ("CONFIRMED", "kari")]
    assert (await say(served, report_id, "dismissal", {"reason": "Nei."}, user="ola")).status_code == 409


async def test_what_the_rules_did_not_see_a_person_may_add(served: Served) -> None:
    report_id = await told(served, "Han mumlet noe om fredag og en gammel regning.")
    assert (await queue(served))["items"] == []
    (line,) = (await queue(served, query="?standing=CLEAR"))["items"]
    assert (line["report_id"], line["proposed"]) == (report_id, [])
    nothing = await say(served, report_id, "confirmation", {})
    assert (nothing.status_code, nothing.json()["errors"][0]["field"]) == (422, "signals")
    signal = {"factor": "INTENT", "strength": "STATED", "target": {"kind": "ROLE", "code": "WITNESS"}}
    done = await say(served, report_id, "confirmation", {"signals": [signal]})
    assert (done.status_code, len(done.json()["threats"])) == (200, 1)


async def test_the_queue_is_paged_with_the_imminent_first_and_then_the_oldest(served: Served) -> None:
    slow = [await told(served, LATER, origin=f"S{n}") for n in range(3)]
    soon = [await told(served, TONIGHT, origin=f"T{n}") for n in range(2)]
    found: list[str] = []
    query = "?limit=2"
    for _ in range(5):
        part = await queue(served, query=query)
        found += [line["report_id"] for line in part["items"]]
        if part["next"] is None:
            break
        query = f"?limit=2&after={part['next']}"
    assert found == soon + slow
    wrong = await served.client.get(f"{QUEUE}?after=0.nothing", headers=served.head("analyst"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("role", ["registrar", "dialogue.officer", "operations", "source.handler", "admin"])
async def test_without_the_right_there_is_no_queue_and_no_word(served: Served, role: str) -> None:
    report_id = await told(served, TONIGHT)
    for path in (QUEUE, f"{QUEUE}/{report_id}"):
        assert (await served.client.get(path, headers=served.head(role))).status_code == 403
    refused = await served.client.post(f"{QUEUE}/{report_id}/confirmation", json={}, headers=served.head(role))
    assert refused.status_code == 403
    auditor = served.head("auditor")
    assert (await served.client.get(f"{QUEUE}/{report_id}", headers=auditor)).status_code == 200
    assert (
        await served.client.post(f"{QUEUE}/{report_id}/dismissal", json={"reason": "Nei."}, headers=auditor)
    ).status_code == 403


async def test_a_text_in_a_compartment_is_for_its_members(served: Served) -> None:
    inside = served.head("source.handler", compartments=["nord"])
    body = served.body(text=TONIGHT, signals=[], compartment="nord")
    answer = await served.client.post("/threat-watch/v1/reports", json=body, headers=inside)
    report_id = answer.json()["id"]
    assert (await queue(served))["items"] == []
    assert (await say(served, report_id, "confirmation", {})).status_code == 404
    assert len((await queue(served, compartments=["nord"]))["items"]) == 1


async def test_the_one_a_text_names_gets_no_page_does_not_see_it_and_does_not_decide(served: Served) -> None:
    person = new_id()
    await served.hear(registry.PersonRegistered(person_id=person, ground="VICTIM"))
    async with served.app.state.parts.database.write() as session:
        await links.set_names(session, person, "Vidar Oppdiktsen", ["Vidar Oppdiktsen"], served.clock.now())
    report_id = await told(served, TONIGHT)
    (raised,) = await served.said(events.ReportEscalated)
    assert isinstance(raised, events.ReportEscalated)
    assert raised.excluded_actor_ids == [person]
    assert (await queue(served, actor_id=person))["items"] == []
    named = served.head("analyst", actor_id=person)
    assert (await served.client.get(f"{QUEUE}/{report_id}", headers=named)).status_code == 404
    assert (await served.client.post(f"{QUEUE}/{report_id}/confirmation", json={}, headers=named)).status_code == 404


async def test_a_text_about_police_asks_for_the_duty_leader_too(served: Served) -> None:
    await told(served, "De skal knivstikke en politimann i kveld.")
    await told(served, "De skal knivstikke naboen i kveld.", origin="S2")
    flags = [raised.include_leader for raised in await served.said(events.ReportEscalated)]  # type: ignore[attr-defined]
    assert flags == [True, False]


async def test_another_text_of_the_same_origin_comes_to_the_page_that_rings(served: Served) -> None:
    one = await told(served, TONIGHT)
    two = await told(served, "De skal ta ham i natt, de er på vei.")
    other = await told(served, TONIGHT, origin="S2")
    raised = {e.report_id: e.escalation_id for e in await served.said(events.ReportEscalated)}  # type: ignore[attr-defined]
    assert raised[one] == raised[two] != raised[other]
    await say(served, one, "dismissal", {"reason": "Tull."})
    await say(served, two, "dismissal", {"reason": "Tull."})
    over = [e.escalation_id for e in await served.said(events.ReportTriaged)]  # type: ignore[attr-defined]
    assert over == [None, raised[one]], "the page ends with the last text under it"


async def test_after_its_page_is_closed_or_the_hour_is_over_the_same_origin_rings_anew(served: Served) -> None:
    def escalations(found: list[Any]) -> list[str]:
        return [each.escalation_id for each in found]

    await told(served, TONIGHT)
    (first,) = escalations(await served.said(events.ReportEscalated))
    closed = notifier.PageClosed(page_id=new_id(), escalation_id=first, cause="FALSE_ALARM")
    await served.hear(closed, times=2)
    await told(served, TONIGHT)
    served.forward(minutes=61)
    await told(served, TONIGHT)
    assert len(set(escalations(await served.said(events.ReportEscalated)))) == 3


async def test_who_accepted_the_page_stands_in_the_history(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    (raised,) = await served.said(events.ReportEscalated)
    assert isinstance(raised, events.ReportEscalated)
    answered = notifier.PageAccepted(
        page_id=new_id(), escalation_id=raised.escalation_id, user="duty.officer", answered_at=served.clock.now()
    )
    await served.hear(answered, times=2)
    page = await served.client.get(
        f"/threat-watch/triage/{report_id}", headers=served.head("duty.officer") | {"accept": "text/html"}
    )
    assert "duty.officer" in page.text and "Varselet er kvittert" in page.text


async def test_reading_and_deciding_stand_in_the_audit_log_without_a_word_of_the_text(served: Served) -> None:
    report_id = await told(served, TONIGHT)
    await queue(served)
    await served.client.get(f"{QUEUE}/{report_id}", headers=served.head("analyst"))
    await say(served, report_id, "dismissal", {"reason": "Hemmelig grunn."})
    async with served.app.state.parts.database.read() as session:
        rows = list(await session.execute(audit.AUDIT.select().order_by(audit.AUDIT.c.seq)))
    mine = [row for row in rows if row.action.startswith("threat-watch.triage.")]
    assert [(row.action, row.kind) for row in mine] == [
        ("threat-watch.triage.read", "CONSULTATION"),
        ("threat-watch.triage.read", "CONSULTATION"),
        ("threat-watch.triage.decide", "ALTERATION"),
    ]
    assert all(report_id in row.objects for row in mine)
    assert all(word not in str(row) for row in rows for word in ("Oppdiktsen", "Hemmelig", "skyte"))


async def test_texts_of_a_batch_are_read_one_by_one(served: Served) -> None:
    reports = [
        {"key": f"k{n}", "report": served.body(text=text, signals=[], origin=f"B{n}")}
        for n, text in enumerate((TONIGHT, QUIET, LATER))
    ]
    answer = await served.client.post(
        "/threat-watch/v1/reports:batch", json={"reports": reports}, headers=served.head("source.handler")
    )
    assert [item["status"] for item in answer.json()["items"]] == [201] * 3
    assert len((await queue(served))["items"]) == 2
    assert len(await served.said(events.ReportEscalated)) == 1


async def test_a_text_not_yet_graded_from_the_duty_phone_is_read_too(served: Served) -> None:
    report_id = await told(
        served, "Ringeren sier at de kommer for å drepe ham i kveld.", role="duty.officer", channel="DUTY_PHONE",
        grading=..., verified=..., exposure=...,
    )  # fmt: skip
    done = await say(served, report_id, "confirmation", {})
    (page,) = await served.said(events.EscalationRaised)
    assert isinstance(page, events.EscalationRaised)
    assert (page.lane, page.rules[0]) == ("NORMAL", "imminent-ungraded")
    assert done.json()["threats"][0]["id"] == page.threat_id
