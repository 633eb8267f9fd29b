"""A report that belongs to no threat yet rings by itself, until a person has assessed it or a threat takes over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound
from forkant_shared.events.threat_watch import ReportEscalated, ReportTriaged
from tests.notifier.support.desk import TestDesk, escalation


def text_rings(**changed: Any) -> ReportEscalated:
    told: dict[str, Any] = {
        "escalation_id": new_id(),
        "report_id": new_id(),
        "lane": "NORMAL",
        "rules": ["unassessed-text"],
        "reason": "unassessed-text",
        "raised_at": datetime.fromisoformat("2026-11-23T02:14:00Z"),
    }
    return ReportEscalated(**told | changed)


def assessed(rang: ReportEscalated, **changed: Any) -> ReportTriaged:
    told: dict[str, Any] = {
        "report_id": rang.report_id,
        "outcome": "DISMISSED",
        "threat_ids": [],
        "escalation_id": rang.escalation_id,
        "user": "analyst",
    }
    return ReportTriaged(**told | changed)


async def pages(desk: TestDesk) -> list[dict[str, Any]]:
    return list(await desk.get("/notifier/v1/pages"))


async def test_a_report_without_a_threat_rings_in_its_lane_and_leads_to_the_text(desk: TestDesk) -> None:
    rang = text_rings()
    await desk.hear(rang)
    await desk.send()
    (page,) = await pages(desk)
    assert (page["lane"], page["state"], page["threat_id"]) == ("NORMAL", "OPEN", None)
    assert (page["report_id"], page["escalation_id"]) == (rang.report_id, rang.escalation_id)
    assert {m["body"] for m in await desk.messages()} == {f"Forkant {page['code']}. Logg inn."}
    shown = await desk.client.get(
        f"/notifier/pages/{page['id']}", headers=desk.as_user("duty.officer") | {"accept": "text/html"}
    )
    assert f'href="/threat-watch/triage/{rang.report_id}"' in shown.text
    assert "Tekst ingen har vurdert" in shown.text


async def test_it_climbs_and_becomes_urgent_as_any_page_does(desk: TestDesk) -> None:
    await desk.hear(text_rings())
    await desk.wait(45 * 60, each=60)
    (page,) = await pages(desk)
    assert page["lane"] == "LIFE"


async def test_the_same_twice_is_one_page_and_another_report_under_it_a_line_without_ringing(desk: TestDesk) -> None:
    rang = text_rings()
    await desk.hear(rang, rang)
    await desk.send()
    rung = len(await desk.messages())
    await desk.hear(text_rings(escalation_id=rang.escalation_id))
    await desk.send()
    (page,) = await pages(desk)
    assert len(await desk.messages()) == rung
    detail = await desk.get(f"/notifier/v1/pages/{page['id']}")
    assert [entry["kind"] for entry in detail["timeline"]].count("UPDATED") == 1


async def test_a_persons_word_on_the_text_ends_its_page(desk: TestDesk) -> None:
    rang = text_rings()
    await desk.hear(rang, assessed(rang, escalation_id=None))
    await desk.send()
    assert (await pages(desk))[0]["state"] == "OPEN", "another text under the page still waits"
    await desk.hear(assessed(rang), assessed(rang))
    (page,) = await pages(desk)
    assert page["state"] == "CLOSED"
    detail = await desk.get(f"/notifier/v1/pages/{page['id']}")
    assert detail["timeline"][-1]["code"] == "TRIAGED"
    sent = len(await desk.messages())
    await desk.wait(700, each=60)
    assert len(await desk.messages()) == sent


async def test_a_word_on_a_page_nobody_has_seen_is_tried_again(desk: TestDesk) -> None:
    with pytest.raises(NotFound):
        await desk.hear(assessed(text_rings()))


async def test_a_threats_page_takes_the_place_of_the_reports(desk: TestDesk) -> None:
    rang = text_rings()
    await desk.hear(rang, escalation(lane="NORMAL", replaces=rang.escalation_id))
    states = {page["threat_id"] is None: page["state"] for page in await pages(desk)}
    assert states == {True: "CLOSED", False: "OPEN"}
    await desk.hear(assessed(rang, outcome="CONFIRMED"))
    assert {page["threat_id"] is None: page["state"] for page in await pages(desk)} == states


async def test_a_threat_never_takes_another_threats_page_with_it(desk: TestDesk) -> None:
    other = escalation(threat_id=new_id())
    await desk.hear(other, escalation(replaces=other.escalation_id))
    assert [page["state"] for page in await pages(desk)] == ["OPEN", "OPEN"]


async def test_a_text_about_police_rings_the_duty_leader_too(desk: TestDesk) -> None:
    await desk.hear(text_rings(include_leader=True))
    await desk.send()
    assert {m["to"] for m in await desk.messages()} == {"+4700000001", "+4700000003"}
