"""Who carries word to the police, how well they are graded, and how long it takes until it is in the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.judgement.stories.chance import Chance
from bench.judgement.stories.city import City

CHANNELS = {
    "informant": "HANDLER",
    "patrol": "PATROL",
    "staff": "STAFF",
    "caller": "DUTY_PHONE",
    "walk_in": "WALK_IN",
    "partner": "PARTNER",
    "log": "SYSTEM",
    "meeting": "MEETING",
}


@dataclass(frozen=True)
class Voice:
    """Somebody who tells: how it comes in, who first knew, and the source's letter."""

    kind: str
    origin: str
    letter: str


class Voices:
    """Finds who tells, and grades what they tell as tired people do."""

    def __init__(self, city: City, about: Mapping[str, Any], chance: Chance) -> None:
        self._city, self._about, self._chance = city, about, chance
        self._once = 0

    def any_of(self, shares: Mapping[str, float], but: set[str]) -> Voice:
        """Somebody of these kinds who is not one of `but`, while there is anybody else."""
        found = self.one(self._chance.by_share(shares))
        for _ in range(10):
            if found.origin not in but:
                break
            found = self.one(self._chance.by_share(shares))
        return found

    def one(self, kind: str) -> Voice:
        """One voice of this kind: an informant comes again, a caller is heard once."""
        if kind == "informant":
            name = self._chance.one_of(list(self._city.informants))
            return Voice(kind, name, self._city.informants[name])
        if kind in ("patrol", "partner", "staff"):
            number = self._chance.whole(1, self._about["city"]["come_again"][kind])
            return Voice(kind, f"{kind}-{number}", self._letter(kind))
        if kind == "log":
            return Voice(kind, "log", "A")
        self._once += 1
        return Voice(kind, f"{kind}-{self._once}", self._letter(kind))

    def _letter(self, kind: str) -> str:
        letters = self._about["grading"]["letters"]
        return self._chance.by_share(letters[kind]) if kind in letters else "C"

    def grade(self, voice: Voice, worth: str, *, by_habit: bool = False) -> dict[str, str] | None:
        """The grade it gets; None where nobody has graded it yet. `worth` is sound or hearsay."""
        grading = self._about["grading"]
        if voice.kind == "log":
            return _admiralty("A1")
        if self._chance.happens(grading["ungraded"].get(voice.kind, 0.0)):
            return None
        if by_habit or self._chance.happens(grading["careless"]):
            return _admiralty(self._chance.by_share(grading["habit"]))
        if self._chance.happens(grading["diagonal"]):
            return _admiralty(f"{voice.letter}{'ABCDEF'.index(voice.letter) + 1}")
        return _admiralty(f"{voice.letter}{self._chance.by_share(grading['digits'][worth])}")

    def hours_until_in(self, voice: Voice) -> float:
        """From what was seen or heard until it can be read; now and then it lies for weeks."""
        arrival = self._about["arrival"]
        if self._chance.happens(arrival["left_lying"]):
            return 24 * self._chance.between(*arrival["left_lying_days"])
        return self._chance.length(**arrival[voice.kind])


def _admiralty(code: str) -> dict[str, str]:
    return {"scale": "ADMIRALTY", "source": code[0], "information": code[1]}
