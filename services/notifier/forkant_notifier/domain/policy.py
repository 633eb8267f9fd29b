"""The paging policy: who is rung when, as data with a version. A page keeps the policy it started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from forkant_notifier.domain.acceptance import ANYBODY, Demand, read_demand
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_shared.errors import Invalid


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
    try:
        floor = int(document["floor_tier"])
        lanes = {Lane(name): _lane(name, plan, floor) for name, plan in document["lanes"].items()}
        attempts = document["attempts"]
        policy = PagingPolicy(
            version=str(document["version"]),
            leader_tier=int(document["leader_tier"]),
            floor_tier=floor,
            lanes=lanes,
            lease=_seconds(attempts["lease"]),
            timeout=_seconds(attempts["timeout"]),
            follow_up_after=tuple(_seconds(value) for value in attempts["follow_up_after"]),
            silent_after=_seconds(document["watch"]["silent_after"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            "The paging policy lacks a field or has one of the wrong kind.", field=str(error.args[0])
        ) from error
    _check(policy)
    return policy


def _lane(name: str, plan: Mapping[str, Any], floor_tier: int) -> LanePlan:
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
    for step in plan.steps:
        if step.becomes is None and not (step.channels and (step.tiers or step.everyone)):
            raise Invalid("A step says whom it rings and how.", field=field)
        if step.becomes is not None and step is not last:
            raise Invalid("A move to another lane is the last step.", field=field)
