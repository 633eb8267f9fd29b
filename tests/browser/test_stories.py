"""The embedded system as its users see it: a real process with demo data, a real Chromium, phone and desktop."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import opened, screenshot
from tests.browser.crawl import Crawl
from tests.browser.visiting import logged_in
from tests.system.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

LEVELS = {"HIGH": "Høy", "CRITICAL": "Kritisk"}
STARTS = ("/", "/notifier/sandbox/phone")


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


@pytest.fixture
def story(system: str) -> Iterator[Story]:
    told = Story(system)
    yield told
    told.close()


async def told_until_it_pages(story: Story, tag: str) -> tuple[str, str]:
    """Posts the five reports of the 2008 case; the threat's id and the code of its LIFE page."""

    def tell() -> tuple[str, str]:
        story.register(tag)
        answers = [story.post(body, f"{tag}-{place}") for place, body in enumerate(story.reports())]
        threat = answers[-1].json()["threats"][0]["id"]
        page = story.wait(lambda: [page for page in story.pages(threat) if page["lane"] == "LIFE"])[-1]
        return threat, page["code"]

    return await asyncio.to_thread(tell)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
async def test_the_duty_officer_sees_the_page_come_accepts_it_and_reads_why(
    browser: Browser, system: str, story: Story, phone: bool
) -> None:
    size = "phone" if phone else "desktop"
    async with logged_in(browser, system, "duty.officer", phone=phone, dark=phone) as page:
        threat, code = await told_until_it_pages(story, f"Vinterdal {size}")
        card = page.locator(".fk-card").filter(has_text=code)
        await expect(card).to_be_visible()
        await expect(card).to_contain_text("Haster")
        await screenshot(page, f"story-board-{size}", full=False)
        await assert_accessible(page)
        await card.get_by_role("button", name=f"Kvitter varsel {code}").click()
        await expect(page.get_by_text("Kvittert av", exact=False).first).to_be_visible()
        found = [found for found in await asyncio.to_thread(story.pages, threat) if found["code"] == code]
        assert (found[0]["state"], found[0]["accepted_by"]) == ("ACCEPTED", "duty.officer")
        await page.goto(f"/threat-watch/threats/{threat}")
        await expect(page.locator("h1")).to_be_visible()
        told = await asyncio.to_thread(story.threat, threat)
        badge = page.locator(f".fk-level--{told['level'].lower()}").first
        await expect(badge).to_contain_text(LEVELS[told["level"]])
        await expect(page.get_by_text(f"{told['index']:.3f}".replace(".", ",")).first).to_be_visible()
        await screenshot(page, f"story-threat-{size}", full=False)
        await assert_accessible(page)
        await assert_big_targets(page)
        await assert_fits(page)


async def test_a_page_is_accepted_with_the_keyboard_alone(browser: Browser, system: str, story: Story) -> None:
    async with logged_in(browser, system, "duty.officer") as page:
        _, code = await told_until_it_pages(story, "Tastdal")
        button = page.get_by_role("button", name=f"Kvitter varsel {code}")
        await expect(button).to_be_visible()
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await button.evaluate("element => element === document.activeElement"):
                break
        await expect(button).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(button).to_have_count(0)
        await expect(page.locator(".fk-card").filter(has_text=code)).to_contain_text("Kvittert av")


async def test_the_fake_phone_rings_without_content_and_its_answer_reaches_the_board(
    browser: Browser, system: str, story: Story
) -> None:
    async with logged_in(browser, system, "duty.officer") as board:
        _, code = await told_until_it_pages(story, "Telefondal")
        async with opened(browser, system, phone=True) as phone:
            await phone.goto("/notifier/sandbox/phone")
            message = phone.get_by_text(f"Forkant {code} HASTER. Logg inn.").first
            await expect(message).to_be_visible()
            await screenshot(phone, "story-fake-phone", full=False)
            await phone.get_by_role("textbox", name="Melding").fill(code.lower())
            await phone.get_by_role("button", name="Send").click()
            await expect(phone.get_by_text("Svaret er sendt.")).to_be_visible()
        card = board.locator(".fk-card").filter(has_text=code)
        await expect(card).to_contain_text("Kvittert av")


async def test_logging_out_ends_it(browser: Browser, system: str) -> None:
    async with logged_in(browser, system, "analyst", phone=True) as page:
        await page.locator(".fk-menu > summary").click()
        await page.get_by_role("button", name="Logg ut").click()
        await expect(page.get_by_role("heading", name="Logg inn")).to_be_visible()
        await page.goto("/threat-watch/threats")
        await expect(page).to_have_url(re.compile("/auth/login"))


@pytest.mark.parametrize(
    ("user", "phone"),
    [
        ("duty.officer", True),
        ("duty.officer", False),
        ("analyst", False),
        ("registrar", True),
        ("dialogue.officer", True),
        ("dialogue.leader", False),
    ],
)
async def test_every_page_a_user_can_reach_is_accessible(browser: Browser, system: str, user: str, phone: bool) -> None:
    async with logged_in(browser, system, user, phone=phone, dark=phone) as page:
        crawl = Crawl(page, f"{user}-{'phone' if phone else 'desktop'}")
        await crawl.walk(STARTS)
    assert not crawl.problems, "\n".join(crawl.problems)
    assert len(crawl.seen) > len(STARTS)


@pytest.mark.parametrize("sources", ["shown", "hidden"])
async def test_a_threat_is_printed_on_one_sheet_of_paper(
    browser: Browser, system: str, story: Story, sources: str
) -> None:
    threat, _ = await told_until_it_pages(story, f"Ark-{sources}")
    async with logged_in(browser, system, "analyst") as page:
        await page.goto(f"/threat-watch/threats/{threat}/print?sources={sources}")
        sheet = await page.pdf(format="A4")
        assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
        shown = await page.locator("main").inner_text()
        assert ("R-2026" in shown) == (sources == "shown")
