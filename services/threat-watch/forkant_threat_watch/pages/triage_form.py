"""The form of a text: what was proposed stands in it already, to be taken as it is, changed, or left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from forkant_shared.errors import Invalid
from forkant_threat_watch.domain.reporting import SignalWish
from forkant_threat_watch.domain.triage.queue import Entry, party_of
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Party, PartyKind
from forkant_threat_watch.pages.face import text_of
from forkant_threat_watch.pages.triage_words import STRENGTHS
from forkant_threat_watch.pages.words import CALLINGS

MOST_SIGNALS = 8
LONGEST_NAME = 200
MOST_HOURS = 8760


@dataclass(frozen=True, slots=True)
class Row:
    """One signal in the form, as text in its fields; the last row is for what the rules did not see."""

    number: int
    taken: bool
    factor: str
    strength: str
    hours: str
    aggressor: str
    target: str
    role: str
    place: str
    told: Sequence[str] = ()

    @property
    def is_blank(self) -> bool:
        return not self.factor


def rows_of(entry: Entry) -> list[Row]:
    """The proposals as rows, and a blank one."""
    rows = [
        Row(
            number=number,
            taken=True,
            factor=proposed.factor.value,
            strength=proposed.strength,
            hours="" if proposed.imminence_hours is None else f"{proposed.imminence_hours:g}",
            aggressor=_name(party_of(proposed.aggressor)),
            target=_name(party_of(proposed.target)),
            role=_role(party_of(proposed.target)),
            place=proposed.place or "",
            told=proposed.words,
        )
        for number, proposed in enumerate(entry.proposals)
    ]
    return [*rows, Row(len(rows), not rows, "", "STATED", "", "", "", "", "")]


def _name(party: Party) -> str:
    return party.ref if party.kind is PartyKind.NAME else ""


def _role(party: Party) -> str:
    return party.ref if party.kind is PartyKind.ROLE else ""


def rows_in(sent: FormData, entry: Entry) -> list[Row]:
    """The rows as they were sent, for the page to be drawn again."""
    told = {row.number: row.told for row in rows_of(entry)}
    return [
        Row(
            number=number,
            taken=text_of(sent, f"take-{number}") == "yes",
            **{field: text_of(sent, f"{field}-{number}") for field in _FIELDS},
            told=told.get(number, ()),
        )
        for number in range(min(len(told), MOST_SIGNALS))
    ]


_FIELDS = ("factor", "strength", "hours", "aggressor", "target", "role", "place")


def wishes_in(sent: FormData, entry: Entry) -> tuple[SignalWish, ...]:
    """The signals that were taken. Raises Invalid with the field that does not hold."""
    taken = [row for row in rows_in(sent, entry) if row.taken and (row.factor or not entry.proposals)]
    if not taken:
        raise Invalid("No signal was chosen.", field="signals", remedy="Choose at least one, or dismiss the text.")
    return tuple(_wish(row) for row in taken)


def _wish(row: Row) -> SignalWish:
    if row.factor not in Factor.__members__:
        raise Invalid("This is no factor.", field=f"factor-{row.number}", remedy="Choose one of them.")
    if row.strength not in STRENGTHS:
        raise Invalid("This is no strength.", field=f"strength-{row.number}", remedy="Choose one of them.")
    return SignalWish(
        factor=Factor(row.factor),
        strength=row.strength,
        aggressor=_party(row.aggressor, "", row.number, "aggressor"),
        target=_party(row.target, row.role, row.number, "target"),
        imminence_hours=_hours(row),
        place=row.place if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,39}", row.place) else None,
    )


def _hours(row: Row) -> float | None:
    text = row.hours.replace(",", ".")
    if not text:
        return None
    good = re.fullmatch(r"\d{1,5}(\.\d{1,3})?", text, re.ASCII) is not None and float(text) <= MOST_HOURS
    if not good:
        raise Invalid("These are no hours.", field=f"hours-{row.number}", remedy="Write a number from 0 to 8760.")
    return float(text)


def _party(name: str, role: str, number: int, side: str) -> Party:
    if role:
        if role not in CALLINGS:
            raise Invalid("This is no role.", field=f"role-{number}", remedy="Choose one of them.")
        return Party(PartyKind.ROLE, role)
    if len(name) > LONGEST_NAME:
        raise Invalid("The name is too long.", field=f"{side}-{number}", remedy="Shorten the name.")
    return Party(PartyKind.NAME, name) if name else UNKNOWN
