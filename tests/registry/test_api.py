"""The registry over HTTP: the public contract, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.testing import bearer, machine_token, token
from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, SEEN, START, Registry, day, statement

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
        ({"observed_at": "2999-01-01T00:00:00Z"}, "observed_at"),
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


async def test_a_claim_names_the_field_that_does_not_fit_the_predicate(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    for body, field in [
        (statement("likes"), "predicate"),
        (statement("holds_role", value="KING"), "value"),
        (statement("member_of"), "object"),
        (statement("member_of", object={"kind": "GROUP", "id": uuid(7)}), "object.id"),
        (statement("member_of", object={"kind": "GROUP", "id": person}), "object.id"),
        (statement("family_of", object={"kind": "PERSON", "id": group}), "object.id"),
        (statement("registration_ground", value="CONNECTION"), "object"),
    ]:
        answer = await registry.post(f"/actors/{person}/claims", body)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_connection_needs_a_link_to_a_person_assumed_to_commit_offences(registry: Registry) -> None:
    offender = await registry.person("Anders Testmann")
    victim = await registry.person("Kari Prøve", ground="VICTIM")
    body = PERSON | {"ground": "CONNECTION"}
    for link in ({}, {"connected_to": victim}, {"connected_to": uuid(7)}):
        answer = await registry.post("/persons", body | link)
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
    assert (await registry.get("/actors", q="gruppe", after=made[0])).status_code == 422


async def test_a_correction_marks_and_adds_and_the_past_can_be_read(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    wrong = await registry.claim(person, "alias", value="Nordavind")
    before = registry.clock.now().isoformat()
    registry.clock.advance(timedelta(hours=1))
    body = {"reason": "WRONG", "replacement": statement("alias", value="Sønnavind")}
    made = await registry.post(f"/claims/{wrong}/corrections", body)
    assert made.status_code == 201, made.text
    now = (await registry.get(f"/actors/{person}")).json()
    then = (await registry.get(f"/actors/{person}", known_at=before)).json()
    assert [line["value"] for line in now["lines"] if line["predicate"] == "alias"] == ["Sønnavind"]
    assert [line["value"] for line in then["lines"] if line["predicate"] == "alias"] == ["Nordavind"]
    every = (await registry.get(f"/actors/{person}/claims")).json()["items"]
    old = next(claim for claim in every if claim["id"] == wrong)
    assert (old["value"], old["superseded_by"], old["superseded_reason"]) == ("Nordavind", made.json()["id"], "WRONG")
    assert await registry.search("Nordavind") == []
    assert await registry.search("Sønnavind") == ["Anders Testmann"]
    recorded, superseded = (await registry.told())[-2:]
    assert (recorded["type"], superseded["type"]) == ("claim-recorded", "claim-superseded")
    again = await registry.post(f"/claims/{wrong}/corrections", {"reason": "WRONG"})
    assert again.status_code == 409


async def test_a_day_means_all_of_it(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    today = (await registry.get(f"/actors/{person}", known_at=day(0))).json()
    yesterday = (await registry.get(f"/actors/{person}", known_at=day(-1))).json()
    assert len(today["lines"]) == 2
    assert yesterday["lines"] == []


async def test_the_card_of_a_group_counts_members_but_never_victims(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    for name, ground in [("Anders Testmann", "ASSUMED_OFFENDER"), ("Kari Prøve", "VICTIM")]:
        person = await registry.person(name, ground=ground)
        await registry.claim(
            person, "member_of", object={"kind": "GROUP", "id": group}, qualifiers={"status": ["PROSPECT"]}
        )
    card = (await registry.get(f"/actors/{group}")).json()
    assert [(m["label"], m["status"], m["counted"]) for m in card["members"]] == [
        ("Anders Testmann", "PROSPECT", True),
        ("Kari Prøve", "PROSPECT", False),
    ]
    assert card["member_count"] == 1


def conflict(one: str, two: str, **more: Any) -> dict[str, Any]:
    return {"group_a": one, "group_b": two, "status": "war", "since": SEEN, "grading": B2, "origin": "S1"} | more


async def test_a_conflict_has_a_history_and_tells_how_it_stands(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    first = (await registry.post("/conflicts", conflict(one, two))).json()["id"]
    second = await registry.post(
        "/conflicts", conflict(two, one, status="peace", since=(START - timedelta(days=1)).isoformat())
    )
    assert second.json()["id"] == first
    read = (await registry.get(f"/conflicts/{first}")).json()
    assert (read["current"]["status"], [s["status"] for s in read["history"]]) == ("peace", ["peace", "war"])
    past = (await registry.get("/conflicts", group=one, as_of=(START - timedelta(days=2)).isoformat())).json()
    assert past["items"][0]["current"]["status"] == "war"
    assert [e["status"] for e in await registry.told() if e["type"] == "conflict-changed"] == ["war", "peace"]
    for body, field in [(conflict(one, one), "group_b"), (conflict(one, uuid(3)), "group_b")]:
        refused = await registry.post("/conflicts", body)
        assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert (await registry.get(f"/conflicts/{uuid(1)}")).status_code == 404


async def test_days_are_listed_in_order_and_told(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    base = {"grading": B2, "origin": "court"}
    for kind, on, parties in [
        ("RELEASE", "2026-12-24", [person]),
        ("COURT_DATE", "2026-12-01", [person, group]),
        ("ANNIVERSARY", "2027-05-01", [group]),
    ]:
        answer = await registry.post("/calendar-entries", base | {"kind": kind, "on": on, "parties": parties})
        assert answer.status_code == 201, answer.text
    listed = (await registry.get("/calendar-entries", limit=2)).json()
    rest = (await registry.get("/calendar-entries", after=listed["next"])).json()
    assert [e["kind"] for e in listed["items"] + rest["items"]] == ["COURT_DATE", "RELEASE", "ANNIVERSARY"]
    own = (await registry.get("/calendar-entries", actor=person, until="2026-12-05")).json()
    assert [e["kind"] for e in own["items"]] == ["COURT_DATE"]
    assert (await registry.told())[-1]["on"] == "2027-05-01"
    bad = await registry.post("/calendar-entries", base | {"kind": "RELEASE", "on": "2026-02-30", "parties": [person]})
    assert bad.status_code == 422
    assert (await registry.get("/calendar-entries", after=f"2026-99-99:{uuid(1)}")).status_code == 422


async def test_openapi_and_health_answer(registry: Registry) -> None:
    document = (await registry.http.get("/registry/openapi.json", headers=bearer(token("analyst")))).json()
    assert "/registry/v1/actors/{actor_id}/claims" in document["paths"]
    assert (await registry.http.get("/registry/health/ready")).status_code == 200
