"""A call on its way to meetings: not lost, not readable here, and gone once meetings has it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from prometheus_client import generate_latest

from forkant_notifier.commands.calling import log_call, send_reports
from forkant_notifier.commands.contacting import send_contacts
from forkant_notifier.commands.desk import desk_of
from forkant_notifier.domain.call import THE_CALLER, Caller, without_caller
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk
from tests.notifier.test_calls import NOBODY, OFFICER, ThreatWatch, wish

NAME = "Oppdiktet Kanarifugl"
WORDS = "Vil snakke om broren sin"


def bytes_of(folder: Path) -> bytes:
    """Every file of the database as it lies there, write-ahead log and freed pages too."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


async def noted(desk: TestDesk, **changed: Any) -> None:
    given: dict[str, Any] = {"violence": False, "what": WORDS, "who": Caller(NAME)}
    await log_call(desk.parts, OFFICER, wish(**given | changed))


async def test_every_call_goes_to_meetings_with_who_called_and_both_times(desk: TestDesk) -> None:
    peer = ThreatWatch()
    desk.parts.peers = peer
    rang = desk.clock.now() - timedelta(hours=9)
    await noted(desk, called_at=rang, who=Caller(NAME, NOBODY))
    assert await send_contacts(desk.parts) == 1
    (request,) = peer.got
    body = json.loads(request.content)
    assert request.url.path == "/meetings/v1/contacts/calls"
    assert body["caller"] == {"name": NAME, "actor_id": NOBODY}
    assert (body["what"], body["entered_by"]) == (WORDS, "duty.officer")
    assert (body["called_at"], body["entered_at"]) == (rang.isoformat(), desk.clock.now().isoformat())
    assert await send_contacts(desk.parts) == 0


@pytest.mark.parametrize("status", [0, 500, 503, 401, 403, 404, 204])
async def test_a_call_is_not_lost_while_meetings_is_away_and_is_gone_from_here_when_it_is_back(
    desk: TestDesk, status: int
) -> None:
    peer = ThreatWatch(status)
    desk.parts.peers = peer
    await noted(desk)
    for _ in range(8):
        assert await send_contacts(desk.parts) == 0
        desk.clock.advance(timedelta(seconds=60))
    assert (await desk.get("/notifier/v1/status"))["contacts_waiting"] == 1
    peer.status = 201
    assert await send_contacts(desk.parts) == 1
    assert len({request.headers["idempotency-key"] for request in peer.got}) == 1
    assert [job["sealed"] for job in await desk.rows("select sealed from contact_jobs")] == [None]
    assert [call["what"] for call in await desk.rows("select what from calls")] == [""]


async def test_who_called_and_what_was_said_is_readable_in_no_file_here_before_or_after(
    desk: TestDesk, tmp_path: Path
) -> None:
    peer = ThreatWatch(503)
    desk.parts.peers = peer
    await noted(desk)
    assert b"duty.officer" in bytes_of(tmp_path), "the call itself is there"
    await send_contacts(desk.parts)
    for status in (503, 201):
        peer.status = status
        desk.clock.advance(timedelta(seconds=60))
        await send_contacts(desk.parts)
        for secret in (NAME, "Kanarifugl", WORDS):
            assert secret.encode() not in bytes_of(tmp_path)
            assert secret.encode() not in generate_latest()


async def test_what_meetings_will_never_take_stays_sealed_and_is_shown(desk: TestDesk) -> None:
    desk.parts.peers = ThreatWatch(422)
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    await noted(desk)
    assert "1 innringing er på vei til dialogen" in await browser.get("/")
    await send_contacts(desk.parts)
    assert "1 innringing ble avvist av dialogen" in await browser.get("/")
    await browser.client.aclose()
    desk.clock.advance(timedelta(hours=1))
    assert await send_contacts(desk.parts) == 0
    assert (await desk.get("/notifier/v1/status"))["contacts_refused"] == 1
    (job,) = await desk.rows("select sealed from contact_jobs")
    assert job["sealed"] and WORDS.encode() not in job["sealed"]


