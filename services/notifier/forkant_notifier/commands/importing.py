"""Real people, phones and rotas from a file: all of it or nothing, and a dry run that says row by row what is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.commands.duty import Planning, planning
from forkant_notifier.commands.rotas import WaiverWish, write_in
from forkant_notifier.domain.duty_file import DutyFile, NamedRota, Wrong, read_duty
from forkant_notifier.domain.lanes import TELEPHONE, Channel
from forkant_notifier.domain.rota import in_force_at
from forkant_notifier.store import duty
from forkant_shared.clock import new_id
from forkant_shared.errors import ForkantError, Invalid
from forkant_shared.identity import Principal


@dataclass(slots=True)
class Imported:
    """What was done (in a dry run: would be), or what is wrong; never both."""

    done: list[str] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


class _NothingIsWritten(Exception):
    """Turns the transaction back."""


def read_duty_file(path: Path) -> DutyFile:
    """A YAML file, or a CSV file with people only. Raises Invalid for one that cannot be read."""
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix.lower() == ".csv":
            separator = ";" if ";" in text.partition("\n")[0] else ","
            return read_duty({"people": list(csv.DictReader(io.StringIO(text), delimiter=separator))})
        return read_duty(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise Invalid("The file cannot be read.", field="file", remedy="Give a YAML or CSV file in UTF-8.") from error


async def import_duty(parts: NotifierParts, by: str, found: DutyFile, *, dry_run: bool) -> Imported:
    """Write people first, then rotas, in one transaction; the audit names `by`, who answers for it and for waivers."""
    if found.wrong:
        return Imported(wrong=found.wrong)
    who, told = Principal(by, by, "PERSON"), Imported()
    try:
        async with planning(parts) as act:
            before = act.book.plan
            people = await write_people(act, found)
            told.done += people.done
            told.wrong += people.wrong
            if found.people or found.leave:
                await act.note(who, "PEOPLE", new_id())
            for named in found.rotas:
                await _rota(act, who, named, told)
            book = await duty.book(act.session, act.now)
            after = book.plan
            try:
                before.refuse_new_gaps(after, after.rota.tiers, act.rules, act.now)
            except Invalid as error:
                told.wrong.append(Wrong("file", error.field or "", error.detail, error.remedy or ""))
            told.wrong += numbers_of_others(book, [person.user for person in found.people])
            told.wrong += floor_is_empty(parts, book)
            if told.wrong or dry_run:
                raise _NothingIsWritten
    except _NothingIsWritten:
        return Imported(wrong=told.wrong) if told.wrong else told
    return told


async def write_people(act: Planning, found: DutyFile) -> Imported:
    """Write a file's people and let its leavers go; what of the plan that breaks is looked at afterwards."""
    told = Imported()
    for person in found.people:
        known = act.book.people.get(person.user)
        await duty.put_person(
            act.session,
            person.user,
            name=person.name,
            actor_id=person.actor_id or (known.contact.actor_id if known else None),
            floor=person.floor,
            addresses=person.addresses,
        )
        channels = ", ".join(sorted(channel.value for channel in person.addresses)) or "no phone"
        told.done.append(f"{'changes' if known else 'adds'} {person.user}: {channels}")
    for user in found.leave:
        if user not in act.book.people:
            told.wrong.append(Wrong("leave", user, "There is no such user."))
            continue
        await duty.leave(act.session, user, act.now)
        told.done.append(f"lets {user} go")
    return told


async def _rota(act: Planning, who: Principal, named: NamedRota, told: Imported) -> None:
    book = await duty.book(act.session, act.now)
    known = next((r for r in in_force_at(book.rota.rotations, act.now) if r.name == named.wish.name.strip()), None)
    waiver = WaiverWish(named.waiver_reason or "", named.waiver_until) if named.waiver_until else None
    try:
        fresh = Planning(act.session, book, act.now, act.rules)
        made = await write_in(fresh, who, named.wish, known.rota_id if known else new_id(), waiver)
    except ForkantError as error:
        told.wrong.append(Wrong(named.row, error.field or "", error.detail, error.remedy or ""))
        return
    told.done.append(
        f"{'changes' if known else 'adds'} rota {made.name}: tier {made.tier}, {len(made.members)} members"
    )


def numbers_of_others(book: duty.DutyBook, users: Iterable[str]) -> list[Wrong]:
    """Numbers of these users that somebody else has too: a reply could not be told from another's."""
    wrong, written = [], set(users)
    for user in sorted(written):
        mine = book.people[user].contact.addresses
        theirs = {
            number
            for other in book.people.values()
            if other.contact.user != user
            for channel, number in other.contact.addresses.items()
            if channel in TELEPHONE
        }
        taken = [channel for channel in (Channel.SMS, Channel.CALL) if mine.get(channel) in theirs]
        if taken:
            both = len(taken) > 1 and mine[Channel.SMS] == mine[Channel.CALL]
            remedy = "Let the other one go first, or write another number."
            wrong.append(Wrong(user, "phone" if both else taken[0].value.lower(), "Somebody else has this.", remedy))
    return wrong


def floor_is_empty(parts: NotifierParts, book: duty.DutyBook) -> list[Wrong]:
    """A floor that is never empty: somebody's line, or the one in the settings."""
    lines = any(person.floor and person.contact.addresses for person in book.people.values())
    if lines or parts.settings.operations_line:
        return []
    remedy = "Give one person floor: true and a phone, or set FORKANT_NOTIFIER_OPERATIONS_PHONE."
    return [Wrong("file", "floor", "The operations centre has no line.", remedy)]
