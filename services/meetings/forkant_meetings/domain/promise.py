"""What one side promised the other, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from forkant_meetings.domain.policy import Policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.meetings import PromiseBroken, PromiseKept, PromiseLapsed, PromiseMade


class Side(StrEnum):
    """Who promised."""

    POLICE = "POLICE"
    COUNTERPART = "COUNTERPART"


class Progress(StrEnum):
    """How far it has come."""

    NOT_INITIATED = "NOT_INITIATED"
    MINIMUM = "MINIMUM"
    INTERMEDIATE = "INTERMEDIATE"
    COMPLETE = "COMPLETE"


class Fate(StrEnum):
    """What became of it. OPEN: nothing yet."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    BROKEN = "BROKEN"
    LAPSED = "LAPSED"


class Manner(StrEnum):
    """How it was broken. EXCUSED: with a reason the other side accepted."""

    INTENTIONAL = "INTENTIONAL"
    ACCIDENTAL = "ACCIDENTAL"
    EXCUSED = "EXCUSED"


class Acknowledgement(StrEnum):
    """How the other side confirmed that this was promised."""

    SPOKEN = "SPOKEN"
    MESSAGE = "MESSAGE"
    THEIR_MINUTES = "THEIR_MINUTES"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The other side confirmed the promise, in this way."""

    how: Acknowledgement
    recorded_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a named person (or the clock) found, on which evidence. Kept for ever, also when judged anew."""

    fate: Fate
    manner: Manner | None
    evidence: str
    by: str
    at: datetime
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. `to` is to whom it was given, `owner` the officer who follows it up, on both sides."""

    id: str
    dialogue_id: str
    by: Side
    to: str
    text: str
    owner: str
    made_at: datetime
    recorded_by: str
    meeting_id: str | None = None
    due_on: date | None = None
    threat_id: str | None = None
    confirmed: Confirmed | None = None
    progress: Progress = Progress.NOT_INITIATED
    fate: Fate = Fate.OPEN
    judgements: tuple[Judgement, ...] = ()
    version: int = 1

    @property
    def manner(self) -> Manner | None:
        """How it was broken, by the last judgement."""
        return self.judgements[-1].manner if self.judgements else None

    def overdue(self, today: date) -> bool:
        """Its day has passed and nobody has said what became of it."""
        return self.fate is Fate.OPEN and self.due_on is not None and today > self.due_on


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done about a promise at a moment to come: REMIND its owner, tell it is OVERDUE, let it LAPSE."""

    kind: str
    at: datetime


def make(wish: Promise) -> tuple[Promise, tuple[PromiseMade, ...]]:
    """Write down what was promised. Raises Invalid without text, receiver or owner, or when due before it was made."""
    for text, name, remedy in (
        (wish.text, "text", "Write what was promised."),
        (wish.to, "to", "Say to whom it was promised."),
        (wish.owner, "owner", "Name the officer who follows it up."),
    ):
        if not text.strip():
            raise Invalid("The promise is not complete.", field=name, remedy=remedy)
    _due_after_made(wish.due_on, wish.made_at)
    made = replace(wish, fate=Fate.OPEN, version=1)
    return made, (
        PromiseMade(
            promise_id=made.id,
            dialogue_id=made.dialogue_id,
            by=made.by.value,
            threat_id=made.threat_id,
            due_on=made.due_on,
        ),
    )


def acknowledge(promise: Promise, confirmed: Confirmed) -> Promise:
    """Note that the other side confirmed it."""
    if promise.confirmed is not None:
        raise Conflict("The other side has confirmed it already.", field="how", remedy="Read it again.")
    return replace(promise, confirmed=confirmed, version=promise.version + 1)


def advance(promise: Promise, progress: Progress, due_on: date | None, owner: str) -> Promise:
    """Note how far it has come, a new due date or a new owner, while nobody has said what became of it."""
    if promise.fate is not Fate.OPEN:
        raise Conflict(
            "The promise is settled.", field="state", remedy="Judge it anew, with evidence, if that was wrong."
        )
    if not owner.strip():
        raise Invalid("The promise is not complete.", field="owner", remedy="Name the officer who follows it up.")
    _due_after_made(due_on, promise.made_at)
    return replace(promise, progress=progress, due_on=due_on, owner=owner, version=promise.version + 1)


