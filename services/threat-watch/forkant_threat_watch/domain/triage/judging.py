"""One sentence judged: which acts stand in it once what is denied, over, harmless or only told has fallen away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forkant_threat_watch.domain.triage.book import Act, Need, Object, Reach, Tense
from forkant_threat_watch.domain.triage.grammar import Mood, denied, mood_of
from forkant_threat_watch.domain.triage.lexicon import NAME, Span
from forkant_threat_watch.domain.triage.parties import Mention, mention_of, object_of, stands_bare, subject_of
from forkant_threat_watch.domain.triage.scene import Scene

NEEDS = {Need.MOVEMENT: "movement", Need.GATHERING: "gathering", Need.BRINGING: "bringing", Need.PERSON: "person"}
WEAKER = {"EXPLICIT": "STATED", "STATED": "HINT", "HINT": "HINT"}


@dataclass(frozen=True, slots=True)
class Finding:
    """An act that stands. `hours` is None where nothing says when; `words` are those that told."""

    act: Act
    strength: str
    planned: bool
    hours: float | None
    words: tuple[str, ...]
    aggressor: Mention | None
    target: Mention | None


def themes_of(scene: Scene) -> dict[int, float]:
    """The themes of the sentence by number, with their weight; those that reach only to a *but* are left to the act."""
    found = {}
    for number, theme in enumerate(scene.book.themes):
        if theme.reach is not Reach.HALF and any(
            _counts(span, scene, number) for span in scene.found(f"theme/{number}")
        ):
            found[number] = theme.weight
    return found


def judge(scene: Scene, around: Mapping[int, float], nearby: Sequence[tuple[Span, float]] = ()) -> list[Finding]:
    """What stands in the sentence. `around` are the themes that reach it from others, `nearby` their words of time."""
    themes = {**around, **themes_of(scene)} if scene.acts else {}
    found = []
    for act, span in scene.acts:
        finding = _judged(act, span, scene, themes, nearby)
        if finding is not None:
            found.append(finding)
    return found


def _judged(
    act: Act, span: Span, scene: Scene, themes: Mapping[int, float], nearby: Sequence[tuple[Span, float]]
) -> Finding | None:
    if _harmless(span, scene) or denied(span, scene):
        return None
    mood = Mood.PLANNED if act.tense is Tense.STATED else mood_of(span, scene)
    if mood is Mood.PAST or _old(span, scene):
        return None
    whom, who = object_of(span, scene), subject_of(span, scene)
    if not _fits(act, whom, who) or _is_title(span, scene):
        return None
    if act.bare and whom is not None and whom.start >= span.start and not stands_bare(whom, scene):
        return None
    hours, when = _when(act, span, scene, nearby)
    if not _has_needs(act, span, scene, hours):
        return None
    if mood is Mood.PRESENT and hours is not None and "p" in span.tags:
        mood = Mood.PLANNED
    person = whom is not None and whom.of == "person"
    weight = act.weight + (scene.book.person_lift if person else 0) + _urgency(scene)
    if _silence(act, span, scene, themes) >= weight:
        return None
    strength = WEAKER[act.strength] if scene.any("rumour", *_ends(scene.half(span.start))) else act.strength
    return Finding(
        act=act,
        strength=strength,
        planned=mood is Mood.PLANNED,
        hours=hours,
        words=_told(span, whom, when, scene),
        aggressor=mention_of(who, scene),
        target=mention_of(whom, scene),
    )


def _harmless(span: Span, scene: Scene) -> bool:
    """Whether the words are part of a phrase that is no violence, and not the other way round."""
    return any(
        phrase.start < span.end and span.start < phrase.end and phrase.end - phrase.start >= span.end - span.start
        for phrase in scene.found("benign")
    )


def _ends(part: range) -> tuple[int, int]:
    return part.start, part.stop


def _old(span: Span, scene: Scene) -> bool:
    """Whether it is told of long ago, and nothing beside it of what comes."""
    clause = scene.clause(span.start)
    half = scene.half(span.start)
    if scene.any("old", *_ends(clause)):
        return not any(near.start in clause for near in scene.firm)
    return scene.any("old", *_ends(half)) and not any(near.start in half for near in scene.firm)


def _fits(act: Act, whom: Span | None, who: Span | None) -> bool:
    if act.object is Object.PERSON and (whom is None or whom.of != "person"):
        return False
    if act.object is Object.LIKELY and whom is not None and whom.of == "thing":
        return False
    if act.object is not Object.NONE and who is not None and who.of == "thing":
        return False
    return act.by_authority or who is None or who.of != "authority"


def _is_title(span: Span, scene: Scene) -> bool:
    """Whether it is written as the name of something: in the middle of a sentence with a capital letter."""
    token = scene.tokens[span.start]
    before = scene.tokens[span.start - 1] if span.start else None
    return (
        before is not None
        and before.word
        and not scene.has(NAME, span.start)
        and not token.opens
        and token.quoted == before.quoted
        and token.text[0].isupper()
        and token.text[1:].islower()
    )


def _when(
    act: Act, span: Span, scene: Scene, nearby: Sequence[tuple[Span, float]]
) -> tuple[float | None, Sequence[tuple[Span, float]]]:
    """How soon at the latest, and the words that say so: those of its half, else of its sentence, else of others."""
    half = scene.half(span.start)
    own = [(near, hours) for near, hours in scene.near if near.start in half] or scene.near
    if own:
        return min(hours for _, hours in own), own
    if act.hours is not None:
        return act.hours, ()
    if scene.any("movement", *_ends(half)) and scene.book.acts["coming"].hours is not None:
        return scene.book.acts["coming"].hours, ()
    return (min(hours for _, hours in nearby), ()) if nearby else (None, ())


def _has_needs(act: Act, span: Span, scene: Scene, hours: float | None) -> bool:
    half = scene.half(span.start)
    for need in act.needs:
        if need is Need.NEAR:
            if hours is None:
                return False
        elif need is Need.PERSON:
            if not any(scene.is_person(place) for place in half):
                return False
        elif not scene.any(NEEDS[need], *_ends(half)):
            return False
    return True


def _urgency(scene: Scene) -> float:
    return sum(weight for number, weight in enumerate(scene.book.lifts) if scene.found(f"lift/{number}"))


def _silence(act: Act, span: Span, scene: Scene, themes: Mapping[int, float]) -> float:
    """How much says that this is something else. A theme counts once, by its gravest cue."""
    half = scene.half(span.start)
    by_id: dict[str, float] = {}
    for number, theme in enumerate(scene.book.themes):
        if theme.only and act.id not in theme.only:
            continue
        if theme.reach is Reach.HALF:
            heard = any(cue.start in half and _counts(cue, scene, number) for cue in scene.found(f"theme/{number}"))
        else:
            heard = number in themes
        if heard:
            by_id[theme.id] = max(by_id.get(theme.id, 0.0), theme.weight)
    return sum(by_id.values())


def _counts(cue: Span, scene: Scene, number: int) -> bool:
    """Whether the cue speaks of its theme: not where it says a place or a time, or is denied."""
    theme = scene.book.themes[number]
    if theme.placed and scene.any("placing", cue.start - (2 if scene.has("owner", cue.start - 1) else 1), cue.start):
        return False
    if scene.has("still", cue.start) and not scene.has("negation", cue.start):
        return False
    beside = (cue.start - 2, cue.start - 1, cue.end)
    return not any(scene.has("negation", place) for place in beside if place >= 0)


def _told(span: Span, whom: Span | None, when: Sequence[tuple[Span, float]], scene: Scene) -> tuple[str, ...]:
    end = whom.end if whom is not None and span.end <= whom.start <= span.end + 2 else span.end
    spans = [(span.start, end), *((near.start, near.end) for near, _ in when)]
    return tuple(dict.fromkeys(scene.words(start, stop) for start, stop in sorted(spans)))
