"""A policy's own examples: each rule shows when it fires, when it does not, and that an echo does not fire it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forkant_shared.errors import ForkantError
from forkant_threat_watch.domain.documents import Misread
from forkant_threat_watch.domain.outcomes import Paged, ReviewAsked, Said, Updated
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.replay import tell
from forkant_threat_watch.domain.rules import Example, Rule, RuleBook, Then
from forkant_threat_watch.domain.scenario import Story, story_of

LASTS_DAYS = 60
WANTED = {"positive": "fires", "negative": "does not fire", "echo": "fires once"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What one example showed: how often its rule `fired`. `path` is where it stands in the document."""

    rule: str
    kind: str
    place: int
    fired: int
    path: str

    @property
    def holds(self) -> bool:
        """Whether that is what an example of this kind is to show."""
        return {"positive": self.fired >= 1, "negative": self.fired == 0, "echo": self.fired == 1}[self.kind]

    def __str__(self) -> str:
        return f"{self.rule} {self.kind}[{self.place}]: it {WANTED[self.kind]}, but it fired {self.fired} times"


def run_examples(policy: Policy) -> list[Shown]:
    """Tell every example of every rule. Raises Misread, with its path, for one that cannot be told."""
    book = RuleBook(policy.rules)
    shown = []
    for number, rule in enumerate(policy.rules):
        for kind, examples in (("positive", rule.positive), ("negative", rule.negative), ("echo", rule.echo)):
            for place, example in enumerate(examples):
                path = f"rules[{number}].examples.{kind}[{place}]"
                shown.append(Shown(rule.id, kind, place, _times_fired(rule, example, policy, book, path), path))
    return shown


def failing_examples(policy: Policy) -> list[str]:
    """The examples that do not hold, one line each; a policy with any is not fit to be signed."""
    return [str(one) for one in run_examples(policy) if not one.holds]


def _times_fired(rule: Rule, example: Example, policy: Policy, book: RuleBook, path: str) -> int:
    try:
        told = tell(example_story(example, policy), policy, book)
    except Misread as error:
        raise Misread(path + error.path.removeprefix("steps"), error.complaint, error.remedy or "") from error
    except ForkantError as error:
        raise Misread(path, error.detail, error.remedy or "Tell another story.") from error
    return sum(1 for said in told.said if rule.id in _rules_in(said, rule))


def example_story(example: Example, policy: Policy) -> Story:
    """An example as a story with the policy's example parties. Raises Misread where it lasts too long."""
    document: Mapping[str, object] = {
        "name": "example",
        "start": "2026-03-02T09:00:00+01:00",
        "until": f"+{LASTS_DAYS}d",
        "parties": policy.example_parties,
        "steps": [dict(step) for step in example.steps],
    }
    story = story_of(document)
    for step in story.steps:
        if step.at > story.until:
            raise step.node.wrong(f"is later than an example lasts, {LASTS_DAYS} days.", "Let it happen sooner.")
    return story


def _rules_in(said: Said, rule: Rule) -> tuple[str, ...]:
    if isinstance(said, Paged):
        return said.rules
    if isinstance(said, Updated) and rule.then is Then.PAGE:
        return said.rules
    if isinstance(said, ReviewAsked):
        return (said.cause,)
    return ()
