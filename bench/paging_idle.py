"""A notifier with years behind it, and what it costs while nothing happens."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forkant_notifier.tables import ATTEMPTS, DEVICES, PAGES, PEOPLE, RECEIPTS, ROTATIONS, TIMELINE
from forkant_shared.clock import SystemClock, new_id
from forkant_shared.database import Database

PAGES_BEFORE, ROTAS, MEMBERS = 100_000, 50, 5
SETTLE_SECONDS, MEASURED_SECONDS = 15, 60
BATCH = 2000
KINDS = ("OPENED", "RANG", "ACCEPTED", "CLOSED")


async def fill(database_url: str) -> None:
    """100,000 pages that are over, each with three attempts and four lines of timeline, and 50 rotas of five people."""
    database = Database(database_url, clock=SystemClock())
    now = datetime.now(UTC)
    try:
        async with database.write() as session:
            await session.execute(PEOPLE.insert(), list(_people()))
            await session.execute(DEVICES.insert(), list(_phones()))
            await session.execute(ROTATIONS.insert(), list(_rotas(now)))
        for begin in range(0, PAGES_BEFORE, BATCH):
            ids = [new_id() for _ in range(BATCH)]
            async with database.write() as session:
                await session.execute(
                    PAGES.insert(), [page_of_long_ago(one, begin + place, now) for place, one in enumerate(ids)]
                )
                await session.execute(ATTEMPTS.insert(), [row for one in ids for row in attempts_of(one, now)])
                await session.execute(RECEIPTS.insert(), [receipt_of_long_ago(now) for _ in ids])
                await session.execute(TIMELINE.insert(), [row for one in ids for row in timeline_of(one, now)])
        async with database.read() as session:
            await session.execute(sa.text("ANALYZE"))
    finally:
        await database.close()


def _users() -> Iterator[str]:
    return (f"bench.{number}" for number in range(ROTAS * MEMBERS))


def _people() -> Iterator[dict[str, Any]]:
    return ({"user": user, "name": user, "floor": False} for user in _users())


def _phones() -> Iterator[dict[str, Any]]:
    for number, user in enumerate(_users()):
        for channel in ("PUSH", "SMS", "CALL"):
            yield {"user": user, "channel": channel, "address": f"+4700{number:06}"}


def _rotas(now: datetime) -> Iterator[dict[str, Any]]:
    users = list(_users())
    for number in range(ROTAS):
        yield {
            "id": new_id(),
            "rota_id": new_id(),
            "name": f"Bench {number}",
            "tier": 1 + number % 3,
            "members": users[number * MEMBERS : (number + 1) * MEMBERS],
            "starts_on": date(2026, 1, 5),
            "handover": "08:00",
            "days": 7,
            "zone": "Europe/Oslo",
            "in_force_from": now - timedelta(days=30),
        }


def page_of_long_ago(page_id: str, number: int, now: datetime) -> dict[str, Any]:
    at = now - timedelta(minutes=PAGES_BEFORE - number)
    return {
        "id": page_id,
        "code": f"{number % 65536:04X}",
        "lane": "LIFE" if number % 4 else "NORMAL",
        "origin": "ESCALATION",
        "threat_id": new_id(),
        "escalation_id": new_id(),
        "policy_version": "2026-1",
        "include_leader": False,
        "excluded": [],
        "opened_at": at,
        "clock_at": at,
        "step": 1,
        "tier": 1,
        "state": "CLOSED",
        "accepted_at": at,
        "accepted_by": "duty.officer",
        "closed_at": at,
        "acceptances": [],
        "version": 3,
    }


def attempts_of(page_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    for channel in ("PUSH", "SMS", "CALL"):
        yield {
            "id": new_id(),
            "page_id": page_id,
            "code": "7F3A",
            "lane": "LIFE",
            "urgency": 0,
            "channel": channel,
            "user": "duty.officer",
            "address": "+4700000001",
            "number": 1,
            "tried": [],
            "state": "DELIVERED",
            "due_at": now - timedelta(days=1),
            "route": channel.lower(),
            "provider_id": new_id(),
            "submitted_at": now - timedelta(days=1),
            "receipt_at": now - timedelta(days=1),
            "drill": False,
        }


def receipt_of_long_ago(now: datetime) -> dict[str, Any]:
    at = now - timedelta(days=1)
    told = {"provider_id": new_id(), "delivered": True, "applied": True}
    return {"id": new_id(), "route": "sms", "at": at} | told


def timeline_of(page_id: str, now: datetime) -> Iterator[dict[str, Any]]:
    return ({"page_id": page_id, "at": now - timedelta(days=1), "kind": kind} for kind in KINDS)


def share_of_a_core(pid: int) -> float:
    """What the process uses while nothing happens: seconds of processor for each second of the clock."""
    time.sleep(SETTLE_SECONDS)
    before, began = _processor_seconds(pid), time.monotonic()
    time.sleep(MEASURED_SECONDS)
    return (_processor_seconds(pid) - before) / (time.monotonic() - began)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
