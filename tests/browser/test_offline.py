"""The desk on a phone without network: the last board with its age, and a call that is sent once."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.chromium import opened
from tests.browser.visiting import judged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

WORDS = "Redd for broren. Vil møte oss."
NAME = "Oppdiktet Frakoblet"
READY = "async () => Boolean((await navigator.serviceWorker.ready).active && navigator.serviceWorker.controller)"
#: All that a script can read of what the phone has sealed, as text.
SEALED = """async () => {
  const told = [];
  const done = (asked) => new Promise((yes) => { asked.onsuccess = () => yes(asked.result); });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      for (const one of await done(database.transaction(store).objectStore(store).getAll())) {
        told.push(one instanceof CryptoKey ? `key ${one.extractable}` : new TextDecoder("latin1").decode(one.sealed));
      }
    }
    database.close();
  }
  return told;
}"""
#: The files it keeps: address and text of each.
FILES = """async () => {
  const told = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) {
      const kept = await (await caches.open(name)).match(request, { ignoreVary: true });
      told.push([request.url, await kept.text()]);
    }
  }
  return told;
}"""

FORM_OF_ANOTHER_SITE = """(to) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: to });
  const fields = { caller: "UNKNOWN", what: "x", urgency: "NOW", token: "guess" };
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture(scope="module")
def running() -> Iterator[systems.System]:
    with systems.embedded(demo=True) as found:
        yield found


async def log_in(page: Page, user: str = "duty.officer") -> None:
    await page.goto("/auth/login")
    await page.locator(f'label:has(input[value="{user}"])').click()
    await page.get_by_role("button", name="Logg inn").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Vaktpult")


@asynccontextmanager
async def at_the_desk(
    browser: Browser, running: systems.System, user: str = "duty.officer", *, dark: bool = False, phone: bool = True
) -> AsyncIterator[Page]:
    """A phone that has seen the board and has its worker."""
    async with opened(browser, running.url, phone=phone, dark=dark) as page:
        await log_in(page, user)
        await page.wait_for_function(READY)
        yield page


async def fill_in(page: Page, name: str = NAME) -> None:
    await page.locator('label:has(input[value="KNOWN"])').click()
    await page.get_by_label("Navn").fill(name)
    await page.get_by_label("Hva sier de?").fill(WORDS)
    await page.locator('label:has(input[value="SOON"])').click()


def calls_logged(running: systems.System) -> list[tuple[str, str, str]]:
    with sqlite3.connect(f"file:{running.var / 'notifier.sqlite3'}?mode=ro", uri=True) as database:
        return database.execute("select id, called_at, entered_at from calls order by entered_at").fetchall()


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_last_board_is_shown_with_its_age_when_the_network_is_gone(
    browser: Browser, running: systems.System, phone: bool, dark: bool
) -> None:
    look = f"{'phone' if phone else 'desktop'}-{'dark' if dark else 'light'}"
    async with at_the_desk(browser, running, phone=phone, dark=dark) as page:
        codes = await page.locator("#board .fk-code").all_inner_texts()
        assert codes
        await page.context.set_offline(True)
        await expect(page.get_by_text("Ikke kontakt med Forkant.")).to_contain_text("Sist oppdatert for")
        await page.goto("/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Vaktpult uten nett")
        await expect(page.locator("#kept-age")).to_contain_text(
            re.compile(r"Sist oppdatert for \d+ sekund(er)? siden, uten nett\.")
        )
        assert await page.locator("#kept-pages .fk-code").all_inner_texts() == codes
        await expect(page.locator("#kept-duty")).to_contain_text("Vakthavende")
        await judged(page, f"offline-board-{look}")
        await page.goto("/notifier/calls/new")
        await expect(page.locator("#entered-by")).not_to_be_empty()
        await judged(page, f"offline-call-{look}")
        await page.context.set_offline(False)
        await page.goto("/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Vaktpult")


