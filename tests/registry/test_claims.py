"""Claims: what is refused, what an event tells, and that a correction marks and adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from forkant_registry.domain.claims import Target, Wish, record, supersede
from forkant_registry.domain.grading import Grading
from forkant_shared.errors import Conflict, Invalid
from tests.registry.support.reference import (
    CATALOGUE,
    DAY,
    GROUP,
    NOW,
    PERSON,
    SCALES,
    TO_GROUP,
    claim,
    uuid,
    wish,
)


def recorded(given: Wish, kind: Any = "PERSON") -> Any:
    return record(
        given,
        claim_id=uuid(1),
        actor_id=PERSON,
        actor_kind=kind,
        catalogue=CATALOGUE,
        scales=SCALES,
        now=NOW,
        by="registrar",
    )


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        (wish("likes", "x"), "PERSON", "predicate"),
        (wish("chapter_of", object=TO_GROUP), "PERSON", "predicate"),
        (wish("member_of"), "PERSON", "object"),
        (wish("member_of", object=Target("PERSON", uuid(9))), "PERSON", "object.kind"),
        (wish("family_of", object=Target("PERSON", PERSON)), "PERSON", "object.id"),
        (wish("holds_role"), "PERSON", "value"),
        (wish("holds_role", "ASTRONAUT"), "PERSON", "value"),
        (wish("member_of", "x", object=TO_GROUP), "PERSON", "value"),
        (wish("legal_name", "  "), "PERSON", "value"),
        (wish("legal_name", "…"), "PERSON", "value"),
        (wish("legal_name", "a\u0007b"), "PERSON", "value"),
        (wish("legal_name", "a" * 201), "PERSON", "value"),
        (wish("born_on", "yesterday"), "PERSON", "value"),
        (wish("district", "Oslo"), "PERSON", "value"),
        (wish("alias", "X", grading=Grading("ROMAN", "I", "V")), "PERSON", "grading.scale"),
        (wish("alias", "X", grading=Grading("ADMIRALTY", "X", "1")), "PERSON", "grading.source"),
        (wish("alias", "X", grading=Grading("UK_3X5X2", "1", "1")), "PERSON", "grading.information"),
        (wish("alias", "X", origin=""), "PERSON", "origin"),
        (wish("alias", "X", observed_at=NOW + DAY), "PERSON", "observed_at"),
        (wish("alias", "X", observed_at=datetime(2026, 1, 1)), "PERSON", "observed_at"),
        (wish("alias", "X", valid_from=NOW, valid_to=NOW), "PERSON", "valid_to"),
        (wish("alias", "X", qualifiers={"colour": ["RED"]}), "PERSON", "qualifiers"),
        (wish("member_of", object=TO_GROUP, qualifiers={"status": ["KING"]}), "PERSON", "qualifiers.status"),
        (wish("member_of", object=TO_GROUP, qualifiers={"status": ["FULL", "FORMER"]}), "PERSON", "qualifiers.status"),
        (wish("member_of", object=TO_GROUP, qualifiers={"criteria": []}), "PERSON", "qualifiers.criteria"),
        (wish("alias", "X", note="\u0000"), "PERSON", "note"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_the_field_that_is_wrong(given: Wish, kind: str, field: str) -> None:
    with pytest.raises((Invalid, Conflict)) as refused:
        recorded(given, kind)
    assert refused.value.field == field


def test_an_event_carries_the_code_but_never_a_name() -> None:
    _, [role] = recorded(wish("holds_role", "POLICE_LEADER"))
    _, [name] = recorded(wish("alias", "Nordavinden"))
    assert role.code == "POLICE_LEADER"
    assert name.code is None
    assert "Nordavinden" not in name.model_dump_json()


def test_a_membership_keeps_its_status_and_criteria() -> None:
    made, [event] = recorded(
        wish("member_of", object=TO_GROUP, qualifiers={"status": ["FULL"], "criteria": ["TATTOO", "TATTOO", "SIGN"]})
    )
    assert made.qualifiers == {"status": ("FULL",), "criteria": ("TATTOO", "SIGN")}
    assert (event.object_kind, event.object_id) == ("GROUP", GROUP)


def test_a_correction_marks_the_old_claim_and_points_at_the_new_one() -> None:
    old, new = claim("alias", "Nordavind", number=1), claim("alias", "Nordavinden", number=2)
    marked, [event] = supersede(
        old, reason="REFINED", replacement=new, others=[], predicate=CATALOGUE.predicate("alias"), now=NOW + DAY
    )
    assert replace(marked, superseded_at=None, superseded_by=None, superseded_reason=None) == old
    assert (marked.superseded_by, marked.superseded_at, marked.superseded_reason) == (new.id, NOW + DAY, "REFINED")
    assert event.superseded_by == new.id


def test_a_claim_is_corrected_once() -> None:
    old = claim("alias", "Nordavind")
    once, _ = supersede(
        old, reason="WRONG", replacement=None, others=[], predicate=CATALOGUE.predicate("alias"), now=NOW
    )
    with pytest.raises(Conflict):
        supersede(once, reason="WRONG", replacement=None, others=[], predicate=CATALOGUE.predicate("alias"), now=NOW)


def test_a_correction_says_the_same_sort_of_thing() -> None:
    with pytest.raises(Invalid) as refused:
        supersede(
            claim("alias", "Nordavind"),
            reason="WRONG",
            replacement=claim("nickname", "Nord", number=2),
            others=[],
            predicate=CATALOGUE.predicate("alias"),
            now=NOW,
        )
    assert refused.value.field == "replacement.predicate"


def test_the_last_registration_ground_cannot_be_withdrawn() -> None:
    ground = claim("registration_ground", "INFORMATION")
    other = claim("registration_ground", "CONSENT", number=2)
    rule = CATALOGUE.predicate("registration_ground")
    with pytest.raises(Conflict):
        supersede(ground, reason="WRONG", replacement=None, others=[], predicate=rule, now=NOW)
    marked, _ = supersede(ground, reason="WRONG", replacement=None, others=[other], predicate=rule, now=NOW)
    assert marked.superseded_at == NOW