async def test_a_call_sealed_with_another_key_waits_for_that_key(desk: TestDesk) -> None:
    desk.parts.peers = ThreatWatch()
    await noted(desk)
    kept, desk_of(desk.parts).link_key = desk_of(desk.parts).link_key, b"another key"
    assert await send_contacts(desk.parts) == 0
    desk_of(desk.parts).link_key = kept
    desk.clock.advance(timedelta(minutes=1))
    assert await send_contacts(desk.parts) == 1


async def test_the_report_to_threat_watch_has_no_part_of_the_callers_name(desk: TestDesk) -> None:
    peer = ThreatWatch()
    desk.parts.peers = peer
    said = f"{NAME} sier at de tar Kanarifugls bror, og kanskje oppdiktet selv."
    await noted(desk, violence=True, what=said, threatened=NAME)
    assert await send_reports(desk.parts) == 1
    (request,) = peer.got
    body = json.loads(request.content)
    assert "kanarifugl" not in request.content.decode().lower() and "oppdiktet" not in request.content.decode().lower()
    assert body["text"] == f"{THE_CALLER} sier at de tar {THE_CALLER} bror, og kanskje {THE_CALLER} selv."
    assert body["signals"][0]["target"] == {"kind": "UNKNOWN"}
    assert NAME not in str(await desk.rows("select * from report_jobs"))


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("De tar ham", None, "De tar ham"),
        ("De tar ham", " ", "De tar ham"),
        ("Anna-Lise ringte", "Anna-Lise", f"{THE_CALLER} ringte"),
        ("Analyse av saken", "Ana", "Analyse av saken"),
        ("O ringte", "O", "O ringte"),
        ("a.b (c", "a.b (c", "a.b (c"),
    ],
)
def test_only_whole_words_of_the_name_are_taken_out(text: str, name: str | None, left: str) -> None:
    assert without_caller(text, name) == left


async def test_a_form_sent_twice_is_one_call(desk: TestDesk) -> None:
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    form = "/notifier/calls/new"
    given = {"key": NOBODY, "caller": "KNOWN", "caller_name": NAME, "what": WORDS, "urgency": "SOON"}
    for _ in range(2):
        assert (await browser.send(form, form, **given)).status_code == 303
    assert len(await desk.rows("select 1 from calls")) == len(await desk.rows("select 1 from contact_jobs")) == 1
    await browser.client.aclose()


class Registry(ThreatWatch):
    """Answers a look-up as it is told."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await super().handle_async_request(request)
        results = [{"id": NOBODY, "label": "Oppdiktet Treff"}] if self.status == 200 else []
        return httpx.Response(self.status, json={"responses": {"caller": {"results": results}}})


@pytest.mark.parametrize(
    ("status", "shown"), [(200, "Oppdiktet Treff"), (422, "Vi fant ingen"), (503, "Registeret svarer ikke")]
)
async def test_a_caller_is_looked_up_in_the_officers_own_name_and_nothing_written_is_lost(
    desk: TestDesk, status: int, shown: str
) -> None:
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    peer = Registry(status)
    desk.parts.peers = peer
    form = "/notifier/calls/new"
    answer = await browser.send(form, form, lookup="yes", caller_name=NAME, what=WORDS, urgency="NOW")
    assert answer.status_code == 200
    assert shown in answer.text and WORDS in answer.text and NAME in answer.text
    (request,) = peer.got
    assert NAME not in str(request.url) and "cookie" in request.headers
    assert await desk.rows("select 1 from calls") == []
    await browser.client.aclose()


async def test_a_known_caller_without_a_name_is_asked_for_one(desk: TestDesk) -> None:
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    form = "/notifier/calls/new"
    answer = await browser.send(form, form, caller="KNOWN", what=WORDS, urgency="NOW")
    assert answer.status_code == 422 and "Skriv navnet" in answer.text
    await browser.client.aclose()