async def test_a_call_written_without_network_is_sent_once_and_leaves_the_phone(
    browser: Browser, running: systems.System
) -> None:
    before = calls_logged(running)
    async with at_the_desk(browser, running) as page:
        await page.context.set_offline(True)
        await page.goto("/")
        await page.get_by_role("link", name="Før innringing").click()
        await fill_in(page)
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Innringingen er lagret på telefonen.")).to_be_visible()
        await expect(page.get_by_role("heading", name=re.compile("Innringing ført kl"))).to_be_visible()
        await judged(page, "offline-waiting-phone-light")
        kept = await page.evaluate(SEALED)
        assert "key false" in kept
        assert not [text for text in kept if NAME in text or WORDS in text]
        assert calls_logged(running) == before
        await page.wait_for_timeout(2500)
        await page.context.set_offline(False)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Vaktpult", timeout=15_000)
        await expect(page.locator("#waiting")).to_be_hidden(timeout=15_000)
        (new,) = [call for call in calls_logged(running) if call not in before]
        assert new[1] < new[2], "it was called before it was entered"
        await page.evaluate("navigator.serviceWorker.ready.then((r) => r.active.postMessage({ kind: 'send' }))")
        await page.goto("/notifier/calls")
        assert len(calls_logged(running)) == len(before) + 1


async def test_what_is_kept_is_never_what_a_page_is_about(browser: Browser, running: systems.System) -> None:
    async with at_the_desk(browser, running) as page:
        for place in ("/threat-watch/threats", "/meetings/", "/registry/actors", "/notifier/calls"):
            await page.goto(place)
        kept = {re.sub(r"^https?://[^/]+", "", address): text for address, text in await page.evaluate(FILES)}
        assert kept
        assert all(re.match(r"/notifier/(static|scripts|offline)/", address) for address in kept), kept
        assert not [address for address, text in kept.items() if "Kari" in text or "duty.officer" in text]


async def test_a_login_that_ran_out_without_network_is_told_and_the_call_is_sent_after_the_next(
    browser: Browser, running: systems.System
) -> None:
    before = calls_logged(running)
    async with at_the_desk(browser, running) as page:
        await page.context.set_offline(True)
        await page.goto("/notifier/calls/new")
        await fill_in(page)
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Venter på nett.")).to_be_visible()
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn", timeout=15_000)
        assert calls_logged(running) == before
        await log_in(page)
        await expect(page.get_by_text("Innringingen er sendt.")).to_be_visible()
        assert len(calls_logged(running)) == len(before) + 1


async def test_a_refused_call_is_told_kept_and_can_be_corrected(browser: Browser, running: systems.System) -> None:
    before = calls_logged(running)
    async with at_the_desk(browser, running) as page:
        await page.context.set_offline(True)
        await page.goto("/notifier/calls/new")
        await fill_in(page)
        await page.get_by_label("Når ringte de?").fill("2199-01-01T03:15")
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Venter på nett.")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_text("Ble ikke tatt imot.")).to_be_visible(timeout=15_000)
        await judged(page, "offline-refused-phone-light")
        await page.get_by_role("link", name="Åpne").click()
        await expect(page.get_by_label("Hva sier de?")).to_have_value(WORDS)
        await expect(page.get_by_label("Navn")).to_have_value(NAME)
        await page.get_by_label("Når ringte de?").fill("")
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Lagret. Dialogen får den.")).to_be_visible()
        await expect(page.locator("#waiting")).to_be_hidden()
        assert len(calls_logged(running)) == len(before) + 1


