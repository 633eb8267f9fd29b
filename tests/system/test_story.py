"""The story that must always work, on a real system over real HTTP: from a graded report to an answered phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench import systems
from tests.system.story import Story


@pytest.fixture(scope="module", params=["embedded", pytest.param("full", marks=pytest.mark.connected)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "full":
        request.getfixturevalue("kafka_server")
        request.getfixturevalue("postgres_server")
    start = systems.embedded if request.param == "embedded" else systems.full
    with start() as system:
        yield system.url


@pytest.fixture
def story(url: str) -> Iterator[Story]:
    told = Story(url)
    yield told
    told.close()


def test_the_case_of_2008_becomes_one_threat_that_rings_and_is_answered(story: Story) -> None:
    story.register("Sagmark")
    first, *others = story.reports()
    grievance = story.post(first, "2008-R1")
    assert grievance.status_code == 201
    assert re.fullmatch(r"R-\d{4}-\d{6}", grievance.json()["reference"])
    assert grievance.json()["threats"] == []

    answers = [story.post(body, f"2008-R{number}") for number, body in enumerate(others, start=2)]
    assert [answer.status_code for answer in answers] == [201] * 4
    threats = {threat["id"] for answer in answers for threat in answer.json()["threats"]}
    assert len(threats) == 1, "five reports are one threat"
    threat_id = threats.pop()

    threat = story.threat(threat_id)
    assert threat["level"] == "CRITICAL"
    assert threat["index"] == pytest.approx(0.953, abs=0.001)
    assert {factor["factor"] for factor in threat["factors"]} >= {"GRIEVANCE", "INTENT", "RECONNAISSANCE"}
    assert threat["policy_version"] and threat["rules"] and threat["checklist"] is not None

    page = story.wait(lambda: [page for page in story.pages(threat_id) if page["lane"] == "LIFE"])[-1]
    message = story.wait(lambda: [sent for sent in story.messages() if page["code"] in sent["body"]])[0]
    assert message["body"] == f"Forkant {page['code']} HASTER. Logg inn."

    reply = story.client.post("/notifier/sandbox/replies", json={"from": message["to"], "body": page["code"].lower()})
    assert reply.status_code < 300, reply.text
    accepted = story.wait(
        lambda: [found for found in story.pages(threat_id) if found["id"] == page["id"] and found["accepted_at"]]
    )[0]
    assert accepted["state"] == "ACCEPTED"
    assert accepted["accepted_by"] == "duty.officer"
    assert all(
        attempt["submitted_at"] is not None for attempt in accepted["attempts"] if attempt["state"] == "SUBMITTED"
    )


def test_a_repeat_is_the_same_report_and_another_body_is_refused(story: Story) -> None:
    story.register("Kvernmo")
    body = story.reports()[1]
    # Aimed at somebody else than in the case of 2008, which may run in the same system.
    body["signals"][0]["target"] = {"kind": "ROLE", "code": "WITNESS"}
    first, again = story.post(body, "repeat"), story.post(body, "repeat")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = story.post({**body, "origin": "S9"}, "repeat")
    assert other.status_code == 409
    assert other.headers["content-type"].startswith("application/problem+json")
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


def test_nobody_without_a_token_gets_anything(story: Story) -> None:
    for path in ("/threat-watch/v1/threats", "/registry/v1/actors?q=x", "/notifier/v1/pages", "/meetings/v1/meetings"):
        answer = story.client.get(path)
        assert answer.status_code == 401, path
        assert answer.json()["title"] == "Not signed in"


@pytest.mark.parametrize("service", ["registry", "meetings", "threat-watch", "notifier"])
def test_every_service_says_what_it_answers_and_how_it_is(story: Story, service: str) -> None:
    assert story.client.get(f"/{service}/openapi.json").json()["openapi"].startswith("3.1")
    assert story.client.get(f"/{service}/health/live").status_code == 200
    assert story.client.get(f"/{service}/health/ready").status_code == 200
