"""Going on duty: a code over each of two channels comes back, so that a dead phone is found now and not at three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.duty_rules import DutyRules
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.roster import Contact
from forkant_shared.errors import Conflict, Invalid

#: SMS, and one that does not go the same way: the first of these the phone has.
SECOND = (Channel.PUSH, Channel.CALL)


@dataclass(frozen=True, slots=True)
class CheckStep:
    """The code that went out on one channel, and when it came back."""

    channel: Channel
    code: str
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One try to go on duty; done when every code has come back before it ends."""

    id: str
    user: str
    begun_at: datetime
    ends_at: datetime
    steps: tuple[CheckStep, ...]
    tries: int = 0
    done_at: datetime | None = None

    def waits(self, now: datetime) -> bool:
        return self.done_at is None and now < self.ends_at


def begin(contact: Contact, codes: Sequence[str], rules: DutyRules, *, check_in_id: str, now: datetime) -> CheckIn:
    """A check-in with a code for each of two channels. Raises Invalid for a phone that has not two."""
    second = next((channel for channel in SECOND if channel in contact.addresses), None)
    if Channel.SMS not in contact.addresses or second is None:
        raise Invalid(
            "A check-in needs two channels that reach you.",
            field="user",
            remedy="Have SMS and one of push and call written for you.",
        )
    steps = tuple(CheckStep(channel, code) for channel, code in zip((Channel.SMS, second), codes, strict=False))
    return CheckIn(check_in_id, contact.user, now, now + rules.check_in_for, steps)


def code_came_back(check_in: CheckIn, code: str, rules: DutyRules, now: datetime) -> CheckIn:
    """A code was given back. Raises Conflict for a check-in that is over.

    A code that is not one of ours counts as a try, and after too many the check-in is over.
    """
    if not check_in.waits(now):
        raise Conflict("This check-in is over.", field="code", remedy="Begin again: new codes are sent.")
    if all(step.code != code for step in check_in.steps):
        tries = check_in.tries + 1
        return replace(check_in, tries=tries, ends_at=now if tries >= rules.check_in_tries else check_in.ends_at)
    steps = tuple(
        replace(step, answered_at=step.answered_at or now) if step.code == code else step for step in check_in.steps
    )
    done = now if all(step.answered_at for step in steps) else None
    return replace(check_in, steps=steps, done_at=done)


def attempts_of(check_in: CheckIn, contact: Contact, ids: Sequence[str], now: datetime) -> list[Attempt]:
    """What carries the codes: the same chain as a page's, in the lane that wakes nobody else."""
    return [
        Attempt(
            id=attempt_id,
            page_id=None,
            code=step.code,
            lane=Lane.NORMAL,
            channel=step.channel,
            user=contact.user,
            address=contact.addresses[step.channel],
            due_at=now,
        )
        for attempt_id, step in zip(ids, check_in.steps, strict=True)
    ]
