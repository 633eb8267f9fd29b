"""Who was seen together, controls, and what is told and never told of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from forkant_registry.domain.observations import Control, ControlRules, Near, ObservationWish, record_observation
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.testing import token
from tests.registry.support.reference import B2 as GRADE
from tests.registry.support.reference import CATALOGUE, GROUP, NOW, PERSON, SCALES, shipped, uuid
from tests.registry.support.service import B2, SEEN, START, Registry

RULES = ControlRules.read(shipped("controls.yaml"))
ROLES = CATALOGUE.predicate("holds_role").codes
INSIDER = token("analyst", user="insider", compartments=["homes"])


def decided(**more: Any) -> Any:
    given = {"actors": [PERSON], "observed_at": NOW, "unit": "Patrulje 12", "grading": GRADE, "origin": "P12"} | more
    return record_observation(
        ObservationWish(**given),
        observation_id=uuid(1),
        origin_id=uuid(2),
        scales=SCALES,
        controls=RULES,
        roles=ROLES,
        now=NOW,
        by="registrar",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"actors": []}, "actors"),
        ({"actors": [], "near": Near("ROLE", "JUDGE"), "control": Control("STOP", "IDENTITY", False)}, "actors"),
        ({"actors": [uuid(n) for n in range(51)]}, "actors"),
        ({"near": Near("ROLE", "NEIGHBOUR")}, "near.ref"),
        ({"near": Near("PERSON", PERSON)}, "near.ref"),
        ({"near": Near("ROLE", "JUDGE"), "place": "Storgata 1"}, "place"),
        ({"near": Near("ROLE", "JUDGE")}, "handling"),
        ({"control": Control("STOP", "HOME_SEARCH", False)}, "control.reason"),
        ({"control": Control("SEARCH", "BECAUSE", False)}, "control.reason"),
        ({"district": "Grorud"}, "district"),
        ({"effort_minutes": 0}, "effort_minutes"),
        ({"unit": " "}, "unit"),
        ({"vehicle": "x" * 201}, "vehicle"),
    ],
)
def test_what_cannot_be_observed_is_refused_by_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decided(**wrong)
    assert refused.value.field == field


def test_nobody_has_seen_what_is_still_to_come() -> None:
    with pytest.raises(Conflict):
        decided(observed_at=NOW + timedelta(hours=1))


def seen(actors: list[str], **more: Any) -> dict[str, Any]:
    given = {"actors": actors, "observed_at": SEEN, "unit": "Patrulje 12", "grading": B2, "origin": "P12"}
    return given | more


def stop(family: bool = False, **more: Any) -> dict[str, Any]:
    return {"kind": "STOP", "reason": "ROAD_TRAFFIC", "family_present": family} | more


async def made(registry: Registry, body: dict[str, Any], auth: str | None = None) -> str:
    answer = await registry.post("/observations", body, auth=auth)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def field_of(answer: Any) -> str:
    return str(answer.json()["errors"][0]["field"])


async def told(registry: Registry) -> list[dict[str, Any]]:
    return [event for event in await registry.told() if event["type"].startswith("observation")]


async def pressure(registry: Registry, *ids: str, auth: str | None = None, **query: Any) -> dict[str, tuple[int, int]]:
    answer = await registry.get("/actors:controls", auth=auth, ids=list(ids), **query)
    assert answer.status_code == 200, answer.text
    return {one["id"]: (one["controls"], one["with_family"]) for one in answer.json()["items"]}


async def test_an_observation_is_kept_whole_and_told_in_ids_and_codes_alone(registry: Registry) -> None:
    one, other = await registry.person("Anders Testmann"), await registry.person("Bjarne Testmann")
    body = seen(
        [one, other],
        place="Kiosken ved torget",
        district="0301-06",
        vehicle="Grå varebil EK00001",
        clothing="Sort vest",
        phone="+4700000001",
        effort_minutes=45,
    )
    kept = (await registry.get(f"/observations/{await made(registry, body)}")).json()
    assert {name: kept[name] for name in body} == {
        **body,
        "observed_at": kept["observed_at"],
        "grading": kept["grading"],
    }
    (event,) = await told(registry)
    assert (event["actors"], event["district"], event["control"]) == ([one, other], "0301-06", None)
    said = json.dumps(event)
    for word in ("Kiosken", "varebil", "vest", "+4700000001", "Patrulje", "P12"):
        assert word not in said


async def test_a_protected_place_is_whose_it_is_and_never_where(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    leader = await registry.person("Kari Prosjektmann", ground="VICTIM", handling="RESTRICTED")
    near = {"near": {"kind": "PERSON", "ref": leader}, "district": "0301-06", "handling": "RESTRICTED"}
    refused = await registry.post("/observations", seen([one], **near, place="Heimveien 1"))
    assert (refused.status_code, field_of(refused)) == (422, "place")
    open_ = await registry.post("/observations", seen([one], **near | {"handling": "OPEN"}))
    assert (open_.status_code, field_of(open_)) == (422, "handling")
    wrong = await registry.post("/observations", seen([one], **near | {"near": {"kind": "GROUP", "ref": leader}}))
    assert (wrong.status_code, field_of(wrong)) == (404, "near.ref")
    kept = (await registry.get(f"/observations/{await made(registry, seen([one], **near))}")).json()
    assert (kept["near"], kept["place"]) == ({"kind": "PERSON", "ref": leader}, None)
    await made(registry, seen([], near={"kind": "ROLE", "ref": "PROJECT_LEADER"}, handling="RESTRICTED", origin="P13"))
    first, strangers = await told(registry)
    assert (first["near_kind"], first["near_ref"]) == ("PERSON", leader)
    assert (strangers["actors"], strangers["near_ref"]) == ([], "PROJECT_LEADER")
    assert first["origin_id"] != strangers["origin_id"]


async def test_one_origin_is_one_outside_and_nobody_can_tell_which(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    for origin in ("P12", "P12", "P13"):
        await made(registry, seen([one], origin=origin))
    first, second, third = (event["origin_id"] for event in await told(registry))
    assert first == second != third


async def test_a_correction_marks_and_adds_and_says_so(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    old = await made(registry, seen([one], place="Torget"))
    path = f"/observations/{old}/corrections"
    refined = {"reason": "REFINED", "replacement": seen([one], place="Havna")}
    assert (await registry.post(path, refined, "dialogue.officer")).status_code == 403
    assert field_of(await registry.post(path, {"reason": "REFINED"})) == "replacement"
    answer = await registry.post(path, refined, key="k1")
    assert answer.status_code == 201, answer.text
    new = answer.json()["id"]
    assert (await registry.post(path, refined, key="k1")).status_code == 200
    assert (await registry.post(path, {"reason": "WITHDRAWN"})).status_code == 409
    (listed,) = (await registry.get("/observations", actor=one)).json()["items"]
    assert (listed["id"], listed["corrects"], listed["place"]) == (new, old, "Havna")
    kept = (await registry.get(f"/observations/{old}")).json()
    assert (kept["superseded_by"], kept["superseded_reason"], kept["place"]) == (new, "REFINED", "Torget")
    assert [event["type"] for event in await told(registry)][1:] == ["observation-recorded", "observation-superseded"]
    assert (await told(registry))[2]["superseded_by"] == new


async def test_lists_counts_and_cards_agree_on_what_somebody_may_not_know(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    secret = await registry.person("Dag Testmann", handling="SECRET")
    hidden = await made(registry, seen([one], control=stop(), compartment="homes"), auth=INSIDER)
    mixed = await made(registry, seen([one, secret], control=stop()))
    theirs = await made(registry, seen([secret], control=stop()))
    duty = token("duty.officer")
    assert [each["id"] for each in (await registry.get("/observations", auth=duty)).json()["items"]] == [mixed]
    assert (await registry.get(f"/observations/{mixed}", auth=duty)).json()["actors"] == [one]
    for unknown in (hidden, theirs, uuid(7)):
        assert (await registry.get(f"/observations/{unknown}", auth=duty)).status_code == 404
    assert await pressure(registry, one, secret, auth=duty) == {one: (1, 0)}
    assert await pressure(registry, one, secret) == {one: (1, 0), secret: (2, 0)}
    assert await pressure(registry, one, auth=INSIDER) == {one: (2, 0)}


async def test_what_is_near_somebody_one_may_not_know_of_is_not_there(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    secret = await registry.person("Dag Testmann", handling="SECRET")
    near = {"near": {"kind": "PERSON", "ref": secret}, "handling": "RESTRICTED", "control": stop()}
    made_ = await made(registry, seen([one], **near))
    duty = token("duty.officer")
    assert (await registry.get(f"/observations/{made_}", auth=duty)).status_code == 404
    assert await pressure(registry, one, auth=duty) == {one: (0, 0)}
    assert await pressure(registry, one) == {one: (1, 0)}


async def test_controls_are_counted_once_for_one_person_and_for_a_group_through_its_members(
    registry: Registry,
) -> None:
    group = await registry.group("Tveitagjengen")
    one, twin, other = [await registry.person(name) for name in ("Anders Test", "Anders Tæst", "Bjarne Test")]
    victim = await registry.person("Carl Test", ground="VICTIM")
    for person in (one, other, victim):
        await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group})
    same = {"one": one, "other": twin, "verdict": "POSITIVE", "reason": "Samme bilde og fødselsdato"}
    judged = await registry.post(f"/actors/{one}/judgements", {k: v for k, v in same.items() if k != "one"})
    assert judged.status_code == 201, judged.text
    await made(registry, seen([one, other], control=stop(family=True)))
    await made(registry, seen([twin], control=stop()))
    await made(registry, seen([victim], control=stop()))
    await made(registry, seen([one]))
    old = (START - timedelta(days=31)).isoformat()
    await made(registry, seen([other], control=stop(), observed_at=old))
    assert await pressure(registry, one, twin, other, group) == {
        one: (2, 1),
        twin: (2, 1),
        other: (1, 1),
        group: (2, 1),
    }
    assert (await pressure(registry, other, days=40))[other] == (2, 1)
    withdrawn = await made(registry, seen([other], control=stop()))
    await registry.post(f"/observations/{withdrawn}/corrections", {"reason": "WITHDRAWN"})
    assert (await pressure(registry, other))[other] == (1, 1)


@pytest.mark.parametrize("query", [{"days": 0}, {"days": 366}, {"ids": []}, {"ids": [uuid(n) for n in range(101)]}])
async def test_the_question_about_controls_has_bounds(registry: Registry, query: dict[str, Any]) -> None:
    answer = await registry.get("/actors:controls", **{"ids": [PERSON], **query})
    assert answer.status_code == 422, answer.text


async def test_counting_and_reading_are_written_down_and_not_for_everybody(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    id = await made(registry, seen([one], control=stop()))
    await pressure(registry, one, GROUP)
    await registry.get(f"/observations/{id}", purpose="PREVENT")
    rows = {row.action: row for row in await registry.audited() if row.kind in ("CONSULTATION", "COLLECTION")}
    assert {"registry.observation.write", "registry.observation.read", "registry.control.read"} <= set(rows)
    assert (await registry.get("/actors:controls", "admin", ids=[one])).status_code == 403
    assert (await registry.post("/observations", seen([one]), "duty.officer")).status_code == 403


async def test_a_list_goes_on_where_it_ended(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    ids = [await made(registry, seen([one], control=stop() if n % 2 else None)) for n in range(5)]
    first = (await registry.get("/observations", limit=2)).json()
    rest = (await registry.get("/observations", limit=10, after=first["next"])).json()
    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next"] is None
    controls = (await registry.get("/observations", controls=True)).json()["items"]
    assert [each["id"] for each in controls] == [ids[3], ids[1]]
