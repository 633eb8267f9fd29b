"""A secret word goes in through every door, and is found nowhere it must not be."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from bench import systems
from tests.system.story import Story

SECRET = "Hemmeligheim"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-leak-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def answers(place: Path) -> Iterator[list[httpx.Response]]:
    """Everything the system said while the secret went in, and an idle moment for the bus to carry it on."""
    with systems.embedded(var=place) as system:
        story = Story(system.url)
        heard: list[httpx.Response] = []
        story.client.event_hooks["response"] = [heard.append]
        story.register(SECRET)
        body = story.reports()[1] | {"text": f"{SECRET} skal tas.", "origin": "S1"}
        body["signals"][0]["target"] = {"kind": "NAME", "name": f"Oppdiktet Leder {SECRET}"}
        body["signals"][0]["imminence_hours"] = 4
        made = story.post(body, "leak-1")
        assert made.status_code == 201, made.text
        threat = made.json()["threats"][0]["id"]
        story.wait(lambda: [page for page in story.pages(threat) if page["attempts"]])
        story.wait(story.messages)
        # Wrong in every way, with the secret in each field.
        for wrong in (
            body | {"unknown": SECRET},
            body | {"channel": SECRET},
            body | {"observed_at": SECRET},
            body | {"grading": {"scale": SECRET, "source": SECRET, "information": SECRET}},
            body | {"signals": [{"factor": SECRET, "strength": SECRET}]},
        ):
            refused = story.post(wrong, "leak-2")
            assert refused.status_code == 422, refused.text
            assert SECRET not in refused.text
        for path in (f"/registry/v1/actors/{SECRET}", f"/threat-watch/v1/threats/{SECRET}", f"/notifier/{SECRET}"):
            assert SECRET not in story.client.get(path, headers=story.as_user("analyst")).text
        yield heard
        story.close()


def test_the_secret_is_in_no_message_and_no_page_list(answers: list[httpx.Response]) -> None:
    for answer in answers:
        if answer.url.path.startswith(("/notifier/", "/auth/")):
            answer.read()
            assert SECRET not in answer.text, answer.url.path


def test_the_secret_is_in_no_url_and_no_header(answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert SECRET not in json.dumps(dict(answer.headers))


def test_the_secret_is_in_no_log_line(answers: list[httpx.Response], place: Path) -> None:
    assert answers
    assert SECRET not in (place / "bench.log").read_text()


def test_the_secret_is_in_no_event(answers: list[httpx.Response], place: Path) -> None:
    assert answers
    with sqlite3.connect(place / "bus.sqlite3") as bus:
        dump = "\n".join(bus.iterdump())
    assert "no.forkant.threat-watch.escalation-raised.v1" in dump or b"escalation-raised".hex().upper() in dump
    assert SECRET not in dump
    assert SECRET.encode().hex().upper() not in dump
    for service in ("registry", "threat-watch", "notifier", "meetings"):
        with sqlite3.connect(place / f"{service}.sqlite3") as own:
            for (envelope,) in own.execute("select envelope from outbox"):
                assert SECRET not in envelope


def test_the_secret_is_not_in_the_notifier_at_all(answers: list[httpx.Response], place: Path) -> None:
    assert answers
    with sqlite3.connect(place / "notifier.sqlite3") as own:
        assert SECRET not in "\n".join(own.iterdump())
