"""The least any system of this shape can need: two PostgreSQL commits, two Kafka hops and one HTTP POST, by hand.

The same broker and the same database server as the system measured beside it, everything in one process, nothing
stored but one row a step.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2 as httpx
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

TOPICS = ("bench-floor-in", "bench-floor-out")
SAMPLES = 200


async def measure(kafka: str, postgres: str, burst: int) -> dict[str, Any]:
    """Milliseconds of one round, `SAMPLES` times, and seconds that `burst` rounds need one after another."""
    async with _carrier() as url, _parts(kafka, postgres) as parts:
        for _ in range(30):
            await _round(url, *parts)
        single = []
        for _ in range(SAMPLES):
            started = time.perf_counter()
            await _round(url, *parts)
            single.append(1000 * (time.perf_counter() - started))
        started = time.perf_counter()
        for _ in range(burst):
            await _round(url, *parts)
        return {"one_by_one_ms": single, "burst_s": time.perf_counter() - started}


async def _round(
    url: str,
    producer: AIOKafkaProducer,
    consumers: list[AIOKafkaConsumer],
    database: psycopg.AsyncConnection[Any],
    client: httpx.AsyncClient,
) -> None:
    for topic, consumer in zip(TOPICS, consumers, strict=True):
        await database.execute("insert into bench_floor (note) values ('x')")
        await database.commit()
        await producer.send_and_wait(topic, b"x", key=b"k")
        await consumer.getone()
    await client.post(url, content=b"x")


@contextlib.asynccontextmanager
async def _parts(kafka: str, postgres: str) -> AsyncIterator[tuple[Any, ...]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    with contextlib.suppress(Exception):
        await admin.create_topics([NewTopic(topic, 1, 1) for topic in TOPICS])
    await admin.close()
    database = await psycopg.AsyncConnection.connect(postgres.replace("postgresql+psycopg", "postgresql"))
    await database.execute("create table if not exists bench_floor (id bigserial primary key, note text)")
    await database.commit()
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    consumers = [AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="latest") for topic in TOPICS]
    for consumer in consumers:
        await consumer.start()
        await consumer.seek_to_end()
    async with httpx.AsyncClient() as client:
        yield producer, consumers, database, client
    for consumer in consumers:
        await consumer.stop()
    await producer.stop()
    await database.close()


@contextlib.asynccontextmanager
async def _carrier() -> AsyncIterator[str]:
    """An HTTP server that says yes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0
                )
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
