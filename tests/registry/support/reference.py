"""The data files as they are shipped, and statements in few words. All names are made up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import forkant_registry
from forkant_registry.domain.actors import Name, PersonWish
from forkant_registry.domain.claims import Claim, Target, Wish, record
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.predicates import ActorKind, Catalogue
from forkant_registry.domain.resemblance import Weights
from forkant_registry.domain.spelling import Spelling

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
B2 = Grading("ADMIRALTY", "B", "2")


def shipped(name: str) -> Any:
    path = Path(forkant_registry.__file__).parent / "data" / name
    return yaml.safe_load(path.read_text("utf-8"))


CATALOGUE = Catalogue.read(shipped("predicates.yaml"))
SCALES = Scales.read(shipped("scales.yaml"))
SPELLING = Spelling.read(shipped("spelling.yaml"))
WEIGHTS = Weights.read(shipped("resemblance.yaml"))


def uuid(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012x}"


def ids(start: int = 1) -> Callable[[], str]:
    numbers = itertools.count(start)
    return lambda: uuid(next(numbers))


PERSON, OTHER, GROUP, GROUP_2 = uuid(0xA1), uuid(0xA2), uuid(0xB1), uuid(0xB2)
TO_GROUP = Target("GROUP", GROUP)


def wish(predicate: str, value: str | None = None, **more: Any) -> Wish:
    given: dict[str, Any] = {"grading": B2, "origin": "S1", "observed_at": NOW - DAY} | more
    return Wish(predicate=predicate, value=value, **given)


def claim(
    predicate: str,
    value: str | None = None,
    *,
    number: int = 1,
    actor: str = PERSON,
    kind: ActorKind = "PERSON",
    now: datetime = NOW,
    **more: Any,
) -> Claim:
    made, _ = record(
        wish(predicate, value, **more),
        claim_id=uuid(number),
        actor_id=actor,
        actor_kind=kind,
        catalogue=CATALOGUE,
        scales=SCALES,
        now=now,
        by="registrar",
    )
    return made


def person_wish(**more: Any) -> PersonWish:
    given: dict[str, Any] = {
        "names": [Name("legal", "Anders Testmann")],
        "ground": "ASSUMED_OFFENDER",
        "grading": B2,
        "origin": "S1",
        "observed_at": NOW - DAY,
    }
    return PersonWish(**(given | more))
