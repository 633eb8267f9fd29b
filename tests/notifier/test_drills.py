"""Drills: the real chain, marked everywhere, behind everything real, over in time, and counted nowhere."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from prometheus_client import REGISTRY

from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.messages import PageMessage
from forkant_shared.events.notifier import PageAccepted, PageClosed, PageOpened
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import LINES, TestDesk, escalation

DRILLS = "/notifier/v1/drills"


async def started(desk: TestDesk, lane: str = "LIFE", *, user: str = "duty.leader", status: int = 201) -> Any:
    answer = await desk.client.post(DRILLS, json={"lane": lane}, headers=desk.as_user(user))
    assert answer.status_code == status, answer.text
    if status == 201:
        await desk.send()
    return answer.json()


async def report_of(desk: TestDesk, drill: dict[str, Any]) -> Any:
    return await desk.get(f"{DRILLS}/{drill['id']}")


async def test_a_drill_rings_whoever_is_on_duty_and_every_message_says_so(desk: TestDesk) -> None:
    drill = await started(desk)
    messages = await desk.messages(to=LINES["duty.officer"])
    assert {message["channel"] for message in messages} == {"PUSH", "SMS", "CALL"}
    assert {message["body"] for message in messages} == {f"Forkant ØVELSE {drill['code']} HASTER. Logg inn."}
    page = await desk.get(f"/notifier/v1/pages/{drill['id']}")
    assert page["drill"] is True
    assert page["timeline"][0]["by"] == "duty.leader"


async def test_a_real_page_is_not_marked(desk: TestDesk) -> None:
    page = await desk.opened()
    assert page["drill"] is False
    assert "ØVELSE" not in str(await desk.messages())


async def test_a_drill_climbs_as_a_page_does_and_is_over_with_its_answer(desk: TestDesk) -> None:
    drill = await started(desk)
    await desk.wait(100)
    assert await desk.messages(to=LINES["duty.deputy"])
    await desk.reply("duty.deputy", f"{drill['code']} ja")
    told = await report_of(desk, drill)
    assert (told["running"], told["cause"], told["human_seconds"]) == (False, "DRILL_ANSWERED", 100)
    rung = {(line["after_seconds"], line["tiers"]) for line in told["rung"]}
    assert rung == {(0, "1"), (45, "1"), (90, "2")}
    first = told["rung"][0]
    assert (first["users"], first["submitted_seconds"], first["failed"]) == (["duty.officer"], 0, 0)
    before = len(await desk.messages())
    await desk.wait(300)
    assert len(await desk.messages()) == before, "nobody is rung after it"


async def test_jobber_med_saken_ends_a_drill_and_it_asks_for_nothing_more(desk: TestDesk) -> None:
    drill = await started(desk)
    path = f"/notifier/v1/pages/{drill['id']}/working"
    page = (await desk.client.post(path, headers=desk.as_user("duty.officer"))).json()
    assert (page["state"], page["next_step_at"]) == ("CLOSED", None)


async def test_nobody_answers_and_the_drill_ends_by_its_bound(desk: TestDesk) -> None:
    drill = await started(desk)
    bound = int(desk.desk.rules.drill_for[Lane.LIFE].total_seconds())
    await desk.wait(bound - 10, each=10)
    assert (await report_of(desk, drill))["running"]
    await desk.wait(20, each=10)
    told = await report_of(desk, drill)
    assert (told["cause"], told["human_seconds"], told["answers"]) == ("DRILL_TIME", None, [])


async def test_a_normal_drill_becomes_life_as_a_page_would(desk: TestDesk) -> None:
    drill = await started(desk, "NORMAL")
    assert f"Forkant ØVELSE {drill['code']}. Logg inn." in str(await desk.messages())
    await desk.wait(2410, each=10)
    assert f"Forkant ØVELSE {drill['code']} HASTER. Logg inn." in str(await desk.messages())


async def test_a_real_life_page_ends_the_drill_within_a_second_and_goes_first(desk: TestDesk) -> None:
    drill = await started(desk)
    page = await desk.opened()
    await desk.wait(1, each=1)
    assert (await report_of(desk, drill))["cause"] == "DRILL_REAL_PAGE"
    assert (await desk.pages())[0]["state"] == "OPEN"
    before = [m for m in await desk.messages() if "ØVELSE" in m["body"]]
    await desk.wait(100)
    assert [m for m in await desk.messages() if "ØVELSE" in m["body"]] == before
    assert len([m for m in await desk.messages() if page["code"] in m["body"]]) > 6


async def test_what_waits_of_a_drill_is_sent_after_what_is_real(desk: TestDesk) -> None:
    answer = await desk.client.post(DRILLS, json={"lane": "LIFE"}, headers=desk.as_user("duty.leader"))
    assert answer.status_code == 201
    await desk.hear(escalation(lane="NORMAL"))
    await desk.send()
    bodies = [m["body"] for m in sorted(await desk.messages(), key=lambda one: str(one["id"]))]
    marks = ["ØVELSE" in body for body in bodies]
    assert marks == sorted(marks), "every real message left before any of the drill"
    rows = await desk.rows("select drill, max(urgency) as most, min(urgency) as least from attempts group by drill")
    assert {bool(row["drill"]): (row["least"], row["most"]) for row in rows} == {False: (1, 1), True: (2, 2)}


async def test_no_drill_begins_while_a_real_life_page_runs(desk: TestDesk) -> None:
    await desk.opened()
    refused = await started(desk, status=409)
    assert "real page" in refused["detail"]


async def test_of_two_drills_at_once_one_is_refused(desk: TestDesk) -> None:
    who = desk.as_user("duty.leader")
    answers = await asyncio.gather(*(desk.client.post(DRILLS, json={"lane": "LIFE"}, headers=who) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_only_a_duty_leader_starts_and_ends_a_drill(desk: TestDesk) -> None:
    for user in ("duty.officer", "duty.deputy", "operations", "auditor", "analyst", "admin"):
        await started(desk, user=user, status=403)
    drill = await started(desk)
    path = f"{DRILLS}/{drill['id']}/end"
    assert (await desk.client.post(path, headers=desk.as_user("duty.officer"))).status_code == 403
    close = f"/notifier/v1/pages/{drill['id']}/close"
    refused = await desk.client.post(close, json={"cause": "HANDLED"}, headers=desk.as_user("duty.officer"))
    assert refused.status_code == 409
    assert (await desk.client.post(path, headers=desk.as_user("duty.leader"))).status_code == 200
    assert (await report_of(desk, drill))["cause"] == "DRILL_STOPPED"
    assert (await desk.client.post(path, headers=desk.as_user("duty.leader"))).status_code == 409
    rows = await desk.rows("select action, details from audit where action like 'notifier.drill.%'")
    written = [str(row["details"]) for row in rows if row["action"] == "notifier.drill.write"]
    assert sum("START" in one for one in written) == sum("STOP" in one for one in written) == 1
    assert any(row["action"] == "notifier.drill.read" for row in rows)


async def test_a_lane_that_is_none_and_a_page_that_is_no_drill_are_refused(desk: TestDesk) -> None:
    await started(desk, "SOON", status=422)
    page = await desk.opened()
    answer = await desk.client.get(f"{DRILLS}/{page['id']}", headers=desk.as_user("duty.leader"))
    assert answer.status_code == 404


async def test_the_events_of_a_drill_say_that_it_is_one(desk: TestDesk) -> None:
    drill = await started(desk)
    await desk.reply("duty.officer", drill["code"])
    rows = await desk.rows("select envelope from outbox order by seq")
    envelopes = [row["envelope"] for row in rows]
    told = [json.loads(one) if isinstance(one, str) else one for one in envelopes]
    for event in (PageOpened, PageAccepted, PageClosed):
        assert any(one["type"] == event.TYPE and one["data"]["drill"] is True for one in told), told


async def test_a_drill_is_in_no_handover_report_and_in_no_real_metric(desk: TestDesk, browser: Browser) -> None:
    def submitted() -> float:
        found = [
            s.value for m in REGISTRY.collect() for s in m.samples if s.name == "forkant_notifier_submissions_total"
        ]
        return sum(found)

    before = submitted()
    drill = await started(desk)
    await desk.wait(100)
    assert submitted() == before
    assert drill["code"] not in await browser.get("/notifier/handovers/new")


async def test_a_drill_is_started_seen_and_ended_on_its_pages(desk: TestDesk, browser: Browser) -> None:
    assert "Ingen øvelser ennå" in await browser.get("/notifier/drills")
    assert "Start øvelsen" not in await browser.get("/notifier/drills")
    browser.client.cookies.clear()
    await browser.log_in("duty.leader")
    nothing = await browser.send("/notifier/drills", "/notifier/drills")
    assert (nothing.status_code, "Velg hva det skal øves på" in nothing.text) == (422, True)
    answer = await browser.send("/notifier/drills", "/notifier/drills", lane="LIFE")
    assert answer.status_code == 303
    place = answer.headers["location"].split("?")[0]
    await desk.send()
    again = await browser.send(place, "/notifier/drills", lane="LIFE")
    assert (again.status_code, "pågår" in again.text) == (409, True)
    assert "Avslutt øvelsen" in await browser.get(place)
    assert "ØVELSE" in await browser.get("/")
    shown = await browser.get(place.replace("drills", "pages"))
    assert "Ingenting har skjedd" in shown
    assert "Lukk varselet" not in shown
    assert (await browser.send(place, f"{place}/end")).status_code == 303
    assert "avsluttet av vaktleder" in await browser.get(place)
    assert "Ingen har svart" in await browser.get(place)


async def test_a_call_of_a_drill_begins_by_saying_so(desk: TestDesk) -> None:
    speech = desk.desk.speech
    assert speech.opening(PageMessage("7F3A", Lane.LIFE, "x", drill=True)).startswith("Dette er en øvelse.")
    assert "øvelse" not in speech.opening(PageMessage("7F3A", Lane.LIFE, "x"))
