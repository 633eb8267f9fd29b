"""Who may know: compartments and handling in the query itself, in lists, links, counts, searches and the past."""

from __future__ import annotations

from forkant_shared.testing import token
from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, SEEN, Registry, statement

HANDLER = token("source.handler")
DUTY = token("duty.officer")
INSIDER = token("analyst", user="insider", compartments=["homes"])


async def test_a_hidden_actor_answers_as_one_that_is_not_there(registry: Registry) -> None:
    hidden = await registry.person("Skjermet Testmann", handling="SECRET", auth=HANDLER)
    for path in ("/actors/{}", "/actors/{}/claims"):
        there = await registry.get(path.format(hidden), auth=DUTY)
        nowhere = await registry.get(path.format(uuid(1)), auth=DUTY)
        assert there.status_code == nowhere.status_code == 404
        assert there.content == nowhere.content
    kinds = [(row.kind, row.details) for row in await registry.audited()][-4:]
    assert kinds == [("DENIED", {"status": 404})] * 4


async def test_a_compartment_is_for_its_members_alone(registry: Registry) -> None:
    person = await registry.person("Skjermet Testmann", compartment="homes", auth=INSIDER)
    assert await registry.search("Skjermet", auth=INSIDER) == ["Skjermet Testmann"]
    assert await registry.search("Skjermet", auth=HANDLER) == []
    assert await registry.search("", auth=HANDLER) == []
    assert (await registry.get("/actors:names", ids=person, auth=HANDLER)).json() == {"items": []}
    assert (await registry.get(f"/actors/{person}", auth=INSIDER)).status_code == 200


async def test_nobody_marks_a_thing_so_that_they_cannot_see_it(registry: Registry) -> None:
    for marks in ({"handling": "SECRET"}, {"compartment": "homes"}):
        answer = await registry.post(
            "/groups",
            {"label": "X", "group_kind": "street", "grading": B2, "origin": "S1"} | marks,
            "registrar",
        )
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["field"] == "handling"


async def test_a_secret_name_is_neither_found_nor_shown(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    await registry.claim(person, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    assert await registry.search("Nordavinden", auth=HANDLER) == ["Anders Testmann"]
    assert await registry.search("Nordavinden", auth=DUTY) == []
    card = (await registry.get(f"/actors/{person}", auth=DUTY)).json()
    assert "Nordavinden" not in str(card)
    assert "Nordavinden" not in (await registry.get(f"/actors/{person}/claims", auth=DUTY)).text
    names = (await registry.get("/actors:names", ids=person, auth=DUTY)).text
    assert "Nordavinden" not in names


async def test_an_actor_whose_names_are_all_hidden_is_called_by_the_end_of_its_id(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    [name] = [
        claim["id"]
        for claim in (await registry.get(f"/actors/{person}/claims")).json()["items"]
        if claim["predicate"] == "legal_name"
    ]
    secret = statement("legal_name", value="Anders Testmann", handling="SECRET")
    await registry.post(f"/claims/{name}/corrections", {"reason": "REFINED", "replacement": secret}, "analyst")
    card = (await registry.get(f"/actors/{person}", auth=DUTY)).json()
    assert card["label"] == f"#{person[-6:]}"


async def test_a_link_is_as_restricted_as_its_strictest_end(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    secret = await registry.person("Skjermet Testmann", handling="SECRET", auth=HANDLER)
    open_ = await registry.person("Anders Testmann")
    for person in (secret, open_):
        await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group}, auth=HANDLER)
    await registry.claim(open_, "family_of", object={"kind": "PERSON", "id": secret}, auth=HANDLER)
    seen = (await registry.get(f"/actors/{group}", auth=DUTY)).json()
    assert ([m["label"] for m in seen["members"]], seen["member_count"]) == (["Anders Testmann"], 1)
    assert secret not in str(seen)
    assert secret not in (await registry.get(f"/actors/{open_}", auth=DUTY)).text
    assert secret not in (await registry.get(f"/actors/{open_}/claims", auth=DUTY)).text
    assert (await registry.get(f"/actors/{group}", auth=HANDLER)).json()["member_count"] == 2


async def test_a_hidden_object_cannot_be_pointed_at_and_answers_as_a_missing_one(registry: Registry) -> None:
    secret = await registry.person("Skjermet Testmann", handling="SECRET", auth=HANDLER)
    person = await registry.person("Anders Testmann")
    answers = [
        await registry.post(
            f"/actors/{person}/claims", statement("family_of", object={"kind": "PERSON", "id": id}), "registrar"
        )
        for id in (secret, uuid(1))
    ]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].content == answers[1].content


async def test_a_hidden_claim_cannot_be_corrected(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    secret = await registry.claim(person, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    hidden = await registry.post(f"/claims/{secret}/corrections", {"reason": "WRONG"}, "registrar")
    missing = await registry.post(f"/claims/{uuid(1)}/corrections", {"reason": "WRONG"}, "registrar")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


async def test_a_conflict_or_a_day_with_a_hidden_party_is_hidden_too(registry: Registry) -> None:
    open_, secret = await registry.group("Tveita"), await registry.group("Grorud", handling="SECRET", auth=HANDLER)
    analyst = token("analyst")
    conflict = {"group_a": open_, "group_b": secret, "status": "war", "since": SEEN, "grading": B2, "origin": "S1"}
    made = (await registry.post("/conflicts", conflict, auth=analyst)).json()["id"]
    day = {"kind": "FUNERAL", "on": "2026-12-01", "grading": B2, "origin": "S1"}
    await registry.post("/calendar-entries", day | {"parties": [secret]}, auth=analyst)
    await registry.post("/calendar-entries", day | {"parties": [open_, secret]}, auth=analyst)
    assert (await registry.get("/conflicts", auth=DUTY)).json()["items"] == []
    assert (await registry.get(f"/conflicts/{made}", auth=DUTY)).status_code == 404
    assert len((await registry.get("/conflicts", auth=analyst)).json()["items"]) == 1
    [entry] = (await registry.get("/calendar-entries", auth=DUTY)).json()["items"]
    assert entry["parties"] == [open_]
    assert len((await registry.get("/calendar-entries", auth=analyst)).json()["items"]) == 2


async def test_the_past_is_no_way_around(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    secret = await registry.claim(person, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    await registry.post(f"/claims/{secret}/corrections", {"reason": "WRONG"}, "analyst")
    card = await registry.get(f"/actors/{person}", auth=DUTY, known_at=registry.clock.now().isoformat())
    assert card.status_code == 200 and "Nordavinden" not in card.text
