"""The bus of the full system: Apache Kafka. This package is the only place that imports aiokafka.

Messages are spread over partitions as Java clients do (murmur2 of the key), so that other programs may write
to the same topics. Topics are made by `create_topics`, never by accident.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context

from forkant_shared.bus import DEFAULT_PARTITIONS, LARGEST_MESSAGE, Message
from forkant_shared.bus.kafka.reader import KafkaSubscription
from forkant_shared.bus.kafka.sender import Sender
from forkant_shared.errors import Unavailable

_ADMIN_SECONDS = 15.0

#: How long topics made here keep their records; inboxes remember for longer.
_KEPT = timedelta(days=30)

_PRODUCER = {
    "enable_idempotence": True,
    "acks": "all",
    "linger_ms": 0,
    "max_batch_size": LARGEST_MESSAGE + 50_000,
    "request_timeout_ms": 5_000,
}

_CONSUMER = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    "session_timeout_ms": 45_000,
    "heartbeat_interval_ms": 3_000,
    "max_poll_interval_ms": 300_000,
    # A member that died without a word holds up the sharing out this long; must be below the request time-out.
    "rebalance_timeout_ms": 10_000,
    "request_timeout_ms": 15_000,
    # A resumed partition joins with the next request, so a long wait would be added to its first record.
    "fetch_max_wait_ms": 250,
    # How soon a partition that was not there yet at the join is noticed; the default is five minutes.
    "metadata_max_age_ms": 5_000,
}


class KafkaBus:
    """`bootstrap` is `host:port`, several with commas.

    `security_protocol` is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; `cafile` a file of trusted
    certificates (PEM) in place of the machine's own; `replication` the copies of topics made here.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        security_protocol: str = "PLAINTEXT",
        sasl_mechanism: str | None = None,
        username: str | None = None,
        password: str | None = None,
        cafile: str | None = None,
        replication: int = 1,
    ) -> None:
        self._connection: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in bootstrap.split(",")],
            "client_id": "forkant",
            "security_protocol": security_protocol,
        }
        if security_protocol.endswith("SSL"):
            self._connection["ssl_context"] = create_ssl_context(cafile=cafile)
        if security_protocol.startswith("SASL"):
            self._connection |= {
                "sasl_mechanism": sasl_mechanism or "SCRAM-SHA-512",
                "sasl_plain_username": username,
                "sasl_plain_password": password,
            }
        self._replication = replication
        self._sender = Sender(lambda: AIOKafkaProducer(**self._connection, **_PRODUCER))
        self._subscriptions: list[KafkaSubscription] = []

    @property
    def healthy(self) -> bool:
        return self._sender.healthy

    async def start(self) -> None:
        # The client says the same ten times a second while a broker is away, and at DEBUG it writes keys and
        # values. Sender and readers say what matters, once.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        self._sender.start()

    async def close(self) -> None:
        subscriptions, self._subscriptions = self._subscriptions, []
        closing = [subscription.close() for subscription in subscriptions]
        await asyncio.gather(self._sender.close(), *closing)

    async def publish(self, messages: Sequence[Message]) -> list[Exception | None]:
        return await self._sender.publish(messages)

    async def subscribe(self, group: str, topics: Sequence[str], *, member: str | None = None) -> KafkaSubscription:
        subscription = KafkaSubscription(
            lambda: AIOKafkaConsumer(
                *topics, group_id=group, group_instance_id=member, **self._connection, **_CONSUMER
            ),
            group,
        )
        self._subscriptions.append(subscription)
        return subscription

    async def create_topics(self, topics: Sequence[str], *, partitions: int = DEFAULT_PARTITIONS) -> None:
        admin = AIOKafkaAdminClient(**self._connection, request_timeout_ms=int(_ADMIN_SECONDS * 1000))
        kept = {"retention.ms": str(int(_KEPT.total_seconds() * 1000))}
        wanted = [NewTopic(topic, partitions, self._replication, topic_configs=kept) for topic in topics]
        try:
            async with asyncio.timeout(_ADMIN_SECONDS):
                await admin.start()
                answer = await admin.create_topics(wanted)
                fresh = _created(answer.topic_errors)
                # A reader that joins before all partitions have a leader would be given only some of them.
                while fresh and not _complete(await admin.describe_topics(fresh), partitions):  # noqa: ASYNC110 - a broker tells nobody
                    await asyncio.sleep(0.02)
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable("The topics cannot be made: Kafka is not to be reached.") from error
        finally:
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await admin.close()


def _created(errors: Sequence[tuple[Any, ...]]) -> list[str]:
    """The topics that are new. Raises `Unavailable` where Kafka refused one."""
    for topic, code, *_ in errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise Unavailable(f"The topic {topic} cannot be made: Kafka answers {for_code(code).__name__}.")
    return [topic for topic, code, *_ in errors if code == 0]


def _complete(topics: Sequence[dict[str, Any]], partitions: int) -> bool:
    return all(
        topic["error_code"] == 0
        and len(topic["partitions"]) == partitions
        and all(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in topics
    )
