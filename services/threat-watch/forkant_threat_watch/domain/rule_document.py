"""From a policy file's `rules` to `Rule`s."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.rules import Condition, Example, Kind, Lift, Rule, Then
from forkant_threat_watch.domain.words import Factor, Lane, Level

CHOSEN = "CHOSEN"
GROUPS = ("threat", "origin")
#: What the columns hold that a rule's id and reason are stored in.
LONGEST_CODE = 60


def rules_of(node: Node, strengths: Mapping[str, float]) -> tuple[Rule, ...]:
    """The rules in the file's order. Raises Invalid with the path of the first thing that is wrong."""
    rules = tuple(_rule(item, strengths) for item in node.items())
    seen: set[str] = set()
    for item, rule in zip(node.items(), rules, strict=True):
        if rule.id in seen:
            raise item.wrong(f"there are two rules '{rule.id}'.", "Give one of them another id.")
        seen.add(rule.id)
    return rules


def _rule(node: Node, strengths: Mapping[str, float]) -> Rule:
    parts = node.mapping(
        "id version require then guide examples",
        "optional absence group_by timespan min_origins min_quality lane reason rings_anew quiet fallback"
        " answer_within_hours",
    )
    then = parts["then"].word(Then)
    if then is Then.PAGE and not {"lane", "reason"} <= parts.keys():
        raise node.wrong("a rule that pages needs 'lane' and 'reason'.", "Add them.")
    if then is not Then.PAGE and {"lane", "reason", "optional", "rings_anew", "quiet"} & parts.keys():
        raise node.wrong(
            "only a rule that pages has 'lane', 'reason', 'optional', 'rings_anew' or 'quiet'.", "Take it away."
        )
    _no_circle(parts["require"], then)
    chosen = "lane" not in parts or parts["lane"].value == CHOSEN
    examples = parts["examples"].mapping("positive negative echo")
    hours = parts.get("answer_within_hours")
    return Rule(
        id=parts["id"].code(LONGEST_CODE),
        version=parts["version"].count(1),
        then=then,
        require=_conditions(parts["require"], strengths, least=1),
        guide={language: text.text() for language, text in parts["guide"].mapping("nb en").items()},
        optional=tuple(_lift(item, strengths) for item in parts["optional"].items()) if "optional" in parts else (),
        absence=_conditions(parts["absence"], strengths) if "absence" in parts else (),
        group_by=_group_by(parts["group_by"]) if "group_by" in parts else GROUPS,
        timespan=parts["timespan"].span() if "timespan" in parts else None,
        min_origins=parts["min_origins"].count(1) if "min_origins" in parts else 1,
        min_quality=parts["min_quality"].number(0, 1) if "min_quality" in parts else None,
        lane=None if chosen else parts["lane"].rank(Lane),
        reason=parts["reason"].code(LONGEST_CODE) if "reason" in parts else "",
        rings_anew=parts["rings_anew"].flag() if "rings_anew" in parts else False,
        quiet=parts["quiet"].span() if "quiet" in parts else None,
        fallback=parts["fallback"].flag() if "fallback" in parts else False,
        answer_within=timedelta(hours=hours.number(0.01, 365 * 24)) if hours else None,
        positive=_examples(examples["positive"]),
        negative=_examples(examples["negative"]),
        echo=_examples(examples["echo"]),
    )


def _no_circle(require: Node, then: Then) -> None:
    """What a page calls for is that a leader hears of it too; a page that called for a page would never end."""
    for item in require.items():
        happening = item.entries().get("happening")
        if happening is not None and happening.value == Kind.PAGE and then is not Then.LEADER:
            raise happening.wrong(
                "goes in a circle: a page cannot call for a page.", "Use LEADER, or another happening."
            )


def _group_by(node: Node) -> tuple[str, ...]:
    for item in node.items():
        if item.text() not in GROUPS:
            raise item.wrong("is not something to group by.", f"Use {', '.join(GROUPS)}.")
    return node.texts()


def _lift(node: Node, strengths: Mapping[str, float]) -> Lift:
    parts = node.mapping("when lane")
    return Lift(_condition(parts["when"], strengths), parts["lane"].rank(Lane))


def _conditions(node: Node, strengths: Mapping[str, float], least: int = 0) -> tuple[Condition, ...]:
    items = node.items()
    if len(items) < least:
        raise node.wrong("must name at least one condition.", "Say what must hold for the rule to fire.")
    return tuple(_condition(item, strengths) for item in items)


def _condition(node: Node, strengths: Mapping[str, float]) -> Condition:
    parts = node.mapping(
        "",
        "happening factor min_strength min_quality below_quality within_hours identifiable own_action level min_level"
        " conflict target_roles target_family_roles target_family",
    )

    def number(key: str, most: float = 1) -> float | None:
        return parts[key].number(0, most) if key in parts else None

    def flag(key: str) -> bool | None:
        return parts[key].flag() if key in parts else None

    def texts(key: str) -> frozenset[str]:
        return frozenset(parts[key].texts()) if key in parts else frozenset()

    return Condition(
        happening=parts["happening"].word(Kind) if "happening" in parts else Kind.SIGNAL,
        factor=parts["factor"].word(Factor) if "factor" in parts else None,
        min_strength=_strength(parts["min_strength"], strengths) if "min_strength" in parts else None,
        min_quality=number("min_quality"),
        below_quality=number("below_quality"),
        within_hours=number("within_hours", 24 * 365),
        identifiable=flag("identifiable"),
        own_action=texts("own_action"),
        level=frozenset(item.rank(Level) for item in parts["level"].items()) if "level" in parts else frozenset(),
        min_level=parts["min_level"].rank(Level) if "min_level" in parts else None,
        conflict=texts("conflict"),
        target_roles=texts("target_roles"),
        target_family_roles=texts("target_family_roles"),
        target_family=flag("target_family"),
    )


def _strength(node: Node, strengths: Mapping[str, float]) -> float:
    if isinstance(node.value, str):
        if node.value not in strengths:
            raise node.wrong("is not a strength we know.", f"Use {', '.join(strengths)} or a number from 0 to 1.")
        return strengths[node.value]
    return node.number(0, 1)


def _examples(node: Node) -> tuple[Example, ...]:
    items = node.items()
    if not items:
        raise node.wrong("must have at least one example.", "Tell a short story in which the rule shows what it does.")
    return tuple(Example(tuple({k: n.value for k, n in step.entries().items()} for step in i.items())) for i in items)
