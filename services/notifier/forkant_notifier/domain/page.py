"""A page: what it is, what is on its timeline, and what a decision about it brings along."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_notifier.domain.acceptance import Acceptance
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.policy import PagingPolicy
from forkant_notifier.domain.roster import Contact
from forkant_shared.errors import NotFound
from forkant_shared.events.notifier import PageAccepted, PageAnswered, PageClosed, PageOpened

PageEvent = PageOpened | PageAnswered | PageAccepted | PageClosed


class PageState(StrEnum):
    """OPEN rings; ACCEPTED has a human; CLOSED is over."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    CLOSED = "CLOSED"


class Origin(StrEnum):
    """What began the page: an escalation of threat-watch, one of the notifier's own rules, or a drill."""

    ESCALATION = "ESCALATION"
    WATCH_SILENT = "WATCH_SILENT"
    ROUTE_DEAD = "ROUTE_DEAD"
    DRILL = "DRILL"


class EntryKind(StrEnum):
    """What can stand on a timeline."""

    OPENED = "OPENED"
    RANG = "RANG"
    TIER_SKIPPED = "TIER_SKIPPED"
    BECAME_LIFE = "BECAME_LIFE"
    ACCEPTED = "ACCEPTED"
    ACCEPTED_PARTLY = "ACCEPTED_PARTLY"
    ALSO_ACCEPTED = "ALSO_ACCEPTED"
    STANDBY = "STANDBY"
    CANNOT = "CANNOT"
    WORKING = "WORKING"
    CALL = "CALL"
    NOTE = "NOTE"
    ACTION_MISSING = "ACTION_MISSING"
    UPDATED = "UPDATED"
    WATCH_RESUMED = "WATCH_RESUMED"
    CLOCK_SET_BACK = "CLOCK_SET_BACK"
    ROUTE_BACK = "ROUTE_BACK"
    CLOSED = "CLOSED"


class CloseCause(StrEnum):
    """Why a page is over. The first two are a person's words, the others a fact's: TRIAGED is a text's own end."""

    HANDLED = "HANDLED"
    FALSE_ALARM = "FALSE_ALARM"
    THREAT_CLOSED = "THREAT_CLOSED"
    REPLACED = "REPLACED"
    TRIAGED = "TRIAGED"
    ROUTE_BACK = "ROUTE_BACK"
    DRILL_ANSWERED = "DRILL_ANSWERED"
    DRILL_STOPPED = "DRILL_STOPPED"
    DRILL_TIME = "DRILL_TIME"
    DRILL_REAL_PAGE = "DRILL_REAL_PAGE"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `clock_at` is the zero of its plan, `step` how many steps of it are done, `tier` the highest one rung.

    `next_step_at` is never None while the page is OPEN. `excluded` are the actor ids passed over at every tier.
    `report_id` is the report to be looked at where there is no threat yet. `acceptances` are the answers that count
    towards what the policy asks for; `accepted_at` and `accepted_by` are set once they are enough, by the last of them.
    """

    id: str
    code: str
    lane: Lane
    origin: Origin
    threat_id: str | None
    report_id: str | None
    escalation_id: str | None
    policy_version: str
    include_leader: bool
    excluded: frozenset[str]
    opened_at: datetime
    clock_at: datetime
    step: int = 0
    tier: int = 0
    state: PageState = PageState.OPEN
    next_step_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    closed_at: datetime | None = None
    acceptances: tuple[Acceptance, ...] = ()
    version: int = 0

    @property
    def drill(self) -> bool:
        """Whether it only exercises the chain: nothing has happened."""
        return self.origin is Origin.DRILL

    def known_to(self, actor_id: str | None) -> bool:
        """Whether this person may know of the page at all: one the threat is aimed at may not."""
        return actor_id is None or actor_id not in self.excluded

    def has_yes_of(self, user: str) -> bool:
        """Whether this person's acceptance counts already."""
        return any(given.user == user for given in self.acceptances)

    def for_eyes_of(self, actor_id: str | None) -> Page:
        """Itself. Raises NotFound, as for a page that does not exist, where the person may not know of it."""
        if not self.known_to(actor_id):
            raise NotFound("There is no such page.")
        return self


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline: what, when, by which user; `code` holds codes only, `note` an officer's own words."""

    kind: EntryKind
    at: datetime
    by: str | None = None
    code: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone to be rung now, on this channel."""

    contact: Contact
    channel: Channel


@dataclass(frozen=True, slots=True)
class Decision:
    """What a page is after something happened, and all that follows from it. Stored in one transaction."""

    page: Page
    entries: tuple[Entry, ...] = ()
    rings: tuple[Ring, ...] = ()
    events: tuple[PageEvent, ...] = ()

    def then(self, later: Decision) -> Decision:
        """Both, one after the other."""
        return Decision(
            page=later.page,
            entries=self.entries + later.entries,
            rings=self.rings + later.rings,
            events=self.events + later.events,
        )


def with_next_step(page: Page, policy: PagingPolicy) -> Page:
    """The page with the moment of its next step, from its own clock and plan."""
    plan = policy.lanes[page.lane]
    return replace(page, next_step_at=page.clock_at + plan.due_after(page.step))


def next_higher(page: Page, policy: PagingPolicy) -> int:
    """The index of the first step that rings somebody above the tiers rung so far."""
    steps = policy.lanes[page.lane].steps
    for index, step in enumerate(steps):
        if step.everyone or step.becomes or max(step.tiers, default=0) > page.tier:
            return index
    return len(steps) - 1


def ring_all(contacts: Collection[Contact], channels: tuple[Channel, ...]) -> tuple[Ring, ...]:
    """Every contact on every one of the channels it has."""
    return tuple(Ring(contact, channel) for contact in contacts for channel in contact.channels(channels))
