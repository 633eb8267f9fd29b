"""`docker compose up`, for real: the story through the gateway, and every container killed once.

Only where a Docker engine answers. CI machines have none, so this is the one place where CI=true does not turn a skip
into a failure.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared.clock import new_id
from tests.system.composed import Composed, engine_answers
from tests.system.story import Story

NO_ENGINE = (
    "not possible on this machine: no Docker engine answers `docker info`, so docker-compose.yml is not tried "
    "(no failure with CI=true either: CI machines have no engine); install Docker with compose to run it"
)
SERVICES = {
    "registry": "forkant_registry",
    "meetings": "forkant_meetings",
    "threat-watch": "forkant_threat_watch",
    "notifier": "forkant_notifier",
}
KILLED = ["kafka", "registry", "meetings", "notifier", "threat-watch", "postgres", "gateway"]

pytestmark = [pytest.mark.containers, pytest.mark.timeout(300, func_only=True)]


@pytest.fixture(scope="module")
def composed() -> Iterator[Composed]:
    if not engine_answers():
        pytest.skip(NO_ENGINE)
    system = Composed()
    system.build()
    try:
        system.up()
        yield system
    finally:
        system.down()


@pytest.fixture(scope="module")
def story(composed: Composed) -> Iterator[Story]:
    told = Story(composed.url)
    yield told
    told.close()


def deliver(story: Story, body: dict[str, Any], key: str, seconds: float = 60) -> dict[str, Any]:
    """Post a report as a system must: the same key again until it is accepted."""
    until = time.monotonic() + seconds
    while True:
        try:
            answer = story.post(body, key)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code in (200, 201):
            return dict(answer.json())
        assert answer is None or answer.status_code == 503, answer.text
        assert time.monotonic() < until, "the report was never accepted"
        time.sleep(0.25)


def test_the_story_is_told_through_the_gateway_and_answered_from_the_phone(story: Story) -> None:
    story.register("Sagmark")
    answers = [story.post(body, new_id()) for body in story.reports()]
    assert [answer.status_code for answer in answers] == [201] * 5
    threats = {threat["id"] for answer in answers for threat in answer.json()["threats"]}
    assert len(threats) == 1
    threat = threats.pop()
    assert story.threat(threat)["level"] == "CRITICAL"

    page = story.wait(lambda: [page for page in story.pages(threat) if page["lane"] == "LIFE"])[-1]
    sent = story.wait(lambda: [found for found in story.messages() if page["code"] in found["body"]])[0]
    assert re.fullmatch(rf"Forkant {page['code']} HASTER\. Logg inn\.", sent["body"])
    reply = story.client.post("/notifier/sandbox/replies", json={"from": sent["to"], "body": page["code"]})
    assert reply.status_code < 300, reply.text
    answered = story.wait(lambda: [p for p in story.pages(threat) if p["id"] == page["id"] and p["accepted_at"]])[0]
    assert (answered["state"], answered["accepted_by"]) == ("ACCEPTED", "duty.officer")


def test_the_gateway_sends_each_path_to_its_owner_and_nothing_else_listens(composed: Composed) -> None:
    for service in SERVICES:
        document = httpx.get(f"{composed.url}/{service}/openapi.json").json()
        assert all(path.startswith((f"/{service}/", "/auth")) or path == "/" for path in document["paths"])
    assert httpx.get(f"{composed.url}/auth/jwks.json").json()["keys"]
    assert httpx.get(composed.url, follow_redirects=False).status_code in (200, 303)
    assert httpx.get(f"{composed.url}/metrics").status_code in (401, 404)
    for service in [*SERVICES, "postgres", "kafka", "gateway"]:
        bound = composed.inspect(service)["NetworkSettings"]["Ports"] or {}
        hosts = {entry["HostIp"] for entries in bound.values() if entries for entry in entries}
        assert hosts == ({"127.0.0.1"} if service == "gateway" else set()), service


def test_the_services_run_without_rights_and_on_a_disk_they_cannot_write(composed: Composed) -> None:
    for service in SERVICES:
        found = composed.inspect(service)
        assert found["Config"]["User"] == "10001:10001"
        assert found["HostConfig"]["ReadonlyRootfs"]
        assert found["HostConfig"]["CapDrop"] == ["ALL"]
        write = "open('/opt/forkant/x', 'w')"
        said = composed.compose("exec", "-T", service, "python", "-c", f"try:\n {write}\nexcept OSError as e: print(e)")
        assert "Read-only file system" in said


def test_the_gateway_passes_a_large_body_on_to_whoever_says_what_is_wrong_with_it(story: Story) -> None:
    for size in (2_200_000, 4_000_000):
        answer = story.post({"text": "x" * size}, new_id())
        assert answer.status_code == 413
        assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_live_page_hears_through_the_gateway_at_once(story: Story) -> None:
    story.register("Livemark")
    headers = {**story.as_user("duty.officer"), "Accept": "text/event-stream"}
    with story.client.stream("GET", "/notifier/feed", headers=headers, timeout=15) as feed:
        assert feed.status_code == 200
        started = time.monotonic()
        deliver(story, story.reports()[1], new_id())
        assert any("changed" in line for line in feed.iter_lines())
        assert time.monotonic() - started < 20


def test_every_container_killed_once_loses_no_report_and_doubles_no_page(composed: Composed, story: Story) -> None:
    bodies, keys = {}, {service: new_id() for service in KILLED}
    for service in KILLED:
        story.register(f"Faldmark {service}")
        bodies[service] = story.reports()[1]
    accepted = {}
    for service in KILLED:
        composed.kill(service)
        if service in ("kafka", "registry", "meetings", "notifier"):
            # Nothing of these stands between a report and its answer.
            accepted[service] = deliver(story, bodies[service], keys[service], seconds=5)
            composed.start(service)
        else:
            composed.start(service)
            accepted[service] = deliver(story, bodies[service], keys[service])
        composed.wait_healthy(service)
    for service in SERVICES:
        composed.wait_healthy(service)

    for service, report in accepted.items():
        again = story.post(bodies[service], keys[service])
        assert (again.status_code, again.json()) == (200, report), f"the report given while {service} was dead"
        (threat,) = [found["id"] for found in report["threats"]]
        page = story.wait(lambda threat=threat: story.pages(threat), seconds=60)
        assert len(page) == 1, f"one page for the report given while {service} was dead"
        code = page[0]["code"]
        story.wait(lambda code=code: [sent for sent in story.messages() if code in sent["body"]], seconds=60)


def test_a_process_that_ends_by_itself_is_started_again(composed: Composed) -> None:
    before = composed.inspect("threat-watch")["State"]["StartedAt"]
    end = "import os, signal; os.kill(1, signal.SIGTERM)"
    composed.compose("exec", "-T", "threat-watch", "python", "-c", end)
    until = time.monotonic() + 30
    while composed.inspect("threat-watch")["State"]["StartedAt"] == before:
        assert time.monotonic() < until, "the engine did not start it again"
        time.sleep(0.25)
    composed.wait_healthy("threat-watch")
    assert composed.answers("/threat-watch/health/ready")


@pytest.mark.parametrize("service", SERVICES)
def test_after_all_of_it_the_audit_chain_holds_and_no_event_waits_for_a_person(
    composed: Composed, service: str
) -> None:
    run = ("exec", "-T", service, "python", "-m", SERVICES[service])
    assert composed.compose(*run, "audit", "verify").startswith("The chain holds")
    assert composed.compose(*run, "dead-letters", "list") == ""
