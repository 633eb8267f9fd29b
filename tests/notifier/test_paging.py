"""From an escalation to an answered phone, on a real database, with the clock moved by hand."""

from __future__ import annotations

import re

import pytest

from forkant_shared.clock import new_id
from forkant_shared.errors import NotFound
from forkant_shared.events.threat_watch import EscalationUpdated, ThreatClosed
from tests.notifier.support.desk import LINES, THREAT, TestDesk, escalation


async def test_an_escalation_rings_the_duty_phone_on_every_channel_with_code_and_lane_only(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    messages = await desk.messages()
    assert {m["channel"] for m in messages} == {"PUSH", "SMS", "CALL"}
    assert {m["to"] for m in messages} == {LINES["duty.officer"]}
    assert {m["body"] for m in messages} == {f"Forkant {page['code']} HASTER. Logg inn."}
    assert re.fullmatch(r"[0-9A-F]{4}", page["code"])
    assert (page["lane"], page["state"], page["tier"]) == ("LIFE", "OPEN", 1)
    assert [a["state"] for a in page["attempts"]] == ["DELIVERED"] * 3


async def test_a_code_from_the_phone_accepts_and_stops_the_clock(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    assert (await desk.reply("duty.officer", page["code"].lower()))["answer"] == "ACCEPT"
    (accepted,) = await desk.pages()
    assert (accepted["state"], accepted["accepted_by"]) == ("ACCEPTED", "duty.officer")
    sent = len(await desk.messages())
    await desk.wait(120)
    assert len(await desk.messages()) == sent
    types = [row["type"] for row in await desk.rows("select json_extract(envelope, '$.type') as type from outbox")]
    assert types == ["no.forkant.notifier.page-opened.v1", "no.forkant.notifier.page-accepted.v1"]


async def test_the_tiers_ring_one_after_the_other_in_seconds(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.wait(305)
    first = {user: next(m["at"][14:19] for m in await desk.messages(to=line)) for user, line in LINES.items()}
    assert first == {"duty.officer": "14:00", "duty.deputy": "15:30", "duty.leader": "17:00"}
    (page,) = await desk.pages()
    assert page["tier"] == 4
    assert len(await desk.messages(to="+4700000009")) == 3


async def test_a_wrong_code_is_answered_and_an_unknown_number_is_not(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    wrong = "0000" if page["code"] != "0000" else "1111"
    assert (await desk.reply("duty.officer", wrong))["answer"] is None
    assert (await desk.reply("duty.officer", "hva er dette"))["answer"] is None
    stranger = await desk.client.post("/notifier/sandbox/replies", json={"from": "+4700000077", "body": page["code"]})
    assert stranger.json() == {"answer": None, "page_id": None}
    await desk.send()
    bodies = [m["body"] for m in await desk.messages()][3:]
    assert bodies == [
        "Forkant: ukjent kode. Logg inn.",
        "Forkant: svar med koden, eller koden og JA, VENT eller NEI.",
    ]
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_the_target_is_passed_over_cannot_answer_and_does_not_see_the_page(desk: TestDesk) -> None:
    actor = new_id()
    async with desk.parts.database.write() as session:
        from forkant_notifier.store import duty

        await duty.set_actor(session, "duty.officer", actor)
    desk.desk.book = None
    await desk.hear(escalation(excluded_actor_ids=[actor]))
    await desk.wait(500)
    assert await desk.messages(to=LINES["duty.officer"]) == []
    (page,) = await desk.pages("duty.deputy")
    assert await desk.pages("duty.officer") == []
    await desk.reply("duty.officer", page["code"])
    await desk.send()
    assert [m["body"] for m in await desk.messages(to=LINES["duty.officer"])] == ["Forkant: ukjent kode. Logg inn."]
    for method, path, body in (
        ("GET", "", None),
        ("POST", "/accept", {"answer": "ACCEPT"}),
        ("POST", "/working", None),
        ("POST", "/notes", {"note": "x"}),
        ("POST", "/close", {"cause": "HANDLED"}),
    ):
        answer = await desk.client.request(
            method, f"/notifier/v1/pages/{page['id']}{path}", json=body, headers=desk.as_user("duty.officer")
        )
        assert answer.status_code == 404, path
    missing = await desk.client.get(f"/notifier/v1/pages/{new_id()}", headers=desk.as_user("duty.officer"))
    hidden = await desk.client.get(f"/notifier/v1/pages/{page['id']}", headers=desk.as_user("duty.officer"))
    assert missing.json() == hidden.json()


async def test_life_takes_the_place_of_an_open_normal_page_of_the_same_threat(desk: TestDesk) -> None:
    await desk.hear(escalation(lane="NORMAL"), escalation(lane="LIFE"))
    life, normal = await desk.pages()
    assert (life["lane"], life["state"]) == ("LIFE", "OPEN")
    assert (normal["lane"], normal["state"]) == ("NORMAL", "CLOSED")
    detail = await desk.get(f"/notifier/v1/pages/{normal['id']}")
    assert detail["timeline"][-1]["code"] == "REPLACED"


async def test_normal_does_not_take_the_place_of_anything(desk: TestDesk) -> None:
    await desk.hear(escalation(lane="LIFE"), escalation(lane="NORMAL"))
    assert [page["state"] for page in await desk.pages()] == ["OPEN", "OPEN"]


async def test_the_same_event_twice_is_one_page(desk: TestDesk) -> None:
    asked = escalation()
    await desk.hear(asked, asked)
    assert len(await desk.pages()) == 1


async def test_an_update_is_a_line_on_the_timeline_and_no_new_ringing(desk: TestDesk) -> None:
    asked = escalation()
    await desk.hear(asked)
    await desk.send()
    before = len(await desk.messages())
    update = EscalationUpdated(escalation_id=asked.escalation_id, threat_id=THREAT, rules=["near-event"])
    await desk.hear(update)
    await desk.send()
    (page,) = await desk.pages()
    assert (await desk.get(f"/notifier/v1/pages/{page['id']}"))["timeline"][-1]["code"] == "near-event"
    assert len(await desk.messages()) == before
    with pytest.raises(NotFound):
        await desk.hear(update.model_copy(update={"escalation_id": new_id()}))


async def test_a_closed_threat_closes_its_pages_and_what_was_not_sent_is_not_sent(desk: TestDesk) -> None:
    await desk.hear(escalation(lane="NORMAL"), escalation(lane="NORMAL"), ThreatClosed(threat_id=THREAT))
    await desk.wait(700)
    assert [page["state"] for page in await desk.pages()] == ["CLOSED", "CLOSED"]
    assert await desk.messages(to=LINES["duty.deputy"]) == []


async def test_cannot_rings_the_next_tier_at_once(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    await desk.reply("duty.officer", f"NEI {page['code']}")
    await desk.send()
    assert len(await desk.messages(to=LINES["duty.deputy"])) == 3


async def test_an_accepted_page_without_action_rings_again_and_working_gives_time(desk: TestDesk) -> None:
    await desk.hear(escalation())
    await desk.send()
    (page,) = await desk.pages()
    await desk.reply("duty.officer", page["code"])
    await desk.wait(590, each=10)
    answer = await desk.client.post(f"/notifier/v1/pages/{page['id']}/working", headers=desk.as_user("duty.officer"))
    assert answer.status_code == 200
    before = len(await desk.messages())
    await desk.wait(1790, each=30)
    assert len(await desk.messages()) == before
    await desk.wait(30)
    assert len(await desk.messages()) > before


async def test_codes_are_unique_among_pages_that_run(desk: TestDesk) -> None:
    await desk.hear(*[escalation(lane="NORMAL") for _ in range(60)])
    codes = [row["code"] for row in await desk.rows("select code from pages")]
    assert len(set(codes)) == 60
