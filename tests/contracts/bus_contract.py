"""What every bus must do. Each implementation runs this suite: see `forkant_shared/bus/__init__.py`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from forkant_shared.bus import LARGEST_MESSAGE, Bus, Message, Record, Subscription, TopicPartition
from forkant_shared.errors import Invalid, Unavailable

Opener = Callable[[], Awaitable[Bus]]

#: How long a test waits for what must come. Nothing is asserted about how fast it does.
PATIENCE = 30.0


def message(topic: str, key: str, value: str) -> Message:
    return Message(topic, key, value.encode())


async def receive(subscription: Subscription, count: int, *, max_records: int = 100) -> list[Record]:
    """The next `count` records."""
    found: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            found += await subscription.fetch(max_records=min(max_records, count - len(found)))
    return found


async def nothing(subscription: Subscription, *, turns: int = 4) -> None:
    """Asks a few times, and nothing may come."""
    for _ in range(turns):
        assert await subscription.fetch(timeout=0.2) == []


async def member_ready(subscription: Subscription, partitions: int | None = None) -> list[Record]:
    """Until the member holds partitions (so many); what it was handed meanwhile."""
    found: list[Record] = []
    async with asyncio.timeout(PATIENCE):
        while not subscription.assigned or (partitions and len(subscription.assigned) != partitions):
            found += await subscription.fetch(timeout=0.1)
    return found


async def publish(bus: Bus, messages: Sequence[Message]) -> None:
    assert await bus.publish(messages) == [None] * len(messages)


def after(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """Offsets to commit once these records are done with."""
    return {record.place: record.offset + 1 for record in records}


def values(records: Sequence[Record]) -> list[str]:
    return [record.value.decode() for record in records]


class BusContract:
    """Inherit, and give the fixture `open_bus`: each call opens another bus on the same log."""

    @pytest.fixture
    def topic(self) -> str:
        return f"forkant.test-{uuid.uuid4().hex[:8]}"

    @pytest.fixture
    def group(self) -> str:
        return f"forkant.readers-{uuid.uuid4().hex[:8]}"

    @pytest.fixture
    async def bus(self, open_bus: Opener, topic: str) -> AsyncIterator[Bus]:
        bus = await open_bus()
        await bus.create_topics([topic], partitions=4)
        yield bus
        await bus.close()

    async def test_messages_of_one_key_arrive_in_the_order_they_were_published(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        wanted = {f"key-{k}": [f"{k}:{n}" for n in range(40)] for k in range(6)}
        for n in range(0, 40, 8):
            batch = [message(topic, key, v) for step in range(8) for key, vs in wanted.items() for v in [vs[n + step]]]
            await publish(bus, batch)
        reader = await bus.subscribe(group, [topic])
        got: dict[str, list[str]] = {key: [] for key in wanted}
        for record in await receive(reader, 240):
            got[record.key].append(record.value.decode())
        assert got == wanted

    async def test_offsets_of_a_partition_rise_one_by_one_within_a_fetch(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, f"key-{n % 9}", str(n)) for n in range(90)])
        reader = await bus.subscribe(group, [topic])
        offsets: dict[int, list[int]] = {}
        for record in await receive(reader, 90):
            offsets.setdefault(record.partition, []).append(record.offset)
        assert all(found == list(range(found[0], found[0] + len(found))) for found in offsets.values())

    async def test_a_fetch_gives_at_most_what_was_asked_for_and_leaves_out_nothing(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, f"key-{n % 5}", str(n)) for n in range(50)])
        reader = await bus.subscribe(group, [topic])
        found: list[Record] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < 50:
                some = await reader.fetch(max_records=7)
                assert len(some) <= 7
                found += some
        assert sorted(values(found), key=int) == [str(n) for n in range(50)]
        await nothing(reader, turns=1)

    async def test_a_record_comes_again_after_a_restart_without_a_commit(
        self, bus: Bus, open_bus: Opener, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, "key", "one"), message(topic, "key", "two")])
        first = await bus.subscribe(group, [topic])
        assert values(await receive(first, 2)) == ["one", "two"]
        await bus.close()
        again = await open_bus()
        second = await again.subscribe(group, [topic])
        assert values(await receive(second, 2)) == ["one", "two"]
        await again.close()

    async def test_a_restarted_reader_goes_on_where_it_committed(
        self, bus: Bus, open_bus: Opener, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, "key", str(n)) for n in range(5)])
        first = await bus.subscribe(group, [topic], member="one")
        records = await receive(first, 5)
        await first.commit(after(records[:3]))
        await bus.close()
        again = await open_bus()
        second = await again.subscribe(group, [topic], member="one")
        assert values(await receive(second, 2)) == ["3", "4"]
        await nothing(second, turns=1)
        await again.close()

    async def test_closing_a_reader_commits_nothing(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, "key", "one")])
        first = await bus.subscribe(group, [topic])
        await receive(first, 1)
        await first.close()
        assert not first.healthy
        second = await bus.subscribe(group, [topic])
        assert values(await receive(second, 1)) == ["one"]

    async def test_two_groups_do_not_see_each_other(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, f"key-{n}", str(n)) for n in range(10)])
        one = await bus.subscribe(f"{group}-one", [topic])
        records = await receive(one, 10)
        await one.commit(after(records))
        two = await bus.subscribe(f"{group}-two", [topic])
        assert sorted(values(await receive(two, 10))) == sorted(values(records))

    async def test_a_reader_of_two_topics_gets_both(self, bus: Bus, topic: str, group: str) -> None:
        await bus.create_topics([f"{topic}-b"], partitions=2)
        await publish(bus, [message(topic, "key", "a"), message(f"{topic}-b", "key", "b")])
        reader = await bus.subscribe(group, [topic, f"{topic}-b"])
        found = {record.topic: record.value for record in await receive(reader, 2)}
        assert found == {topic: b"a", f"{topic}-b": b"b"}

    async def test_rewind_delivers_again_from_the_offset(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, "key", str(n)) for n in range(6)])
        reader = await bus.subscribe(group, [topic])
        records = await receive(reader, 6)
        await reader.rewind({records[2].place: records[2].offset})
        assert values(await receive(reader, 4)) == ["2", "3", "4", "5"]

    async def test_a_paused_partition_hands_out_nothing_until_it_is_resumed(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        reader = await bus.subscribe(group, [topic])
        await publish(bus, [message(topic, "key", "first")])
        place = (await receive(reader, 1))[0].place
        reader.pause([place])
        await publish(bus, [message(topic, "key", "second")])
        await nothing(reader)
        assert reader.healthy
        reader.resume([place])
        assert values(await receive(reader, 1)) == ["second"]

    async def test_other_partitions_flow_while_one_is_paused(self, bus: Bus, topic: str, group: str) -> None:
        reader = await bus.subscribe(group, [topic])
        await publish(bus, [message(topic, f"key-{n}", "x") for n in range(20)])
        records = await receive(reader, 20)
        paused = records[0]
        other = next(record for record in records if record.place != paused.place)
        reader.pause([paused.place])
        await publish(bus, [message(topic, paused.key, "held"), message(topic, other.key, "flows")])
        assert values(await receive(reader, 1)) == ["flows"]

    async def test_what_was_fetched_before_a_rewind_and_pause_comes_after_the_resume(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, "key", str(n)) for n in range(4)])
        reader = await bus.subscribe(group, [topic])
        record = (await receive(reader, 1, max_records=1))[0]
        await reader.rewind({record.place: record.offset})
        reader.pause([record.place])
        await nothing(reader, turns=2)
        reader.resume([record.place])
        assert values(await receive(reader, 4)) == ["0", "1", "2", "3"]

    async def test_two_members_share_the_partitions_and_a_leaver_hands_over(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        one = await bus.subscribe(group, [topic])
        await member_ready(one, 4)
        two = await bus.subscribe(group, [topic])
        await asyncio.gather(member_ready(one, 2), member_ready(two, 2))
        assert not one.assigned & two.assigned
        await publish(bus, [message(topic, f"key-{n}", str(n)) for n in range(40)])
        async with asyncio.timeout(PATIENCE):
            mine: list[Record] = []
            yours: list[Record] = []
            while len(mine) + len(yours) < 40:
                mine += await one.fetch(timeout=0.1)
                yours += await two.fetch(timeout=0.1)
        assert {record.place for record in mine} <= one.assigned
        await one.commit(after(mine))
        await one.close()
        got = await member_ready(two, 4)
        await publish(bus, [message(topic, mine[0].key, "later")])
        async with asyncio.timeout(PATIENCE):
            while "later" not in values(got):
                got += await two.fetch(timeout=0.1)
        # what the other had committed does not come again
        assert not {(r.place, r.offset) for r in mine} & {(r.place, r.offset) for r in got}

    async def test_a_commit_for_a_partition_of_somebody_else_changes_nothing(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        await publish(bus, [message(topic, "key", "one")])
        reader = await bus.subscribe(group, [topic])
        record = (await receive(reader, 1))[0]
        await reader.commit({TopicPartition(topic, 99): 5, TopicPartition("forkant.elsewhere", 0): 1})
        await reader.rewind({TopicPartition(topic, 99): 0})
        reader.pause([TopicPartition(topic, 99)])
        reader.resume([TopicPartition(topic, 99)])
        await reader.commit(after([record]))

    async def test_headers_and_values_come_back_byte_for_byte(self, bus: Bus, topic: str, group: str) -> None:
        every_byte = bytes(range(256))
        headers = (("ce_id", b"1"), ("raw", every_byte), ("empty", b""), ("ce_id", b"2"), ("ærlig", b"\xc3\xa6"))
        await publish(bus, [Message(topic, "nøkkel", every_byte, headers), Message(topic, "nøkkel", b"")])
        before = datetime.now(UTC) - timedelta(minutes=1)
        reader = await bus.subscribe(group, [topic])
        full, empty = await receive(reader, 2)
        assert (full.key, full.value, full.headers) == ("nøkkel", every_byte, headers)
        assert (empty.value, empty.headers) == (b"", ())
        assert full.timestamp.utcoffset() == timedelta(0)
        assert before < full.timestamp < datetime.now(UTC) + timedelta(minutes=1)

    async def test_a_message_too_large_is_refused_and_holds_up_only_its_own_key(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        large = Message(topic, "large", b"x" * (LARGEST_MESSAGE + 1))
        outcomes = await bus.publish(
            [message(topic, "a", "1"), large, message(topic, "large", "behind"), message(topic, "a", "2")]
        )
        assert outcomes[0] is None and outcomes[3] is None
        assert isinstance(outcomes[1], Invalid)
        assert isinstance(outcomes[2], Unavailable)
        await publish(bus, [message(topic, "large", "behind")])
        reader = await bus.subscribe(group, [topic])
        assert sorted(values(await receive(reader, 3))) == ["1", "2", "behind"]

    async def test_the_largest_message_goes_through(self, bus: Bus, topic: str, group: str) -> None:
        largest = Message(topic, "key", b"x" * (LARGEST_MESSAGE - 3 - 5), (("a", b"1234"),))
        assert largest.size == LARGEST_MESSAGE
        await publish(bus, [largest, message(topic, "key", "after")])
        reader = await bus.subscribe(group, [topic])
        records = await receive(reader, 2)
        assert [len(record.value) for record in records] == [len(largest.value), 5]

    async def test_a_thousand_messages_in_one_publish_all_arrive(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, f"key-{n % 200}", str(n)) for n in range(1000)])
        reader = await bus.subscribe(group, [topic])
        records = await receive(reader, 1000, max_records=300)
        assert sorted(int(value) for value in values(records)) == list(range(1000))

    async def test_publishes_at_the_same_time_keep_the_order_of_each_key(
        self, bus: Bus, topic: str, group: str
    ) -> None:
        async def writer(key: str) -> None:
            for n in range(30):
                await publish(bus, [message(topic, key, str(n))])

        await asyncio.gather(*(writer(f"key-{k}") for k in range(5)))
        reader = await bus.subscribe(group, [topic])
        records = await receive(reader, 150)
        for k in range(5):
            assert values([r for r in records if r.key == f"key-{k}"]) == [str(n) for n in range(30)]

    async def test_an_empty_publish_is_nothing(self, bus: Bus) -> None:
        assert await bus.publish([]) == []

    async def test_a_waiting_reader_is_woken_by_a_publish(self, bus: Bus, topic: str, group: str) -> None:
        reader = await bus.subscribe(group, [topic])
        await member_ready(reader)
        waiting = asyncio.create_task(reader.fetch(timeout=PATIENCE))
        await asyncio.sleep(0.05)
        await publish(bus, [message(topic, "key", "now")])
        assert values(await asyncio.wait_for(waiting, PATIENCE / 2)) == ["now"]

    async def test_making_topics_again_leaves_them_as_they_are(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, "key", "kept")])
        await bus.create_topics([topic, f"{topic}-new"], partitions=7)
        reader = await bus.subscribe(group, [topic, f"{topic}-new"])
        found = await member_ready(reader, 4 + 7) or await receive(reader, 1)
        assert values(found) == ["kept"]

    async def test_a_bus_that_works_is_healthy_and_closes_twice(self, bus: Bus, topic: str, group: str) -> None:
        reader = await bus.subscribe(group, [topic])
        await publish(bus, [message(topic, "key", "x")])
        await receive(reader, 1)
        assert bus.healthy and reader.healthy
        await bus.close()
        await bus.close()
