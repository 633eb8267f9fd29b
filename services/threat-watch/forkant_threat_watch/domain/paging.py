"""One page, not five: what the rules that fired make of the pages a threat already has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.moment import Moment
from forkant_threat_watch.domain.outcomes import FallbackAsked, Paged, ReviewAsked, Said, Updated
from forkant_threat_watch.domain.rules import Fired, Firing, Happening, Kind, Surroundings, Then
from forkant_threat_watch.domain.threat import Fallback, Page, Review, Threat
from forkant_threat_watch.domain.words import Lane, PartyKind, State


def surroundings(threat: Threat, moment: Moment) -> Surroundings:
    """What the rules may see of this threat."""
    links = moment.links
    keys = [party.key for party in threat.targets]
    roles: set[str] = set()
    family_roles: set[str] = set()
    families = [links.family(key) for key in keys]
    for key, family in zip(keys, families, strict=True):
        roles |= links.roles(key)
        for relative in family:
            family_roles |= links.roles(relative)
    one_family = any(not family.isdisjoint(keys) for family in families)
    return Surroundings(threat.level, threat.signals, roles, family_roles, one_family)


def excluded(threat: Threat, links: Links) -> tuple[str, ...]:
    """The persons this threat is aimed at: its targets, who holds a targeted role, and their families.

    No page about it goes to them, and they decide nothing about it. Each stands under every id they are known by.
    """
    persons: set[str] = set()
    for party in threat.targets:
        aimed_at = links.holders(party.key) if party.kind is PartyKind.ROLE else {party.key}
        for key in aimed_at:
            persons |= {key} | links.family(key)
    known = {name for key in persons if key.startswith("PERSON:") for name in links.known_as(key)}
    return tuple(sorted(key.partition(":")[2] for key in known))


def _fallback(threat: Threat, cause: str, text: str, moment: Moment) -> Fallback:
    """What a leader is to start; what already waits is not forgotten by a cause that brings no text."""
    waiting = threat.fallback.text if threat.fallback is not None else ""
    return Fallback(cause, text or waiting, moment.now)


def act_on(threat: Threat, happenings: Sequence[Happening], moment: Moment) -> tuple[Threat, list[Said]]:
    """Let the rules answer what happened: reviews, tasks, the fallback, and at most one page."""
    if not happenings:
        return threat, []
    around = surroundings(threat, moment)
    fired = dict(threat.fired)
    fresh: list[Firing] = []
    quietly: list[Firing] = []
    for happening in happenings:
        for firing in moment.book.firings(happening, around, moment.now):
            if not firing.alone and not firing.repeats(fired.get(firing.key)):
                fired[firing.key] = firing.mark
                (quietly if _rang_lately(firing, threat, moment) else fresh).append(firing)
    if not fresh and not quietly:
        return threat, []
    threat = replace(threat, fired=fired)
    said: list[Said] = []
    for firing in (*fresh, *quietly):
        if firing in quietly or firing.rule.then in (Then.REVIEW, Then.TASK):
            within = firing.rule.answer_within or moment.policy.reviews.answer_within
            threat, asked = ask_review(threat, firing.rule.id, moment, within)
            said += asked
        if firing.rule.fallback:
            text = threat.verification.fallback if threat.verification else ""
            said.append(FallbackAsked(threat.id, moment.now, firing.rule.id, text))
            threat = replace(threat, fallback=_fallback(threat, firing.rule.id, text, moment))
    paging = [firing for firing in fresh if firing.rule.then is Then.PAGE and firing.lane is not None]
    if paging:
        threat, paged = _page(threat, paging, around, moment)
        said.append(paged)
    return threat, said


def _rung(lane: Lane) -> str:
    """Under what a threat remembers when it last rang in this lane; no rule has an empty id."""
    return f"|{lane.name}"


def last_rang(threat: Threat) -> float:
    """When somebody was last woken for this threat, in seconds; 0 where nobody ever was."""
    marks = [threat.fired.get(_rung(lane)) for lane in Lane]
    return max((mark.until.timestamp() for mark in marks if mark is not None and mark.until is not None), default=0.0)


def _rang_lately(firing: Firing, threat: Threat, moment: Moment) -> bool:
    """Whether a page that is over has said as much, not long ago. While one is unclosed, this is an update to it."""
    quiet, lane = firing.rule.quiet, firing.lane
    if quiet is None or lane is None or any(page.lane >= lane for page in threat.pages):
        return False
    marks = [threat.fired.get(_rung(graver)) for graver in Lane if graver >= lane]
    return any(mark is not None and mark.until is not None and moment.now < mark.until + quiet for mark in marks)


def _page(
    threat: Threat, firings: Sequence[Firing], around: Surroundings, moment: Moment
) -> tuple[Threat, Paged | Updated]:
    lane = max(firing.lane for firing in firings if firing.lane is not None)
    rules = tuple(dict.fromkeys(firing.rule.id for firing in firings))
    highest = max(threat.pages, key=lambda page: (page.lane, page.raised_at), default=None)
    if highest is not None and highest.lane >= lane and not any(firing.rule.rings_anew for firing in firings):
        known = replace(highest, rules=tuple(dict.fromkeys((*highest.rules, *rules))))
        pages = tuple(known if page is highest else page for page in threat.pages)
        updated = Updated(highest.id, threat.id, moment.now, rules, threat.level, threat.index)
        return replace(threat, pages=pages), updated
    leaders = [f.rule.id for f in moment.book.firings(Happening(Kind.PAGE, "page"), around, moment.now)]
    outdone = [page for page in threat.pages if lane is Lane.LIFE and page.lane is Lane.NORMAL]
    leading = next(firing for firing in firings if firing.lane is lane)
    page = Page(moment.new_id("page"), lane, (*rules, *leaders), moment.now)
    paged = Paged(
        id=page.id,
        threat=threat.id,
        at=moment.now,
        lane=lane,
        rules=page.rules,
        reason=leading.rule.reason,
        leader=bool(leaders),
        excluded=excluded(threat, moment.links),
        replaces=outdone[-1].id if outdone else None,
        level=threat.level,
        index=threat.index,
    )
    kept = tuple(page for page in threat.pages if page not in outdone)
    threat = replace(threat, fired={**threat.fired, _rung(lane): Fired(lane, moment.now)})
    state = State.ESCALATED if threat.state in (State.OPEN, State.ASSESSED) else threat.state
    return replace(threat, pages=(*kept, page), state=state), paged


def ask_review(
    threat: Threat, cause: str, moment: Moment, within: timedelta, *, proposing: bool = False
) -> tuple[Threat, list[Said]]:
    """Ask a person to look, unless the same is asked already and not answered."""
    if any(review.cause == cause for review in threat.reviews):
        return threat, []
    due_at = moment.now + within
    review = Review(moment.new_id("review"), cause, moment.now, due_at)
    asked = ReviewAsked(
        review.id,
        threat.id,
        moment.now,
        cause,
        due_at,
        rule=cause if any(rule.id == cause for rule in moment.policy.rules) else None,
        proposed=threat.automatic if proposing else None,
    )
    return replace(threat, reviews=(*threat.reviews, review)), [asked]
