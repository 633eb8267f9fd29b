"""A report nobody has found necessary and relevant within four months goes, and takes its signals along."""

from __future__ import annotations

import json

import pytest

from forkant_shared.audit import AUDIT
from forkant_shared.clock import new_id
from forkant_threat_watch.commands.report_clock import destroy_ripe
from forkant_threat_watch.tables import ASSESSMENTS, DESTROYED, REPORTS, SIGNALS
from tests.threat_watch.serving import Served, signal

CHECKS = "/threat-watch/v1/relevance-checks"
GANG = {"kind": "GROUP", "id": new_id()}
TARGET = {"kind": "GROUP", "id": new_id()}


async def _two_reports(served: Served) -> tuple[str, str, str]:
    """Two reports of one threat, the second ten days later: their ids, and the threat's."""
    first = (await served.report(origin="S-FIRST", signals=[signal(aggressor=GANG, target=TARGET)])).json()
    served.forward(days=10)
    more = [signal(factor="RECONNAISSANCE", aggressor=GANG, target=TARGET)]
    second = (await served.report(origin="S-SECOND", signals=more)).json()
    assert [line["id"] for line in second["threats"]] == [line["id"] for line in first["threats"]]
    return first["id"], second["id"], first["threats"][0]["id"]


async def _all(served: Served, table: object) -> str:
    async with served.app.state.parts.database.read() as session:
        rows = await session.execute(table.select())  # type: ignore[attr-defined]
        return json.dumps([dict(row._mapping) for row in rows], default=str)


async def _check(served: Served, report_id: str, outcome: str, role: str = "analyst", reason: str = "Trengs.") -> int:
    answer = await served.client.post(
        f"/threat-watch/v1/reports/{report_id}/relevance",
        json={"outcome": outcome, "reason": reason},
        headers=served.head(role),
    )
    return answer.status_code


async def test_what_nobody_checked_in_time_is_destroyed_with_its_signals(served_on_both: Served) -> None:
    served = served_on_both
    first, second, threat_id = await _two_reports(served)
    before = await served.threat(threat_id)
    served.forward(days=111)
    assert await destroy_ripe(served.app.state.parts) == 1
    assert await destroy_ripe(served.app.state.parts) == 0
    assert first not in await _all(served, REPORTS) + await _all(served, SIGNALS)
    assert second in await _all(served, REPORTS)
    assert "S-FIRST" not in await _all(served, ASSESSMENTS)
    assert first not in await _all(served, ASSESSMENTS)
    now = await served.threat(threat_id)
    assert {factor["factor"] for factor in now["factors"]} == {"RECONNAISSANCE"}
    assert now["level"] == before["level"]  # a person lowers it
    reviews = (await served.client.get("/threat-watch/v1/reviews", headers=served.head("analyst"))).json()["items"]
    assert "report-destroyed" in {review["cause"] for review in reviews}


async def test_assessments_keep_their_numbers(served: Served) -> None:
    _, _, threat_id = await _two_reports(served)
    address = f"/threat-watch/v1/threats/{threat_id}/assessments"
    before = (await served.client.get(address, headers=served.head("analyst"))).json()["items"]
    moment = served.clock.now().isoformat()
    served.forward(days=111)
    await destroy_ripe(served.app.state.parts)
    after = (await served.client.get(address, headers=served.head("analyst"))).json()["items"]
    assert after[-len(before) :] == before
    then = await served.client.get(
        f"/threat-watch/v1/threats/{threat_id}", params={"as_of": moment}, headers=served.head("analyst")
    )
    shares = [share for factor in then.json()["factors"] for share in factor["signals"]]
    assert [share["report"] for share in shares].count(None) == 1
    assert sum(share["share"] for share in shares) == pytest.approx(
        sum(factor["share"] for factor in then.json()["factors"])
    )


async def test_what_was_found_necessary_stays(served: Served) -> None:
    first, second, _ = await _two_reports(served)
    assert await _check(served, first, "KEPT") == 204
    assert await _check(served, first, "KEPT") == 409
    served.forward(days=200)
    assert await destroy_ripe(served.app.state.parts) == 1
    assert first in await _all(served, REPORTS)
    assert second not in await _all(served, REPORTS)


async def test_a_person_may_destroy_a_report_at_once_and_a_receipt_is_left(served: Served) -> None:
    first, _, _ = await _two_reports(served)
    assert await _check(served, first, "DESTROYED", "duty.leader", "Gjaldt en annen sak.") == 204
    receipts = await _all(served, DESTROYED)
    assert first in receipts and "Gjaldt" not in receipts
    gone = await served.client.get(f"/threat-watch/v1/reports/{first}", headers=served.head("analyst"))
    assert (gone.status_code, gone.json()["detail"]) == (404, "The report was destroyed.")
    async with served.app.state.parts.database.read() as session:
        kinds = [(row.action, row.kind) for row in await session.execute(AUDIT.select())]
    assert ("threat-watch.report.destroy", "ERASURE") in kinds


async def test_the_signals_of_a_closed_threat_go_too(served: Served) -> None:
    first, _, threat_id = await _two_reports(served)
    closed = await served.client.post(
        f"/threat-watch/v1/threats/{threat_id}/closure", json={"reason": "Avklart."}, headers=served.head("duty.leader")
    )
    assert closed.status_code == 201, closed.text
    served.forward(days=111)
    await destroy_ripe(served.app.state.parts)
    assert first not in await _all(served, SIGNALS) + await _all(served, ASSESSMENTS)


async def test_only_what_runs_out_soon_is_listed_and_only_to_those_who_check(served: Served) -> None:
    first, second, _ = await _two_reports(served)
    listed = await served.client.get(CHECKS, headers=served.head("analyst"))
    assert listed.json() == {"items": [], "next": None}
    served.forward(days=95)
    page = (await served.client.get(CHECKS, params={"limit": 1}, headers=served.head("analyst"))).json()
    assert [item["report_id"] for item in page["items"]] == [first]
    rest = await served.client.get(CHECKS, params={"after": page["next"]}, headers=served.head("analyst"))
    assert [item["report_id"] for item in rest.json()["items"]] == [second]
    assert (await served.client.get(CHECKS, headers=served.head("duty.officer"))).status_code == 403
    nonsense = await served.client.get(CHECKS, params={"after": "x"}, headers=served.head("analyst"))
    assert (nonsense.status_code, nonsense.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("role", ["source.handler", "duty.officer", "auditor"])
async def test_others_may_not_decide(served: Served, role: str) -> None:
    first, _, _ = await _two_reports(served)
    assert await _check(served, first, "DESTROYED", role) == 403
    assert first in await _all(served, REPORTS)


async def test_a_decision_has_a_reason(served: Served) -> None:
    first, _, _ = await _two_reports(served)
    assert await _check(served, first, "KEPT", reason=" ") == 422
    assert await _check(served, new_id(), "KEPT") == 404
