"""Page codes: four hexadecimal signs, unique among open pages, in an order nobody can guess."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

CODES = 0x10000


def draw(randbelow: Callable[[int], int], count: int = 8) -> list[str]:
    """Some codes to choose from; `randbelow` is a source nobody outside can predict."""
    return [f"{randbelow(CODES):04X}" for _ in range(count)]


def first_free(candidates: Collection[str], taken: Collection[str]) -> str | None:
    """The first candidate no open page has; None where all are taken and others must be drawn."""
    free: Iterator[str] = (code for code in candidates if code not in taken)
    return next(free, None)
