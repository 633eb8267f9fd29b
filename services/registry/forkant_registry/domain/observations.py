"""Who was seen together, where and when; and controls, which are observations with a legal reason.

A place that is protected is never written down: the observation says *whom* it was near, by an id or a code, and leaves
the place out. Nothing is ever said about children: a control says whether family was there, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from forkant_registry.domain.claims import CLOCK_DRIFT, UNMARKED, Marks, checked_origin
from forkant_registry.domain.grading import Grading, Scales
from forkant_registry.domain.values import checked_district, checked_text
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.registry import ObservationRecorded, ObservationSuperseded

ControlKind = Literal["STOP", "SEARCH"]
NearKind = Literal["PERSON", "GROUP", "ROLE"]
ObservationReason = Literal["WRONG", "REFINED", "WITHDRAWN"]
MOST_ACTORS = 50
LONGEST_EFFORT = 7 * 24 * 60
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class LegalReason:
    """What a control leans on, and the kinds of control it can be the reason of."""

    title: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class ControlRules:
    """The legal reasons in use and how many days back controls are counted, with the version of their file."""

    version: str
    window_days: int
    reasons: Mapping[str, LegalReason]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> ControlRules:
        """From the parsed `controls.yaml`."""
        reasons = {code: LegalReason(each["title"], frozenset(each["kinds"])) for code, each in data["reasons"].items()}
        return cls(data["version"], data["window_days"], reasons)


@dataclass(frozen=True, slots=True)
class Control:
    """A stop or a search: why it was lawful, by a code, and whether family was present."""

    kind: ControlKind
    reason: str
    family_present: bool


@dataclass(frozen=True, slots=True)
class Near:
    """Whose protected place it was near: an actor's id or a role's code, never an address."""

    kind: NearKind
    ref: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation as it stands; `place`, `vehicle`, `clothing` and `phone` are words that never leave the register.

    `origin_id` stands for the origin outside, always the same for one origin. `effort_minutes` is how long the unit
    looked. `superseded_by` is the one that holds instead, `corrects` the one this holds instead of.
    """

    id: str
    actors: tuple[str, ...]
    observed_at: datetime
    unit: str
    grading: Grading
    origin: str
    origin_id: str
    recorded_at: datetime
    recorded_by: str
    effort_minutes: int | None = None
    place: str | None = None
    district: str | None = None
    near: Near | None = None
    vehicle: str | None = None
    clothing: str | None = None
    phone: str | None = None
    control: Control | None = None
    marks: Marks = UNMARKED
    corrects: str | None = None
    superseded_at: datetime | None = None
    superseded_by: str | None = None
    superseded_reason: ObservationReason | None = None


@dataclass(frozen=True, slots=True)
class ObservationWish:
    """What somebody wants recorded, before it is checked."""

    actors: Sequence[str]
    observed_at: datetime
    unit: str
    grading: Grading
    origin: str
    effort_minutes: int | None = None
    place: str | None = None
    district: str | None = None
    near: Near | None = None
    vehicle: str | None = None
    clothing: str | None = None
    phone: str | None = None
    control: Control | None = None
    marks: Marks = UNMARKED


def record_observation(
    wish: ObservationWish,
    *,
    observation_id: str,
    origin_id: str,
    scales: Scales,
    controls: ControlRules,
    roles: Mapping[str, str],
    now: datetime,
    by: str,
    corrects: str | None = None,
) -> tuple[Observation, ObservationRecorded]:
    """Check the wish and make the observation; `roles` are the codes a protected role can have.

    Raises Invalid that names the field, Conflict where the time has yet to come.
    """
    actors = tuple(dict.fromkeys(wish.actors))
    _check_who(wish, actors)
    _check_near(wish, roles)
    _check_control(wish, controls)
    if wish.observed_at > now + CLOCK_DRIFT:
        raise Conflict("Nobody can have seen it yet.", field="observed_at", remedy="Give the time it was seen.")
    if wish.effort_minutes is not None and not 0 < wish.effort_minutes <= LONGEST_EFFORT:
        raise Invalid(f"The effort is 1 to {LONGEST_EFFORT} minutes.", field="effort_minutes")
    observation = Observation(
        id=observation_id,
        actors=actors,
        observed_at=wish.observed_at,
        unit=checked_text(wish.unit, "unit", 64),
        grading=scales.check(wish.grading),
        origin=checked_origin(wish.origin),
        origin_id=origin_id,
        recorded_at=now,
        recorded_by=by,
        effort_minutes=wish.effort_minutes,
        place=_line(wish.place, "place"),
        district=None if wish.district is None else checked_district(wish.district, "district"),
        near=wish.near,
        vehicle=_line(wish.vehicle, "vehicle"),
        clothing=_line(wish.clothing, "clothing"),
        phone=_line(wish.phone, "phone"),
        control=wish.control,
        marks=wish.marks,
        corrects=corrects,
    )
    return observation, recorded(observation)


