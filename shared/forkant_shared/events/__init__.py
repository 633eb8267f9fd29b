"""The published language: every event there is, by its type. One file per owner; files never import one another."""

from __future__ import annotations

from types import ModuleType

from forkant_shared.envelope import Envelope, Event
from forkant_shared.errors import Invalid
from forkant_shared.events import meetings, notifier, registry, threat_watch

OWNERS: dict[str, ModuleType] = {
    "registry": registry,
    "meetings": meetings,
    "threat-watch": threat_watch,
    "notifier": notifier,
}


def _collect() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for module in OWNERS.values():
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Event) and "TYPE" in vars(thing):
                found[thing.TYPE] = thing
    return found


EVENTS: dict[str, type[Event]] = _collect()


def topic_of(owner: str) -> str:
    """The one topic of a service."""
    return f"forkant.{owner}"


def read(envelope: Envelope) -> Event:
    """The event inside. Raises Invalid where the type is unknown or the data does not fit it."""
    kind = EVENTS.get(envelope.type)
    if kind is None:
        raise Invalid("Nobody publishes this event type.", field="ce_type")
    try:
        return kind.model_validate(envelope.data)
    except ValueError as error:
        raise Invalid("The data does not fit the event type.", field="value") from error
