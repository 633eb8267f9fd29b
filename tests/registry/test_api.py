"""The registry over HTTP: the public contract, and what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forkant_shared.testing import bearer, machine_token, token
from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, Registry, conflict, statement

PERSON = {
    "names": [{"kind": "legal", "value": "Anders Testmann"}],
    "ground": "ASSUMED_OFFENDER",
    "grading": B2,
    "origin": "S1",
}
GROUP = {"label": "Tveitagjengen", "group_kind": "street", "grading": B2, "origin": "S1"}


async def test_the_public_contract_holds_word_for_word(registry: Registry) -> None:
    group = (await registry.post("/groups", GROUP)).json()
    person = (await registry.post("/persons", PERSON)).json()
    assert list(group) == list(person) == ["id"]
    made = await registry.post(
        f"/actors/{person['id']}/claims", statement("member_of", object={"kind": "GROUP", "id": group["id"]})
    )
    assert made.status_code == 201 and list(made.json()) == ["id"]
    role = await registry.post(f"/actors/{person['id']}/claims", statement("holds_role", value="POLICE_LEADER"))
    assert role.status_code == 201
    found = (await registry.get("/actors", q="testman")).json()
    assert found["next"] is None
    [item] = found["items"]
    assert {name: item[name] for name in ("id", "kind", "label")} == {
        "id": person["id"],
        "kind": "PERSON",
        "label": "Anders Testmann",
    }
    assert 0.8 < item["score"] <= 1
    assert item["why"][0]["how"] == "TYPING"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": None}, "label"),
        ({"label": ""}, "label"),
        ({"label": "…"}, "label"),
        ({"group_kind": "ethnic"}, "group_kind"),
        ({"grading": {"scale": "ADMIRALTY", "source": "B"}}, "grading.information"),
        ({"grading": {"scale": "ADMIRALTY", "source": "Z", "information": "1"}}, "grading.source"),
        ({"grading": {"scale": "ROMAN", "source": "I", "information": "1"}}, "grading.scale"),
        ({"origin": ""}, "origin"),
        ({"observed_at": 1700000000}, "observed_at"),
        ({"observed_at": "1700000000"}, "observed_at"),
        ({"observed_at": "2026-11-20T21:15:00"}, "observed_at"),
        ({"observed_at": "9999-12-31T23:59:59-23:00"}, "observed_at"),
        ({"handling": "TOP"}, "handling"),
        ({"ethnicity": "x"}, "ethnicity"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_changed(
    registry: Registry, change: dict[str, Any], field: str
) -> None:
    answer = await registry.post("/groups", GROUP | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert await registry.told() == []
    assert await registry.search("Tveitagjengen") == []


async def test_what_has_yet_to_come_is_in_conflict_with_the_clock(registry: Registry) -> None:
    answer = await registry.post("/groups", GROUP | {"observed_at": "2999-01-01T00:00:00Z"})
    assert answer.status_code == 409
    assert [error["field"] for error in answer.json()["errors"]] == ["observed_at"]


async def test_a_claim_names_the_field_that_does_not_fit_the_predicate(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    other = await registry.person("Kari Prøve")
    for body, field in [
        (statement("likes"), "predicate"),
        (statement("holds_role", value="KING"), "value"),
        (statement("member_of"), "object"),
        (statement("member_of", object={"kind": "GROUP", "id": other}), "object.kind"),
        (statement("family_of", object={"kind": "PERSON", "id": group}), "object.kind"),
        (statement("registration_ground", value="CONNECTION"), "object"),
    ]:
        answer = await registry.post(f"/actors/{person}/claims", body)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_what_is_pointed_at_must_be_there(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    day = {"kind": "RELEASE", "on": "2026-12-01", "parties": [person, uuid(7)], "grading": B2, "origin": "S1"}
    for path, body, field in [
        (f"/actors/{person}/claims", statement("member_of", object={"kind": "GROUP", "id": uuid(7)}), "object.id"),
        ("/conflicts", conflict(group, uuid(7)), "group_b"),
        ("/calendar-entries", day, "parties.1"),
    ]:
        answer = await registry.post(path, body)
        assert answer.status_code == 404
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_connection_needs_a_link_to_a_person_assumed_to_commit_offences(registry: Registry) -> None:
    offender = await registry.person("Anders Testmann")
    victim = await registry.person("Kari Prøve", ground="VICTIM")
    body = PERSON | {"ground": "CONNECTION"}
    for link, status in (({}, 422), ({"connected_to": victim}, 422), ({"connected_to": uuid(7)}, 404)):
        answer = await registry.post("/persons", body | link)
        assert answer.status_code == status
        assert [error["field"] for error in answer.json()["errors"]] == ["connected_to"]
    assert (await registry.post("/persons", body | {"connected_to": offender})).status_code == 201


async def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(registry: Registry) -> None:
    first = await registry.post("/groups", GROUP, key="one")
    again = await registry.post("/groups", GROUP, key="one")
    other = await registry.post("/groups", GROUP | {"label": "Grorudgjengen"}, key="one")
    elsewhere = await registry.post("/persons", PERSON, key="one")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert other.status_code == elsewhere.status_code == 409
    assert len([event for event in await registry.told() if event["type"] == "group-registered"]) == 1


async def test_every_post_honours_its_key(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    claim = await registry.claim(one, "alias", value="Tveita")
    for path, body in [
        ("/persons", PERSON),
        (f"/actors/{one}/claims", statement("status", value="ESTABLISHED")),
        (f"/claims/{claim}/corrections", {"reason": "WITHDRAWN"}),
        ("/conflicts", conflict(one, two)),
        ("/calendar-entries", {"kind": "RELEASE", "on": "2026-12-01", "parties": [one], "grading": B2, "origin": "S1"}),
    ]:
        first, again = [await registry.post(path, body, key=path) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200), (path, first.text, again.text)
        assert first.json() == again.json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/groups"),
        ("POST", "/persons"),
        ("GET", "/actors"),
        ("GET", f"/actors/{uuid(1)}"),
        ("GET", f"/actors/{uuid(1)}/claims"),
        ("GET", f"/actors:names?ids={uuid(1)}"),
        ("GET", "/conflicts"),
        ("GET", "/calendar-entries"),
    ],
)
async def test_nobody_is_let_in_without_a_token(registry: Registry, method: str, path: str) -> None:
    answer = await registry.http.request(method, f"/registry/v1{path}", json=GROUP if method == "POST" else None)
    assert answer.status_code == 401


async def test_who_has_no_right_is_refused_and_the_attempt_is_written_down(registry: Registry) -> None:
    assert (await registry.post("/groups", GROUP, "duty.officer")).status_code == 403
    assert (await registry.get("/actors", "admin", q="x")).status_code == 403
    assert (await registry.post("/groups", GROUP, auth=machine_token("forkant:registry.read"))).status_code == 403
    assert [(row.kind, row.action) for row in await registry.audited()] == [
        ("DENIED", "registry.actor.write"),
        ("DENIED", "registry.actor.search"),
        ("DENIED", "registry.actor.write"),
    ]


async def test_a_system_that_may_write_can_register_and_tie(registry: Registry) -> None:
    system = machine_token("forkant:registry.write")
    person = await registry.person("Anders Testmann", auth=system)
    group = await registry.group("Tveitagjengen", auth=system)
    await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group}, auth=system)
    assert (await registry.get(f"/actors/{person}", auth=system)).status_code == 403


async def test_names_of_many_actors_come_at_once_and_strangers_are_left_out(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    group = await registry.group("Tveitagjengen")
    await registry.claim(person, "nickname", value="Lillebror")
    answer = await registry.get(
        "/actors:names", auth=machine_token("forkant:registry.read"), ids=[group, uuid(5), person, group]
    )
    assert answer.json() == {
        "items": [
            {
                "id": group,
                "kind": "GROUP",
                "label": "Tveitagjengen",
                "names": [{"kind": "working", "value": "Tveitagjengen"}],
            },
            {
                "id": person,
                "kind": "PERSON",
                "label": "Anders Testmann",
                "names": [{"kind": "legal", "value": "Anders Testmann"}, {"kind": "nickname", "value": "Lillebror"}],
            },
        ]
    }
    assert (await registry.get("/actors:names", ids="not-an-id")).status_code == 422


async def test_events_carry_ids_and_codes_and_never_a_name(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group}, note="Sett med Lillebror")
    await registry.claim(person, "holds_role", value="WITNESS")
    events = await registry.told()
    assert [event["type"] for event in events] == [
        "person-registered",
        "claim-recorded",
        "claim-recorded",
        "group-registered",
        "claim-recorded",
        "claim-recorded",
        "claim-recorded",
        "claim-recorded",
    ]
    assert events[6]["object_id"] == group and events[6]["predicate"] == "member_of"
    assert events[7]["code"] == "WITNESS"
    for secret in ("Anders", "Testmann", "Tveita", "Lillebror"):
        assert secret not in str(events)


async def test_a_purpose_is_kept_with_the_search_and_content_is_not(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    await registry.get("/actors", q="Anders Testmann", purpose="PREVENT")
    await registry.get(f"/actors/{person}", purpose=f"threat:{uuid(9)}")
    search, card = (await registry.audited())[-2:]
    assert (search.kind, search.purpose, search.objects) == ("CONSULTATION", "PREVENT", [person])
    assert (card.kind, card.purpose, card.objects) == ("CONSULTATION", f"threat:{uuid(9)}", [person])
    assert "Testmann" not in str(await registry.audited())
    assert (await registry.get("/actors", q="x", purpose="because Anders")).status_code == 422


async def test_a_list_goes_on_where_the_part_before_ended(registry: Registry) -> None:
    made = [await registry.group(f"Gruppe {n}") for n in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        part = (await registry.get("/actors", limit=2, **after)).json()
        seen += [item["id"] for item in part["items"]]
        if part["next"] is None:
            break
        after = {"after": part["next"]}
    assert seen == made[::-1]
    ranked = (await registry.get("/actors", q="gruppe", limit=2)).json()
    rest = (await registry.get("/actors", q="gruppe", limit=10, after=ranked["next"])).json()
    assert {item["id"] for item in ranked["items"] + rest["items"]} == set(made)
    assert (await registry.get("/actors", after="x")).status_code == 422
    assert (await registry.get("/actors", q="gruppe", after=made[0])).status_code == 404


async def test_openapi_and_health_answer(registry: Registry) -> None:
    document = (await registry.http.get("/registry/openapi.json", headers=bearer(token("analyst")))).json()
    assert "/registry/v1/actors/{actor_id}/claims" in document["paths"]
    async with asyncio.timeout(10):
        while (await registry.http.get("/registry/health/ready")).status_code != 200:
            await asyncio.sleep(0.01)
