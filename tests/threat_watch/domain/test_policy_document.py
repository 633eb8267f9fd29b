"""A policy is one file, and what is wrong in it is said with its path."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import forkant_threat_watch
from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.policy_document import policy_of
from forkant_threat_watch.domain.words import Factor
from forkant_threat_watch.store.yaml_files import read_document
from tests.threat_watch.support.building import POLICY

FILE = Path(forkant_threat_watch.__path__[0]) / "policies" / "2026-1.yaml"
DOCUMENT: Any = read_document(FILE)


def changed(path: str, value: object) -> Any:
    document = copy.deepcopy(DOCUMENT)
    *way, last = path.split("/")
    at = document
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return document


def test_the_packaged_policy_has_a_version_and_a_signature() -> None:
    assert (POLICY.version, POLICY.grading.version) == ("2026-1", "2026-1")
    assert POLICY.signed_by
    assert len(POLICY.rules) == 15


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("index/prior", 1.5, "index.prior"),
        ("index/weights/INTENT", "much", "index.weights.INTENT"),
        ("index/weights/ANGER", 1.0, "index.weights.ANGER"),
        ("index/unknown", 1, "index.unknown"),
        ("levels/HIGH", 0.2, "levels"),
        ("levels/automatic/otherwise", "CRITICAL", "levels.automatic.otherwise"),
        ("grading/scales/ADMIRALTY/source/A", 2, "grading.scales.ADMIRALTY.source.A"),
        ("grading/scales/ADMIRALTY/confirmed", ["9"], "grading.scales.ADMIRALTY.confirmed"),
        ("timezone", "Europe/Nowhere", "timezone"),
        ("signed_on", "soon", "signed_on"),
        ("signed_by", "", "signed_by"),
        ("reviews/cadence/LOW", {"answer_within_hours": 1}, "reviews.cadence.LOW"),
        ("reviews/cadence/HIGH/at", ["7 o'clock"], "reviews.cadence.HIGH.at[0]"),
        ("joining/opens", ["HUNCH"], "joining.opens[0]"),
        ("joining/targets_through", ["RUMOUR"], "joining.targets_through[0]"),
        ("rules/0/require/0/min_strength", "LOUD", "rules[0].require[0].min_strength"),
        ("rules/0/require", [], "rules[0].require"),
        ("rules/0/lane", "SLOW", "rules[0].lane"),
        ("rules/0/then", "REVIEW", "rules[0]"),
        ("rules/1/id", "planned-reprisal", "rules[1]"),
        ("rules/3/timespan", "a while", "rules[3].timespan"),
        ("rules/3/group_by", ["weather"], "rules[3].group_by[0]"),
        ("rules/0/examples/echo", [], "rules[0].examples.echo"),
        ("rules/0/version", 0, "rules[0].version"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(path: str, value: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        policy_of(changed(path, value))
    assert refused.value.field == field


@pytest.mark.parametrize("missing", ["version", "signed_by", "index", "rules"])
def test_nothing_may_be_left_out(missing: str) -> None:
    document = {key: value for key, value in DOCUMENT.items() if key != missing}
    with pytest.raises(Invalid, match=missing):
        policy_of(document)


@pytest.mark.parametrize("document", [None, [], "policy", 7])
def test_something_else_than_a_policy_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        policy_of(document)


@pytest.mark.parametrize(
    ("scale", "source", "information", "r", "c"),
    [
        ("ADMIRALTY", "A", "1", 0.9, 0.9),
        ("ADMIRALTY", "F", "6", None, None),
        ("EUROPOL_4X4", "C", "3", 0.4, 0.6),
        ("EUROPOL_4X4", "X", "4", None, None),
        ("UK_3X5X2", "3", "E", 0.2, 0.1),
        ("UK_3X5X2", "2", "C", None, 0.5),
    ],
)
def test_each_scale_has_its_own_weights(scale: str, source: str, information: str, r: float, c: float) -> None:
    quality = POLICY.grading.quality(Grading(scale, source, information))
    assert (quality.source, quality.information) == (r, c)


@pytest.mark.parametrize(
    ("grading", "field"),
    [
        (Grading("HOUSE", "A", "1"), "grading.scale"),
        (Grading("ADMIRALTY", "G", "1"), "grading.source"),
        (Grading("ADMIRALTY", "A", "7"), "grading.information"),
        (Grading("UK_3X5X2", "A", "1"), "grading.source"),
    ],
)
def test_a_code_the_scale_does_not_have_is_refused_by_name(grading: Grading, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        POLICY.grading.quality(grading)
    assert refused.value.field == field
    assert refused.value.remedy


def test_unknown_weighs_three_tenths_on_each_axis() -> None:
    assert POLICY.grading.quality(None).weigh(POLICY.grading.unknown) == pytest.approx(0.3)
    assert POLICY.index.weights[Factor.INTENT] == 4.4
