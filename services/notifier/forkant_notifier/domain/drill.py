"""A drill (`øvelse`): the real chain with nothing behind it, and what it showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forkant_notifier.domain.attempts import Attempt, AttemptState
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.page import CloseCause, Entry, EntryKind, Page, PageState

ANSWERS = (EntryKind.ACCEPTED, EntryKind.STANDBY, EntryKind.CANNOT)


@dataclass(frozen=True, slots=True)
class Drill:
    """A page that only exercises; `started_by` asked for it, `ends_at` it is over, answered or not."""

    page: Page
    started_by: str
    ends_at: datetime

    @property
    def running(self) -> bool:
        return self.page.state is not PageState.CLOSED


@dataclass(frozen=True, slots=True)
class RungLine:
    """One tier on one channel, rung at `after` from the start.

    `submitted` and `receipt` run from the ringing to the first of its messages; None where there was none.
    """

    after: timedelta
    tiers: str
    channel: Channel
    users: tuple[str, ...]
    submitted: timedelta | None
    receipt: timedelta | None
    failed: int


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """That somebody answered, and how long after the start. Whose answer it was stands on the page's timeline."""

    kind: EntryKind
    after: timedelta


@dataclass(frozen=True, slots=True)
class DrillReport:
    """What a drill showed, in order of time. `cause` is None while it runs."""

    rung: tuple[RungLine, ...]
    skipped: tuple[str, ...]
    answers: tuple[AnswerLine, ...]
    cause: CloseCause | None

    @property
    def human(self) -> timedelta | None:
        """From the start to the answer that stopped the clock."""
        return next((line.after for line in self.answers if line.kind is EntryKind.ACCEPTED), None)


def over_because(drill: Drill, *, real_page: bool, now: datetime) -> CloseCause | None:
    """Why the drill ends now: a real page in the LIFE lane runs, or its time is up; None where it goes on."""
    if not drill.running:
        return None
    if real_page:
        return CloseCause.DRILL_REAL_PAGE
    return CloseCause.DRILL_TIME if drill.ends_at <= now else None


def report(page: Page, entries: Sequence[Entry], attempts: Sequence[Attempt]) -> DrillReport:
    """What the timeline and the attempts tell, by tier and channel."""
    begun = page.opened_at
    closed = next((entry for entry in entries if entry.kind is EntryKind.CLOSED), None)
    return DrillReport(
        rung=tuple(_rung(begun, [e for e in entries if e.kind is EntryKind.RANG], attempts)),
        skipped=tuple(entry.code or "" for entry in entries if entry.kind is EntryKind.TIER_SKIPPED),
        answers=tuple(AnswerLine(entry.kind, entry.at - begun) for entry in entries if entry.kind in ANSWERS),
        cause=CloseCause(closed.code) if closed is not None and closed.code else None,
    )


def _rung(begun: datetime, rounds: Sequence[Entry], attempts: Sequence[Attempt]) -> list[RungLine]:
    lines: dict[tuple[datetime, Channel], RungLine] = {}
    for attempt in sorted(attempts, key=lambda one: (one.due_at, one.channel, one.user)):
        # A further try belongs to the ringing it came of: the last one before it.
        rang = next((entry for entry in reversed(rounds) if entry.at <= attempt.due_at), None)
        if rang is None:
            continue
        key = rang.at, attempt.channel
        line = lines.get(key) or RungLine(rang.at - begun, rang.code or "", attempt.channel, (), None, None, 0)
        lines[key] = replace(
            line,
            users=tuple(sorted({*line.users, attempt.user})),
            submitted=_first(line.submitted, attempt.submitted_at, rang.at),
            receipt=_first(line.receipt, attempt.receipt_at if _arrived(attempt) else None, rang.at),
            failed=line.failed + _failed(attempt),
        )
    return [lines[key] for key in sorted(lines)]


def _arrived(attempt: Attempt) -> bool:
    return attempt.state is AttemptState.DELIVERED


def _failed(attempt: Attempt) -> bool:
    """One that was called off because the drill was over has not failed."""
    return attempt.state in (AttemptState.FAILED, AttemptState.UNKNOWN) and attempt.cause != "ANSWERED"


def _first(known: timedelta | None, at: datetime | None, since: datetime) -> timedelta | None:
    if at is None:
        return known
    return at - since if known is None else min(known, at - since)
