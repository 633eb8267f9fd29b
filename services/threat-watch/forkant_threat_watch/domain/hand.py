"""Joining by hand: a person links and unlinks signals, merges and splits threats. Everything can be undone.

What a person takes away lowers no level by itself: the index falls, and the fall asks as every other does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_threat_watch.domain import joining
from forkant_threat_watch.domain.life import opened, over
from forkant_threat_watch.domain.outcomes import ClearanceEnded, Closed, Opened, Said
from forkant_threat_watch.domain.paging import ask_review
from forkant_threat_watch.domain.rules import Happening, Kind
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.watch import CHOOSE, Watch
from forkant_threat_watch.domain.words import Source, State


def link(watch: Watch, threat_id: str, signal: Signal, now: datetime) -> list[Said]:
    """Let a signal count in this threat: a suggestion that was right, or one that had found no threat."""
    threat = opened(watch, threat_id)
    if any(known.id == signal.id for known in threat.signals):
        raise Conflict("The signal counts in this threat already.", field="signal")
    watch.standing.pop(signal.id, None)
    said: list[Said] = []
    for other in list(watch.threats.values()):
        if any(known.id == signal.id for known in other.suggested):
            watch.keep(_without_suggestion(other, signal.id))
            if other.id != threat_id:
                said += watch.assess(other.id, (), now, cause="SUGGESTED")
    happening = Happening(Kind.SIGNAL, signal.origin, signal)
    return [*watch.give(threat_id, signal, now, (happening,)).said, *said]


def dismiss(watch: Watch, threat_id: str, signal_id: str, now: datetime) -> list[Said]:
    """A suggestion was not right for this threat. Raises NotFound where there is no such suggestion."""
    threat = opened(watch, threat_id)
    if all(known.id != signal_id for known in threat.suggested):
        raise NotFound("The threat has no such suggestion.", field="signal")
    watch.keep(_without_suggestion(threat, signal_id))
    return watch.assess(threat_id, (), now, cause="SUGGESTED")


def _without_suggestion(threat: Threat, signal_id: str) -> Threat:
    suggested = tuple(known for known in threat.suggested if known.id != signal_id)
    reviews = threat.reviews if suggested else tuple(r for r in threat.reviews if r.cause != CHOOSE)
    return replace(threat, suggested=suggested, reviews=reviews)


def unlink(watch: Watch, threat_id: str, signal_ids: Collection[str], now: datetime) -> list[Said]:
    """Let these signals no longer count in this threat. `link` undoes it."""
    threat = opened(watch, threat_id)
    _must_be_in(threat, signal_ids)
    watch.recount(_with_signals(watch, threat, tuple(s for s in threat.signals if s.id not in signal_ids)))
    return watch.assess(threat_id, (), now, cause="UNLINKED")


def split(watch: Watch, threat_id: str, signal_ids: Collection[str], now: datetime) -> list[Said]:
    """Make these signals a threat of their own; what counts for the whole group counts in both. `merge` undoes it."""
    threat = opened(watch, threat_id)
    _must_be_in(threat, signal_ids)
    taken = tuple(signal for signal in threat.signals if signal.id in signal_ids)
    left = tuple(signal for signal in threat.signals if signal.id not in signal_ids)
    if not any(_brings_parties(watch, s) for s in taken) or not any(_brings_parties(watch, s) for s in left):
        raise Invalid("Both threats must keep a signal with a party in it.", field="signals")
    watch.recount(_with_signals(watch, threat, left))
    # What has rung for these signals has rung: the new threat begins with the old one's memory.
    fresh = Threat(watch.moment(now).new_id("threat"), now, fired=threat.fired)
    watch.recount(_with_signals(watch, fresh, taken))
    for signal in watch.waiting_for(watch.threats[fresh.id], now.timestamp()):
        grown = watch.threats[fresh.id]
        if joining.is_context(signal, watch.policy.joining) and joining.context_fits(
            signal, grown, watch.links, watch.policy.joining
        ):
            watch.recount(_with_signals(watch, grown, (*grown.signals, signal)))
    said: list[Said] = [Opened(fresh.id, now)]
    said += watch.assess(threat_id, (), now, cause="SPLIT")
    return said + watch.assess(fresh.id, (), now, cause="SPLIT")


def merge(watch: Watch, from_id: str, into_id: str, by: str, now: datetime) -> list[Said]:
    """Two threats are one: what counts in the first counts in the second, which never stands lower. See `unmerge`."""
    if from_id == into_id:
        raise Invalid("A threat cannot be merged with itself.", field="into")
    one, other = opened(watch, from_id), opened(watch, into_id)
    if one.verification is not None:
        raise Conflict("Its effect is still to be verified.", field="into", remedy="Answer the verification first.")
    if one.fallback is not None:
        raise Conflict("Its fallback waits for a leader.", field="into", remedy="Start it, or say why not.")
    known = {signal.id for signal in other.signals}
    signals = (*other.signals, *(signal for signal in one.signals if signal.id not in known))
    rose = [Happening(Kind.LEVEL_ROSE, f"merged:{from_id}", level=one.level)] if one.level > other.level else []
    together = replace(
        other,
        level=max(one.level, other.level),
        fired={**one.fired, **other.fired},
        deadlines=(*other.deadlines, *one.deadlines),
    )
    watch.recount(_with_signals(watch, together, signals))
    said: list[Said] = []
    if one.clearance is not None:
        said.append(ClearanceEnded(one.clearance.id, from_id, now, "MERGED"))
    said.append(Closed(from_id, now, by, tuple(page.id for page in one.pages)))
    watch.keep(replace(over(one), state=State.MERGED))
    return [*said, *watch.assess(into_id, rose, now, cause="MERGED")]


def unmerge(watch: Watch, from_id: str, into_id: str, now: datetime, *, back: Collection[str] = ()) -> list[Said]:
    """Two threats were not one after all: each counts its own again, and what counts for a group counts in both.

    `back` are the keys of the deadlines that go with what the first brought along.
    """
    one = watch.threats.get(from_id)
    other = opened(watch, into_id)
    if one is None or one.state is not State.MERGED:
        raise Conflict("The threat is not merged.", field="from")
    own = {signal.id for signal in one.signals if not joining.is_context(signal, watch.policy.joining)}
    theirs = tuple(deadline for deadline in other.deadlines if deadline.key in back)
    other = replace(other, deadlines=tuple(deadline for deadline in other.deadlines if deadline not in theirs))
    watch.recount(_with_signals(watch, other, tuple(s for s in other.signals if s.id not in own)))
    watch.recount(replace(one, state=State.ASSESSED, deadlines=theirs))
    return watch.assess(into_id, (), now, cause="UNMERGED") + watch.assess(from_id, (), now, cause="UNMERGED")


def forget(watch: Watch, threat_id: str, report: str, now: datetime) -> list[Said]:
    """A report was destroyed by its clock and takes its signals along; a person is asked to look at what is left."""
    threat = opened(watch, threat_id)
    threat = replace(threat, suggested=tuple(s for s in threat.suggested if s.report != report))
    watch.recount(_with_signals(watch, threat, tuple(s for s in threat.signals if s.report != report)))
    moment = watch.moment(now)
    asking, asked = ask_review(
        watch.threats[threat_id], "report-destroyed", moment, watch.policy.reviews.answer_within, proposing=True
    )
    watch.keep(asking)
    return [*asked, *watch.assess(threat_id, (), now, cause="DESTROYED")]


def _must_be_in(threat: Threat, signal_ids: Collection[str]) -> None:
    if not signal_ids or not set(signal_ids) <= {signal.id for signal in threat.signals}:
        raise NotFound("The threat has no such signal.", field="signals")


def _brings_parties(watch: Watch, signal: Signal) -> bool:
    return signal.source is Source.REPORT and not joining.is_context(signal, watch.policy.joining)


def _with_signals(watch: Watch, threat: Threat, signals: tuple[Signal, ...]) -> Threat:
    return joining.with_sides_of(threat, signals, watch.policy.joining)
