"""Seeded chance in the shapes the stories need."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """One stream of chance; the same seed gives the same city, whatever machine."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def happens(self, share: float) -> bool:
        """True in this share of all draws."""
        return self._random.random() < share

    def between(self, least: float, most: float) -> float:
        """Anything from least to most, equally likely."""
        return least + (most - least) * self._random.random()

    def whole(self, least: int, most: int) -> int:
        """A whole number from least to most."""
        return self._random.randint(least, most)

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of them, equally likely."""
        return things[self._random.randrange(len(things))]

    def some_of(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """That many different ones, or all."""
        return self._random.sample(list(things), min(count, len(things)))

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """All of them, in an order of chance."""
        return self.some_of(things, len(things))

    def by_share(self, shares: Mapping[str, float]) -> str:
        """One of the keys, by its share; the shares need not add up to one."""
        left = self._random.random() * sum(shares.values())
        for key, share in shares.items():
            left -= share
            if left < 0:
                return key
        return key

    def count(self, mean: float) -> int:
        """How many, where each is rare by itself: Poisson."""
        limit, product, number = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            number += 1
        return number

    def length(self, median: float, sigma: float) -> float:
        """A length of time with a long tail: log-normal."""
        return median * math.exp(self._random.gauss(0.0, sigma))

    def wait(self, mean: float) -> float:
        """How long until something that may come at any moment: exponential."""
        return self._random.expovariate(1.0 / mean)
