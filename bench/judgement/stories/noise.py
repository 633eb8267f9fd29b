"""What sounds like a plan and is none. It may well be true as it is reported: only nobody is planning anything."""

from __future__ import annotations

from typing import Any

from bench.judgement.stories.aims import Aim
from bench.judgement.stories.telling import DAY, Story, Teller, Telling


def rumour(teller: Teller, story: Story, begins: int) -> None:
    """One tale that goes round and comes in through several, none of whom knows anything."""
    _tale(teller, story, begins, "rumour", "rumour")


def careless(teller: Teller, story: Story, begins: int) -> None:
    """A tale graded by habit, as if a good source had known."""
    _tale(teller, story, begins, "rumour", "rumour", by_habit=True)


def wrong_name(teller: Teller, story: Story, begins: int) -> None:
    """Something that was said, well reported, of the wrong people."""
    _tale(
        teller,
        story,
        begins,
        "talk",
        "talk",
        worth="sound",
        aim=teller.aims.somebody_else(teller.aims.between_anybody()),
    )


def empty_talk(teller: Teller, story: Story, begins: int) -> None:
    """He said that he would, and those who say so are right that he said it."""
    aim = teller.aims.between_anybody()
    if teller.chance.happens(0.5):
        _grievance(teller, story, begins - teller.chance.wait(20) * DAY, aim)
    _tale(teller, story, begins, "talk", "talk", worth="sound", aim=aim)


def _tale(
    teller: Teller,
    story: Story,
    begins: int,
    carriers: str,
    speech: str,
    *,
    worth: str = "hearsay",
    by_habit: bool = False,
    aim: Aim | None = None,
) -> None:
    """It is told by one and by some more, over some days; now and then with a weapon or a car in it."""
    chance, about, kind = teller.chance, teller.about, teller.about["noise"][story.kind]
    aim = aim or teller.aims.between_anybody()
    known: set[str] = set()
    for place in range(1 + chance.count(kind["voices_more"])):
        voice = teller.voices.any_of(about["voices"][carriers], known)
        known.add(voice.origin)
        factor = (
            "INTENT" if place == 0 else chance.by_share({"INTENT": 0.75, "CAPABILITY": 0.15, "RECONNAISSANCE": 0.1})
        )
        more: dict[str, Any] = {}
        if factor == "INTENT" and chance.happens(about["imminence"]["rumour_said"]):
            more["imminence_hours"] = round(chance.between(*about["imminence"]["hours"]), 1)
        at = begins + chance.between(0, kind["days"]) * DAY
        strength = chance.by_share(about["speech"][speech])
        teller.report(story, at, voice, aim, factor, strength, worth=worth, by_habit=by_habit, **more)


def echo(teller: Teller, story: Story, begins: int) -> None:
    """One voice that comes in again and again."""
    chance, about, kind = teller.chance, teller.about, teller.about["noise"]["echo"]
    aim = teller.aims.between_anybody()
    worth, speech = ("hearsay", "rumour") if chance.happens(0.6) else ("sound", "talk")
    voice = teller.voices.any_of(about["voices"][speech], set())
    strength = chance.by_share(about["speech"][speech])
    arrived = teller.report(story, begins, voice, aim, "INTENT", strength, worth=worth)
    signal = {"factor": "INTENT", "strength": strength, **teller.aims.written(aim)}
    for _ in range(1 + chance.count(kind["copies"] - 1)):
        teller.echo(story, begins, arrived, voice, signal, worth)


def old_grudge(teller: Teller, story: Story, begins: int) -> None:
    """An old matter is brought up again: what was said then comes in now."""
    chance, about = teller.chance, teller.about
    aim = teller.aims.between_anybody()
    for _ in range(1 + chance.count(0.8)):
        _grievance(teller, story, begins + chance.between(0, 5) * DAY, aim)
    for _ in range(1 + chance.count(0.4)):
        ago = chance.between(*about["noise"]["old_grudge"]["said_days_ago"]) * DAY
        voice = teller.voices.any_of(about["voices"]["talk"], set())
        strength = chance.by_share(about["speech"]["talk"])
        # It was heard long ago, and is written down only now.
        teller.late(story, begins - ago, begins + chance.between(0, 5) * DAY, voice, aim, "INTENT", strength)
    if chance.happens(0.4):
        voice = teller.voices.any_of(about["voices"]["talk"], set())
        teller.report(story, begins, voice, aim, "INTENT", chance.by_share(about["speech"]["anger"]))


