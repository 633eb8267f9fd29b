"""What the notifier keeps in memory while it runs. All of it can be lost: the database knows what matters."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from forkant_notifier.clients.board import RouteBoard
from forkant_notifier.clients.pinned import PinnedPoster
from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.callbacks import Bucket, CallbackRules
from forkant_notifier.domain.duty_rules import DutyRules, read_rules
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.notices import Worry
from forkant_notifier.domain.plan import Gap, Plan
from forkant_notifier.domain.policy import PagingPolicy, from_document
from forkant_notifier.domain.push import Subscription
from forkant_notifier.domain.speech import Speech, read_speech
from forkant_notifier.domain.webhook_rules import read_webhook_rules
from forkant_notifier.settings import Settings, duty_document, speech_document, webhook_document
from forkant_notifier.store import duty, paging_policies
from forkant_shared.database import Session
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import TokenSigner
from forkant_shared.machine import MachineTokens
from forkant_shared.parts import Parts

NotifierParts = Parts[Settings]


class Mailbox:
    """Attempts handed straight to the sender of this process, LIFE before NORMAL, and its bell."""

    def __init__(self) -> None:
        self._handed: dict[Lane, deque[Attempt]] = {Lane.LIFE: deque(), Lane.NORMAL: deque()}
        self.bell = asyncio.Event()
        self.look = True

    def hand_over(self, attempts: Sequence[Attempt]) -> None:
        """These are leased to us and committed: send them now."""
        for attempt in attempts:
            self._handed[attempt.lane].append(attempt)
        self.bell.set()

    def ring(self) -> None:
        """Something is due in the database: look there now."""
        self.look = True
        self.bell.set()

    def take(self, lane: Lane, limit: int) -> list[Attempt]:
        """The oldest that were handed over in this lane."""
        queue = self._handed[lane]
        return [queue.popleft() for _ in range(min(limit, len(queue)))]


class Broadcast:
    """Wakes everybody who waits; nobody is waited for."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    def next(self) -> asyncio.Event:
        """What the next call sets; taken before one looks, so that nothing falls between looking and waiting."""
        return self._event


class Webhooks:
    """What delivers to partners: beside the pages' sender, with nothing in common but the database."""

    def __init__(self) -> None:
        self.rules = read_webhook_rules(webhook_document())
        self.poster = PinnedPoster(self.rules)
        self.bell = asyncio.Event()


@dataclass
class Desk:
    """The parts of the notifier that are its own. `started_at`: before it nobody could have missed a heartbeat."""

    policy: PagingPolicy
    document: dict[str, Any]
    routes: RouteBoard
    machine: MachineTokens
    started_at: datetime
    callbacks: CallbackRules
    speech: Speech = field(default_factory=lambda: read_speech(speech_document()))
    rules: DutyRules = field(default_factory=lambda: read_rules(duty_document()))
    policies: dict[str, PagingPolicy] = field(default_factory=dict)
    mailbox: Mailbox = field(default_factory=Mailbox)
    feed: Broadcast = field(default_factory=Broadcast)
    webhooks: Webhooks = field(default_factory=Webhooks)
    browsers: dict[str, list[Subscription]] = field(default_factory=dict)
    called: dict[str, Bucket] = field(default_factory=dict)
    stopping: bool = False
    signer: TokenSigner | None = None
    development: TokenSigner | None = None
    book: duty.DutyBook | None = None
    book_read_at: float = 0.0
    worries: Sequence[Worry] = ()
    gaps: tuple[tuple[Plan, datetime], Sequence[Gap]] | None = None
    codes: list[str] = field(default_factory=list)
    link_key: bytes = b""

    @property
    def started_with(self) -> str:
        """The version that the settings name: what new pages climb by until somebody chooses another."""
        return str(self.document["version"])

    def calls(self, route: str, kind: str) -> Bucket:
        """How much of a kind this carrier may still tell us now: a flood of receipts takes no place from an answer."""
        rules = self.callbacks
        return self.called.setdefault(f"{route} {kind}", Bucket(rules.per_second, rules.burst))

    def unknown_receipts(self, route: str) -> Bucket:
        """How many receipts of messages we do not know are still kept for this carrier."""
        rules = self.callbacks
        return self.called.setdefault(f"{route} unknown", Bucket(rules.unknown_per_second, rules.unknown_burst))


def desk_of(parts: Parts[Any]) -> Desk:
    """The desk of a running notifier."""
    return cast(Desk, parts.state["desk"])


async def adopt_policy(session: Session, desk: Desk) -> None:
    """Keep the policy the service was started with as it is at its first use, and go by the one that was chosen last.

    Raises Invalid where a policy that has been in use was edited: pages that run by it would change their minds.
    """
    await paging_policies.keep(session, desk.started_with, desk.document)
    stored = await paging_policies.kept(session)
    if stored[desk.started_with].document != desk.document:
        raise Invalid(
            f"Paging policy {desk.started_with} has been in use and is not the same any more.",
            field="policy",
            remedy="Give the changed policy a version of its own and set FORKANT_NOTIFIER_POLICY to it.",
        )
    desk.policies = {version: from_document(each.document) for version, each in stored.items()}
    await follow_choice(session, desk)


async def follow_choice(session: Session, desk: Desk) -> None:
    """Go by the version chosen last, on whichever instance that was."""
    version = await paging_policies.chosen(session)
    if version is not None and version != desk.policy.version:
        desk.policy = await policy_of(session, desk, version)


async def policy_of(session: Session, desk: Desk, version: str) -> PagingPolicy:
    """The policy a page started with; another instance may have begun to use it after we started."""
    if version not in desk.policies:
        stored = await paging_policies.kept(session)
        desk.policies = {name: from_document(each.document) for name, each in stored.items()}
    if version not in desk.policies:
        raise NotFound("The page's paging policy is not in the database.")
    return desk.policies[version]
