"""The rule book that texts are read by. It is data with a version and a signature; `book_document` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forkant_threat_watch.domain.triage.lexicon import Lexicon
from forkant_threat_watch.domain.triage.weighing import Weighing
from forkant_threat_watch.domain.words import Factor, Lane


class Object(StrEnum):
    """What an act is done to: PERSON must be there, LIKELY weighs more with a person and nothing with a thing."""

    PERSON = "PERSON"
    LIKELY = "LIKELY"
    NONE = "NONE"


class Tense(StrEnum):
    """PLANNED: counts where it is still to come. STATED: the words themselves say so, whatever their form."""

    PLANNED = "PLANNED"
    STATED = "STATED"


class Reach(StrEnum):
    """How far a theme speaks: up to a *but*, in its sentence, or also in the sentences on both sides."""

    HALF = "HALF"
    SENTENCE = "SENTENCE"
    NEAR = "NEAR"


class Need(StrEnum):
    """What must stand beside an act before it counts."""

    NEAR = "NEAR"
    MOVEMENT = "MOVEMENT"
    GATHERING = "GATHERING"
    BRINGING = "BRINGING"
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and what must be read from it: whether it is a hit, and whether it is imminent."""

    text: str
    hit: bool
    imminent: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Words for violence or what leads to it. `weight` is what a theme must outweigh to silence it.

    `hours` is how soon it is where no word of time says so: for what is already under way. `by_authority` says that it
    still counts when police or the like do it, `bare` that only little may follow the one it is done to; where
    it is not `imminent`, no word of time makes it a page.
    """

    id: str
    factor: Factor
    strength: str
    weight: float
    object: Object
    tense: Tense
    needs: frozenset[Need]
    hours: float | None
    by_authority: bool
    bare: bool
    imminent: bool


@dataclass(frozen=True, slots=True)
class Time:
    """Words for a time to come: `hours` at the most, `each` hours for every one of the number in them, or too far.

    A `weak` one (now) does not bring what is told of long ago back to the present.
    """

    hours: float | None
    each: float | None
    weak: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """Words for what is not violence. A cue after a word of place or time (outside the cinema) does not count where
    `placed`. `only` are the acts it is about; none means all.
    """

    id: str
    weight: float
    reach: Reach
    placed: bool
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Paging:
    """When an imminent text pages, and with what words beside it; `within_hours` is what imminent means."""

    rule: str
    version: int
    lane: Lane
    reason: str
    within_hours: float
    one_page_for_hours: float
    guide: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TriageBook:
    """Everything a text is read by. In the lexicon, acts are `act/<id>`, times `time/<n>`, themes `theme/<n>`,
    lifts `lift/<n>`."""

    version: str
    signed_by: str
    signed_on: date
    lexicon: Lexicon
    acts: Mapping[str, Act]
    times: tuple[Time, ...]
    themes: tuple[Theme, ...]
    roles: Mapping[str, str]
    leader_roles: frozenset[str]
    passed_over_roles: frozenset[str]
    districts: Mapping[str, str]
    person_lift: float
    lifts: tuple[float, ...]
    paging: Paging
    weighing: Weighing
    examples: tuple[Example, ...]
