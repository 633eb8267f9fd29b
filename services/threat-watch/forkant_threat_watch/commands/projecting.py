"""What the other services have told, applied inside the consumer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from forkant_shared import audit
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep, keys_of
from forkant_threat_watch.commands.loading import ThreatWatchParts, around_signals, around_threats, going_at
from forkant_threat_watch.domain import facts, life, moves
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.words import Party, PartyKind
from forkant_threat_watch.store import followup, lifetimes, links, references, signals, threats

#: Which rule moves a threat when a dialogue about it has been held.
HELD = "rule:dialogue-held"
MEETINGS = Principal.system("meetings")


async def enter_day(
    session: Session, parts: ThreatWatchParts, entry_id: str, on: date, party_ids: Sequence[str]
) -> None:
    """A day that matters to these actors, in local time from midnight to midnight."""
    now = parts.clock.now()
    policy = (await going_at(session, parts, now)).policy
    begins = datetime.combine(on, time(), policy.timezone)
    ends = datetime.combine(on + timedelta(days=1), time(), policy.timezone)
    parties = await links.parties(session, party_ids)
    placed = facts.calendar_signals(entry_id, begins, ends, parties, policy)
    loaded = await around_signals(session, parts, placed, now, parties=parties)
    received = facts.enter_day(loaded.watch, entry_id, begins, ends, parties, now)
    await keep(session, loaded, received.said, by="rule:calendar", placed=placed)


async def call_off_day(session: Session, parts: ThreatWatchParts, entry_id: str) -> None:
    """A day no longer holds; where another one holds instead, that one is told of by itself."""
    now = parts.clock.now()
    told = await signals.of_report(session, f"calendar:{entry_id}")
    counted = await signals.counted_in(session, [signal.id for signal in told])
    loaded = await around_threats(session, parts, counted, now)
    called_off = facts.call_off_day(loaded.watch, entry_id, now)
    await keep(session, loaded, called_off.said, by="rule:calendar")
    await signals.let_go(session, [signal.id for signal in told])
    for signal in told:
        await signals.end(session, facts.ended(signal, now))
    for threat_id in sorted(threat.id for threat in loaded.before.values() if threat.open):
        await lifetimes.tell(session, threat_id, now, "day-called-off", "registry", {"entry": entry_id})


async def change_identity(session: Session, parts: ThreatWatchParts, actor_id: str, canonical_id: str) -> None:
    """A person judged who an actor is: open threats and what waits are about whoever stands for it now."""
    now = parts.clock.now()
    keys = await links.stands_for(session, actor_id, canonical_id, now)
    if not keys:
        return
    # Whoever places something on one of them meanwhile waits until they are filed anew.
    await session.lock(f"party/{key}" for key in keys)
    waiting = await signals.standing(session, keys)
    loaded = await around_threats(session, parts, await threats.filed_with(session, keys), now, waiting=waiting)
    said = facts.change_identity(loaded.watch, keys, now)
    changed = [threat.id for threat in loaded.watch.threats.values() if threat != loaded.before[threat.id]]
    await keep(session, loaded, said, by="rule:identity")
    for signal in waiting:
        await signals.stand_anew(session, signal.id, keys_of(loaded.standing[signal.id], loaded))
    codes = {"actor": actor_id, "canonical": canonical_id}
    for threat_id in changed:
        await lifetimes.tell(session, threat_id, now, "identity-changed", "registry", codes)


async def change_conflict(
    session: Session,
    parts: ThreatWatchParts,
    conflict_id: str,
    group_ids: tuple[str, str],
    status: str,
    grading: Grading | None,
    since: datetime,
) -> None:
    """How two groups stand to each other from a moment on."""
    now = parts.clock.now()
    one, other = (Party(PartyKind.GROUP, group_id) for group_id in group_ids)
    policy = (await going_at(session, parts, now)).policy
    signal = facts.conflict_signal(conflict_id, (one, other), status, grading, since, policy)
    placed = [signal] if signal else []
    loaded = await around_signals(session, parts, placed, now, parties=(one, other))
    received = facts.change_conflict(loaded.watch, conflict_id, signal, since, now)
    await keep(session, loaded, received.said, by="rule:conflict", placed=placed)


async def accept_page(session: Session, parts: ThreatWatchParts, threat_id: str, escalation_id: str, user: str) -> None:
    """Somebody accepted a page about this threat."""
    now = parts.clock.now()
    await _known(session, threat_id)
    loaded = await around_threats(session, parts, [threat_id], now)
    life.accept(loaded.watch, threat_id, [escalation_id], user)
    await keep(session, loaded, (), by=user)
    await lifetimes.answer_escalation(session, escalation_id, user, now)
    await lifetimes.tell(session, threat_id, now, "page-accepted", user, {"escalation": escalation_id})


async def close_page(session: Session, parts: ThreatWatchParts, threat_id: str, escalation_id: str, cause: str) -> None:
    """A page about this threat is over."""
    now = parts.clock.now()
    await _known(session, threat_id)
    loaded = await around_threats(session, parts, [threat_id], now)
    life.close_pages(loaded.watch, threat_id, [escalation_id])
    await keep(session, loaded, (), by="notifier")
    await lifetimes.close_escalations(session, [escalation_id], now)
    codes = {"escalation": escalation_id, "cause": cause}
    await lifetimes.tell(session, threat_id, now, "page-closed", "notifier", codes)


async def break_promise(session: Session, parts: ThreatWatchParts, threat_id: str, promise_id: str) -> None:
    """What was promised under this threat was not kept."""
    now = parts.clock.now()
    await _known(session, threat_id)
    loaded = await around_threats(session, parts, [threat_id], now)
    said = life.promise_broken(loaded.watch, threat_id, promise_id, now)
    await keep(session, loaded, said, by="rule:promise-broken")
    await lifetimes.tell(session, threat_id, now, "promise-broken", "meetings", {"promise": promise_id})


async def hold_dialogue(session: Session, parts: ThreatWatchParts, threat_id: str, meeting_id: str) -> None:
    """A meeting about this threat was held, as the meetings service tells; the rule moves it, and says so."""
    now = parts.clock.now()
    await _known(session, threat_id)
    loaded = await around_threats(session, parts, [threat_id], now)
    before = loaded.watch.threats[threat_id].state
    said = moves.dialogue_held(loaded.watch, threat_id, now, followup.current().effect_time_within)
    after = loaded.watch.threats[threat_id].state
    await keep(session, loaded, said, by=HELD)
    codes = {"meeting": meeting_id} | ({"state": after.value} if after is not before else {})
    await lifetimes.tell(session, threat_id, now, "dialogue-held", HELD, codes)
    await audit.record(session, MEETINGS, "threat-watch.threat.move", [threat_id, meeting_id], details={"rule": HELD})


async def _known(session: Session, threat_id: str) -> None:
    if not await references.of_threats(session, [threat_id]):
        raise NotFound("There is no such threat.")
