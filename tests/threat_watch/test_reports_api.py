"""Reports in, over HTTP: stored, joined and answered in one transaction."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.clock import new_id
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands import due
from tests.threat_watch.serving import GRADES, Served, signal


async def test_a_report_is_answered_with_its_reference_and_its_threat(served: Served) -> None:
    answer = await served.report()
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {"id", "reference", "received_at", "threats"}
    assert re.fullmatch(r"R-\d{4}-000001", told["reference"])
    assert re.fullmatch(r"T-\d{4}-000001", told["threats"][0]["reference"])
    assert answer.headers["location"].endswith(told["id"])
    threat = await served.threat(told["threats"][0]["id"])
    assert threat["level"] == "MODERATE"
    assert [share["report"] for share in threat["factors"][0]["signals"]] == [told["id"]]


async def test_the_shares_of_a_threat_add_up(served: Served) -> None:
    gang = {"kind": "GROUP", "id": new_id()}
    await served.report(signals=[signal(factor="GRIEVANCE", strength=0.9, aggressor=gang, target=...)])
    answer = await served.report(origin="S2", signals=[signal(aggressor=gang)])
    threat = await served.threat(answer.json()["threats"][0]["id"])
    assert {factor["factor"] for factor in threat["factors"]} == {"GRIEVANCE", "INTENT"}
    for factor in threat["factors"]:
        assert sum(share["share"] for share in factor["signals"]) == pytest.approx(factor["share"])


async def test_the_same_key_and_body_is_the_same_report(served: Served) -> None:
    body = served.body()
    headers = served.head("source.handler") | {"Idempotency-Key": "k1"}
    first = await served.client.post("/threat-watch/v1/reports", json=body, headers=headers)
    again = await served.client.post("/threat-watch/v1/reports", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await served.client.post("/threat-watch/v1/reports", json={**body, "origin": "S9"}, headers=headers)
    assert other.status_code == 409
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(await served.said(events.ReportReceived)) == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"channel": "PIGEON"}, "channel"),
    ({"channel": ...}, "channel"),
    ({"observed_at": "2026-01-01T10:00:00"}, "observed_at"),
    ({"observed_at": 1700000000}, "observed_at"),
    ({"observed_at": "2099-01-01T10:00:00+01:00"}, "observed_at"),
    ({"grading": {"scale": "GUESS", "source": "A", "information": "1"}}, "grading.scale"),
    ({"grading": {"scale": "ADMIRALTY", "source": "Z", "information": "1"}}, "grading.source"),
    ({"grading": {"scale": "ADMIRALTY", "source": "A", "information": "9"}}, "grading.information"),
    ({"grading": ...}, "grading"),
    ({"exposure": ...}, "exposure"),
    ({"verified": "yes"}, "verified"),
    ({"origin": ""}, "origin"),
    ({"nobody": 1}, "nobody"),
    ({"signals": [signal(factor="MOOD")]}, "signals.0.factor"),
    ({"signals": [signal(strength="VERY")]}, "signals.0.strength"),
    ({"signals": [signal(aggressor={"kind": "GROUP", "id": "x"})]}, "signals.0.aggressor.GROUP.id"),
    ({"signals": [signal(imminence_hours=-1)]}, "signals.0.imminence_hours"),
    ({"signals": [], "text": "  "}, "signals"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG, ids=[field for _, field in WRONG])
async def test_a_wrong_report_names_the_field_and_the_remedy_and_changes_nothing(
    served: Served, changes: dict[str, Any], field: str
) -> None:
    answer = await served.report(**changes)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()["errors"][0]
    assert problem["field"].startswith(field.split(".GROUP")[0])
    assert problem["remedy"]
    assert await served.said(events.ReportReceived) == []


async def test_a_call_nobody_has_graded_pages_and_says_so(served: Served) -> None:
    answer = await served.report(
        "k", channel="DUTY_PHONE", grading=..., verified=..., exposure=..., signals=[signal(imminence_hours=5)]
    )
    assert answer.status_code == 201, answer.text
    (raised,) = await served.said(events.EscalationRaised)
    assert (raised.lane, raised.rules[0]) == ("NORMAL", "imminent-ungraded")
    threat = await served.threat(answer.json()["threats"][0]["id"])
    assert threat["level"] == "LOW" and "NOT_GRADED" in threat["missing"]


async def test_a_strange_code_in_an_optional_field_loses_no_report(served: Served) -> None:
    answer = await served.report(signals=[signal(place="en plass i øst")])
    assert answer.status_code == 201


async def test_two_reports_at_once_about_the_same_are_one_threat(served: Served) -> None:
    said = signal()
    answers = await asyncio.gather(*(served.report(origin=f"S{number}", signals=[said]) for number in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["threats"][0]["id"] for answer in answers}) == 1
    assert len({answer.json()["reference"] for answer in answers}) == 6
    threat = await served.threat(answers[0].json()["threats"][0]["id"])
    assert len(threat["factors"][0]["signals"]) == 6


async def test_a_batch_answers_each_by_itself(served: Served) -> None:
    good, bad = served.body(), served.body(channel="PIGEON")
    answer = await served.client.post(
        "/threat-watch/v1/reports:batch",
        json={"reports": [{"key": "a", "report": good}, {"key": "b", "report": bad}, {"key": "a", "report": good}]},
        headers=served.machine("forkant:reports.write"),
    )
    assert answer.status_code == 200, answer.text
    lines = answer.json()["items"]
    assert [line["status"] for line in lines] == [201, 422, 200]
    assert lines[1]["problem"]["errors"][0]["field"] == "channel"
    assert lines[0]["report"] == lines[2]["report"]


async def test_the_report_is_read_by_those_who_may_and_by_nobody_else(served: Served) -> None:
    told = (await served.report()).json()
    path = f"/threat-watch/v1/reports/{told['id']}"
    seen = await served.client.get(path, headers=served.head("analyst"))
    assert seen.json()["text"] == "Noe skal skje."
    assert seen.json()["threats"] == told["threats"] and seen.json()["grading"] == GRADES
    assert (await served.client.get(path)).status_code == 401
    assert (await served.client.get(path, headers=served.head("registrar"))).status_code == 403
    secret = (await served.report(handling="SECRET")).json()["id"]
    hidden = await served.client.get(f"/threat-watch/v1/reports/{secret}", headers=served.head("duty.officer"))
    nobody = await served.client.get(f"/threat-watch/v1/reports/{new_id()}", headers=served.head("duty.officer"))
    assert hidden.status_code == nobody.status_code == 404
    assert hidden.json() == nobody.json()


async def test_a_system_without_the_scope_may_send_nothing(served: Served) -> None:
    headers = served.machine("forkant:registry.read")
    answer = await served.client.post("/threat-watch/v1/reports", json=served.body(), headers=headers)
    assert answer.status_code == 403


async def test_reports_not_yet_graded_are_listed_for_the_analyst(served: Served) -> None:
    await served.report()
    told = (await served.report(channel="WALK_IN", grading=..., verified=..., exposure=...)).json()
    answer = await served.client.get("/threat-watch/v1/reports?ungraded=true", headers=served.head("analyst"))
    assert [item["id"] for item in answer.json()["items"]] == [told["id"]]


async def test_time_alone_reviews_a_threat_and_the_level_waits_for_a_person(served: Served) -> None:
    told = (await served.report()).json()
    threat_id = told["threats"][0]["id"]
    before = await served.threat(threat_id)
    for _ in range(60):
        served.forward(days=1)
        while await due.let_time_speak(served.app.state.parts):
            pass
    after = await served.threat(threat_id)
    assert after["index"] < before["index"]
    assert after["level"] == before["level"] == "MODERATE"
    assert "lowering-proposed" in {review.cause for review in await served.said(events.ReviewRequested)}
    asked = await served.client.get("/threat-watch/v1/reviews", headers=served.head("analyst"))
    assert {item["cause"] for item in asked.json()["items"]} >= {"lowering-proposed"}
    assert asked.json()["items"][0]["due_at"] > (served.clock.now() - timedelta(days=60)).isoformat()


@pytest.mark.connected
async def test_on_postgresql_reports_that_cross_are_one_threat_and_all_counted(served_postgres: Served) -> None:
    said = signal()
    answers = await asyncio.gather(
        *(served_postgres.report(origin=f"S{number}", signals=[said]) for number in range(12))
    )
    assert {answer.status_code for answer in answers} == {201}
    (threat_id,) = {answer.json()["threats"][0]["id"] for answer in answers}
    assert len((await served_postgres.threat(threat_id))["factors"][0]["signals"]) == 12


async def test_confirmed_does_not_lean_on_a_report_of_the_same_origin(served: Served) -> None:
    first = (await served.report("a", origin="S1")).json()["id"]
    confirmed = {"scale": "ADMIRALTY", "source": "B", "information": "1"}
    echo = await served.report("b", origin="S1", grading=confirmed, confirmed_by=[first])
    assert echo.status_code == 422
    assert echo.json()["errors"][0]["field"] == "confirmed_by"
    assert (await served.report("c", origin="S2", grading=confirmed, confirmed_by=[first])).status_code == 201
    lower = {"scale": "ADMIRALTY", "source": "B", "information": "2"}
    assert (await served.report("d", origin="S1", grading=lower, confirmed_by=[first])).status_code == 201
    nobody = await served.report("e", origin="S3", confirmed_by=["01890c5d-1111-7abc-8def-000000000001"])
    assert nobody.json()["errors"][0]["field"] == "confirmed_by"
