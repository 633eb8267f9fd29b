"""Page codes: four hexadecimal signs, unique among open pages, in an order nobody can guess."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

CODES = 0x10000


def draw(randbelow: Callable[[int], int], count: int) -> list[str]:
    """Some codes to choose from; `randbelow` is a source nobody outside can predict."""
    return [f"{randbelow(CODES):04X}" for _ in range(count)]


def free(candidates: Iterable[str], taken: Collection[str]) -> list[str]:
    """The candidates no running page has, each once, in the order they were drawn."""
    return [code for code in dict.fromkeys(candidates) if code not in taken]
