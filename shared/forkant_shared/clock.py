"""Time and identity are passed in, never reached for, so that every decision can be played again."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Tells the time: aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


_last_tick = 0


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as text: sorts by the time it was made, also within one millisecond of one process."""
    global _last_tick
    # 48 bits of milliseconds and 12 bits of sub-millisecond fraction; a tick never repeats or goes back.
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | ((nanoseconds % 1_000_000) * 4096 // 1_000_000)
    tick = max(tick, _last_tick + 1)
    _last_tick = tick
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random
    return str(UUID(int=value))
