"""The paging policy: who is rung when, as data with a version. A page keeps the policy it started with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from forkant_notifier.domain.acceptance import ANYBODY, Demand, read_demand
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_shared.errors import Invalid

#: No plan may let a night pass: what a policy itself may say is bounded here.
LIFE_RINGS_EVERYONE_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Step:
    """At `after` the page rings these tiers (or everyone, the floor included), or moves to another lane."""

    after: timedelta
    tiers: frozenset[int] = frozenset()
    everyone: bool = False
    channels: tuple[Channel, ...] = ()
    becomes: Lane | None = None


@dataclass(frozen=True, slots=True)
class LanePlan:
    """A lane's climb. Ends in a step that rings everyone and repeats, or in one that moves to a lane that does."""

    steps: tuple[Step, ...]
    repeat_last_each: timedelta | None
    act_within: timedelta | None
    working_for: timedelta
    demand: Demand = ANYBODY

    def due_after(self, index: int) -> timedelta:
        """When step `index` is due, from the page's start; past the last step the last one repeats."""
        if index < len(self.steps):
            return self.steps[index].after
        assert self.repeat_last_each is not None  # from_document refuses a plan that ends in silence
        return self.steps[-1].after + (index - len(self.steps) + 1) * self.repeat_last_each

    def step(self, index: int) -> Step:
        return self.steps[min(index, len(self.steps) - 1)]


@dataclass(frozen=True, slots=True)
class PagingPolicy:
    """One version of the whole plan. `follow_up_after[n]` is the wait before the n-th further try of an attempt."""

    version: str
    leader_tier: int
    floor_tier: int
    lanes: Mapping[Lane, LanePlan]
    lease: timedelta
    timeout: timedelta
    follow_up_after: tuple[timedelta, ...]
    silent_after: timedelta


def from_document(document: Mapping[str, Any]) -> PagingPolicy:
    """Read a policy. Raises Invalid, naming the field, for one that could leave a page silent or cannot be read."""
    _known_fields(document)
    with _reading(""):
        floor, attempts = int(document["floor_tier"]), document["attempts"]
        policy = PagingPolicy(
            version=str(document["version"]),
            leader_tier=int(document["leader_tier"]),
            floor_tier=floor,
            lanes={Lane(name): _lane(name, plan, floor) for name, plan in document["lanes"].items()},
            lease=_seconds(attempts["lease"]),
            timeout=_seconds(attempts["timeout"]),
            follow_up_after=tuple(_seconds(value) for value in attempts["follow_up_after"]),
            silent_after=_seconds(document["watch"]["silent_after"]),
        )
    _check(policy)
    return policy


@contextlib.contextmanager
def _reading(place: str) -> Iterator[None]:
    """Name the field that is missing, or the part in which one has a value of the wrong kind."""
    try:
        yield
    except KeyError as error:
        field = f"{place}.{error.args[0]}".lstrip(".")
        raise Invalid("The paging policy lacks a field.", field=field, remedy="Write it as the others do.") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Invalid(
            "A field of the paging policy has a value of the wrong kind.",
            field=place or "version, leader_tier, floor_tier, lanes, attempts or watch",
            remedy="Write seconds and tiers as numbers, lanes and channels by their names.",
        ) from error


_FIELDS = {"version", "leader_tier", "floor_tier", "lanes", "attempts", "watch"}
_LANE_FIELDS = {"steps", "repeat_last_each", "act_within", "working_for", "answers"}
_STEP_FIELDS = {"after", "tiers", "everyone", "channels", "becomes"}


def _known_fields(document: Mapping[str, Any]) -> None:
    """A word spelt wrong would be a wish that nobody hears."""
    lanes = document.get("lanes")
    plans = [(f"lanes.{name}", plan, _LANE_FIELDS) for name, plan in lanes.items()] if isinstance(lanes, dict) else []
    steps = [
        (f"{place}.steps.{number}", step, _STEP_FIELDS)
        for place, plan, _ in plans
        if isinstance(plan, dict) and isinstance(plan.get("steps"), list)
        for number, step in enumerate(plan["steps"])
    ]
    for place, part, known in (("", document, _FIELDS), *plans, *steps):
        strange = sorted(str(name) for name in part if name not in known) if isinstance(part, dict) else []
        if strange:
            raise Invalid(
                "A paging policy has no such field.",
                field=f"{place}.{strange[0]}".lstrip("."),
                remedy=f"Use one of {', '.join(sorted(known))}.",
            )


def _lane(name: str, plan: Mapping[str, Any], floor_tier: int) -> LanePlan:
    with _reading(f"lanes.{name}"):
        steps = tuple(
            Step(
                after=_seconds(step["after"]),
                tiers=frozenset(int(tier) for tier in step.get("tiers", ())),
                everyone=bool(step.get("everyone", False)),
                channels=tuple(Channel(channel) for channel in step.get("channels", ())),
                becomes=Lane(step["becomes"]) if "becomes" in step else None,
            )
            for step in plan["steps"]
        )
        repeat = plan.get("repeat_last_each")
        within = plan.get("act_within")
        return LanePlan(
            steps=steps,
            repeat_last_each=_seconds(repeat) if repeat is not None else None,
            act_within=_seconds(within) if within is not None else None,
            working_for=_seconds(plan.get("working_for", 0)),
            demand=read_demand(plan, floor_tier, field=f"lanes.{name}"),
        )


def _seconds(value: Any) -> timedelta:
    """Raises ValueError for what is no span within a day."""
    if not 0 <= float(value) <= 86_400:
        raise ValueError("a span is 0 to 86,400 seconds")
    return timedelta(seconds=float(value))


def _check(policy: PagingPolicy) -> None:
    if set(policy.lanes) != set(Lane):
        raise Invalid("A policy has both lanes.", field="lanes", remedy="Add the lane that is missing.")
    if policy.timeout >= policy.lease:
        raise Invalid(
            "A route that may answer after its lease has run out would be rung twice as a rule.",
            field="attempts.timeout",
            remedy="Set the timeout below the lease.",
        )
    for lane, plan in policy.lanes.items():
        _check_lane(lane, plan)


def _check_lane(lane: Lane, plan: LanePlan) -> None:
    field = f"lanes.{lane}.steps"
    if not plan.steps or plan.steps[0].after:
        raise Invalid("The first step comes at 0.", field=field)
    times = [step.after for step in plan.steps]
    if times != sorted(set(times)):
        raise Invalid("Steps come in order, each later than the one before.", field=field)
    last = plan.steps[-1]
    rings_on = last.everyone and plan.repeat_last_each and plan.repeat_last_each > timedelta(0)
    climbs_on = lane is Lane.NORMAL and last.becomes is Lane.LIFE
    if not (rings_on or climbs_on):
        raise Invalid(
            "The last step rings everyone again and again, or moves NORMAL to LIFE: else a page could fall silent.",
            field=field,
        )
    if lane is Lane.LIFE and max(last.after, plan.repeat_last_each or last.after) > LIFE_RINGS_EVERYONE_WITHIN:
        raise Invalid(
            "Where a life is at stake everyone is rung within half an hour, and again as often.",
            field=field,
            remedy="Let the last step come sooner.",
        )
    for step in plan.steps:
        if step.becomes is None and not (step.channels and (step.tiers or step.everyone)):
            raise Invalid("A step says whom it rings and how.", field=field)
        if step.becomes is not None and step is not last:
            raise Invalid("A move to another lane is the last step.", field=field)
