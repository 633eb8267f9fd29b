"""A signed policy comes into force at the moment said, everywhere at once; what was made before keeps its version."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import new_id
from forkant_shared.events import threat_watch as events
from forkant_shared.testing import trust
from forkant_threat_watch.app import create_app
from forkant_threat_watch.commands import due, policy_in_force
from tests.threat_watch.serving import Served, signal
from tests.threat_watch.support.drafting import (
    ADOPTER,
    LEAD,
    POLICIES,
    SIGNER,
    WRITER,
    adopt,
    overview,
    settled,
    signed,
    text,
    with_weight,
)

GANG = {"kind": "GROUP", "id": new_id()}
RIVAL = {"kind": "GROUP", "id": new_id()}


async def threat_of(served: Served, **changes: Any) -> dict[str, Any]:
    """The threat that a good word about two gangs makes or joins."""
    answer = await served.report(signals=[signal(aggressor=GANG, target=RIVAL)], **changes)
    assert answer.status_code == 201, answer.text
    return await served.threat(answer.json()["threats"][0]["id"])


async def test_nothing_changes_before_the_moment_and_all_is_weighed_anew_after_it(served_on_both: Served) -> None:
    before = await threat_of(served_on_both)
    await signed(served_on_both, with_weight(4.2))
    answer = await adopt(served_on_both, "2026-8")
    assert answer.status_code == 201, answer.text
    shown = await overview(served_on_both)
    assert (shown["current"], shown["next"]["version"]) == ("2026-1", "2026-8")
    assert await settled(served_on_both) == 0
    assert (await served_on_both.threat(before["id"]))["policy_version"] == "2026-1"
    served_on_both.forward(seconds=LEAD)
    assert await settled(served_on_both) == 1
    after = await served_on_both.threat(before["id"])
    assert (after["policy_version"], after["index"] < before["index"]) == ("2026-8", True)
    shown = await overview(served_on_both)
    assert (shown["current"], shown["next"], shown["since"]) == ("2026-8", None, answer.json()["from_at"])
    served_on_both.forward(seconds=60)
    assert await settled(served_on_both) == 0
    (adoption,) = (await overview(served_on_both))["adoptions"]
    assert adoption["settled_at"] is not None


async def test_a_threat_gets_the_same_index_whether_the_policy_came_before_or_after_its_reports(served: Served) -> None:
    early = await threat_of(served)
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    late = signal(aggressor={"kind": "GROUP", "id": new_id()}, target=RIVAL)
    at = served.clock.now() - timedelta(seconds=LEAD)
    other = await served.report(signals=[late], origin="S9", observed_at=at.isoformat())
    await settled(served)
    one, two = await served.threat(early["id"]), await served.threat(other.json()["threats"][0]["id"])
    assert (one["policy_version"], one["index"]) == (two["policy_version"], two["index"])


async def test_a_report_in_the_first_moment_is_weighed_by_the_new_policy_by_an_instance_that_nobody_told(
    served_postgres: Served,
) -> None:
    """Two instances on one database: the other learns of it by itself, before it assesses anything."""
    parts = served_postgres.app.state.parts
    other = create_app(parts.settings, bus=EmbeddedBus(":memory:"), clock=served_postgres.clock)
    trust(other)
    try:
        await policy_in_force.look_for_adoptions(other.state.parts)
        await signed(served_postgres, with_weight(4.2))
        await adopt(served_postgres, "2026-8")
        served_postgres.forward(seconds=LEAD)
        async with other.state.parts.database.write() as session:
            going = await policy_in_force.going_at(session, other.state.parts, served_postgres.clock.now())
        assert going.policy.version == "2026-8"
    finally:
        await other.state.parts.database.close()


async def test_what_time_and_other_services_bring_is_weighed_by_the_policy_in_force(served: Served) -> None:
    threat = await threat_of(served)
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(days=40)
    await due.let_time_speak(served.app.state.parts)
    assert (await served.threat(threat["id"]))["policy_version"] == "2026-8"


async def test_what_was_said_before_keeps_the_version_it_was_said_with(served: Served) -> None:
    threat = await threat_of(served)
    then = served.clock.now() + timedelta(seconds=1)
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    await settled(served)
    address = f"/threat-watch/v1/threats/{threat['id']}"
    head = served.head("analyst")
    old = (await served.client.get(address, params={"as_of": then.isoformat()}, headers=head)).json()
    assert (old["policy_version"], old["index"]) == ("2026-1", threat["index"])
    assert old["factors"] == threat["factors"]
    rows = (await served.client.get(f"{address}/assessments", headers=head)).json()["items"]
    assert [row["policy_version"] for row in rows] == ["2026-8", "2026-1"]


async def test_the_page_of_then_draws_the_levels_of_the_policy_of_then(served: Served) -> None:
    threat = await threat_of(served)
    then = (served.clock.now() + timedelta(seconds=1)).isoformat()
    await signed(served, text("2026-8", **{"HIGH: 0.60": "HIGH: 0.50"}))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    await settled(served)
    address, head = f"/threat-watch/threats/{threat['id']}", served.head("analyst")
    now, old = [
        (await served.client.get(address, params=params, headers=head)).text for params in ({}, {"as_of": then})
    ]
    assert '<text x="67.61%" y="75%">Høy' in now, "at one half"
    assert '<text x="74.22%" y="75%">Høy' in old, "at six tenths"


async def test_a_page_that_rang_stays_and_a_stricter_policy_rings_once_for_what_it_sees(served: Served) -> None:
    """No page is lost at the switch, none is doubled, and what stands HIGH by the new policy wakes somebody."""
    second = signal(factor="RECONNAISSANCE", strength="HINT", aggressor=GANG, target=RIVAL)
    await served.report(signals=[signal(aggressor=GANG, target=RIVAL, strength="STATED")], origin="S1")
    threat_id = (await served.report(origin="S2", signals=[second])).json()["threats"][0]["id"]
    threat = await served.threat(threat_id)
    rung = await served.said(events.EscalationRaised)
    await signed(served, text("2026-8", **{"HIGH: 0.60": "HIGH: 0.50"}))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    assert await settled(served) == 1
    raised = await served.said(events.EscalationRaised)
    after = await served.threat(threat_id)
    assert ((threat["level"], after["level"]), len(raised) - len(rung)) == (("MODERATE", "HIGH"), 1)
    assert await settled(served) == 0, "it is looked at once"


async def test_going_back_to_the_first_policy_gives_the_first_index(served: Served) -> None:
    threat = await threat_of(served)
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    await settled(served)
    answer = await adopt(served, "2026-1")
    assert answer.status_code == 201, answer.text
    served.forward(seconds=LEAD)
    await settled(served)
    shown = await overview(served)
    assert (shown["current"], [one["version"] for one in shown["adoptions"]]) == ("2026-1", ["2026-1", "2026-8"])
    fresh = await served.report(
        signals=[signal(aggressor={"kind": "GROUP", "id": new_id()}, target=RIVAL)],
        observed_at=(served.clock.now() - timedelta(seconds=2 * LEAD)).isoformat(),
    )
    again = await served.threat(threat["id"])
    assert again["policy_version"] == "2026-1"
    assert again["index"] == (await served.threat(fresh.json()["threats"][0]["id"]))["index"]


async def test_of_two_who_adopt_at_once_one_is_told(served_on_both: Served) -> None:
    for version in ("2026-8", "2026-9"):
        await signed(served_on_both, with_weight(4.2, version), version)
    etag = (await served_on_both.client.get(POLICIES, headers=served_on_both.head(ADOPTER))).headers["etag"]
    answers = await asyncio.gather(
        adopt(served_on_both, "2026-8", if_match=etag), adopt(served_on_both, "2026-9", if_match=etag)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len((await overview(served_on_both))["adoptions"]) == 1
    third = await adopt(served_on_both, "2026-9")
    assert (third.status_code, third.json()["errors"][0]["field"]) == (409, "version")


async def test_what_waits_may_be_withdrawn_with_a_reason_and_what_has_begun_may_not(served_on_both: Served) -> None:
    await signed(served_on_both, with_weight(4.2))
    at = served_on_both.clock.now() + timedelta(days=2)
    number = (await adopt(served_on_both, "2026-8", at)).json()["number"]

    async def withdraw(number: int, reason: str) -> httpx.Response:
        address = f"{POLICIES}/adoptions/{number}/withdrawal"
        return await served_on_both.client.post(address, json={"reason": reason}, headers=served_on_both.head(ADOPTER))

    empty = await withdraw(number, " ")
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "reason")
    assert (await withdraw(number, "Feil dag.")).status_code == 204
    served_on_both.forward(days=3)
    assert (await overview(served_on_both))["current"] == "2026-1"
    assert (await withdraw(number, "Feil dag.")).status_code == 409
    begun = (await adopt(served_on_both, "2026-8")).json()["number"]
    served_on_both.forward(seconds=LEAD - 5)
    late = await withdraw(begun, "For sent.")
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "adoption")
    assert (await withdraw(99, "Finnes ikke.")).status_code == 404


@pytest.mark.parametrize(
    ("version", "status"), [("2026-1", 409), ("2099-1", 404), ("x" * 41, 422), ("..%2f..", 404), ("2026-8", 201)]
)
async def test_only_a_signed_version_that_is_not_in_force_is_adopted(served: Served, version: str, status: int) -> None:
    await signed(served, with_weight(4.2))
    assert (await adopt(served, version)).status_code == status


async def test_only_a_leader_adopts_and_nobody_without_a_reason(served: Served) -> None:
    await signed(served, with_weight(4.2))
    address = f"{POLICIES}/2026-8/adoptions"
    for role in (WRITER, "duty.officer", "auditor", "source.handler", "operations"):
        answer = await served.client.post(address, json={"reason": "x"}, headers=served.head(role))
        assert answer.status_code == 403, role
    for body in ({}, {"reason": " "}, {"reason": "x", "from_at": "tomorrow"}, {"reason": "x", "now": True}):
        assert (await served.client.post(address, json=body, headers=served.head(SIGNER))).status_code == 422
    assert (await served.client.post(address, json={"reason": "x"}, headers=served.head(SIGNER))).status_code == 201


async def test_a_threat_that_is_acted_on_at_the_switch_is_not_lost(served: Served) -> None:
    threat = await threat_of(served)
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    decided = {"level": "LOW", "reason": "Kjent.", "expires_at": (served.clock.now() + timedelta(days=2)).isoformat()}
    act = served.client.post(
        f"/threat-watch/v1/threats/{threat['id']}/decisions", json=decided, headers=served.head("duty.leader")
    )
    answer, _ = await asyncio.gather(act, settled(served))
    assert answer.status_code == 201, answer.text
    after = await served.threat(threat["id"])
    assert (after["level"], after["policy_version"]) == ("LOW", "2026-8")


async def test_a_release_that_cannot_read_the_adopted_policy_waits_and_goes_by_no_other(served: Served) -> None:
    await signed(served, with_weight(4.2))
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    parts = served.app.state.parts
    async with parts.database.write() as session:
        await session.execute(policy_in_force.policies.POLICY_TEXTS.update().values(text="of another release"))
    policy_in_force.goings(parts).known.clear()
    policy_in_force.goings(parts).forget()
    answer = await served.report()
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
