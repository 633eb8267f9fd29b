"""A unit's people, phones and rotas as somebody writes them in a file; every row is looked at before any is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.phone_number import as_dialled
from forkant_notifier.domain.rota_wish import RotaWish

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,120}")
#: What a number without a country is taken for in a suggestion; it is never written without being asked.
COUNTRY = "47"
#: What a spreadsheet's cell says for yes.
YES = ("yes", "ja", "true", "1", "x")

#: As long as an address can be kept.
LONGEST = 200

PERSON_FIELDS = ("user", "name", "phone", "sms", "call", "push", "mail", "webhook", "floor", "actor_id")
LENGTHS = ("days", "hours", "weeks")
ROTA_FIELDS = ("name", "tier", "members", "handover", *LENGTHS, "zone", "starts_on", "ends_on", "waiver")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: in which row (counted from 1), in which field, and what helps."""

    row: str
    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.row}, {self.field}: {self.message}" + (f" {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class PersonWish:
    """Somebody who may be on duty, with a number for each channel they have."""

    user: str
    name: str
    addresses: Mapping[Channel, str]
    floor: bool
    actor_id: str | None


@dataclass(frozen=True, slots=True)
class NamedRota:
    """A rota, and why its tier may have nobody until when, where that is written."""

    row: str
    wish: RotaWish
    waiver_reason: str | None = None
    waiver_until: datetime | None = None


@dataclass(slots=True)
class DutyFile:
    """What a file asks for. Nothing of it is written while anything is wrong."""

    people: list[PersonWish] = field(default_factory=list)
    leave: list[str] = field(default_factory=list)
    rotas: list[NamedRota] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def read_duty(document: object) -> DutyFile:
    """Read a whole document, to its end, whatever is wrong on the way."""
    found = DutyFile()
    if not isinstance(document, Mapping) or not set(document) <= {"people", "leave", "rotas"}:
        remedy = "Write `people:`, `leave:` and `rotas:`, and nothing else."
        found.wrong.append(Wrong("file", "top", "This is not a list of people and rotas.", remedy))
        return found
    for number, row in enumerate(_rows(document, "people", found), 1):
        _person(f"people {number}", row, found)
    for number, user in enumerate(_list(document, "leave", found), 1):
        if not isinstance(user, str) or not user.strip():
            found.wrong.append(Wrong(f"leave {number}", "user", "A user is text."))
        else:
            found.leave.append(user.strip())
    for number, row in enumerate(_rows(document, "rotas", found), 1):
        _rota(f"rotas {number}", row, found)
    _twice(found)
    return found


def _list(document: Mapping[str, Any], name: str, found: DutyFile) -> list[Any]:
    rows = document.get(name) or []
    if not isinstance(rows, list):
        found.wrong.append(Wrong("file", name, "This is not a list.", "Begin each row with a dash."))
        return []
    return rows


def _rows(document: Mapping[str, Any], name: str, found: DutyFile) -> Iterable[Mapping[str, Any]]:
    for number, row in enumerate(_list(document, name, found), 1):
        if isinstance(row, Mapping):
            yield row
        else:
            found.wrong.append(Wrong(f"{name} {number}", "row", "This row has no fields.", "Write `field: value`."))
            yield {}


def _person(place: str, row: Mapping[str, Any], found: DutyFile) -> None:
    if not row:
        return
    wrong = [Wrong(place, str(name), "There is no such field.") for name in row if name not in PERSON_FIELDS]
    user, name = (str(row.get(part) or "").strip() for part in ("user", "name"))
    for part, text, longest in (("user", user, 80), ("name", name, 120)):
        if not 0 < len(text) <= longest:
            wrong.append(Wrong(place, part, f"This has 1 to {longest} signs."))
    addresses: dict[Channel, str] = {}
    for part, channels in (
        ("phone", (Channel.SMS, Channel.CALL)),
        ("sms", (Channel.SMS,)),
        ("call", (Channel.CALL,)),
        ("push", (Channel.PUSH,)),
        ("mail", (Channel.MAIL,)),
        ("webhook", (Channel.WEBHOOK,)),
    ):
        number = row.get(part)
        if number is None or not str(number).strip():
            continue
        told = _address_is_wrong(part, number)
        if told:
            wrong.append(Wrong(place, part, *told))
        else:
            addresses |= dict.fromkeys(channels, str(number).strip())
    actor_id = _uuid(place, row.get("actor_id"), wrong)
    floor = row.get("floor")
    if isinstance(floor, str):
        floor = floor.strip().lower() in YES
    if wrong:
        found.wrong += wrong
    else:
        found.people.append(PersonWish(user, name, addresses, bool(floor), actor_id))


def _address_is_wrong(part: str, address: object) -> tuple[str, str] | None:
    if part in ("push", "webhook"):
        return None if len(str(address).strip()) <= LONGEST else (f"This has at most {LONGEST} signs.", "")
    if part == "mail":
        good = isinstance(address, str) and MAIL.fullmatch(address.strip())
        return None if good else ("This is no mail address.", "Write it as vakt@unit.example.")
    return number_is_wrong(address)


def number_is_wrong(number: object) -> tuple[str, str] | None:
    """What is wrong with a number and how to write it; None for one in the international form."""
    if not isinstance(number, str):
        # YAML reads 004700000001 as a number and +4700000001 as another.
        return "A phone number is text, not a figure.", 'Put it in quotes: "+4700000001".'
    text = number.strip()
    if E164.fullmatch(text):
        return None
    meant = as_dialled(text, COUNTRY)
    remedy = f"Write it as {meant}." if E164.fullmatch(meant) else "Write + , the country and the number."
    return "This is not a number in the international form.", remedy


def _uuid(place: str, value: object, wrong: list[Wrong]) -> str | None:
    if value is None or not str(value).strip():
        return None
    try:
        return str(UUID(str(value).strip()))
    except ValueError:
        wrong.append(Wrong(place, "actor_id", "This is not an id of the registry."))
        return None


def _rota(place: str, row: Mapping[str, Any], found: DutyFile) -> None:
    if not row:
        return
    wrong = [Wrong(place, str(name), "There is no such field.") for name in row if name not in ROTA_FIELDS]
    numbers = {part: _number(place, part, row.get(part), wrong) for part in ("tier", *LENGTHS)}
    days = {part: _day(place, part, row.get(part), wrong) for part in ("starts_on", "ends_on")}
    members = row.get("members")
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        wrong.append(Wrong(place, "members", "Members are a list of users.", "Write members: [one, two]."))
        members = []
    handover = row.get("handover", "08:00")
    if not isinstance(handover, str):
        # YAML reads 08:00 without quotes as a number of minutes.
        wrong.append(Wrong(place, "handover", "A time of day is text.", 'Put it in quotes: "08:00".'))
    reason, until = _waiver(place, row.get("waiver"), wrong)
    if wrong:
        found.wrong += wrong
        return
    length = numbers["weeks"] * 7 if numbers["weeks"] else numbers["days"]
    wish = RotaWish(
        name=str(row.get("name") or ""),
        tier=numbers["tier"] or 0,
        members=tuple(members),
        handover=str(handover),
        days=length,
        hours=numbers["hours"],
        zone=str(row.get("zone") or "Europe/Oslo"),
        starts_on=days["starts_on"],
        ends_on=days["ends_on"],
    )
    found.rotas.append(NamedRota(place, wish, reason, until))


def _number(place: str, part: str, value: object, wrong: list[Wrong]) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    wrong.append(Wrong(place, part, "This is not a whole number."))
    return None


def _day(place: str, part: str, value: object, wrong: list[Wrong]) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        wrong.append(Wrong(place, part, "There is no such day.", "Write it as 2026-12-31."))
        return None


def _waiver(place: str, value: object, wrong: list[Wrong]) -> tuple[str | None, datetime | None]:
    if value is None:
        return None, None
    try:
        assert isinstance(value, Mapping)
        assert set(value) == {"reason", "until"}
        until = value["until"]
        moment = until if isinstance(until, datetime) else datetime.fromisoformat(until)
        # A time without an offset is nowhere.
        assert moment.tzinfo
    except (AssertionError, TypeError, ValueError):
        remedy = 'Write waiver: {reason: "…", until: "2026-12-31T08:00:00+01:00"}.'
        wrong.append(Wrong(place, "waiver", "A waiver says why and until when.", remedy))
        return None, None
    return str(value["reason"]), moment


def _twice(found: DutyFile) -> None:
    """A user or a number that stands twice: a reply could not be told from another's."""
    seen: set[str] = set()
    for number, person in enumerate(found.people, 1):
        for what, value in {("user", person.user), *(("phone", address) for address in person.addresses.values())}:
            if f"{what} {value}" in seen:
                found.wrong.append(Wrong(f"people {number}", what, "This stands in an earlier row too."))
        seen |= {f"user {person.user}", *(f"phone {address}" for address in person.addresses.values())}
    for user in found.leave:
        if f"user {user}" in seen:
            found.wrong.append(Wrong("leave", user, "This user is in the list of people too."))
