"""A card is a view over claims: what is said to hold on a day, as far as we knew on another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forkant_registry.domain.claims import Claim
from forkant_registry.domain.grading import Scales
from forkant_registry.domain.identity import Identities
from forkant_registry.domain.predicates import GROUND, MEMBER_OF, Catalogue


@dataclass(frozen=True, slots=True)
class Line:
    """One statement with everything that supports it, best graded first.

    `origins` counts independent origins (copies of one origin are one voice). `competing` says that another line of
    the same predicate claims something else and only one of them can be true.
    """

    predicate: str
    object_id: str | None
    value: str | None
    claims: tuple[Claim, ...]
    origins: int
    competing: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A person said to belong to the group. `counted` is false for one registered as a victim, say, or as former."""

    person_id: str
    claims: tuple[Claim, ...]
    counted: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What stands about an actor, and what others' claims say of it (`pointing`, with the subject as object)."""

    lines: tuple[Line, ...]
    pointing: tuple[Line, ...]
    members: tuple[Member, ...]

    @property
    def member_count(self) -> int:
        return sum(member.counted for member in self.members)


def standing(claims: Iterable[Claim], catalogue: Catalogue, as_of: datetime, known_at: datetime) -> list[Claim]:
    """The claims that were known at one moment and are said to be true at another."""
    return [
        claim for claim in claims if claim.known(known_at) and claim.valid(as_of, catalogue.predicate(claim.predicate))
    ]


NOBODY_TIED = Identities()


def card(
    own: Iterable[Claim],
    pointing: Iterable[Claim],
    grounds: Mapping[str, frozenset[str]],
    *,
    catalogue: Catalogue,
    scales: Scales,
    as_of: datetime,
    known_at: datetime,
    identities: Identities = NOBODY_TIED,
) -> Card:
    """The view. `grounds` holds the registration grounds of the persons who point here as members.

    `own` and `pointing` are about everybody who is one with the actor. Actors that are one stand on one line, a person
    with two cards is one member, and what ties an actor to itself is left out.
    """
    about = [claim for claim in standing(own, catalogue, as_of, known_at) if not _to_itself(claim, identities)]
    toward = [claim for claim in standing(pointing, catalogue, as_of, known_at) if not _to_itself(claim, identities)]
    return Card(
        lines=_lines(about, catalogue, scales, identities, by_subject=False),
        pointing=_lines(toward, catalogue, scales, identities, by_subject=True),
        members=_members(toward, grounds, catalogue, scales, identities),
    )


def _to_itself(claim: Claim, identities: Identities) -> bool:
    return claim.object is not None and identities.of(claim.object.id) == identities.of(claim.actor_id)


def grounds_of(claims: Iterable[Claim]) -> frozenset[str]:
    """The codes of the ground claims among these."""
    return frozenset(claim.value for claim in claims if claim.predicate == GROUND and claim.value)


def may_be_member(grounds: frozenset[str], catalogue: Catalogue) -> bool:
    """Does one of these grounds let the person count as a member? A victim or an informant-adjacent one never does."""
    return any(catalogue.grounds[code].member for code in grounds if code in catalogue.grounds)


def _lines(
    claims: Sequence[Claim], catalogue: Catalogue, scales: Scales, identities: Identities, *, by_subject: bool
) -> tuple[Line, ...]:
    grouped: dict[tuple[str, str | None, str | None], list[Claim]] = {}
    for claim in claims:
        predicate, target, value = claim.statement
        far = claim.actor_id if by_subject else target
        grouped.setdefault((predicate, identities.of(far) if far else None, value), []).append(claim)
    alternatives: dict[str, int] = {}
    for predicate, _, _ in grouped:
        alternatives[predicate] = alternatives.get(predicate, 0) + 1
    order = {name: position for position, name in enumerate(catalogue.predicates)}
    lines = [
        Line(
            predicate=predicate,
            object_id=other,
            value=value,
            claims=(ranked := _ranked(supporting, scales)),
            origins=len({claim.origin for claim in ranked}),
            competing=catalogue.predicates[predicate].single and not by_subject and alternatives[predicate] > 1,
        )
        for (predicate, other, value), supporting in grouped.items()
    ]
    lines.sort(key=lambda line: (order[line.predicate], *_rank(line.claims[0], scales)))
    return tuple(lines)


def _members(
    toward: Sequence[Claim],
    grounds: Mapping[str, frozenset[str]],
    catalogue: Catalogue,
    scales: Scales,
    identities: Identities,
) -> tuple[Member, ...]:
    by_person: dict[str, list[Claim]] = {}
    for claim in toward:
        if claim.predicate == MEMBER_OF:
            by_person.setdefault(identities.of(claim.actor_id), []).append(claim)
    members = []
    for person_id, claims in by_person.items():
        ranked = _ranked(claims, scales)
        former = ranked[0].qualifiers.get("status") == ("FORMER",)
        known = frozenset[str]().union(*(grounds.get(id, frozenset()) for id in identities.members(person_id)))
        allowed = may_be_member(known, catalogue)
        members.append(Member(person_id, ranked, counted=allowed and not former))
    members.sort(key=lambda member: (not member.counted, *_rank(member.claims[0], scales)))
    return tuple(members)


def _ranked(claims: Iterable[Claim], scales: Scales) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=lambda claim: _rank(claim, scales)))


def _rank(claim: Claim, scales: Scales) -> tuple[float, bool, bool, float, str]:
    newest_first = -claim.observed_at.timestamp()
    return scales.rank(claim.grading), not claim.verified, claim.kind != "FACT", newest_first, claim.id
