"""The card of an actor: what is said of it, how well, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_registry.commands import reading
from forkant_registry.commands.deed import no_such_actor, reference_of
from forkant_registry.commands.reading import CardView
from forkant_registry.domain.card import Line
from forkant_registry.domain.predicates import GROUND, MEMBER_OF, Predicate
from forkant_registry.pages.face import (
    CLAIM_KINDS,
    ENTRY_KINDS,
    HANDLINGS,
    REASONS,
    SAME,
    STATUSES,
    purpose_of,
    render,
)
from forkant_registry.pages.graded import OSLO
from forkant_registry.pages.observing import OBSERVATION_KINDS
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser

ROUTER = APIRouter(prefix="/registry/actors", include_in_schema=False)
ON_A_PAGE = 50

# Which predicates stand together on a card; what is named nowhere stands last.
SECTIONS = (
    (
        "names",
        N_("Navn"),
        ("legal_name", "working_label", "public_label", "alias", "club_name", "nickname", "previous_name"),
    ),
    ("grounds", N_("Registreringsgrunnlag"), ("registration_ground",)),
    ("membership", N_("Medlemskap"), ("member_of",)),
    ("roles", N_("Rolle og autoritet"), ("formal_role", "real_authority", "holds_role")),
    ("family", N_("Familie"), ("family_of",)),
    ("ties", N_("Forbindelser"), ("errand_for", "served_with", "chapter_of", "supports", "splinter_of")),
    ("facts", N_("Fakta"), ("group_kind", "status", "custody", "born_on", "district")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as the page draws it: what sort, whom it names, in whose words."""

    title: str
    line: Line
    other: str | None
    value: str | None
    coded: bool
    date: bool


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    lines: tuple[Shown, ...]


@ROUTER.get("/{actor_id}", response_class=HTMLResponse)
async def show(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    as_of, known_at = _end_of_day(request, "as_of"), _end_of_day(request, "known_at")
    view = await reading.read_card(
        parts, who, checked_id(actor_id), as_of=as_of, known_at=known_at, purpose=purpose_of(request)
    )
    claimable = [
        (name, predicate.title)
        for name, predicate in reference_of(parts).catalogue.predicates.items()
        if view.actor.kind in predicate.subjects
    ]
    grounds = [line for line in view.card.lines if line.predicate == GROUND]
    return render(
        request,
        parts,
        who,
        "card.html",
        view=view,
        grounds=grounds,
        sections=_sections(view, parts),
        past={"as_of": request.query_params.get("as_of", ""), "known_at": request.query_params.get("known_at", "")},
        is_past=as_of is not None or known_at is not None,
        claimable=claimable,
        claim_kinds=CLAIM_KINDS,
        handlings=HANDLINGS,
        statuses=STATUSES,
        entry_kinds=ENTRY_KINDS,
        observation_kinds=OBSERVATION_KINDS,
        same=SAME,
    )


@ROUTER.get("/{actor_id}/claims", response_class=HTMLResponse)
async def provenance(request: Request, actor_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    """Everything that was ever said of the actor, with who recorded it and what became of it."""
    after = request.query_params.get("after")
    found, following = await reading.list_claims(
        parts,
        who,
        checked_id(actor_id),
        after=checked_id(after) if after else None,
        limit=ON_A_PAGE,
        purpose=purpose_of(request),
    )
    mentioned = {actor_id, *(claim.object.id for claim in found if claim.object)}
    named = await reading.name_actors(parts, who, sorted(mentioned), purpose_of(request))
    return render(
        request,
        parts,
        who,
        "provenance.html",
        actor_id=actor_id,
        labels={actor.id: actor for actor in named},
        claims=found,
        next=f"/registry/actors/{actor_id}/claims?after={following}" if following else None,
        first=f"/registry/actors/{actor_id}/claims" if after else None,
        claim_kinds=CLAIM_KINDS,
        reasons=REASONS,
    )


def checked_id(text: str) -> str:
    """The id in its one form. Raises NotFound where it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        raise no_such_actor() from None


def _end_of_day(request: Request, name: str) -> datetime | None:
    given = request.query_params.get(name)
    if not given:
        return None
    try:
        following = date.fromisoformat(given) + timedelta(days=1)
        return datetime.combine(following, time(), OSLO).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _sections(view: CardView, parts: Any) -> list[Section]:
    catalogue = reference_of(parts).catalogue
    places = {name: key for key, _, names in SECTIONS for name in names}
    lines: dict[str, list[Shown]] = {}
    for line in view.card.lines:
        predicate = catalogue.predicates[line.predicate]
        lines.setdefault(places.get(line.predicate, "facts"), []).append(_shown(predicate, line, predicate.title))
    for line in view.card.pointing:
        predicate = catalogue.predicates[line.predicate]
        if line.predicate == MEMBER_OF:
            continue  # members stand in a list of their own
        title = predicate.title if predicate.mutual else predicate.inverse or predicate.title
        lines.setdefault(places.get(line.predicate, "facts"), []).append(_shown(predicate, line, title))
    return [Section(key, title, tuple(lines[key])) for key, title, _ in SECTIONS if key in lines]


def _shown(predicate: Predicate, line: Line, title: str) -> Shown:
    value = predicate.codes.get(line.value or "", line.value) if predicate.value == "CODE" else line.value
    return Shown(title, line, line.object_id, value, predicate.value == "CODE", predicate.value == "DATE")
