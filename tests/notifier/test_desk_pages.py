"""The desk's pages: board, page, duty list, call log, fake phone, signed link."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

import forkant_notifier
from forkant_notifier.commands.answering import sign_link
from forkant_notifier.domain.attempts import Outcome
from forkant_shared.web import missing_translations
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import LINES, TestDesk


async def test_an_empty_board_says_so_and_who_is_on_duty(browser: Browser) -> None:
    text = await browser.get("/")
    assert "Ingen åpne varsler" in text
    assert "Vakthavende (demo)" in text
    assert "Operasjonssentralen (demo)" in text
    assert "Rute sandbox" in text


async def test_a_page_is_accepted_in_one_tap_on_the_board(desk: TestDesk, browser: Browser) -> None:
    page = await desk.opened()
    text = await browser.get("/")
    assert page["code"] in text
    assert "data-countdown" in text
    answer = await browser.send("/", f"/notifier/pages/{page['id']}/answer", answer="ACCEPT", back="board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Kvittert av Vakthavende (demo)" in await browser.get("/")


async def test_the_page_shows_timeline_attempts_and_the_way_to_the_threat(desk: TestDesk, browser: Browser) -> None:
    page = await desk.opened()
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
    page = await desk.opened()
    address = f"/notifier/pages/{page['id']}"
    answer = await browser.send(address, f"{address}/{path}", **fields)
    assert answer.status_code == 422
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_a_form_without_our_token_is_refused(desk: TestDesk, browser: Browser) -> None:
    page = await desk.opened()
    answer = await browser.client.post(f"/notifier/pages/{page['id']}/answer", data={"answer": "ACCEPT"})
    assert answer.status_code == 403
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_somebody_without_duty_gets_a_front_page_but_no_pages(desk: TestDesk) -> None:
    page = await desk.opened()
    browser = Browser(desk)
    await browser.log_in("registrar")
    text = await browser.get("/")
    assert "Du har ikke vakttelefonen" in text
    assert page["code"] not in text
    await browser.get(f"/notifier/pages/{page['id']}", status=403)
    await browser.get("/notifier/calls/new", status=403)


async def test_i_take_it_now_in_one_tap(desk: TestDesk, browser: Browser) -> None:
    assert "De neste to ukene" in await browser.get("/notifier/duty")
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
    page = await desk.opened()
    await desk.reply("duty.officer", page["code"])
    form = f"/notifier/calls/new?page={page['id']}"
    given = {"caller": "UNKNOWN", "what": "Spør om hjelp", "urgency": "LATER", "page": page["id"]}
    answer = await browser.send(form, "/notifier/calls/new", **given, at="2026-11-23T01:30")
    assert answer.headers["location"] == f"/notifier/pages/{page['id']}"
    listed = await browser.get("/notifier/calls")
    assert "På vei" in listed and "Spør om hjelp" not in listed
    assert "Innringing ført" in await browser.get(f"/notifier/pages/{page['id']}")
    assert await desk.rows("select 1 from report_jobs") == []
    (call,) = await desk.rows("select called_at, entered_at from calls")
    assert call["called_at"].startswith("2026-11-23T00:30"), "the unit's own time"


async def test_the_fake_phone_shows_its_messages_and_answers(desk: TestDesk) -> None:
    browser = Browser(desk)
    assert "Ingen meldinger" in await browser.get("/notifier/sandbox/phone")
    page = await desk.opened()
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
    page = await desk.opened()
    path = sign_link(desk.parts, page["id"], "duty.officer").removeprefix(desk.parts.settings.public_url)
    browser = Browser(desk)
    for _ in range(3):
        assert page["code"] in await browser.get(path)
    assert (await desk.pages())[0]["state"] == "OPEN"
    answer = await browser.send(path, path, answer="ACCEPT")
    assert answer.status_code == 200
    assert (await desk.pages())[0]["accepted_by"] == "duty.officer"


async def test_a_link_that_was_changed_or_has_run_out_is_worth_nothing(desk: TestDesk) -> None:
    page = await desk.opened()
    path = sign_link(desk.parts, page["id"], "duty.officer").removeprefix(desk.parts.settings.public_url)
    browser = Browser(desk)
    for wrong in (path[:-3] + "AAA", path + "A", "/notifier/answer/x", "/notifier/answer/" + "A" * 400):
        await browser.get(wrong, status=404)
    desk.clock.advance(timedelta(hours=3))
    await browser.get(path, status=404)


async def test_a_failing_route_is_seen_on_the_strip(desk: TestDesk, browser: Browser) -> None:
    for _ in range(3):
        desk.desk.routes.note("sandbox", Outcome.REFUSED, desk.clock.now())
    assert "Rute sandbox svikter" in await browser.get("/")


def test_every_text_has_an_english_translation() -> None:
    assert missing_translations(Path(forkant_notifier.__file__).parent) == []


async def test_english_is_one_click_away(browser: Browser) -> None:
    await browser.client.get("/?lang=en")
    assert "No open pages" in await browser.get("/")
