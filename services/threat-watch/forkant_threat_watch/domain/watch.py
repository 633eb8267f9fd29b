"""A report against all the threats it may concern.

A `Watch` holds the part of the world that is in memory: everything in a replay, and in the server what was loaded
because it shares a link with the report's parties. It never reaches for anything: no clock, no database, no network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_threat_watch.domain import joining
from forkant_threat_watch.domain.assessing import assess
from forkant_threat_watch.domain.filing import Filing
from forkant_threat_watch.domain.index import Curve
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.moment import Moment
from forkant_threat_watch.domain.outcomes import Opened, ReviewAsked, Said
from forkant_threat_watch.domain.paging import ask_review, last_rang
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import Happening, Kind, RuleBook, Surroundings, Then
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat, changed
from forkant_threat_watch.domain.words import Level, Source

CHOOSE = "choose-threat"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of some signals: what was said, and the threats each signal counts in or is suggested to."""

    said: tuple[Said, ...]
    counts: Mapping[str, tuple[str, ...]]
    suggested: Mapping[str, tuple[str, ...]]


class Watch:
    """The threats in memory, the signals that wait, and the links between parties."""

    def __init__(
        self,
        policy: Policy,
        links: Links,
        new_id: Callable[[str], str],
        *,
        book: RuleBook | None = None,
        threats: Iterable[Threat] = (),
        standing: Iterable[Signal] = (),
        asked: Iterable[str] = (),
    ) -> None:
        self.policy = policy
        self.book = book or RuleBook(policy.rules)
        self.links = links
        self.threats: dict[str, Threat] = {}
        self.standing: dict[str, Signal] = {}
        self.asked = set(asked)
        self._new_id = new_id
        self._curves: dict[str, Curve] = {}
        self._filed = Filing()
        self._waiting = Filing()
        self._changed: dict[str, None] = {}
        for threat in threats:
            self.keep(threat)
        for signal in standing:
            self._stand(signal)
        self._changed.clear()

    def moment(self, now: datetime) -> Moment:
        """Now, with what decisions are made with."""
        return Moment(self.policy, self.book, self.links, self._new_id, now)

    def keep(self, threat: Threat) -> None:
        """Hold this threat (or its new state) in memory."""
        before = self.threats.get(threat.id)
        self.threats[threat.id] = threat
        self._changed[threat.id] = None
        if not threat.open:
            self._filed.drop(threat.id)
            self._curves.pop(threat.id, None)
        elif (
            before is None
            or not before.open
            or before.aggressors is not threat.aggressors
            or before.targets is not threat.targets
        ):
            self._filed.put(threat.id, (p.key for p in threat.aggressors), (p.key for p in threat.targets))

    def changes(self) -> list[str]:
        """The threats that have changed since this was last asked, in the order they did."""
        changed = list(self._changed)
        self._changed.clear()
        return changed

    def recount(self, threat: Threat) -> None:
        """Hold a threat whose signals are not the same as before."""
        self.keep(threat)
        self._curves.pop(threat.id, None)

    def curve(self, threat_id: str, at: float) -> Curve:
        """The curve of a threat, good from `at` on."""
        known = self._curves.get(threat_id)
        if known is None or known.since > at:
            known = self._curves[threat_id] = self.threats[threat_id].curve(self.policy.index, at)
        return known

    def receive(self, signals: Sequence[Signal], now: datetime) -> Received:
        """Place the signals, count what counts, and assess every threat that was touched, once."""
        taking = _Taking(self, self.moment(now))
        for signal in signals:
            taking.take(self._resolved(signal))
        return taking.settle()

    def _resolved(self, signal: Signal) -> Signal:
        aggressor, target = self.links.resolve(signal.aggressor), self.links.resolve(signal.target)
        if aggressor is signal.aggressor and target is signal.target:
            return signal
        return replace(signal, aggressor=aggressor, target=target)

    def give(self, threat_id: str, signal: Signal, now: datetime, happenings: Sequence[Happening] = ()) -> Received:
        """Count a signal in the threat it was made for, as an officer's word on the effect."""
        taking = _Taking(self, self.moment(now))
        taking.count(self.threats[threat_id], signal, happenings)
        return taking.settle()

    def rejoin(self, now: datetime) -> Received:
        """Try again to place what waits: a name may have been resolved, a link may have become known."""
        taking = _Taking(self, self.moment(now))
        for signal in list(self.standing.values()):
            resolved = self._resolved(signal)
            if not joining.is_context(resolved, self.policy.joining):
                self.standing.pop(signal.id)
            taking.take(resolved, again=True)
        return taking.settle()

    def due(self, threat_id: str, now: datetime) -> list[Said]:
        """Let time speak for one threat."""
        return self.assess(threat_id, (), now, cause="DUE")

    def assess(self, threat_id: str, happenings: Sequence[Happening], now: datetime, *, cause: str) -> list[Said]:
        """Look at one threat again because of these happenings."""
        moment = self.moment(now)
        threat, said = assess(self.threats[threat_id], self.curve(threat_id, moment.t), happenings, moment, cause=cause)
        self.keep(threat)
        return said

    def ask_alone(self, happening: Happening, subjects: Sequence[str], now: datetime) -> list[Said]:
        """Let the rules speak that are about those concerned and not about one threat; each once per origin."""
        said: list[Said] = []
        for firing in self.book.firings(happening, Surroundings(Level.LOW, ()), now):
            if firing.alone and firing.rule.then in (Then.REVIEW, Then.TASK) and firing.key not in self.asked:
                self.asked.add(firing.key)
                within = firing.rule.answer_within or self.policy.reviews.answer_within
                rule_id = firing.rule.id
                review_id = self._new_id("review")
                said.append(
                    ReviewAsked(review_id, None, now, rule_id, now + within, rule=rule_id, subjects=tuple(subjects))
                )
        return said

    def candidates(self, signal: Signal) -> list[Threat]:
        """The open threats that the signal may belong to, oldest first."""
        found: set[str] = set()
        for aggressors, targets in joining.sides_of(signal, self.links, self.policy.joining):
            found |= self._filed.fitting(aggressors, targets)
        if len(found) < 2:
            return [self.threats[threat_id] for threat_id in found]
        return sorted((self.threats[i] for i in found), key=lambda threat: (threat.opened_at, threat.id))

    def waiting_for(self, threat: Threat, now: float) -> list[Signal]:
        """The signals that wait and may belong to the threat; those that have run out are let go."""
        policy = self.policy.joining
        aggressors = {key for p in threat.aggressors for key in self.links.near(p.key, policy.aggressors_through)}
        targets = {key for p in threat.targets for key in self.links.near(p.key, policy.targets_through)}
        found = []
        for signal_id in self._waiting.either(aggressors, targets):
            signal = self.standing.get(signal_id)
            if signal is None or not _speaks(signal, now, self.policy):
                self.standing.pop(signal_id, None)
                self._waiting.drop(signal_id)
            elif not (signal.target.known and targets and signal.source is Source.REPORT) or (
                signal.target.key in targets
            ):
                found.append(signal)
        return sorted(found, key=lambda s: (s.since, s.id))

    def _stand(self, signal: Signal) -> None:
        """Let a signal wait where the threats it may belong to will look."""
        self.standing[signal.id] = signal
        self._waiting.put(signal.id, *joining.waits_under(signal, self.policy.joining))


