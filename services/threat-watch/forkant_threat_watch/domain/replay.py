"""Telling a story: the same engine as the server's, with the story's own clock and everything in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from forkant_threat_watch.domain import facts, life
from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.outcomes import Opened, Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import RuleBook
from forkant_threat_watch.domain.scenario import Step, Story, grading_of, level_named, signals_of
from forkant_threat_watch.domain.telling import Teller
from forkant_threat_watch.domain.watch import Received
from forkant_threat_watch.domain.words import Channel, Lane, Outcome


@dataclass(frozen=True, slots=True)
class Probe:
    """How a threat stood at a moment somebody asked about."""

    exists: bool
    level: str = ""
    index: float = 0.0


@dataclass
class Told:
    """What a story led to: everything that was said, in order, and how the threats stood when it was asked."""

    said: list[Said] = field(default_factory=list)
    threat_of: dict[str, str] = field(default_factory=dict)
    opened_by: dict[str, str] = field(default_factory=dict)
    probes: dict[tuple[datetime, str], Probe] = field(default_factory=dict)
    threats: int = 0
    reports: int = 0


def tell(story: Story, policy: Policy, book: RuleBook | None = None) -> Told:
    """Apply the steps in time order, with every timer that falls due between them."""
    telling = _Telling(story, policy, book)
    asked = sorted({e.at for e in story.expectations if e.at is not None})
    moments = iter(asked)
    next_asked = next(moments, None)
    for step in story.steps:
        while next_asked is not None and next_asked < step.at:
            telling.probe(next_asked)
            next_asked = next(moments, None)
        telling.run_timers(step.at)
        telling.apply(step)
    while next_asked is not None:
        telling.probe(next_asked)
        next_asked = next(moments, None)
    telling.run_timers(story.until)
    telling.told.threats = len(telling.watch.threats)
    return telling.told


class _Telling(Teller):
    def __init__(self, story: Story, policy: Policy, book: RuleBook | None) -> None:
        self.story = story
        self.told = Told()
        super().__init__(policy, story.links, self.told.said.extend, book)
        self._unnamed = count(1)

    def probe(self, at: datetime) -> None:
        """Note how every threat stands at this moment."""
        self.run_timers(at)
        for report, threat_id in self.told.threat_of.items():
            threat = self.watch.threats[threat_id]
            t = at.timestamp()
            index = self.watch.curve(threat_id, t).at(t).index if threat.open else threat.index
            self.told.probes[(at, report)] = Probe(True, threat.level.name, index)

    def apply(self, step: Step) -> None:
        """Let one step happen."""
        getattr(self, f"_{step.what}")(step)

    def _took(self, received: Received, report: str | None = None) -> None:
        if report is not None:
            for threat_ids in (*received.counts.values(), *received.suggested.values()):
                self.told.threat_of.setdefault(report, threat_ids[0])
        for said in received.said:
            if isinstance(said, Opened) and report is not None:
                self.told.opened_by[said.threat] = report
        for signal_id, threat_ids in received.counts.items():
            self.told.threat_of.setdefault(signal_id.partition("/")[0], threat_ids[0])
        self.heard(received.said)

    def _threat(self, parts: dict[str, Node], node: Node) -> str:
        """The threat a step is about: that of a report, or the story's only one."""
        if "threat_of" in parts:
            report = parts["threat_of"].text()
            if report not in self.told.threat_of:
                raise parts["threat_of"].wrong("is in no threat at that moment.")
            return self.told.threat_of[report]
        for threat_id, threat in self.watch.threats.items():
            if threat.open:
                return threat_id
        raise node.wrong("there is no threat at that moment.")

    def _report(self, step: Step) -> None:
        parts = step.node.mapping("", "id grading origin channel text signals kind verified exposure observed_at")
        report_id = parts["id"].text() if "id" in parts else f"unnamed-{next(self._unnamed)}"
        if "channel" in parts:
            parts["channel"].word(Channel)
        signals = signals_of(report_id, parts, step.at, self.story, self.watch.policy)
        self.told.reports += 1
        self._took(self.watch.receive(signals, step.at), report_id)

    def _feedback(self, step: Step) -> None:
        parts = step.node.mapping("outcome", "threat_of by")
        outcome = Node(parts["outcome"].text().upper(), parts["outcome"].path).word(Outcome)
        threat_id = self._threat(parts, step.node)
        feedback_id = self.watch.moment(step.at).new_id("feedback")
        by = parts["by"].text() if "by" in parts else ""
        self.heard(life.feedback(self.watch, threat_id, outcome, by, step.at, feedback_id=feedback_id))

    def _calendar(self, step: Step) -> None:
        parts = step.node.mapping("kind on parties", "id")
        on = self.story.moment(parts["on"])
        entry_id = parts["id"].text() if "id" in parts else f"{parts['kind'].text()}@{on.isoformat()}"
        parties = [self.story.party(node) for node in parts["parties"].items()]
        self._took(facts.enter_day(self.watch, entry_id, on, on, parties, step.at))

    def _conflict(self, step: Step) -> None:
        parts = step.node.mapping("between status", "grading")
        between = parts["between"].items()
        if len(between) != 2:
            raise parts["between"].wrong("must be two parties.", "Name the two groups.")
        one, other = (self.story.party(node) for node in between)
        groups = (one, other) if one.key < other.key else (other, one)
        conflict_id = "~".join(group.ref for group in groups)
        signal = facts.conflict_signal(
            conflict_id, groups, parts["status"].text(), grading_of(parts.get("grading")), step.at, self.watch.policy
        )
        self._took(facts.change_conflict(self.watch, conflict_id, signal, step.at, step.at))

    def _answer(self, step: Step) -> None:
        parts = step.node.mapping("", "threat_of by close")
        threat_id = self._threat(parts, step.node)
        pages = [page.id for page in self.watch.threats[threat_id].pages]
        life.accept(self.watch, threat_id, pages, parts["by"].text() if "by" in parts else "")
        if "close" in parts and parts["close"].flag():
            life.close_pages(self.watch, threat_id, pages)
        self.heard([])

    def _decision(self, step: Step) -> None:
        parts = step.node.mapping("level by reason expires", "threat_of")
        self.heard(
            life.decide(
                self.watch,
                self._threat(parts, step.node),
                level_named(parts["level"]),
                parts["by"].text(),
                parts["reason"].text(),
                self.story.moment(parts["expires"]),
                step.at,
            )
        )

    def _promise(self, step: Step) -> None:
        parts = step.node.mapping("id", "threat_of")
        self.heard(life.promise_broken(self.watch, self._threat(parts, step.node), parts["id"].text(), step.at))

    def _verification(self, step: Step) -> None:
        parts = step.node.mapping("due fallback by", "threat_of")
        due_at = self.story.moment(parts["due"])
        threat_id = self._threat(parts, step.node)
        self.heard(life.verify(self.watch, threat_id, due_at, parts["fallback"].text(), parts["by"].text(), step.at))

    def _judgement(self, step: Step) -> None:
        parts = step.node.mapping("lane by reason", "threat_of id")
        statement = parts["id"].text() if "id" in parts else step.at.isoformat()
        threat_id = self._threat(parts, step.node)
        self.heard(life.judge(self.watch, threat_id, parts["lane"].rank(Lane), statement, step.at))

    def _close(self, step: Step) -> None:
        parts = step.node.mapping("by reason", "threat_of")
        threat_id = self._threat(parts, step.node)
        self.heard(life.close(self.watch, threat_id, parts["by"].text(), parts["reason"].text(), step.at))
