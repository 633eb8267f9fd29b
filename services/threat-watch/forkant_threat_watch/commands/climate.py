"""The climate of dialogues: what approved minutes tell of it, and what of it stands in the situation picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared.database import Session
from forkant_shared.events.meetings import MinutesApproved
from forkant_threat_watch.domain.words import Party, PartyKind
from forkant_threat_watch.store import climate


@dataclass(frozen=True, slots=True)
class Climate:
    """How the newest meeting with a group felt, from -2 to 2, to us and as they said; None: nobody said."""

    group: Party
    ours: int | None
    theirs: int | None
    at: datetime


async def tell_climate(session: Session, event: MinutesApproved) -> None:
    """Keep the climate of this meeting, unless a newer one is known of the dialogue or nobody said anything of it."""
    if event.group_id is None or event.held_at is None or (event.climate_ours is None and event.climate_theirs is None):
        return
    await session.lock([f"climate/{event.dialogue_id}"])
    known = await climate.newest(session, event.dialogue_id)
    if known is not None and (known.held_at, known.meeting_id) >= (event.held_at, event.meeting_id):
        return
    row = {
        "dialogue_id": event.dialogue_id,
        "group_id": event.group_id,
        "meeting_id": event.meeting_id,
        "held_at": event.held_at,
        "ours": event.climate_ours,
        "theirs": event.climate_theirs,
        # Who does not say may mean anybody: then as for most of what meetings holds.
        "handling": event.handling or "RESTRICTED",
        "compartment": event.compartment,
    }
    await climate.put(session, row)


def by_group(rows: Sequence[Any]) -> list[Climate]:
    """One line for each group, of the newest of its meetings among these rows, which come newest first."""
    found: dict[str, Climate] = {}
    for row in rows:
        party = Party(PartyKind.GROUP, row.group_id)
        found.setdefault(row.group_id, Climate(party, row.ours, row.theirs, row.held_at))
    return list(found.values())
