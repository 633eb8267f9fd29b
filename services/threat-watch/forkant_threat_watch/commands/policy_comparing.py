"""A draft beside the policy in force: told in processes of its own, watched from here, kept as a job."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from forkant_shared import audit, telemetry
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Conflict, ForkantError, Invalid, NotFound, Unavailable
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.policy_in_force import ThreatWatchParts, goings, look, packaged, version_named
from forkant_threat_watch.domain.account import Account
from forkant_threat_watch.domain.comparison import compare
from forkant_threat_watch.store import policies, policy_comparisons, policy_drafts
from forkant_threat_watch.store.policies import Version
from forkant_threat_watch.store.policy_comparisons import Comparison
from forkant_threat_watch.store.workbench_rules import current as rules

COMPARE = "threat-watch.policy.compare"
HISTORY, SCENARIOS = "HISTORY", "SCENARIOS"
SILENT_AFTER = timedelta(seconds=30)
SAY_EVERY = 1.0
MOST_TRIES = 3
FELL, TOO_LONG, NO_STORIES = "FELL", "TOO_LONG", "NO_STORIES"
LONGEST_LINE = 64 * 1024 * 1024

Told = Callable[[int, int], Awaitable[None]]
log = telemetry.get_logger()


async def ask_comparison(
    parts: ThreatWatchParts, who: Principal, draft_id: str, source: str, since: datetime | None = None
) -> str:
    """Ask for a draft to be compared with the policy in force, on recorded history since then or on the stories; the
    job's id. Who asks for what already waits or runs gets that one. Raises Forbidden, NotFound, Invalid, Conflict."""
    policy.require(who, COMPARE)
    async with parts.database.write() as session:
        now = parts.clock.now()
        asked_since, since = since, since or now - rules().history
        if not now - rules().history <= since < now:
            raise Invalid(
                "History begins in the past, and not too long ago.",
                field="since",
                remedy=f"Choose a time within {rules().history.days} days.",
            )
        found = await policy_drafts.draft(session, draft_id)
        if found is None:
            raise NotFound("There is no such draft.")
        same = await policy_comparisons.same_unfinished(session, draft_id, found.revision, source, asked_since)
        if same is not None:
            return same
        if await policy_comparisons.unfinished(session) >= rules().waiting:
            raise Conflict("Too many comparisons wait.", field="source", remedy="Wait until one is done.")
        if source == SCENARIOS and not await policy_drafts.scenarios(session):
            raise Invalid("There is no story to compare on.", field="source", remedy="Add a story first.")
        await look(session, parts, now)
        comparison_id = new_id()
        row = {
            "id": comparison_id,
            "draft_id": draft_id,
            "revision": found.revision,
            "against": goings(parts).at(now).policy.version,
            "source": source,
            "since": since,
            "until": now,
            "asked_by": who.subject,
            "asked_at": now,
        }
        await policy_comparisons.add(session, row)
        codes = {"revision": found.revision, "against": row["against"], "source": source}
        await audit.record(session, who, COMPARE, [draft_id, comparison_id], kind="COMBINATION", details=codes)
    return comparison_id


async def compare_next(parts: ThreatWatchParts) -> None:
    """Do the comparison that has waited longest, if nobody else is at one."""
    now = parts.clock.now()
    async with parts.database.read() as session:
        if not await policy_comparisons.waits(session, now - SILENT_AFTER):
            return
    async with parts.database.write() as session:
        job = await policy_comparisons.take(session, parts.settings.instance, now, now - SILENT_AFTER)
    if job is not None:
        await _do(parts, job)


async def _do(parts: ThreatWatchParts, job: Comparison) -> None:
    result, problem = None, None
    if job.tries > MOST_TRIES:
        problem = FELL
    else:
        try:
            async with asyncio.timeout(rules().longest.total_seconds()):
                result = await _compared(parts, job)
        except TimeoutError:
            problem = TOO_LONG
        except Unavailable:
            # The database is away; whoever finds the job silent takes it up.
            raise
        except (ForkantError, OSError) as error:
            log.error("policy-comparison-fell", exc_info=error)
            problem = FELL
    async with parts.database.write() as session:
        await policy_comparisons.finish(session, job, parts.clock.now(), result, problem)


async def _compared(parts: ThreatWatchParts, job: Comparison) -> dict[str, Any]:
    async with parts.database.read() as session:
        text = await policy_drafts.text_of(session, job.draft_id, job.revision)
        against = await version_named(session, parts, job.against)
        known = [*packaged(parts), *await policies.versions(session)]
        stories = await policy_drafts.scenarios(session)
    spoken = asyncio.get_running_loop().time()

    async def told(done: int, total: int) -> None:
        nonlocal spoken
        if done == total or asyncio.get_running_loop().time() - spoken >= SAY_EVERY:
            spoken = asyncio.get_running_loop().time()
            async with parts.database.write() as session:
                if not await policy_comparisons.progress(session, job, done, total, parts.clock.now()):
                    raise Conflict("Another instance has taken the comparison over.")

    what: dict[str, Any] = {"source": job.source, "since": job.since.isoformat(), "until": job.until.isoformat()}
    if job.source == HISTORY:
        what["database"] = parts.settings.database_url
    else:
        what["stories"] = [{"name": one.name, "text": one.text} for one in stories]
    return await compare_texts(against, text or "", known, what, told)


async def compare_texts(
    before: Version, after: str, known: Sequence[Version], what: Mapping[str, Any], told: Told
) -> dict[str, Any]:
    """Tell `what` under the version and under the text, side by side; what differs, as plain values.

    `told` is called with how far both are together. Raises Invalid where one of them cannot be told.
    """
    drafted = {"text": after, "version": "draft", "by": "", "on": before.signed.on.isoformat()}
    job = {**what, "known": [_sent(one) for one in known], "policies": [_sent(before), drafted]}
    far, results = [0, 0], [dict[str, Any](), dict[str, Any]()]
    async with contextlib.aclosing(_lines(job)) as lines:
        async for line in lines:
            if "problem" in line:
                raise Invalid(line["problem"])
            if "total" in line:
                far[line["side"]] = line["done"]
                await told(sum(far), 2 * line["total"])
            else:
                results[line["side"]] = line
    return await asyncio.to_thread(_beside, *results)


def _sent(version: Version) -> dict[str, str]:
    signed = version.signed
    return {"text": version.text, "version": version.version, "by": signed.by, "on": signed.on.isoformat()}


def _beside(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    most = rules().pages_shown
    if "account" in before:
        return {"history": compare(Account.of(before["account"]), Account.of(after["account"]), most)}
    pairs = zip(before["stories"], after["stories"], strict=True)
    return {
        "stories": [
            {
                "name": one["name"],
                "differences": {"before": one["differences"], "after": other["differences"]},
                **compare(Account.of(one["account"]), Account.of(other["account"]), most),
            }
            for one, other in pairs
        ]
    }


async def _lines(job: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """What a process of its own says while it does the job. It is ended where nobody listens to the end.

    Raises Invalid where it fell.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "forkant_threat_watch.commands.policy_telling",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(job).encode() + b"\n")
        await process.stdin.drain()
        async for line in process.stdout:
            yield await asyncio.to_thread(json.loads, line) if len(line) > 4096 else json.loads(line)
        if await process.wait() not in (0, 1):
            raise Invalid("The process that tells it has fallen.")
    finally:
        if process.returncode is None:
            _end(process.pid)
            await process.wait()


def _end(pid: int) -> None:
    """End the process and the other half of it."""
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)
