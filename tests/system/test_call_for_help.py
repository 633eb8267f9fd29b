"""A call for help through the whole embedded system: meetings has who called, and nothing else has."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from bench import systems
from tests.system.story import Story

NAME = "Kanarifugl Hemmeligheim"
WORDS = f"{NAME} sier at de skal ta broren hans i natt."
THREATENED = "Hemmeligheim"
FORM = "/notifier/calls/new"
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="forkant-call-") as made:
        yield Path(made)


class Desk:
    """The duty officer's browser, and every word the system said to it."""

    def __init__(self, url: str) -> None:
        self.heard: list[httpx.Response] = []
        self.client = httpx.Client(base_url=url, headers={"accept": "text/html"}, timeout=20)
        self.told: list[dict[str, Any]] = []
        self.metrics = ""

    def get(self, path: str) -> httpx.Response:
        return self._keep(self.client.get(path))

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        # A browser takes loopback for a secure place; this client does not.
        for cookie in self.client.cookies.jar:
            cookie.secure = False
        self.heard.append(answer)
        return answer

    def send(self, path: str, fields: dict[str, str]) -> httpx.Response:
        token = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert token
        return self._keep(self.client.post(path, data={"csrf": token.group(1), **fields}))


@pytest.fixture(scope="module")
def desk(place: Path) -> Iterator[Desk]:
    """The call is looked up, noted, and handed over; then nobody does anything for a moment."""
    with systems.embedded(var=place) as system:
        found = Desk(system.url)
        assert found.send("/auth/login", {"user": "duty.officer"}).status_code == 303
        call = {"caller": "KNOWN", "caller_name": NAME, "what": WORDS, "urgency": "NOW", "violence": "yes"}
        call |= {"threatened": THREATENED}
        assert found.send(FORM, {**call, "lookup": "yes"}).status_code == 200
        assert found.send(FORM, call).status_code == 303
        story = Story(system.url)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            status = story.client.get("/notifier/v1/status", headers=story.as_user("duty.officer")).json()
            if not status["contacts_waiting"] and not status["reports_waiting"]:
                break
            time.sleep(0.2)
        assert (status["contacts_waiting"], status["reports_waiting"]) == (0, 0), status
        assert (status["contacts_refused"], status["reports_refused"]) == (0, 0), status
        told = story.client.get("/meetings/v1/contacts/calls", headers=story.as_user("dialogue.officer"))
        found.told = told.json()["items"]
        found.metrics = story.client.get("/metrics").text
        assert found.get("/notifier/calls").status_code == 200
        found.get("/")
        time.sleep(2)
        yield found
        story.close()
        found.client.close()


def test_meetings_has_the_contact_with_the_caller(desk: Desk) -> None:
    (contact,) = desk.told
    assert (contact["caller"]["name"], contact["what"], contact["entered_by"]) == (NAME, WORDS, "duty.officer")


def test_threat_watch_has_a_report_that_is_not_graded_and_may_not_be_shown(desk: Desk, place: Path) -> None:
    assert desk.heard
    with sqlite3.connect(place / "threat-watch.sqlite3") as own:
        dump = "\n".join(own.iterdump())
    assert "DUTY_PHONE" in dump
    assert "[den som ringte] sier at de skal ta broren hans i natt." in dump


def test_the_caller_is_in_no_file_but_those_of_meetings(desk: Desk, place: Path) -> None:
    assert desk.heard
    files = [path for path in place.rglob("*") if path.is_file()]
    assert {"bus.sqlite3", "notifier.sqlite3", "threat-watch.sqlite3", "registry.sqlite3"} <= {
        one.name for one in files
    }
    held = {
        path.name.partition(".")[0]
        for path in files
        for word in (*NAME.split(), *NAME.lower().split())
        if word.encode() in path.read_bytes() or word.encode().hex().upper().encode() in path.read_bytes()
    }
    assert held == {"meetings"}


def test_what_was_said_has_left_the_notifier(desk: Desk, place: Path) -> None:
    assert desk.heard
    with sqlite3.connect(place / "notifier.sqlite3") as own:
        assert "skal ta broren" not in "\n".join(own.iterdump())


def test_no_address_header_page_of_the_desk_or_metric_knows_the_caller(desk: Desk) -> None:
    for answer in desk.heard:
        assert "Hemmeligheim" not in str(answer.url) + str(answer.headers) + str(answer.request.url)
        if answer.request.method == "GET":
            assert "Hemmeligheim" not in answer.text, answer.url.path
    assert "Hemmeligheim" not in desk.metrics
