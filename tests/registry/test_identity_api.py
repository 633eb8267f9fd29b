"""Who is who over HTTP: judging, a second person, taking back, and what cards and searches show of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.testing import machine_token, token
from tests.registry.support.reference import uuid
from tests.registry.support.service import Registry, conflict

HANDLER = token("source.handler")
ANALYST = token("analyst", user="analyst.two")
REGISTRAR = token("registrar")
DUTY = token("duty.officer")


async def judged(registry: Registry, one: str, other: str, *, auth: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"other": other, "verdict": "POSITIVE", "reason": "Samme tatovering"} | more
    answer = await registry.post(f"/actors/{one}/judgements", body, auth=auth)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def revoked(registry: Registry, judgement: str, auth: str | None = None) -> Any:
    return await registry.post(f"/judgements/{judgement}/revocations", {"reason": "To personer"}, auth=auth)


async def identities(registry: Registry) -> list[tuple[str, str]]:
    told = [event for event in await registry.told() if event["type"] == "identity-changed"]
    return [(event["actor_id"], event["canonical_id"]) for event in told]


async def listed(registry: Registry, text: str, auth: str = DUTY, **query: Any) -> list[tuple[str, list[str]]]:
    """The lines of a search: the id, and the labels of those it stands for."""
    items = (await registry.get("/actors", auth=auth, q=text, **query)).json()["items"]
    return [(item["id"], [other["label"] for other in item["also"]]) for item in items]


async def test_two_judged_the_same_are_one_line_and_one_card_until_it_is_revoked(registry: Registry) -> None:
    first, second = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    await registry.claim(second, "alias", value="Nordavind")
    before = await listed(registry, "Anders Testmann")
    assert [id for id, _ in before] == [first, second]
    made = await judged(registry, second, first, score=0.79)
    assert (made["state"], made["canonical_id"]) == ("STANDS", first)
    assert await listed(registry, "Anders Testmann") == [(first, ["Anders Testmand"])]
    assert await listed(registry, "Nordavind") == [(first, ["Anders Testmand"])]
    assert await listed(registry, "") == [(first, ["Anders Testmand"])]
    for asked, other in ((first, second), (second, first)):
        card = (await registry.get(f"/actors/{asked}", auth=DUTY)).json()
        assert (card["canonical_id"], [one["id"] for one in card["same_as"]]) == (first, [other])
        assert {"Nordavind", "Anders Testmann", "Anders Testmand"} <= {line["value"] for line in card["lines"]}
    [alias] = [line for line in card["lines"] if line["predicate"] == "alias"]
    assert alias["claims"][0]["actor_id"] == second
    taken = await revoked(registry, made["id"])
    assert (taken.status_code, taken.json()["state"]) == (201, "REVOKED")
    assert await listed(registry, "Anders Testmann") == before
    card = (await registry.get(f"/actors/{first}", auth=DUTY)).json()
    assert (card["canonical_id"], card["same_as"]) == (first, [])
    assert await identities(registry) == [(second, first), (second, second)]


async def test_every_actor_whose_stand_in_changes_is_told_of_and_no_other(registry: Registry) -> None:
    people = [await registry.person(f"Person Nummer{word}") for word in ("En", "To", "Tre", "Fire")]
    one, two, three, four = people
    await judged(registry, three, four)
    await judged(registry, two, three)
    assert await identities(registry) == [(four, three), (three, two), (four, two)]
    last = await judged(registry, four, one)
    assert (await identities(registry))[3:] == [(two, one), (three, one), (four, one)]
    await revoked(registry, last["id"])
    assert (await identities(registry))[6:] == [(two, two), (three, two), (four, two)]
    await judged(registry, one, four, verdict="NEGATIVE")
    await judged(registry, one, two, verdict="UNSURE")
    assert len(await identities(registry)) == 9
    versions = [event for event in await registry.told() if event["type"] == "identity-changed"]
    assert len(versions) == 9


async def test_what_says_the_opposite_is_refused_and_says_what_to_revoke_first(registry: Registry) -> None:
    one, two, three = [await registry.person(f"Person Nummer{word}") for word in ("En", "To", "Tre")]
    ties = [(await judged(registry, *pair))["id"] for pair in ((one, two), (two, three))]
    refused = await registry.post(
        f"/actors/{one}/judgements", {"other": three, "verdict": "NEGATIVE", "reason": "Ulik alder"}
    )
    assert refused.status_code == 409
    [error] = refused.json()["errors"]
    assert error["field"] == "verdict" and all(id in error["remedy"] for id in ties)
    await revoked(registry, ties[1])
    apart = await judged(registry, one, three, verdict="NEGATIVE")
    again = await registry.post(
        f"/actors/{two}/judgements", {"other": three, "verdict": "POSITIVE", "reason": "Samme bil"}
    )
    assert again.status_code == 409 and apart["id"] in again.json()["errors"][0]["remedy"]
    assert await identities(registry) == [(two, one), (three, one), (three, three)]


async def test_who_does_not_see_all_of_both_needs_a_second_person_who_does(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    await registry.claim(two, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    made = await judged(registry, one, two, auth=REGISTRAR)
    assert (made["state"], made["canonical_id"]) == ("WAITS", one)
    assert await identities(registry) == []
    assert len(await listed(registry, "Anders")) == 2
    waiting = (await registry.get("/judgements", auth=ANALYST, state="WAITS")).json()["items"]
    assert [item["id"] for item in waiting] == [made["id"]]
    path = f"/judgements/{made['id']}/approvals"
    assert (await registry.post(path, None, auth=REGISTRAR)).status_code == 403
    blind = token("dialogue.leader", user="registrar")
    assert (await registry.post(path, None, auth=blind)).status_code == 403
    approved = await registry.post(path, None, auth=HANDLER)
    assert (approved.status_code, approved.json()["state"]) == (201, "STANDS")
    assert await identities(registry) == [(two, one)]
    assert (await registry.get("/judgements", auth=ANALYST, state="WAITS")).json()["items"] == []
    assert (await registry.post(path, None, auth=ANALYST)).status_code == 409
    [row] = (await registry.get(f"/actors/{two}/judgements", auth=ANALYST)).json()["items"]
    assert (row["judged_by"], row["approved_by"], row["needs_approval"]) == ("registrar", "source.handler", True)


async def test_a_compartment_counts_as_something_one_does_not_see(registry: Registry) -> None:
    insider = token("analyst", user="insider", compartments=["homes"])
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    await registry.claim(one, "district", value="0301", compartment="homes", auth=insider)
    made = await judged(registry, one, two)
    assert made["state"] == "WAITS"
    path = f"/judgements/{made['id']}/approvals"
    assert (await registry.post(path, None, auth=ANALYST)).status_code == 403
    assert (await registry.post(path, None, auth=insider)).status_code == 201


async def test_one_that_waits_can_be_turned_down_and_decides_nothing(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    await registry.claim(two, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    made = await judged(registry, one, two, auth=REGISTRAR)
    assert (await revoked(registry, made["id"], HANDLER)).json()["state"] == "REVOKED"
    assert (await registry.post(f"/judgements/{made['id']}/approvals", None, auth=ANALYST)).status_code == 409
    assert await identities(registry) == []


async def test_a_hidden_actor_cannot_be_judged_and_answers_as_a_missing_one(registry: Registry) -> None:
    open_ = await registry.person("Anders Testmann")
    hidden = await registry.person("Anders Testmand", handling="SECRET", auth=HANDLER)
    body = {"verdict": "POSITIVE", "reason": "Samme tatovering"}
    for path, others in (
        (f"/actors/{open_}/judgements", [{"other": hidden}, {"other": uuid(7)}]),
        ("/actors/{}/judgements", [{"other": open_}]),
    ):
        ids = [hidden, uuid(7)] if "{}" in path else [open_]
        answers = [await registry.post(path.format(id), body | other, auth=REGISTRAR) for id in ids for other in others]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


async def test_a_tie_to_a_hidden_actor_is_hidden_everywhere(registry: Registry) -> None:
    hidden = await registry.person("Anders Testmand", handling="SECRET", auth=HANDLER)
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmannen")
    ties = [(await judged(registry, pair, hidden, auth=ANALYST))["id"] for pair in (one, two)]
    assert await identities(registry) == [(one, hidden), (two, hidden)]
    assert await listed(registry, "Anders", ANALYST) == [(hidden, ["Anders Testmann", "Anders Testmannen"])]
    assert {id for id, _ in await listed(registry, "Anders")} == {one, two}
    assert [id for id, _ in await listed(registry, "")] == [two, one]
    card = await registry.get(f"/actors/{one}", auth=DUTY)
    assert (card.json()["canonical_id"], card.json()["same_as"]) == (one, [])
    assert hidden not in card.text
    assert (await registry.get(f"/actors/{one}/judgements", auth=DUTY)).json()["items"] == []
    for path in (f"/judgements/{ties[0]}", f"/judgements/{uuid(1)}"):
        assert (await registry.get(path, auth=DUTY)).status_code == 404
    # Whoever judges what hangs together out of sight needs somebody who sees it.
    body = {"other": two, "verdict": "NEGATIVE", "reason": "Ulik alder"}
    waits = await registry.post(f"/actors/{one}/judgements", body, auth=REGISTRAR)
    assert waits.json()["state"] == "WAITS"
    approved = await registry.post(f"/judgements/{waits.json()['id']}/approvals", None, auth=HANDLER)
    assert approved.status_code == 409 and ties[0] in approved.text


async def test_a_judgement_with_a_mark_of_its_own_ties_nothing_for_those_who_may_not_know(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Kari Prøve")
    await judged(registry, one, two, auth=ANALYST, handling="SECRET")
    assert await listed(registry, "Kari Prøve") == [(two, [])]
    assert await listed(registry, "Kari Prøve", ANALYST) == [(one, ["Kari Prøve"])]
    marked = {"other": two, "verdict": "UNSURE", "reason": "x", "handling": "SECRET"}
    assert (await registry.post(f"/actors/{one}/judgements", marked, auth=REGISTRAR)).status_code == 403


async def test_a_person_with_two_cards_is_one_member_on_whichever_ground_lets_them_count(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    one = await registry.person("Anders Testmann", ground="INFORMATION")
    two = await registry.person("Anders Testmand")
    for person in (one, two):
        await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group})
    assert [(await registry.get(f"/actors/{group}")).json()[name] for name in ("member_count",)] == [1]
    await registry.claim(one, "served_with", object={"kind": "PERSON", "id": two})
    await judged(registry, one, two)
    card = (await registry.get(f"/actors/{group}")).json()
    assert [(member["id"], member["counted"]) for member in card["members"]] == [(one, True)]
    own = (await registry.get(f"/actors/{one}")).json()
    assert not [line for line in own["lines"] if line["predicate"] == "served_with"]
    [membership] = [line for line in own["lines"] if line["predicate"] == "member_of"]
    assert len(membership["claims"]) == 2 and membership["origins"] == 1


async def test_the_card_as_known_on_a_day_shows_who_was_one_then(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Kari Prøve")
    before = registry.clock.now().isoformat()
    registry.clock.advance(timedelta(hours=1))
    made = await judged(registry, one, two)
    during = registry.clock.now().isoformat()
    registry.clock.advance(timedelta(hours=1))
    await revoked(registry, made["id"])
    for moment, others in ((before, []), (during, [two]), (registry.clock.now().isoformat(), [])):
        card = (await registry.get(f"/actors/{one}", known_at=moment)).json()
        assert [other["id"] for other in card["same_as"]] == others


async def test_groups_are_judged_too_and_bring_their_conflicts_along(registry: Registry) -> None:
    one, two, foe = [await registry.group(label) for label in ("Tveitagjengen", "Tveita", "Grorudgjengen")]
    await registry.post("/conflicts", conflict(two, foe))
    await judged(registry, one, two)
    card = await registry.http.get(
        f"https://forkant.test/registry/actors/{one}",
        headers={"authorization": f"Bearer {ANALYST}", "accept": "text/html"},
    )
    assert "Grorudgjengen" in card.text and "Krig" in card.text


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"other": "x"}, 422, "other"),
        ({"verdict": "MAYBE"}, 422, "verdict"),
        ({"reason": ""}, 422, "reason"),
        ({"reason": "  "}, 422, "reason"),
        ({"score": 2}, 422, "score"),
        ({"score": "0.5"}, 422, "score"),
        ({"sure": True}, 422, "sure"),
        ({"handling": "TOP"}, 422, "handling"),
        ({"other": uuid(7)}, 404, "other"),
    ],
)
async def test_a_wrong_judgement_names_the_field_and_changes_nothing(
    registry: Registry, change: dict[str, Any], status: int, field: str
) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Kari Prøve")
    body = {"other": two, "verdict": "POSITIVE", "reason": "Samme tatovering"} | change
    answer = await registry.post(f"/actors/{one}/judgements", body)
    assert answer.status_code == status, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert await identities(registry) == []


async def test_a_person_is_never_a_group_and_nobody_is_judged_against_themselves(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    for other in (person, group):
        body = {"other": other, "verdict": "POSITIVE", "reason": "x"}
        assert (await registry.post(f"/actors/{person}/judgements", body)).status_code == 422


async def test_only_people_with_the_right_judge_and_every_attempt_is_written_down(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Kari Prøve")
    body = {"other": two, "verdict": "POSITIVE", "reason": "x"}
    for auth in (DUTY, token("dialogue.officer"), machine_token("forkant:registry.write")):
        assert (await registry.post(f"/actors/{one}/judgements", body, auth=auth)).status_code == 403
    made = await judged(registry, one, two)
    await revoked(registry, made["id"])
    rows = [(row.kind, row.action, row.details.get("state")) for row in await registry.audited()][-5:]
    assert rows[:3] == [("DENIED", "registry.identity.judge", None)] * 3
    assert rows[3:] == [
        ("COMBINATION", "registry.identity.judge", "STANDS"),
        ("COMBINATION", "registry.identity.revoke", "REVOKED"),
    ]
    assert (await registry.get("/judgements", auth=machine_token("forkant:registry.read"))).status_code == 200
    audited = str([(row.objects, row.details, row.purpose) for row in await registry.audited()])
    assert "To personer" not in audited and "Testmann" not in audited


async def test_the_same_key_judges_once_and_lists_go_on_where_the_part_before_ended(registry: Registry) -> None:
    people = [await registry.person(f"Person Nummer{n}") for n in range(4)]
    body = {"other": people[1], "verdict": "POSITIVE", "reason": "x"}
    first, again = [await registry.post(f"/actors/{people[0]}/judgements", body, key="one") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    path = f"/judgements/{first.json()['id']}/revocations"
    taken = [await registry.post(path, {"reason": "x"}, key="two") for _ in range(2)]
    assert [answer.status_code for answer in taken] == [201, 200]
    made = [(await judged(registry, people[0], other))["id"] for other in people[2:]]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        part = (await registry.get(f"/actors/{people[0]}/judgements", limit=2, **after)).json()
        seen += [item["id"] for item in part["items"]]
        if part["next"] is None:
            break
        after = {"after": part["next"]}
    assert seen == [first.json()["id"], *made]
