"""Recorded history, told again under any policy: the reports in the order they came, days, conflicts, and what people
did about it all.

A person's act is told on the threat in which most of what it was about stands now, since another policy may have joined
the reports in another way. What cannot be done there is left out and counted. Who is linked to whom is as known today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forkant_shared.errors import ForkantError
from forkant_threat_watch.domain import facts, hand, life, moves
from forkant_threat_watch.domain.account import Account
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.outcomes import Opened, Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.reweighing import AsWritten, day_after, weighed
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.telling import Teller
from forkant_threat_watch.domain.watch import Received
from forkant_threat_watch.domain.words import Lane, Level, Outcome, Party, State


@dataclass(frozen=True, slots=True)
class ReportCame:
    """A report came in with these signals, weighed as they were then; or more was read out of it, `again`."""

    at: datetime
    report: str
    written: AsWritten
    signals: tuple[Signal, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class DayEntered:
    """A day that matters to these became known."""

    at: datetime
    entry: str
    begins: datetime
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class ConflictStood:
    """From here on two groups stood so; None: in a way that counts nothing."""

    at: datetime
    conflict: str
    signal: Signal | None


@dataclass(frozen=True, slots=True)
class Acted:
    """A line of a threat's timeline that a person wrote: `what` and `codes` as stored there."""

    at: datetime
    threat: str
    what: str
    by: str
    codes: Mapping[str, object]
    note: str


Recorded = ReportCame | DayEntered | ConflictStood | Acted


@dataclass(frozen=True, slots=True)
class History:
    """What is told, in the order it came to be known. `counted` are the signals of each threat as recorded."""

    until: datetime
    links: Links
    recorded: Sequence[Recorded]
    counted: Mapping[str, Sequence[str]]


def retell(
    history: History, policy: Policy, heard_so_far: Callable[[int], None], known: Mapping[str, Policy]
) -> Account:
    """Tell it under this policy; `heard_so_far` is called with how much has been told.

    `known` are the policies that its signals were weighed by, as far as they are known.
    """
    telling = _Retelling(history, policy, known)
    for told, recorded in enumerate(history.recorded):
        telling.run_timers(recorded.at)
        telling.apply(recorded)
        heard_so_far(told + 1)
    telling.run_timers(history.until)
    telling.account.close(telling.watch.threats.values())
    return telling.account


class _Retelling(Teller):
    def __init__(self, history: History, policy: Policy, known: Mapping[str, Policy]) -> None:
        self.account = Account(policy.timezone)
        super().__init__(policy, history.links, self.account.hear)
        self._history = history
        self._known = known
        self._stands: dict[str, str] = {}

    def apply(self, recorded: Recorded) -> None:
        """Let one thing happen."""
        match recorded:
            case ReportCame():
                signals = [self._weighed(signal, recorded.written) for signal in recorded.signals]
                self.account.because_of(recorded.report)
                self._took(self.watch.receive(signals, recorded.at))
                self.account.reports += not recorded.again
            case DayEntered(at, entry, begins, parties):
                ends = day_after(begins, self.watch.policy.timezone)
                self.account.because_of(entry)
                self._took(facts.enter_day(self.watch, entry, begins, ends, parties, at))
            case ConflictStood(at, conflict, signal):
                counts = None if signal is None else self._weighed(signal, None)
                self.account.because_of(conflict)
                self._took(facts.change_conflict(self.watch, conflict, counts, at, at))
            case Acted():
                self._act(recorded)

    def _weighed(self, signal: Signal, written: AsWritten | None) -> Signal:
        return weighed(signal, self.watch.policy, written, self._known.get(signal.weighed_by or ""))

    def _took(self, received: Received) -> None:
        for touched in (received.suggested, received.counts):
            for signal_id, threat_ids in touched.items():
                self._stands[signal_id] = threat_ids[0]
        self.heard(received.said)

    def _act(self, acted: Acted) -> None:
        act = ACTS.get(acted.what)
        threat_id = self._threat_of(acted.threat)
        if act is None or threat_id is None:
            self.account.acts_left_out += act is not None
            return
        self.account.because_of(acted.threat)
        try:
            self.heard(act(self, threat_id, acted))
            self.account.acts += 1
        except (ForkantError, KeyError, ValueError):
            # What was possible then is not possible on what this policy made of it.
            self.account.acts_left_out += 1
            self.heard(())

    def _threat_of(self, recorded: str) -> str | None:
        """The open threat in which most of what that threat counted stands now."""
        found = Counter(self._stands[i] for i in self._history.counted.get(recorded, ()) if i in self._stands)
        for threat_id, _ in found.most_common():
            if self.watch.threats[threat_id].open:
                return threat_id
        return None

    def signal(self, threat_id: str, signal_id: str) -> Signal:
        """A signal that waits, or is suggested somewhere. Raises KeyError."""
        if signal_id in self.watch.standing:
            return self.watch.standing[signal_id]
        suggested = (s for threat in self.watch.threats.values() for s in threat.suggested if s.id == signal_id)
        found = next(suggested, None)
        if found is None:
            raise KeyError(signal_id)
        self._stands[signal_id] = threat_id
        return found

    def other(self, recorded: object) -> str:
        """The threat that another recorded one is now. Raises KeyError."""
        found = self._threat_of(str(recorded))
        if found is None:
            raise KeyError(recorded)
        return found

    def split(self, threat_id: str, signal_ids: Sequence[str], at: datetime) -> Sequence[Said]:
        """Make these signals a threat of their own."""
        said = hand.split(self.watch, threat_id, signal_ids, at)
        for each in said:
            if isinstance(each, Opened):
                self._stands.update(dict.fromkeys(signal_ids, each.threat))
        return said


