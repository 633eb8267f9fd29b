"""From the `concepts` and `weighing` of a triage file to a `Weighing`. What is wrong is said with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.triage.lexicon import Lexicon
from forkant_threat_watch.domain.triage.traits import Concepts
from forkant_threat_watch.domain.triage.weighing import Points, Weighing
from forkant_threat_watch.domain.words import Factor

KEYS = (
    "groups beside together absent denied careful no no_within breath telling factors "
    "look_at page_at acts_add hours_unsaid points"
)
#: Points that a trait may have; a sum beyond these says that the file is broken.
MOST_POINTS = 100_000


def concepts_of(node: Node, weighing: Node) -> Concepts:
    """The concepts and how they meet. Their words must have been checked."""
    words = {name: list(dict.fromkeys(of.texts())) for name, of in node.entries().items()}
    parts = weighing.mapping(KEYS)
    groups = {name: _known(of, words) for name, of in parts["groups"].entries().items()}
    beside = _known(parts["beside"], words)
    careful, no = _known(parts["careful"], words), parts["no"].text()
    if no not in words:
        raise parts["no"].wrong("is no concept.", "Name the concept whose words deny.")
    return Concepts(
        lexicon=Lexicon(words, careful=careful),
        groups=groups,
        beside=beside,
        together=tuple(_three(three, {*groups, *beside}) for three in parts["together"].items()),
        absent=tuple(_names(names, {*groups, *beside}) for names in parts["absent"].items()),
        denied=_known(parts["denied"], words),
        no=no,
        no_within=int(parts["no_within"].number(1, 20)),
    )


def weighing_of(node: Node, concepts_node: Node) -> Weighing:
    """How a text is weighed. Raises Invalid with the path of the first thing that is wrong."""
    concepts = concepts_of(concepts_node, node)
    words = concepts_node.entries()
    parts = node.mapping(KEYS)
    points = parts["points"].mapping("look_from page_from look page")
    return Weighing(
        concepts=concepts,
        breath=int(parts["breath"].number(1, 20)),
        points=_points(points["look"], points["page"]),
        look_from=_sum(points["look_from"]),
        page_from=_sum(points["page_from"]),
        look_at=_sum(parts["look_at"]),
        page_at=_sum(parts["page_at"]),
        acts_add=_sum(parts["acts_add"]),
        hours_unsaid=parts["hours_unsaid"].number(0, 8760),
        telling=_known(parts["telling"], words),
        factors={_factor(name, of): _known(of, words) for name, of in parts["factors"].entries().items()},
    )


def _known(node: Node, words: Iterable[str]) -> frozenset[str]:
    named = frozenset(node.texts())
    if not named <= set(words):
        raise node.wrong(f"names {', '.join(sorted(named - set(words)))}, which is no concept.", "Use those there are.")
    return named


def _three(node: Node, names: set[str]) -> frozenset[str]:
    named = frozenset(node.texts())
    if len(named) != 3 or not named <= names:
        raise node.wrong("is not three groups or concepts beside them.", "Name three of `groups` and `beside`.")
    return named


def _names(node: Node, names: set[str]) -> tuple[str, ...]:
    named = node.texts()
    if not named or not set(named) <= names:
        raise node.wrong("names what is no group and no concept beside them.", "Use those of `groups` and `beside`.")
    return named


def _factor(name: str, node: Node) -> Factor:
    if name not in Factor.__members__:
        raise node.wrong(f"'{name}' is not a factor.", f"Use {', '.join(Factor)}.")
    return Factor[name]


def _sum(node: Node) -> int:
    return int(node.number(-MOST_POINTS, MOST_POINTS))


def _points(look: Node, page: Node) -> Mapping[str, Points]:
    """Each trait with its points. The file has them the other way round: the points, and all the traits with them."""
    looks, pages = _by_trait(look), _by_trait(page)
    return {trait: Points(looks.get(trait, 0), pages.get(trait, 0)) for trait in {**looks, **pages}}


def _by_trait(node: Node) -> dict[str, int]:
    found: dict[str, int] = {}
    for value, traits in node.entries().items():
        try:
            points = int(value)
        except ValueError:
            raise traits.wrong(f"'{value}' is not a number of points.", "Write a whole number.") from None
        for trait in traits.text().split():
            if trait in found:
                raise traits.wrong(f"'{trait}' has points twice.", "Keep one of the two.")
            found[trait] = points
    return found
