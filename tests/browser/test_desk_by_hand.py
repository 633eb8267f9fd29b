"""The desk without a mouse, without eyes and after sleep: keyboard, screen reader, and a stream that was away."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.chromium import opened, screenshot
from tests.browser.visiting import logged_in
from tests.system.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

MOST_TABS = 80
#: As long as a phone in a pocket: the stream is dead, and nobody told the page.
SLEEP_SECONDS = 60
FOCUS = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  return { name: (here.getAttribute("aria-label") || here.innerText || here.value || "").trim().replace(/\\s+/g, " "),
    shown: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none"
      || here.closest("label, .fk-choice") !== null,
    seen: box.height > 0 && box.bottom > 0 && box.top < innerHeight, top: box.top + scrollY };
}"""


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


@pytest.fixture
def story(system: str) -> Iterator[Story]:
    told = Story(system)
    yield told
    told.close()


async def told_until_it_pages(story: Story, tag: str) -> str:
    """The code of the LIFE page that the 2008 case ends in."""

    def tell() -> str:
        story.register(tag)
        answers = [story.post(body, f"{tag}-{place}") for place, body in enumerate(story.reports())]
        threat = answers[-1].json()["threats"][0]["id"]
        return str(story.wait(lambda: [page for page in story.pages(threat) if page["lane"] == "LIFE"])[-1]["code"])

    return await asyncio.to_thread(tell)


async def tab_to(page: Page, name: str) -> list[dict[str, Any]]:
    """Press Tab until the control of this name has the focus; where the focus was on the way."""
    passed: list[dict[str, Any]] = []
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        here: dict[str, Any] = await page.evaluate(FOCUS)
        passed.append(here)
        if re.fullmatch(name, here["name"]):
            return passed
    raise AssertionError(f"{name} is not reached: {[one['name'] for one in passed]}")


def assert_seen_and_in_order(passed: list[dict[str, Any]]) -> None:
    """Whoever tabs sees where they are, and goes down the page."""
    assert [one["name"] for one in passed if not one["shown"]] == []
    assert [one["name"] for one in passed if not one["seen"]] == []
    tops = [one["top"] for one in passed]
    assert all(later >= earlier - 120 for earlier, later in itertools.pairwise(tops)), tops


async def test_a_page_is_accepted_worked_on_and_closed_by_the_keyboard_alone(
    browser: Browser, system: str, story: Story
) -> None:
    async with opened(browser, system) as page:
        await page.goto("/")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
        await page.keyboard.press("Tab")
        for _ in range(20):
            if await page.evaluate("document.activeElement.value === 'duty.officer'"):
                break
            await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Space")
        assert_seen_and_in_order(await tab_to(page, "Logg inn"))
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{system}/")
        code = await told_until_it_pages(story, "Knappdal")
        await expect(page.get_by_role("button", name=f"Kvitter varsel {code}")).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert_seen_and_in_order(await tab_to(page, f"Kvitter varsel {code}"))
        await screenshot(page, "keyboard-accept-desktop", full=False)
        await page.keyboard.press("Enter")
        await expect(page.locator(".fk-card").filter(has_text=code)).to_contain_text("Kvittert av")
        await page.get_by_role("link", name=re.compile(code)).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(code)
        await tab_to(page, "Jobber med saken")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Notert: du jobber med saken.")).to_be_visible()
        await page.locator("#note").focus()
        await page.keyboard.type("Ringt lederen.")
        assert_seen_and_in_order(await tab_to(page, "Lagre notatet"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ringt lederen.")).to_be_visible()
        await page.locator('input[value="HANDLED"]').focus()
        await page.keyboard.press("Space")
        assert_seen_and_in_order(await tab_to(page, "Lukk varselet"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Lukk varselet")).to_have_count(0)


async def test_a_screen_reader_is_told_of_a_new_page_by_its_code(browser: Browser, system: str, story: Story) -> None:
    async with logged_in(browser, system, "duty.officer") as page:
        news = page.locator("#board-news")
        await expect(news).to_have_attribute("aria-live", "assertive")
        await page.evaluate(
            """() => { window.heard = []; const news = document.getElementById("board-news");
              new MutationObserver(() => heard.push(news.textContent)).observe(news,
                { childList: true, characterData: true, subtree: true }); }"""
        )
        code = await told_until_it_pages(story, "Lyttedal")
        await expect(news).to_contain_text(f"{code} haster")
        assert any(code in told for told in await page.evaluate("heard")), (
            "it was said in the place that is listened to"
        )
        tree = (await (await page.context.new_cdp_session(page)).send("Accessibility.getFullAXTree"))["nodes"]
        names = {str(node.get("name", {}).get("value", "")) for node in tree if not node.get("ignored")}
        assert f"Kvitter varsel {code}" in names


async def test_what_came_while_the_phone_slept_is_asked_for_by_number_and_shown(
    browser: Browser, system: str, story: Story
) -> None:
    async with logged_in(browser, system, "duty.officer", phone=True) as page:
        asked: list[str | None] = []
        page.on("request", lambda one: asked.append(one.headers.get("last-event-id")) if "/feed" in one.url else None)
        first = await told_until_it_pages(story, "Vekkedal")
        await expect(page.locator("#board")).to_contain_text(first)
        await page.context.set_offline(True)
        await page.evaluate("document.querySelector('#board-feed')._htmx?.sse?.reader?.cancel()")
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_contain_text("Sist oppdatert")
        missed = await told_until_it_pages(story, "Sovedal")
        await page.wait_for_timeout(SLEEP_SECONDS * 1000)
        await expect(page.locator("#board")).not_to_contain_text(missed)
        asked.clear()
        await page.context.set_offline(False)
        await expect(page.locator("#board")).to_contain_text(missed, timeout=40_000)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_be_hidden(timeout=40_000)
        for _ in range(100):
            if any(asked):
                break
            await page.wait_for_timeout(100)
        assert any(number and number.isdigit() for number in asked), "the stream said the last number it had seen"
