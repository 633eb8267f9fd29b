"""Who is who is judged by a person, pair by pair. No card is ever merged, and every judgement can be taken back.

POSITIVE judgements that stand tie actors together; those that hang together are one, and the one registered first
stands for them all. A NEGATIVE says that two are not the same and keeps them apart, an UNSURE only that somebody
looked. Who stands for whom depends on which judgements stand, never on the order they came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from forkant_registry.domain.claims import UNMARKED, Marks
from forkant_registry.domain.predicates import ActorKind
from forkant_registry.domain.values import checked_note
from forkant_shared.errors import Conflict, Forbidden, Invalid
from forkant_shared.events.registry import IdentityChanged

Verdict = Literal["POSITIVE", "NEGATIVE", "UNSURE"]
State = Literal["WAITS", "STANDS", "REVOKED"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's word on whether two actors are the same; `one` < `other`, so that a pair is found either way.

    One that `needs_approval` decides nothing before a second person has approved it. `score` is how alike they were
    when they were judged, 0 to 1, where somebody measured.
    """

    id: str
    kind: ActorKind
    one: str
    other: str
    verdict: Verdict
    reason: str
    judged_at: datetime
    judged_by: str
    score: float | None = None
    marks: Marks = UNMARKED
    needs_approval: bool = False
    approved_at: datetime | None = None
    approved_by: str | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_because: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return self.one, self.other

    @property
    def state(self) -> State:
        """How it is now: WAITS for a second person, STANDS, or REVOKED."""
        if self.revoked_at is not None:
            return "REVOKED"
        return "WAITS" if self.needs_approval and self.approved_at is None else "STANDS"

    def stood(self, at: datetime) -> bool:
        """Did it decide anything at this moment?"""
        since = self.approved_at if self.needs_approval else self.judged_at
        return since is not None and since <= at and (self.revoked_at is None or at < self.revoked_at)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says about two actors, before it is checked."""

    one: str
    other: str
    verdict: Verdict
    reason: str
    score: float | None = None
    marks: Marks = UNMARKED


@dataclass(frozen=True, slots=True)
class Identities:
    """Who stands for whom among some actors, as far as one reader may know; empty where nobody is tied to anybody."""

    stands_for: Mapping[str, str] = field(default_factory=dict)

    def of(self, actor: str) -> str:
        """The one that stands for this actor: itself where it is tied to nobody."""
        return self.stands_for.get(actor, actor)

    def members(self, actor: str) -> tuple[str, ...]:
        """Everybody who is one with this actor, itself included; the one that stands for them first."""
        leader = self.of(actor)
        return tuple(sorted({actor, *(id for id, first in self.stands_for.items() if first == leader)}))


def judge(
    wish: Wish,
    *,
    judgement_id: str,
    kinds: Mapping[str, ActorKind],
    known: Iterable[Judgement],
    sees_all: bool,
    now: datetime,
    by: str,
) -> Judgement:
    """The judgement, which stands at once where whoever judges sees all of both sides; else a second person decides.

    `known` are the judgements around both actors that `by` may know of, `kinds` what sort of actor each of the two is.
    Raises Invalid that names the field, Conflict where it was said before or where what stands says the opposite.
    """
    if wish.one == wish.other:
        raise Invalid("An actor is always itself.", field="other", remedy="Give the id of another actor.")
    if kinds[wish.one] != kinds[wish.other]:
        raise Invalid("A person is never a group.", field="other", remedy="Give an actor of the same kind.")
    if wish.score is not None and not 0 <= wish.score <= 1:
        raise Invalid("A score is between 0 and 1.", field="score")
    reason = checked_note(wish.reason, "reason")
    if reason is None:
        raise Invalid("A judgement has a reason.", field="reason", remedy="Write what makes you think so.")
    one, other = sorted((wish.one, wish.other))
    made = Judgement(
        id=judgement_id,
        kind=kinds[wish.one],
        one=one,
        other=other,
        verdict=wish.verdict,
        reason=reason,
        judged_at=now,
        judged_by=by,
        score=wish.score,
        marks=wish.marks,
        needs_approval=wish.verdict != "UNSURE" and not sees_all,
    )
    known = list(known)
    for earlier in known:
        same = (earlier.pair, earlier.verdict, earlier.judged_by) == (made.pair, made.verdict, by)
        if same and earlier.state != "REVOKED":
            raise Conflict("You have said so already.", field="verdict", remedy="Revoke it first to say it anew.")
    refuse_contradiction(made, known)
    return made


def approve(judgement: Judgement, *, known: Iterable[Judgement], sees_all: bool, now: datetime, by: str) -> Judgement:
    """The judgement as a second person lets it stand.

    Raises Conflict where it does not wait or what stands says the opposite by now, Forbidden where `by` is who judged
    or does not see all of both sides either.
    """
    if judgement.state != "WAITS":
        raise Conflict("This judgement does not wait for anybody.", remedy="Read it again.")
    if by == judgement.judged_by:
        raise Forbidden("Nobody approves their own judgement.", remedy="Ask somebody else to look at it.")
    if not sees_all:
        raise Forbidden(
            "There is more about these two than you may know.", remedy="Ask somebody who may know all of both."
        )
    refuse_contradiction(judgement, known)
    return replace(judgement, approved_at=now, approved_by=by)


def revoke(judgement: Judgement, *, reason: str, now: datetime, by: str) -> Judgement:
    """The judgement taken back; who was one because of it alone is not any more. Raises Conflict, Invalid."""
    if judgement.state == "REVOKED":
        raise Conflict("This judgement was revoked before.", remedy="Read it again.")
    because = checked_note(reason, "reason")
    if because is None:
        raise Invalid("Taking a judgement back has a reason.", field="reason", remedy="Write what you know now.")
    return replace(judgement, revoked_at=now, revoked_by=by, revoked_because=because)


def refuse_contradiction(judgement: Judgement, known: Iterable[Judgement]) -> None:
    """Raise Conflict where letting this judgement stand would say that two are the same and that they are not."""
    if judgement.verdict == "UNSURE":
        return
    standing = [one for one in known if one.state == "STANDS" and one.id != judgement.id]
    if judgement.verdict == "NEGATIVE":
        if held := path(standing, *judgement.pair):
            raise Conflict(
                "These two stand as the same.",
                field="verdict",
                remedy=f"Revoke what holds them together first: {_ids(held)}.",
            )
        return
    apart = [one for one in standing if one.verdict == "NEGATIVE" and one.pair == judgement.pair]
    before = {one.id for one in contradictions(standing)}
    apart += [one for one in contradictions([*standing, judgement]) if one.id not in before]
    if apart:
        raise Conflict(
            "This would make one of two who stand as not the same.",
            field="verdict",
            remedy=f"Revoke what keeps them apart first: {_ids(apart)}.",
        )


def ties(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The POSITIVE ones among judgements that stand, less those whose own pair is also judged not to be the same."""
    judgements = list(judgements)
    denied = {one.pair for one in judgements if one.verdict == "NEGATIVE"}
    return [one for one in judgements if one.verdict == "POSITIVE" and one.pair not in denied]


