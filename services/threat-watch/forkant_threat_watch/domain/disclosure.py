"""The disclosure plan: what will be said, what stands in its way, and the signatures that let a dialogue be held."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from forkant_shared.errors import Conflict, Invalid, Stale
from forkant_threat_watch.domain.exposure import Answer, Exposure, Link, Overlap, weakest_link
from forkant_threat_watch.domain.followup import ExposureRules
from forkant_threat_watch.domain.likeness import is_copy


class Part(StrEnum):
    """SOURCE: the one who answers for the sources. LEADER: the one who answers for the dialogue. ALONE: the duty
    leader for both, in danger to life."""

    SOURCE = "SOURCE"
    LEADER = "LEADER"
    ALONE = "ALONE"


class Obstacle(StrEnum):
    """What stands in the way of a signature."""

    NO_LINES = "NO_LINES"
    NOT_ANSWERED = "NOT_ANSWERED"
    ANSWERED_NO = "ANSWERED_NO"
    TOO_LIKE = "TOO_LIKE"
    NOT_APPROVED = "NOT_APPROVED"
    TOO_FEW = "TOO_FEW"


#: What the duty leader alone may take upon themselves in danger to life. A NO stands, and so does what nobody answered.
YIELDING = frozenset({Obstacle.NOT_APPROVED, Obstacle.TOO_FEW})

REMEDIES: Mapping[Obstacle, str] = {
    Obstacle.NO_LINES: "Write what will be said.",
    Obstacle.NOT_ANSWERED: "Let the keeper of the origin answer for each report the plan rests on.",
    Obstacle.ANSWERED_NO: "Take away what rests on a report that cannot be shown.",
    Obstacle.TOO_LIKE: "Write the line in words of your own.",
    Obstacle.NOT_APPROVED: "Let another person than the writer approve each line.",
    Obstacle.TOO_FEW: "Take the line away, or find an open origin that tells the same.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that will be said, in words of its own, and the reports it rests on."""

    id: str
    text: str
    reports: tuple[str, ...]
    written_by: str
    written_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's signature of one version of the plan. `because` answers for a weak link."""

    id: str
    part: Part
    by: str
    at: datetime
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one threat. Every change that a signature must not survive makes another version."""

    threat: str
    version: int
    lines: tuple[Line, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @property
    def reports(self) -> tuple[str, ...]:
        """The reports it rests on, each once."""
        return tuple(dict.fromkeys(report for line in self.lines for report in line.reports))

    def standing(self, rules: ExposureRules, now: datetime) -> tuple[Signature, ...]:
        """The signatures that still hold."""
        return tuple(one for one in self.signatures if now - one.at < rules.signature_holds)


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands in the way, each with what it is about (report or line ids), and the weakest link."""

    obstacles: Mapping[Obstacle, tuple[str, ...]]
    weakest: Link | None
    weak: bool


def gate(
    plan: Plan,
    answers: Mapping[str, Answer],
    overlaps: Mapping[frozenset[str], Overlap],
    texts: Collection[str],
    rules: ExposureRules,
) -> Gate:
    """How the plan stands. `texts` are those of every report that counts in the threat."""
    reports = plan.reports
    found: dict[Obstacle, tuple[str, ...]] = {
        Obstacle.NOT_ANSWERED: tuple(report for report in reports if report not in answers),
        Obstacle.ANSWERED_NO: tuple(r for r in reports if r in answers and answers[r].exposure is Exposure.NO),
        Obstacle.TOO_LIKE: tuple(line.id for line in plan.lines if copies(line.text, texts, rules)),
        Obstacle.NOT_APPROVED: tuple(line.id for line in plan.lines if line.approved_by is None),
        Obstacle.TOO_FEW: tuple(r for r in reports if r in answers and _too_few(answers[r], rules)),
    }
    obstacles = {code: about for code, about in found.items() if about}
    if not plan.lines:
        obstacles[Obstacle.NO_LINES] = ()
    weakest = weakest_link(reports, answers, overlaps)
    return Gate(obstacles, weakest, weakest is not None and weakest.weak(rules))


def _too_few(answer: Answer, rules: ExposureRules) -> bool:
    return not answer.open_origin and answer.could_know < rules.least_who_could_know


def copies(text: str, texts: Collection[str], rules: ExposureRules) -> bool:
    """Whether the text is a copy of one of these."""
    return any(is_copy(text, other, words_in_a_row=rules.words_in_a_row, share=rules.share) for other in texts)


def check_line(
    text: str, reports: Sequence[str], known: Collection[str], texts: Collection[str], rules: ExposureRules
) -> None:
    """Raise Invalid for a line without words, one that rests on a report not in the threat, or a copy of one."""
    if not text.strip():
        raise Invalid("A line says something.", field="text", remedy="Write what will be said.")
    if len(set(reports)) != len(reports) or not set(reports) <= set(known):
        raise Invalid(
            "A line rests on reports of this threat.", field="reports", remedy="Name reports of the threat, each once."
        )
    if copies(text, texts, rules):
        raise Invalid(
            "The text repeats a report's own words.",
            field="text",
            remedy="Write it anew, in words that nobody can trace to a report.",
        )


def check_approval(line: Line, by: str) -> None:
    """Raise Conflict where the line is approved already, or by its own writer."""
    if line.approved_by is not None:
        raise Conflict("The line is approved already.", field="line", remedy="Read the plan again.")
    if line.written_by == by:
        raise Conflict("Nobody approves their own words.", field="by", remedy="Let another person approve it.")


def on_version(plan: Plan, version: int) -> None:
    """Raise Stale where somebody decides on another version of the plan than the one that stands."""
    if plan.version != version:
        raise Stale("The plan was changed.", field="plan_version", remedy="Read the plan again and decide anew.")


def check_signature(
    plan: Plan, stands: Gate, part: Part, by: str, because: str | None, rules: ExposureRules, now: datetime
) -> None:
    """Raise Conflict for what stands in the way of this signature, Invalid for a weak link without a reason."""
    yielding = YIELDING if part is Part.ALONE else frozenset[Obstacle]()
    for code in Obstacle:
        if code in stands.obstacles and code not in yielding:
            raise Conflict("The plan cannot be signed as it is.", field=f"plan.{code}", remedy=REMEDIES[code])
    if not (because or "").strip() and part is Part.ALONE:
        raise Invalid("Who signs alone says why.", field="because", remedy="Write what makes it danger to life.")
    if not (because or "").strip() and stands.weak:
        raise Invalid(
            "Few could have known what the plan says, and nobody says why it can be said all the same.",
            field="because",
            remedy="Write why, or say how many could have known both, or take a line away.",
        )
    if part is Part.ALONE:
        return
    for one in plan.standing(rules, now):
        if one.part is part:
            raise Conflict("This part is signed already.", field="part", remedy="The other part is still to sign.")
        if one.by == by:
            raise Conflict("Two signatures are two persons'.", field="by", remedy="Let another person sign this part.")


def complete(plan: Plan, rules: ExposureRules, now: datetime) -> bool:
    """Whether both parts have signed the version that stands."""
    return {Part.SOURCE, Part.LEADER} <= {one.part for one in plan.standing(rules, now)}
