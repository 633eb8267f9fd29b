"""What somebody has to have done next about a threat, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_threat_watch.domain.measures import Measure
from forkant_threat_watch.domain.requests import Request
from forkant_threat_watch.domain.threat import Threat

VERIFICATION = "verification"
DECISION = "decision-expires"
CLEARANCE = "clearance-ends"
MEASURE = "measure-expires"
REQUEST = "request-due"


@dataclass(frozen=True, slots=True)
class NextDeadline:
    """Until when, and what for: one of the codes above, or the cause of a review."""

    at: datetime
    cause: str


def next_deadline(threat: Threat, measures: Sequence[Measure], requests: Sequence[Request]) -> NextDeadline | None:
    """The first of everything that waits, also where its time is over; None for a threat that is over or waits for
    nobody."""
    if not threat.open:
        return None
    return min(_all(threat, measures, requests), key=lambda one: (one.at, one.cause), default=None)


def _all(threat: Threat, measures: Sequence[Measure], requests: Sequence[Request]) -> Iterable[NextDeadline]:
    yield from (NextDeadline(review.due_at, review.cause) for review in threat.reviews)
    if threat.verification is not None:
        yield NextDeadline(threat.verification.due_at, VERIFICATION)
    if threat.decision is not None:
        yield NextDeadline(threat.decision.expires_at, DECISION)
    if threat.clearance is not None:
        yield NextDeadline(threat.clearance.valid_until, CLEARANCE)
    yield from (NextDeadline(one.wish.expires_at, MEASURE) for one in measures if one.ending is None)
    yield from (NextDeadline(one.wish.due_at, REQUEST) for one in requests if one.ending is None)
