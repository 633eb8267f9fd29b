"""Whatever is done to the plan, each instant ahead has somebody or a named waiver, and what was stays as it was."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forkant_notifier.domain.duty_rules import read_rules
from forkant_notifier.domain.plan import Plan, Waiver
from forkant_notifier.domain.rota import Override, Rota, Rotation
from forkant_notifier.domain.rota_wish import RotaWish, rotation_of
from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import Swap, SwapState, answer
from forkant_notifier.settings import duty_document
from forkant_shared.errors import Conflict, Forbidden, ForkantError, Invalid

RULES = read_rules(duty_document())
PEOPLE = "abcdef"
#: The night of 25 October has two half past twos, and the plan is worked on across it.
START = datetime(2026, 10, 20, 12, tzinfo=UTC)

users = st.sampled_from(PEOPLE)
tiers = st.sampled_from(RULES.tiers)
hours = st.integers(1, 24 * 12)


class AnyPlan(RuleBasedStateMachine):
    """Edits, take-overs, covers, swaps, gifts back, lost phones, waivers, time, and a clock that steps back."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.number = 0
        self.seen: dict[tuple[int, datetime], tuple[str, ...]] = {}
        rotations = tuple(
            Rotation(tier, ("a", "b"), date(2026, 1, 1), time(8), rota_id=str(tier), id=f"first-{tier}")
            for tier in RULES.tiers
        )
        self.plan = Plan(Rota(rotations), frozenset(PEOPLE))

    def _next(self) -> int:
        self.number += 1
        return self.number

    @rule(
        tier=tiers,
        members=st.lists(users, max_size=4),
        shift=st.sampled_from([(1, None), (7, None), (None, 4), (None, 12)]),
        clock=st.sampled_from(["02:30", "08:00", "23:59"]),
        starts=st.integers(-20, 20),
        ends=st.none() | st.integers(1, 40),
        waived=st.none() | st.integers(1, 20),
    )
    def write(
        self,
        tier: int,
        members: list[str],
        shift: tuple[int | None, int | None],
        clock: str,
        starts: int,
        ends: int | None,
        waived: int | None,
    ) -> None:
        begins = self.now.date() + timedelta(days=starts)
        wish = RotaWish(
            f"tier {tier}",
            tier,
            tuple(members),
            clock,
            days=shift[0],
            hours=shift[1],
            starts_on=begins,
            ends_on=begins + timedelta(days=ends) if ends else None,
        )
        with contextlib.suppress(ForkantError):
            rotation = replace(rotation_of(wish, RULES, self.now), id=str(self._next()))
            plan, waiver = self.plan, None
            if waived:
                waiver = self._waiver(tier, waived)
                plan = plan.with_waiver(waiver, RULES, self.now)
            self.plan = plan.with_rota(str(tier), [rotation], RULES, self.now)

    @rule(tier=tiers, waived=st.none() | st.integers(1, 28))
    def end(self, tier: int, waived: int | None) -> None:
        with contextlib.suppress(ForkantError):
            plan = self.plan
            if waived:
                plan = plan.with_waiver(self._waiver(tier, waived), RULES, self.now)
            self.plan = plan.with_rota(str(tier), [], RULES, self.now)

    def _waiver(self, tier: int, days: int) -> Waiver:
        until = self.now + timedelta(days=days)
        return Waiver(tier, self.now, until, "nobody is needed", "leader", self.now, id=str(self._next()))

    @rule(tier=tiers, user=users, length=hours)
    def take(self, tier: int, user: str, length: int) -> None:
        self._override(tier, user, self.now, self.now + timedelta(hours=length), None)

    @rule(tier=tiers, user=users, ahead=hours, length=hours, covers=users)
    def cover(self, tier: int, user: str, ahead: int, length: int, covers: str) -> None:
        since = self.now + timedelta(hours=ahead)
        self._override(tier, user, since, since + timedelta(hours=length), covers)

    def _override(self, tier: int, user: str, since: datetime, until: datetime, covers: str | None) -> None:
        number = self._next()
        made = Override(tier, user, since, until, self.now, covers, revision=number, id=str(number))
        with contextlib.suppress(ForkantError):
            self.plan = self.plan.with_override(made, RULES, self.now)

    @rule(one=tiers, other=tiers, mine=st.integers(0, 6), theirs=st.integers(0, 6))
    def swap(self, one: int, other: int, mine: int, theirs: int) -> None:
        until = self.now + timedelta(days=14)
        shifts = [self.plan.rota.shifts(tier, self.now, until) for tier in (one, other)]
        first, second = shifts[0][mine % len(shifts[0])], shifts[1][theirs % len(shifts[1])]
        if not first.users or not second.users or first.users == second.users:
            return
        plan = self.plan
        with contextlib.suppress(ForkantError):
            for user, shift in ((second.users[0], first), (first.users[0], second)):
                number = self._next()
                since = max(shift.since, self.now)
                made = Override(
                    shift.tier, user, since, shift.until, self.now, shift.users[0], revision=number, id=str(number)
                )
                plan = plan.with_override(made, RULES, self.now)
            self.plan = plan

    @rule(which=st.integers(0, 50))
    def give_back(self, which: int) -> None:
        overrides = self.plan.rota.overrides
        if overrides:
            with contextlib.suppress(ForkantError):
                self.plan = self.plan.without_override(overrides[which % len(overrides)].id, RULES, self.now)

    @rule(user=users)
    def phone_lost_or_found(self, user: str) -> None:
        with contextlib.suppress(ForkantError):
            self.plan = self.plan.with_reachable(self.plan.reachable ^ {user}, RULES, self.now)

    @rule(minutes=st.sampled_from([1, 47, 60 * 7, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        # What is seen before time passes was true; no later act may change it. New gaps come only from what was
        # written to end, so the horizon is looked at after acts, not after time alone.
        for tier in RULES.tiers:
            self.seen[tier, self.now] = self.plan.rota.on_duty(tier, self.now)
        self.now += timedelta(minutes=minutes)
        self.older = {
            (gap.tier, gap.since, gap.until) for gap in self.plan.gaps(RULES.tiers, self.now, self._horizon())
        }

    def _horizon(self) -> datetime:
        return self.now + RULES.look_ahead

    @invariant()
    def every_instant_ahead_has_somebody_or_a_named_waiver(self) -> None:
        if not hasattr(self, "plan"):
            return
        older = getattr(self, "older", set())
        for gap in self.plan.gaps(RULES.tiers, self.now, self._horizon()):
            known = any(t == gap.tier and s <= gap.since and gap.until <= u for t, s, u in older)
            assert known, gap
        assert all(waiver.made_by and waiver.reason for waiver in self.plan.waivers)

    @invariant()
    def what_was_is_never_changed(self) -> None:
        for (tier, at), users_then in getattr(self, "seen", {}).items():
            assert self.plan.rota.on_duty(tier, at) == users_then


AnyPlan.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_any_sequence_of_acts = AnyPlan.TestCase


def plan_of(*rotations: Rotation, overrides: tuple[Override, ...] = ()) -> Plan:
    return Plan(Rota(rotations, overrides), frozenset(PEOPLE))


WEEKLY = Rotation(1, ("a", "b"), date(2026, 1, 5), time(8), rota_id="r", id="v1")


def test_a_rota_with_a_gap_is_refused_with_its_beginning_its_end_and_what_helps() -> None:
    late = replace(WEEKLY, starts_on=date(2026, 10, 26), id="v2")
    with pytest.raises(Invalid) as refused:
        plan_of(WEEKLY).with_rota("r", [late], RULES, START)
    assert "2026-10-20T14:00+02:00 until 2026-10-26T08:00+01:00" in refused.value.detail
    assert refused.value.remedy
    assert "waiver" in refused.value.remedy


def test_a_gap_is_told_to_its_own_end_also_beyond_the_days_that_are_looked_at() -> None:
    late = replace(WEEKLY, starts_on=date(2027, 1, 4), id="v2")
    with pytest.raises(Invalid, match="until 2027-01-04T08:00"):
        plan_of(WEEKLY).with_rota("r", [late], RULES, START)


def test_a_waiver_that_ends_before_the_gap_does_not_carry_it() -> None:
    late = replace(WEEKLY, starts_on=date(2026, 10, 26), id="v2")
    waiver = Waiver(1, START, START + timedelta(days=2), "exercise", "leader", START)
    plan = plan_of(WEEKLY)
    with pytest.raises(Invalid, match="2026-10-22T14:00"):
        plan.with_waiver(waiver, RULES, START).with_rota("r", [late], RULES, START)
    longer = replace(waiver, until=START + timedelta(days=7))
    after = plan.with_waiver(longer, RULES, START).with_rota("r", [late], RULES, START)
    assert after.missing(RULES, START) == []


@pytest.mark.parametrize("days", [0, 29])
def test_a_waiver_ends_and_soon(days: int) -> None:
    waiver = Waiver(1, START, START + timedelta(days=days), "why", "leader", START)
    with pytest.raises(Invalid):
        plan_of(WEEKLY).with_waiver(waiver, RULES, START)
    with pytest.raises(Invalid):
        plan_of(WEEKLY).with_waiver(replace(waiver, until=START + timedelta(days=3), reason=" "), RULES, START)


def test_a_clock_that_steps_back_between_two_edits_leaves_no_hole() -> None:
    after = plan_of(WEEKLY).with_rota("r", [replace(WEEKLY, members=("c",), id="v2")], RULES, START)
    back = START - timedelta(hours=3)
    again = after.with_rota("r", [replace(WEEKLY, members=("d",), id="v3")], RULES, back)
    assert again.gaps([1], back, START + timedelta(days=14)) == []
    assert again.rota.on_duty(1, START + timedelta(hours=1)) == ("d",)


def test_what_was_on_duty_is_not_taken_over_afterwards() -> None:
    late = Override(1, "c", START - timedelta(hours=1), START + timedelta(hours=1), START, id="o")
    with pytest.raises(Invalid):
        plan_of(WEEKLY).with_override(late, RULES, START)


def test_a_shift_that_is_not_theirs_any_more_cannot_be_covered() -> None:
    cover = Override(1, "c", START, START + timedelta(days=30), START, covers="b", id="o")
    with pytest.raises(Invalid):
        plan_of(WEEKLY).with_override(cover, RULES, START)
    with pytest.raises(Conflict):
        plan_of(WEEKLY).with_override(replace(cover, until=START + timedelta(days=13)), RULES, START)


SWAP = Swap("s", "a", START, Shift(1, ("a",), START, START + timedelta(days=1)))


def test_a_request_is_answered_once_by_whom_it_was_put_to() -> None:
    theirs = Shift(2, ("b",), START, START + timedelta(days=1))
    asked = replace(SWAP, theirs=theirs)
    with pytest.raises(Forbidden):
        answer(asked, SwapState.ACCEPTED, "c", START)
    with pytest.raises(Forbidden):
        answer(asked, SwapState.ACCEPTED, "a", START)
    with pytest.raises(Forbidden):
        answer(asked, SwapState.WITHDRAWN, "b", START)
    accepted = answer(asked, SwapState.ACCEPTED, "b", START)
    with pytest.raises(Conflict):
        answer(accepted, SwapState.ACCEPTED, "b", START)
    with pytest.raises(Conflict):
        answer(asked, SwapState.DECLINED, "b", START + timedelta(days=1))


def test_anybody_else_may_take_a_shift_that_was_put_to_all() -> None:
    assert answer(SWAP, SwapState.ACCEPTED, "f", START).answered_by == "f"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"tier": 4}, "tier"),
        ({"members": ()}, "members"),
        ({"days": None}, "days"),
        ({"hours": 12}, "days"),
        ({"days": 29}, "days"),
        ({"days": None, "hours": 5}, "hours"),
        ({"handover": "8"}, "handover"),
        ({"handover": "25:00"}, "handover"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"starts_on": date(2028, 1, 1)}, "starts_on"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
    ],
)
def test_a_rota_in_a_wrong_form_names_the_field(changed: dict[str, object], field: str) -> None:
    wish = RotaWish("Watch", 1, ("a",), "08:00", days=7)
    with pytest.raises(Invalid) as refused:
        rotation_of(replace(wish, **changed), RULES, START)  # type: ignore[arg-type]
    assert refused.value.field == field
