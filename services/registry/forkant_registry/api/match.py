"""Matching: named queries in, the cards that look like each of them out, with how every score came about."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from forkant_registry.api.answers import ActorAnswer
from forkant_registry.api.fields import Day, Id, NameValue, Purpose
from forkant_registry.commands import matching
from forkant_registry.commands.deed import reference_of
from forkant_registry.commands.matching import Query, Suggested
from forkant_registry.domain.resemblance import Likeness
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

router = APIRouter(prefix="/registry/v1", tags=["match"])

QueryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
District = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2})?$")]


class QueryBody(Body):
    """Whom you look for. What you leave out is neutral; what contradicts a card counts against it."""

    kind: Literal["PERSON", "GROUP"]
    names: Annotated[list[NameValue], Field(min_length=1, max_length=5)]
    born_on: Day | None = None
    district: District | None = None
    groups: list[Id] = Field(default_factory=list, max_length=20)
    exclude_ids: list[Id] = Field(
        default_factory=list,
        max_length=500,
        description="cards you know already, or have rejected: they do not come back",
    )


class MatchBody(Body):
    """Up to 100 queries, each under a name of yours."""

    queries: Annotated[dict[QueryName, QueryBody], Field(min_length=1, max_length=100)]
    threshold: Annotated[float | None, Field(ge=0, le=1, description="the lowest score to show")] = None
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class FeatureAnswer(BaseModel):
    """What one feature adds to the score or takes from it; all `points` of a result add up to its `score`.

    `how` is SAME, NEAR, CONTRADICTION or BLANK, for a name as in a search, CAPPED or BOUNDED where the score was held.
    """

    feature: str
    points: float
    how: str
    asked: list[str]
    found: list[str]


class ResultAnswer(BaseModel):
    """A card that looks like it. `match`: worth calling one; that they are the same is for a person to judge."""

    id: str
    kind: str
    label: str
    also: list[ActorAnswer]
    score: float
    match: bool
    features: list[FeatureAnswer]

    @classmethod
    def of(cls, found: Suggested) -> ResultAnswer:
        alike = found.resemblance
        return cls(
            id=found.actor.id,
            kind=found.actor.kind,
            label=found.actor.label,
            also=[ActorAnswer(kind=one.kind, id=one.id, label=one.label) for one in found.also],
            score=alike.score,
            match=alike.matches,
            features=[
                FeatureAnswer(
                    feature=one.name,
                    points=one.points / 1000,
                    how=one.how,
                    asked=list(one.asked),
                    found=list(one.found),
                )
                for one in alike.features
            ],
        )


class ResponseAnswer(BaseModel):
    """What was asked, as it was read, and what looks like it, the most alike first."""

    query: QueryBody
    results: list[ResultAnswer]


class MatchAnswer(BaseModel):
    """An answer under each name asked under; `weights` is the version of the weights they were scored with."""

    weights: str
    responses: dict[str, ResponseAnswer]


@router.post("/match")
async def match(body: MatchBody, who: SignedIn, parts: PartsOf, purpose: Purpose = None) -> MatchAnswer:
    """Cards that look like those you ask about, each score feature by feature. Nothing is registered or judged."""
    queries = {name: _query(name, query, body) for name, query in body.queries.items()}
    found = await matching.match_actors(parts, who, queries, purpose)
    return MatchAnswer(
        weights=reference_of(parts).weights.version,
        responses={
            name: ResponseAnswer(query=query, results=[ResultAnswer.of(one) for one in found[name]])
            for name, query in body.queries.items()
        },
    )


def _query(name: str, query: QueryBody, body: MatchBody) -> Query:
    likeness = Likeness(
        names=matching.known_names(query.names, f"queries.{name}.names"),
        born_on=frozenset([query.born_on.isoformat()] if query.born_on else ()),
        groups=frozenset(query.groups),
        districts=frozenset([query.district] if query.district else ()),
    )
    return Query(query.kind, likeness, frozenset(query.exclude_ids), body.threshold, body.limit)
