"""A person's phones: what may be shown of a number, and whether one has stopped answering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from forkant_notifier.domain.duty_rules import DutyRules
from forkant_notifier.domain.lanes import TELEPHONE, Channel
from forkant_notifier.domain.push import PREFIX
from forkant_notifier.domain.roster import Contact

#: Of one address, newest first: whether an attempt that came to an end was delivered.
Endings = Mapping[tuple[Channel, str], Sequence[bool]]


class DeviceState(StrEnum):
    """DEAD: the last attempts all failed. EXPIRED: the push service says that the browser is gone."""

    WORKS = "WORKS"
    DEAD = "DEAD"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Device:
    """One channel of a person; no `address` where there is none to show, as for a browser."""

    channel: Channel
    address: str | None
    state: DeviceState


def devices_of(contact: Contact, endings: Endings, *, push_lost: bool, rules: DutyRules) -> tuple[Device, ...]:
    """Every channel the person has, and the push that was lost, in the order of the channels."""
    found = []
    for channel in Channel:
        address = contact.addresses.get(channel)
        if address is not None:
            last = endings.get((channel, address), ())[: rules.device_dead_after]
            dead = len(last) == rules.device_dead_after and not any(last)
            shown = None if address.startswith(PREFIX) else address
            found.append(Device(channel, shown, DeviceState.DEAD if dead else DeviceState.WORKS))
        elif channel is Channel.PUSH and push_lost:
            found.append(Device(channel, None, DeviceState.EXPIRED))
    return tuple(found)


def masked(device: Device) -> str | None:
    """A number save its last two digits; of any other address nothing."""
    if device.address is None or device.channel not in TELEPHONE or len(device.address) < 4:
        return None
    return f"•• {device.address[-2:]}"
