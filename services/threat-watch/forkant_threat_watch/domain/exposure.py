"""Whether what a report says can be shown without pointing to its source: the answers, and the weakest link."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.followup import ExposureRules
from forkant_threat_watch.domain.words import Channel


class Exposure(StrEnum):
    """OK: as it is. PARAPHRASE: in other words only. NO: not at all."""

    OK = "OK"
    PARAPHRASE = "PARAPHRASE"
    NO = "NO"


class Keeper(StrEnum):
    """Who answers for a report's origin: the source's handler, or the contact who carries the dialogue."""

    HANDLER = "HANDLER"
    CONTACT = "CONTACT"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the keeper of a report's origin said of it. `could_know`: how many people could have known what it says;
    `open_origin`: an open origin tells the same, so that it points to nobody."""

    report: str
    exposure: Exposure
    could_know: int
    open_origin: bool
    by: str
    at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many people could have known what both reports say."""

    reports: frozenset[str]
    could_know: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """One or two reports that point to their source, and how many could have known what they say; None: nobody has
    said how many, though never more than `at_most`."""

    reports: tuple[str, ...]
    could_know: int | None
    at_most: int

    def weak(self, rules: ExposureRules) -> bool:
        """Whether so few could have known that it points to somebody, as far as anybody has said."""
        return self.could_know is None or self.could_know < rules.least_who_could_know


def keeper_of(channel: Channel, rules: ExposureRules) -> Keeper:
    """Who answers for what came in this way."""
    return Keeper.CONTACT if channel in rules.contact_channels else Keeper.HANDLER


def check_answer(could_know: int) -> None:
    """Raise Invalid for a number of people that cannot be: the one who told it knew."""
    if could_know < 1:
        raise Invalid(
            "At least the source could have known it.", field="could_know", remedy="Send how many could have known it."
        )


def check_overlap(reports: Collection[str], could_know: int, answers: Mapping[str, Answer]) -> None:
    """Raise Invalid where two reports are not two, are not answered, or fewer could have known one of them."""
    if len(set(reports)) != 2:
        raise Invalid("An overlap is between two reports.", field="reports", remedy="Name two different reports.")
    missing = [report for report in reports if report not in answers]
    if missing:
        raise Invalid(
            "One of them is not answered yet.", field="reports", remedy="Answer each report before their overlap."
        )
    if not 0 <= could_know <= min(answers[report].could_know for report in reports):
        raise Invalid(
            "No more can have known both than could have known either.",
            field="could_know",
            remedy="Send a number up to the smaller of the two answers.",
        )


def weakest_link(
    reports: Collection[str], answers: Mapping[str, Answer], overlaps: Mapping[frozenset[str], Overlap]
) -> Link | None:
    """The one or two planned reports that fewest could have known, unknown before known; None where none points.

    What an open origin tells as well points to nobody. Two reports that a number has been said about count with that;
    of two without one nobody knows more than that no more than the smaller could have known both.
    """
    closed = {report: answers[report].could_know for report in reports if _points(answers.get(report))}
    links = [Link((report,), count, count) for report, count in closed.items()]
    for one, other in combinations(sorted(closed), 2):
        known = overlaps.get(frozenset((one, other)))
        most = min(closed[one], closed[other])
        links.append(Link((one, other), None if known is None else min(known.could_know, most), most))
    return min(links, key=lambda link: (link.could_know or 0, link.at_most, -len(link.reports)), default=None)


def _points(answer: Answer | None) -> bool:
    return answer is not None and not answer.open_origin
