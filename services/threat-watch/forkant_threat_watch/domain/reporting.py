"""What a report must say before it is believed to be one, and the signals it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import UNKNOWN, Channel, Factor, Party


@dataclass(frozen=True, slots=True)
class SignalWish:
    """One signal as it was written: a strength is a word of the policy or a number from 0 to 1."""

    factor: Factor
    strength: str | float
    aggressor: Party = UNKNOWN
    target: Party = UNKNOWN
    imminence_hours: float | None = None
    place: str | None = None
    spoken_by_aggressor: bool = False
    own_action: str | None = None


@dataclass(frozen=True, slots=True)
class ReportWish:
    """One report as it was written."""

    observed_at: datetime
    channel: Channel
    origin: str
    kind: str
    grading: Grading | None = None
    verified: bool | None = None
    exposure: str | None = None
    text: str | None = None
    handling: str = "RESTRICTED"
    compartment: str | None = None
    signals: tuple[SignalWish, ...] = ()
    confirmed_by: tuple[str, ...] = ()


def check_confirmation(wish: ReportWish, origins: Mapping[str, str], policy: Policy) -> None:
    """Raise Invalid where `confirmed` leans on a report of the same origin: an echo confirms nothing.

    `origins` are those of the reports that `confirmed_by` names, as far as there are such reports.
    """
    if not set(wish.confirmed_by) <= origins.keys():
        raise Invalid("There is no such report.", field="confirmed_by", remedy="Send ids of reports that are here.")
    if policy.grading.says_confirmed(wish.grading) and wish.origin in origins.values():
        raise Invalid(
            "A report of the same origin confirms nothing.",
            field="confirmed_by",
            remedy="Name reports of another origin, or grade the information lower.",
        )


def check(wish: ReportWish, policy: Policy, now: datetime) -> None:
    """Raise Invalid, with the field and what helps, where the report cannot be taken in as it is."""
    if wish.observed_at > now + policy.reports.future_tolerance:
        raise Invalid(
            "What is observed lies in the past.", field="observed_at", remedy="Send when it was seen or heard."
        )
    if not wish.signals and not (wish.text or "").strip():
        raise Invalid("The report says nothing.", field="signals", remedy="Send at least one signal, or a text.")
    if wish.channel in policy.reports.ungraded_from:
        return
    for field, given in (("grading", wish.grading), ("verified", wish.verified), ("exposure", wish.exposure)):
        if given is None:
            allowed = ", ".join(sorted(policy.reports.ungraded_from))
            raise Invalid(
                "A report over this channel is graded by the one who sends it.",
                field=field,
                remedy=f"Send {field}; only {allowed} may leave it out.",
            )


def signals_of(report_id: str, wish: ReportWish, policy: Policy) -> tuple[Signal, ...]:
    """The signals of a report. Raises Invalid for a grade or a strength that the policy does not know."""
    grade = policy.grading.quality(wish.grading)
    return tuple(
        Signal(
            id=f"{report_id}/{place}",
            report=report_id,
            factor=said.factor,
            strength=_strength(said.strength, f"signals.{place}.strength", policy),
            grade=grade,
            quality=grade.weigh(policy.grading.unknown),
            origin=wish.origin,
            observed_at=wish.observed_at,
            aggressor=said.aggressor,
            target=said.target,
            graded=wish.grading is not None,
            imminence_hours=said.imminence_hours,
            spoken_by_aggressor=said.spoken_by_aggressor,
            own_action=said.own_action,
            weighed_by=policy.version,
        )
        for place, said in enumerate(wish.signals)
    )


def _strength(said: str | float, field: str, policy: Policy) -> float:
    if isinstance(said, str):
        if said not in policy.strengths:
            known = ", ".join(policy.strengths)
            raise Invalid("No such strength.", field=field, remedy=f"Use {known}, or a number from 0 to 1.")
        return policy.strengths[said]
    if not 0 <= said <= 1:
        raise Invalid("A strength is a number from 0 to 1.", field=field, remedy="Send a number from 0 to 1.")
    return float(said)
