"""Real people and rotas from a file: all or nothing, and every row that is wrong is named with what helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from forkant_notifier.commands.importing import import_duty, read_duty_file
from forkant_notifier.domain.duty_file import read_duty
from forkant_notifier.domain.lanes import Channel
from forkant_shared.errors import Invalid
from tests.notifier.support.desk import TestDesk

UNIT = """
people:
  - {user: a.berg, name: "A. Berg", phone: "+4700000011", actor_id: 00000000-0000-7000-8000-0000000000aa}
  - {user: b.dahl, name: "B. Dahl", sms: "+4700000012", call: "+4700000013"}
  - {user: ops, name: "Operations", phone: "+4700000019", floor: true}
leave: [duty.officer]
rotas:
  - {name: Vakthavende, tier: 1, members: [a.berg, b.dahl], weeks: 1, handover: "08:00"}
  - {name: Natt, tier: 2, members: [b.dahl, a.berg], hours: 12, handover: "07:30", starts_on: 2026-11-01}
"""


def unit(tmp_path: Path, text: str, name: str = "unit.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(desk: TestDesk, tmp_path: Path) -> None:
    told = await import_duty(desk.parts, "leader", read_duty_file(unit(tmp_path, UNIT)), dry_run=True)
    assert told.wrong == []
    assert "adds a.berg: CALL, SMS" in told.done
    assert "adds rota Natt: tier 2, 2 members" in told.done
    assert len(await desk.rows("select * from people")) == 11


async def test_a_unit_is_set_up_and_its_phones_ring(desk: TestDesk, tmp_path: Path) -> None:
    told = await import_duty(desk.parts, "leader", read_duty_file(unit(tmp_path, UNIT)), dry_run=False)
    assert told.wrong == []
    duty = await desk.get("/notifier/v1/duty")
    assert [user["user"] for user in duty["tiers"][0]["users"]] == ["a.berg"]
    assert {user["user"] for user in duty["tiers"][1]["users"]} == {"duty.deputy", "a.berg"}
    await desk.opened()
    assert "+4700000011" in {message["to"] for message in await desk.messages()}
    assert [row["subject"] for row in await desk.rows("select subject from audit where subject = 'leader'")]
    again = await import_duty(desk.parts, "leader", read_duty_file(unit(tmp_path, UNIT)), dry_run=False)
    assert again.wrong == []
    assert "changes rota Natt: tier 2, 2 members" in again.done


async def test_one_wrong_row_stops_everything_and_each_wrong_row_is_named(desk: TestDesk, tmp_path: Path) -> None:
    text = """
people:
  - {user: a.berg, name: "A. Berg", phone: "00000011"}
  - {user: "", name: "B", phone: 4700000012, colour: red}
  - {user: c, name: C, phone: "+4700000013", actor_id: nobody}
rotas:
  - {name: X, tier: 1, members: a.berg, days: 7, handover: 08:00, waiver: later}
"""
    told = await import_duty(desk.parts, "leader", read_duty_file(unit(tmp_path, text)), dry_run=False)
    assert {(wrong.row, wrong.field) for wrong in told.wrong} == {
        ("people 1", "phone"),
        ("people 2", "user"),
        ("people 2", "phone"),
        ("people 2", "colour"),
        ("people 3", "actor_id"),
        ("rotas 1", "members"),
        ("rotas 1", "waiver"),
    }
    assert str(told.wrong[0]).endswith("Write it as +4700000011.")
    assert len(await desk.rows("select * from people")) == 11


async def test_rotas_that_cannot_be_are_named_and_nothing_is_written(desk: TestDesk, tmp_path: Path) -> None:
    text = """
people:
  - {user: a.berg, name: "A. Berg", phone: "+4700000011"}
leave: [duty.leader]
rotas:
  - {name: Late, tier: 2, members: [a.berg], days: 7, starts_on: 2026-12-24}
  - {name: Stranger, tier: 1, members: [nobody], days: 7}
"""
    told = await import_duty(desk.parts, "leader", read_duty_file(unit(tmp_path, text)), dry_run=False)
    assert [(wrong.row, wrong.field) for wrong in told.wrong] == [("rotas 2", "members.0"), ("file", "tier")]
    assert "Tier 3 would have nobody" in told.wrong[1].message
    assert told.done == []
    assert len(await desk.rows("select * from people")) == 11


async def test_people_come_from_a_spreadsheet_too(desk: TestDesk, tmp_path: Path) -> None:
    text = "\ufeffuser;name;phone;floor\na.berg;A. Berg;+4700000011;\nops;Sentralen;+4700000019;ja\n"
    found = read_duty_file(unit(tmp_path, text, "people.csv"))
    told = await import_duty(desk.parts, "leader", found, dry_run=False)
    assert told.wrong == []
    rows = await desk.rows("select user, floor from people where user in ('a.berg', 'ops') order by user")
    assert [bool(row["floor"]) for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("00000011", "+4700000011"),
        ("004700000011", "+4700000011"),
        ("4700000011", "+4700000011"),
        ("+47 00 00 00 11", "+4700000011"),
        ("+47-00000011", "+4700000011"),
        ("tel:+4700000011", "Write +"),
        ("+", "Write +"),
        ("+0700000011", "Write +"),
        ("+4700000011, +4700000012", "Write +"),
        ("+47٠٠٠٠٠٠١١", "Write +"),
        ("+4700000011'; --", "Write +"),
        ("+" + "4" * 16, "Write +"),
        (4700000011, "quotes"),
        (["+4700000011"], "quotes"),
    ],
)
def test_a_phone_number_in_every_wrong_form_is_told_how_to_be_written(written: object, remedy: str) -> None:
    found = read_duty({"people": [{"user": "a", "name": "A", "phone": written}]})
    assert [(wrong.row, wrong.field) for wrong in found.wrong] == [("people 1", "phone")]
    assert remedy in found.wrong[0].remedy


@pytest.mark.parametrize(
    "document", [None, [], "people", {"folk": []}, {"people": {"a": 1}}, {"people": ["a"]}, {"leave": [1]}]
)
def test_what_is_no_list_of_people_says_what_to_write(document: object) -> None:
    found = read_duty(document)
    assert found.wrong
    assert not found.people


def test_a_number_two_people_have_is_refused() -> None:
    rows = [{"user": user, "name": user, "phone": "+4700000011"} for user in ("a", "b")]
    assert [wrong.row for wrong in read_duty({"people": rows}).wrong] == ["people 2"]


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", unit(tmp_path, "people: [", "broken.yaml")):
        with pytest.raises(Invalid):
            read_duty_file(path)


def test_a_person_may_have_mail_and_another_system_and_what_is_no_mail_address_is_told_so() -> None:
    row = {"user": "a.berg", "name": "A. Berg", "phone": "+4700000011", "webhook": "operations"}
    found = read_duty({"people": [row | {"mail": "a.berg@unit.example"}]})
    assert found.people[0].addresses[Channel.MAIL] == "a.berg@unit.example"
    assert found.people[0].addresses[Channel.WEBHOOK] == "operations"
    refused = read_duty({"people": [row | {"mail": "a.berg at unit"}]})
    assert [(wrong.field, wrong.message) for wrong in refused.wrong] == [("mail", "This is no mail address.")]
