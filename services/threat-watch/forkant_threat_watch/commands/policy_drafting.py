"""Drafts of a policy: written, checked with all their examples, thrown away, and signed off by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound, Stale
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.policy_in_force import ThreatWatchParts, going_at, packaged
from forkant_threat_watch.domain.documents import Misread
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_checks import check_succession
from forkant_threat_watch.domain.policy_document import SignedOff
from forkant_threat_watch.domain.policy_examples import run_examples
from forkant_threat_watch.domain.workbench import Signature, check_signing, signed_off
from forkant_threat_watch.store import policies, policy_drafts
from forkant_threat_watch.store.policy_drafts import Draft, Scenario
from forkant_threat_watch.store.workbench_rules import current as rules
from forkant_threat_watch.store.yaml_files import line_of

WRITE, SIGN = "threat-watch.policy.write", "threat-watch.policy.sign"
UNSIGNED = SignedOff("", date.min)
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Examined:
    """A text that is a policy, and what its examples showed: rule, kind, place, how often it fired, line, holds."""

    policy: Policy
    examples: Sequence[Mapping[str, Any]]

    @property
    def failing(self) -> int:
        return sum(not example["holds"] for example in self.examples)


async def examine(text: str, name: str, current: Policy | None, signed: SignedOff | None = UNSIGNED) -> Examined:
    """`examined`, away from the event loop."""
    return await asyncio.to_thread(examined, text, name, current, signed)


def examined(text: str, name: str, current: Policy | None, signed: SignedOff | None = UNSIGNED) -> Examined:
    """Read a policy and tell all its examples. Raises Invalid with line and remedy.

    `current` is the policy it would come after; `signed` None where the text carries its own signature line.
    """
    read = policies.policy_from(text, name, signed)
    try:
        if current is not None:
            check_succession(read, current)
        shown = run_examples(read)
    except Misread as error:
        raise policies.located(error, text) from error
    rows = [
        {
            "rule": one.rule,
            "kind": one.kind,
            "place": one.place,
            "fired": one.fired,
            "holds": one.holds,
            "line": None if one.holds else line_of(text, one.path),
        }
        for one in shown
    ]
    return Examined(read, rows)


async def save_draft(
    parts: ThreatWatchParts,
    who: Principal,
    text: str,
    *,
    name: str | None = None,
    draft_id: str | None = None,
    revision: int | None = None,
) -> Draft:
    """Save a text: as a new draft of this name, or as the next revision of a draft whose `revision` the person saw.

    Raises Forbidden, NotFound, Stale, Conflict (the name is taken), Invalid with the line of what is wrong.
    """
    policy.require(who, WRITE)
    async with parts.database.read() as session:
        current = (await going_at(session, parts, parts.clock.now())).policy
    read = await examine(text, "The draft", current)
    async with parts.database.write() as session:
        if draft_id is None:
            draft_id, last = await _begin(session, name or "", current.version), 0
        else:
            found = await open_draft(session, draft_id, lock=True)
            _must_be(found, revision)
            last = found.revision
        await _must_be_free(session, parts, read.policy.version, text)
        row = {
            "revision": last + 1,
            "digest": await policies.remember_text(session, text),
            "version": read.policy.version,
            "by": who.subject,
            "at": parts.clock.now(),
            "examples": read.examples,
            "failing": read.failing,
        }
        await policy_drafts.add_revision(session, draft_id, row)
        codes = {"revision": row["revision"], "version": row["version"], "digest": row["digest"]}
        await audit.record(session, who, WRITE, [draft_id], details=codes)
        return await open_draft(session, draft_id)


async def _begin(session: Session, name: str, based_on: str) -> str:
    """A new draft's id. Raises Invalid, Conflict."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("A draft has a name.", field="name", remedy=f"Write a name of at most {LONGEST_NAME} characters.")
    if len(await policy_drafts.drafts(session)) >= rules().drafts:
        raise Conflict("There are too many drafts.", field="name", remedy="Throw one away first.")
    draft_id = new_id()
    if not await policy_drafts.add(session, draft_id, name, based_on):
        raise Conflict("There is a draft of this name.", field="name", remedy="Choose another name, or open that one.")
    return draft_id


