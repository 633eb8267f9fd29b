"""Registering: a ground is mandatory, a connection needs its link, and everything is told."""

from __future__ import annotations

import pytest

from forkant_registry.domain.actors import (
    GroupWish,
    Name,
    PersonWish,
    Registration,
    register_group,
    register_person,
)
from forkant_registry.domain.claims import Marks
from forkant_shared.errors import Invalid
from tests.registry.support.reference import B2, CATALOGUE, NOW, OTHER, SCALES, ids, person_wish


def registered(given: PersonWish, link_grounds: frozenset[str] = frozenset()) -> Registration:
    return register_person(
        given, new_id=ids(), link_grounds=link_grounds, catalogue=CATALOGUE, scales=SCALES, now=NOW, by="registrar"
    )


def test_a_person_gets_a_ground_and_a_claim_for_each_name() -> None:
    made = registered(person_wish(names=[Name("legal", "Anders Testmann"), Name("nickname", "Lillebror")]))
    assert [(c.predicate, c.value) for c in made.claims] == [
        ("registration_ground", "ASSUMED_OFFENDER"),
        ("legal_name", "Anders Testmann"),
        ("nickname", "Lillebror"),
    ]
    assert [type(e).__name__ for e in made.events] == ["PersonRegistered"] + ["ClaimRecorded"] * 3
    assert all(e.key == made.actor.id for e in made.events)


def test_marks_of_a_person_are_marks_of_the_first_claims() -> None:
    marks = Marks("SECRET", "homes")
    made = registered(person_wish(marks=marks))
    assert made.actor.marks == marks
    assert {c.marks for c in made.claims} == {marks}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names": []}, "names"),
        ({"names": [Name("stage", "X")]}, "names.0.kind"),
        ({"names": [Name("legal", "Anders"), Name("alias", " ")]}, "names.1.value"),
        ({"ground": "CURIOSITY"}, "ground"),
        ({"ground": "CONNECTION"}, "connected_to"),
        ({"ground": "VICTIM", "connected_to": OTHER}, "connected_to"),
        ({"origin": "!"}, "origin"),
    ],
)
def test_a_person_without_names_or_a_lawful_ground_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        registered(person_wish(**change))
    assert refused.value.field == field


def test_a_connection_is_to_a_person_assumed_to_commit_offences() -> None:
    wish = person_wish(ground="CONNECTION", connected_to=OTHER, reason="Bor sammen")
    with pytest.raises(Invalid):
        registered(wish, frozenset({"VICTIM"}))
    ground = registered(wish, frozenset({"ASSUMED_OFFENDER"})).claims[0]
    assert ground.object is not None and ground.object.id == OTHER
    assert ground.note == "Bor sammen"


def test_a_group_gets_its_working_label_and_kind() -> None:
    wish = GroupWish("Tveitagjengen", "emerging", B2, "S1", NOW)
    made = register_group(wish, new_id=ids(), catalogue=CATALOGUE, scales=SCALES, now=NOW, by="analyst")
    assert [(c.predicate, c.value) for c in made.claims] == [
        ("working_label", "Tveitagjengen"),
        ("group_kind", "emerging"),
    ]
    assert "Tveitagjengen" not in "".join(e.model_dump_json() for e in made.events)


@pytest.mark.parametrize(("label", "kind", "field"), [("", "street", "label"), ("X", "choir", "group_kind")])
def test_a_group_without_label_or_kind_is_refused(label: str, kind: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        register_group(
            GroupWish(label, kind, B2, "S1", NOW), new_id=ids(), catalogue=CATALOGUE, scales=SCALES, now=NOW, by="x"
        )
    assert refused.value.field == field
