"""Who does it, and to whom or what, as far as one clause says so."""

from __future__ import annotations

from dataclasses import dataclass

from forkant_threat_watch.domain.triage.lexicon import NAME, Span
from forkant_threat_watch.domain.triage.scene import Scene

OBJECT_REACH, SUBJECT_REACH = 6, 9


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody in the text: the words, whether they are a name, and the role they stand for, if it is one we know."""

    words: str
    is_name: bool
    role: str | None


def mention_of(party: Span | None, scene: Scene) -> Mention | None:
    """The somebody that stands there, a name with all its parts; None for nobody or a thing."""
    if party is None or party.of == "thing":
        return None
    end = party.end
    is_name = scene.has(NAME, party.start) and not scene.has("person", party.start)
    while is_name and end < len(scene.tokens) and scene.has(NAME, end) and not scene.has("not_person", end):
        end += 1
    role = next((code for of, code in scene.book.roles.items() if scene.has(of, party.start)), None)
    return Mention(scene.words(party.start, end), is_name, role)


def object_of(span: Span, scene: Scene) -> Span | None:
    """Whom or what the act is done to: a span of `person` or `thing`, or None where the sentence does not say."""
    clause = scene.clause(span.end - 1)
    before = _object_before(span, scene, clause)
    return before or _object_after(span, scene, clause)


def _object_after(span: Span, scene: Scene, clause: range) -> Span | None:
    for place in range(span.start + 1, min(clause.stop, span.end + OBJECT_REACH)):
        if any(near.start <= place < near.end for near, _ in scene.near):
            continue
        if scene.is_person(place):
            return Span("person", place, place + 1)
        if place < span.end:
            continue
        if scene.has("thing", place):
            return Span("thing", place, place + 1)
        if scene.is_strange_thing(place) and all(scene.has("owner", between) for between in range(span.end, place)):
            return Span("thing", place, place + 1)
        if scene.has("that", place) or scene.has("subordinate", place):
            return None
    return None


def stands_bare(whom: Span, scene: Scene) -> bool:
    """Whether what follows the one it is done to leaves the harm in the words: not `ta ham på senga`."""
    place = whom.end
    while place < len(scene.tokens) and (scene.is_person(place) or scene.has("owner", place)):
        place += 1
    if place >= len(scene.tokens) or scene.tokens[place].pause or not scene.tokens[place].word:
        return True
    return scene.has("following", place) or any(near.start <= place < near.end for near, _ in scene.near)


def _object_before(span: Span, scene: Scene, clause: range) -> Span | None:
    """Whom it is done to where that stands first: `han skal drepes`, `han skal vi ta`."""
    begins = max(clause.start, span.start - SUBJECT_REACH)
    passive = "s" in span.tags or (
        "c" in span.tags and (scene.any("becomes", begins, span.start) or scene.any("became", begins, span.start))
    )
    turned = scene.any("subject", span.start - 1, span.start) and scene.any("plan", span.start - 2, span.start - 1)
    if not passive and not turned:
        return None
    for place in range(span.start - (3 if turned else 1), begins - 1, -1):
        if scene.has("thing", place) and not scene.any("placing", place - 2, place):
            return Span("thing", place, place + 1)
        if scene.is_person(place) or scene.has("subject", place) or scene.has(NAME, place):
            return Span("person", place, place + 1)
    return None


def subject_of(span: Span, scene: Scene) -> Span | None:
    """Who does it, where that stands before it in the clause: a span of `authority`, `thing` or `person`."""
    clause = scene.clause(span.start)
    for place in range(span.start - 1, max(clause.start, span.start - SUBJECT_REACH) - 1, -1):
        if scene.has("authority", place) and not scene.any("placing", place - 1, place):
            return Span("authority", place, place + 1)
        if scene.has("subject", place) or scene.is_person(place):
            return Span("person", place, place + 1)
        if (scene.has("thing", place) or scene.has("body", place)) and not scene.any("placing", place - 2, place):
            return Span("thing", place, place + 1)
        if scene.has("that", place):
            return None
    return None
