"""From a triage file to a `TriageBook`. What is wrong is said with its place and what helps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.triage.book import (
    Act,
    Example,
    Need,
    Object,
    Paging,
    Reach,
    Tense,
    Theme,
    Time,
    TriageBook,
)
from forkant_threat_watch.domain.triage.forms import UnknownSpelling, forms_of
from forkant_threat_watch.domain.triage.grammar import CLASSES
from forkant_threat_watch.domain.triage.lexicon import DYNAMIC, GAPS, NUMBER, Lexicon
from forkant_threat_watch.domain.triage.weighing import Weighing
from forkant_threat_watch.domain.triage.weighing_document import weighing_of
from forkant_threat_watch.domain.words import Factor, Lane

STRENGTHS = ("HINT", "STATED", "EXPLICIT")
KEYS = (
    "version signed_by signed_on paging person_lift lifts grammar words acts times themes roles leader_roles"
    " passed_over_roles districts concepts weighing examples"
)
_INCLUDED = re.compile(r"<([a-z_]+)>")
_LONGEST_PHRASE = 120


def triage_book_of(document: object) -> TriageBook:
    """The rule book. Raises Invalid with the path of the first thing that is wrong."""
    parts = Node(document, "").mapping(KEYS)
    shared = {name: _specs(node) for name, node in parts["words"].entries().items()}
    grammar = {name: _specs(node) for name, node in parts["grammar"].mapping(" ".join(CLASSES)).items()}
    classes = {**shared, **grammar}
    acts = [_act(node, classes) for node in parts["acts"].items()]
    times = [_time(node, number, classes) for number, node in enumerate(parts["times"].items())]
    themes = [
        _theme(node, number, classes, [act.id for act in acts]) for number, node in enumerate(parts["themes"].items())
    ]
    roles = _looked_up("role", parts["roles"], classes)
    districts = _looked_up("district", parts["districts"], classes)
    if "coming" not in {act.id for act in acts}:
        raise parts["acts"].wrong("no act is called 'coming'.", "Keep the act that says what being on the way means.")
    lifts = [_lift(node, number, classes) for number, node in enumerate(parts["lifts"].items())]
    for key in ("leader_roles", "passed_over_roles"):
        if not set(parts[key].texts()) <= set(roles.values()):
            raise parts[key].wrong("names a role that has no words.", f"Use {', '.join(roles.values())}.")
    return TriageBook(
        version=parts["version"].text(),
        signed_by=parts["signed_by"].text(),
        signed_on=parts["signed_on"].day(),
        lexicon=_lexicon(parts, classes),
        acts={act.id: act for act in acts},
        times=tuple(times),
        themes=tuple(themes),
        roles=roles,
        leader_roles=frozenset(parts["leader_roles"].texts()),
        passed_over_roles=frozenset(parts["passed_over_roles"].texts()),
        districts=districts,
        person_lift=parts["person_lift"].number(0, 100),
        lifts=tuple(lifts),
        paging=_paging(parts["paging"]),
        weighing=_weighing(parts["weighing"], parts["concepts"]),
        examples=tuple(_examples(parts["examples"])),
    )


def _lexicon(parts: Mapping[str, Node], classes: Mapping[str, list[tuple[str, Node]]]) -> Lexicon:
    expanded = {name: list(_expanded(name, specs, classes, ())) for name, specs in classes.items()}
    for node in (node for specs in classes.values() for _, node in specs):
        _check_spelling(node, expanded.keys())
    careful = [name for name in expanded if name.startswith("act/")]
    return Lexicon(expanded, careful=careful)


def _weighing(node: Node, concepts: Node) -> Weighing:
    for spec in (item for of in concepts.entries().values() for item in of.items()):
        _check_spelling(spec, ())
    return weighing_of(node, concepts)


def _expanded(
    name: str, specs: Iterable[tuple[str, Node]], classes: Mapping[str, list[tuple[str, Node]]], within: tuple[str, ...]
) -> Iterable[str]:
    """The specs with those of included classes in their place."""
    for spec, node in specs:
        included = _INCLUDED.fullmatch(spec)
        if included is None or included[1] in DYNAMIC:
            yield spec
            continue
        if included[1] not in classes:
            raise node.wrong(f"there is no class '{included[1]}'.", "Use one of `words` or `grammar`.")
        if included[1] in (name, *within):
            raise node.wrong("a class includes itself.", "Take one of the two out.")
        yield from _expanded(included[1], classes[included[1]], classes, (name, *within))


def _check_spelling(node: Node, known: Iterable[str]) -> None:
    """Raise Invalid where a word or phrase is written in no way the lexicon knows."""
    spec = node.text()
    if len(spec) > _LONGEST_PHRASE * 10:
        raise node.wrong("is too long.", "Write several phrases.")
    parts = spec.split()
    if all(part in GAPS or part.startswith("(") for part in parts):
        raise node.wrong("has no word that must be there.", "Write at least one word without brackets.")
    if parts[0] in GAPS or parts[-1] in GAPS:
        raise node.wrong("begins or ends with a gap.", "Put a word on both sides of the dots.")
    for part in parts:
        if part in GAPS:
            continue
        inner = part[1:-1] if part.startswith("(") and part.endswith(")") else part
        for choice in inner.split("|"):
            if choice.startswith("<") and choice.endswith(">"):
                if choice[1:-1] not in known and choice[1:-1] not in DYNAMIC:
                    raise node.wrong(f"there is no class '{choice[1:-1]}'.", "Use one of `words` or `grammar`.")
                continue
            try:
                forms_of(choice)
            except UnknownSpelling:
                raise node.wrong(
                    f"'{choice}' is not a spelling we know.", "See domain/triage/forms.py for how words are written."
                ) from None


def _specs(node: Node) -> list[tuple[str, Node]]:
    found = [(item.text(), item) for item in node.items()]
    if not found:
        raise node.wrong("must have at least one word.")
    if any(spec != spec.lower() for spec, _ in found):
        bad = next(item for spec, item in found if spec != spec.lower())
        raise bad.wrong("has capital letters.", "Write it in small letters; capitals are read the same.")
    return found


def _act(node: Node, classes: dict[str, list[tuple[str, Node]]]) -> Act:
    parts = node.mapping("id factor strength weight says", "object tense needs hours by_authority bare imminent")
    act_id = parts["id"].text()
    if f"act/{act_id}" in classes:
        raise parts["id"].wrong(f"there are two acts '{act_id}'.", "Give one of them another id.")
    strength = parts["strength"].text()
    if strength not in STRENGTHS:
        raise parts["strength"].wrong("is not a strength we know.", f"Use {', '.join(STRENGTHS)}.")
    classes[f"act/{act_id}"] = _specs(parts["says"])
    return Act(
        id=act_id,
        factor=parts["factor"].word(Factor),
        strength=strength,
        weight=parts["weight"].number(0.1, 100),
        object=parts["object"].word(Object) if "object" in parts else Object.NONE,
        tense=parts["tense"].word(Tense) if "tense" in parts else Tense.PLANNED,
        needs=parts["needs"].words(Need) if "needs" in parts else frozenset(),
        hours=parts["hours"].number(0, 8760) if "hours" in parts else None,
        by_authority=parts["by_authority"].flag() if "by_authority" in parts else False,
        bare=parts["bare"].flag() if "bare" in parts else False,
        imminent=parts["imminent"].flag() if "imminent" in parts else True,
    )


def _time(node: Node, number: int, classes: dict[str, list[tuple[str, Node]]]) -> Time:
    parts = node.mapping("says", "hours each far weak")
    if len({"hours", "each", "far"} & parts.keys()) != 1:
        raise node.wrong("says not how soon.", "Give one of 'hours', 'each' and 'far'.")
    classes[f"time/{number}"] = _specs(parts["says"])
    if "each" in parts:
        for spec, item in classes[f"time/{number}"]:
            if f"<{NUMBER}>" not in spec:
                raise item.wrong("has no number to count.", f"Put <{NUMBER}> where the number stands.")
        return Time(None, parts["each"].number(0.001, 8760), weak=False)
    hours = parts["hours"].number(0, 8760) if "hours" in parts else None
    return Time(hours, None, weak=parts["weak"].flag() if "weak" in parts else False)


def _theme(node: Node, number: int, classes: dict[str, list[tuple[str, Node]]], acts: Iterable[str]) -> Theme:
    parts = node.mapping("id weight reach says", "placed only")
    only = frozenset(parts["only"].texts()) if "only" in parts else frozenset()
    if not only <= set(acts):
        raise parts["only"].wrong("names an act that is not there.", f"Use {', '.join(acts)}.")
    classes[f"theme/{number}"] = _specs(parts["says"])
    return Theme(
        id=parts["id"].text(),
        weight=parts["weight"].number(0.1, 100),
        reach=parts["reach"].word(Reach),
        placed=parts["placed"].flag() if "placed" in parts else False,
        only=only,
    )


def _lift(node: Node, number: int, classes: dict[str, list[tuple[str, Node]]]) -> float:
    parts = node.mapping("weight says")
    classes[f"lift/{number}"] = _specs(parts["says"])
    return parts["weight"].number(0, 100)


def _looked_up(kind: str, node: Node, classes: dict[str, list[tuple[str, Node]]]) -> dict[str, str]:
    """Codes that stand for words, by the class their words are filed under."""
    found = {}
    for code, words in node.entries().items():
        classes[f"{kind}/{code}"] = _specs(words)
        found[f"{kind}/{code}"] = code
    return found


def _paging(node: Node) -> Paging:
    parts = node.mapping("rule version lane reason within_hours one_page_for_hours guide")
    lane = parts["lane"].rank(Lane)
    if lane is not Lane.NORMAL:
        raise parts["lane"].wrong("a text alone is no danger to life.", "Use NORMAL; a person raises it.")
    return Paging(
        rule=parts["rule"].text(),
        version=parts["version"].count(1),
        lane=lane,
        reason=parts["reason"].text(),
        within_hours=parts["within_hours"].number(1, 8760),
        one_page_for_hours=parts["one_page_for_hours"].number(0, 168),
        guide={language: text.text() for language, text in parts["guide"].mapping("nb en").items()},
    )


def _examples(node: Node) -> Iterable[Example]:
    for kind, texts in node.mapping("imminent hit neither").items():
        if not texts.items():
            raise texts.wrong("must have at least one example.")
        for text in texts.texts():
            yield Example(text, hit=kind != "neither", imminent=kind == "imminent")
