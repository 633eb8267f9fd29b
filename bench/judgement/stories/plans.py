"""True plans: somebody was wronged, somebody says so, some prepare, and on a day it is done, or would be."""

from __future__ import annotations

from bench.judgement.stories.aims import Aim
from bench.judgement.stories.telling import DAY, HOUR, Story, Teller, Telling

NOBODY_SPOKE = 400


def reprisal(teller: Teller, story: Story, begins: int) -> None:
    """As in the report's case: arrests, then word from several sides that they want to take somebody who serves."""
    _plan(teller, story, begins, teller.aims.against_the_law(), own_action=True)


def clubs(teller: Teller, story: Story, begins: int) -> None:
    """Revenge between two groups."""
    _plan(teller, story, begins, teller.aims.between_rivals())


def family(teller: Teller, story: Story, begins: int) -> None:
    """A feud in a family, or between two."""
    _plan(teller, story, begins, teller.aims.in_a_family())


PLANS: dict[str, Telling] = {"reprisal": reprisal, "clubs": clubs, "family": family}


def _plan(teller: Teller, story: Story, begins: int, aim: Aim, *, own_action: bool = False) -> None:
    """Tell it until somebody spoke in time: of a plan that nobody breathed a word about no judge can know."""
    for _ in range(NOBODY_SPOKE):
        heard = _attempt(teller, story, begins, aim, own_action)
        if heard:
            return
        teller.forget(story)
    raise RuntimeError("no plan of this kind is ever heard of: look at the assumptions")


def _attempt(teller: Teller, story: Story, begins: int, aim: Aim, own_action: bool) -> bool:
    chance, kind = teller.chance, teller.about["plans"][story.kind]
    lead = max(0.5, chance.length(**kind["lead_days"])) * DAY
    act = round(begins + lead)
    story.act = act
    if chance.happens(kind["grievance"]):
        _grievance(teller, story, begins - chance.wait(kind["grievance_before_days"]) * DAY, aim, own_action)
    heard = []
    known: set[str] = set()
    for factor, count in (
        ("INTENT", chance.count(kind["intent"])),
        ("RECONNAISSANCE", chance.count(kind["reconnaissance"])),
        ("CAPABILITY", chance.count(kind["capability"])),
    ):
        for _ in range(count):
            at = begins + lead * chance.between(0.0 if factor == "INTENT" else 0.3, 1.0)
            arrived = _trace(teller, story, at, aim, factor, known)
            if factor != "CAPABILITY":
                heard.append(arrived)
    if any(arrived <= act - HOUR for arrived in heard):
        if chance.happens(kind["day_that_matters"]):
            known_at = begins - chance.between(5, 40) * DAY
            teller.day(known_at, act + chance.between(-2, 4) * DAY, [aim.target or aim.persons[0]])
        return True
    return False


def _grievance(teller: Teller, story: Story, at: float, aim: Aim, own_action: bool) -> None:
    if own_action:
        action = teller.chance.one_of(("ARREST", "SEARCH"))
        voice = teller.voices.one("log")
        teller.report(story, at, voice, aim, "GRIEVANCE", 0.9, target=False, own_action=action)
    else:
        voice = teller.voices.any_of(teller.about["voices"]["talk"], set())
        teller.report(story, at, voice, aim, "GRIEVANCE", teller.chance.one_of((0.5, 0.7, 0.9)))


def _trace(teller: Teller, story: Story, at: float, aim: Aim, factor: str, known: set[str]) -> int:
    """One thing that somebody saw or heard of the plan; each by somebody else."""
    chance, about = teller.chance, teller.about
    shares = about["plans"][story.kind]["voices"] if factor == "INTENT" else about["voices"]["sighting"]
    voice = teller.voices.any_of(shares, known)
    known.add(voice.origin)
    more = {}
    left = ((story.act or 0) - at) / HOUR
    soon = about["imminence"]["plan_last_days"] * 24
    if factor == "INTENT" and chance.happens(about["imminence"]["plan_said" if left <= soon else "plan_early"]):
        more["imminence_hours"] = round(max(1.0, min(left, soon) * chance.between(0.6, 1.6)), 1)
    return teller.report(story, at, voice, aim, factor, chance.by_share(about["speech"]["plan"]), **more)
