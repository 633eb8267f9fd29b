"""How two groups stand to each other over time: war, tense, cold or peace, each with its grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from forkant_registry.domain.claims import CLOCK_DRIFT, UNMARKED, Kind, Marks, checked_origin
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.values import checked_note
from forkant_shared.errors import Conflict as NotYet
from forkant_shared.errors import Invalid
from forkant_shared.events.registry import ConflictChanged

Status = Literal["war", "tense", "cold", "peace"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One graded statement of how it stood from `since` on."""

    id: str
    status: Status
    since: datetime
    kind: Kind
    verified: bool
    grading: Grading
    origin: str
    recorded_at: datetime
    recorded_by: str
    note: str | None = None
    marks: Marks = UNMARKED


@dataclass(frozen=True, slots=True)
class Conflict:
    """The relation of two groups; `group_a` < `group_b`, so that a pair has one."""

    id: str
    group_a: str
    group_b: str
    version: int
    history: tuple[Standing, ...] = ()

    def at(self, as_of: datetime, known_at: datetime) -> Standing | None:
        """How it stood at a moment as far as known at another: the latest `since`, then the latest recorded."""
        held = [s for s in self.history if s.since <= as_of and s.recorded_at <= known_at]
        return max(held, key=lambda s: (s.since, s.recorded_at, s.id), default=None)


@dataclass(frozen=True, slots=True)
class StandingWish:
    """How somebody says two groups stand to each other."""

    status: Status
    since: datetime
    grading: Grading
    origin: str
    kind: Kind = "ASSESSMENT"
    verified: bool = False
    note: str | None = None
    marks: Marks = UNMARKED


def pair(one: str, other: str) -> tuple[str, str]:
    """The two ids in their fixed order. Raises Invalid where they are the same."""
    if one == other:
        raise Invalid("A group has no conflict with itself.", field="group_b")
    return (one, other) if one < other else (other, one)


def change(
    conflict: Conflict, wish: StandingWish, *, standing_id: str, scales: Scales, now: datetime, by: str
) -> tuple[Conflict, Standing, ConflictChanged]:
    """Add a standing. The event tells how it stands now, which an old `since` does not change."""
    if wish.since.tzinfo is None:
        raise Invalid("The time has no offset.", field="since", remedy="Write it as 2026-11-20T21:15:00+01:00.")
    if wish.since > now + CLOCK_DRIFT:
        raise NotYet("It cannot be so already.", field="since", remedy="Give the time it changed.")
    standing = Standing(
        id=standing_id,
        status=wish.status,
        since=wish.since,
        kind=wish.kind,
        verified=wish.verified,
        grading=scales.check(wish.grading),
        origin=checked_origin(wish.origin),
        recorded_at=now,
        recorded_by=by,
        note=checked_note(wish.note),
        marks=wish.marks,
    )
    history: Sequence[Standing] = (*conflict.history, standing)
    after = Conflict(conflict.id, conflict.group_a, conflict.group_b, conflict.version + 1, tuple(history))
    current = after.at(now + CLOCK_DRIFT, now) or standing
    event = ConflictChanged(
        conflict_id=after.id,
        group_a=after.group_a,
        group_b=after.group_b,
        status=current.status,
        scale=current.grading.scale,
        source_grade=current.grading.source,
        information_grade=current.grading.information,
        since=current.since,
    )
    return after, standing, event
