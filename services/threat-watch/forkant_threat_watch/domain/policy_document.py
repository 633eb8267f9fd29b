"""From a policy file's content to a `Policy`: strict, and every complaint says where."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.grading import GradingTables, Scale
from forkant_threat_watch.domain.links import KINDS
from forkant_threat_watch.domain.policy import (
    Cadence,
    CalendarPolicy,
    ConflictSignal,
    DecisionPolicy,
    FeedbackPolicy,
    IndexPolicy,
    JoiningPolicy,
    LevelPolicy,
    Policy,
    ReportPolicy,
    ReviewPolicy,
)
from forkant_threat_watch.domain.policy_checks import example_parties
from forkant_threat_watch.domain.rule_document import rules_of
from forkant_threat_watch.domain.words import Channel, Factor, Level, Outcome

DAY = 86_400.0
YEAR_HOURS = 365 * 24
#: What the columns hold that these words are stored in.
LONGEST_VERSION, LONGEST_ORIGIN = 40, 80
#: Four months at their shortest: the law's clock for purpose, necessity and relevance.
LATEST_RELEVANCE_CHECK_DAYS = 120
PARTS = (
    "version timezone index levels strengths grading feedback calendar conflicts joining reviews decisions reports"
    " rules example_parties"
)


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Who signed a policy, and on which day, where that does not stand in its text. Empty for a draft."""

    by: str
    on: date


def policy_of(document: object, signed: SignedOff | None = None) -> Policy:
    """The policy a document describes. Raises Misread with the path of the first thing that is wrong.

    A file carries its own signature line. With `signed` the signature stands elsewhere, and a line that claims one is
    refused.
    """
    parts = Node(document, "").mapping(PARTS if signed else f"{PARTS} signed_by signed_on", "signed_by signed_on")
    if signed is not None:
        for line in ("signed_by", "signed_on"):
            if line in parts:
                raise parts[line].wrong(
                    "is not written by hand here.", "Take the line away: a draft is signed in the workbench."
                )
    strengths = {key: node.number(0, 1) for key, node in parts["strengths"].entries().items()}
    return Policy(
        version=parts["version"].code(LONGEST_VERSION),
        signed_by=signed.by if signed else parts["signed_by"].text(),
        signed_on=signed.on if signed else parts["signed_on"].day(),
        timezone=_timezone(parts["timezone"]),
        index=_index(parts["index"]),
        levels=_levels(parts["levels"]),
        strengths=strengths,
        grading=_grading(parts["grading"]),
        feedback=_feedback(parts["feedback"]),
        calendar=_calendar(parts["calendar"]),
        conflicts={key: _conflict(node) for key, node in parts["conflicts"].entries().items()},
        joining=_joining(parts["joining"]),
        reviews=_reviews(parts["reviews"]),
        decisions=_decisions(parts["decisions"]),
        reports=_reports(parts["reports"]),
        rules=rules_of(parts["rules"], strengths),
        example_parties=example_parties(parts["example_parties"]),
    )


def _timezone(node: Node) -> ZoneInfo:
    try:
        return ZoneInfo(node.text())
    except (ZoneInfoNotFoundError, ValueError):
        raise node.wrong("is not a time zone we know.", "Use a name such as Europe/Oslo.") from None


def _per_factor(node: Node, least: float, most: float) -> dict[Factor, float]:
    found = {factor: entry.number(least, most) for factor, entry in node.by_word(Factor)}
    for factor in Factor:
        if factor not in found:
            raise node.wrong(f"'{factor}' is missing.", f"Add '{factor}'.")
    return found


def _index(node: Node) -> IndexPolicy:
    parts = node.mapping(
        "prior weights fade_days fade_shape signal_cap weak_quality weak_cap own_words_cap"
        " precision_seconds horizon_days"
    )
    prior = parts["prior"].number(1e-9, 1 - 1e-9)
    return IndexPolicy(
        prior_odds=math.log(prior / (1 - prior)),
        weights=_per_factor(parts["weights"], 0, 100),
        fade_seconds={f: days * DAY for f, days in _per_factor(parts["fade_days"], 0.01, 3650).items()},
        fade_power=1.0 / parts["fade_shape"].number(0.01, 100),
        signal_cap=parts["signal_cap"].number(0, 0.999),
        weak_quality=parts["weak_quality"].number(0, 1),
        weak_cap=parts["weak_cap"].number(0, 1),
        own_words_cap=parts["own_words_cap"].number(0, 1),
        precision_seconds=parts["precision_seconds"].number(1, DAY),
        horizon_seconds=parts["horizon_days"].number(1, 3650) * DAY,
    )


def _levels(node: Node) -> LevelPolicy:
    parts = node.mapping("MODERATE HIGH CRITICAL automatic hysteresis overtaken_by")
    gate = parts["automatic"].mapping("from min_origins min_factors otherwise")
    hysteresis = parts["hysteresis"].mapping("index hours")
    moderate, high, critical = (parts[name].number(0, 1) for name in ("MODERATE", "HIGH", "CRITICAL"))
    if not moderate < high < critical:
        raise node.wrong("MODERATE, HIGH and CRITICAL must rise in that order.", "Give each a higher index.")
    if gate["otherwise"].rank(Level) >= gate["from"].rank(Level):
        raise gate["otherwise"].wrong("must be below 'from'.", "Choose a lower level.")
    return LevelPolicy(
        moderate=moderate,
        high=high,
        critical=critical,
        gate_from=gate["from"].rank(Level),
        gate_else=gate["otherwise"].rank(Level),
        min_origins=gate["min_origins"].count(),
        min_factors=gate["min_factors"].count(),
        hysteresis=hysteresis["index"].number(0, 1),
        hysteresis_for=timedelta(hours=hysteresis["hours"].number(0, YEAR_HOURS)),
        overtaken_by=parts["overtaken_by"].number(0, 1),
    )


