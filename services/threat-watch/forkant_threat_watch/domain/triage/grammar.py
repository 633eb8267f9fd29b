"""Is it still to come, and is it denied? The little grammar the rules need, word by word.

The classes named here are the rule book's `grammar`; every look back or ahead has a longest reach.
"""

from __future__ import annotations

from enum import StrEnum

from forkant_threat_watch.domain.triage.forms import PLAIN
from forkant_threat_watch.domain.triage.lexicon import Span
from forkant_threat_watch.domain.triage.scene import Scene

PLAN_REACH, NEGATION_REACH = 16, 9
#: The classes a rule book must fill.
CLASSES = [
    "negation",
    "still",
    "but",
    "and",
    "that",
    "subordinate",
    "relative",
    "belief",
    "plan",
    "plan_past",
    "prepare",
    "purpose",
    "asking",
    "owner",
    "unplanned",
    "perfect",
    "becomes",
    "became",
    "urge",
    "happened",
    "person",
    "subject",
    "thing",
    "body",
    "property",
    "placing",
    "following",
    "not_person",
    "authority",
    "benign",
    "movement",
    "gathering",
    "bringing",
    "old",
    "past",
    "rumour",
    "saying",
]


class Mood(StrEnum):
    """How an act is spoken of."""

    PLANNED = "PLANNED"
    PRESENT = "PRESENT"
    PAST = "PAST"


def mood_of(span: Span, scene: Scene) -> Mood:
    """Whether the act is planned, goes on, or is over."""
    if span.tags == PLAIN:
        return _mood_of_noun(span, scene)
    half = scene.half(span.start)
    begins = max(half.start, span.start - PLAN_REACH)
    soon = any(near.start in half for near, _ in scene.near)
    if span.tags & {"t", "c"} and not span.tags & {"i", "s"}:
        return _mood_of_participle(span, scene, begins, soon=soon)
    if span.tags & {"i", "s"}:
        if _planned_before(span.start, begins, scene):
            return Mood.PLANNED
        mark = _mark_before(span.start, begins, scene)
        if mark is not None:
            return Mood.PAST if scene.any("unplanned", max(begins, mark - 4), mark) else Mood.PLANNED
    if "m" in span.tags and (scene.tokens[span.start].opens or scene.any("urge", span.start - 1, span.start)):
        return Mood.PLANNED
    if scene.any("asking", scene.clause(span.start).start, span.start):
        return Mood.PAST
    if span.tags & {"p", "s", "g", "m"}:
        return Mood.PLANNED if soon else Mood.PRESENT
    return Mood.PRESENT if "i" in span.tags else Mood.PAST


def _planned_before(start: int, begins: int, scene: Scene) -> bool:
    """Whether a word of intent governs what stands there; `skal ha skutt` tells of what is done."""
    for place in range(start - 1, begins - 1, -1):
        if scene.has("plan", place):
            if scene.any("perfect", place + 1, min(place + 3, start)) and _only_perfect(place, start, scene):
                return False
            return not scene.has("plan_past", place) or _still_ahead(place, scene)
    return False


def _still_ahead(place: int, scene: Scene) -> bool:
    """Whether a `skulle` is what somebody told of what is to come, and not a story of what was."""
    half = scene.half(place)
    told = any(scene.any(of, half.start, place) for of in ("saying", "rumour", "that"))
    return told or any(near.start in half for near, _ in scene.near)


def _only_perfect(place: int, start: int, scene: Scene) -> bool:
    return scene.has("perfect", start - 1) or scene.has("perfect", place + 1)


def _mark_before(start: int, begins: int, scene: Scene) -> int | None:
    """Where the *å* or *to* of the infinitive stands, also before one it is coordinated with."""
    reach = PLAN_REACH if scene.has("and", start - 1) else 5
    for place in range(start - 1, max(begins, start - reach) - 1, -1):
        if scene.has("purpose", place):
            return place
    return None


