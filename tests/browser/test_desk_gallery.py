"""Every page of the desk, phone and desktop, light and dark: looked at by axe here, and by people as pictures."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits, assert_named
from tests.browser.chromium import opened, screenshot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

#: By whom each page is looked at; what has an id is found from the page before it.
LEADER = {
    "board": "/",
    "calls": "/notifier/calls",
    "call": "/notifier/calls/new",
    "call-paper": "/notifier/calls/paper",
    "duty": "/notifier/duty",
    "check-in": "/notifier/duty/check-in",
    "duty-then": "/notifier/duty/then?at=2026-11-23T03:00",
    "rotas": "/notifier/duty/rotas",
    "rota-new": "/notifier/duty/rotas/new",
    "handovers": "/notifier/handovers",
    "handover-new": "/notifier/handovers/new",
    "drills": "/notifier/drills",
    "figures": "/notifier/figures",
    "routes": "/notifier/routes",
    "reach": "/notifier/reach",
}
FOUND = {
    "page": ("/", ".fk-card__title a"),
    "rota": ("/notifier/duty/rotas", 'a[href*="/duty/rotas/"]:not([href$="/new"])'),
    "swap": ("/notifier/duty", 'a[href*="swap"]'),
}
ADMIN = {"board": "/", "duty": "/notifier/duty", "rotas": "/notifier/duty/rotas", "routes": "/notifier/routes"}
OUTSIDE = {"login": "/auth/login", "fake-phone": "/notifier/sandbox/phone"}
ROUTES_NOT_DRAWN = re.compile(
    r"/(v1|static|scripts|answer|offline)/|/(part|feed|board|messages|phone/messages)$|\.(ics|json)$|openapi|health|metrics"
)
LOOKS = [(True, False), (True, True), (False, False), (False, True)]
LOOK_NAMES = ["phone-light", "phone-dark", "desktop-light", "desktop-dark"]


@pytest.fixture(scope="module")
def system() -> Iterator[str]:
    with systems.embedded(demo=True) as running:
        yield running.url


@asynccontextmanager
async def logged_in(browser: Browser, system: str, user: str, *, phone: bool, dark: bool) -> AsyncIterator[Page]:
    async with opened(browser, system, phone=phone, dark=dark) as page:
        await page.goto("/auth/login")
        await page.locator(f'label:has(input[value="{user}"])').click()
        await page.get_by_role("button", name="Logg inn").click()
        await expect(page).to_have_url(f"{system}/")
        yield page


async def judge(page: Page, name: str, problems: list[str]) -> None:
    """Every rule, and a picture; what is wrong is gathered, so that one page does not hide the next."""
    await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    for rule in (assert_accessible, assert_big_targets, assert_fits, assert_named):
        try:
            await rule(page)
        except AssertionError as error:
            problems.append(f"{name}: {error}")
    await screenshot(page, f"desk-{name}")


@pytest.mark.parametrize(("phone", "dark"), LOOKS, ids=LOOK_NAMES)
async def test_every_page_of_the_desk_is_fit_for_a_tired_person(
    browser: Browser, system: str, phone: bool, dark: bool
) -> None:
    look = LOOK_NAMES[LOOKS.index((phone, dark))]
    problems: list[str] = []
    async with opened(browser, system, phone=phone, dark=dark) as page:
        for name, place in OUTSIDE.items():
            await page.goto(place)
            await judge(page, f"{name}-{look}", problems)
    async with logged_in(browser, system, "duty.leader", phone=phone, dark=dark) as page:
        for name, place in LEADER.items():
            await page.goto(place)
            await judge(page, f"{name}-{look}", problems)
        for name, (start, link) in FOUND.items():
            await page.goto(start)
            await page.goto(str(await page.locator(link).first.get_attribute("href")))
            await judge(page, f"{name}-{look}", problems)
    assert not problems, "\n".join(problems)
