"""Whom a page can reach just now: the people on duty by tier, and the floor that is never empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.policy import PagingPolicy, Step
from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone on duty. `actor_id` is the registry's person this user is; None for a line that is no person."""

    user: str
    addresses: Mapping[Channel, str]
    actor_id: str | None = None

    def channels(self, wanted: tuple[Channel, ...]) -> tuple[Channel, ...]:
        """Those of the wanted channels the phone has; every channel it has where it has none of them."""
        return tuple(c for c in wanted if c in self.addresses) or tuple(self.addresses)


@dataclass(frozen=True, slots=True)
class Roster:
    """The people on duty by tier, and the floor: the operations centre, with at least one line that is no person."""

    tiers: Mapping[int, tuple[Contact, ...]]
    floor: tuple[Contact, ...] = field(default=())

    def __post_init__(self) -> None:
        if not any(contact.actor_id is None and contact.addresses for contact in self.floor):
            raise Invalid(
                "The operations centre has no line, so a page could reach nobody.",
                field="floor",
                remedy="Set FORKANT_NOTIFIER_OPERATIONS_PHONE or give operations a phone.",
            )

    def on_tiers(self, wanted: Collection[int], excluded: Collection[str]) -> tuple[Contact, ...]:
        """The people of these tiers, each once, without those a threat is aimed at (`excluded` actor ids)."""
        found = (c for tier in sorted(wanted) for c in self.tiers.get(tier, ()))
        return _reachable(found, excluded)

    def everyone(self, excluded: Collection[str]) -> tuple[Contact, ...]:
        """Every tier and the floor; never empty."""
        found = [c for tier in sorted(self.tiers) for c in self.tiers[tier]]
        return _reachable([*found, *self.floor], excluded)

    def operations(self, excluded: Collection[str]) -> tuple[Contact, ...]:
        """The floor alone; never empty."""
        return _reachable(self.floor, excluded)

    def reached_by(self, step: Step, excluded: Collection[str]) -> tuple[Contact, ...]:
        return self.everyone(excluded) if step.everyone else self.on_tiers(step.tiers, excluded)

    def duties_of(self, user: str, policy: PagingPolicy) -> frozenset[int]:
        """The tiers this user is on duty for now; every one for a line of the operations centre, which stands in."""
        if any(contact.user == user for contact in self.floor):
            return frozenset(range(1, policy.floor_tier + 1))
        return frozenset(tier for tier, contacts in self.tiers.items() if any(c.user == user for c in contacts))

    def tier_of(self, user: str, policy: PagingPolicy) -> int:
        """The highest tier this user answers for; the floor's number for anybody else."""
        tiers = [tier for tier, contacts in self.tiers.items() if any(c.user == user for c in contacts)]
        return max(tiers, default=policy.floor_tier)


def _reachable(contacts: Iterable[Contact], excluded: Collection[str]) -> tuple[Contact, ...]:
    once = {c.user: c for c in contacts if c.addresses and (c.actor_id is None or c.actor_id not in excluded)}
    return tuple(once.values())
