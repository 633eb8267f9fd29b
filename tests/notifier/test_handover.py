"""The handover report: what stood, signed by both, and nothing about the reader."""

from __future__ import annotations

from datetime import timedelta

from forkant_notifier.commands.duty import load_demo
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, escalation

SHEET = "/notifier/handovers"
TARGET = "00000000-0000-7000-8000-0000000000aa"


async def switch(browser: Browser, user: str) -> None:
    browser.client.cookies.clear()
    await browser.log_in(user)


async def given(browser: Browser, note: str = "Ring Berg i morgen") -> str:
    answer = await browser.send(f"{SHEET}/new", f"{SHEET}/new", note=note)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_the_report_tells_of_open_and_late_pages_and_is_signed_by_both(desk: TestDesk, browser: Browser) -> None:
    page = await desk.opened()
    await desk.wait(100)
    sheet = await given(browser)
    text = await browser.get(sheet)
    assert text.count(page["code"]) == 2
    assert "Ring Berg i morgen" in text
    assert "Mangler underskrift" in text
    assert (await browser.send(SHEET, f"{sheet}/take")).status_code == 403
    await switch(browser, "duty.deputy")
    assert "Skriv under og gå på" in await browser.get(sheet)
    assert (await browser.send(sheet, f"{sheet}/take")).status_code == 303
    text = await browser.get(sheet)
    assert "Stedfortreder (demo)" in text
    assert "Mangler underskrift" not in text
    assert (await browser.send(SHEET, f"{sheet}/take")).status_code == 409
    actions = [row["action"] for row in await desk.rows("select action from audit where action like '%handover%'")]
    assert actions.count("notifier.handover.write") == 2
    assert "notifier.handover.read" in actions


async def test_what_was_signed_does_not_change_when_the_page_does(desk: TestDesk, browser: Browser) -> None:
    page = await desk.opened()
    sheet = await given(browser)
    body = {"cause": "HANDLED"}
    path = f"/notifier/v1/pages/{page['id']}/close"
    await desk.client.post(path, json=body, headers=desk.as_user("duty.officer"))
    assert page["code"] in await browser.get(sheet)
    desk.clock.advance(timedelta(hours=1))
    assert page["code"] not in await browser.get(await given(browser))


async def test_a_page_about_the_reader_is_on_nobody_s_sheet_but_others(desk: TestDesk, browser: Browser) -> None:
    await load_demo(desk.parts, {"duty.deputy": TARGET})
    await desk.hear(escalation(excluded_actor_ids=[TARGET]))
    await desk.send()
    code = (await desk.pages())[0]["code"]
    sheet = await given(browser)
    assert code in await browser.get(sheet)
    await switch(browser, "duty.deputy")
    assert code not in await browser.get(sheet)
    assert code not in await browser.get(f"{SHEET}/new")


async def test_a_note_too_long_is_shown_again_with_its_error(browser: Browser) -> None:
    answer = await browser.send(f"{SHEET}/new", f"{SHEET}/new", note="x" * 2001)
    assert answer.status_code == 422
    assert "for langt" in answer.text


async def test_an_empty_list_says_so_and_an_analyst_has_no_part_in_it(desk: TestDesk, browser: Browser) -> None:
    assert "Ingen vaktrapporter ennå" in await browser.get(SHEET)
    await switch(browser, "analyst")
    await browser.get(SHEET, status=403)
    await browser.get(f"{SHEET}/new", status=403)


async def test_the_report_is_there_for_programs_too(desk: TestDesk) -> None:
    await desk.opened()
    path, officer = "/notifier/v1/handovers", desk.as_user("duty.officer")
    made = await desk.client.post(path, json={"note": "All quiet"}, headers=officer)
    assert made.status_code == 201, made.text
    report = await desk.get(f"{path}/{made.json()['id']}", "auditor")
    assert (report["note"], len(report["open_pages"]), report["reviews"]) == ("All quiet", 1, None)
    taken = await desk.client.post(f"{path}/{report['id']}/take", headers=desk.as_user("duty.leader"))
    assert taken.json()["taken_by"] == "duty.leader"
    assert [item["taken_by"] for item in await desk.get(path)] == ["duty.leader"]
