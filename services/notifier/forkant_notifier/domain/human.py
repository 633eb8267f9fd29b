"""What people do to a page. Only a human stops the clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.domain.acceptance import Acceptance
from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.climb import climb_now
from forkant_notifier.domain.page import CloseCause, Decision, Entry, EntryKind, Origin, Page, PageState
from forkant_notifier.domain.policy import PagingPolicy
from forkant_notifier.domain.roster import Roster
from forkant_shared.errors import Conflict
from forkant_shared.events.notifier import PageAccepted, PageAnswered, PageClosed


@dataclass(frozen=True, slots=True)
class Human:
    """Who answers: the user's name here, and the registry's person behind it where there is one."""

    user: str
    actor_id: str | None = None


def answer(page: Page, given: Answer, human: Human, *, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """ACCEPT stops the clock (where the policy asks for more than one, the last of them); STANDBY is noted; CANNOT
    climbs at once, and takes back one's own acceptance.

    Raises NotFound for a person the threat is aimed at, Conflict for a page that is closed.
    """
    _must_be_running(page.for_eyes_of(human.actor_id))
    if given is Answer.ACCEPT:
        return accept(page, human, policy, roster, now)
    if given is Answer.STANDBY:
        return Decision(page, entries=(Entry(EntryKind.STANDBY, now, by=human.user),))
    return _cannot(page, human, policy, roster, now)


def accept(page: Page, human: Human, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """A yes. With what its policy asks for the page is accepted; a yes beyond that is noted beside it; one's own again
    changes nothing."""
    if page.state is PageState.ACCEPTED:
        if page.has_yes_of(human.user) or page.accepted_by == human.user:
            return Decision(page)
        return Decision(page, entries=(Entry(EntryKind.ALSO_ACCEPTED, now, by=human.user),))
    given, demand = page.acceptances, policy.lanes[page.lane].demand
    if not page.has_yes_of(human.user):
        given = (*given, Acceptance(human.user, now, roster.duties_of(human.user, policy)))
    if not demand.met_by(given):
        return _counted(page, given, human, demand.people, now)
    return _accepted(page, given, human, policy, now)


def _counted(page: Page, given: tuple[Acceptance, ...], human: Human, needed: int, now: datetime) -> Decision:
    """It counts, and the page rings on for whoever must answer beside it."""
    if given == page.acceptances:
        return Decision(page)
    event = PageAnswered(
        page_id=page.id,
        threat_id=page.threat_id,
        escalation_id=page.escalation_id,
        user=human.user,
        answered_at=now,
        given=len(given),
        needed=needed,
        drill=page.drill,
    )
    entry = Entry(EntryKind.ACCEPTED_PARTLY, now, by=human.user, code=f"{len(given)}/{needed}")
    return Decision(replace(page, acceptances=given), entries=(entry,), events=(event,))


def _accepted(page: Page, given: tuple[Acceptance, ...], human: Human, policy: PagingPolicy, now: datetime) -> Decision:
    within = policy.lanes[page.lane].act_within
    accepted = replace(
        page,
        state=PageState.ACCEPTED,
        accepted_at=now,
        accepted_by=human.user,
        acceptances=given,
        next_step_at=now + within if within is not None else None,
    )
    event = PageAccepted(
        page_id=page.id,
        threat_id=page.threat_id,
        escalation_id=page.escalation_id,
        user=human.user,
        answered_at=now,
        drill=page.drill,
    )
    taken = Decision(accepted, entries=(Entry(EntryKind.ACCEPTED, now, by=human.user),), events=(event,))
    # A drill asks for an answer and for nothing after it.
    return taken.then(close(accepted, CloseCause.DRILL_ANSWERED, now)) if page.drill else taken


def _cannot(page: Page, human: Human, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    theirs = page.has_yes_of(human.user) or page.accepted_by == human.user
    without = replace(page, acceptances=tuple(given for given in page.acceptances if given.user != human.user))
    entry = Decision(without, entries=(Entry(EntryKind.CANNOT, now, by=human.user),))
    if page.state is PageState.ACCEPTED:
        if not theirs:
            return entry
        if policy.lanes[page.lane].demand.met_by(without.acceptances):
            return replace(entry, page=replace(without, accepted_by=without.acceptances[-1].user))
        return entry.then(climb_now(without, policy, roster, now))
    # A second NEI, or one from a tier that has been passed already, must not climb over people just rung.
    above = roster.tier_of(human.user, policy) >= page.tier and page.tier < policy.floor_tier
    return entry.then(climb_now(without, policy, roster, now)) if above else entry


def say_working(page: Page, human: Human, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """*Jobber med saken*: accepts where nobody has, and gives time before the page asks for an action again. A page
    that waits for further answers rings on all the same."""
    _must_be_running(page.for_eyes_of(human.actor_id))
    taken = accept(page, human, policy, roster, now) if page.state is PageState.OPEN else Decision(page)
    if taken.page.state is PageState.CLOSED:
        return taken
    plan, quiet = policy.lanes[page.lane], taken.page
    if quiet.state is PageState.ACCEPTED:
        quiet = replace(quiet, next_step_at=now + plan.working_for if plan.act_within is not None else None)
    return taken.then(Decision(quiet, entries=(Entry(EntryKind.WORKING, now, by=human.user),)))


def record_action(page: Page, kind: EntryKind, human: Human, now: datetime, *, note: str | None = None) -> Decision:
    """A note or a logged call: an accepted page has its action and asks no more; an open one rings on."""
    _must_be_running(page.for_eyes_of(human.actor_id))
    done = replace(page, next_step_at=None) if page.state is PageState.ACCEPTED else page
    return Decision(done, entries=(Entry(kind, now, by=human.user, note=note),))


def update(page: Page, rules: str | None, now: datetime) -> Decision:
    """More has come to the escalation: a line on the timeline, no new ringing."""
    return Decision(page, entries=(Entry(EntryKind.UPDATED, now, code=rules),))


def close(page: Page, cause: CloseCause, now: datetime, *, by: Human | None = None) -> Decision:
    """Over. A page already closed stays as it is. Raises Conflict for a person's words on a drill."""
    if by is not None:
        page.for_eyes_of(by.actor_id)
    if page.state is PageState.CLOSED:
        return Decision(page)
    closed = replace(page, state=PageState.CLOSED, closed_at=now, next_step_at=None)
    if page.drill and by is not None and cause is not CloseCause.DRILL_STOPPED:
        raise Conflict("A drill is not closed as a page is.", remedy="Answer it, or let the duty leader end it.")
    event = PageClosed(
        page_id=page.id,
        threat_id=page.threat_id,
        escalation_id=page.escalation_id,
        cause=cause.value,
        drill=page.drill,
    )
    entry = Entry(EntryKind.CLOSED, now, by=by.user if by else None, code=cause.value)
    return Decision(closed, entries=(entry,), events=(event,))


def watch_resumed(page: Page, now: datetime) -> Decision:
    """Heartbeats are back. Said on the timeline; it still takes a human to end the page."""
    assert page.origin is Origin.WATCH_SILENT
    return Decision(page, entries=(Entry(EntryKind.WATCH_RESUMED, now),))


def route_back(page: Page, now: datetime) -> Decision:
    """The route carries again. A page nobody has taken is over with it; one somebody has is theirs to end."""
    assert page.origin is Origin.ROUTE_DEAD
    if page.state is not PageState.ACCEPTED:
        return close(page, CloseCause.ROUTE_BACK, now)
    return Decision(page, entries=(Entry(EntryKind.ROUTE_BACK, now),))


def _must_be_running(page: Page) -> None:
    if page.state is PageState.CLOSED:
        raise Conflict("The page is closed.", remedy="Look at the desk for the pages that are open.")
