"""Paging policies on the desk: read, written anew, and chosen for the pages to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from forkant_notifier.commands.desk import Desk, NotifierParts, desk_of, follow_choice
from forkant_notifier.domain.policy import PagingPolicy, from_document
from forkant_notifier.settings import policy_document, policy_versions
from forkant_notifier.store import paging_policies
from forkant_notifier.store.paging_policies import Choice
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal

READ, CHOOSE = "notifier.policy.read", "notifier.policy.choose"
LONGEST_TEXT = 20_000
LONGEST_VERSION = 40
CHOICES_SHOWN = 20


class InForce(Conflict):
    """It is what new pages climb by already."""


@dataclass(frozen=True, slots=True)
class Version:
    """One policy, and who wrote it; nobody, where it came with the program."""

    policy: PagingPolicy
    document: Mapping[str, Any]
    by: str | None


@dataclass(frozen=True, slots=True)
class Policies:
    """Every version that can be chosen, the one that new pages climb by, and what was chosen before."""

    in_force: str
    versions: Sequence[Version]
    choices: Sequence[Choice]

    @property
    def current(self) -> Version:
        return next(one for one in self.versions if one.policy.version == self.in_force)


async def read_policies(parts: NotifierParts, who: Principal) -> Policies:
    """The policies. Raises Forbidden."""
    policy.require(who, READ)
    async with parts.database.read() as session:
        return await _policies(session, desk_of(parts))


async def _policies(session: Session, desk: Desk) -> Policies:
    stored = await paging_policies.kept(session)
    versions = [Version(from_document(each.document), each.document, each.by) for each in stored.values()]
    shipped = {version: policy_document(version) for version in policy_versions() if version not in stored}
    versions += [Version(from_document(document), document, None) for document in shipped.values()]
    in_force = await paging_policies.chosen(session) or desk.started_with
    ordered = sorted(versions, key=lambda one: one.policy.version, reverse=True)
    return Policies(in_force, ordered, await paging_policies.choices(session, CHOICES_SHOWN))


async def write_policy(parts: NotifierParts, who: Principal, text: str) -> PagingPolicy:
    """Keep a new version, given as YAML; no page climbs by it before it is chosen. Raises Forbidden, Invalid (naming
    the field), Conflict for a version that is there already."""
    policy.require(who, CHOOSE)
    document = _read(text)
    written = from_document(document)
    if not 0 < len(written.version) <= LONGEST_VERSION or not written.version.isprintable():
        raise Invalid("A version has 1 to 40 letters.", field="version")
    async with parts.database.write() as session:
        await session.lock([paging_policies.LOCK])
        if written.version in policy_versions() or written.version in await paging_policies.kept(session):
            raise Conflict(
                f"There is a policy {written.version} already.",
                field="version",
                remedy="A policy that is there is never edited: give the new one a version of its own.",
            )
        await paging_policies.keep(session, written.version, document, who.subject)
        await audit.record(session, who, CHOOSE, [], details={"kind": "WRITTEN", "version": written.version})
    return written


async def choose_policy(
    parts: NotifierParts, who: Principal, version: str, reason: str, *, seen: str | None = None
) -> str:
    """New pages climb by this version from now on; those that run keep theirs. Its version.

    Raises Forbidden, Invalid, NotFound, and Conflict where it is in force already or another than `seen` has been
    chosen meanwhile.
    """
    policy.require(who, CHOOSE)
    if not 0 < len(reason.strip()) <= 300:
        raise Invalid("Say why, in at most 300 letters.", field="reason")
    desk = desk_of(parts)
    async with parts.database.write() as session:
        await session.lock([paging_policies.LOCK])
        found = await _policies(session, desk)
        wanted = next((one for one in found.versions if one.policy.version == version), None)
        if wanted is None:
            raise NotFound("There is no such paging policy.")
        if seen is not None and seen != found.in_force:
            raise Conflict("Somebody else has just chosen another policy.", field="seen", remedy="Look at it again.")
        if version == found.in_force:
            raise InForce("New pages climb by it already.", field="version", remedy="Choose another one.")
        await paging_policies.keep(session, version, wanted.document)
        await paging_policies.choose(session, version, parts.clock.now(), who.subject, reason.strip())
        details = {"kind": "CHOSEN", "version": version, "before": found.in_force}
        await audit.record(session, who, CHOOSE, [], details=details)
    async with parts.database.read() as session:
        await follow_choice(session, desk)
    desk.feed()
    return version


def _read(text: str) -> dict[str, Any]:
    """YAML without its ways to name one thing twice, which can make a short text endless."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"A policy has at most {LONGEST_TEXT} letters.", field="text")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise Invalid("A policy says each thing where it stands.", field="text", remedy="Leave out * and &.")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"Line {mark.line + 1} cannot be read." if mark is not None else "The text cannot be read."
        raise Invalid(where, field="text", remedy="Write it as YAML, as the policy in force is.") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise Invalid("A policy is a list of fields with values.", field="text")
    return found
