"""The desk's pages over HTTP: login, board, page, duty, calls, fake phone, signed link, live feed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx2 as httpx
import pytest

import forkant_notifier
from forkant_notifier.commands.answering import sign_link
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.pages import board
from forkant_shared.identity import COOKIE
from forkant_shared.web import missing_translations
from tests.notifier.support.desk import LINES, TestDesk, escalation

HTML = {"accept": "text/html"}


class Browser:
    """Follows forms as a browser without scripts would."""

    def __init__(self, desk: TestDesk) -> None:
        self.client = httpx.AsyncClient(transport=desk.client._transport, base_url="https://forkant.test", headers=HTML)

    async def get(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path, follow_redirects=True)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    async def send(self, shown_on: str, path: str, /, **fields: str) -> httpx.Response:
        """Post a form with the token found on a page."""
        token = re.search(r'name="csrf" value="([^"]+)"', await self.get(shown_on))
        assert token
        return await self.client.post(path, data={"csrf": token.group(1), **fields})

    async def log_in(self, user: str) -> None:
        answer = await self.send("/auth/login", "/auth/login", user=user)
        assert answer.status_code == 303, answer.text


@pytest.fixture
async def browser(desk: TestDesk) -> AsyncIterator[Browser]:
    found = Browser(desk)
    await found.log_in("duty.officer")
    yield found
    await found.client.aclose()


async def paged(desk: TestDesk, lane: str = "LIFE") -> dict[str, str]:
    await desk.hear(escalation(lane=lane))
    await desk.send()
    page: dict[str, str] = (await desk.pages())[0]
    return page


async def test_without_a_login_the_board_sends_to_login_and_back(desk: TestDesk) -> None:
    answer = await desk.client.get("/", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2F"


async def test_the_cookies_are_host_bound_secure_and_not_for_scripts(desk: TestDesk) -> None:
    browser = Browser(desk)
    answer = await browser.send("/auth/login", "/auth/login", user="duty.officer", next="/notifier/duty")
    assert answer.headers["location"] == "/notifier/duty"
    cookies = [c for c in answer.headers.get_list("set-cookie") if c.startswith((COOKIE, "__Host-forkant-session"))]
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_a_login_never_sends_anybody_elsewhere(desk: TestDesk, to: str) -> None:
    answer = await Browser(desk).send("/auth/login", "/auth/login", user="duty.officer", next=to)
    assert answer.headers["location"] == "/"


async def test_a_login_form_from_another_site_is_refused(desk: TestDesk) -> None:
    answer = await desk.client.post("/auth/login", data={"user": "duty.officer"})
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_the_token_is_renewed_in_silence_while_the_session_lives(desk: TestDesk, browser: Browser) -> None:
    desk.clock.advance(timedelta(minutes=11))
    assert "Vaktpult" in await browser.get("/")
    refreshed = await browser.client.get("/auth/refresh?next=/notifier/duty")
    assert (refreshed.status_code, refreshed.headers["location"]) == (303, "/notifier/duty")
    posted = await browser.client.post("/auth/refresh?next=/notifier/calls/new")
    assert posted.status_code == 307, "a form that was written is posted again"
    desk.clock.advance(timedelta(hours=12))
    assert "Velg bruker" in await browser.get("/")


async def test_logging_out_ends_the_session_everywhere(desk: TestDesk, browser: Browser) -> None:
    stolen = dict(browser.client.cookies)
    answer = await browser.send("/", "/auth/logout")
    assert answer.status_code == 303
    assert "Velg bruker" in await browser.get("/")
    browser.client.cookies.update(stolen)
    desk.clock.advance(timedelta(minutes=11))
    assert "Velg bruker" in await browser.get("/"), "a stolen session secret renews nothing"
    (event,) = await desk.rows("select envelope from outbox where subject like 'session/%'")
    assert "session-ended" in event["envelope"]
    assert "duty.officer" in event["envelope"]


async def test_an_empty_board_says_so_and_who_is_on_duty(browser: Browser) -> None:
    text = await browser.get("/")
    assert "Ingen åpne varsler" in text
    assert "Vakthavende (demo)" in text
    assert "Operasjonssentralen (demo)" in text
    assert "Rute sandbox" in text


async def test_a_page_is_accepted_in_one_tap_on_the_board(desk: TestDesk, browser: Browser) -> None:
    page = await paged(desk)
    text = await browser.get("/")
    assert page["code"] in text
    assert "data-countdown" in text
    answer = await browser.send("/", f"/notifier/pages/{page['id']}/answer", answer="ACCEPT", back="board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Kvittert av duty.officer" in await browser.get("/")


async def test_the_page_shows_timeline_attempts_and_the_way_to_the_threat(desk: TestDesk, browser: Browser) -> None:
    page = await paged(desk)
    address = f"/notifier/pages/{page['id']}"
    text = await browser.get(address)
    assert f"/threat-watch/threats/{page['threat_id']}" in text
    assert "Varselet ble opprettet" in text
    assert "Levert" in text
    await browser.send(address, f"{address}/answer", answer="STANDBY")
    await browser.send(address, f"{address}/answer", answer="WORKING")
    await browser.send(address, f"{address}/notes", note="Ringte sambandet.")
    text = await browser.get(address)
    for said in ("Sett, venter", "Jobber med saken", "Ringte sambandet."):
        assert said in text
    assert (await browser.send(address, f"{address}/close", cause="HANDLED")).status_code == 303
    assert "Håndtert" in await browser.get(address)


@pytest.mark.parametrize(
    ("path", "fields"),
    [("answer", {"answer": "PERHAPS"}), ("answer", {}), ("notes", {"note": " "}), ("close", {"cause": "REPLACED"})],
)
async def test_a_form_with_nonsense_changes_nothing(
    desk: TestDesk, browser: Browser, path: str, fields: dict[str, str]
) -> None:
    page = await paged(desk)
    address = f"/notifier/pages/{page['id']}"
    answer = await browser.send(address, f"{address}/{path}", **fields)
    assert answer.status_code == 422
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_a_form_without_our_token_is_refused(desk: TestDesk, browser: Browser) -> None:
    page = await paged(desk)
    answer = await browser.client.post(f"/notifier/pages/{page['id']}/answer", data={"answer": "ACCEPT"})
    assert answer.status_code == 403
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_somebody_without_duty_gets_a_front_page_but_no_pages(desk: TestDesk) -> None:
    page = await paged(desk)
    browser = Browser(desk)
    await browser.log_in("registrar")
    text = await browser.get("/")
    assert "Du har ikke vakttelefonen" in text
    assert page["code"] not in text
    await browser.get(f"/notifier/pages/{page['id']}", status=403)
    await browser.get("/notifier/calls/new", status=403)


async def test_i_take_it_now_in_one_tap(desk: TestDesk, browser: Browser) -> None:
    assert "Vaktskifter" in await browser.get("/notifier/duty") or "Ingen vaktskifter" in await browser.get(
        "/notifier/duty"
    )
    answer = await browser.send("/notifier/duty", "/notifier/duty/take-over", tier="3")
    assert answer.status_code == 303
    duty = await desk.get("/notifier/v1/duty")
    assert [user["user"] for user in duty["tiers"][2]["users"]] == ["duty.officer"]
    again = await browser.send("/notifier/duty", "/notifier/duty/take-over", tier="3")
    assert again.status_code == 409
    assert "Vakthavende (demo)" in await browser.get("/notifier/duty")


async def test_a_call_form_with_errors_keeps_what_was_written(browser: Browser) -> None:
    answer = await browser.send("/notifier/calls/new", "/notifier/calls/new", what="De kommer i natt", at="tull")
    assert answer.status_code == 422
    text = unescape(answer.text)
    assert "De kommer i natt" in text
    assert "Velg hvem som ringte" in text
    assert "Velg hvor mye det haster" in text
    assert "Skriv dato og klokkeslett" in text


async def test_a_call_is_saved_and_shown_and_counts_as_an_action(desk: TestDesk, browser: Browser) -> None:
    assert "Ingen innringinger er ført" in await browser.get("/notifier/calls")
    page = await paged(desk)
    await desk.reply("duty.officer", page["code"])
    form = f"/notifier/calls/new?page={page['id']}"
    given = {"caller": "UNKNOWN", "what": "Spør om hjelp", "urgency": "LATER", "page": page["id"]}
    answer = await browser.send(form, "/notifier/calls/new", **given, at="2026-11-23T01:30")
    assert answer.headers["location"] == f"/notifier/pages/{page['id']}"
    assert "Spør om hjelp" in await browser.get("/notifier/calls")
    assert "Innringing ført" in await browser.get(f"/notifier/pages/{page['id']}")
    assert await desk.rows("select 1 from report_jobs") == []
    (call,) = await desk.rows("select called_at, entered_at from calls")
    assert call["called_at"].startswith("2026-11-23T00:30"), "the unit's own time"


async def test_the_fake_phone_shows_its_messages_and_answers(desk: TestDesk) -> None:
    browser = Browser(desk)
    assert "Ingen meldinger" in await browser.get("/notifier/sandbox/phone")
    page = await paged(desk)
    phone = "/notifier/sandbox/phone?to=%2B4700000001"
    assert f"Forkant {page['code']} HASTER. Logg inn." in await browser.get(phone)
    sender = LINES["duty.officer"]
    wrong = await browser.send(phone, "/notifier/sandbox/phone/reply", **{"from": sender, "body": "hei"})
    assert wrong.headers["location"] == phone
    await desk.send()
    assert "svar med koden" in await browser.get(phone)
    await browser.send(phone, "/notifier/sandbox/phone/reply", **{"from": sender, "body": page["code"]})
    assert (await desk.pages())[0]["accepted_by"] == "duty.officer"


async def test_opening_a_signed_link_changes_nothing_and_its_button_accepts(desk: TestDesk) -> None:
    page = await paged(desk)
    path = sign_link(desk.parts, page["id"], "duty.officer").removeprefix(desk.parts.settings.public_url)
    browser = Browser(desk)
    for _ in range(3):
        assert page["code"] in await browser.get(path)
    assert (await desk.pages())[0]["state"] == "OPEN"
    answer = await browser.send(path, path, answer="ACCEPT")
    assert answer.status_code == 200
    assert (await desk.pages())[0]["accepted_by"] == "duty.officer"


async def test_a_link_that_was_changed_or_has_run_out_is_worth_nothing(desk: TestDesk) -> None:
    page = await paged(desk)
    path = sign_link(desk.parts, page["id"], "duty.officer").removeprefix(desk.parts.settings.public_url)
    browser = Browser(desk)
    for wrong in (path[:-3] + "AAA", path + "A", "/notifier/answer/x", "/notifier/answer/" + "A" * 400):
        await browser.get(wrong, status=404)
    desk.clock.advance(timedelta(hours=3))
    await browser.get(path, status=404)


async def test_the_feed_replays_what_a_phone_that_slept_has_missed(desk: TestDesk) -> None:
    await paged(desk)
    stream = board.follow(desk.parts, None)
    first = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.05)
    assert not first.done(), "without a number it begins with what comes"
    await desk.hear(escalation())
    seen = await asyncio.wait_for(first, 5)
    await stream.aclose()
    await desk.send()
    await desk.hear(escalation())
    replay = board.follow(desk.parts, str(seen.seq))
    later = [await asyncio.wait_for(anext(replay), 5) for _ in range(3)]
    await replay.aclose()
    assert [row.seq for row in later] == sorted({row.seq for row in later})
    assert later[0].seq > seen.seq
    newest = await desk.rows("select max(seq) as seq from timeline")
    strange = board.follow(desk.parts, str(newest[0]["seq"] + 1000))
    waiting = asyncio.create_task(anext(strange))
    await asyncio.sleep(0.05)
    await desk.hear(escalation())
    assert (await asyncio.wait_for(waiting, 5)).seq == newest[0]["seq"] + 1
    await strange.aclose()


async def test_a_row_that_commits_late_is_not_passed_over(desk: TestDesk) -> None:
    """Another transaction's row may become visible behind one already read."""
    from forkant_notifier.tables import TIMELINE

    async def put(seq: int) -> None:
        row = {"seq": seq, "page_id": None, "at": desk.clock.now(), "kind": "ATTEMPTS"}
        async with desk.parts.database.write() as session:
            await session.execute(TIMELINE.insert(), row)
        desk.desk.feed()

    stream = board.follow(desk.parts, "0")
    next_row = asyncio.create_task(anext(stream))
    await put(12)
    assert (await asyncio.wait_for(next_row, 5)).seq == 12
    await put(11)
    assert (await asyncio.wait_for(anext(stream), 5)).seq == 11
    await stream.aclose()


async def test_the_stream_is_server_sent_events_with_ids_and_ends_when_the_desk_stops(
    desk: TestDesk, browser: Browser
) -> None:
    await paged(desk)

    async def stop_soon() -> None:
        await asyncio.sleep(0.3)
        desk.desk.stopping = True
        desk.desk.feed()

    stopping = asyncio.create_task(stop_soon())
    answer = await browser.client.get("/notifier/feed", headers={"last-event-id": "0"})
    await stopping
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = re.findall(r"event: changed\ndata: (.*)\nid: (\d+)", answer.text)
    assert [int(number) for _, number in events] == sorted(int(number) for _, number in events)
    assert len(events) >= 3


async def test_a_failing_route_is_seen_on_the_strip(desk: TestDesk, browser: Browser) -> None:
    for _ in range(3):
        desk.desk.routes.note("sandbox", Outcome.REFUSED, desk.clock.now())
    assert "Rute sandbox svikter" in await browser.get("/")


def test_every_text_has_an_english_translation() -> None:
    assert missing_translations(Path(forkant_notifier.__file__).parent) == []


async def test_english_is_one_click_away(browser: Browser) -> None:
    await browser.client.get("/?lang=en")
    assert "No open pages" in await browser.get("/")
