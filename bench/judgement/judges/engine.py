"""This engine: a `Watch` as in a replay, with an officer who does each morning what the engine asks of people.

Source: the engine itself and its policy files; nothing of it is written anew here. The officer is the same for every
policy and knows nothing of the truth: pages are closed after a day; a proposed lowering is followed, and followed again
before the decision runs out; a threat that stands LOW and of which nothing new was heard for four weeks is closed.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bench.judgement.judges.rings import WORKED_ON, Ring
from forkant_threat_watch.domain import facts, life
from forkant_threat_watch.domain.outcomes import Paged, Said, Updated
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import Condition, Rule, Then
from forkant_threat_watch.domain.scenario import Step, Story, grading_of, signals_of, story_of
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import Lane, Level, Source

QUIET = timedelta(days=28)
MORNING = timedelta(hours=8)


@dataclass
class Prepared:
    """A stream read once: what comes in when, for every policy with the same grading and strengths."""

    story: Story
    steps: list[tuple[Step, list[Signal]]]


def prepare(document: dict[str, Any], policy: Policy) -> Prepared:
    """Read the scenario and the signals of its reports."""
    story = story_of(document)
    return Prepared(story, [(step, list(_signals(step, story, policy))) for step in story.steps])


def _signals(step: Step, story: Story, policy: Policy) -> Iterator[Signal]:
    if step.what == "report":
        parts = step.node.entries()
        yield from signals_of(parts["id"].text(), parts, step.at, story, policy)


def moved(policy: Policy, by: float) -> Policy:
    """The policy with everything moved that decides whether a phone rings at all, by so many log-odds.

    That is where MODERATE begins, and the least quality and strength that a rule which pages asks of a signal. Where
    HIGH and CRITICAL begin stays: they decide who is woken, not whether.
    """
    if by == 0:
        return policy
    levels = replace(policy.levels, moderate=_pushed(policy.levels.moderate, by))
    return replace(policy, levels=levels, rules=tuple(_moved_rule(rule, by) for rule in policy.rules))


def _moved_rule(rule: Rule, by: float) -> Rule:
    if rule.then is not Then.PAGE:
        return rule
    least = None if rule.min_quality is None else _pushed(rule.min_quality, by)
    return replace(rule, min_quality=least, require=tuple(_moved_condition(one, by) for one in rule.require))


def _moved_condition(condition: Condition, by: float) -> Condition:
    if condition.min_strength is None:
        return condition
    return replace(condition, min_strength=_pushed(condition.min_strength, by))


def _pushed(share: float, by: float) -> float:
    return 1 / (1 + math.exp(-(math.log(share / (1 - share)) + by)))


def judge(prepared: Prepared, policy: Policy) -> list[Ring]:
    """Everything this policy rings for."""
    return _Run(prepared, policy).run()


class _Run:
    def __init__(self, prepared: Prepared, policy: Policy) -> None:
        self._story, self._steps = prepared.story, prepared.steps
        numbers = count(1)
        self._watch = Watch(policy, self._story.links, lambda kind: f"{kind}{next(numbers)}")
        self._policy = policy
        self._timers: list[tuple[datetime, int, str]] = []
        self._closing: list[tuple[datetime, int, str, str]] = []
        self._order = count()
        self._open: dict[str, None] = {}
        self._newest: dict[str, tuple[datetime, str]] = {}
        self.rings: list[Ring] = []

    def run(self) -> list[Ring]:
        morning = self._story.start + MORNING
        for step, signals in self._steps:
            while morning <= step.at:
                self._time(morning)
                self._morning(morning)
                morning += timedelta(days=1)
            self._time(step.at)
            self._apply(step, signals)
        return self.rings

    def _apply(self, step: Step, signals: Sequence[Signal]) -> None:
        watch, now = self._watch, step.at
        if step.what == "report":
            received = watch.receive(signals, now)
            report = signals[0].report
            for threat_ids in received.counts.values():
                for threat_id in threat_ids:
                    self._newest[threat_id] = (now, report)
            self._heard(received.said, report)
        elif step.what == "calendar":
            parts = step.node.entries()
            on = self._story.moment(parts["on"])
            parties = [self._story.party(node) for node in parts["parties"].items()]
            self._heard(facts.enter_day(watch, parts["id"].text(), on, on, parties, now).said)
        else:
            self._conflict(step)

    def _conflict(self, step: Step) -> None:
        parts = step.node.entries()
        one, other = sorted((self._story.party(node) for node in parts["between"].items()), key=lambda p: p.key)
        id_, status, grading = f"{one.ref}~{other.ref}", parts["status"].text(), grading_of(parts.get("grading"))
        signal = facts.conflict_signal(id_, (one, other), status, grading, step.at, self._policy)
        self._heard(facts.change_conflict(self._watch, id_, signal, step.at, step.at).said)

    def _time(self, until: datetime) -> None:
        """Timers that fall due, and pages that have been worked on for a day."""
        while self._timers and self._timers[0][0] <= until:
            at, _, threat_id = heapq.heappop(self._timers)
            self._close_pages(at)
            if self._watch.threats[threat_id].due_at == at:
                self._heard(self._watch.due(threat_id, at))
        self._close_pages(until)

    def _close_pages(self, until: datetime) -> None:
        while self._closing and self._closing[0][0] <= until:
            _, _, threat_id, page_id = heapq.heappop(self._closing)
            if self._watch.threats[threat_id].pages:
                life.close_pages(self._watch, threat_id, [page_id])

    def _heard(self, said: Sequence[Said], report: str | None = None) -> None:
        for one in said:
            if isinstance(one, Paged | Updated):
                by = report or self._newest.get(one.threat, (None, ""))[1]
                minutes = (one.at - self._story.start).total_seconds() / 60
                paged = isinstance(one, Paged)
                self.rings.append(Ring(minutes, by, paged, isinstance(one, Paged) and one.lane is Lane.LIFE))
                if isinstance(one, Paged):
                    heapq.heappush(self._closing, (one.at + WORKED_ON, next(self._order), one.threat, one.id))
        for threat_id in self._watch.changes():
            due_at = self._watch.threats[threat_id].due_at
            if due_at is None:
                self._open.pop(threat_id, None)
            else:
                self._open[threat_id] = None
                heapq.heappush(self._timers, (due_at, next(self._order), threat_id))

    def _morning(self, now: datetime) -> None:
        """What the officer does with what the engine asks for."""
        for threat in [self._watch.threats[threat_id] for threat_id in self._open]:
            if self._over(threat, now):
                self._heard(life.close(self._watch, threat.id, "officer", "nothing new", now))
            elif any(r.cause in ("lowering-proposed", "decision-expires") for r in threat.reviews):
                expires = now + self._policy.decisions.longest
                reason = "as proposed"
                self._heard(life.decide(self._watch, threat.id, threat.automatic, "officer", reason, expires, now))

    def _over(self, threat: Threat, now: datetime) -> bool:
        if threat.level is not Level.LOW or threat.automatic is not Level.LOW or threat.verification is not None:
            return False
        last = max((s.observed_at for s in threat.signals if s.source is Source.REPORT), default=threat.opened_at)
        return max(self._newest.get(threat.id, (threat.opened_at, ""))[0], last) < now - QUIET
