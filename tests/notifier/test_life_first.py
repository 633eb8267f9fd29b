"""Everything in the notifier that holds anything back, each tried against LIFE; and nothing that is not on this list.

`HOLDS` names every place in the code that makes something wait, limits or drops, by the construct that does it. A new
semaphore, lock, queue, bucket, limit or pause in the package fails the last test until it stands here with a trial, or
with the reason why no page passes it. What holds back without any of these constructs the list cannot see; the policies
and rules that could ask for it (a quiet hour, a bundle) are held to their fields instead.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import forkant_notifier
from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.route import Answer, Outgoing, Route
from forkant_notifier.commands.paging import step_pages
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.policy import LanePlan, PagingPolicy, Step
from forkant_notifier.settings import policy_document, route_rules_document
from forkant_notifier.timers import sender as sender_module
from forkant_notifier.timers.sender import BATCH, NORMAL_AT_ONCE, Sender
from forkant_shared.clock import new_id
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, escalation, standing
from tests.notifier.support.routes import Routed, routed

PACKAGE = Path(forkant_notifier.__file__).parent


class Carrier:
    """Takes everything; NORMAL messages it never answers where it `hangs`."""

    channels, gives_receipts = frozenset(Channel), False

    def __init__(self, name: str = "only", *, hangs: bool = False, refuses: bool = False) -> None:
        self.name, self.hangs, self.refuses = name, hangs, refuses
        self.got: list[Outgoing] = []

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        self.got += batch
        if self.hangs and batch[0].lane is Lane.NORMAL:
            await asyncio.Event().wait()
        for outgoing in batch:
            yield Answer(outgoing.reference, Outcome.REFUSED if self.refuses else Outcome.SUBMITTED)

    async def close(self) -> None:
        return

    def lanes(self) -> list[Lane]:
        return [outgoing.lane for outgoing in self.got]


@contextlib.asynccontextmanager
async def sending(desk: TestDesk) -> AsyncIterator[None]:
    """The sender, running by itself."""
    working = asyncio.create_task(Sender(desk.parts).run())
    await asyncio.sleep(0.02)
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def until(true: Callable[[], bool]) -> bool:
    for _ in range(500):
        if true():
            return True
        await asyncio.sleep(0.01)
    return False


async def pages(desk: TestDesk, count: int, lane: str) -> None:
    await desk.hear(*(escalation(lane=lane, threat_id=new_id()) for _ in range(count)))


def gone(carrier: Carrier, count: int = 3) -> Callable[[], bool]:
    return lambda: carrier.lanes().count(Lane.LIFE) >= count


# -- the trials ------------------------------------------------------------------------------------------------------


async def normal_places_all_taken_by_a_carrier_that_hangs(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier(hangs=True)
    async with standing(folder, clock, routes=[carrier]) as desk, sending(desk):
        for _ in range(NORMAL_AT_ONCE + 2):
            await pages(desk, 1, "NORMAL")
            await asyncio.sleep(0.01)
        await pages(desk, 1, "LIFE")
        assert await until(gone(carrier))
        assert carrier.lanes().count(Lane.NORMAL) <= NORMAL_AT_ONCE * 2


async def a_line_full_of_normal_before_a_narrow_carrier(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier(hangs=True)
    async with standing(folder, clock, routes=[carrier]) as desk:
        desk.desk.routes = RouteBoard([carrier], desk.desk.routes.rules, at_once={"only": 4})
        async with sending(desk):
            await pages(desk, 5, "NORMAL")
            assert await until(lambda: len(carrier.got) == 2), "half of the places"
            await pages(desk, 2, "LIFE")
            assert await until(gone(carrier, 6))
            assert carrier.lanes().count(Lane.NORMAL) == 2


async def a_heap_of_normal_handed_over_before_it(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        await pages(desk, 40, "NORMAL")
        await pages(desk, 1, "LIFE")
        await desk.send()
        assert carrier.lanes()[:3] == [Lane.LIFE] * 3


async def more_normal_due_in_the_database_than_one_look_takes(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        await pages(desk, BATCH // 2 + 20, "NORMAL")
        clock.advance(timedelta(seconds=1))
        await pages(desk, 1, "LIFE")
        desk.desk.mailbox.take(Lane.LIFE, 10**6), desk.desk.mailbox.take(Lane.NORMAL, 10**6)
        clock.advance(timedelta(seconds=10))
        await desk.wait(5)
        assert carrier.lanes()[:3] == [Lane.LIFE] * 3


async def more_normal_pages_with_a_step_due_than_one_look_takes(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        await pages(desk, 30, "NORMAL")
        clock.advance(timedelta(seconds=600))
        await pages(desk, 1, "LIFE")
        await desk.send()
        clock.advance(timedelta(seconds=45))
        carrier.got.clear()
        await step_pages(desk.parts, limit=5)
        await desk.send()
        assert carrier.lanes().count(Lane.LIFE) == 3


async def a_drill(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        begun = await desk.client.post(
            "/notifier/v1/drills", json={"lane": "LIFE"}, headers=desk.as_user("duty.leader")
        )
        assert begun.status_code == 201, begun.text
        await pages(desk, 1, "LIFE")
        await desk.send()
        assert [one.message.drill for one in carrier.got[:3]] == [False] * 3  # type: ignore[union-attr]


async def results_that_cannot_be_stored(folder: Path, clock: FixedClock) -> None:
    carrier, plain = Carrier(), sender_module.settle

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    async with standing(folder, clock, routes=[carrier]) as desk:
        sender_module.settle = never  # type: ignore[assignment]
        try:
            async with sending(desk):
                await pages(desk, 3, "NORMAL")
                assert await until(lambda: len(carrier.got) > 0)
                await pages(desk, 1, "LIFE")
                assert await until(gone(carrier))
        finally:
            sender_module.settle = plain


async def routes_that_fail_and_are_asked_last(folder: Path, clock: FixedClock) -> None:
    bad, worse = Carrier("bad", refuses=True), Carrier("worse", refuses=True)
    async with standing(folder, clock, routes=[bad, worse]) as desk:
        await pages(desk, 2, "LIFE")
        await desk.wait(20)
        assert {one.failing for one in desk.desk.routes.health(clock.now())} == {True}
        tried = len(bad.got) + len(worse.got)
        await pages(desk, 1, "LIFE")
        await desk.send()
        assert len(bad.got) + len(worse.got) >= tried + 3, "a failing route is asked last, never not at all"


async def two_pages_for_one_phone_in_one_moment(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        await pages(desk, 20, "LIFE")
        await desk.send()
        assert len(carrier.got) == 60, "nothing is bundled"
        assert len({one.body for one in carrier.got}) == 20


async def any_hour_of_the_day_and_both_nights_when_the_clock_is_moved(folder: Path, clock: FixedClock) -> None:
    carrier = Carrier()
    async with standing(folder, clock, routes=[carrier]) as desk:
        for hours in range(24):
            await pages(desk, 1, "LIFE")
            await desk.send()
            assert carrier.lanes().count(Lane.LIFE) >= 3, f"{hours} hours on"
            await desk.rows("select 1")
            carrier.got.clear()
            for page in await desk.rows("select id from pages where state <> 'CLOSED'"):
                await close(desk, page["id"])
            clock.advance(timedelta(hours=1))


async def close(desk: TestDesk, page_id: str) -> None:
    shown = f"{page_id[:8]}-{page_id[8:12]}-{page_id[12:16]}-{page_id[16:20]}-{page_id[20:]}"
    done = await desk.client.post(
        f"/notifier/v1/pages/{shown}/close", json={"cause": "HANDLED"}, headers=desk.as_user("duty.leader")
    )
    assert done.status_code == 200, done.text


async def a_gateway_that_hangs_on_every_normal_message(folder: Path, clock: FixedClock) -> None:
    async with routed(folder, clock) as system:
        system.first.behaves = system.second.behaves = "hang"
        desk = system.desk
        async with sending(desk):
            await pages(desk, 25, "NORMAL")
            assert await until(lambda: len(system.first.got) >= 20)
            await pages(desk, 1, "LIFE")
            assert await until(lambda: any("HASTER" in got["text"] for got in system.first.got))


async def a_carrier_that_floods_us_with_receipts(folder: Path, clock: FixedClock) -> None:
    few = {"callbacks": {"per_second": 0.1, "burst": 3, "unknown_per_second": 0.1, "unknown_burst": 2}}
    async with routed(folder, clock, first=_receipts(), health=few) as system:
        answers = [await system.tell("receipts", {"id": str(n), "state": "OK"}) for n in range(20)]
        assert answers.count(503) >= 15
        await pages(system.desk, 1, "LIFE")
        await system.desk.send()
        assert any("HASTER" in got["text"] for got in system.first.got)
        (code,) = [row["code"] for row in await system.desk.rows("select code from pages")]
        assert await system.tell("replies", {"from": "+4700000001", "text": code}) == 204
        assert (await system.desk.rows("select state from pages"))[0]["state"] == "ACCEPTED"


def _receipts() -> dict[str, Any]:
    return {"receipt": {"id": "id", "state": "state", "delivered": ["OK"]}}


async def events_that_wait_for_company(folder: Path, clock: FixedClock) -> None:
    async with standing(folder, clock) as desk:
        assert desk.app.state.running.consumer._gather_seconds == 0


Trial = Callable[[Path, FixedClock], Awaitable[None]]
TRIALS: tuple[Trial, ...] = (
    normal_places_all_taken_by_a_carrier_that_hangs,
    a_line_full_of_normal_before_a_narrow_carrier,
    a_heap_of_normal_handed_over_before_it,
    more_normal_due_in_the_database_than_one_look_takes,
    more_normal_pages_with_a_step_due_than_one_look_takes,
    a_drill,
    results_that_cannot_be_stored,
    routes_that_fail_and_are_asked_last,
    two_pages_for_one_phone_in_one_moment,
    any_hour_of_the_day_and_both_nights_when_the_clock_is_moved,
    a_gateway_that_hangs_on_every_normal_message,
    a_carrier_that_floods_us_with_receipts,
    events_that_wait_for_company,
)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.__name__)
async def test_life_goes_through(trial: Trial, tmp_path: Path, clock: FixedClock) -> None:
    await trial(tmp_path, clock)


# -- the list --------------------------------------------------------------------------------------------------------

#: File, what it stands in, construct: the trial, or why no page in the LIFE lane passes it.
HOLDS: dict[str, Trial | str] = {
    "timers/sender.py Sender.__init__ Semaphore": normal_places_all_taken_by_a_carrier_that_hangs,
    "timers/sender.py Sender.__init__ Line": a_line_full_of_normal_before_a_narrow_carrier,
    "timers/sender.py Sender._step sleep": a_heap_of_normal_handed_over_before_it,
    "timers/sender.py Sender._write_results sleep": results_that_cannot_be_stored,
    "timers/sender.py Sender._hold_what_waits sleep": "only renews leases; the line itself is tried",
    "timers/sender.py Sender._forget_earlier_life sleep": "the database is away; a page that is in it waits for it",
    "clients/gateway.py HttpGateway.__init__ Pools": a_gateway_that_hangs_on_every_normal_message,
    "clients/pools.py Pools.__init__ Limits": a_gateway_that_hangs_on_every_normal_message,
    "clients/sandbox.py SandboxRoute.__init__ Lock": "fake phones: one batch is written at a time, NORMAL or not",
    "commands/desk.py Desk.calls Bucket": a_carrier_that_floods_us_with_receipts,
    "commands/desk.py Desk.unknown_receipts Bucket": a_carrier_that_floods_us_with_receipts,
    "timers/__init__.py _ask sleep": "asks carriers what became of messages that have left",
    "clients/pinned.py Lookups.__init__ Semaphore": "webhooks to partners, a sender of their own; no page leaves by it",
    "clients/outside.py watch sleep": "the outside watcher, another process",
    "app.py life sleep": "before anything is answered: the database is away at the start",
}
CONSTRUCTS = {"Semaphore", "BoundedSemaphore", "Lock", "Condition", "Queue", "PriorityQueue", "LifoQueue", "Barrier"}
CONSTRUCTS |= {"Bucket", "Limits", "Line", "Pools", "sleep"}


def holding_places() -> Iterator[str]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield from _calls(ast.parse(file.read_text("utf-8")), str(file.relative_to(PACKAGE)), [])


def _calls(node: ast.AST, file: str, inside: list[str]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if isinstance(child, ast.Call):
            name = child.func.attr if isinstance(child.func, ast.Attribute) else getattr(child.func, "id", "")
            if name in CONSTRUCTS:
                yield f"{file} {'.'.join(inside)} {name}"
        yield from _calls(child, file, [*inside, child.name] if named else inside)  # type: ignore[attr-defined]


def test_nothing_in_the_package_holds_back_that_is_not_on_the_list() -> None:
    assert set(holding_places()) == set(HOLDS)
    assert {trial for trial in HOLDS.values() if callable(trial)} <= set(TRIALS)


def test_policies_and_rules_have_no_field_that_could_hold_life_back() -> None:
    """A quiet hour or a bundle would have to be written somewhere: these are all the fields there are."""
    assert {field.name for field in dataclasses.fields(LanePlan)} == {
        *("steps", "repeat_last_each", "act_within", "working_for", "demand")
    }
    assert {field.name for field in dataclasses.fields(Step)} == {"after", "tiers", "everyone", "channels", "becomes"}
    assert {field.name for field in dataclasses.fields(PagingPolicy)} == {
        *("version", "leader_tier", "floor_tier", "lanes", "lease", "timeout", "follow_up_after", "silent_after")
    }
    assert set(policy_document("2026-2")) == {"version", "leader_tier", "floor_tier", "lanes", "attempts", "watch"}
    assert set(route_rules_document()) == {
        *("version", "failures", "within", "dead_after", "page_again_after", "probe_each", "good_in_a_row"),
        *("test_each", "proven_for", "keep_tests", "callbacks"),
    }
    assert yaml.safe_load((PACKAGE / "policies/2026-2.yaml").read_text())["lanes"]["LIFE"]["steps"][0]["after"] == 0


def test_the_trials_speak_to_the_route_protocol() -> None:
    route: Route = Carrier()
    assert route.channels == frozenset(Channel) and isinstance(Routed, type)