def _speaks(signal: Signal, now: float, policy: Policy) -> bool:
    return signal.flat or signal.since + policy.index.fade_seconds[signal.factor] > now


class _Taking:
    """One act of taking in: which threats were touched by what, until they are settled."""

    def __init__(self, watch: Watch, moment: Moment) -> None:
        self.watch = watch
        self.moment = moment
        self.said: list[Said] = []
        self.touched: dict[str, list[Happening]] = {}
        self.counts: dict[str, tuple[str, ...]] = {}
        self.suggested: dict[str, tuple[str, ...]] = {}
        self.grew: set[str] = set()

    def take(self, signal: Signal, *, again: bool = False) -> None:
        """Place one signal. `again`: it has been here before, so what it says alone has been said."""
        watch, policy = self.watch, self.watch.policy.joining
        placement = joining.place(signal, watch.candidates(signal), watch.links, policy)
        happening = Happening(Kind.SIGNAL, signal.origin, signal)
        context = joining.is_context(signal, policy)
        if not again and signal.source is Source.REPORT:
            subjects = [party.key for party in signal.parties]
            self.said += watch.ask_alone(happening, subjects, self.moment.now)
        if context or not (placement.counts or placement.suggested or placement.opens):
            watch._stand(signal)
        if placement.opens:
            self._open(signal, happening)
        for threat_id in placement.counts:
            threat = watch.threats[threat_id]
            if not again or all(known.id != signal.id for known in threat.signals):
                self.count(threat, signal, () if context and again else (happening,))
        if placement.suggested:
            self._suggest(signal, placement.suggested, happening)

    def _open(self, signal: Signal, happening: Happening) -> None:
        threat = Threat(self.watch._new_id("threat"), self.moment.now)
        self.watch.keep(threat)
        self.said.append(Opened(threat.id, self.moment.now))
        self.count(threat, signal, (happening,))

    def _suggest(self, signal: Signal, threat_ids: tuple[str, ...], happening: Happening) -> None:
        """A person chooses; what is urgent about it rings all the same.

        It rings on the threat that somebody was last woken for, so that one matter does not wake them for each threat
        it may belong to; on the one that stands highest where there is none.
        """
        within = self.watch.policy.reviews.answer_within
        for threat_id in threat_ids:
            threat = self.watch.threats[threat_id]
            threat = replace(threat, suggested=(*threat.suggested, signal))
            threat, asked = ask_review(threat, CHOOSE, self.moment, within)
            self.said += asked
            self.watch.keep(threat)
            self.touched.setdefault(threat_id, [])
        threats = [self.watch.threats[threat_id] for threat_id in threat_ids]
        ringing = max(threats, key=lambda threat: (last_rang(threat), threat.level))
        self.touched[ringing.id].append(happening)
        self.suggested[signal.id] = threat_ids

    def count(self, threat: Threat, signal: Signal, happenings: Sequence[Happening]) -> None:
        """Let the signal count in the threat, and what waited for the parties it brings."""
        watch = self.watch
        # The curve first: it must hold what counted before, not the new signal twice.
        curve = watch.curve(threat.id, self.moment.t).plus((signal,), self.moment.t)
        grown = joining.with_parties_of(threat, signal, watch.policy.joining)
        days = (*grown.days, signal) if signal.source is Source.CALENDAR else grown.days
        watch.keep(changed(grown, signals=(*grown.signals, signal), days=days))
        watch._curves[threat.id] = curve
        self.touched.setdefault(threat.id, []).extend(happenings)
        self.grew.add(threat.id)
        self.counts[signal.id] = (*self.counts.get(signal.id, ()), threat.id)
        if grown is not threat:
            for waiting in watch.waiting_for(grown, self.moment.t):
                self._join_late(watch.threats[threat.id], waiting)

    def _join_late(self, threat: Threat, signal: Signal) -> None:
        watch = self.watch
        if signal.id not in watch.standing or any(known.id == signal.id for known in threat.signals):
            return
        if joining.is_context(signal, watch.policy.joining):
            if joining.context_fits(signal, threat, watch.links, watch.policy.joining):
                self.count(threat, signal, ())
            return
        watch.standing.pop(signal.id)
        self.take(signal, again=True)

    def settle(self) -> Received:
        """Assess what was touched, in the order it was touched."""
        for threat_id, happenings in self.touched.items():
            cause = "EVIDENCE" if threat_id in self.grew else "SUGGESTED"
            self.said += self.watch.assess(threat_id, happenings, self.moment.now, cause=cause)
        return Received(tuple(self.said), self.counts, self.suggested)
