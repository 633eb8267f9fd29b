"""What the kind of an error leads to: how often an event is tried again, and what its dead letter says."""

from __future__ import annotations

from forkant_shared.bus import Message, Record
from forkant_shared.errors import Conflict, ForkantError, NotFound

RETRIES = {NotFound: 4, Conflict: 3}
TRIES_OF_A_BUG = 5


def retries(error: Exception) -> int:
    """How often this kind of error is tried again before a person must look."""
    if not isinstance(error, ForkantError):
        return TRIES_OF_A_BUG - 1
    return next((times for kind, times in RETRIES.items() if isinstance(error, kind)), 0)


def dead_letter(record: Record, *, topic: str, group: str, error: Exception, attempts: int) -> Message:
    """The record as it came, and where and why it stopped; the error by its kind alone."""
    told = {
        "dlq-original-topic": record.topic,
        "dlq-original-partition": str(record.partition),
        "dlq-original-offset": str(record.offset),
        "dlq-original-timestamp": record.timestamp.isoformat(),
        "dlq-consumer-group": group,
        "dlq-exception-type": type(error).__name__,
        "dlq-attempts": str(attempts),
    }
    headers = record.headers + tuple((name, value.encode()) for name, value in told.items())
    return Message(topic, record.key, record.value, headers)
