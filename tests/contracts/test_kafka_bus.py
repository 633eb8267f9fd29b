"""The Kafka bus keeps the contract on a real broker, and gets over its broker's bad days."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from forkant_full.kafka_server import KafkaServer
from forkant_full.processes import free_port
from forkant_shared.bus import Bus, Message, TopicPartition
from forkant_shared.bus.kafka import KafkaBus, reader
from forkant_shared.errors import Invalid, Unavailable
from tests.contracts.bus_contract import (
    PATIENCE,
    BusContract,
    Opener,
    after,
    member_ready,
    message,
    publish,
    receive,
    values,
)
from tests.support.certificates import self_signed
from tests.support.fixtures import MakeKafka

pytestmark = pytest.mark.connected

TOPIC = "forkant.test"
GROUP = "forkant.readers"


async def until_published(bus: Bus, messages: list[Message]) -> None:
    """As the relay does: again until it is there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            outcomes = await bus.publish(messages)
            messages = [m for m, outcome in zip(messages, outcomes, strict=True) if outcome is not None]
            if not messages:
                return
            await asyncio.sleep(0.1)


class TestKafkaBus(BusContract):
    @pytest.fixture
    def open_bus(self, kafka_server: str) -> Opener:
        async def open_bus() -> Bus:
            bus = KafkaBus(kafka_server)
            await bus.start()
            return bus

        return open_bus

    async def test_a_topic_nobody_made_is_unavailable_and_the_others_go(self, bus: Bus, topic: str, group: str) -> None:
        missing = f"{topic}-missing"
        outcomes = await bus.publish([message(missing, "key", "lost?"), message(topic, "key", "goes")])
        assert isinstance(outcomes[0], Unavailable) and missing in str(outcomes[0])
        assert outcomes[1] is None
        await bus.create_topics([missing])
        await publish(bus, [message(missing, "key", "there now")])

    async def test_a_topic_that_takes_less_than_we_do_refuses_only_what_is_too_large_for_it(
        self, kafka_server: str, bus: Bus, topic: str, group: str
    ) -> None:
        small = f"{topic}-small"
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server)
        await admin.start()
        await admin.create_topics([NewTopic(small, 1, 1, topic_configs={"max.message.bytes": "2000"})])
        await admin.close()
        fitting = [message(small, f"key-{n}", "x" * 500) for n in range(8)]
        await until_published(bus, fitting)
        assert isinstance((await bus.publish([message(small, "key", "x" * 3000)]))[0], Invalid)
        await until_published(bus, [message(small, "key", "after")])
        found = await receive(await bus.subscribe(group, [small]), 9)
        assert values(found)[-1] == "after"

    async def test_a_producer_that_lost_count_is_replaced(self, bus: Bus, topic: str, group: str) -> None:
        await publish(bus, [message(topic, "key", "one")])
        assert isinstance(bus, KafkaBus)
        producer = bus._sender._producer
        assert producer is not None
        for partition in range(4):
            producer._txn_manager.increment_sequence_number(TopicPartition(topic, partition), 7)
        assert isinstance((await bus.publish([message(topic, "key", "two")]))[0], Unavailable)
        await publish(bus, [message(topic, "key", "two")])
        assert bus.healthy
        assert values(await receive(await bus.subscribe(group, [topic]), 2)) == ["one", "two"]

    async def test_a_reader_that_is_stuck_is_replaced(
        self, bus: Bus, topic: str, group: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reader, "_UNWELL_SECONDS", 0.8)
        stuck = await bus.subscribe(group, [topic], member="one")
        await publish(bus, [message(topic, "key", "one")])
        await stuck.commit(after(await receive(stuck, 1)))
        assert isinstance(stuck, reader.KafkaSubscription) and stuck._consumer is not None
        stuck._consumer._fetcher._fetch_task.cancel()
        await publish(bus, [message(topic, "key", "two")])
        assert values(await receive(stuck, 1)) == ["two"]

    async def test_a_named_member_comes_back_without_a_goodbye(
        self, bus: Bus, open_bus: Opener, topic: str, group: str
    ) -> None:
        first = await bus.subscribe(group, [topic], member="one")
        await member_ready(first, 4)
        again = await open_bus()
        await bus.close()  # a named member does not leave: for the group it is only away
        second = await again.subscribe(group, [topic], member="one")
        await publish(again, [message(topic, "key", "x")])
        assert values(await receive(second, 1)) == ["x"]
        await again.close()


