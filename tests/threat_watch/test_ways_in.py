"""The other ways in, each over the bus or the API it comes by: told twice, or late, changes nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.clock import new_id
from forkant_shared.events import meetings, registry
from forkant_shared.events import threat_watch as told
from forkant_threat_watch.tables import ASSESSMENTS, COUNTED, REPORTS, SIGNALS, THREATS
from tests.threat_watch.serving import GRADES, Served, signal

STATE = (THREATS, COUNTED, SIGNALS, REPORTS, ASSESSMENTS)


@pytest.fixture
def served(served_on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return served_on_both


async def everything(served: Served) -> list[list[Any]]:
    """All that is known of threats, row by row."""
    async with served.app.state.parts.database.read() as session:
        return [sorted(map(str, (await session.execute(table.select())).all())) for table in STATE]


async def two_groups(served: Served) -> tuple[str, str]:
    one, other = new_id(), new_id()
    groups = [registry.GroupRegistered(group_id=each, group_kind="street") for each in (one, other)]
    await served.hear(*groups)
    return one, other


async def threat_between(served: Served, one: str, other: str, **changes: Any) -> str:
    said = signal(aggressor={"kind": "GROUP", "id": one}, target={"kind": "GROUP", "id": other}, **changes)
    answer = await served.report(signals=[said])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["threats"][0]["id"])


def share(threat: dict[str, Any], factor: str) -> float:
    return float(sum(one["share"] for one in threat["factors"] if one["factor"] == factor))


async def reviews(served: Served) -> list[str]:
    answer = await served.client.get("/threat-watch/v1/reviews", headers=served.head("analyst"))
    return [one["cause"] for one in answer.json()["items"]]


async def test_a_broken_promise_asks_once_however_often_it_is_told(served: Served) -> None:
    threat_id = await threat_between(served, *await two_groups(served))
    promise = new_id()
    broken = meetings.PromiseBroken(
        promise_id=promise, dialogue_id=new_id(), by="COUNTERPART", manner="INTENTIONAL", threat_id=threat_id,
        broken_at=served.clock.now(),
    )  # fmt: skip
    await served.hear(broken, times=2)
    timeline = await served.client.get(f"/threat-watch/v1/threats/{threat_id}/timeline", headers=served.head("analyst"))
    whats = [item["what"] for item in timeline.json()["items"]]
    assert whats.count("promise-broken") == 1
    alone = meetings.PromiseBroken(
        promise_id=new_id(), dialogue_id=new_id(), by="POLICE", manner="EXCUSED", broken_at=served.clock.now()
    )
    before = await everything(served)
    await served.hear(alone)
    assert await everything(served) == before


async def test_a_day_that_matters_counts_in_the_threats_of_its_party_and_only_once(served: Served) -> None:
    one, other = await two_groups(served)
    threat_id = await threat_between(served, one, other)
    before = await served.threat(threat_id)
    on = (served.clock.now() + timedelta(days=3)).date()
    court = registry.CalendarEntryRecorded(entry_id=new_id(), kind="COURT_DATE", on=on, parties=[one])
    await served.hear(court, times=2)
    after = await served.threat(threat_id)
    assert share(before, "TARGET_EXPOSURE") == 0 < share(after, "TARGET_EXPOSURE")
    stood = await everything(served)
    await served.hear(court)
    assert [len(rows) for rows in await everything(served)] == [len(rows) for rows in stood]


async def test_a_day_that_comes_before_its_threat_counts_when_the_threat_is_there(served: Served) -> None:
    one, other = await two_groups(served)
    on = (served.clock.now() + timedelta(days=3)).date()
    await served.hear(registry.CalendarEntryRecorded(entry_id=new_id(), kind="FUNERAL", on=on, parties=[one]))
    early = await served.threat(await threat_between(served, one, other))
    assert share(early, "TARGET_EXPOSURE") > 0


async def test_a_conflict_is_a_grievance_while_it_lasts_and_a_peace_pulls_the_other_way(served: Served) -> None:
    one, other = await two_groups(served)
    threat_id = await threat_between(served, one, other)
    conflict, since = new_id(), served.clock.now() - timedelta(hours=2)

    def stands(status: str, at: Any) -> registry.ConflictChanged:
        return registry.ConflictChanged(
            conflict_id=conflict, group_a=one, group_b=other, status=status, scale="ADMIRALTY", source_grade="B",
            information_grade="2", since=at,
        )  # fmt: skip

    await served.hear(stands("war", since), times=2)
    war = await served.threat(threat_id)
    assert share(war, "GRIEVANCE") > 0
    served.forward(days=1)
    await served.hear(stands("peace", served.clock.now()), times=2)
    peace = await served.threat(threat_id)
    assert share(peace, "BUFFER") < 0
    assert peace["index"] < war["index"]


async def test_what_staff_notice_themselves_needs_no_grade_and_waits_for_one(served: Served) -> None:
    ungraded = {"grading": ..., "verified": ..., "exposure": ...}
    said = [signal(factor="RECONNAISSANCE", strength="STATED", target={"kind": "ROLE", "code": "POLICE_LEADER"})]
    answer = await served.report("k1", "duty.officer", channel="STAFF", origin="betjent-7", signals=said, **ungraded)
    assert answer.status_code == 201, answer.text
    assert answer.json()["threats"]
    again = await served.report("k1", "duty.officer", channel="STAFF", origin="betjent-7", signals=said, **ungraded)
    assert again.status_code == 200 and again.json()["id"] == answer.json()["id"]
    listed = await served.client.get(
        "/threat-watch/v1/reports", params={"ungraded": "true"}, headers=served.head("analyst")
    )
    assert [one["id"] for one in listed.json()["items"]] == [answer.json()["id"]]
    refused = await served.report(channel="PATROL", role="analyst", signals=said, **ungraded)
    assert refused.status_code == 422


async def test_a_batch_of_five_hundred_is_answered_one_by_one_and_a_bad_one_holds_up_none(served: Served) -> None:
    gangs = [new_id() for _ in range(5)]

    def report(number: int) -> dict[str, Any]:
        gang = {"kind": "GROUP", "id": gangs[number % len(gangs)]}
        said = signal(factor="CAPABILITY", strength="HINT", aggressor=gang, target=...)
        return served.body(origin=f"S{number}", text=None, signals=[said])

    batch = [{"key": f"b-{number}", "report": report(number)} for number in range(500)]
    batch[17]["report"]["grading"] = {**GRADES, "source": "Q"}
    batch[18]["report"].pop("origin")
    batch[499]["report"]["observed_at"] = "i går"
    head = served.head("source.handler")
    answer = await served.client.post("/threat-watch/v1/reports:batch", json={"reports": batch}, headers=head)
    assert answer.status_code == 200, answer.text
    lines = answer.json()["items"]
    assert [line["key"] for line in lines] == [one["key"] for one in batch]
    bad = {line["key"]: line["status"] for line in lines if line["status"] != 201}
    assert bad == {"b-17": 422, "b-18": 422, "b-499": 422}
    assert lines[17]["problem"]["errors"][0]["field"] == "grading.source"
    assert len(await served.said(told.ReportReceived)) == 497
    again = await served.client.post("/threat-watch/v1/reports:batch", json={"reports": batch}, headers=head)
    assert {line["status"] for line in again.json()["items"]} == {200, 422}
    assert len(await served.said(told.ReportReceived)) == 497
    over = {"reports": [*batch, {"key": "b-500", "report": report(500)}]}
    assert (await served.client.post("/threat-watch/v1/reports:batch", json=over, headers=head)).status_code == 422
