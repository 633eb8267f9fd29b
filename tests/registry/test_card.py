"""The card: two clocks, competing hypotheses, and who counts as a member."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forkant_registry.domain.card import card, grounds_of, may_be_member, standing
from forkant_registry.domain.claims import Claim, supersede
from forkant_registry.domain.grading import Grading
from tests.registry.support.reference import (
    CATALOGUE,
    DAY,
    GROUP,
    GROUP_2,
    NOW,
    OTHER,
    PERSON,
    SCALES,
    TO_GROUP,
    claim,
    uuid,
)

HOURS = st.integers(0, 12)


def at(hour: int) -> datetime:
    return NOW + timedelta(hours=hour)


@dataclass
class Naive:
    """The register as one who keeps a full copy of every day would do it: told → still standing, per moment."""

    copies: list[tuple[datetime, dict[str, Claim]]] = field(default_factory=list)

    def now(self) -> dict[str, Claim]:
        return dict(self.copies[-1][1]) if self.copies else {}

    def known(self, moment: datetime) -> dict[str, Claim]:
        last: dict[str, Claim] = {}
        for when, copy in self.copies:
            if when <= moment:
                last = copy
        return last

    def view(self, as_of: datetime, known_at: datetime) -> set[str]:
        shown = set()
        for one in self.known(known_at).values():
            always = CATALOGUE.predicates[one.predicate].holds == "ALWAYS"
            end = one.valid_to or datetime.max.replace(tzinfo=NOW.tzinfo)
            start = one.valid_from or (datetime.min.replace(tzinfo=NOW.tzinfo) if always else min(one.observed_at, end))
            if start <= as_of < end:
                shown.add(one.id)
        return shown


PREDICATES = st.sampled_from(
    [("alias", "Nordavind"), ("custody", "WANTED"), ("custody", "SERVING"), ("district", "0301")]
)
PERIODS = st.tuples(st.none() | HOURS, st.none() | HOURS).filter(lambda p: p[0] is None or p[1] is None or p[0] < p[1])


@given(st.data())
def test_the_view_of_any_day_as_known_on_any_day_is_what_a_full_copy_of_every_day_would_show(
    data: st.DataObject,
) -> None:
    naive, stored = Naive(), dict[str, Claim]()
    moment = 0
    for number in range(data.draw(st.integers(1, 12))):
        moment += data.draw(st.integers(0, 2))
        copy = naive.now()
        predicate, value = data.draw(PREDICATES)
        since, until = data.draw(PERIODS)
        new = claim(
            predicate,
            value,
            number=number + 1,
            now=at(moment),
            observed_at=min(at(data.draw(HOURS)), at(moment)),
            valid_from=None if since is None else at(since),
            valid_to=None if until is None else at(until),
        )
        old = next((c for c in copy.values() if c.predicate == predicate), None)
        if old is not None and data.draw(st.booleans()):
            marked, _ = supersede(
                stored[old.id],
                reason="WRONG",
                replacement=new,
                others=[],
                predicate=CATALOGUE.predicate(predicate),
                now=at(moment),
            )
            stored[old.id] = marked
            del copy[old.id]
        stored[new.id] = new
        copy[new.id] = new
        naive.copies.append((at(moment), copy))
    as_of, known_at = at(data.draw(HOURS)), at(data.draw(st.integers(-1, 26)))
    assert {c.id for c in standing(stored.values(), CATALOGUE, as_of, known_at)} == naive.view(as_of, known_at)


def test_before_the_correction_was_known_the_card_shows_the_old_claim() -> None:
    old, new = claim("alias", "Nordavind", number=1), claim("alias", "Sønnavind", number=2, now=NOW + DAY)
    marked, _ = supersede(
        old, reason="WRONG", replacement=new, others=[], predicate=CATALOGUE.predicate("alias"), now=NOW + DAY
    )
    then = standing([marked, new], CATALOGUE, NOW, NOW)
    after = standing([marked, new], CATALOGUE, NOW, NOW + DAY)
    assert [c.value for c in then] == ["Nordavind"]
    assert [c.value for c in after] == ["Sønnavind"]


def test_two_claims_of_which_one_can_be_true_stand_side_by_side() -> None:
    first = claim("custody", "SERVING", number=1, grading=Grading("ADMIRALTY", "C", "3"))
    second = claim("custody", "WANTED", number=2, grading=Grading("ADMIRALTY", "A", "1"))
    name, alias = claim("alias", "Nord", number=3), claim("alias", "Sør", number=4)
    shown = card(
        [first, second, name, alias], [], {}, catalogue=CATALOGUE, scales=SCALES, as_of=NOW, known_at=NOW
    ).lines
    assert [(line.value, line.competing) for line in shown if line.predicate == "custody"] == [
        ("WANTED", True),
        ("SERVING", True),
    ]
    assert not any(line.competing for line in shown if line.predicate == "alias")


def test_copies_of_one_origin_are_one_voice() -> None:
    same = [claim("alias", "Nord", number=n, origin="S1") for n in (1, 2)]
    other = claim("alias", "Nord", number=3, origin="S2", grading=Grading("ADMIRALTY", "A", "1"))
    [line] = card([*same, other], [], {}, catalogue=CATALOGUE, scales=SCALES, as_of=NOW, known_at=NOW).lines
    assert line.origins == 2
    assert line.claims[0] == other


def test_a_victim_is_never_counted_as_a_member_and_a_former_one_neither() -> None:
    people = {1: "ASSUMED_OFFENDER", 2: "VICTIM", 3: "INFORMATION", 4: "ASSUMED_OFFENDER"}
    pointing = [
        claim(
            "member_of",
            number=n,
            actor=uuid(100 + n),
            object=TO_GROUP,
            qualifiers={"status": ["FORMER"]} if n == 4 else {},
        )
        for n in people
    ]
    grounds = {uuid(100 + n): frozenset({ground}) for n, ground in people.items()}
    shown = card([], pointing, grounds, catalogue=CATALOGUE, scales=SCALES, as_of=NOW, known_at=NOW)
    assert {m.person_id: m.counted for m in shown.members} == {
        uuid(101): True,
        uuid(102): False,
        uuid(103): False,
        uuid(104): False,
    }
    assert shown.member_count == 1


@given(st.sets(st.sampled_from(sorted(CATALOGUE.grounds))))
def test_only_a_ground_that_says_so_lets_a_person_be_a_member(codes: set[str]) -> None:
    allowed = may_be_member(frozenset(codes), CATALOGUE)
    assert allowed == bool(codes & {"ASSUMED_OFFENDER", "CONNECTION"})
    made = [claim("registration_ground", code, number=n + 1) for n, code in enumerate(sorted(codes - {"CONNECTION"}))]
    assert grounds_of([*made, claim("alias", "Nord", number=99)]) == codes - {"CONNECTION"}


def test_a_claim_without_dates_holds_always_or_from_when_it_was_seen() -> None:
    name, role = claim("alias", "Nord", number=1), claim("holds_role", "WITNESS", number=2)
    long_ago = NOW - 1000 * DAY
    assert standing([name, role], CATALOGUE, long_ago, NOW) == [name]
    assert standing([name, role], CATALOGUE, NOW, NOW) == [name, role]


def test_what_others_say_of_a_group_is_shown_by_who_says_it() -> None:
    pointing = [
        claim("chapter_of", number=1, actor=GROUP_2, kind="GROUP", object=TO_GROUP),
        claim("chapter_of", number=2, actor=uuid(0xB3), kind="GROUP", object=TO_GROUP),
    ]
    shown = card([], pointing, {}, catalogue=CATALOGUE, scales=SCALES, as_of=NOW, known_at=NOW)
    assert {line.object_id for line in shown.pointing} == {GROUP_2, uuid(0xB3)}
    assert shown.lines == () and PERSON != OTHER != GROUP


def test_a_grade_of_an_unknown_scale_sorts_last() -> None:
    strange = replace(claim("alias", "Nord"), grading=Grading("OLD", "1", "1"))
    assert SCALES.rank(strange.grading) == 1.0