class TestBadDays:
    async def test_a_bus_may_start_before_its_broker(self, make_kafka: MakeKafka) -> None:
        server = make_kafka(start=False)
        bus = KafkaBus(server.bootstrap)
        await bus.start()
        reading = await bus.subscribe(GROUP, [TOPIC])
        assert not bus.healthy and not reading.healthy
        with pytest.raises(Unavailable):
            await bus.create_topics([TOPIC])
        with pytest.raises(Unavailable):
            await reading.commit({TopicPartition(TOPIC, 0): 1})
        assert isinstance((await bus.publish([message(TOPIC, "key", "x")]))[0], Unavailable)
        assert await reading.fetch(timeout=0.1) == []
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await bus.create_topics([TOPIC])
                    break
                except Unavailable:
                    await asyncio.sleep(0.1)
        await until_published(bus, [message(TOPIC, "key", "x")])
        assert values(await receive(reading, 1)) == ["x"]
        assert bus.healthy and reading.healthy
        await bus.close()

    async def test_a_killed_broker_makes_publish_unavailable_and_all_goes_on_when_it_is_back(
        self, own_kafka: KafkaServer
    ) -> None:
        bus = KafkaBus(own_kafka.bootstrap)
        await bus.start()
        await bus.create_topics([TOPIC], partitions=4)
        reading = await bus.subscribe(GROUP, [TOPIC], member="one")
        await until_published(bus, [message(TOPIC, "key", "before")])
        await reading.commit(after(await receive(reading, 1)))

        await asyncio.to_thread(own_kafka.kill)
        begun = time.monotonic()
        outcomes = await bus.publish([message(TOPIC, "key", "1"), message(TOPIC, "key", "2")])
        assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
        assert time.monotonic() - begun < 10
        assert not bus.healthy
        assert await reading.fetch(timeout=0.5) == []
        with pytest.raises(Unavailable):
            await reading.commit(dict.fromkeys(reading.assigned, 0) or {TopicPartition(TOPIC, 0): 0})

        await asyncio.to_thread(own_kafka.start)
        await until_published(bus, [message(TOPIC, "key", "1"), message(TOPIC, "key", "2")])
        got = await receive(reading, 2)
        while "2" not in values(got):
            got += await receive(reading, 1)
        # what was in doubt may come twice, but never first in the wrong order
        assert list(dict.fromkeys(values(got))) == ["1", "2"]
        assert bus.healthy and reading.healthy
        await bus.close()

    async def test_a_broker_that_stands_still_makes_publish_unavailable_too(self, own_kafka: KafkaServer) -> None:
        bus = KafkaBus(own_kafka.bootstrap)
        await bus.start()
        await bus.create_topics([TOPIC], partitions=4)
        reading = await bus.subscribe(GROUP, [TOPIC], member="one")
        await until_published(bus, [message(TOPIC, "key", "before")])
        await reading.commit(after(await receive(reading, 1)))
        own_kafka.pause()
        begun = time.monotonic()
        assert isinstance((await bus.publish([message(TOPIC, "key", "now")]))[0], Unavailable)
        assert time.monotonic() - begun < 10
        own_kafka.resume()
        await until_published(bus, [message(TOPIC, "key", "now")])
        assert values(await receive(reading, 1)) == ["now"]
        await bus.close()

    async def test_closing_ends_soon_while_the_broker_is_away(self, own_kafka: KafkaServer) -> None:
        bus = KafkaBus(own_kafka.bootstrap)
        await bus.start()
        await bus.create_topics([TOPIC], partitions=4)
        await member_ready(await bus.subscribe(GROUP, [TOPIC], member="one"))
        await member_ready(await bus.subscribe(f"{GROUP}-two", [TOPIC]))
        await until_published(bus, [message(TOPIC, "key", "before")])
        own_kafka.pause()
        hanging = asyncio.create_task(bus.publish([message(TOPIC, "key", "hangs")]))
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        await bus.close()
        assert time.monotonic() - begun < 12
        assert isinstance((await hanging)[0], Unavailable)


class TestSecured:
    @pytest.fixture
    def trusted(self, tmp_path: Path) -> tuple[Path, Path]:
        return self_signed(tmp_path)

    @pytest.fixture
    def server(self, make_kafka: MakeKafka, trusted: tuple[Path, Path]) -> KafkaServer:
        inner = free_port()
        properties = {
            "listeners": f"SASL_SSL://127.0.0.1:{{port}},INNER://127.0.0.1:{inner},CONTROLLER://127.0.0.1:{{controller}}",
            "advertised.listeners": f"SASL_SSL://127.0.0.1:{{port}},INNER://127.0.0.1:{inner}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INNER",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(trusted[0]),
        }
        user = "SCRAM-SHA-512=[name=forkant,password=made-up]"
        return make_kafka(properties=properties, format_with=["--add-scram", user])

    async def test_it_signs_in_over_an_encrypted_connection_and_only_with_the_right_password(
        self, server: KafkaServer, trusted: tuple[Path, Path]
    ) -> None:
        def bus(password: str) -> KafkaBus:
            return KafkaBus(
                server.bootstrap,
                security_protocol="SASL_SSL",
                sasl_mechanism="SCRAM-SHA-512",
                username="forkant",
                password=password,
                cafile=str(trusted[1]),
            )

        good, bad = bus("made-up"), bus("guessed")
        await good.start()
        await good.create_topics([TOPIC])
        await until_published(good, [message(TOPIC, "key", "x")])
        assert values(await receive(await good.subscribe(GROUP, [TOPIC]), 1)) == ["x"]
        await good.close()

        await bad.start()
        assert isinstance((await bad.publish([message(TOPIC, "key", "x")]))[0], Unavailable)
        with pytest.raises(Unavailable):
            await bad.create_topics([TOPIC])
        assert not bad.healthy
        await bad.close()
