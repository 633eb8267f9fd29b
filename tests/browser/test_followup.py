"""Following a threat up, in a real browser: what may be said, the measures, the card; phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from bench import systems
from tests.browser.visiting import judged, logged_in
from tests.system.followup import SAID, Followup, hence
from tests.system.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@dataclass
class Watched:
    """A threat on a system of its own, and the size of the screen it is followed up on."""

    url: str
    threat: Followup
    phone: bool

    @property
    def size(self) -> str:
        return "phone" if self.phone else "desktop"

    @property
    def address(self) -> str:
        return f"/threat-watch/threats/{self.threat.threat}"


@pytest.fixture(scope="module", params=[True, False], ids=["phone", "desktop"])
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    with systems.embedded() as running:
        story = Story(running.url)
        yield Watched(running.url, followed(story), request.param)
        story.close()


def followed(story: Story) -> Followup:
    """A threat with answers from its keepers, a measure out of proportion, a question, and an effect that failed."""
    found = Followup(story, "Solmo")
    for user in ("dialogue.officer", "source.handler", "duty.leader"):
        found.done("GET", "measures", None, user)
    for place in (1, 3):
        found.answer(place)
    found.answer(2, "NO")
    times = {"starts_at": hence(hours=-1), "expires_at": hence(days=30)}
    spied = {
        "kind": "SURVEILLANCE",
        "what": "Spaning mot garasjen.",
        "owner": "duty.leader",
        "because": "Leid ut måneden.",
    }
    found.done("POST", "measures", spied | times, "duty.leader")
    served = {"kind": "CONTACT_BAN", "what": "Forbud mot å oppsøke familien.", "owner": "dialogue.officer"}
    found.done("POST", "measures", served | times, "duty.leader")
    asked = {"about": "NO_CAPABILITY", "question": "Har de våpen?", "owner": "source.handler", "due_at": hence(days=2)}
    found.done("POST", "requests", asked, "analyst")
    found.done("POST", "verifications", {"due_at": hence(days=1), "fallback": "Pågripe de to."}, "duty.leader")
    found.done("POST", "feedback", {"outcome": "NONE", "evidence": "De møttes igjen."}, "duty.leader")
    return found


async def test_a_plan_is_written_approved_and_signed_by_those_whose_it_is(browser: Browser, watched: Watched) -> None:
    url, phone, size = watched.url, watched.phone, watched.size
    async with logged_in(browser, url, "analyst", phone=phone, dark=phone) as page:
        await page.goto(f"{watched.address}/disclosure")
        await page.get_by_text("Skriv en ny tekst").click()
        await page.get_by_role("textbox", name="Det som vil bli sagt").fill(SAID)
        await page.locator('label:has(input[name="reports"])').filter(has_text="Kildefører").first.click()
        await page.get_by_role("button", name="Legg teksten i planen").click()
        await expect(page.get_by_text(SAID).first).to_be_visible()
        await judged(page, f"followup-plan-analyst-{size}")
    async with logged_in(browser, url, "dialogue.leader", phone=phone) as page:
        await page.goto(f"{watched.address}/disclosure")
        await page.get_by_role("button", name="Godkjenn teksten").click()
        await expect(page.get_by_text("Godkjent", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Signer for dialogen").click()
        await judged(page, f"followup-plan-leader-{size}")
    async with logged_in(browser, url, "source.handler", phone=phone) as page:
        await page.goto(f"{watched.address}/disclosure")
        await page.get_by_role("button", name="Signer for kildene").click()
        await expect(page.get_by_text("Dialog om trusselen er klarert.")).to_be_visible()
        await judged(page, f"followup-plan-cleared-{size}")


async def test_measures_questions_and_the_fallback_are_read_and_worked_on(browser: Browser, watched: Watched) -> None:
    async with logged_in(browser, watched.url, "duty.leader", phone=watched.phone, dark=watched.phone) as page:
        await page.goto(watched.address)
        await expect(page.get_by_text("Alternativet venter på en leder.")).to_be_visible()
        await expect(page.get_by_text("Har de våpen?")).to_be_visible()
        await judged(page, f"followup-card-{watched.size}")
        await page.goto(f"{watched.address}/measures")
        await expect(page.locator("#pressure").get_by_role("row").nth(1)).to_contain_text("0")
        await judged(page, f"followup-measures-{watched.size}")
        await page.goto("/threat-watch/measures")
        await judged(page, f"followup-running-{watched.size}")
        await page.goto(watched.address)
        await page.get_by_label("Og hvis heller ikke det virker").fill("Flytte familien.")
        await page.get_by_role("button", name="Start alternativet").click()
        await expect(page.get_by_text("Under tiltak").first).to_be_visible()
