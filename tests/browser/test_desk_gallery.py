"""Every page of the desk, phone and desktop, light and dark: looked at by axe here, and by people as pictures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import sqlite3
import time
import uuid
from collections.abc import Iterator

import httpx2 as httpx
import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from forkant_notifier import pages
from forkant_notifier.settings import Settings
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits, assert_named
from tests.browser.chromium import opened, screenshot
from tests.browser.visiting import logged_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

#: By whom each page is looked at.
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
    "people": "/notifier/duty/people",
    "person-new": "/notifier/duty/people/new",
    "policies": "/notifier/policies",
    "handovers": "/notifier/handovers",
    "handover-new": "/notifier/handovers/new",
    "drills": "/notifier/drills",
    "figures": "/notifier/figures",
    "routes": "/notifier/routes",
    "reach": "/notifier/reach",
}
#: What has an id is found on the page before it.
FOUND = {
    "page": ("/", ".fk-card__title a"),
    "rota": ("/notifier/duty/rotas", 'a[href*="/duty/rotas/"]:not([href$="/new"])'),
    "person": ("/notifier/duty/people", 'a[href*="/duty/people/"]:not([href$="/new"])'),
    "swap": ("/notifier/duty", 'a[href*="swap"]'),
    "handover": ("/notifier/handovers", 'main a[href*="/handovers/"]:not([href$="/new"])'),
}
ADMIN = {"subscriptions": "/notifier/subscriptions"}
SUBSCRIPTION = "main a[href*='/subscriptions/']"
OUTSIDE = {"login": "/auth/login", "fake-phone": "/notifier/sandbox/phone"}
#: Parts of pages, and pages that have pictures of their own in test_offline.py.
ELSEWHERE = re.compile(r"/(part|board|feed)$|^/notifier/offline/|^/notifier/scripts/|^/auth/refresh$")
#: What is drawn once it has been made, in the last of these tests.
LAST = {"/notifier/drills/{drill_id}", "/notifier/answer/{token}", "/notifier/subscriptions/{subscription_id}"}
LOOKS = [(True, False), (True, True), (False, False), (False, True)]
LOOK_NAMES = ["phone-light", "phone-dark", "desktop-light", "desktop-dark"]


@pytest.fixture(scope="module")
def running() -> Iterator[systems.System]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FORKANT_NOTIFIER_WEBHOOK_LOOPBACK", "true")
        with systems.embedded(demo=True) as found:
            prepare(found.url)
            yield found


@pytest.fixture
def system(running: systems.System) -> str:
    return running.url


def prepare(url: str) -> None:
    """What a desk has after a night: a call, a handover report, and a partner whose address does not answer."""
    leader, officer = systems.token(url, "duty.leader"), systems.token(url, "duty.officer")
    call = {"caller": "UNKNOWN", "what": "Vil snakke", "urgency": "SOON"}
    key = {"idempotency-key": str(uuid.uuid4())}
    httpx.post(f"{url}/notifier/v1/calls", json=call, headers=leader | key).raise_for_status()
    httpx.post(f"{url}/notifier/v1/handovers", json={"note": "Rolig natt."}, headers=officer).raise_for_status()
    asked = {"organisation": "0192:312345676", "scopes": ["forkant:subscriptions.write"]}
    token = httpx.post(f"{url}/auth/dev-token", json=asked).json()["access_token"]
    wish = {"url": f"{url}/notifier/none", "types": ["situation-updated"]}
    made = httpx.post(
        f"{url}/notifier/partner/v1/subscriptions", json=wish, headers={"authorization": f"Bearer {token}"}
    )
    made.raise_for_status()


def link_of(running: systems.System, page_id: str) -> str:
    """The address a signed webhook carries, sealed as the desk does it."""
    with sqlite3.connect(f"file:{running.var / 'notifier.sqlite3'}?mode=ro", uri=True) as database:
        (pem,) = database.execute("select pem from signing_keys").fetchone()
    key = hashlib.sha256(b"forkant-answer-link" + pem.encode()).digest()
    told = f"{page_id}|duty.officer|{int(time.time()) + 3600}"
    seal = hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
    return "/notifier/answer/" + base64.urlsafe_b64encode(f"{told}|{seal}".encode()).decode().rstrip("=")


async def test_no_page_of_the_desk_is_left_out() -> None:
    """Every address that answers with a page is one of those looked at here."""
    settings = Settings(mode="embedded", database_url="sqlite://")
    paths = {route.path for router in pages.routers(settings) for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    asked = {place.partition("?")[0] for place in [*LEADER.values(), *ADMIN.values(), *OUTSIDE.values()]} | LAST
    asked |= {"/notifier/pages/{page_id}", "/notifier/duty/rotas/{rota_id}", "/notifier/duty/people/{person_id}"}
    asked |= {"/notifier/duty/swaps/new", "/notifier/handovers/{handover_id}"}
    assert {path for path in paths if not ELSEWHERE.search(path)} == asked


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


@pytest.mark.parametrize(("phone", "dark"), LOOKS, ids=LOOK_NAMES)
async def test_a_link_from_elsewhere_and_a_partner_are_shown_as_well(
    browser: Browser, running: systems.System, phone: bool, dark: bool
) -> None:
    look = LOOK_NAMES[LOOKS.index((phone, dark))]
    problems: list[str] = []
    officer = systems.token(running.url, "duty.officer")
    told = httpx.get(f"{running.url}/notifier/v1/pages", headers=officer).json()
    async with opened(browser, running.url, phone=phone, dark=dark) as page:
        await page.goto(link_of(running, told[0]["id"]))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(told[0]["code"])
        await judge(page, f"answer-{look}", problems)
    async with logged_in(browser, running.url, "admin", phone=phone, dark=dark) as page:
        for name, place in ADMIN.items():
            await page.goto(place)
            await judge(page, f"{name}-{look}", problems)
        await page.goto(str(await page.locator(SUBSCRIPTION).first.get_attribute("href")))
        await judge(page, f"subscription-{look}", problems)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("phone", "dark"), LOOKS, ids=LOOK_NAMES)
async def test_a_quiet_board_and_a_drill_are_fit_for_a_tired_person(
    browser: Browser, running: systems.System, phone: bool, dark: bool
) -> None:
    look = LOOK_NAMES[LOOKS.index((phone, dark))]
    problems: list[str] = []
    leader = systems.token(running.url, "duty.leader")
    desk = f"{running.url}/notifier/v1"
    for one in httpx.get(f"{desk}/pages", headers=leader).json():
        if one["state"] != "CLOSED" and not one["drill"]:
            httpx.post(f"{desk}/pages/{one['id']}/close", json={"cause": "HANDLED"}, headers=leader).raise_for_status()
    async with logged_in(browser, running.url, "duty.leader", phone=phone, dark=dark) as page:
        await expect(page.get_by_text("Ingen åpne varsler")).to_be_visible()
        await judge(page, f"board-quiet-{look}", problems)
        drill = httpx.post(f"{desk}/drills", json={"lane": "LIFE"}, headers=leader).raise_for_status().json()["id"]
        await page.goto(f"/notifier/drills/{drill}")
        await judge(page, f"drill-{look}", problems)
        httpx.post(f"{desk}/drills/{drill}/end", headers=leader).raise_for_status()
    assert not problems, "\n".join(problems)