async def _must_be_free(session: Session, parts: ThreatWatchParts, version: str, text: str) -> None:
    """Raise Misread where another policy has this version: an assessment is known by it."""
    taken = await policies.versions(session, version)
    if taken or any(one.version == version for one in packaged(parts)):
        wrong = Misread("version", f"'{version}' is taken.", "Give the draft a version that no policy has had.")
        raise policies.located(wrong, text)


async def open_draft(session: Session, draft_id: str, *, lock: bool = False) -> Draft:
    """A draft that may still be changed. Raises NotFound, or Conflict where it is signed."""
    found = await policy_drafts.draft(session, draft_id, lock=lock)
    if found is None:
        raise NotFound("There is no such draft.")
    if found.signed_as is not None:
        raise Conflict("The draft is signed.", field="draft", remedy="Begin a new draft from this version.")
    return found


def _must_be(found: Draft, revision: int | None) -> None:
    if revision is not None and revision != found.revision:
        raise Stale(
            "Somebody else has saved the draft meanwhile.",
            field="If-Match",
            remedy="Open it again, and write what you meant into their text.",
        )


async def discard_draft(parts: ThreatWatchParts, who: Principal, draft_id: str) -> None:
    """Throw a draft away; what it said stays in the database. Raises Forbidden, NotFound, Conflict."""
    policy.require(who, WRITE)
    async with parts.database.write() as session:
        found = await open_draft(session, draft_id, lock=True)
        await policy_drafts.discard(session, found.id, who.subject, parts.clock.now())
        await audit.record(session, who, WRITE, [found.id], details={"act": "discard", "revision": found.revision})


async def sign_draft(parts: ThreatWatchParts, who: Principal, draft_id: str, revision: int) -> str | None:
    """Sign this text of a draft by name. The version it has become, once enough people have signed.

    Every example is told anew first. Raises Forbidden, NotFound, Stale, Conflict, Invalid.
    """
    policy.require(who, SIGN)
    async with parts.database.read() as session:
        found = await open_draft(session, draft_id)
        current = (await going_at(session, parts, parts.clock.now())).policy
    read = await examine(found.text, "The draft", current)
    async with parts.database.write() as session:
        found = await open_draft(session, draft_id, lock=True)
        _must_be(found, revision)
        signed = await policy_drafts.signatures(session, draft_id, revision)
        check_signing(signed, who.subject, read.failing)
        now = parts.clock.now()
        signature = Signature(who.subject, who.name, now)
        await policy_drafts.sign(session, draft_id, revision, signature)
        codes = {"revision": revision, "version": found.version, "digest": found.digest}
        await audit.record(session, who, SIGN, [draft_id], details=codes)
        signed = [*signed, signature]
        if not signed_off(signed, await policy_drafts.writers(session, draft_id), rules()):
            return None
        on = now.astimezone(read.policy.timezone).date()
        names = SignedOff(", ".join(one.name for one in signed), on)
        if not await policies.add_version(session, found.version, found.digest, names, draft_id):
            raise Conflict("Another policy has taken this version.", field="version", remedy="Give it another one.")
        await policy_drafts.signed_as(session, draft_id, found.version)
        return found.version


async def put_scenario(parts: ThreatWatchParts, who: Principal, name: str, text: str) -> None:
    """Keep a story that drafts are tried on. Raises Forbidden, Conflict, Invalid with the line of what is wrong."""
    policy.require(who, WRITE)
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid("A story has a name.", field="name", remedy=f"Write at most {LONGEST_NAME} characters.")
    await asyncio.to_thread(policies.story_from, text, "The story")
    async with parts.database.write() as session:
        known = {one.name for one in await policy_drafts.scenarios(session)}
        if name not in known and len(known) >= rules().scenarios:
            raise Conflict("There are too many stories.", field="name", remedy="Take one away first.")
        await policy_drafts.put_scenario(session, Scenario(name, text, who.subject, parts.clock.now()))
        await audit.record(session, who, WRITE, [], details={"act": "put-story", "characters": len(text)})


async def drop_scenario(parts: ThreatWatchParts, who: Principal, name: str) -> None:
    """Take a story away. Raises Forbidden, NotFound."""
    policy.require(who, WRITE)
    async with parts.database.write() as session:
        if not await policy_drafts.drop_scenario(session, name):
            raise NotFound("There is no such story.")
        await audit.record(session, who, WRITE, [], details={"act": "drop-story"})
