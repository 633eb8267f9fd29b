"""What is missing is asked for: a question, an owner, a deadline, and the report that answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_shared.errors import Conflict, Invalid, Stale
from forkant_threat_watch.domain import clocks
from forkant_threat_watch.domain.followup import RequestRules
from forkant_threat_watch.domain.threat import Deadline, Threat

OVERDUE = "request-overdue"
#: A question may be about what no explanation lists.
OTHER = "OTHER"


class Outcome(StrEnum):
    """How a request ended. UNKNOWN: asked, and there is no telling."""

    ANSWERED = "ANSWERED"
    UNKNOWN = "UNKNOWN"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked, about which code that the explanation lists as missing, of whom, until when."""

    about: str
    question: str
    owner: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended, by whom, with which report."""

    outcome: Outcome
    by: str
    at: datetime
    report: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One question."""

    id: str
    threat: str
    wish: Wish
    asked_by: str
    asked_at: datetime
    ending: Ending | None = None
    version: int = 1

    def overdue(self, now: datetime) -> bool:
        """Whether its time has passed without an answer."""
        return self.ending is None and now >= self.wish.due_at


def ask(
    threat: Threat, wish: Wish, missing: frozenset[str], request_id: str, by: str, rules: RequestRules, now: datetime
) -> tuple[Threat, Request]:
    """Ask for something. `missing` is what the explanation lists. Raises Invalid for a wish that is wrong."""
    if not wish.question.strip():
        raise Invalid("A request asks something.", field="question", remedy="Write the question.")
    if wish.about != OTHER and wish.about not in missing:
        raise Invalid(
            "The explanation does not list this as missing.", field="about", remedy=f"Use a code it lists, or {OTHER}."
        )
    if not now < wish.due_at <= now + rules.longest:
        raise Invalid(
            "The deadline lies ahead, and not too far.",
            field="due_at",
            remedy=f"Choose a time within {rules.longest.days} days.",
        )
    deadline = Deadline(key_of(request_id), OVERDUE, wish.due_at, rules.answer_within)
    return clocks.set_deadline(threat, deadline), Request(request_id, threat.id, wish, by, now)


def key_of(request_id: str) -> str:
    """The key of a request's deadline."""
    return f"request:{request_id}"


def end(threat: Threat, request: Request, ending: Ending) -> tuple[Threat, Request]:
    """End it: with the answering report, or with a note that says why there is none."""
    if request.ending is not None:
        raise Conflict("The request has ended.", field="request", remedy="Ask anew.")
    if ending.outcome is Outcome.ANSWERED and ending.report is None:
        raise Invalid("An answer is a report.", field="report", remedy="Name the report that answers.")
    if ending.outcome is not Outcome.ANSWERED and ending.report is not None:
        raise Invalid("Only an answer names a report.", field="report", remedy="Leave the report out.")
    if ending.outcome is not Outcome.ANSWERED and not (ending.note or "").strip():
        raise Invalid("Ending without an answer needs a note.", field="note", remedy="Write why there is none.")
    ended = replace(request, ending=ending, version=request.version + 1)
    return clocks.without(threat, key_of(request.id)), ended


def on_version(request: Request, version: int | None) -> None:
    """Raise Stale where somebody decides on another version of the request than the one that stands."""
    if version is not None and request.version != version:
        raise Stale("The request was changed by somebody else.", field="If-Match", remedy="Read it again.")
