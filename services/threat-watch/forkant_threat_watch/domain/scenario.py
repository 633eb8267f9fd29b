"""A scenario file's content as a story: who is in it, what happens when, and what is expected of the watch."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.links import FAMILY, MEMBERSHIP, ROLE, Edge, Links
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Level, Party, PartyKind

STEPS = "report feedback calendar answer decision conflict promise verification judgement close"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, or that a person does. `what` is its kind, `node` the rest."""

    at: datetime
    what: str
    node: Node


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something the story must be told with. `node` is as written; `at` is a moment, `between` a stretch."""

    node: Node
    at: datetime | None
    between: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Story:
    """A whole scenario, in time order."""

    name: str
    start: datetime
    until: datetime
    parties: Mapping[str, Party]
    links: Links
    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...]

    def party(self, node: Node | None) -> Party:
        """A party by its short name, or written out."""
        if node is None:
            return UNKNOWN
        if isinstance(node.value, str):
            if node.value not in self.parties:
                raise node.wrong("is not one of the story's parties.")
            return self.parties[node.value]
        parts = node.mapping("kind", "id code name")
        kind = parts["kind"].word(PartyKind)
        if kind is PartyKind.UNKNOWN:
            return UNKNOWN
        ref = {PartyKind.ROLE: "code", PartyKind.NAME: "name"}.get(kind, "id")
        if ref not in parts:
            raise node.wrong(f"a {kind} needs '{ref}'.")
        return Party(kind, parts[ref].text())

    def moment(self, node: Node) -> datetime:
        """The moment an offset stands for."""
        return self.start + node.span()


def story_of(document: object) -> Story:
    """The story a scenario file tells. Raises Invalid with the path of the first thing that is wrong."""
    parts = Node(document, "").mapping("name start until steps", "parties expect")
    start = _instant(parts["start"])
    written = parts["parties"].entries() if "parties" in parts else {}
    parties, links = cast(written)
    steps = [_step(node, start) for node in parts["steps"].items()]
    until = start + parts["until"].span()
    expected = parts["expect"].items() if "expect" in parts else []
    return Story(
        name=parts["name"].text(),
        start=start,
        until=until,
        parties=parties,
        links=links,
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        expectations=tuple(_expectation(node, start, until) for node in expected),
    )


def cast(written: Mapping[str, Node]) -> tuple[dict[str, Party], Links]:
    """The parties of a story by their short names, and the links between them."""
    parties: dict[str, Party] = {}
    edges: list[Edge] = []
    described = {name: node.mapping("kind", "roles member_of family_of group_kind") for name, node in written.items()}
    for name, parts in described.items():
        parties[name] = Party(parts["kind"].word(PartyKind), name)
    for name, parts in described.items():
        key = parties[name].key
        edges += [Edge(ROLE, key, f"ROLE:{role}") for role in _texts(parts.get("roles"))]
        for kind, field in ((MEMBERSHIP, "member_of"), (FAMILY, "family_of")):
            for other in _texts(parts.get(field)):
                if other not in parties:
                    raise parts[field].wrong(f"'{other}' is not one of the story's parties.")
                edges.append(Edge(kind, key, parties[other].key))
    return parties, Links(edges)


def _texts(node: Node | None) -> tuple[str, ...]:
    return () if node is None else node.texts()


def _instant(node: Node) -> datetime:
    value = node.value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise node.wrong("must be a time with an offset.", "Write it as 2026-03-01T08:00:00+01:00.")
    if not 1970 <= value.year <= 2200:
        raise node.wrong("is a year no story is told in.", "Write a year from 1970 to 2200.")
    return value


def _step(node: Node, start: datetime) -> Step:
    parts = node.mapping("", f"at {STEPS}")
    kinds = [kind for kind in parts if kind != "at"]
    if len(kinds) != 1:
        raise node.wrong("a step is one thing.", f"Use one of {STEPS}.")
    return Step(start + (parts["at"].span() if "at" in parts else timedelta()), kinds[0], parts[kinds[0]])


def _expectation(node: Node, start: datetime, until: datetime) -> Expectation:
    parts = node.mapping("", "at between threat_of level index page never review absent threats")
    between = (start, until)
    if "between" in parts:
        ends = parts["between"].items()
        if len(ends) != 2:
            raise parts["between"].wrong("must be two moments.")
        between = (start + ends[0].span(), start + ends[1].span())
    if "threats" not in parts:
        if "at" in parts and "threat_of" not in parts:
            raise node.wrong("'threat_of' is missing.", "Name the report whose threat is looked at.")
        if "at" not in parts and not parts.keys() & {"page", "never", "review"}:
            raise node.wrong("expects nothing.", "Say page, never or review, or the moment it is about.")
    return Expectation(node, start + parts["at"].span() if "at" in parts else None, between)


def grading_of(node: Node | None) -> Grading | None:
    """A grading as a scenario writes it; `B3` is short for ADMIRALTY's."""
    if node is None:
        return None
    if isinstance(node.value, str):
        return Grading("ADMIRALTY", node.value[:1], node.value[1:])
    parts = node.mapping("scale source information")
    return Grading(parts["scale"].text(), parts["source"].text(), parts["information"].text())


def signals_of(report_id: str, parts: Mapping[str, Node], at: datetime, story: Story, policy: Policy) -> list[Signal]:
    """The signals of a report step. `observed_at` says when it was seen or heard, where that is not when it came in."""
    observed_at = story.moment(parts["observed_at"]) if "observed_at" in parts else at
    if observed_at > at:
        raise parts["observed_at"].wrong("is later than the report itself.")
    grading = grading_of(parts.get("grading"))
    grade = policy.grading.quality(grading)
    origin = parts["origin"].text() if "origin" in parts else f"report:{report_id}"
    signals = []
    for place, node in enumerate(parts["signals"].items() if "signals" in parts else ()):
        said = node.mapping("factor strength", "aggressor target imminence_hours spoken_by own_action place")
        hours = said.get("imminence_hours")
        signals.append(
            Signal(
                id=f"{report_id}/{place}",
                report=report_id,
                factor=said["factor"].word(Factor),
                strength=_strength(said["strength"], policy),
                grade=grade,
                quality=grade.weigh(policy.grading.unknown),
                origin=origin,
                observed_at=observed_at,
                aggressor=story.party(said.get("aggressor")),
                target=story.party(said.get("target")),
                graded=grading is not None,
                imminence_hours=hours.number(0) if hours is not None and hours.value is not None else None,
                spoken_by_aggressor="spoken_by" in said and said["spoken_by"].value == "AGGRESSOR",
                own_action=said["own_action"].text() if "own_action" in said else None,
            )
        )
    return signals


def _strength(node: Node, policy: Policy) -> float:
    if isinstance(node.value, str):
        if node.value not in policy.strengths:
            raise node.wrong("is not a strength we know.", f"Use {', '.join(policy.strengths)}.")
        return policy.strengths[node.value]
    return node.number(0, 1)


def level_named(node: Node) -> Level:
    """A level by its name."""
    return node.rank(Level)
