"""What goes wrong, when and to whom: decided beforehand from a seed, so that a bad night can be had again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` befalls `target` `after` seconds after the one before; it lasts `seconds` where it has a length."""

    after: float
    kind: str
    target: str
    seconds: float
    point: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.target}{f' at {self.point}' if self.point else ''}"


#: How long a fault of a kind lasts, at least and at most, in seconds.
LENGTHS: Mapping[str, tuple[float, float]] = {
    "kill": (0.0, 0.5),
    "crash": (0.0, 0.3),
    "pause": (0.3, 1.5),
    "stop": (0.5, 3.0),
}


def plan(
    seed: int, count: int, shares: Mapping[tuple[str, str], int], points: Mapping[str, Sequence[str]], gap: float
) -> list[Fault]:
    """`count` faults, `shares` being how often each kind of fault befalls each target, relative to the others.

    Each kind of fault that has a share comes at least once when there are enough of them.
    """
    chance = random.Random(seed)
    kinds = list(shares)
    drawn = kinds[:count] + chance.choices(kinds, weights=list(shares.values()), k=max(0, count - len(kinds)))
    chance.shuffle(drawn)
    # In turn, so that a short night too comes past as many of them as it can.
    turns = {target: itertools.cycle(chance.sample(list(named), len(named))) for target, named in points.items()}
    return [
        Fault(
            after=chance.uniform(0.2, gap),
            kind=kind,
            target=target,
            seconds=chance.uniform(*LENGTHS[kind]),
            point=next(turns[target]) if kind == "crash" else "",
        )
        for kind, target in drawn
    ]
