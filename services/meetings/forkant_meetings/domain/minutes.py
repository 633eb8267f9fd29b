"""The minutes of a meeting: one writes, another who was there approves; corrections add."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from forkant_shared.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Climate:
    """How the meeting felt, from -2 (hostile) to 2 (warm): to us, and as the counterpart said; None: nobody said."""

    ours: int | None = None
    theirs: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("climate_ours", self.ours), ("climate_theirs", self.theirs)):
            if value is not None and not -2 <= value <= 2:
                raise Invalid(
                    "The climate is a number from -2 to 2.", field=name, remedy="Choose a number from -2 to 2, or none."
                )


@dataclass(frozen=True, slots=True)
class Correction:
    """What is added to minutes that stay as they were written. `number` counts from 1.

    `climate` is what holds instead of what the minutes say of it; None where the correction says nothing of it.
    """

    number: int
    text: str
    by: str
    at: datetime
    approval: Approval | None = None
    climate: Climate | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """The text as written, who wrote it, until when it should be approved, and the climate as it was first felt."""

    text: str
    author: str
    written_at: datetime
    approve_by: datetime
    approval: Approval | None = None
    corrections: tuple[Correction, ...] = ()
    climate: Climate = Climate()

    @property
    def felt(self) -> tuple[int, Climate]:
        """The climate that holds: of the newest approved correction of it, with its number; else as written, with 0."""
        approved = [one for one in self.corrections if one.approval and one.climate is not None]
        newest = max(approved, key=lambda one: one.number, default=None)
        return (newest.number, newest.climate) if newest and newest.climate else (0, self.climate)

    @property
    def waiting(self) -> bool:
        """Something in them has not been approved."""
        return self.approval is None or any(one.approval is None for one in self.corrections)

    def overdue(self, now: datetime) -> bool:
        """The first approval is late."""
        return self.approval is None and now > self.approve_by


def correct(minutes: Minutes, text: str, by: str, now: datetime, climate: Climate | None = None) -> Minutes:
    """Add a correction, of the climate too where one is given; nothing written before is changed. Raises Invalid for
    an empty one."""
    if not text.strip():
        raise Invalid("A correction without text corrects nothing.", field="text", remedy="Write what is right.")
    addition = Correction(len(minutes.corrections) + 1, text.strip(), by, now, climate=climate)
    return replace(minutes, corrections=(*minutes.corrections, addition))


def approve(minutes: Minutes, by: str, now: datetime) -> Minutes:
    """Approve everything that waits and that this officer has not written. Raises Conflict where nothing is left."""
    approval = Approval(by, now)
    own = minutes.approval or (approval if minutes.author != by else None)
    corrections = tuple(
        one if one.approval or one.by == by else replace(one, approval=approval) for one in minutes.corrections
    )
    approved = replace(minutes, approval=own, corrections=corrections)
    if approved == minutes:
        if minutes.waiting:
            raise Conflict(
                "Nobody approves what they wrote themselves.",
                field="by",
                remedy="Let the second representative approve.",
            )
        raise Conflict("Everything in the minutes is approved already.", field="by", remedy="Read them again.")
    return approved
