"""The policy that is in force, known to every instance at the same moment.

An adoption is known some seconds before it is in force. What an instance knows is good for two seconds: a worker looks
each second, and a transaction that finds it older looks for itself. So nobody assesses by a policy that has ended, and
no report waits for the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from forkant_shared import telemetry
from forkant_shared.database import Session
from forkant_shared.errors import Invalid, NotFound, Unavailable
from forkant_shared.parts import Parts
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import RuleBook
from forkant_threat_watch.domain.workbench import Adoption, in_force
from forkant_threat_watch.settings import Settings
from forkant_threat_watch.store import policies
from forkant_threat_watch.store.policies import Version

ThreatWatchParts = Parts[Settings]

GOOD_FOR = timedelta(seconds=2)

log = telemetry.get_logger()


@dataclass(frozen=True, slots=True)
class Going:
    """What the service goes by: the policy and its rules."""

    policy: Policy
    book: RuleBook

    @classmethod
    def by(cls, policy: Policy) -> Going:
        """What goes by this policy."""
        return cls(policy, RuleBook(policy.rules))


@dataclass
class Goings:
    """What an instance knows: `first` is in force where nothing was adopted; `looked_at` is how old the rest is."""

    first: Going
    adoptions: Sequence[Adoption] = ()
    looked_at: datetime | None = None
    known: dict[str, Going] = field(default_factory=dict)

    def at(self, now: datetime) -> Going:
        """What is in force at this moment, as far as is known."""
        adopted = in_force(self.adoptions, now)
        return self.first if adopted is None else self.known.get(adopted.version, self.first)

    def old(self, now: datetime) -> bool:
        """Whether it has to be looked at again before anything is assessed."""
        return self.looked_at is None or not timedelta() <= now - self.looked_at <= GOOD_FOR

    def forget(self) -> None:
        """Look again before anything is assessed."""
        self.looked_at = None


def goings(parts: ThreatWatchParts) -> Goings:
    """What this instance knows."""
    found: Goings = parts.state["goings"]
    return found


def going(parts: ThreatWatchParts) -> Going:
    """The policy this service goes by, for a page; what assesses asks `going_at`."""
    return goings(parts).at(parts.clock.now())


async def going_at(session: Session, parts: ThreatWatchParts, now: datetime) -> Going:
    """The policy in force at `now`. Raises Unavailable where it cannot be read."""
    known = goings(parts)
    if known.old(now):
        await look(session, parts, now)
    return known.at(now)


async def look_for_adoptions(parts: ThreatWatchParts) -> None:
    """Know what has been adopted since the last look."""
    async with parts.database.read() as session:
        await look(session, parts, parts.clock.now())


async def look(session: Session, parts: ThreatWatchParts, now: datetime) -> None:
    """Read what was adopted, and every policy that is or may come into force. Raises Unavailable."""
    known = goings(parts)
    found = await policies.adoptions(session)
    begun = in_force(found, now)
    wanted = {one.version for one in found if one.withdrawn_at is None and (one == begun or one.from_at > now)}
    for version in sorted(wanted - known.known.keys()):
        known.known[version] = await _read(session, parts, version)
    known.adoptions, known.looked_at = found, now


async def _read(session: Session, parts: ThreatWatchParts, version: str) -> Going:
    try:
        return Going.by((await version_named(session, parts, version)).policy())
    except (Invalid, NotFound) as error:
        # To go on by another policy would be to decide who is woken by a policy that nobody adopted.
        log.error("policy-unreadable", version=version)
        raise Unavailable(
            f"The adopted policy {version} cannot be read.", remedy="Start the release that adopted it."
        ) from error


async def version_named(session: Session, parts: ThreatWatchParts, version: str) -> Version:
    """A signed policy: from the workbench, of this release, or the one the settings name. Raises NotFound."""
    signed = await policies.versions(session, version)
    if signed:
        return signed[0]
    found = next((one for one in packaged(parts) if one.version == version), None)
    if found is None:
        raise NotFound("There is no such policy.", field="version", remedy="Use the version of a signed one.")
    return found


def packaged(parts: ThreatWatchParts) -> list[Version]:
    """The policies that need no workbench: those of this release, and the one the settings name, the first first."""
    first = goings(parts).first.policy.version
    found = policies.of_release()
    if parts.settings.policy_file is not None:
        found = {**found, first: policies.of_file(parts.settings.policy_file)}
    return sorted(found.values(), key=lambda one: (one.version != first, one.version))


async def policy_that_said(parts: ThreatWatchParts, version: str) -> Policy:
    """The policy of this version, to show by it what it once said; the one in force where it cannot be read now."""
    async with parts.database.read() as session:
        found = await known_by_version(session, parts, {version})
    return found.get(version) or going(parts).policy


async def known_by_version(session: Session, parts: ThreatWatchParts, versions: set[str]) -> dict[str, Policy]:
    """The policies of these versions, as far as they are there and can still be read."""
    known = goings(parts)
    found: dict[str, Policy] = {}
    for version in sorted(versions):
        if version in known.known:
            found[version] = known.known[version].policy
        elif version == known.first.policy.version:
            found[version] = known.first.policy
        else:
            try:
                found[version] = (await version_named(session, parts, version)).policy()
            except (Invalid, NotFound):
                continue
    return found
