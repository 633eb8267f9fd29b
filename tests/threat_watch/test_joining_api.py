"""Joining by hand over HTTP: everything has a reason, a line in the timeline, and a way back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forkant_shared.clock import new_id
from tests.threat_watch.serving import Served, signal

BASE = "/threat-watch/v1/threats"
GANG = {"kind": "GROUP", "id": new_id()}
ONE = {"kind": "PERSON", "id": new_id()}
OTHER = {"kind": "PERSON", "id": new_id()}


class Two:
    """One gang, two targets: two threats, and a signal that could belong to either."""

    def __init__(self, served: Served, one: str, other: str, unclear: str) -> None:
        self.served, self.one, self.other, self.unclear = served, one, other, unclear

    async def do(self, act: str, threat_id: str, role: str = "analyst", **body: Any) -> Any:
        sent = {"reason": "sett på det", **body}
        return await self.served.client.post(f"{BASE}/{threat_id}/{act}", json=sent, headers=self.served.head(role))

    async def indices(self) -> tuple[float, float]:
        one, other = [await self.served.threat(threat_id) for threat_id in (self.one, self.other)]
        return one["index"], other["index"]


@pytest.fixture
async def two(served: Served) -> Two:
    ids = []
    for target in (ONE, OTHER):
        answer = await served.report(origin=target["id"], signals=[signal(aggressor=GANG, target=target)])
        ids.append(answer.json()["threats"][0]["id"])
    recon = signal(factor="RECONNAISSANCE", strength=0.8, aggressor=GANG, target=...)
    report = (await served.report(origin="P1", channel="PATROL", signals=[recon])).json()
    assert {threat["id"] for threat in report["threats"]} == set(ids)
    return Two(served, ids[0], ids[1], f"{report['id']}/0")


async def test_a_suggestion_that_is_linked_counts_here_and_nowhere_else(two: Two) -> None:
    before = await two.indices()
    done = await two.do("links", two.one, signal=two.unclear)
    assert done.status_code == 201, done.text
    after = await two.indices()
    assert after[0] > before[0]
    assert after[1] == before[1]
    threat = await two.served.threat(two.other)
    assert "SUGGESTED_SIGNALS" not in threat["missing"]
    again = await two.do("links", two.one, signal=two.unclear)
    assert again.status_code == 409


async def test_unlinking_gives_back_the_index_and_leaves_the_level_to_a_person(two: Two) -> None:
    before = await two.indices()
    await two.do("links", two.one, signal=two.unclear)
    assert (await two.do("unlinks", two.one, signals=[two.unclear])).status_code == 201
    threat = await two.served.threat(two.one)
    assert threat["index"] == before[0]
    assert (threat["level"], threat["automatic"]) == ("CRITICAL", "MODERATE")
    assert (await two.do("links", two.one, signal=two.unclear)).status_code == 201


async def test_a_suggestion_is_dismissed_from_one_and_stays_with_the_other(two: Two) -> None:
    assert (await two.do("dismissals", two.one, signal=two.unclear)).status_code == 201
    assert (await two.do("dismissals", two.one, signal=two.unclear)).status_code == 404
    assert (await two.do("dismissals", two.other, signal=two.unclear)).status_code == 201


async def test_merging_and_unmerging_end_where_they_began(two: Two) -> None:
    for threat_id in (two.one, two.other):
        await two.do("dismissals", threat_id, signal=two.unclear)
    before = await two.indices()
    assert (await two.do("merges", two.one, into=two.other)).status_code == 201
    merged = await two.served.threat(two.other)
    assert (await two.served.threat(two.one))["state"] == "MERGED"
    assert {party["id"] for party in merged["targets"]} == {ONE["id"], OTHER["id"]}
    assert merged["index"] > before[1]
    assert (await two.do("merges", two.one, into=two.other)).status_code == 409
    assert (await two.do("unmerges", two.one, into=two.other)).status_code == 201
    assert await two.indices() == before
    assert [party["id"] for party in (await two.served.threat(two.other))["targets"]] == [OTHER["id"]]


async def test_a_split_makes_a_threat_of_its_own_that_later_reports_find(two: Two) -> None:
    await two.do("merges", two.one, into=two.other)
    merged = await two.served.threat(two.other)
    reports = [s["report"] for factor in merged["factors"] for s in factor["signals"]]
    first = f"{min(reports)}/0"
    done = await two.do("splits", two.other, signals=[first])
    assert done.status_code == 201, done.text
    fresh = done.json()
    assert fresh["reference"].startswith("T-")
    later = await two.served.report(origin="S9", signals=[signal(aggressor=GANG, target=ONE)])
    assert [threat["id"] for threat in later.json()["threats"]] == [fresh["id"]]


async def test_each_act_stands_in_the_timeline_with_its_reason(two: Two) -> None:
    await two.do("links", two.one, signal=two.unclear)
    answer = await two.served.client.get(f"{BASE}/{two.one}/timeline", headers=two.served.head("analyst"))
    line = next(item for item in answer.json()["items"] if item["what"] == "link")
    assert (line["by"], line["note"]) == ("analyst", "sett på det")


@pytest.mark.parametrize(
    ("act", "body", "status", "field"),
    [
        ("links", {"signal": "nothing/0"}, 404, "signal"),
        ("links", {"signal": "no signal"}, 422, "signal"),
        ("links", {"signal": 7}, 422, "signal"),
        ("unlinks", {"signals": []}, 422, "signals"),
        ("unlinks", {"signals": ["nothing/0"]}, 404, "signals"),
        ("splits", {"signals": ["nothing/0"]}, 404, "signals"),
        ("merges", {"into": "nobody"}, 422, "into"),
        ("merges", {"into": new_id()}, 404, None),
        ("merges", {"into": new_id(), "more": 1}, 422, "more"),
        ("links", {"signal": "x/0", "reason": ""}, 422, "reason"),
    ],
)
async def test_what_cannot_be_joined_is_said_and_changes_nothing(
    act: str, body: dict[str, Any], status: int, field: str | None, two: Two
) -> None:
    before = await two.served.threat(two.one)
    answer = await two.do(act, two.one, **body)
    assert answer.status_code == status, answer.text
    if field is not None:
        assert answer.json()["errors"][0]["field"] == field
    assert await two.served.threat(two.one) == before


async def test_joining_is_for_those_who_may_and_not_for_the_one_it_is_aimed_at(two: Two) -> None:
    assert (await two.do("links", two.one, "dialogue.officer", signal=two.unclear)).status_code == 403
    headers = two.served.head("analyst", actor_id=ONE["id"])
    sent = {"signal": two.unclear, "reason": "x"}
    refused = await two.served.client.post(f"{BASE}/{two.one}/links", json=sent, headers=headers)
    assert refused.status_code == 403


@pytest.fixture
async def both(served_on_both: Served) -> Two:
    """The two threats on SQLite and on PostgreSQL, with nothing that could belong to either."""
    ids = []
    for target in (ONE, OTHER):
        answer = await served_on_both.report(origin=target["id"], signals=[signal(aggressor=GANG, target=target)])
        ids.append(answer.json()["threats"][0]["id"])
    return Two(served_on_both, ids[0], ids[1], "")


async def counted(two: Two, threat_id: str) -> set[str]:
    threat = await two.served.threat(threat_id)
    return {told["report"] for factor in threat["factors"] for told in factor["signals"]}


@pytest.mark.parametrize("crosswise", [False, True])
async def test_of_two_analysts_who_merge_at_once_one_is_told_and_nothing_is_lost(both: Two, crosswise: bool) -> None:
    everything = await counted(both, both.one) | await counted(both, both.other)
    second = (both.other, both.one) if crosswise else (both.one, both.other)
    answers = await asyncio.gather(
        both.do("merges", both.one, into=both.other),
        both.do("merges", second[0], "duty.leader", into=second[1]),
    )
    told = sorted(answer.status_code for answer in answers)
    assert told[0] == 201 and told[1] in (409, 412), [answer.text for answer in answers]
    states = {id: (await both.served.threat(id))["state"] for id in (both.one, both.other)}
    (kept,) = [id for id, state in states.items() if state != "MERGED"]
    assert await counted(both, kept) == everything
    (gone,) = set(states) - {kept}
    assert (await both.do("unmerges", gone, into=kept)).status_code == 201
    assert await counted(both, both.one) | await counted(both, both.other) == everything
