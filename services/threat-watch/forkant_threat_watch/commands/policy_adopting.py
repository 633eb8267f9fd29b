"""A signed policy comes into force from a time, and may be withdrawn before. Then open threats are looked at anew."""

from __future__ import annotations

from datetime import datetime

from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import around_threats
from forkant_threat_watch.commands.policy_in_force import ThreatWatchParts, goings, look, version_named
from forkant_threat_watch.domain.policy_checks import check_succession
from forkant_threat_watch.domain.workbench import Adoption, adopt, check_withdrawal, in_force
from forkant_threat_watch.store import policies, threats
from forkant_threat_watch.store.workbench_rules import current as rules

ADOPT = "threat-watch.policy.adopt"
BATCH = 50
#: What began under the old policy has ended by then.
ENDED_AFTER = 30.0


async def adopt_policy(
    parts: ThreatWatchParts,
    who: Principal,
    version: str,
    from_at: datetime | None,
    reason: str,
    *,
    expected: int | None = None,
) -> Adoption:
    """Let a signed policy be in force from then on (None: as soon as every instance knows). An earlier version too.

    Raises Forbidden, NotFound, Stale, Conflict, Invalid; Misread where it forgets a word that reports are written with.
    """
    policy.require(who, ADOPT)
    async with parts.database.write() as session:
        await policies.adopting(session)
        now = parts.clock.now()
        wanted = (await version_named(session, parts, version)).policy()
        await look(session, parts, now)
        current = goings(parts).at(now).policy
        adoption = adopt(
            goings(parts).adoptions, current.version, version, from_at, who.subject, reason, now, rules(), expected
        )
        check_succession(wanted, current)
        await policies.add_adoption(session, adoption)
        codes = {"version": version, "number": adoption.number, "from": adoption.from_at.isoformat()}
        await audit.record(session, who, ADOPT, [], details=codes)
        session.after_commit(goings(parts).forget)
    return adoption


async def withdraw_adoption(parts: ThreatWatchParts, who: Principal, number: int, reason: str) -> None:
    """Let what is not in force yet not come into force. Raises Forbidden, NotFound, Conflict, Invalid."""
    policy.require(who, ADOPT)
    async with parts.database.write() as session:
        await policies.adopting(session)
        now = parts.clock.now()
        adoption = next((one for one in await policies.adoptions(session) if one.number == number), None)
        if adoption is None:
            raise NotFound("There is no such adoption.")
        # Somebody may have begun to go by it in the last moments before.
        check_withdrawal(adoption, reason, now)
        await policies.withdraw(session, number, who.subject, now, reason)
        codes = {"version": adoption.version, "number": number}
        await audit.record(session, who, ADOPT, [], details={"act": "withdraw", **codes})
        session.after_commit(goings(parts).forget)


async def look_anew(parts: ThreatWatchParts) -> int:
    """Assess the open threats that another policy assessed last, some at a time; how many.

    Each is a transaction of its own, so that a fall in the middle loses nothing: what is left is found again.
    """
    adoption = in_force(goings(parts).adoptions, parts.clock.now())
    if adoption is None or adoption.settled_at is not None:
        return 0
    async with parts.database.read() as session:
        waiting = await threats.assessed_otherwise(session, adoption.version, BATCH)
    for threat_id in waiting:
        await _look_at(parts, threat_id)
    if not waiting:
        await _settle(parts, adoption)
    return len(waiting)


async def _look_at(parts: ThreatWatchParts, threat_id: str) -> None:
    try:
        async with parts.database.write() as session:
            loaded = await around_threats(session, parts, [threat_id], parts.clock.now())
            threat = loaded.before[threat_id]
            # Another instance may have been here since the list was read.
            if threat.open and threat.assessed_by != loaded.going.policy.version:
                said = loaded.watch.assess(threat_id, (), loaded.now, cause="POLICY")
                await keep(session, loaded, said, by="rule:policy")
    except Conflict:
        return


async def _settle(parts: ThreatWatchParts, adoption: Adoption) -> None:
    """Say that all have been looked at, once nobody is left who began before it was in force."""
    if (parts.clock.now() - adoption.from_at).total_seconds() < ENDED_AFTER:
        return
    async with parts.database.write() as session:
        if await policies.settle(session, adoption.number, parts.clock.now()):
            codes = {"version": adoption.version, "number": adoption.number}
            system = Principal.system("threat-watch")
            await audit.record(session, system, "threat-watch.policy.settle", [], details=codes)
        session.after_commit(goings(parts).forget)
