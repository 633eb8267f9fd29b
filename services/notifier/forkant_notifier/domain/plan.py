"""The plan of duty and what may be done to it: after every act each instant ahead has somebody, or a named waiver."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from forkant_notifier.domain.duty_rules import DutyRules
from forkant_notifier.domain.rota import LONGEST_TURN, Override, Rota, Rotation
from forkant_shared.errors import Conflict, Invalid, NotFound

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Waiver:
    """`made_by` answers for it that a tier has nobody between two instants, and says why."""

    tier: int
    since: datetime
    until: datetime
    reason: str
    made_by: str
    made_at: datetime
    id: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody who can be reached has the tier from `since` (included) until `until` (not included)."""

    tier: int
    since: datetime
    until: datetime


class Gapped(Invalid):
    """The wish would leave nobody on duty; `gap` is the first that it would leave."""

    def __init__(self, detail: str, gap: Gap, *, field: str, remedy: str) -> None:
        super().__init__(detail, field=field, remedy=remedy)
        self.gap = gap


@dataclass(frozen=True, slots=True)
class Plan:
    """The rota with its waivers, and who has a phone that can ring."""

    rota: Rota
    reachable: frozenset[str]
    waivers: tuple[Waiver, ...] = ()

    def gaps(self, tiers: Iterable[int], since: datetime, until: datetime) -> list[Gap]:
        """What nobody has and nobody answers for, in order of tier and time."""
        found: list[Gap] = []
        for tier in tiers:
            waivers = [waiver for waiver in self.waivers if waiver.tier == tier]
            edges = {at for waiver in waivers for at in (waiver.since, waiver.until) if since < at < until}
            moments = [since, *sorted({*self.rota.changes(tier, since, until), *edges}), until]
            for begin, end in itertools.pairwise(moments):
                held = any(user in self.reachable for user in self.rota.on_duty(tier, begin))
                if held or any(waiver.since <= begin < waiver.until for waiver in waivers):
                    continue
                if found and found[-1].tier == tier and found[-1].until == begin:
                    found[-1] = Gap(tier, found[-1].since, end)
                else:
                    found.append(Gap(tier, begin, end))
        return found

    def missing(self, rules: DutyRules, now: datetime) -> list[Gap]:
        """The gaps ahead in the tiers that somebody ever planned; one nobody plans is skipped by design."""
        return self.whole(self.gaps(self.rota.tiers, now, now + rules.look_ahead), rules)

    def whole(self, gaps: Iterable[Gap], rules: DutyRules) -> list[Gap]:
        """The gaps to their own ends, not to where one stopped looking; at most so far as a rota may be written."""
        return [self.gaps([gap.tier], gap.since, gap.since + rules.latest_start)[0] for gap in gaps]

    def with_rota(
        self, rota_id: str, rotations: Sequence[Rotation], rules: DutyRules, now: datetime, waiver: Waiver | None = None
    ) -> Plan:
        """A rota written anew from `now` on; without rotations it ends. Raises Invalid where that leaves a gap."""
        tiers = {r.tier for r in self.rota.rotations if r.rota_id == rota_id and r.in_force(now)}
        tiers |= {rotation.tier for rotation in rotations}
        kept = tuple(_closed(r, now) if r.rota_id == rota_id else r for r in self.rota.rotations)
        fresh = tuple(replace(r, rota_id=rota_id, in_force_from=now, in_force_until=None) for r in rotations)
        waivers = (*self.waivers, waiver) if waiver else self.waivers
        after = replace(self, rota=replace(self.rota, rotations=(*kept, *fresh)), waivers=waivers)
        refuse(after.whole(after.gaps(sorted(tiers), now, now + rules.look_ahead), rules), field="rotations")
        return after

    def with_override(self, override: Override, rules: DutyRules, now: datetime) -> Plan:
        """Somebody takes a tier, or another's turn. Raises NotFound, Invalid, Conflict where nothing would change."""
        if override.user not in self.reachable:
            raise NotFound("There is no such user with a phone that can ring.", field="user")
        if override.tier not in rules.tiers:
            raise Invalid("There is no such tier.", field="tier", remedy=f"Use one of {_listed(rules.tiers)}.")
        if override.since < now:
            raise Invalid("What was on duty is not changed afterwards.", field="since", remedy="Begin now or later.")
        # A colleague's shift may be as long as a shift can be; a whole tier is taken for a while.
        days = rules.longest_override.days if override.covers is None else LONGEST_TURN.days
        if not override.since < override.until <= override.since + timedelta(days=days):
            raise Invalid(f"A shift taken over ends after it begins, and within {days} days.", field="until")
        if override.covers is not None and not self.has_throughout(
            override.covers, override.tier, override.since, override.until
        ):
            raise Conflict(
                "The shift is not that user's any more.",
                field="covers",
                remedy="Look at the calendar and choose again.",
            )
        if self.rota.on_duty(override.tier, override.since) == (override.user,):
            raise Conflict("This user has the tier already.", field="user")
        return replace(self, rota=replace(self.rota, overrides=(*self.rota.overrides, override)))

    def has_throughout(self, user: str, tier: int, since: datetime, until: datetime) -> bool:
        """Whether the user has the tier at every instant between the two."""
        moments = [since, *self.rota.changes(tier, since, until)]
        return all(user in self.rota.on_duty(tier, at) for at in moments)

    def without_override(self, override_id: str, rules: DutyRules, now: datetime) -> Plan:
        """A take-over is ended now. Raises NotFound, Conflict where it is over, Invalid where nobody is left."""
        found = next((o for o in self.rota.overrides if o.id == override_id), None)
        if found is None:
            raise NotFound("There is no such take-over.", field="id")
        if found.over_at <= now:
            raise Conflict("The take-over is over already.", field="id")
        ended = replace(found, ended_at=max(now, found.since))
        overrides = tuple(ended if o.id == override_id else o for o in self.rota.overrides)
        after = replace(self, rota=replace(self.rota, overrides=overrides))
        self.refuse_new_gaps(after, [found.tier], rules, now)
        return after

    def with_reachable(self, reachable: Collection[str], rules: DutyRules, now: datetime) -> Plan:
        """Phones have come or gone. Raises Invalid where a tier is left with nobody to ring."""
        after = replace(self, reachable=frozenset(reachable))
        self.refuse_new_gaps(after, self.rota.tiers, rules, now)
        return after

    def with_waiver(self, waiver: Waiver, rules: DutyRules, now: datetime) -> Plan:
        """Somebody answers for a gap by name. Raises Invalid for one without a reason or an end that is near."""
        if not waiver.reason.strip():
            raise Invalid("A waiver says why.", field="reason", remedy="Write why nobody is needed.")
        if not max(now, waiver.since) < waiver.until <= now + rules.longest_waiver:
            days = rules.longest_waiver.days
            raise Invalid(f"A waiver ends, and within {days} days.", field="until", remedy="Choose an earlier end.")
        return replace(self, waivers=(*self.waivers, waiver))

    def refuse_new_gaps(self, after: Plan, tiers: Iterable[int], rules: DutyRules, now: datetime) -> None:
        """Raises Invalid for a gap in `after` that was not there before; an older one is shown, and stops nobody."""
        tiers, until = list(tiers), now + rules.look_ahead
        before = self.gaps(tiers, now, until)
        fresh = [
            gap
            for gap in after.gaps(tiers, now, until)
            if not any(g.tier == gap.tier and g.since <= gap.since and gap.until <= g.until for g in before)
        ]
        refuse(after.whole(fresh, rules), field="tier")


def refuse(gaps: Sequence[Gap], *, field: str) -> None:
    """Raises Gapped for the first gap, with its beginning and end and what helps."""
    if not gaps:
        return
    gap, more = gaps[0], len(gaps) - 1
    since, until = (at.astimezone(OSLO).isoformat(timespec="minutes") for at in (gap.since, gap.until))
    also = f", and {more} more" if more else ""
    raise Gapped(
        f"Tier {gap.tier} would have nobody from {since} until {until}{also}.",
        gap,
        field=field,
        remedy="Put somebody with a phone there, or send a waiver with a reason and an end.",
    )


def _closed(rotation: Rotation, now: datetime) -> Rotation:
    if rotation.in_force_until is not None:
        return rotation
    return replace(rotation, in_force_until=max(now, rotation.in_force_from) if rotation.in_force_from else now)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
