"""The climate of dialogues: what approved minutes tell of it, and what of it stands in the situation picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared.database import Session
from forkant_shared.events.meetings import ClimateCorrected, MinutesApproved
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
    """Keep the climate of this meeting, unless nobody said anything of it or a correction of it is known already."""
    if event.group_id is None or event.held_at is None or (event.climate_ours is None and event.climate_theirs is None):
        return
    await _keep(session, event, event.group_id, event.held_at, 0)


async def correct_climate(session: Session, event: ClimateCorrected) -> None:
    """Another climate holds of this meeting, or none: then the meeting before it speaks again."""
    await _keep(session, event, event.group_id, event.held_at, event.correction)


async def _keep(
    session: Session,
    event: MinutesApproved | ClimateCorrected,
    group_id: str,
    held_at: datetime,
    correction: int,
) -> None:
    row = {
        "meeting_id": event.meeting_id,
        "correction": correction,
        "dialogue_id": event.dialogue_id,
        "group_id": group_id,
        "held_at": held_at,
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
