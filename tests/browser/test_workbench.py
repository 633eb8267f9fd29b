"""The policy workbench in a real browser: from a draft to the policy in force, phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from bench import systems
from tests.browser.visiting import judged, logged_in
from tests.system.story import Story
from tests.threat_watch.domain.test_scenarios import SCENARIOS
from tests.threat_watch.support.drafting import text

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
PATH = "/threat-watch/policy"
STRICTER = text(**{"HIGH: 0.60": "HIGH: 0.50"})


@dataclass
class Bench:
    """A system of its own, and the size of the screen."""

    url: str
    phone: bool

    @property
    def size(self) -> str:
        return "phone" if self.phone else "desktop"


@pytest.fixture(scope="module", params=[True, False], ids=["phone", "desktop"])
def workbench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with systems.embedded() as running:
        story = Story(running.url)
        head = story.as_user("analyst")
        for path in SCENARIOS:
            kept = story.client.put(
                f"/threat-watch/v1/policy-scenarios/{path.stem}", json={"text": path.read_text()}, headers=head
            )
            assert kept.is_success, kept.text
        story.close()
        yield Bench(running.url, request.param)


async def test_a_draft_is_uploaded_mended_compared_signed_by_another_and_adopted_by_a_leader(
    browser: Browser, workbench: Bench
) -> None:
    url, phone, size = workbench.url, workbench.phone, workbench.size
    async with logged_in(browser, url, "analyst", phone=phone, dark=phone) as page:
        await page.goto(PATH)
        await judged(page, f"workbench-empty-{size}")
        wrong = text(**{"INTENT: 4.4": "INTENT: -4.4"})
        await page.locator("#name-paste").fill("Strengere")
        await page.locator("#file-text-paste").set_input_files(
            {"name": "utkast.yaml", "mimeType": "application/yaml", "buffer": wrong.encode()}
        )
        await page.get_by_role("button", name="Kontroller og begynn").click()
        await expect(page.get_by_text("må være fra 0 til 100.")).to_be_visible()
        await judged(page, f"workbench-refused-{size}")
        await page.locator("#text-paste").fill(STRICTER)
        await page.get_by_role("button", name="Kontroller og begynn").click()
        await expect(page.get_by_role("heading", name="Utkast: Strengere")).to_be_visible()
        await page.locator('label:has(input[name="source"][value="SCENARIOS"])').click()
        await page.get_by_role("button", name="Sammenlign", exact=True).click()
        await expect(page.get_by_text("Med policyen som gjelder, og med utkastet").first).to_be_visible(timeout=60_000)
        await judged(page, f"workbench-draft-{size}")
    async with logged_in(browser, url, "dialogue.leader", phone=phone) as page:
        await page.goto(PATH)
        await page.get_by_role("button", name="Signer teksten med navnet mitt").click()
        await expect(page.get_by_text("signert som 2026-8")).to_be_visible()
    async with logged_in(browser, url, "duty.leader", phone=phone) as page:
        await page.goto(PATH)
        await page.locator("#version").select_option("2026-8")
        await page.locator("#reason-adopt").fill("Prøvd på historiene.")
        await page.get_by_role("button", name="Ta i bruk").click()
        await expect(page.get_by_text("2026-8 gjelder fra")).to_be_visible()
        await judged(page, f"workbench-coming-{size}")
        for _ in range(30):
            await page.goto(PATH)
            if await page.locator("#current .fk-aside", has_text="2026-8").count():
                break
            await page.wait_for_timeout(1000)
        await expect(page.locator("#current .fk-aside")).to_have_text("2026-8")
        await judged(page, f"workbench-adopted-{size}")
