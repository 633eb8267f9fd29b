"""How a policy becomes another one: a draft is signed off by name, and is in force from a time that is not yet here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_shared.errors import Conflict, Invalid, Stale
from forkant_threat_watch.domain.documents import Node

#: Instances trust what they know for two seconds: with less notice than this they might not all have heard.
NOTICE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class WorkbenchRules:
    """The working values. `lead` is how long before it is in force an adoption is known; sizes are in bytes."""

    version: str
    signatures: int
    writers_count: bool
    lead: timedelta
    latest: timedelta
    largest_policy: int
    largest_scenario: int
    drafts: int
    scenarios: int
    history: timedelta
    longest: timedelta
    pages_shown: int
    waiting: int


def workbench_rules_of(document: object) -> WorkbenchRules:
    """The rules a document describes. Raises Misread with the path of what is wrong."""
    parts = Node(document, "").mapping("version signing adopting limits comparing")
    signing = parts["signing"].mapping("needed writers_count")
    adopting = parts["adopting"].mapping("lead_seconds latest_days")
    limits = parts["limits"].mapping("policy_kilobytes scenario_kilobytes drafts scenarios")
    comparing = parts["comparing"].mapping("history_days longest_seconds pages_shown waiting")
    return WorkbenchRules(
        version=parts["version"].text(),
        signatures=signing["needed"].count(1),
        writers_count=signing["writers_count"].flag(),
        lead=timedelta(seconds=adopting["lead_seconds"].number(NOTICE.total_seconds(), 3600)),
        latest=timedelta(days=adopting["latest_days"].number(1, 3650)),
        largest_policy=limits["policy_kilobytes"].count(1, 1500) * 1000,
        largest_scenario=limits["scenario_kilobytes"].count(1, 1500) * 1000,
        drafts=limits["drafts"].count(1),
        scenarios=limits["scenarios"].count(1),
        history=timedelta(days=comparing["history_days"].number(1, 3650)),
        longest=timedelta(seconds=comparing["longest_seconds"].number(1, 86_400)),
        pages_shown=comparing["pages_shown"].count(1),
        waiting=comparing["waiting"].count(1),
    )


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody's name under one text of a draft."""

    by: str
    name: str
    at: datetime


def check_signing(signed: Sequence[Signature], by: str, failing: int) -> None:
    """Raise Conflict where this person may not sign this text now."""
    if failing:
        raise Conflict(
            "Examples of its own do not hold.", field="examples", remedy="Change the rule or the example, and save it."
        )
    if any(one.by == by for one in signed):
        raise Conflict("You have signed this text.", field="signature", remedy="Another person signs it now.")


def signed_off(signed: Sequence[Signature], writers: Collection[str], rules: WorkbenchRules) -> bool:
    """Whether enough people stand behind the text; those who wrote it do not count unless the rules say so."""
    counting = [one for one in signed if rules.writers_count or one.by not in writers]
    return len(counting) >= rules.signatures


@dataclass(frozen=True, slots=True)
class Adoption:
    """A version, in force from a moment until the next one's, unless it was withdrawn before."""

    number: int
    version: str
    from_at: datetime
    by: str
    at: datetime
    reason: str
    settled_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None


def in_force(adoptions: Collection[Adoption], now: datetime) -> Adoption | None:
    """The adoption that is in force now; None where none ever was."""
    begun = [one for one in adoptions if one.withdrawn_at is None and one.from_at <= now]
    return max(begun, key=lambda one: (one.from_at, one.number), default=None)


def pending(adoptions: Collection[Adoption], now: datetime) -> Adoption | None:
    """The adoption that is not in force yet."""
    return next((one for one in adoptions if one.withdrawn_at is None and one.from_at > now), None)


def adopt(
    last: Sequence[Adoption],
    current: str,
    version: str,
    from_at: datetime | None,
    by: str,
    reason: str,
    now: datetime,
    rules: WorkbenchRules,
    expected: int | None,
) -> Adoption:
    """The adoption of `version` from then (None: as soon as everybody knows). `last` are the newest, `current` is the
    version in force, `expected` the number of the newest that the person saw.

    Raises Stale where somebody else was first, Conflict where another waits, Invalid for a wrong time or no reason.
    """
    number = max((one.number for one in last), default=0)
    if expected is not None and expected != number:
        raise Stale(
            "Somebody else has adopted or withdrawn a policy meanwhile.",
            field="If-Match",
            remedy="Look at what is in force, and decide anew.",
        )
    if not reason.strip():
        raise Invalid("A policy is adopted for a reason.", field="reason", remedy="Write why.")
    waiting = pending(last, now)
    if waiting is not None:
        raise Conflict(
            "Another adoption is not in force yet.", field="version", remedy="Withdraw it first, or wait for it."
        )
    if version == current:
        raise Conflict("This version is in force.", field="version", remedy="Choose another version.")
    earliest = now + rules.lead
    from_at = earliest if from_at is None else from_at
    if not earliest <= from_at <= now + rules.latest:
        raise Invalid(
            "A policy is in force from a time that is not yet here.",
            field="from_at",
            remedy=f"Choose a time from {rules.lead.seconds} seconds to {rules.latest.days} days from now.",
        )
    return Adoption(number + 1, version, from_at, by, now, reason)


def check_withdrawal(adoption: Adoption | None, reason: str, now: datetime) -> None:
    """Raise Conflict where there is nothing to withdraw any more, Invalid without a reason."""
    if not reason.strip():
        raise Invalid("An adoption is withdrawn for a reason.", field="reason", remedy="Write why.")
    if adoption is None or adoption.withdrawn_at is not None or adoption.from_at <= now + NOTICE:
        raise Conflict(
            "It is in force in a moment, or withdrawn already.",
            field="adoption",
            remedy="Adopt an earlier version instead.",
        )
