"""Varslingsplan: who is rung when is read, written anew and chosen on the desk, and a running page keeps its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from forkant_shared.clock import new_id
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.support.people import document

PLANS = "/notifier/v1/paging-policies"


def quicker(version: str = "night-1", **lane: Any) -> str:
    changed = json.loads(json.dumps(document())) | {"version": version}
    changed["lanes"]["LIFE"]["steps"][1]["after"] = 20
    changed["lanes"]["LIFE"] |= lane
    return yaml.safe_dump(changed)


async def write(desk: TestDesk, text: str, user: str = "duty.leader") -> Any:
    return await desk.client.post(PLANS, json={"text": text}, headers=desk.as_user(user))


async def choose(desk: TestDesk, version: str, user: str = "duty.leader", **more: str) -> Any:
    body = {"version": version, "reason": "Færre på vakt i jula", **more}
    return await desk.client.post(f"{PLANS}/choices", json=body, headers=desk.as_user(user))


async def test_a_written_plan_is_used_by_nobody_until_it_is_chosen_and_running_pages_keep_theirs(
    desk: TestDesk,
) -> None:
    running = await desk.opened()
    assert (await write(desk, quicker())).status_code == 201
    await desk.hear(escalation(threat_id=new_id()))
    assert (await choose(desk, "night-1")).status_code == 201
    await desk.hear(escalation(threat_id=new_id()))
    versions = [row["policy_version"] for row in await desk.rows("select policy_version from pages order by opened_at")]
    assert versions == ["2026-1", "2026-1", "night-1"]
    assert running["state"] == "OPEN"
    found = (await desk.client.get(PLANS, headers=desk.as_user("duty.officer"))).json()
    assert found["in_force"] == "night-1"
    assert [(one["version"], one["by"]) for one in found["items"] if one["in_force"]] == [("night-1", "duty.leader")]
    assert [(c["version"], c["reason"]) for c in found["choices"]] == [("night-1", "Færre på vakt i jula")]
    kinds = [
        row["details"] for row in await desk.rows("select details from audit where action = 'notifier.policy.choose'")
    ]
    assert ["WRITTEN" in str(kinds[0]), "CHOSEN" in str(kinds[1])] == [True, True]


async def test_what_ships_with_the_program_can_be_chosen_and_the_first_one_again(desk: TestDesk) -> None:
    for version in ("2026-2", "2026-1"):
        assert (await choose(desk, version)).status_code == 201
        await desk.hear(escalation(threat_id=new_id()))
    versions = [row["policy_version"] for row in await desk.rows("select policy_version from pages order by opened_at")]
    assert versions == ["2026-2", "2026-1"]


async def test_another_instance_goes_by_what_was_chosen_within_a_second(desk: TestDesk) -> None:
    from forkant_notifier.commands.duty import BOOK_GOOD_FOR_SECONDS
    from forkant_notifier.store import paging_policies

    assert (await write(desk, quicker())).status_code == 201
    async with desk.parts.database.write() as session:
        await paging_policies.choose(session, "night-1", desk.clock.now(), "duty.leader", "på en annen maskin")
    desk.desk.book_read_at -= BOOK_GOOD_FOR_SECONDS
    await desk.hear(escalation(threat_id=new_id()))
    ((version,),) = [row.values() for row in await desk.rows("select policy_version from pages")]
    assert version == "night-1"


@pytest.mark.parametrize(
    ("text", "status", "field"),
    [
        (quicker("2026-1"), 409, "version"),
        (quicker(""), 422, "version"),
        (quicker("x" * 41), 422, "version"),
        (quicker(repeat_last_each=None), 422, "lanes.LIFE.steps"),
        (quicker(repeat_last_eech=3), 422, "lanes.LIFE.repeat_last_eech"),
        (quicker(steps="no"), 422, "lanes.LIFE"),
        (quicker(steps=[{"after": "soon"}]), 422, "lanes.LIFE"),
        (quicker(steps=[{}]), 422, "lanes.LIFE.after"),
        (quicker(act_within=float("inf")), 422, "lanes.LIFE"),
        (quicker(answers={"needed": 3}), 422, "lanes.LIFE.answers.needed"),
        (quicker(repeat_last_each=3000), 422, "lanes.LIFE.steps"),
        (quicker(working_for=-1), 422, "lanes.LIFE"),
        ("version: [", 422, "text"),
        ("- a\n- b", 422, "text"),
        ("a: &a [1]\nb: *a", 422, "text"),
        ("1: 2", 422, "text"),
        ("[" * 5000, 422, "text"),
        ("lanes: no\nversion: x", 422, "floor_tier"),
    ],
)
async def test_a_plan_that_cannot_be_used_is_refused_with_its_field_and_changes_nothing(
    desk: TestDesk, text: str, status: int, field: str | None
) -> None:
    answer = await write(desk, text)
    assert answer.status_code == status, answer.text
    if field is not None:
        assert field in answer.text
    assert [row["version"] for row in await desk.rows("select version from paging_policies")] == ["2026-1"]


async def test_a_choice_says_why_names_a_plan_and_does_not_run_another_over(desk: TestDesk) -> None:
    assert (await choose(desk, "no-such")).status_code == 404
    assert (await choose(desk, "2026-1")).status_code == 409, "it is in force"
    assert (await choose(desk, "2026-2", reason=" ")).status_code == 422
    assert (await choose(desk, "2026-2", seen="2026-1")).status_code == 201
    assert (await choose(desk, "2026-3", seen="2026-1")).status_code == 409, "somebody was first"


@pytest.mark.parametrize(
    ("user", "reads", "chooses"), [("duty.officer", 200, 403), ("admin", 200, 403), ("analyst", 403, 403)]
)
async def test_the_duty_reads_it_and_the_leader_alone_chooses(
    desk: TestDesk, user: str, reads: int, chooses: int
) -> None:
    assert (await desk.client.get(PLANS, headers=desk.as_user(user))).status_code == reads
    assert (await choose(desk, "2026-2", user)).status_code == chooses
    assert (await write(desk, quicker(), user)).status_code == chooses


async def test_on_the_page_a_leader_writes_a_plan_and_chooses_it(desk: TestDesk) -> None:
    browser = Browser(desk)
    await browser.log_in("duty.leader")
    page = (await browser.client.get("/notifier/policies", headers={"accept": "text/html"})).text
    for said in ("Gjelder for nye varsler: 2026-1", "Etter 45 s", "Etter 3 min", "Straks", "Ingen har valgt"):
        assert said in page
    refused = await browser.send("/notifier/policies", "/notifier/policies", text="version: [")
    assert refused.status_code == 422 and "Teksten kan ikke leses som YAML" in refused.text
    saved = await browser.send("/notifier/policies", "/notifier/policies", text=quicker())
    assert saved.status_code == 303
    lacking = await browser.send(
        "/notifier/policies", "/notifier/policies/choices", version="night-1", reason="", seen="2026-1"
    )
    assert lacking.status_code == 422 and "Skriv hvorfor" in lacking.text
    again = await browser.send(
        "/notifier/policies", "/notifier/policies/choices", version="2026-1", reason="igjen", seen="2026-1"
    )
    assert again.status_code == 409 and "følger denne planen allerede" in again.text
    done = await browser.send(
        "/notifier/policies", "/notifier/policies/choices", version="night-1", reason="Natt", seen="2026-1"
    )
    assert done.status_code == 303
    page = (await browser.client.get("/notifier/policies", headers={"accept": "text/html"})).text
    assert "Gjelder for nye varsler: night-1" in page and "Etter 20 s" in page and "Natt" in page


async def test_an_officer_reads_the_plan_and_finds_no_button(desk: TestDesk) -> None:
    browser = Browser(desk)
    await browser.log_in("duty.officer")
    page = (await browser.client.get("/notifier/policies", headers={"accept": "text/html"})).text
    assert "Varslingsplan" in page and "Bruk planen" not in page and "Skriv en ny plan" not in page
    rotas = (await browser.client.get("/notifier/duty/rotas", headers={"accept": "text/html"})).text
    assert 'href="/notifier/policies"' in rotas
