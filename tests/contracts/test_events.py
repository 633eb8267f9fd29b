"""Events are promises: what was released once is read for ever, and holds ids and codes alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import ValidationError

from forkant_shared.events import EVENTS, OWNERS

EXAMPLES = Path(__file__).parent / "events"

# Every field of an event that is a string, and what it holds. A name that is not here is a field somebody added: say
# what it holds, and that no person can put a text into it.
IDS = {
    *("actor_id", "assessment_id", "canonical_id", "claim_id", "conflict_id", "dialogue_id", "entry_id"),
    *("escalation_id", "group_id", "meeting_id", "object_id", "page_id", "person_id", "promise_id", "report_id"),
    *("review_id", "session_id", "subject_id", "threat_id", "watch_id", "superseded_by", "group_a", "group_b"),
    *(
        "replaces",
        "user",
        "threat_ids",
        "excluded_actor_ids",
        "parties",
        "note_id",
        "origin_id",
        "observation_id",
        "actors",
    ),
}
CODES = {
    *("cause", "code", "ground", "object_kind", "predicate", "reason", "rules", "scale", "source_grade"),
    *("information_grade", "policy_version", "aggressor_ref", "target_ref", "own_action", "compartment", "district"),
    "near_ref",
}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}")


def golden(kind: str) -> dict[str, dict[str, Any]]:
    """`full`: every field released so far. `least`: the smallest event a reader was ever promised."""
    found: dict[str, dict[str, Any]] = json.loads((EXAMPLES / f"{kind}.json").read_text("utf-8"))
    return found


def test_every_type_has_its_golden_example_and_no_example_is_of_a_type_that_is_gone() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(EVENTS)


@pytest.mark.parametrize("kind", EVENTS)
def test_no_released_field_has_vanished_and_no_new_one_is_missing_in_the_example(kind: str) -> None:
    assert set(golden(kind)["full"]) == set(EVENTS[kind].model_fields)


@pytest.mark.parametrize("kind", EVENTS)
def test_what_was_ever_released_can_be_read_and_comes_out_as_it_went_in(kind: str) -> None:
    examples = golden(kind)
    full = EVENTS[kind].model_validate(examples["full"])
    assert full.model_dump(mode="json") == examples["full"]
    least = EVENTS[kind].model_validate(examples["least"])
    assert examples["least"].items() <= least.model_dump(mode="json").items()


@pytest.mark.parametrize("kind", EVENTS)
def test_a_reader_ignores_fields_it_does_not_know(kind: str) -> None:
    EVENTS[kind].model_validate({**golden(kind)["full"], "a_field_of_tomorrow": {"x": 1}})


@pytest.mark.parametrize("kind", EVENTS)
def test_the_example_proves_each_field_of_the_smallest_event_is_needed(kind: str) -> None:
    """So that a field does not become optional, and then missing, unnoticed."""
    least = golden(kind)["least"]
    for name in least:
        with pytest.raises(ValidationError):
            EVENTS[kind].model_validate({field: value for field, value in least.items() if field != name})


@pytest.mark.parametrize("kind", EVENTS)
def test_the_name_says_owner_noun_past_and_version(kind: str) -> None:
    event = EVENTS[kind]
    assert re.fullmatch(rf"no\.forkant\.{event.OWNER}\.[a-z]+(-[a-z]+)+\.v[1-9]", kind)
    spelled = "".join(part.capitalize() for part in kind.split(".")[-2].split("-"))
    assert event.__name__ == spelled + ("" if kind.endswith(".v1") else kind[-2:].upper())
    assert event.OWNER in OWNERS
    assert event.KEY in event.model_fields
    assert event.model_fields[event.KEY].is_required()
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", event.NOUN)
    assert event.__doc__


def strings(annotation: Any) -> bool:
    """Whether a value of this type could be any text at all."""
    if annotation is str or annotation is Any:
        return True
    if get_origin(annotation) is Literal:
        return False
    if get_origin(annotation) in (Union, UnionType, list, tuple, set, frozenset):
        return any(strings(inner) for inner in get_args(annotation))
    return bool(get_origin(annotation)) or annotation in (dict, list, bytes, object)


@pytest.mark.parametrize("kind", EVENTS)
def test_no_field_could_carry_a_name_or_a_text(kind: str) -> None:
    for name, field in EVENTS[kind].model_fields.items():
        if strings(field.annotation):
            assert name in IDS | CODES, f"{kind}.{name} could carry free text: make it a code, or say here what it is"
            value = golden(kind)["full"][name]
            for text in value if isinstance(value, list) else [value]:
                assert CODE.fullmatch(text), f"the example of {kind}.{name} is no id and no code"


def test_the_list_of_fields_names_none_that_is_gone() -> None:
    named = {
        name for event in EVENTS.values() for name, field in event.model_fields.items() if strings(field.annotation)
    }
    assert named == IDS | CODES
