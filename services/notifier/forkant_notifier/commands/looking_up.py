"""Who calls: the registry asked in the officer's own name. Nothing of it is kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forkant_notifier.clients.registry import Known, persons_like
from forkant_notifier.commands.desk import NotifierParts
from forkant_shared.access import policy
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class Found:
    """Persons with such a name, the best fit first. `reached` False: the registry could not be asked."""

    persons: Sequence[Known] = ()
    reached: bool = True


async def callers_like(parts: NotifierParts, who: Principal, credential: Mapping[str, str], name: str) -> Found:
    """Persons of the registry the officer may know of. Raises Forbidden for one who logs no calls."""
    policy.require(who, "notifier.call.write")
    if not name:
        return Found()
    found = await persons_like(parts.settings.registry_url, credential, name, parts.peers)
    return Found(reached=False) if found is None else Found(found)