def recorded(observation: Observation) -> ObservationRecorded:
    """What is told of an observation: ids, codes and times, none of its words."""
    near, control = observation.near, observation.control
    return ObservationRecorded(
        observation_id=observation.id,
        actors=list(observation.actors),
        district=observation.district,
        near_kind=near.kind if near else None,
        near_ref=near.ref if near else None,
        control=control.kind if control else None,
        origin_id=observation.origin_id,
        observed_at=observation.observed_at,
        scale=observation.grading.scale,
        source_grade=observation.grading.source,
        information_grade=observation.grading.information,
        handling=observation.marks.handling,
        compartment=observation.marks.compartment,
    )


def supersede_observation(
    observation: Observation, *, reason: ObservationReason, replacement: Observation | None, now: datetime
) -> tuple[Observation, ObservationSuperseded]:
    """Mark an observation. Raises Conflict where it was corrected before, Invalid where nothing comes instead."""
    if observation.superseded_at is not None:
        raise Conflict("This observation was corrected before.", remedy="Correct the one that replaced it.")
    if reason == "REFINED" and replacement is None:
        raise Invalid("What is refined is said anew.", field="replacement", remedy="Give what holds instead.")
    if reason == "WITHDRAWN" and replacement is not None:
        raise Invalid(
            "What is withdrawn has nothing instead.", field="replacement", remedy="Leave it out, or say WRONG."
        )
    marked = replace(
        observation,
        superseded_at=now,
        superseded_by=replacement.id if replacement else None,
        superseded_reason=reason,
    )
    return marked, ObservationSuperseded(observation_id=observation.id, superseded_by=marked.superseded_by)


def _check_who(wish: ObservationWish, actors: Sequence[str]) -> None:
    if len(actors) > MOST_ACTORS:
        raise Invalid(f"An observation names at most {MOST_ACTORS} actors.", field="actors")
    if not actors and (wish.near is None or wish.control is not None):
        raise Invalid(
            "An observation is of somebody.",
            field="actors",
            remedy="Name at least one actor; strangers count only near a protected place.",
        )


def _check_near(wish: ObservationWish, roles: Mapping[str, str]) -> None:
    near = wish.near
    if near is None:
        return
    if near.kind == "ROLE" and near.ref not in roles:
        raise Invalid("This role is not known.", field="near.ref", remedy=f"Use one of {', '.join(roles)}.")
    if near.kind != "ROLE" and near.ref in wish.actors:
        raise Invalid("Nobody is seen near themselves.", field="near.ref", remedy="Name whose place it is.")
    if wish.place is not None:
        raise Invalid(
            "A protected place is never written down.", field="place", remedy="Leave it out; `near` says whose it is."
        )
    if wish.marks.handling == "OPEN":
        raise Invalid(
            "What happens near a protected place is not open.",
            field="handling",
            remedy="Use RESTRICTED or SECRET, and the compartment that keeps such matters.",
        )


def _check_control(wish: ObservationWish, controls: ControlRules) -> None:
    control = wish.control
    if control is None:
        return
    reason = controls.reasons.get(control.reason)
    if reason is None or control.kind not in reason.kinds:
        known = ", ".join(code for code, each in controls.reasons.items() if control.kind in each.kinds)
        raise Invalid(
            f"This is no legal reason for a {control.kind}.", field="control.reason", remedy=f"Use one of {known}."
        )


def _line(text: str | None, field: str) -> str | None:
    return None if text is None else checked_text(text, field, LONGEST_LINE)
