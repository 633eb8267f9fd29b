"""Outbox, bus and inbox under crashes at every seam: never lost, applied once, ordered per key."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from forkant_shared import outbox
from forkant_shared.bus import Message, TopicPartition
from forkant_shared.bus.embedded import EmbeddedBus, EmbeddedSubscription
from forkant_shared.clock import SystemClock
from forkant_shared.database import Database, sqlite_url
from forkant_shared.errors import Unavailable
from tests.shared.support.rig import Rig, beat
from tests.shared.support.tables import make_tables

KEYS = "abc"


class Crash(BaseException):
    """The process ends here: nothing after this line runs."""


class CrashingBus(EmbeddedBus):
    """An embedded bus that fails or lets the process die where the test says."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.fault: str | None = None

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        fault, self.fault = self.fault, None
        if fault == "away":
            return [Unavailable("away") for _ in messages]
        if fault == "half":
            # The first half arrives; of the rest nobody knows more than that it failed.
            half = len(messages) // 2
            await super().publish(messages[:half])
            failed = {message.key for message in messages[half:]}
            return [Unavailable("away") if message.key in failed else None for message in messages]
        outcomes = await super().publish(messages)
        if fault == "published":
            raise Crash
        if fault == "no answer":
            return [Unavailable("no answer") for _ in messages]
        return outcomes

    async def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> EmbeddedSubscription:
        subscription = await super().subscribe(group, topics, member=member)
        commit = subscription.commit

        async def committing(offsets: Mapping[TopicPartition, int]) -> None:
            fault, self.fault = self.fault, None
            if fault == "applied":
                raise Crash
            if fault == "no commit":
                raise Unavailable("away")
            await commit(offsets)

        subscription.commit = committing  # type: ignore[method-assign]
        return subscription


class Delivery(RuleBasedStateMachine):
    """Commands, relays and consumers of one service that lives, dies and comes back."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="forkant-delivery-"))
        shutil.copy(self.template, self.folder / "service.sqlite3")
        self.committed: dict[str, list[int]] = {key: [] for key in KEYS}
        self.do(self._start())

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def _start(self) -> None:
        self.bus = CrashingBus(str(self.folder / "bus.sqlite3"))
        await self.bus.start()
        database = Database(sqlite_url(str(self.folder / "service.sqlite3")), clock=SystemClock())
        self.rig = Rig(database, self.bus)

    async def _stop(self) -> None:
        await self.bus.close()
        await self.rig.database.close()

    async def _restart(self) -> None:
        await self._stop()
        await self._start()

    async def _until_it_dies(self, step: Coroutine[Any, Any, int]) -> None:
        try:
            await step
        except Crash:
            await self._restart()

    @rule(keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4))
    def commands_commit(self, keys: list[str]) -> None:
        for key in keys:
            sequence = len(self.committed[key]) + 1
            self.do(self.rig.tell(beat(sequence, key)))
            self.committed[key].append(sequence)

    @rule(key=st.sampled_from(KEYS))
    def the_process_dies_before_a_commit(self, key: str) -> None:
        async def die() -> None:
            async with self.rig.database.write() as session:
                await outbox.add(session, beat(len(self.committed[key]) + 1, key), version=len(self.committed[key]) + 1)
                raise Crash

        with pytest.raises(Crash):
            self.do(die())
        self.do(self._restart())

    @rule(fault=st.sampled_from([None, "away", "half", "no answer", "published"]))
    def the_relay_steps(self, fault: str | None) -> None:
        self.bus.fault = fault
        self.do(self._until_it_dies(self.rig.relay.step()))
        self.bus.fault = None

    @rule(fault=st.sampled_from([None, "no commit", "applied"]))
    def the_consumer_steps(self, fault: str | None) -> None:
        self.bus.fault = fault
        self.do(self._until_it_dies(self.rig.consumer.step()))
        self.bus.fault = None

    @precondition(lambda self: any(self.committed.values()))
    @rule(key=st.sampled_from(KEYS))
    def the_process_dies_while_it_applies(self, key: str) -> None:
        def dies() -> Exception:
            raise Crash

        self.rig.failures = {(key, sequence): dies for sequence in self.committed[key]}
        self.do(self._until_it_dies(self.rig.consumer.step()))
        self.rig.failures = {}

    @rule()
    def the_consumer_begins_anew(self) -> None:
        self.do(self.rig.restart_consumer())

    @invariant()
    def what_was_applied_is_the_beginning_of_what_was_committed(self) -> None:
        for key in KEYS:
            applied = self.do(self.rig.applied(key))
            assert applied == self.committed[key][: len(applied)]

    def teardown(self) -> None:
        try:
            self.bus.fault = None
            self.do(self.rig.settle())
            for key in KEYS:
                assert self.do(self.rig.applied(key)) == self.committed[key], "something was lost"
        finally:
            self.do(self._stop())
            self.runner.close()
            shutil.rmtree(self.folder)


@pytest.fixture(autouse=True)
def _template(tmp_path: Path) -> None:
    Delivery.template = tmp_path / "template.sqlite3"
    make_tables(sqlite_url(str(Delivery.template)))


Delivery.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestDelivery = Delivery.TestCase
