"""What is written in the form of an observation, and the words it is asked in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from starlette.datastructures import FormData

from forkant_registry.domain.claims import Marks
from forkant_registry.domain.observations import (
    Control,
    ControlKind,
    Near,
    Observation,
    ObservationReason,
    ObservationWish,
)
from forkant_registry.pages.choosing import Picked
from forkant_registry.pages.face import text_of
from forkant_registry.pages.graded import GRADED_FIELDS, OSLO, graded_of
from forkant_shared.errors import Invalid
from forkant_shared.web import N_

OBSERVATION_KINDS = {"SEEN": N_("Sett"), "STOP": N_("Kontroll"), "SEARCH": N_("Ransaking eller visitasjon")}
OBSERVATION_REASONS = {"REFINED": N_("Presisert"), "WRONG": N_("Feil fra starten"), "WITHDRAWN": N_("Trukket")}
# A field of the wish → the field of the form it is written in.
FIELDS = GRADED_FIELDS | {
    "control": "legal_reason",
    "control.reason": "legal_reason",
    "control.kind": "observation_kind",
    "family_present": "family",
    "near.ref": "near",
    "reason": "why",
}
WORDS = ("place", "district", "vehicle", "clothing", "phone")


def wish_of(parts: Any, sent: FormData, actors: Sequence[str], near: Picked) -> ObservationWish:
    """The form as a wish. Raises Invalid that names a field."""
    graded = graded_of(parts, sent)
    words: dict[str, Any] = {name: text_of(sent, name) or None for name in WORDS}
    return ObservationWish(
        **words,
        actors=actors,
        observed_at=graded.observed_at,
        unit=text_of(sent, "unit"),
        effort_minutes=_minutes(text_of(sent, "effort_minutes")),
        near=_near(sent, near),
        control=_control(sent),
        grading=graded.grading,
        origin=graded.origin,
        marks=graded.marks,
    )


def reason_of(sent: FormData) -> ObservationReason:
    """Why it is corrected. Raises Invalid."""
    reason = text_of(sent, "reason")
    if reason not in OBSERVATION_REASONS:
        raise Invalid("There is no such reason.", field="reason")
    return cast(ObservationReason, reason)


def kept_marks(wish: ObservationWish, old: Observation) -> ObservationWish:
    """What replaces an observation stays in its compartment, which the form does not ask for."""
    return replace(wish, marks=Marks(wish.marks.handling, old.marks.compartment))


def written(sent: FormData, actors: Sequence[str]) -> dict[str, Any]:
    """What was written, to be shown again."""
    return {name: value for name, value in sent.items() if isinstance(value, str)} | {"actors": list(actors)}


def as_it_stands(one: Observation) -> dict[str, Any]:
    """What the form holds before anything in it is changed."""
    near, control = one.near, one.control
    return {name: getattr(one, name) or "" for name in WORDS} | {
        "actors": list(one.actors),
        "observed_at": one.observed_at.astimezone(OSLO).strftime("%Y-%m-%dT%H:%M"),
        "unit": one.unit,
        "effort_minutes": one.effort_minutes or "",
        "near": near.ref if near and near.kind != "ROLE" else "",
        "near_role": near.ref if near and near.kind == "ROLE" else "",
        "kind": control.kind if control else "SEEN",
        "legal_reason": control.reason if control else "",
        "family": ("yes" if control.family_present else "no") if control else "",
        "scale": one.grading.scale,
        "source": one.grading.source,
        "information": one.grading.information,
        "origin": one.origin,
        "handling": one.marks.handling,
    }


def _minutes(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise Invalid("This is no number of minutes.", field="effort_minutes")
    return int(text[:9])


def _near(sent: FormData, near: Picked) -> Near | None:
    role = text_of(sent, "near_role")
    if near.actor is not None and role:
        raise Invalid("It is one or the other.", field="near.ref", remedy="Choose somebody or a role.")
    if near.actor is not None:
        return Near("PERSON" if near.actor.kind == "PERSON" else "GROUP", near.actor.id)
    return Near("ROLE", role) if role else None


def _control(sent: FormData) -> Control | None:
    kind, family = text_of(sent, "kind"), text_of(sent, "family")
    if kind == "SEEN":
        return None
    if kind not in OBSERVATION_KINDS:
        raise Invalid("There is no such kind of observation.", field="control.kind")
    if family not in ("yes", "no"):
        raise Invalid("It has to be said whether family was present.", field="family_present")
    return Control(cast(ControlKind, kind), text_of(sent, "legal_reason"), family == "yes")
