"""A whole text read: what is proposed, how soon, and the words that told. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from forkant_threat_watch.domain.triage.book import Reach, Tense, TriageBook
from forkant_threat_watch.domain.triage.judging import Finding, judge, themes_of
from forkant_threat_watch.domain.triage.parties import Mention
from forkant_threat_watch.domain.triage.scene import Scene
from forkant_threat_watch.domain.triage.tokens import sentences
from forkant_threat_watch.domain.triage.weighing import factor_of, told, weighed
from forkant_threat_watch.domain.words import Factor

MOST_TRIGGERS = 20
MOST_FINDINGS = 200
_RANK = {"HINT": 0, "STATED": 1, "EXPLICIT": 2}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A signal as the text would have it. `strength` is HINT, STATED or EXPLICIT, `imminence_hours` at the latest.

    `words` are those that told, as they stand in the text; `place` is the code of a district.
    """

    factor: Factor
    strength: str
    imminence_hours: float | None
    words: tuple[str, ...]
    aggressor: Mention | None = None
    target: Mention | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says. `hit`: a person should look. `imminent`: now. `triggers` are words as they were written."""

    hit: bool
    imminent: bool
    signals: tuple[Proposed, ...]
    triggers: tuple[str, ...]
    version: str


def read_text(text: str, book: TriageBook) -> Reading:
    """Read a text; any text, in time in proportion to its length.

    Whether it is a hit, and whether it is imminent, is weighed over the whole of it. The acts found in its sentences
    say what is proposed, against whom and how soon, and one that is imminent adds to the weight.
    """
    whole = weighed(text, book.weighing)
    found, near = _findings(text, book)
    added = book.weighing.acts_add if any(_is_imminent(finding, book) for finding, _ in found) else 0
    page = whole.page + added >= book.weighing.page_at
    if not page and whole.look + added < book.weighing.look_at:
        return Reading(False, False, (), (), book.version)
    words = told(whole.stretch, book.weighing)
    signals = [_signal(factor, found, book) for factor in Factor if any(f.act.factor is factor for f, _ in found)]
    if not signals:
        signals = [Proposed(factor_of(whole.stretch, book.weighing), "HINT", None, words)]
    signals = _timed(signals, words, near, book) if page else [replace(s, imminence_hours=None) for s in signals]
    triggers = dict.fromkeys(word for said in (*(f.words for f, _ in found), words) for word in said)
    return Reading(True, page, tuple(signals), tuple(triggers)[:MOST_TRIGGERS], book.version)


def _findings(text: str, book: TriageBook) -> tuple[list[tuple[Finding, Scene]], float | None]:
    """The acts that stand, each with its sentence, and the shortest time that any sentence names."""
    found: list[tuple[Finding, Scene]] = []
    near: list[float] = []
    for scene, before, after in _in_company(text, book):
        near += [hours for _, hours in scene.near]
        if not scene.acts or len(found) >= MOST_FINDINGS:
            continue
        around: dict[int, float] = {}
        for other in (before, after):
            if other is not None:
                themes = themes_of(other)
                around |= {n: w for n, w in themes.items() if book.themes[n].reach is Reach.NEAR}
        nearby = [pair for other in (after, before) if other is not None for pair in other.near]
        found += [(finding, scene) for finding in judge(scene, around, nearby)]
    if not any(finding.planned or finding.act.weight > 1 for finding, _ in found):
        found = []
    within = [hours for hours in near if hours <= book.paging.within_hours]
    return found[:MOST_FINDINGS], min(within, default=None)


def _timed(signals: list[Proposed], words: tuple[str, ...], near: float | None, book: TriageBook) -> list[Proposed]:
    """The signals with one of intent among them that says how soon, for that is what a page is about."""
    if any(s.factor is Factor.INTENT and s.imminence_hours is not None for s in signals):
        return signals
    hours = near if near is not None else book.weighing.hours_unsaid
    for place, signal in enumerate(signals):
        if signal.factor is Factor.INTENT:
            return [*signals[:place], replace(signal, imminence_hours=hours), *signals[place + 1 :]]
    return [Proposed(Factor.INTENT, "STATED", hours, words), *signals]


def _in_company(text: str, book: TriageBook) -> Iterator[tuple[Scene, Scene | None, Scene | None]]:
    """Each sentence with the one before and the one after it."""
    before: Scene | None = None
    scene: Scene | None = None
    for sentence in sentences(text):
        after = Scene(sentence, book)
        if scene is not None:
            yield scene, before, after
        before, scene = scene, after
    if scene is not None:
        yield scene, before, None


def _is_imminent(finding: Finding, book: TriageBook) -> bool:
    soon = finding.hours is not None and finding.hours <= book.paging.within_hours
    stated = finding.planned or finding.act.tense is Tense.STATED
    return finding.act.factor is Factor.INTENT and finding.act.imminent and soon and stated


def _signal(factor: Factor, found: Sequence[tuple[Finding, Scene]], book: TriageBook) -> Proposed:
    """All that was found about one factor as one signal: the strongest word, the shortest time."""
    mine = [(finding, scene) for finding, scene in found if finding.act.factor is factor]
    leading, scene = max(mine, key=lambda pair: (_is_imminent(pair[0], book), _RANK[pair[0].strength]))
    hours = [f.hours for f, _ in mine if _is_imminent(f, book) and f.hours is not None]
    return Proposed(
        factor=factor,
        strength=max((finding.strength for finding, _ in mine), key=lambda word: _RANK[word]),
        imminence_hours=min(hours, default=None),
        words=tuple(dict.fromkeys(word for finding, _ in mine for word in finding.words))[:MOST_TRIGGERS],
        aggressor=next((f.aggressor for f, _ in [(leading, scene), *mine] if f.aggressor), None),
        target=next((f.target for f, _ in [(leading, scene), *mine] if f.target), None),
        place=next((code for of, code in book.districts.items() if scene.found(of)), None),
    )
