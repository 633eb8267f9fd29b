"""Who has the duty phone: rotations with a handover time in a place's own time, and overrides that go before them.

Everything carries from when to when it is in force, so that one rule answers for yesterday and for tomorrow: an edit
closes what was and begins what comes, and what was true stays true.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from forkant_notifier.domain.shift import Shift

HOURS_OF_A_DAY = 24
#: A turn begins at most this long before any instant in it: the longest a rotation may be asked for, and its night.
LONGEST_TURN = timedelta(days=29)
#: Most shifts are short: one looks near before one looks far.
LOOKS = (timedelta(days=1), timedelta(days=8), LONGEST_TURN)
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The members of a tier take turns of `days` days, or of `hours` hours, from `starts_on`, changing at `handover`.

    `hours` divides a day: the phone changes hands at the same times of the wall clock each day, so that a shift is an
    hour shorter or longer in the nights the clock is changed. Before `starts_on`, from the handover of `ends_on`, and
    outside `in_force_from` (included) and `in_force_until` (not included) nobody is on.
    """

    tier: int
    members: tuple[str, ...]
    starts_on: date
    handover: time
    days: int = 7
    zone: str = "Europe/Oslo"
    hours: int | None = None
    ends_on: date | None = None
    in_force_from: datetime | None = None
    in_force_until: datetime | None = None
    rota_id: str = ""
    name: str = ""
    id: str = ""

    def on_duty(self, at: datetime) -> str | None:
        """The user whose turn it is; None before the start, after the end or without members."""
        if not self.in_force(at) or (self.ends_on is not None and at >= self._handover_on(self.ends_on)):
            return None
        turn = self._turn(at)
        if turn is None or not self.members:
            return None
        return self.members[turn % len(self.members)]

    def in_force(self, at: datetime) -> bool:
        """Whether this version of the rota counts at that instant."""
        begun = self.in_force_from is None or self.in_force_from <= at
        return begun and (self.in_force_until is None or at < self.in_force_until)

    def ends(self, at: datetime) -> datetime:
        """When the turn that runs at `at` (or the wait before the first) is over by the clock; aware, UTC."""
        turn = self._turn(at)
        return self._begin_of(0 if turn is None else turn + 1)

    def handovers(self, since: datetime, until: datetime) -> set[datetime]:
        """The moments after `since` and before `until` at which a turn begins or the rotation ends, while in force."""
        since = max(since, self.in_force_from) if self.in_force_from else since
        until = min(until, self.in_force_until) if self.in_force_until else until
        found: set[datetime] = set()
        if self.ends_on is not None:
            end = self._handover_on(self.ends_on)
            found |= {end} if since < end < until else set()
            until = min(until, end)
        at = self.ends(since)
        while at < until:
            found.add(at)
            at = self.ends(at)
        return found

    def borders(self, since: datetime, until: datetime) -> set[datetime]:
        """Those, and where this version of the rota begins and ends."""
        forced = {at for at in (self.in_force_from, self.in_force_until) if at is not None and since < at < until}
        return self.handovers(since, until) | forced

    @property
    def _slots(self) -> int:
        return HOURS_OF_A_DAY // self.hours if self.hours else 1

    def _turn(self, at: datetime) -> int | None:
        day = at.astimezone(ZoneInfo(self.zone)).date()
        # Moments are compared, not wall clocks: in the night with two 02:30 the phone must not go back.
        for back, slot in itertools.product(range(3), reversed(range(self._slots))):
            if self._handover_on(day - timedelta(days=back), slot) <= at:
                number = (day - timedelta(days=back) - self.starts_on).days * self._slots + slot
                turn = number if self.hours else number // self.days
                return turn if number >= 0 else None
        return None

    def _begin_of(self, turn: int) -> datetime:
        if not self.hours:
            return self._handover_on(self.starts_on + timedelta(days=turn * self.days))
        days, slot = divmod(turn, self._slots)
        return self._handover_on(self.starts_on + timedelta(days=days), slot)

    def _handover_on(self, day: date, slot: int = 0) -> datetime:
        wall = datetime.combine(day, self.handover) + timedelta(hours=slot * (self.hours or 0))
        return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Override:
    """`user` has the tier from `since` (included) until `until` (not included), whatever the rotation says.

    With `covers` only that user's turn is taken, and only while it is theirs. `revision` orders what was decided: it
    does not turn back when a clock does. One that was ended at `ended_at` held until then.
    """

    tier: int
    user: str
    since: datetime
    until: datetime
    made_at: datetime
    covers: str | None = None
    revision: int = 0
    ended_at: datetime | None = None
    id: str = ""

    @property
    def over_at(self) -> datetime:
        """When it held no longer."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def takes(self, tier: int) -> bool:
        """Whether it is the whole of this tier that was taken."""
        return self.tier == tier and self.covers is None

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.over_at


@dataclass(frozen=True, slots=True)
class Rota:
    """Everything that decides who is on duty."""

    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...] = ()

    def on_duty(self, tier: int, at: datetime) -> tuple[str, ...]:
        """The users of a tier at an instant: each rotation's turn, then what was decided over it, oldest first."""
        turns = (rotation.on_duty(at) for rotation in self.rotations if rotation.tier == tier)
        users = [user for user in turns if user is not None]
        holding = (o for o in self.overrides if o.tier == tier and o.holds(at))
        for override in sorted(holding, key=lambda o: (o.revision, o.made_at)):
            if override.covers is None:
                users = [override.user]
            else:
                users = [override.user if user == override.covers else user for user in users]
        return tuple(dict.fromkeys(users))

    def changes(self, tier: int, since: datetime, until: datetime) -> list[datetime]:
        """The moments after `since` and before `until` at which the tier may change hands, in order."""
        moments = set()
        for override in (o for o in self.overrides if o.tier == tier):
            moments |= {at for at in (override.since, override.over_at) if since < at < until}
        for rotation in (r for r in self.rotations if r.tier == tier):
            moments |= rotation.borders(since, until)
        return sorted(moments)

    def shifts(self, tier: int, since: datetime, until: datetime) -> list[Shift]:
        """The shifts that begin before `until` and end after `since`, handover by handover, in order, uncut.

        Nobody is a shift too, with no users. What never ends is cut a turn's length outside of the two.
        """
        early, begins_before, until = since - LONGEST_TURN, until, until + LONGEST_TURN
        handovers = self._handovers(tier, early, until)
        found: list[Shift] = []
        moments = [early, *self.changes(tier, early, until), until]
        for begin, end in itertools.pairwise(moments):
            users = self.on_duty(tier, begin)
            if found and found[-1].users == users and begin not in handovers:
                found[-1] = Shift(tier, users, found[-1].since, end)
            else:
                found.append(Shift(tier, users, begin, end))
        return [shift for shift in found if shift.until > since and shift.since < begins_before]

    def shift_at(self, tier: int, at: datetime) -> Shift:
        """The shift that runs at an instant."""
        users = self.on_duty(tier, at)
        return Shift(tier, users, self._began(tier, at, users), self._ends(tier, at, users))

    def _began(self, tier: int, at: datetime, users: tuple[str, ...]) -> datetime:
        for span in LOOKS:
            handovers = self._handovers(tier, at - span, at + INSTANT)
            for moment in reversed(self.changes(tier, at - span, at + INSTANT)):
                if moment in handovers or self.on_duty(tier, moment - INSTANT) != users:
                    return moment
        return at - LONGEST_TURN

    def _ends(self, tier: int, at: datetime, users: tuple[str, ...]) -> datetime:
        for span in LOOKS:
            handovers = self._handovers(tier, at, at + span)
            for moment in self.changes(tier, at, at + span):
                if moment in handovers or self.on_duty(tier, moment) != users:
                    return moment
        return at + LONGEST_TURN

    def _handovers(self, tier: int, since: datetime, until: datetime) -> set[datetime]:
        """When turns of a tier begin. Whoever has taken the tier keeps it over a handover: that is one shift."""
        found: set[datetime] = set().union(*(r.handovers(since, until) for r in self.rotations if r.tier == tier))
        return {at for at in found if not any(o.takes(tier) and o.since < at < o.over_at for o in self.overrides)}

    @property
    def tiers(self) -> tuple[int, ...]:
        """Every tier the rota knows, lowest first."""
        return tuple(sorted({r.tier for r in self.rotations} | {o.tier for o in self.overrides}))


def in_force_at(rotations: Iterable[Rotation], at: datetime) -> tuple[Rotation, ...]:
    """The versions that count at an instant."""
    return tuple(rotation for rotation in rotations if rotation.in_force(at))
