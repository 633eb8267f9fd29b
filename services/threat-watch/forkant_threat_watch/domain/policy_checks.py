"""What a policy must not be beside misspelt: a circle, or a policy that forgets words which reports are written in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from forkant_threat_watch.domain.documents import Misread, Node
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.scenario import cast


def example_parties(node: Node) -> dict[str, Mapping[str, object]]:
    """The parties that the rules' examples are told with. Raises Misread where one belongs to itself, at any remove."""
    written = node.entries()
    cast(written)
    above = {name: _texts(entry, "member_of") for name, entry in written.items()}
    for name, entry in written.items():
        if name in _texts(entry, "family_of") or name in _all_above(name, above):
            raise entry.wrong("belongs to itself.", "Break the circle: take one of its links away.")
    return {name: {key: part.value for key, part in entry.entries().items()} for name, entry in written.items()}


def _texts(entry: Node, key: str) -> tuple[str, ...]:
    found = entry.entries().get(key)
    return () if found is None else found.texts()


def _all_above(name: str, above: Mapping[str, Collection[str]]) -> set[str]:
    met: set[str] = set()
    waiting = list(above[name])
    while waiting:
        group = waiting.pop()
        if group not in met:
            met.add(group)
            waiting += above[group]
    return met


def check_succession(policy: Policy, current: Policy) -> None:
    """Raise Misread where `policy` does not know a word that `current` knows.

    Reports, conflicts and channels are written in these words by people and systems that do not read the policy: one
    that forgets a word turns their reports away.
    """
    for path, before, after in _vocabulary(current, policy):
        for word in before:
            if word not in after:
                raise Misread(
                    path,
                    f"'{word}' is missing, and reports are written with it.",
                    f"Keep '{word}'; change what it weighs instead.",
                )


def _vocabulary(current: Policy, policy: Policy) -> Iterator[tuple[str, Collection[str], Collection[str]]]:
    """Each set of words: its path in the document, the ones known now, and those known then."""
    yield "strengths", current.strengths, policy.strengths
    yield "conflicts", current.conflicts, policy.conflicts
    yield "reports.ungraded_from", sorted(current.reports.ungraded_from), policy.reports.ungraded_from
    yield "feedback.strengths", current.feedback.strengths, policy.feedback.strengths
    yield "grading.scales", current.grading.scales, policy.grading.scales
    for name, scale in current.grading.scales.items():
        after = policy.grading.scales[name]
        yield f"grading.scales.{name}.source", scale.source, after.source
        yield f"grading.scales.{name}.information", scale.information, after.information
