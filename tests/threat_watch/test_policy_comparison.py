"""A draft beside the policy in force: on what was recorded and on stories, in another process, bounded and watched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands import policy_comparing
from forkant_threat_watch.commands.policy_comparing import compare_texts
from forkant_threat_watch.store import policy_comparisons
from forkant_threat_watch.store.policies import of_release
from tests.threat_watch.domain.test_scenarios import SCENARIOS
from tests.threat_watch.serving import Served, signal
from tests.threat_watch.support.drafting import DRAFTS, LEAD, WRITER, adopt, begin, compared, settled, signed, text

GANG = {"kind": "GROUP", "id": new_id()}
RIVAL = {"kind": "GROUP", "id": new_id()}
#: A policy under which a threat stands HIGH sooner.
STRICTER = text("2026-8", **{"HIGH: 0.60": "HIGH: 0.50"})


async def happened(served: Served) -> str:
    """Two voices about one plan, which stand at MODERATE by the policy of this release; and a day later the duty
    officer closes the page. The threat's id."""
    first = await served.report(signals=[signal(aggressor=GANG, target=RIVAL, strength="STATED")], origin="S1")
    served.forward(hours=1)
    more = [signal(factor="RECONNAISSANCE", strength="HINT", aggressor=GANG, target=RIVAL)]
    await served.report(origin="S2", signals=more)
    served.forward(hours=1)
    return str(first.json()["threats"][0]["id"])


async def test_a_page_that_only_the_draft_would_send_appears_with_its_report_and_its_week(
    served_on_both: Served,
) -> None:
    served = served_on_both
    threat = await served.threat(await happened(served))
    assert threat["level"] == "MODERATE"
    draft = (await begin(served, STRICTER)).json()
    found = await compared(served, draft["id"], "HISTORY")
    assert (found["state"], found["against"], found["problem"]) == ("DONE", "2026-1", None)
    assert found["done"] == found["total"] > 0
    result = found["result"]["history"]
    assert result["changes"] == {"page-appears": 1, "page-vanishes": 0, "page-moves": 0}
    (page,) = result["pages"]
    assert (page["kind"], page["rule"], page["lane"], page["was_at"]) == ("page-appears", "level-high", "LIFE", None)
    assert page["report"]["reference"].startswith("R-") and page["threat"] is None
    assert result["levels"] == [{"before": "MODERATE", "after": "HIGH", "threats": 1}]
    assert (result["before"]["reports"], result["after"]["reports"]) == (2, 2)
    assert [(w["before"]["LIFE"], w["after"]["LIFE"]) for w in result["weeks"]] == [(0, 1)]


async def test_the_policy_in_force_told_again_says_what_it_said(served_on_both: Served) -> None:
    """History under the policy that made it: the same pages as were sent, and no act left out."""
    served = served_on_both
    threat_id = await happened(served)
    decided = {"level": "LOW", "reason": "Kjent.", "expires_at": (served.clock.now() + timedelta(days=2)).isoformat()}
    answer = await served.client.post(
        f"/threat-watch/v1/threats/{threat_id}/decisions", json=decided, headers=served.head("duty.leader")
    )
    assert answer.status_code == 201, answer.text
    served.forward(minutes=1)
    draft = (await begin(served, text())).json()
    result = (await compared(served, draft["id"], "HISTORY"))["result"]["history"]
    assert result["changes"] == {"page-appears": 0, "page-vanishes": 0, "page-moves": 0}
    assert (result["before"]["acts"], result["before"]["acts_left_out"]) == (1, 0)
    assert sum(result["before"]["pages"].values()) == len(await served.said(events.EscalationRaised))
    assert result["before"]["highest"]["MODERATE"] == 1


async def test_after_a_switch_history_is_compared_with_the_policy_now_in_force(served: Served) -> None:
    await happened(served)
    await signed(served, STRICTER)
    await adopt(served, "2026-8")
    served.forward(seconds=LEAD)
    await settled(served)
    draft = (await begin(served, text("2026-9"), "Tilbake")).json()
    found = await compared(served, draft["id"], "HISTORY")
    assert found["against"] == "2026-8"
    assert found["result"]["history"]["changes"] == {"page-appears": 0, "page-vanishes": 1, "page-moves": 0}


