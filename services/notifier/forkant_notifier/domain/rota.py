"""Who has the duty phone: rotations with a handover time in a place's own time, and overrides that go before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rotation:
    """The members of a tier take turns of `days` days, from `starts_on`, changing at `handover` in `zone`.

    Before `starts_on` nobody is on.
    """

    tier: int
    members: tuple[str, ...]
    starts_on: date
    handover: time
    days: int = 7
    zone: str = "Europe/Oslo"

    def on_duty(self, at: datetime) -> str | None:
        """The user whose turn it is; None before the start or without members."""
        turn = self._turn(at)
        if turn is None or not self.members:
            return None
        return self.members[turn % len(self.members)]

    def ends(self, at: datetime) -> datetime:
        """When the turn that runs at `at` (or the wait before the first) is over; aware, UTC."""
        turn = self._turn(at)
        return self._handover_on(self.starts_on + timedelta(days=0 if turn is None else (turn + 1) * self.days))

    def _turn(self, at: datetime) -> int | None:
        days = (at.astimezone(ZoneInfo(self.zone)).date() - self.starts_on).days
        # Moments are compared, not wall clocks: in the night with two 02:30 the phone must not go back.
        if at < self._handover_on(self.starts_on + timedelta(days=days)):
            days -= 1
        return days // self.days if days >= 0 else None

    def _handover_on(self, day: date) -> datetime:
        return datetime.combine(day, self.handover, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Override:
    """`user` has the tier from `since` (included) until `until` (not included), whatever the rotation says."""

    tier: int
    user: str
    since: datetime
    until: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Rota:
    """Everything that decides who is on duty."""

    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...] = ()

    def on_duty(self, tier: int, at: datetime) -> tuple[str, ...]:
        """The users of a tier at an instant: the newest override if one holds, else each rotation's turn."""
        holding = [o for o in self.overrides if o.tier == tier and o.since <= at < o.until]
        if holding:
            return (max(holding, key=lambda o: o.made_at).user,)
        turns = (rotation.on_duty(at) for rotation in self.rotations if rotation.tier == tier)
        return tuple(dict.fromkeys(user for user in turns if user is not None))

    def changes(self, tier: int, since: datetime, until: datetime) -> list[datetime]:
        """The moments after `since` and before `until` at which the tier may change hands, in order."""
        moments = set()
        for override in (o for o in self.overrides if o.tier == tier):
            moments |= {at for at in (override.since, override.until) if since < at < until}
        for rotation in (r for r in self.rotations if r.tier == tier):
            at = rotation.ends(since)
            while at < until:
                moments.add(at)
                at = rotation.ends(at)
        return sorted(moments)

    @property
    def tiers(self) -> tuple[int, ...]:
        """Every tier the rota knows, lowest first."""
        return tuple(sorted({r.tier for r in self.rotations} | {o.tier for o in self.overrides}))


def gaps(rota: Rota, tiers: Sequence[int], since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """Each tier and moment from which nobody has it, looked for at every change between `since` and `until`."""
    found = []
    for tier in tiers:
        moments = [since, *rota.changes(tier, since, until)]
        found += [(tier, at) for at in moments if not rota.on_duty(tier, at)]
    return found
