"""What the policy workbench shows: what is in force, what is to come, drafts with all that is known of them."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.overviewing import name_reports
from forkant_threat_watch.commands.policy_in_force import (
    ThreatWatchParts,
    goings,
    look,
    packaged,
    version_named,
)
from forkant_threat_watch.domain.policy_difference import Difference, differences
from forkant_threat_watch.domain.workbench import Adoption, Signature, WorkbenchRules, in_force, pending, signed_off
from forkant_threat_watch.store import policies, policy_comparisons, policy_drafts
from forkant_threat_watch.store.policies import Version
from forkant_threat_watch.store.policy_comparisons import Comparison
from forkant_threat_watch.store.policy_drafts import Draft, Scenario
from forkant_threat_watch.store.workbench_rules import current as rules
from forkant_threat_watch.store.yaml_files import parsed

READ = "threat-watch.policy.read"


@dataclass(frozen=True, slots=True)
class Opened:
    """One draft, and what stands beside it. `lines` are the texts' differences, as `diff -u` writes them."""

    draft: Draft
    differences: Sequence[Difference]
    lines: Sequence[str]
    signatures: Sequence[Signature]
    writers: Collection[str]
    comparisons: Sequence[Comparison]

    @property
    def signed(self) -> bool:
        """Whether enough people stand behind the text."""
        return signed_off(self.signatures, self.writers, rules())

    @property
    def shown(self) -> Sequence[Comparison]:
        """The newest comparison on each kind of history."""
        found: dict[str, Comparison] = {}
        for one in self.comparisons:
            found.setdefault(one.source, one)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything on the page. `adoption` is the one in force, None where nothing was adopted; `last` its number."""

    current: Version
    adoption: Adoption | None
    coming: Adoption | None
    last: int
    versions: Sequence[Version]
    adoptions: Sequence[Adoption]
    drafts: Sequence[Draft]
    scenarios: Sequence[Scenario]
    opened: Opened | None
    rules: WorkbenchRules


async def read_workbench(parts: ThreatWatchParts, who: Principal, draft_id: str | None = None) -> Workbench:
    """The workbench, with one draft opened. Raises Forbidden, NotFound."""
    policy.require(who, READ)
    async with parts.database.write() as session:
        now = parts.clock.now()
        await look(session, parts, now)
        known = goings(parts)
        current = await version_named(session, parts, known.at(now).policy.version)
        signed = {one.version: one for one in (*packaged(parts), *await policies.versions(session))}
        opened = None if draft_id is None else await _opened(session, draft_id, current)
        found = Workbench(
            current=current,
            adoption=in_force(known.adoptions, now),
            coming=pending(known.adoptions, now),
            last=max((one.number for one in known.adoptions), default=0),
            versions=list(signed.values()),
            adoptions=known.adoptions,
            drafts=await policy_drafts.drafts(session),
            scenarios=await policy_drafts.scenarios(session),
            opened=opened,
            rules=rules(),
        )
        looked_at = [] if draft_id is None else [draft_id]
        await audit.record(session, who, READ, looked_at, kind="CONSULTATION")
    return found if opened is None else replace(found, opened=await _known(parts, who, opened))


async def open_draft(parts: ThreatWatchParts, who: Principal, draft_id: str) -> Opened:
    """One draft with all that is known of it. Raises Forbidden, NotFound."""
    found = (await read_workbench(parts, who, draft_id)).opened
    assert found is not None
    return found


async def _known(parts: ThreatWatchParts, who: Principal, opened: Opened) -> Opened:
    return replace(opened, comparisons=await _as_known_to(parts, who, opened.comparisons))


async def _opened(session: Session, draft_id: str, current: Version) -> Opened:
    draft = await policy_drafts.draft(session, draft_id)
    if draft is None:
        raise NotFound("There is no such draft.")
    differing, lines = await asyncio.to_thread(_difference, current, draft)
    return Opened(
        draft,
        differing,
        lines,
        await policy_drafts.signatures(session, draft_id, draft.revision),
        await policy_drafts.writers(session, draft_id),
        await policy_comparisons.of_draft(session, draft_id),
    )


def _difference(current: Version, draft: Draft) -> tuple[list[Difference], list[str]]:
    before, after = parsed(current.text, current.version), parsed(draft.text, draft.name)
    lines = difflib.unified_diff(
        current.text.splitlines(), draft.text.splitlines(), current.version, draft.version, lineterm="", n=2
    )
    return differences(before, after), list(lines)


def _reports_of(comparisons: Sequence[Comparison]) -> list[str]:
    results = [one.result["history"] for one in comparisons if one.result and "history" in one.result]
    return sorted({page["threat"] for result in results for page in result["pages"] if page["threat"]})


async def read_comparison(parts: ThreatWatchParts, who: Principal, comparison_id: str) -> Comparison:
    """How far a comparison is, and what came of it: each page with the report that opened its threat, where this person
    may know of that report. Raises Forbidden, NotFound."""
    policy.require(who, READ)
    async with parts.database.write() as session:
        found = await policy_comparisons.find(session, comparison_id)
        if found is None:
            raise NotFound("There is no such comparison.")
        if found.finished:
            await audit.record(session, who, READ, [found.draft_id, found.id], kind="CONSULTATION")
    return (await _as_known_to(parts, who, [found]))[0]


async def _as_known_to(parts: ThreatWatchParts, who: Principal, found: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with reports instead of their ids, as far as this person may know of them."""
    reports = await name_reports(parts, who, _reports_of(found))

    def shown(result: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if result is None or "history" not in result:
            return result
        history = result["history"]
        pages = [{**page, "threat": None, "report": _named(reports.get(page["threat"]))} for page in history["pages"]]
        return {"history": {**history, "pages": pages}}

    return [replace(one, result=shown(one.result)) for one in found]


def _named(report: Any | None) -> dict[str, str] | None:
    return None if report is None else {"id": report.id, "reference": report.reference}


async def read_version(parts: ThreatWatchParts, who: Principal, version: str) -> Version:
    """A signed policy with its text. Raises Forbidden, NotFound."""
    policy.require(who, READ)
    async with parts.database.read() as session:
        return await version_named(session, parts, version)


async def read_scenario(parts: ThreatWatchParts, who: Principal, name: str) -> Scenario:
    """A story that is kept. Raises Forbidden, NotFound."""
    policy.require(who, READ)
    async with parts.database.read() as session:
        found = next((one for one in await policy_drafts.scenarios(session) if one.name == name), None)
    if found is None:
        raise NotFound("There is no such story.")
    return found
