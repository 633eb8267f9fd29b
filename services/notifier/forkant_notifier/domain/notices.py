"""Told ahead: nobody has a shift that begins soon, or the phone of whoever has it does not answer. Never a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.devices import Device, DeviceState
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.plan import Plan
from forkant_notifier.domain.quiet import QuietHours
from forkant_notifier.domain.roster import Contact

#: How a notice goes, the first that works: neither rings, and neither needs a browser that may be what is broken.
NOTICE_CHANNELS = (Channel.SMS, Channel.MAIL)


class WorryKind(StrEnum):
    """GAP: nobody has the tier. PHONE: somebody has it, and a device of theirs is dead, expired or not there."""

    GAP = "GAP"
    PHONE = "PHONE"


@dataclass(frozen=True, slots=True)
class Worry:
    """What is wrong with a shift that begins at `since`; `user` is whose phone it is, empty for a gap."""

    kind: WorryKind
    tier: int
    since: datetime
    user: str = ""


def beginnings(plan: Plan, tiers: Iterable[int], now: datetime, until: datetime) -> list[tuple[int, datetime, str]]:
    """Tier, beginning and user of every shift that begins after `now` and before `until`."""
    found = []
    for tier in tiers:
        before = set(plan.rota.on_duty(tier, now))
        for at in plan.rota.changes(tier, now, until):
            users = set(plan.rota.on_duty(tier, at))
            found += [(tier, at, user) for user in sorted(users - before)]
            before = users
    return found


def worries(
    plan: Plan, devices: Mapping[str, Sequence[Device]], tiers: Sequence[int], now: datetime, until: datetime
) -> list[Worry]:
    """What begins after `now` and before `until` with nobody, or with somebody whose phones do not all work."""
    gaps = [gap for gap in plan.gaps(tiers, now, until) if gap.since > now]
    found = [Worry(WorryKind.GAP, gap.tier, gap.since) for gap in gaps]
    for tier, at, user in beginnings(plan, tiers, now, until):
        phones = devices.get(user, ())
        if not phones or any(phone.state is not DeviceState.WORKS for phone in phones):
            found.append(Worry(WorryKind.PHONE, tier, at, user))
    return found


def leads_passed(worry: Worry, leads: Iterable[timedelta], quiet: QuietHours, now: datetime) -> list[timedelta]:
    """Of the lead times those that have come, before what is worried about begins.

    In quiet hours none has, unless the shift would begin before they are over.
    """
    if now < quiet.over_at(now) < worry.since:
        return []
    return [lead for lead in leads if worry.since - lead <= now < worry.since]


def notice_to(
    contact: Contact, devices: Sequence[Device], hint: Hint, *, attempt_id: str, now: datetime
) -> Attempt | None:
    """A message without content, by a channel that works if there is one; None for who has neither SMS nor mail."""
    dead = {device.channel for device in devices if device.state is not DeviceState.WORKS}
    has = [channel for channel in NOTICE_CHANNELS if channel in contact.addresses]
    if not has:
        return None
    channel = min(has, key=lambda one: one in dead)
    return Attempt(
        id=attempt_id,
        page_id=None,
        code="",
        lane=Lane.NORMAL,
        channel=channel,
        user=contact.user,
        address=contact.addresses[channel],
        due_at=now,
        hint=hint,
    )
