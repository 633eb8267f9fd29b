"""Who is who, decided purely: order does not matter, revoking goes back, and nobody is both the same and not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from forkant_registry.domain.identity import (
    Identities,
    Judgement,
    Verdict,
    Wish,
    approve,
    canonical,
    changes,
    contradictions,
    judge,
    path,
    revoke,
)
from forkant_shared.errors import Conflict, Forbidden, Invalid
from tests.registry.support.reference import GROUP, NOW, uuid

PEOPLE = [uuid(n) for n in range(1, 8)]
A, B, C, D = PEOPLE[:4]
KINDS: dict[str, Any] = dict.fromkeys(PEOPLE, "PERSON") | {GROUP: "GROUP"}
VERDICTS: Sequence[Verdict] = ("POSITIVE", "NEGATIVE", "UNSURE")


def judged(
    one: str,
    other: str,
    verdict: Verdict = "POSITIVE",
    *,
    number: int = 100,
    known: Iterable[Judgement] = (),
    sees_all: bool = True,
    by: str = "analyst",
    **more: Any,
) -> Judgement:
    wish = Wish(one, other, verdict, "Samme tatovering", **more)
    return judge(wish, judgement_id=uuid(number), kinds=KINDS, known=known, sees_all=sees_all, now=NOW, by=by)


def standing(judgements: Iterable[Judgement]) -> list[Judgement]:
    return [one for one in judgements if one.state == "STANDS"]


PAIRS = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda pair: pair[0] != pair[1])
EDGES = st.lists(st.tuples(PAIRS, st.sampled_from(VERDICTS)), max_size=12).map(
    lambda edges: [judged(*pair, verdict, number=100 + n) for n, (pair, verdict) in enumerate(edges)]
)


@given(EDGES, st.randoms(use_true_random=False))
def test_who_stands_for_whom_does_not_depend_on_the_order_of_judgements(edges: list[Judgement], random: Any) -> None:
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert canonical(shuffled) == canonical(edges)
    assert {one.id for one in contradictions(shuffled)} == {one.id for one in contradictions(edges)}


@given(EDGES)
def test_the_one_registered_first_stands_for_all_who_hang_together(edges: list[Judgement]) -> None:
    seen = Identities(canonical(edges))
    for actor in PEOPLE:
        members = seen.members(actor)
        assert members[0] == min(members) == seen.of(actor)
        assert all(seen.members(member) == members for member in members)
        for other in PEOPLE:
            assert bool(path(edges, actor, other)) == (other in members and other != actor)


@given(EDGES)
def test_only_positive_judgements_tie_and_a_denied_pair_is_not_tied_by_its_own(edges: list[Judgement]) -> None:
    denied = {one.pair for one in edges if one.verdict == "NEGATIVE"}
    plain = [one for one in edges if one.verdict == "POSITIVE" and one.pair not in denied]
    assert canonical(edges) == canonical(plain)


@given(EDGES, PAIRS, st.sampled_from(VERDICTS))
def test_revoking_goes_back_to_how_it_was_and_what_is_told_says_exactly_the_difference(
    edges: list[Judgement], pair: tuple[str, str], verdict: Verdict
) -> None:
    made = judged(*pair, verdict, number=999)
    before, after = canonical(edges), canonical([*edges, made])
    projected = {actor: before.get(actor, actor) for actor in PEOPLE}
    for event in changes(before, after):
        assert projected[event.actor_id] != event.canonical_id
        projected[event.actor_id] = event.canonical_id
    assert projected == {actor: after.get(actor, actor) for actor in PEOPLE}
    revoked = revoke(made, reason="To personer", now=NOW, by="analyst")
    for event in changes(after, canonical(standing([*edges, revoked]))):
        projected[event.actor_id] = event.canonical_id
    assert projected == {actor: before.get(actor, actor) for actor in PEOPLE}


class Office(RuleBasedStateMachine):
    """Two people who judge, approve and revoke as they like; a listener that hears only what is told."""

    made: Bundle[str] = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.judgements: dict[str, Judgement] = {}
        self.heard = {actor: actor for actor in PEOPLE}

    def _keep(self, judgement: Judgement) -> None:
        before = canonical(standing(self.judgements.values()))
        self.judgements[judgement.id] = judgement
        for event in changes(before, canonical(standing(self.judgements.values()))):
            self.heard[event.actor_id] = event.canonical_id

    @rule(target=made, pair=PAIRS, verdict=st.sampled_from(VERDICTS), by=st.sampled_from("XY"), sees_all=st.booleans())
    def judge(self, pair: tuple[str, str], verdict: Verdict, by: str, sees_all: bool) -> str:
        number = 1000 + len(self.judgements)
        try:
            made = judged(*pair, verdict, number=number, known=self.judgements.values(), sees_all=sees_all, by=by)
        except Conflict:
            return ""
        self._keep(made)
        return made.id

    @rule(id=made, by=st.sampled_from("XY"))
    def approve(self, id: str, by: str) -> None:
        if id:
            try:
                self._keep(approve(self.judgements[id], known=self.judgements.values(), sees_all=True, now=NOW, by=by))
            except (Conflict, Forbidden):
                return

    @rule(id=consumes(made))
    def revoke(self, id: str) -> None:
        if id:
            self._keep(revoke(self.judgements[id], reason="Tok feil", now=NOW, by="X"))

    @invariant()
    def nobody_is_the_same_and_not_the_same(self) -> None:
        now = standing(self.judgements.values())
        assert contradictions(now) == []
        said = {one.pair: one.verdict for one in now if one.verdict == "NEGATIVE"}
        assert all(one.pair not in said for one in now if one.verdict == "POSITIVE")

    @invariant()
    def whoever_only_listens_knows_who_stands_for_whom(self) -> None:
        truth = canonical(standing(self.judgements.values()))
        assert self.heard == {actor: truth.get(actor, actor) for actor in PEOPLE}


TestOffice = Office.TestCase


def test_a_judgement_by_one_who_does_not_see_all_waits_for_a_second_person() -> None:
    made = judged(A, B, sees_all=False)
    assert made.state == "WAITS" and canonical(standing([made])) == {}
    with pytest.raises(Forbidden, match="own judgement"):
        approve(made, known=[made], sees_all=True, now=NOW, by="analyst")
    with pytest.raises(Forbidden, match="more about these two"):
        approve(made, known=[made], sees_all=False, now=NOW, by="handler")
    stands = approve(made, known=[made], sees_all=True, now=NOW + timedelta(hours=1), by="handler")
    assert stands.state == "STANDS" and canonical([stands]) == {A: A, B: A}
    assert not stands.stood(NOW) and stands.stood(NOW + timedelta(hours=1))
    with pytest.raises(Conflict):
        approve(stands, known=[stands], sees_all=True, now=NOW, by="handler")


def test_unsure_decides_nothing_and_waits_for_nobody() -> None:
    assert judged(A, B, "UNSURE", sees_all=False).state == "STANDS"


def test_a_negative_inside_what_hangs_together_is_refused_with_what_holds_it() -> None:
    ties = [judged(A, B, number=11), judged(B, C, number=12)]
    with pytest.raises(Conflict) as refused:
        judged(C, A, "NEGATIVE", known=ties)
    assert refused.value.remedy is not None
    assert uuid(11) in refused.value.remedy and uuid(12) in refused.value.remedy


def test_a_tie_that_would_bring_together_who_is_kept_apart_is_refused_with_what_keeps_them() -> None:
    known = [judged(A, B, number=11), judged(A, D, "NEGATIVE", number=12), judged(C, D, number=13)]
    for pair in ((B, C), (A, D), (D, B)):
        with pytest.raises(Conflict) as refused:
            judged(*pair, known=known)
        assert refused.value.remedy is not None and uuid(12) in refused.value.remedy


def test_what_waits_is_weighed_against_what_stands_when_it_is_approved() -> None:
    waiting = judged(A, B, number=11, sees_all=False)
    denied = judged(A, B, "NEGATIVE", number=12, known=[waiting], by="registrar")
    with pytest.raises(Conflict):
        approve(waiting, known=[waiting, denied], sees_all=True, now=NOW, by="handler")


def test_the_same_word_is_said_once_by_one_and_again_by_another_and_both_must_be_revoked() -> None:
    first = judged(A, B, number=11)
    with pytest.raises(Conflict):
        judged(B, A, known=[first])
    second = judged(B, A, number=12, known=[first], by="registrar")
    revoked = revoke(first, reason="Tok feil", now=NOW, by="analyst")
    assert canonical(standing([revoked, second])) == {A: A, B: A}
    assert judged(A, B, number=13, known=[revoked, second]).state == "STANDS"
    with pytest.raises(Conflict):
        revoke(revoked, reason="Igjen", now=NOW, by="analyst")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"one": A, "other": A}, "other"),
        ({"one": A, "other": GROUP}, "other"),
        ({"one": A, "other": B, "score": 1.2}, "score"),
    ],
)
def test_a_judgement_that_makes_no_sense_names_the_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        judged(**given)
    assert refused.value.field == field


@pytest.mark.parametrize("reason", ["", "  ", "\u0007", "x" * 2001])
def test_judging_and_revoking_have_a_reason_that_can_be_read(reason: str) -> None:
    wish = Wish(A, B, "POSITIVE", reason)
    with pytest.raises(Invalid) as refused:
        judge(wish, judgement_id=uuid(9), kinds=KINDS, known=[], sees_all=True, now=NOW, by="analyst")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused:
        revoke(judged(A, B), reason=reason, now=NOW, by="analyst")
    assert refused.value.field == "reason"
