"""What ends a clearance from elsewhere: another threat, the clock of reports, the end of the threat."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from forkant_shared.clock import new_id
from tests.threat_watch.followed import Followed
from tests.threat_watch.serving import signal


async def test_an_answer_holds_wherever_the_report_counts(followed_on_both: Followed) -> None:
    one, other = ({"kind": "GROUP", "id": new_id()} for _ in range(2))
    said = [signal(aggressor=side) for side in (one, other)]
    answer = await followed_on_both.served.report(text="Begge har sagt det.", signals=said)
    here, there = (
        replace(followed_on_both, id=found["id"], handlers=answer.json()["id"]) for found in answer.json()["threats"]
    )
    await there.clear()
    assert (await here.answer(here.handlers, exposure="NO")).status_code == 201
    (told,) = await followed_on_both.told_withdrawn()
    assert (told.threat_id, told.cause) == (there.id, "ANSWERED_NO")
    assert (await there.get("disclosure"))["cleared_until"] is None
    assert (await there.whats())[:2] == ["clearance-ended", "exposure-elsewhere"]


async def test_a_report_that_is_destroyed_takes_along_what_was_to_be_said_because_of_it(followed: Followed) -> None:
    await followed.clear()
    gone = {"outcome": "DESTROYED", "reason": "Ikke relevant."}
    path = f"/threat-watch/v1/reports/{followed.handlers}/relevance"
    answer = await followed.served.client.post(path, json=gone, headers=followed.served.head("analyst"))
    assert answer.status_code == 204, answer.text
    assert [one.cause for one in await followed.told_withdrawn()] == ["REPORT_DESTROYED"]
    found = await followed.get("disclosure")
    assert (found["lines"], found["cleared_until"]) == ([], None)


async def test_a_no_at_the_same_moment_as_the_last_signature_leaves_nothing_cleared(
    followed_on_both: Followed,
) -> None:
    one, other = ({"kind": "GROUP", "id": new_id()} for _ in range(2))
    said = [signal(aggressor=side) for side in (one, other)]
    for attempt in range(4):
        report = await followed_on_both.served.report(
            origin=f"B{attempt}", text=f"Begge sa det, {attempt}.", signals=said
        )
        here, there = (
            replace(followed_on_both, id=found["id"], handlers=report.json()["id"])
            for found in report.json()["threats"]
        )
        await there.answer(there.handlers)
        assert (await there.approve(await there.write(there.handlers))).status_code == 204
        assert (await there.sign("SOURCE", "source.handler")).status_code == 201
        version = await there.version()
        signed, answered = await asyncio.gather(
            there.sign("LEADER", "duty.leader", version=version), here.answer(here.handlers, exposure="NO")
        )
        assert answered.status_code == 201
        # Before the NO it was cleared and is withdrawn, after it it is refused.
        assert signed.status_code in (201, 409, 412)
        assert (await there.get("disclosure"))["cleared_until"] is None
        line = (await there.get("disclosure"))["lines"][0]["id"]
        await there.post(f"disclosure/lines/{line}/removal", {"reason": "x"}, "analyst")


async def test_closing_ends_the_clearance_and_tells_so(followed: Followed) -> None:
    await followed.clear()
    assert (await followed.post("closure", {"reason": "Feil person."})).status_code == 201
    assert [one.cause for one in await followed.told_withdrawn()] == ["CLOSED"]
    refused = await followed.answer(followed.handlers, exposure="NO")
    assert refused.status_code == 409
