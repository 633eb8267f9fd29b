"""How a threat is followed up: the working values, under one version. Pure data; `store.followup` reads the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.words import Channel, Level


class MeasureKind(StrEnum):
    """What can be done about a threat."""

    DIALOGUE = "DIALOGUE"
    CONTROL = "CONTROL"
    SURVEILLANCE = "SURVEILLANCE"
    ARREST = "ARREST"
    PROTECTION = "PROTECTION"
    ALARM = "ALARM"
    WARNING_NOTICE = "WARNING_NOTICE"
    DISRUPTION_NOTICE = "DISRUPTION_NOTICE"
    CONTACT_BAN = "CONTACT_BAN"
    STAY_BAN = "STAY_BAN"
    WEAPON_LICENCE = "WEAPON_LICENCE"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    CONFISCATION = "CONFISCATION"


@dataclass(frozen=True, slots=True)
class ExposureRules:
    """What can be shown to whom we talk to.

    Reports of `contact_channels` are answered for by a dialogue contact, the others by a source handler. What fewer
    than `least_who_could_know` people could have known points to its source, unless an open origin tells the same. A
    text for outside with `words_in_a_row` of a report, or with this `share` (0 to 1) of its word pairs in one, is a
    copy. The duty leader alone clears for `alone_for`, to be reviewed before `alone_reviewed_by` the next local day.
    """

    contact_channels: frozenset[Channel]
    least_who_could_know: int
    signature_holds: timedelta
    cleared_for: timedelta
    alone_for: timedelta
    alone_reviewed_by: time
    words_in_a_row: int
    share: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """From which level a kind of measure is in proportion, for how long at most, and what it asks of us."""

    from_level: Level
    longest: timedelta
    served: bool
    pressure: bool
    outlives: bool


@dataclass(frozen=True, slots=True)
class MeasureRules:
    """The table of proportion, and when a measure that runs out is asked about."""

    kinds: Mapping[MeasureKind, Proportion]
    ask_before: timedelta
    answer_within: timedelta
    suggested: timedelta
    pressure_days: int


@dataclass(frozen=True, slots=True)
class RequestRules:
    """How long somebody who is asked has as a suggestion and at most, and how fast an overdue question is looked at."""

    suggested: timedelta
    longest: timedelta
    answer_within: timedelta


@dataclass(frozen=True, slots=True)
class Followup:
    """One version of the working values.

    A fallback is started by a leader within `fallback_within`; after a dialogue somebody says within
    `effect_time_within` when its effect must be seen; reports are shown for a check `check_reports_before` their clock
    runs out.
    """

    version: str
    exposure: ExposureRules
    measures: MeasureRules
    requests: RequestRules
    fallback_within: timedelta
    effect_time_within: timedelta
    check_reports_before: timedelta


def followup_of(document: object) -> Followup:
    """The working values in a document. Raises Invalid with the path of what is wrong."""
    parts = Node(document, "").mapping("version source exposure measures requests fallback dialogue reports")
    parts["source"].text()
    requests = parts["requests"].mapping("suggested_days longest_days answer_within_hours")
    fallback = parts["fallback"].mapping("start_within_hours")
    return Followup(
        version=parts["version"].text(),
        exposure=_exposure(parts["exposure"]),
        measures=_measures(parts["measures"]),
        requests=RequestRules(
            suggested=_days(requests["suggested_days"]),
            longest=_days(requests["longest_days"]),
            answer_within=_hours(requests["answer_within_hours"]),
        ),
        effect_time_within=_hours(parts["dialogue"].mapping("effect_time_within_hours")["effect_time_within_hours"]),
        fallback_within=_hours(fallback["start_within_hours"]),
        check_reports_before=_days(parts["reports"].mapping("check_before_days")["check_before_days"]),
    )


def _days(node: Node) -> timedelta:
    return timedelta(days=node.count(1))


def _hours(node: Node) -> timedelta:
    return timedelta(hours=node.count(1))


def _exposure(node: Node) -> ExposureRules:
    parts = node.mapping("contact_channels least_who_could_know signature_holds_hours cleared_for_hours alone too_like")
    alone = parts["alone"].mapping("cleared_for_hours reviewed_by")
    too_like = parts["too_like"].mapping("words_in_a_row share")
    return ExposureRules(
        contact_channels=parts["contact_channels"].words(Channel),
        least_who_could_know=parts["least_who_could_know"].count(1),
        signature_holds=_hours(parts["signature_holds_hours"]),
        cleared_for=_hours(parts["cleared_for_hours"]),
        alone_for=_hours(alone["cleared_for_hours"]),
        alone_reviewed_by=_clock(alone["reviewed_by"]),
        words_in_a_row=too_like["words_in_a_row"].count(2),
        share=too_like["share"].number(0.0, 1.0),
    )


def _clock(node: Node) -> time:
    try:
        return time.fromisoformat(node.text())
    except ValueError:
        raise node.wrong('must be a time of day such as "12:00".') from None


def _measures(node: Node) -> MeasureRules:
    parts = node.mapping("ask_before_hours answer_within_hours kinds suggested_days pressure_days")
    kinds = {kind: _proportion(entry) for kind, entry in parts["kinds"].by_word(MeasureKind)}
    for kind in MeasureKind:
        if kind not in kinds:
            raise parts["kinds"].wrong(f"'{kind}' is missing.")
    return MeasureRules(
        kinds=kinds,
        ask_before=_hours(parts["ask_before_hours"]),
        answer_within=_hours(parts["answer_within_hours"]),
        suggested=_days(parts["suggested_days"]),
        pressure_days=parts["pressure_days"].count(1),
    )


def _proportion(node: Node) -> Proportion:
    parts = node.mapping("from longest_days", "served pressure outlives")
    return Proportion(
        from_level=parts["from"].rank(Level),
        longest=_days(parts["longest_days"]),
        served="served" in parts and parts["served"].flag(),
        pressure="pressure" in parts and parts["pressure"].flag(),
        outlives="outlives" in parts and parts["outlives"].flag(),
    )