async def test_what_one_person_wrote_is_not_sent_in_anothers_name_nor_shown(
    browser: Browser, running: systems.System
) -> None:
    before = calls_logged(running)
    async with at_the_desk(browser, running) as page:
        await page.context.set_offline(True)
        await page.goto("/notifier/calls/new")
        await fill_in(page)
        await page.get_by_role("button", name="Lagre").click()
        await expect(page.get_by_text("Venter på nett.")).to_be_visible()
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        await log_in(page, "duty.deputy")
        await expect(page.get_by_text("Skrevet av en annen på denne telefonen.")).to_be_visible()
        await expect(page.get_by_role("link", name="Åpne")).to_be_hidden()
        assert calls_logged(running) == before
        await page.context.clear_cookies()
        await log_in(page)
        await expect(page.get_by_text("Innringingen er sendt.")).to_be_visible()
        assert len(calls_logged(running)) == len(before) + 1


async def test_logging_out_clears_the_phone_but_never_a_call_that_waits(
    browser: Browser, running: systems.System
) -> None:
    async with at_the_desk(browser, running) as page:
        await page.context.set_offline(True)
        await page.goto("/notifier/calls/new")
        await fill_in(page)
        await page.get_by_label("Når ringte de?").fill("2199-01-01T03:15")
        await page.get_by_role("button", name="Lagre").click()
        await page.context.set_offline(False)
        await expect(page.get_by_text("Ble ikke tatt imot.")).to_be_visible(timeout=15_000)
        await page.goto("/meetings/")
        await page.locator(".fk-menu > summary").click()
        await page.get_by_role("button", name="Logg ut").click()
        await expect(page.get_by_text("Du er ikke logget ut")).to_be_visible()
        page.once("dialog", lambda dialog: dialog.accept())
        await page.get_by_role("button", name="Slett").click()
        await expect(page.locator("#waiting")).to_be_hidden()
        await page.locator(".fk-menu > summary").click()
        await page.get_by_role("button", name="Logg ut").click()
        await expect(page.get_by_role("heading", name="Logg inn")).to_be_visible()
        assert await page.evaluate(SEALED) == []
        await page.context.set_offline(True)
        await page.goto("/")
        await expect(page.get_by_text("Ingen tavle er lagret på denne telefonen")).to_be_visible()
        await judged(page, "offline-nothing-phone-light")
        await page.goto("/notifier/calls/new")
        await expect(page.get_by_text("Vi vet ikke hvem som bruker denne telefonen")).to_be_visible()


async def test_a_form_from_another_site_is_neither_kept_nor_sent(browser: Browser, running: systems.System) -> None:
    before = calls_logged(running)
    async with at_the_desk(browser, running) as page:
        await page.goto("data:text/html,<h1>Another site</h1>")
        await page.evaluate(FORM_OF_ANOTHER_SITE, f"{running.url}/notifier/calls/new")
        await page.wait_for_url(re.compile("/auth/|/notifier/calls"))
        await page.goto("/")
        await expect(page.locator("#waiting")).to_be_hidden()
        assert calls_logged(running) == before


async def test_the_desk_can_be_installed(browser: Browser, running: systems.System) -> None:
    async with at_the_desk(browser, running) as page:
        session = await page.context.new_cdp_session(page)
        manifest = await session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert '"start_url": "/"' in manifest["data"]
        refused = await session.send("Page.getInstallabilityErrors")
        # A window without history, as tests use, is never offered to be installed; nothing else stands in the way.
        assert [one["errorId"] for one in refused["installabilityErrors"] if one["errorId"] != "in-incognito"] == []


async def test_a_new_version_takes_over_and_the_old_ones_files_are_removed(
    browser: Browser, running: systems.System
) -> None:
    async with at_the_desk(browser, running) as page:
        await page.evaluate("caches.open('forkant-of-before').then((cache) => cache.put('/old', new Response('old')))")
        (current,) = [name for name in await page.evaluate("caches.keys()") if name != "forkant-of-before"]
        await page.evaluate(
            """async () => { const found = await navigator.serviceWorker.ready; await found.unregister(); }"""
        )
        await page.goto("/")
        await page.wait_for_function(READY)
        await page.wait_for_function("() => caches.keys().then((all) => all.length === 1)")
        assert await page.evaluate("caches.keys()") == [current]
