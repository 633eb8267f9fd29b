"""Choosing an actor in a form: a name is written, those it may mean are shown, one is chosen. Nobody is guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from forkant_registry.commands import reading
from forkant_registry.pages.face import text_of
from forkant_registry.store.actors import Labelled
from forkant_shared.identity import Principal
from forkant_shared.web import N_

CHOOSE = N_("Velg hvem du mener, eller skriv navnet på nytt.")
MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Picked:
    """Whom a field names: `actor` where one was chosen; `choices` are those a name may mean, the chosen one included.

    `asks` says that a name was written, so that somebody has to choose before anything is done.
    """

    actor: Labelled | None = None
    choices: tuple[Labelled, ...] = ()
    asks: bool = False

    @property
    def id(self) -> str | None:
        return self.actor.id if self.actor else None


NOBODY = Picked()


async def picked(parts: Any, who: Principal, sent: FormData, field: str, kind: str | None) -> Picked:
    """Read the field and its text `<field>_name`: a name that was written counts more than one chosen before."""
    name = text_of(sent, f"{field}_name")
    if name:
        return Picked(None, await meant(parts, who, name, kind), asks=True)
    return await known(parts, who, text_of(sent, field))


async def known(parts: Any, who: Principal, actor_id: str) -> Picked:
    """The actor of this id as one that was chosen; nobody where there is none, or `who` may not know of it."""
    found = await reading.name_actors(parts, who, [actor_id], None) if actor_id else []
    return Picked(found[0], (found[0],)) if found else NOBODY


async def meant(parts: Any, who: Principal, name: str, kind: str | None) -> tuple[Labelled, ...]:
    """Those a name may mean, the best fit first."""
    found = await reading.search_actors(
        parts, who, text=name[:200], kind=kind, after=None, limit=MOST_CHOICES, purpose=None
    )
    return tuple(one.actor for one in found.items)


async def picked_many(parts: Any, who: Principal, sent: FormData, field: str) -> tuple[list[str], Picked]:
    """As `picked` for a field that names several: the ids that are ticked, and everybody to tick among."""
    ids = list(dict.fromkeys(str(value) for value in sent.getlist(field) if value))
    named = await reading.name_actors(parts, who, ids[:50], None) if ids else []
    name = text_of(sent, f"{field}_name")
    more = await meant(parts, who, name, None) if name else ()
    choices = _distinct([*named, *more])
    return [one.id for one in named], Picked(None, choices, asks=bool(name))


def _distinct(actors: Sequence[Labelled]) -> tuple[Labelled, ...]:
    return tuple({actor.id: actor for actor in actors}.values())