def peace(teller: Teller, story: Story, begins: int) -> None:
    """There was reason enough; then they talk, and some go on growling."""
    chance, about, kind = teller.chance, teller.about, teller.about["noise"]["peace"]
    aim = teller.aims.between_rivals()
    talk = about["voices"]["talk"]
    _grievance(teller, story, begins, aim)
    voice = teller.voices.any_of(talk, set())
    teller.report(story, begins + 2 * DAY, voice, aim, "INTENT", chance.by_share(about["speech"]["talk"]))
    settled = begins + chance.between(4, 20) * DAY
    for _ in range(1 + chance.count(kind["words"])):
        theirs: dict[str, Any] = {"spoken_by": "AGGRESSOR"} if chance.happens(0.6) else {}
        at = settled + chance.between(0, 10) * DAY
        voice = teller.voices.one("meeting")
        teller.report(story, at, voice, aim, "BUFFER", chance.one_of((0.5, 0.7, 0.9)), **theirs)
    if aim.group and aim.towards and chance.happens(0.5):
        teller.stands(settled + 5 * DAY, aim.group, aim.towards, "peace")
        teller.stands(settled + chance.between(40, 120) * DAY, aim.group, aim.towards, "tense")
    if chance.happens(kind["residual"]):
        voice = teller.voices.any_of(talk, {voice.origin})
        at = settled + chance.between(2, 20) * DAY
        teller.report(story, at, voice, aim, "INTENT", chance.by_share(about["speech"]["anger"]))


def arrest(teller: Teller, story: Story, begins: int) -> None:
    """The police have acted; they are angry, and that is all."""
    chance, about = teller.chance, teller.about
    aim = teller.aims.against_the_law()
    action = chance.one_of(("ARREST", "SEARCH", "CONTROL"))
    log = teller.voices.one("log")
    teller.report(story, begins, log, aim, "GRIEVANCE", chance.one_of((0.5, 0.7, 0.9)), target=False, own_action=action)
    for _ in range(chance.count(about["noise"]["arrest"]["anger"])):
        voice = teller.voices.any_of(about["voices"]["talk"], set())
        at = begins + chance.between(0.1, 12) * DAY
        teller.report(story, at, voice, aim, "INTENT", chance.by_share(about["speech"]["anger"]))


def coincidence(teller: Teller, story: Story, begins: int) -> None:
    """A weapon was seen, or a strange car outside a home: true, and about nothing."""
    chance, about, kind = teller.chance, teller.about, teller.about["noise"]["coincidence"]
    aim = teller.aims.between_anybody()
    for _ in range(1 + chance.count(kind["sightings"] - 1)):
        voice = teller.voices.any_of(about["voices"]["sighting"], set())
        at = begins + chance.between(0, kind["days"]) * DAY
        weapon = chance.happens(0.5)
        factor, strength = ("CAPABILITY" if weapon else "RECONNAISSANCE"), chance.by_share(about["speech"]["talk"])
        teller.report(story, at, voice, aim, factor, strength, target=not weapon)


def _grievance(teller: Teller, story: Story, at: float, aim: Aim) -> None:
    voice = teller.voices.any_of(teller.about["voices"]["talk"], set())
    teller.report(story, at, voice, aim, "GRIEVANCE", teller.chance.one_of((0.5, 0.7, 0.9)))


NOISE: dict[str, Telling] = {
    "rumour": rumour,
    "echo": echo,
    "old_grudge": old_grudge,
    "peace": peace,
    "arrest": arrest,
    "careless": careless,
    "wrong_name": wrong_name,
    "empty_talk": empty_talk,
    "coincidence": coincidence,
}