Act = Callable[[_Retelling, str, Acted], Sequence[Said]]


def _moment(acted: Acted, key: str) -> datetime:
    return datetime.fromisoformat(str(acted.codes[key]))


def _texts(acted: Acted, key: str) -> list[str]:
    found = acted.codes[key]
    return [str(one) for one in found] if isinstance(found, list) else []


def _accept(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    pages = [page.id for page in telling.watch.threats[threat_id].pages]
    life.accept(telling.watch, threat_id, pages, acted.by)
    return ()


def _close_pages(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    life.close_pages(telling.watch, threat_id, [page.id for page in telling.watch.threats[threat_id].pages])
    return ()


def _decide(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    level, expires_at = Level[str(acted.codes["level"])], _moment(acted, "expires_at")
    # Another policy may let a decision last shorter; then it lasts as long as it may.
    expires_at = min(expires_at, acted.at + telling.watch.policy.decisions.longest)
    return life.decide(telling.watch, threat_id, level, acted.by, acted.note or "-", expires_at, acted.at)


def _feedback(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    outcome = Outcome(str(acted.codes["outcome"]))
    feedback_id = telling.watch.moment(acted.at).new_id("feedback")
    return life.feedback(telling.watch, threat_id, outcome, acted.by, acted.at, feedback_id=feedback_id)


def _judge(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    return life.judge(telling.watch, threat_id, Lane[str(acted.codes["lane"])], acted.at.isoformat(), acted.at)


def _verify(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    return life.verify(telling.watch, threat_id, _moment(acted, "due_at"), acted.note or "-", acted.by, acted.at)


def _start(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    verify = moves.Verify(_moment(acted, "due_at"), acted.note or "-")
    return moves.start_fallback(telling.watch, threat_id, acted.by, acted.at, verify)


def _reviewed(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    reviews = [r.id for r in telling.watch.threats[threat_id].reviews if r.cause == acted.codes["cause"]]
    return life.reviewed(telling.watch, threat_id, reviews[0] if reviews else "", acted.at)


def _close(telling: _Retelling, threat_id: str, acted: Acted) -> Sequence[Said]:
    """It was closed, and whether it might be then is not asked again."""
    threat = telling.watch.threats[threat_id]
    telling.watch.keep(replace(life.over(threat), state=State.CLOSED))
    return ()


ACTS: Mapping[str, Act] = {
    "page-accepted": _accept,
    "page-closed": _close_pages,
    "decide": _decide,
    "feedback": _feedback,
    "judge": _judge,
    "verify": _verify,
    "promise-broken": lambda t, i, a: life.promise_broken(t.watch, i, str(a.codes["promise"]), a.at),
    "fallback-started": _start,
    "fallback-declined": lambda t, i, a: moves.decline_fallback(t.watch, i, a.at),
    "answer": _reviewed,
    "close": _close,
    "link": lambda t, i, a: hand.link(t.watch, i, t.signal(i, str(a.codes["signal"])), a.at),
    "dismiss": lambda t, i, a: hand.dismiss(t.watch, i, str(a.codes["signal"]), a.at),
    "unlink": lambda t, i, a: hand.unlink(t.watch, i, _texts(a, "signals"), a.at),
    "split": lambda t, i, a: t.split(i, _texts(a, "signals"), a.at),
    "merge": lambda t, i, a: hand.merge(t.watch, i, t.other(a.codes["into"]), a.by, a.at),
}
