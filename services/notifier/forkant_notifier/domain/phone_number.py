"""A phone number as carriers write it, in the one form we keep: `+` and digits."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"\d{1,15}")
_FILLING = str.maketrans("", "", " \t\u00a0\u2009-–().\u200e\u200f\u202a\u202c/")


def as_dialled(written: str, country: str) -> str:
    """`0047 00 00 00 01`, `4700000001`, `00 00 00 01` → `+4700000001`; what is no number stays as it is.

    A national number has at most eight digits; a longer one is taken to begin with a country.
    """
    number = written.strip().translate(_FILLING)
    bare = number.removeprefix("+")
    if not _DIGITS.fullmatch(bare) or not bare.isascii():
        return written.strip()
    if number.startswith("+"):
        return number
    if number.startswith("00") and len(number) > len("00") + NATIONAL:
        return f"+{number[2:]}"
    return f"+{country}{number}" if len(number) <= NATIONAL else f"+{number}"


#: Digits of a Norwegian number without its country.
NATIONAL = 8