def canonical(judgements: Iterable[Judgement]) -> dict[str, str]:
    """Who stands for each actor that is tied to another: the one registered first. Judgements as they stand."""
    leader: dict[str, str] = {}

    def find(actor: str) -> str:
        while leader.setdefault(actor, actor) != actor:
            leader[actor] = leader[leader[actor]]
            actor = leader[actor]
        return actor

    for tie in ties(judgements):
        # Ids sort by the time they were made, so the smaller one was registered first.
        first, second = sorted((find(tie.one), find(tie.other)))
        leader[second] = first
    return {actor: find(actor) for actor in leader}


def contradictions(judgements: Iterable[Judgement]) -> list[Judgement]:
    """The NEGATIVE ones between two who are one all the same, by way of others. Judgements as they stand."""
    judgements = list(judgements)
    stands_for = canonical(judgements)
    return [
        one
        for one in judgements
        if one.verdict == "NEGATIVE" and stands_for.get(one.one, one.one) == stands_for.get(one.other, one.other)
    ]


def path(judgements: Iterable[Judgement], start: str, end: str) -> list[Judgement]:
    """The fewest ties that make one of these two; empty where they are not."""
    around: dict[str, list[Judgement]] = {}
    for tie in sorted(ties(judgements), key=lambda one: one.id):
        around.setdefault(tie.one, []).append(tie)
        around.setdefault(tie.other, []).append(tie)
    ways: dict[str, list[Judgement]] = {start: []}
    waiting = [start]
    for actor in waiting:
        for tie in around.get(actor, ()):
            far = tie.other if tie.one == actor else tie.one
            if far not in ways:
                ways[far] = [*ways[actor], tie]
                waiting.append(far)
    return ways.get(end, [])


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[IdentityChanged]:
    """What to tell of each actor that another one stands for now, or that stands for itself again; in a fixed order."""
    return [
        IdentityChanged(actor_id=actor, canonical_id=after.get(actor, actor))
        for actor in sorted({*before, *after})
        if before.get(actor, actor) != after.get(actor, actor)
    ]


def _ids(judgements: Iterable[Judgement]) -> str:
    return ", ".join(one.id for one in judgements)
