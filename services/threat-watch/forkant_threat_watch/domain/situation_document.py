"""From the situation file's content to its rules: strict, and every complaint says where."""

from __future__ import annotations

from datetime import timedelta

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.situation import PartnerRule, SituationRules


def situation_of(document: object) -> SituationRules:
    """The rules a document describes. Raises Invalid with the path of the first thing that is wrong."""
    parts = Node(document, "").mapping("version districts trend_days coming_days partner")
    return SituationRules(
        version=parts["version"].text(),
        districts={code: node.text() for code, node in parts["districts"].entries().items()},
        trend=timedelta(days=parts["trend_days"].count(1)),
        coming=timedelta(days=parts["coming_days"].count(1)),
        partner=_partner(parts["partner"]),
    )


def _partner(node: Node) -> PartnerRule:
    parts = node.mapping("begins weeks delay_days spread smallest round_to authority_roles")
    begins = parts["begins"].day()
    if begins.isoweekday() != 1:
        raise parts["begins"].wrong("must be a Monday.")
    return PartnerRule(
        begins=begins,
        weeks=parts["weeks"].count(1),
        delay=timedelta(days=parts["delay_days"].count(7)),
        spread=parts["spread"].number(2, 20),
        smallest=parts["smallest"].count(5),
        round_to=parts["round_to"].count(5),
        authority_roles=frozenset(parts["authority_roles"].texts()),
    )