def _mood_of_participle(span: Span, scene: Scene, begins: int, *, soon: bool) -> Mood:
    for place in range(span.start - 1, max(begins, span.start - 6) - 1, -1):
        if scene.has("became", place):
            return Mood.PAST
        if scene.has("becomes", place):
            if _planned_before(place, begins, scene) or _mark_before(place, begins, scene) is not None:
                return Mood.PLANNED
            return Mood.PLANNED if soon else Mood.PRESENT
        if scene.has("perfect", place):
            return Mood.PAST
        if scene.has("plan", place) and "c" in span.tags:
            # `vil ha ham drept`, `blir tatt og skal banket`: careless, but still to come.
            return Mood.PLANNED
    return Mood.PAST


def _mood_of_noun(span: Span, scene: Scene) -> Mood:
    half = scene.half(span.start)
    if _happened(span, scene):
        return Mood.PAST
    before = scene.any("plan", max(half.start, span.start - PLAN_REACH), span.end)
    if before or scene.any("prepare", max(half.start, span.start - 10), min(half.stop, span.end + 10)):
        return Mood.PLANNED
    return Mood.PLANNED if any(near.start in half for near, _ in scene.near) else Mood.PRESENT


def _happened(span: Span, scene: Scene) -> bool:
    """Whether its clause tells of it as done. *After* does so only beside it: not `after school`."""
    clause = scene.clause(span.start)
    if scene.any("plan", max(clause.start, span.start - 3), span.start + 1) or scene.has("prepare", span.start):
        return False
    if scene.any("movement", clause.start, clause.stop):
        return False
    return any(
        scene.has("happened", place) and (not scene.has("placing", place) or span.start - 3 < place < span.start)
        for place in range(max(clause.start, span.start - 8), min(clause.stop, span.end + 8))
    )


def denied(span: Span, scene: Scene) -> bool:
    """Whether a *not* belongs to the act."""
    return _denied_before(span, scene) or _denied_after(span, scene)


def _says_not(place: int, scene: Scene) -> bool:
    return scene.has("negation", place) and not scene.has("still", place)


def _denied_before(span: Span, scene: Scene) -> bool:
    clause = scene.clause(span.start)
    for place in range(span.start - 1, max(clause.start, span.start - NEGATION_REACH) - 1, -1):
        if _says_not(place, scene):
            return not _only_another_time(place, scene)
        if scene.has("and", place) and (
            scene.any("plan", place + 1, span.start) or scene.any("subject", place + 1, span.start)
        ):
            return False
        if scene.has("that", place):
            if not scene.any("belief", max(clause.start, place - 4), place):
                return False
        elif scene.has("relative", place):
            someone = place - 1 if scene.has("subject", place - 1) else place
            return someone > clause.start and _says_not(someone - 1, scene)
        elif scene.has("subordinate", place) and not scene.has("purpose", place + 1):
            return False
        elif scene.has("subject", place) and not (
            _says_not(place - 1, scene) or scene.any("belief", place - 1, place) or scene.has("that", place - 1)
        ):
            return place > clause.start and scene.has("plan", place - 1) and _says_not(place - 2, scene)
    return False


def _denied_after(span: Span, scene: Scene) -> bool:
    if not span.tags & {"p", "m", "n"}:
        return False
    clause = scene.clause(span.end - 1)
    for place in range(span.end, min(clause.stop, span.end + 5)):
        if _says_not(place, scene):
            return not _only_another_time(place, scene)
        if any(scene.has(border, place) for border in ("subordinate", "relative", "that", "and", "plan")):
            return False
    return False


def _only_another_time(place: int, scene: Scene) -> bool:
    """`Ikke i natt, men i morgen`: what is denied is the time."""
    timed = any(near.start in (place + 1, place + 2) for near, _ in scene.near)
    return timed and any(scene.has("but", later) for later in range(place + 1, min(place + 9, len(scene.tokens))))
