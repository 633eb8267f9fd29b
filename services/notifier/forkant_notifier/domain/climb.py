"""How a page climbs: every step that is due is taken, a step that reaches nobody is passed at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.domain.acceptance import Acceptance
from forkant_notifier.domain.horizon import set_back
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import (
    Decision,
    Entry,
    EntryKind,
    Origin,
    Page,
    PageState,
    Ring,
    next_higher,
    ring_all,
    with_next_step,
)
from forkant_notifier.domain.policy import LanePlan, PagingPolicy, Step
from forkant_notifier.domain.roster import Contact, Roster
from forkant_shared.events.notifier import PageOpened

FIRST_TIER = frozenset({1})


@dataclass(frozen=True, slots=True)
class Cause:
    """What asks for a page: an escalation of a threat or a report, or the watch that fell silent (no id is set).

    `by` is the user who asked for it, where one did.
    """

    lane: Lane
    origin: Origin
    threat_id: str | None = None
    report_id: str | None = None
    escalation_id: str | None = None
    include_leader: bool = False
    excluded: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    by: str | None = None


def open_page(
    cause: Cause, *, page_id: str, code: str, policy: PagingPolicy, roster: Roster, now: datetime
) -> Decision:
    """A new page that rings its first step at once."""
    page = Page(
        id=page_id,
        code=code,
        lane=cause.lane,
        origin=cause.origin,
        threat_id=cause.threat_id,
        report_id=cause.report_id,
        escalation_id=cause.escalation_id,
        policy_version=policy.version,
        include_leader=cause.include_leader,
        excluded=cause.excluded,
        opened_at=now,
        clock_at=now,
        next_step_at=now,
    )
    opened = PageOpened(
        page_id=page_id,
        threat_id=cause.threat_id,
        escalation_id=cause.escalation_id,
        lane=cause.lane.value,
        drill=page.drill,
    )
    begun = Decision(
        page, entries=(Entry(EntryKind.OPENED, now, by=cause.by, code=codes(cause.rules)),), events=(opened,)
    )
    return begun.then(climb(page, policy, roster, now))


def step_due(page: Page, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """What the clock asks of a page at `now`: nothing, the steps that are due, or to ring again for want of action."""
    if page.state is PageState.CLOSED or page.next_step_at is None:
        return Decision(page)
    plan = policy.lanes[page.lane]
    if set_back(page, plan, now):
        due = replace(page, next_step_at=now, clock_at=now - plan.due_after(page.step))
        noted = Decision(due, entries=(Entry(EntryKind.CLOCK_SET_BACK, now),))
        return noted.then(step_due(due, policy, roster, now))
    if page.next_step_at > now:
        return Decision(page)
    if page.state is PageState.ACCEPTED:
        entry = Entry(EntryKind.ACTION_MISSING, now, by=page.accepted_by)
        return Decision(page, entries=(entry,)).then(ring_again(page, policy, roster, now))
    return climb(page, policy, roster, now)


def ring_again(
    page: Page,
    policy: PagingPolicy,
    roster: Roster,
    now: datetime,
    *,
    from_step: int = 0,
    kept: tuple[Acceptance, ...] = (),
) -> Decision:
    """Open once more, as if step `from_step` of the plan were due now; of the acceptances those `kept` still count."""
    plan = policy.lanes[page.lane]
    reopened = replace(
        page,
        state=PageState.OPEN,
        accepted_at=None,
        accepted_by=None,
        acceptances=kept,
        step=from_step,
        tier=page.tier if from_step else 0,
        clock_at=now - plan.due_after(from_step),
        next_step_at=now,
    )
    return climb(reopened, policy, roster, now)


def climb_now(page: Page, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """Ring the next tier above those already rung without waiting for its time."""
    return ring_again(page, policy, roster, now, from_step=next_higher(page, policy), kept=page.acceptances)


def climb(page: Page, policy: PagingPolicy, roster: Roster, now: datetime) -> Decision:
    """Take every step that is due. After a pause of ours the tiers that were missed are rung together, once."""
    entries: list[Entry] = []
    rings: dict[tuple[str, str], Ring] = {}
    while page.next_step_at is not None and page.next_step_at <= now:
        plan = policy.lanes[page.lane]
        step = plan.step(page.step)
        if step.becomes is not None:
            page = replace(page, lane=step.becomes, clock_at=page.next_step_at, step=0)
            entries.append(Entry(EntryKind.BECAME_LIFE, now))
            continue
        contacts = _reached(page, step, policy, roster)
        if contacts:
            rings |= {(ring.contact.user, ring.channel): ring for ring in ring_all(contacts, step.channels)}
            tier = policy.floor_tier if step.everyone else max(step.tiers)
            entries.append(Entry(EntryKind.RANG, now, code=_tiers(step)))
            page = replace(page, tier=max(page.tier, tier), step=page.step + 1)
        else:
            entries.append(Entry(EntryKind.TIER_SKIPPED, now, code=_tiers(step)))
            wait = plan.due_after(page.step + 1) - plan.due_after(page.step)
            page = replace(page, clock_at=page.clock_at - wait, step=page.step + 1)
        page = with_next_step(_past_missed_repeats(page, plan, now), policy)
    return Decision(page, entries=tuple(entries), rings=tuple(rings.values()))


def _reached(page: Page, step: Step, policy: PagingPolicy, roster: Roster) -> tuple[Contact, ...]:
    if page.origin in (Origin.WATCH_SILENT, Origin.ROUTE_DEAD) and step.tiers == FIRST_TIER:
        # What is broken is the system, not a case: the operations centre is awake and answers for it.
        return roster.operations(page.excluded)
    reached = roster.reached_by(step, page.excluded)
    if not step.everyone:
        # Whoever has said yes is awake; where only they are on this tier, the next one is asked at once.
        reached = tuple(contact for contact in reached if not page.has_yes_of(contact.user))
    if page.step == 0 and page.include_leader:
        leaders = roster.on_tiers([policy.leader_tier], page.excluded)
        reached = (*reached, *(leader for leader in leaders if leader not in reached))
    return reached


def _past_missed_repeats(page: Page, plan: LanePlan, now: datetime) -> Page:
    if plan.repeat_last_each is None or page.step < len(plan.steps):
        return page
    repeats = (now - page.clock_at - plan.steps[-1].after) // plan.repeat_last_each
    return replace(page, step=max(page.step, len(plan.steps) + repeats))


def _tiers(step: Step) -> str:
    return "everyone" if step.everyone else codes(str(tier) for tier in sorted(step.tiers)) or ""


def codes(values: Iterable[str]) -> str | None:
    """Codes as one word for a timeline; None for none."""
    return ",".join(values) or None
