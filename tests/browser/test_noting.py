"""What is said in a meeting is marked in a real browser and counts in a threat; phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bench import systems
from tests.browser.accessibility import assert_accessible, assert_big_targets, assert_fits
from tests.browser.chromium import screenshot
from tests.browser.visiting import logged_in
from tests.system.followup import hence
from tests.system.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@dataclass
class Met:
    """A contact that took place, on a system of its own, and the size of the screen it is noted on."""

    url: str
    story: Story
    dialogue: str
    meeting: str
    phone: bool

    @property
    def size(self) -> str:
        return "phone" if self.phone else "desktop"


def _made(story: Story, path: str, body: dict[str, Any], user: str = "dialogue.officer") -> str:
    answer = story.client.post(f"/meetings/v1/{path}", json=body, headers=story.as_user(user))
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module", params=[True, False], ids=["phone", "desktop"])
def met(request: pytest.FixtureRequest) -> Iterator[Met]:
    with systems.embedded() as running:
        story = Story(running.url)
        story.register("Solmo")
        people = [{"subject": one} for one in ("dialogue.officer", "dialogue.leader")]
        opening = {"group_id": story.gang, "phase": "III", "entry_form": "OPEN_APPROACH", "contacts": people}
        dialogue = _made(story, "dialogues", opening)
        contact = {
            "dialogue_id": dialogue,
            "level": "OPERATIONAL",
            "initiative": "THEIRS",
            "purpose": "De ville snakke",
            "not_recruitment": True,
            "held_at": hence(hours=-2),
            "counterpart_count": 1,
            "representatives": people,
        }
        meeting = _made(story, "contacts", contact)
        yield Met(running.url, story, dialogue, meeting, request.param)
        story.close()


async def _judged(page: Page, name: str) -> None:
    await page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    for judge in (assert_accessible, assert_big_targets, assert_fits):
        await judge(page)
    await screenshot(page, name)


async def test_what_is_marked_on_the_meetings_page_becomes_a_threat_that_names_its_report(
    browser: Browser, met: Met
) -> None:
    async with logged_in(browser, met.url, "dialogue.officer", phone=met.phone) as page:
        await page.goto(f"/meetings/meetings/{met.meeting}")
        await page.get_by_text("Merk noe som ble sagt").click()
        await page.get_by_label("Hva ble sagt?").fill("De sa at lederen ikke skal få sove i natt.")
        await page.get_by_label("Hva sier det noe om?").select_option("INTENT")
        await page.get_by_label("Hvem er det rettet mot?").select_option("ROLE:POLICE_LEADER")
        await page.locator('label:has(input[name="note_strength"][value="EXPLICIT"])').click()
        await page.get_by_label("Hvor pålitelig er den som sa det?").select_option("B")
        await page.get_by_label("Hvor sikkert er innholdet?").select_option("2")
        await _judged(page, f"noting-form-{met.size}")
        await page.get_by_role("button", name="Merk som etterretning").click()
        await expect(page.get_by_text("Merket som etterretning og sendt")).to_be_visible()
        await _judged(page, f"noting-meeting-{met.size}")
        await page.get_by_role("link", name="De sa at lederen").click()
        await _judged(page, f"noting-note-{met.size}")
        await page.goto(f"/meetings/complaints/new?dialogue={met.dialogue}&meeting={met.meeting}")
        await _judged(page, f"noting-complaint-{met.size}")

    def threats() -> list[dict[str, Any]]:
        answer = met.story.client.get("/threat-watch/v1/threats", headers=met.story.as_user("analyst"))
        return list(answer.json()["items"])

    (threat,) = met.story.wait(threats)
    async with logged_in(browser, met.url, "analyst", phone=met.phone) as page:
        await page.goto(f"/threat-watch/threats/{threat['id']}")
        await expect(page.get_by_role("link", name="R-").first).to_be_visible()
        assert "ikke skal få sove" not in await page.content()


async def test_the_climate_of_approved_minutes_stands_in_the_situation_picture(browser: Browser, met: Met) -> None:
    async with logged_in(browser, met.url, "dialogue.officer", phone=met.phone) as page:
        await page.goto(f"/meetings/meetings/{met.meeting}/minutes")
        await page.get_by_label("Referat", exact=True).fill("De var avvisende.")
        await page.get_by_label("Klimaet slik vi opplevde det").select_option("-2")
        await _judged(page, f"noting-minutes-{met.size}")
        await page.get_by_role("button", name="Lagre referatet").click()
        await expect(page.get_by_role("definition").filter(has_text="−2 fiendtlig")).to_be_visible()
    head = met.story.as_user("dialogue.leader")
    approved = met.story.client.post(f"/meetings/v1/meetings/{met.meeting}/minutes/approval", headers=head)
    assert approved.is_success, approved.text

    def climate() -> list[dict[str, Any]]:
        leader = met.story.as_user("duty.leader")
        return list(met.story.client.get("/threat-watch/v1/situation", headers=leader).json()["climate"])

    (line,) = met.story.wait(climate)
    assert (line["group"]["id"], line["ours"], line["theirs"]) == (met.story.gang, -2, None)
    async with logged_in(browser, met.url, "duty.leader", phone=met.phone) as page:
        await page.goto("/threat-watch/situation")
        await expect(page.locator("#climate").get_by_text("−2 fiendtlig")).to_be_visible()
        await _judged(page, f"noting-situation-{met.size}")
