"""How far ahead anything can lie that was written by a clock which told the truth.

A machine's clock may be set back, by hand or by another machine. What was written before then seems to be due far
ahead, and would be silent for as long. So nothing waits longer than its own rules let it: what lies beyond is taken as
due.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import Page, PageState
from forkant_notifier.domain.policy import LanePlan, PagingPolicy

#: Clocks of two machines differ by less, or the one that is wrong has other worries.
SLACK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Horizon:
    """`now`, and the furthest moments at which a lease can end, an attempt be due, and the next step come of an open
    page in either lane (`life`, `normal`) or of one that is accepted."""

    now: datetime
    lease: datetime
    attempt: datetime
    life: datetime
    normal: datetime
    accepted: datetime


def horizon(now: datetime, policies: Collection[PagingPolicy]) -> Horizon:
    """From the longest waits of all the policies that are in use."""

    def furthest(wait: Callable[[LanePlan], timedelta], *lanes: Lane) -> datetime:
        return now + max(wait(policy.lanes[lane]) for policy in policies for lane in lanes) + SLACK

    return Horizon(
        now=now,
        lease=now + max(policy.lease for policy in policies) + SLACK,
        attempt=now + max(max(policy.follow_up_after, default=timedelta(0)) for policy in policies) + SLACK,
        life=furthest(_longest_gap, Lane.LIFE),
        normal=furthest(_longest_gap, Lane.NORMAL),
        accepted=furthest(_after_acceptance, *Lane),
    )


def _longest_gap(plan: LanePlan) -> timedelta:
    indexes = range(1, len(plan.steps) + (plan.repeat_last_each is not None))
    return max((plan.due_after(index) - plan.due_after(index - 1) for index in indexes), default=timedelta(0))


def _after_acceptance(plan: LanePlan) -> timedelta:
    return max(plan.act_within or timedelta(0), plan.working_for)


def set_back(page: Page, plan: LanePlan, now: datetime) -> bool:
    """Whether this page's next step lies further ahead than its plan can have put it."""
    if page.next_step_at is None or page.state is PageState.CLOSED:
        return False
    if page.state is PageState.ACCEPTED:
        furthest = _after_acceptance(plan)
    else:
        furthest = plan.due_after(page.step) - plan.due_after(max(0, page.step - 1))
    return page.next_step_at - now > furthest + SLACK
