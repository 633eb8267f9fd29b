"""Who is who changes in the registry: threats and what waits are about whoever stands for them now, and back again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from forkant_shared import testing
from forkant_shared.clock import new_id
from forkant_shared.events.registry import (
    CalendarEntryRecorded,
    CalendarEntrySuperseded,
    ClaimRecorded,
    IdentityChanged,
    PersonRegistered,
)
from forkant_threat_watch.commands import due
from forkant_threat_watch.store import links
from forkant_threat_watch.tables import SIGNALS
from tests.threat_watch.serving import Served, signal


@pytest.fixture
def served(served_on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return served_on_both


@pytest.fixture
async def people(served: Served) -> list[str]:
    """Three persons, in the order they were registered."""
    ids = [new_id() for _ in range(3)]
    await served.hear(*(PersonRegistered(person_id=id, ground="ASSUMED_OFFENDER") for id in ids))
    return ids


def by(person: str, target: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return signal(
        aggressor={"kind": "PERSON", "id": person}, target=target or {"kind": "PERSON", "id": new_id()}, **more
    )


async def reported(served: Served, origin: str, *signals: dict[str, Any]) -> list[str]:
    """The threats that the report counts in or is suggested to."""
    answer = await served.report(origin=origin, signals=list(signals))
    assert answer.status_code == 201, answer.text
    return [threat["id"] for threat in answer.json()["threats"]]


async def identified(served: Served, actor: str, canonical: str) -> None:
    await served.hear(IdentityChanged(actor_id=actor, canonical_id=canonical))
    while await due.join_late(served.app.state.parts):
        pass


async def sides(served: Served, threat: str) -> tuple[list[str], list[str]]:
    found = await served.threat(threat)
    return ([party["id"] for party in found["aggressors"]], [party["id"] for party in found["targets"]])


async def timeline(served: Served, threat: str) -> list[str]:
    path = f"/threat-watch/v1/threats/{threat}/timeline"
    answer = await served.client.get(path, headers=served.head("analyst"))
    return [item["what"] for item in answer.json()["items"]]


async def told(served: Served, report: str) -> list[str]:
    """Whom the stored signals of a report are about."""
    async with served.app.state.parts.database.read() as session:
        found = await session.execute(sa.select(SIGNALS.c.aggressor_ref).where(SIGNALS.c.report.startswith(report)))
        return list(found.scalars())


async def test_a_threat_is_about_the_one_who_stands_for_its_party_until_that_is_taken_back(
    served: Served, people: list[str]
) -> None:
    first, second, _ = people
    target = {"kind": "PERSON", "id": new_id()}
    [threat] = await reported(served, "S1", by(second, target))
    before = await served.threat(threat)
    await identified(served, second, first)
    assert await sides(served, threat) == ([first], [target["id"]])
    after = await served.threat(threat)
    assert (after["index"], after["level"]) == (before["index"], before["level"])
    assert [s for f in after["factors"] for s in f["signals"]] == [s for f in before["factors"] for s in f["signals"]]
    assert "identity-changed" in await timeline(served, threat)
    assert await reported(served, "S2", by(first, target)) == [threat]
    assert await reported(served, "S3", by(second, target)) == [threat]
    await identified(served, second, second)
    assert await sides(served, threat) == ([second, first], [target["id"]])
    assert (await timeline(served, threat)).count("identity-changed") == 2


async def test_revoking_leaves_every_signal_with_whom_it_was_told_about(served: Served, people: list[str]) -> None:
    first, second, _ = people
    await identified(served, second, first)
    answer = await served.report(origin="S1", signals=[by(second)])
    [threat] = [threat["id"] for threat in answer.json()["threats"]]
    assert (await sides(served, threat))[0] == [first]
    assert await told(served, answer.json()["id"]) == [second]
    await identified(served, second, second)
    assert (await sides(served, threat))[0] == [second]


async def test_two_threats_of_one_person_are_both_found_and_parted_again(served: Served, people: list[str]) -> None:
    first, second, _ = people
    target = {"kind": "PERSON", "id": new_id()}
    [one] = await reported(served, "S1", by(first, target))
    [two] = await reported(served, "S2", by(second, target))
    assert one != two
    await identified(served, second, first)
    assert set(await reported(served, "S3", by(second, target, factor="RECONNAISSANCE"))) == {one, two}
    await identified(served, second, second)
    assert (await sides(served, one), await sides(served, two)) == (
        ([first], [target["id"]]),
        ([second], [target["id"]]),
    )
    assert await reported(served, "S4", by(second, target)) == [two]


async def test_what_waits_under_the_other_card_joins_and_a_day_of_it_counts_only_as_long(
    served: Served, people: list[str]
) -> None:
    first, second, _ = people
    [threat] = await reported(served, "S1", by(second))
    on = (served.clock.now() + timedelta(days=3)).date()
    await served.hear(CalendarEntryRecorded(entry_id=new_id(), kind="RELEASE", on=on, parties=[first]))
    alone = await served.threat(threat)
    await identified(served, second, first)
    together = await served.threat(threat)
    assert "TARGET_EXPOSURE" in {factor["factor"] for factor in together["factors"]}
    assert together["index"] > alone["index"]
    await identified(served, second, second)
    assert (await served.threat(threat))["index"] == alone["index"]


async def test_links_of_either_card_are_looked_through(served: Served, people: list[str]) -> None:
    first, second, other = people
    group, target = new_id(), {"kind": "PERSON", "id": new_id()}
    for person in (second, other):
        await served.hear(
            ClaimRecorded(
                claim_id=new_id(),
                actor_id=person,
                predicate="member_of",
                object_kind="GROUP",
                object_id=group,
                kind="FACT",
                verified=True,
                observed_at=served.clock.now(),
            )
        )
    [threat] = await reported(served, "S1", by(first, target))
    await identified(served, second, first)
    gang = signal(factor="RECONNAISSANCE", aggressor={"kind": "GROUP", "id": group}, target=target)
    assert await reported(served, "S2", gang) == [threat]


async def test_a_name_that_both_cards_have_is_somebody_once_they_are_one(served: Served, people: list[str]) -> None:
    first, second, _ = people
    parts = served.app.state.parts
    async with parts.database.write() as session:
        for person in (first, second):
            await links.set_names(session, person, "Anders Testmann", ["Anders Testmann"], parts.clock.now())
    target = {"kind": "PERSON", "id": new_id()}
    named = signal(aggressor={"kind": "NAME", "name": "Anders Testmann"}, target=target)
    await identified(served, second, first)
    [threat] = await reported(served, "S1", named)
    assert (await sides(served, threat))[0] == [first]
    assert await reported(served, "S2", by(second, target)) == [threat]


async def test_the_one_who_stands_for_all_can_change_and_events_come_in_any_order(
    served: Served, people: list[str]
) -> None:
    first, second, third = people
    target = {"kind": "PERSON", "id": new_id()}
    [threat] = await reported(served, "S1", by(third, target))
    await identified(served, third, second)
    assert (await sides(served, threat))[0] == [second]
    await identified(served, third, first)
    await identified(served, second, first)
    assert (await sides(served, threat))[0] == [first]
    await identified(served, second, second)
    await identified(served, third, third)
    assert (await sides(served, threat))[0] == [third]


async def test_a_day_that_is_called_off_or_moved_counts_no_longer_and_did_not_vanish(
    served: Served, people: list[str]
) -> None:
    first, _, _ = people
    [threat] = await reported(served, "S1", by(first))
    alone = (await served.threat(threat))["index"]
    old, new = new_id(), new_id()
    soon, later = ((served.clock.now() + timedelta(days=days)).date() for days in (3, 40))
    await served.hear(CalendarEntryRecorded(entry_id=old, kind="RELEASE", on=soon, parties=[first]))
    near = (await served.threat(threat))["index"]
    assert near > alone
    served.forward(hours=1)
    await served.hear(
        CalendarEntryRecorded(entry_id=new, kind="RELEASE", on=later, parties=[first]),
        CalendarEntrySuperseded(entry_id=old, superseded_by=new),
        times=2,
    )
    moved = await served.threat(threat)
    assert moved["index"] < near
    assert "day-called-off" in await timeline(served, threat)
    assert (await timeline(served, threat)).count("day-called-off") == 1
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(sa.select(SIGNALS).where(SIGNALS.c.report == f"calendar:{old}"))).all()
    assert len(rows) == 1 and rows[0].flat_until < served.clock.now()
    [fresh] = await reported(served, "S9", by(first))
    counting = {s["report"] for f in (await served.threat(fresh))["factors"] for s in f["signals"]}
    assert f"calendar:{new}" in counting and f"calendar:{old}" not in counting


async def test_an_identity_nobody_has_heard_of_changes_nothing(served: Served) -> None:
    await served.hear(IdentityChanged(actor_id=new_id(), canonical_id=new_id()))
    await served.hear(CalendarEntrySuperseded(entry_id=new_id()))
    await testing.settle(served.app)
