"""The situation picture over HTTP and as a page, and what partners are given of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_shared import outbox
from forkant_shared.audit import AUDIT
from forkant_shared.clock import new_id
from forkant_shared.events.registry import CalendarEntryRecorded, ConflictChanged, GroupRegistered
from forkant_threat_watch.commands.situation import publish_pictures
from forkant_threat_watch.store import situations
from tests.threat_watch.serving import Served, signal

PICTURE = "/threat-watch/v1/situation"
PARTNER = "/threat-watch/partner/v1/situation"
UPDATED = ".situation-updated.v1"
HERE, THERE = list(situations.rules().districts)[:2]


async def _picture(served: Served, role: str = "duty.leader", **more: Any) -> dict[str, Any]:
    answer = await served.client.get(PICTURE, headers=served.head(role, **more))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _line(picture: dict[str, Any], code: str | None) -> dict[str, Any]:
    return next(line for line in picture["districts"] if line["code"] == code)


async def test_levels_are_counted_where_signals_say_they_belong(served_on_both: Served) -> None:
    served = served_on_both
    await served.report(signals=[signal(place=HERE)])
    await served.report(signals=[signal(place=THERE)])
    await served.report(signals=[signal()])
    picture = await _picture(served)
    assert [line["code"] for line in picture["districts"]][:2] == [HERE, THERE]
    assert _line(picture, HERE)["now"] == {"LOW": 0, "MODERATE": 1, "HIGH": 0, "CRITICAL": 0}
    assert _line(picture, None)["now"]["MODERATE"] == 1
    assert _line(picture, HERE)["before"] == {"LOW": 0, "MODERATE": 0, "HIGH": 0, "CRITICAL": 0}


async def test_the_trend_looks_a_week_back(served_on_both: Served) -> None:
    served = served_on_both
    gang = {"kind": "GROUP", "id": new_id()}
    target = {"kind": "GROUP", "id": new_id()}
    intent = signal(place=HERE, aggressor=gang, target=target)
    await served.report(signals=[intent])
    served.forward(days=8)
    more = [signal(factor="RECONNAISSANCE", aggressor=gang, target=target, place=HERE)]
    assert (await served.report(origin="S2", signals=more)).status_code == 201
    line = _line(await _picture(served), HERE)
    assert line["before"]["MODERATE"] == 1
    assert line["trend"] == line["now"]["HIGH"] + line["now"]["CRITICAL"] == 1


async def test_conflicts_and_coming_days_are_named(served: Served) -> None:
    one, other = new_id(), new_id()
    since = served.clock.now() - timedelta(days=3)
    await served.hear(
        GroupRegistered(group_id=one, group_kind="street"),
        GroupRegistered(group_id=other, group_kind="street"),
        ConflictChanged(conflict_id=new_id(), group_a=one, group_b=other, status="war", scale="ADMIRALTY",
                        source_grade="B", information_grade="2", since=since),
        CalendarEntryRecorded(entry_id=new_id(), kind="FUNERAL", on=(served.clock.now() + timedelta(days=5)).date(),
                              parties=[one, other]),
        CalendarEntryRecorded(entry_id=new_id(), kind="RELEASE", on=(served.clock.now() + timedelta(days=60)).date(),
                              parties=[one]),
    )  # fmt: skip
    picture = await _picture(served)
    [conflict] = picture["conflicts"]
    assert (conflict["status"], {group["id"] for group in conflict["groups"]}) == ("war", {one, other})
    [day] = picture["coming"]
    assert {party["id"] for party in day["parties"]} == {one, other}


async def test_what_is_kept_for_few_is_not_counted_for_others(served: Served) -> None:
    body = served.body(compartment="hjem", signals=[signal(place=HERE)])
    head = served.head("source.handler", compartments=["hjem"])
    assert (await served.client.post("/threat-watch/v1/reports", json=body, headers=head)).status_code == 201
    assert sum(_line(await _picture(served), HERE)["now"].values()) == 0
    assert sum(_line(await _picture(served, compartments=["hjem"]), HERE)["now"].values()) == 1


@pytest.mark.parametrize("role", ["registrar", "source.handler", "operations", "admin"])
async def test_others_are_shown_no_picture(served: Served, role: str) -> None:
    assert (await served.client.get(PICTURE, headers=served.head(role))).status_code == 403
    assert (await served.client.get(PARTNER, headers=served.head(role))).status_code == 403


async def test_partners_see_nothing_before_a_period_is_ripe_and_then_the_same_for_ever(served_on_both: Served) -> None:
    served = served_on_both
    head = served.machine("forkant:situation.read")
    for number in range(12):
        await served.report(origin=f"S{number}", signals=[signal(place=HERE)])
    assert await publish_pictures(served.app.state.parts) == 0
    assert (await served.client.get(PARTNER, headers=head)).json()["items"] == []
    served.forward(weeks=7)
    assert await publish_pictures(served.app.state.parts) == 1
    assert await publish_pictures(served.app.state.parts) == 0
    async with served.app.state.parts.database.read() as session:
        told = [sealed for _, sealed, _ in await outbox.unpublished(session, 1000) if sealed.type.endswith(UPDATED)]
    first = (await served.client.get(PARTNER, headers=served.machine("forkant:situation.read"))).json()
    again = (await served.client.get(PARTNER, headers=served.machine("forkant:situation.read"))).json()
    assert first == again
    [picture] = first["items"]
    # Told once, with the day by which the picture is known and none of its numbers.
    assert [set(sealed.data) for sealed in told] == [{"begins", "published_at"}]
    assert told[0].data["begins"] == picture["begins"]
    assert told[0].subject == f"situation/{picture['begins']}"
    assert len(picture["districts"]) == len(situations.rules().districts)
    for cell in (*picture["districts"], *picture["themes"]):
        assert (cell["threats"] is None) == (cell["fewer_than"] == 5)
        assert cell["threats"] is None or cell["threats"] % 5 == 0


async def test_a_partner_gets_the_picture_and_not_one_thing_more(served: Served) -> None:
    head = served.machine("forkant:situation.read")
    assert (await served.client.get(PARTNER, headers=head)).status_code == 200
    assert (await served.client.get(PARTNER, headers=served.machine("forkant:reports.write"))).status_code == 403
    assert (await served.client.get(PARTNER)).status_code == 401
    for address in (PICTURE, "/threat-watch/v1/threats", "/threat-watch/v1/reports"):
        assert (await served.client.get(address, headers=head)).status_code in (403, 404)


async def test_that_a_picture_was_given_is_recorded(served: Served) -> None:
    await _picture(served)
    await served.client.get(PARTNER, headers=served.machine("forkant:situation.read"))
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(AUDIT.select().order_by(AUDIT.c.seq))).all()
    found = [(row.action, row.kind) for row in rows]
    assert ("threat-watch.situation.read", "CONSULTATION") in found
    assert ("threat-watch.situation.partner", "DISCLOSURE") in found


async def test_the_page_says_so_where_there_is_nothing_and_shows_what_there_is(served: Served) -> None:
    head = served.head("duty.leader")
    empty = await served.client.get("/threat-watch/situation", headers=head)
    assert empty.status_code == 200
    assert "Ingen åpne trusler" in empty.text and "Ingen konflikter er registrert." in empty.text
    await served.report(signals=[signal(place=HERE)])
    shown = await served.client.get("/threat-watch/situation", headers=head)
    assert situations.rules().districts[HERE] in shown.text
    assert (await served.client.get("/threat-watch/situation", headers=served.head("registrar"))).status_code == 403