def judge(
    promise: Promise, judgement: Judgement, now: datetime
) -> tuple[Promise, tuple[PromiseKept | PromiseBroken | PromiseLapsed, ...]]:
    """Say what became of it, with evidence. A settled promise can be judged anew; the former judgement stays on record.

    Raises Invalid for OPEN, for a manner where nothing was broken and none where something was, for missing evidence
    and for a time to come; Conflict where it was judged so already.
    """
    _sound(judgement, now)
    if promise.fate is judgement.fate and promise.manner is judgement.manner:
        raise Conflict("The promise was judged so already.", field="fate", remedy="Read it again.")
    judged = replace(
        promise,
        fate=judgement.fate,
        progress=Progress.COMPLETE if judgement.fate is Fate.KEPT else promise.progress,
        judgements=(*promise.judgements, judgement),
        version=promise.version + 1,
    )
    return judged, (_told(judged, judgement),)


def dues(promise: Promise, policy: Policy, now: datetime) -> tuple[Due, ...]:
    """What lies ahead for a promise: reminders before its day, overdue the day after, lapsing if the policy says so."""
    if promise.fate is not Fate.OPEN or promise.due_on is None:
        return ()
    rules = policy.promises
    found = [
        Due("REMIND", policy.morning_of(promise.due_on - timedelta(days=days))) for days in rules.remind_days_before
    ]
    found.append(Due("OVERDUE", policy.morning_of(promise.due_on + timedelta(days=1))))
    days = _lapse_days(promise, policy)
    if days is not None:
        found.append(Due("LAPSE", policy.morning_of(promise.due_on + timedelta(days=days + 1))))
    # What is past is told once if it is overdue, and not at all if it was a reminder.
    return tuple(due for due in found if due.at > now or due.kind != "REMIND")


def _lapse_days(promise: Promise, policy: Policy) -> int | None:
    rules = policy.promises
    if promise.threat_id is not None:
        return rules.lapse_under_threat
    return rules.lapse_police if promise.by is Side.POLICE else rules.lapse_counterpart


def _told(promise: Promise, judgement: Judgement) -> PromiseKept | PromiseBroken | PromiseLapsed:
    told = {
        "promise_id": promise.id,
        "dialogue_id": promise.dialogue_id,
        "by": promise.by.value,
        "threat_id": promise.threat_id,
    }
    if judgement.fate is Fate.KEPT:
        return PromiseKept.model_validate(told)
    if judgement.fate is Fate.LAPSED:
        return PromiseLapsed.model_validate(told)
    manner = judgement.manner.value if judgement.manner else None
    return PromiseBroken.model_validate({**told, "manner": manner, "broken_at": judgement.happened_at})


def _sound(judgement: Judgement, now: datetime) -> None:
    if judgement.fate is Fate.OPEN:
        raise Invalid(
            "A judgement says kept, broken or lapsed.", field="fate", remedy="Choose what became of the promise."
        )
    if (judgement.manner is not None) is not (judgement.fate is Fate.BROKEN):
        raise Invalid(
            "How it was broken is said for broken promises, and only for them.",
            field="manner",
            remedy="Choose intentional, accidental or excused for a broken promise.",
        )
    if not judgement.evidence.strip():
        raise Invalid(
            "A judgement needs evidence: a promise is not an effect.",
            field="evidence",
            remedy="Write what shows it.",
        )
    if judgement.happened_at > now:
        raise Invalid("This lies ahead.", field="happened_at", remedy="Give when it happened.")


def _due_after_made(due_on: date | None, made_at: datetime) -> None:
    # A day's slack: the day of the promise may have another date where it was given than in UTC.
    if due_on is not None and due_on < made_at.date() - timedelta(days=1):
        raise Invalid("The promise would be due before it was given.", field="due_on", remedy="Choose a later day.")
