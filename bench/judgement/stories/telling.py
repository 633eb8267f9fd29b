"""A thousand stories become one stream of reports, in the order in which they reach the police."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bench.judgement.stories.aims import Aim, Aims
from bench.judgement.stories.chance import Chance
from bench.judgement.stories.city import City, build_city
from bench.judgement.stories.voices import CHANNELS, Voice, Voices

ASSUMPTIONS = Path(__file__).parents[1] / "assumptions.yaml"
START = "2024-01-01T00:00:00+01:00"
DAY, HOUR = 1440, 60


@dataclass
class Story:
    """One story and its truth, in minutes from the start.

    A plan is one from `begins` to `act`, when it is carried out, or would be. Before that there is a grievance at most.
    """

    id: str
    kind: str
    begins: int
    act: int | None = None
    reports: dict[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> bool:
        return self.act is not None


@dataclass
class Stream:
    """What one seed gives: a scenario document, and the truth that no judge is shown."""

    seed: int
    weeks: int
    document: dict[str, Any]
    stories: list[Story]

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(START)


def assumptions() -> dict[str, Any]:
    """The numbers of `assumptions.yaml`."""
    found: dict[str, Any] = yaml.safe_load(ASSUMPTIONS.read_text("utf-8"))
    return found


def tell_city(seed: int, about: Mapping[str, Any] | None = None, share: float = 1.0) -> Stream:
    """The city of this seed; with `share` below one, that part of the stories in that part of the time."""
    from bench.judgement.stories.noise import NOISE
    from bench.judgement.stories.plans import PLANS

    about = about or assumptions()
    teller = Teller(about, seed, share)
    tasks: list[tuple[str, Telling]] = []
    for kind, task in {**PLANS, **NOISE}.items():
        numbers = about["plans"].get(kind) or about["noise"][kind]
        tasks += [(kind, task)] * round(numbers["stories"] * share)
    for number, (kind, task) in enumerate(teller.chance.shuffled(tasks)):
        story = Story(f"s{number:04d}", kind, round(teller.chance.between(0, teller.weeks * 7 * DAY)))
        task(teller, story, story.begins)
        teller.stories.append(story)
    teller.days_that_matter()
    return Stream(seed, teller.weeks, teller.document(), teller.stories)


class Teller:
    """Writes the steps that stories lead to."""

    def __init__(self, about: Mapping[str, Any], seed: int, share: float) -> None:
        self.about, self.seed = about, seed
        self.chance = Chance(seed)
        self.weeks = round(about["city"]["weeks"] * share)
        self.city: City = build_city(about["city"], about["grading"]["letters"]["informant"], self.chance)
        self.aims = Aims(self.city, about, self.chance)
        self.voices = Voices(self.city, about, self.chance)
        self.stories: list[Story] = []
        self._steps: list[tuple[int, dict[str, Any]]] = []
        self._days = 0

    def report(
        self,
        story: Story,
        at: float,
        voice: Voice,
        aim: Aim,
        factor: str,
        strength: str | float,
        *,
        worth: str = "sound",
        by_habit: bool = False,
        target: bool = True,
        **more: Any,
    ) -> int:
        """One report of one signal, seen or heard at that minute; when it is in. Its echoes follow of themselves."""
        signal = {"factor": factor, "strength": strength, **self.aims.written(aim, target=target), **more}
        grade = self.voices.grade(voice, worth, by_habit=by_habit)
        arrived = self._write(story, at, at + self.voices.hours_until_in(voice) * HOUR, voice, grade, signal)
        echoes = self.about["echoes"]
        if voice.kind != "log" and self.chance.happens(echoes["share"]):
            for _ in range(1 + self.chance.count(echoes["more"])):
                self.echo(story, at, arrived, voice, signal, worth)
        return arrived

    def late(
        self, story: Story, at: float, told: float, voice: Voice, aim: Aim, factor: str, strength: str | float
    ) -> None:
        """Something that was seen or heard long ago and is told only now."""
        signal = {"factor": factor, "strength": strength, **self.aims.written(aim)}
        arrived = told + self.voices.hours_until_in(voice) * HOUR
        self._write(story, at, arrived, voice, self.voices.grade(voice, "sound"), signal)

    def echo(self, story: Story, at: float, arrived: int, voice: Voice, signal: dict[str, Any], worth: str) -> None:
        """The same voice once more, through another channel, some days later; not always seen to be the same voice."""
        echoes = self.about["echoes"]
        through = self.voices.one(self.chance.by_share({"informant": 0.4, "patrol": 0.4, "partner": 0.2}))
        origin = through.origin if self.chance.happens(echoes["own_origin"]) else voice.origin
        again = Voice(through.kind, origin, through.letter)
        later = arrived + self.chance.between(0.05, echoes["days"]) * DAY
        kept = {key: value for key, value in signal.items() if key != "imminence_hours"}
        self._write(story, at, later, again, self.voices.grade(again, worth), kept)

    def _write(
        self, story: Story, at: float, in_at: float, voice: Voice, grade: dict[str, str] | None, signal: dict[str, Any]
    ) -> int:
        arrived, seen = max(1, round(in_at)), max(0, round(at))
        number = len(story.reports)
        report: dict[str, Any] = {"id": f"{story.id}-{number}", "origin": voice.origin, "channel": CHANNELS[voice.kind]}
        if grade is not None:
            report["grading"] = grade
        if seen < arrived:
            report["observed_at"] = offset(seen)
        story.reports[report["id"]] = arrived
        self._steps.append((arrived, {"report": {**report, "signals": [signal]}}))
        return arrived

    def forget(self, story: Story) -> None:
        """Take back what was written of a story, to tell it anew."""
        story.reports.clear()
        mark = f"{story.id}-"
        self._steps = [s for s in self._steps if not str(s[1].get("report", {}).get("id", "")).startswith(mark)]

    def day(self, known_at: float, on: float, parties: list[str]) -> None:
        """A day that matters to these is entered in the calendar."""
        self._days += 1
        kind = self.chance.one_of(("COURT_DATE", "RELEASE", "FUNERAL", "ANNIVERSARY"))
        entry = {"id": f"day-{self._days}", "kind": kind, "on": offset(round(on)), "parties": parties}
        self._steps.append((max(1, round(known_at)), {"calendar": entry}))

    def stands(self, at: float, one: str, other: str, status: str) -> None:
        """How two groups stand to each other, as the registry says it."""
        grade = {"scale": "ADMIRALTY", "source": "B", "information": "2"}
        conflict = {"between": [one, other], "status": status, "grading": grade}
        self._steps.append((max(0, round(at)), {"conflict": conflict}))

    def days_that_matter(self) -> None:
        """The calendar of the city, and how the rivals stand when it begins."""
        city = self.about["city"]
        for _ in range(self.chance.count(city["days_that_matter_a_week"] * self.weeks)):
            on = self.chance.between(0, self.weeks * 7 * DAY)
            who = self.chance.one_of(self.chance.one_of(list(self.city.members.values())))
            self.day(on - self.chance.between(5, 60) * DAY, on, [who])
        for place, (one, other) in enumerate(self.city.rivalries):
            status = "war" if place < city["at_war"] else "tense" if place < city["at_war"] + city["tense"] else "cold"
            self.stands(0, one, other, status)

    def document(self) -> dict[str, Any]:
        """The whole stream as a scenario file would hold it."""
        steps = sorted(self._steps, key=lambda step: step[0])
        last = max(steps[-1][0], self.weeks * 7 * DAY) + DAY
        return {
            "name": f"a city of made-up stories, seed {self.seed}",
            "start": START,
            "until": offset(last),
            "parties": self.city.parties,
            "steps": [{"at": offset(at), **what} for at, what in steps],
        }


def offset(minutes: int) -> str:
    """Minutes from the start as a scenario writes them."""
    return f"+{minutes // DAY}d{minutes // HOUR % 24}h{minutes % HOUR}m"


Telling = Callable[[Teller, Story, int], None]