async def test_whoever_may_not_know_of_a_report_sees_that_a_page_changes_and_not_for_which(served: Served) -> None:
    inside = served.head(WRITER, "source.handler", compartments=["nord"])
    for origin, said in (("S1", signal(strength="STATED")), ("S2", signal(factor="RECONNAISSANCE", strength="HINT"))):
        body = served.body(origin=origin, compartment="nord", signals=[said | {"aggressor": GANG, "target": RIVAL}])
        answer = await served.client.post("/threat-watch/v1/reports", json=body, headers=inside)
        assert answer.status_code == 201, answer.text
        served.forward(hours=1)
    draft = (await begin(served, STRICTER)).json()
    found = await compared(served, draft["id"], "HISTORY")
    (page,) = found["result"]["history"]["pages"]
    assert (page["kind"], page["report"], page["threat"]) == ("page-appears", None, None)
    address = f"/threat-watch/v1/policy-comparisons/{found['id']}"
    (page,) = (await served.client.get(address, headers=inside)).json()["result"]["history"]["pages"]
    assert page["report"]["reference"].startswith("R-")
    for role in ("source.handler", "dialogue.officer"):
        assert (await served.client.get(address, headers=served.head(role))).status_code == 403


async def test_stories_are_told_under_both_and_what_they_expected_stands_beside(served: Served) -> None:
    for path in SCENARIOS:
        address = f"/threat-watch/v1/policy-scenarios/{path.stem}"
        kept = await served.client.put(address, json={"text": path.read_text()}, headers=served.head(WRITER))
        assert kept.status_code == 204, kept.text
    draft = (await begin(served, STRICTER)).json()
    found = await compared(served, draft["id"], "SCENARIOS")
    assert (found["state"], found["done"], found["total"]) == ("DONE", 2 * len(SCENARIOS), 2 * len(SCENARIOS))
    told = {one["name"]: one for one in found["result"]["stories"]}
    assert set(told) == {path.stem for path in SCENARIOS}
    assert all(one["differences"]["before"] == [] for one in told.values()), "they pin the first policy"
    moved = told["2008"]
    assert sum(moved["changes"].values()) > 0 and moved["differences"]["after"] != []


async def test_without_a_story_there_is_nothing_to_compare_on(served: Served) -> None:
    draft = (await begin(served, STRICTER)).json()
    answer = await served.client.post(
        f"{DRAFTS}/{draft['id']}/comparisons", json={"source": "SCENARIOS"}, headers=served.head(WRITER)
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "source")


@pytest.mark.parametrize("hence", [{"days": -400}, {"seconds": 0}, {"days": 3}])
async def test_history_begins_in_the_past_and_not_too_long_ago(served: Served, hence: dict[str, int]) -> None:
    draft = (await begin(served, STRICTER)).json()
    body = {"source": "HISTORY", "since": (served.clock.now() + timedelta(**hence)).isoformat()}
    answer = await served.client.post(f"{DRAFTS}/{draft['id']}/comparisons", json=body, headers=served.head(WRITER))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "since")


async def test_only_so_many_wait_and_each_is_done_once_by_one_instance(served_on_both: Served) -> None:
    served = served_on_both
    await happened(served)
    draft = (await begin(served, STRICTER)).json()
    address = f"{DRAFTS}/{draft['id']}/comparisons"
    begins = [(served.clock.now() - timedelta(days=days)).isoformat() for days in range(1, 12)]
    answers = [
        await served.client.post(address, json={"source": "HISTORY", "since": since}, headers=served.head(WRITER))
        for since in begins
    ]
    assert [answer.status_code for answer in answers] == [202] * 10 + [409]
    parts = served.app.state.parts
    await asyncio.gather(policy_comparing.compare_next(parts), policy_comparing.compare_next(parts))
    states = [
        (await served.client.get(answer.headers["location"], headers=served.head(WRITER))).json()["state"]
        for answer in answers[:10]
    ]
    assert states == ["DONE"] + ["WAITING"] * 9


