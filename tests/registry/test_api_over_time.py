"""The registry over HTTP, over time: corrections, the past, conflicts and the calendar."""

from __future__ import annotations

from datetime import timedelta

from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, START, Registry, conflict, day, statement


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
    for two in (one, await registry.person("Kari Prøve")):
        refused = await registry.post("/conflicts", conflict(one, two))
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == ["group_b"]
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
    assert (await registry.get("/calendar-entries", after=f"2026-99-99:{uuid(1)}")).status_code == 404