def _grading(node: Node) -> GradingTables:
    parts = node.mapping("version unknown scales")
    unknown = parts["unknown"].mapping("weight low high")
    return GradingTables(
        version=parts["version"].text(),
        unknown=unknown["weight"].number(0, 1),
        unknown_low=unknown["low"].number(0, 1),
        unknown_high=unknown["high"].number(0, 1),
        scales={name: _scale(scale) for name, scale in parts["scales"].entries().items()},
    )


def _scale(node: Node) -> Scale:
    parts = node.mapping("source information confirmed")
    source, information = _axis(parts["source"]), _axis(parts["information"])
    confirmed = frozenset(parts["confirmed"].texts())
    if not confirmed <= information.keys():
        raise parts["confirmed"].wrong(
            "names a code that the information axis does not have.", f"Use {', '.join(information)}."
        )
    return Scale(source, information, confirmed)


def _axis(node: Node) -> dict[str, float | None]:
    return {code: None if w.value is None else w.number(0, 1) for code, w in node.entries().items()}


def _feedback(node: Node) -> FeedbackPolicy:
    parts = node.mapping("origin quality strengths falls_back verify_within_days")
    return FeedbackPolicy(
        origin=parts["origin"].text(LONGEST_ORIGIN),
        quality=parts["quality"].number(0, 1),
        strengths={outcome: value.number(0, 1) for outcome, value in parts["strengths"].by_word(Outcome)},
        falls_back=parts["falls_back"].words(Outcome),
        verify_within=timedelta(days=parts["verify_within_days"].number(0.01, 365)),
    )


def _calendar(node: Node) -> CalendarPolicy:
    parts = node.mapping("factor strength quality days_before days_after")
    return CalendarPolicy(
        factor=parts["factor"].word(Factor),
        strength=parts["strength"].number(0, 1),
        quality=parts["quality"].number(0, 1),
        before=timedelta(days=parts["days_before"].number(0, 365)),
        after=timedelta(days=parts["days_after"].number(0, 365)),
    )


def _conflict(node: Node) -> ConflictSignal:
    parts = node.mapping("factor strength")
    return ConflictSignal(parts["factor"].word(Factor), parts["strength"].number(0, 1))


def _joining(node: Node) -> JoiningPolicy:
    parts = node.mapping(
        "opens context opens_unidentified_within_hours aggressors_through targets_through rejoin_minutes"
    )
    return JoiningPolicy(
        opens=parts["opens"].words(Factor),
        context=parts["context"].words(Factor),
        opens_unidentified_within_hours=parts["opens_unidentified_within_hours"].number(0, YEAR_HOURS),
        aggressors_through=_edges(parts["aggressors_through"]),
        targets_through=_edges(parts["targets_through"]),
        rejoin_seconds=parts["rejoin_minutes"].number(0.1, 24 * 60) * 60,
    )


def _edges(node: Node) -> frozenset[str]:
    for item in node.items():
        if item.text() not in KINDS:
            raise item.wrong("is not a kind of link.", f"Use {', '.join(KINDS)}.")
    return frozenset(node.texts())


def _reviews(node: Node) -> ReviewPolicy:
    parts = node.mapping("cadence answer_within_hours")
    written = parts["cadence"].entries()
    cadence = {Node(name, entry.path).rank(Level): _cadence(entry) for name, entry in written.items()}
    for level in Level:
        if level not in cadence:
            raise parts["cadence"].wrong(f"'{level.name}' is missing.", f"Add '{level.name}'.")
    return ReviewPolicy(cadence, _hours(parts["answer_within_hours"]))


def _cadence(node: Node) -> Cadence:
    parts = node.mapping("answer_within_hours", "at every_days")
    if ("at" in parts) == ("every_days" in parts):
        raise node.wrong("needs either 'at' or 'every_days'.", "Write one of the two.")
    at = tuple(_clock_time(item) for item in parts["at"].items()) if "at" in parts else ()
    if "at" in parts and not at:
        raise parts["at"].wrong("must name at least one hour.", 'Write the hours, as ["07:00"].')
    every = timedelta(days=parts["every_days"].number(0.01, 365)) if "every_days" in parts else None
    return Cadence(at, every, _hours(parts["answer_within_hours"]))


def _clock_time(node: Node) -> time:
    try:
        return time.fromisoformat(node.text())
    except ValueError:
        raise node.wrong("must be an hour of the day such as 07:00.", "Write hours and minutes in quotes.") from None


def _hours(node: Node) -> timedelta:
    return timedelta(hours=node.number(0.01, YEAR_HOURS))


def _decisions(node: Node) -> DecisionPolicy:
    parts = node.mapping("longest_days ask_before_hours suggested_days")
    longest = parts["longest_days"].number(0.01, 365)
    return DecisionPolicy(
        longest=timedelta(days=longest),
        ask_before=_hours(parts["ask_before_hours"]),
        suggested=timedelta(days=parts["suggested_days"].number(0.01, longest)),
    )


def _reports(node: Node) -> ReportPolicy:
    parts = node.mapping("ungraded_from future_tolerance_minutes relevance_check_days")
    return ReportPolicy(
        ungraded_from=parts["ungraded_from"].words(Channel),
        future_tolerance=timedelta(minutes=parts["future_tolerance_minutes"].number(0, 24 * 60)),
        relevance_check_after=timedelta(days=parts["relevance_check_days"].number(1, LATEST_RELEVANCE_CHECK_DAYS)),
    )