async def test_asking_again_for_what_already_waits_gives_the_same_job_and_a_new_text_another(served: Served) -> None:
    await happened(served)
    draft = (await begin(served, STRICTER)).json()
    address = f"{DRAFTS}/{draft['id']}/comparisons"

    async def ask(**body: str) -> str:
        answer = await served.client.post(address, json={"source": "HISTORY", **body}, headers=served.head(WRITER))
        return str(answer.json()["id"])

    first = await ask()
    yesterday = (served.clock.now() - timedelta(days=1)).isoformat()
    assert await ask() == first != await ask(since=yesterday)
    head = served.head(WRITER) | {"If-Match": f'"{draft["revision"]}"'}
    saved = await served.client.put(f"{DRAFTS}/{draft['id']}", json={"text": STRICTER + "\n"}, headers=head)
    assert saved.status_code == 200
    assert await ask() != first


async def test_a_job_whose_instance_has_fallen_is_taken_over_and_given_up_in_the_end(served: Served) -> None:
    await happened(served)
    draft = (await begin(served, STRICTER)).json()
    address = f"{DRAFTS}/{draft['id']}/comparisons"
    asked = await served.client.post(address, json={"source": "HISTORY"}, headers=served.head(WRITER))
    parts = served.app.state.parts

    async def taken(by: str) -> policy_comparisons.Comparison | None:
        now = served.clock.now()
        async with parts.database.write() as session:
            return await policy_comparisons.take(session, by, now, now - policy_comparing.SILENT_AFTER)

    first = await taken("one")
    assert first is not None and first.tries == 1
    assert await taken("two") is None, "one instance is at it"
    served.forward(seconds=31)
    second = await taken("two")
    assert second is not None and second.tries == 2
    async with parts.database.write() as session:
        assert not await policy_comparisons.progress(session, first, 1, 2, served.clock.now()), "it was taken over"
        assert not await policy_comparisons.finish(session, first, served.clock.now(), None, "FELL")
    for name in ("three", "four"):
        served.forward(seconds=31)
        last = await taken(name)
    served.forward(seconds=31)
    assert last is not None and last.tries == 4
    await policy_comparing.compare_next(parts)
    found = (await served.client.get(asked.headers["location"], headers=served.head(WRITER))).json()
    assert (found["state"], found["problem"]) == ("FAILED", "FELL")


async def test_a_comparison_that_takes_too_long_is_given_up_and_its_processes_are_ended(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happened(served)
    draft = (await begin(served, STRICTER)).json()
    short = replace(policy_comparing.rules(), longest=timedelta(seconds=0.05))
    monkeypatch.setattr(policy_comparing, "rules", lambda: short)
    found = await compared(served, draft["id"], "HISTORY")
    assert (found["state"], found["problem"]) == ("FAILED", "TOO_LONG")


async def test_progress_is_told_while_it_runs_and_others_are_answered_meanwhile() -> None:
    story = next(path for path in SCENARIOS if path.stem == "2008").read_text()
    told: list[tuple[int, int]] = []
    waited: list[float] = []

    async def far(done: int, total: int) -> None:
        told.append((done, total))

    async def others() -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            await asyncio.sleep(0.01)
            waited.append(loop.time() - asked)

    beside = asyncio.create_task(others())
    version = of_release()["2026-1"]
    stories: dict[str, Any] = {"source": "SCENARIOS", "stories": [{"name": str(n), "text": story} for n in range(20)]}
    result = await compare_texts(version, STRICTER, [version], stories, far)
    beside.cancel()
    assert told[-1] == (40, 40) and [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(result["stories"]) == 20
    assert len(waited) > 20, "the loop went round while it was told elsewhere"


async def test_a_text_that_cannot_be_told_is_said_so_and_leaves_no_process_behind() -> None:
    version = of_release()["2026-1"]
    stories: dict[str, Any] = {"source": "SCENARIOS", "stories": [{"name": "x", "text": "name: 1"}]}

    async def far(done: int, total: int) -> None: ...

    with pytest.raises(Invalid):
        await compare_texts(version, STRICTER, [version], stories, far)
