"""Calls for help from the duty desk: taken over once, kept with who called, read by few, and each reading noted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from forkant_meetings.tables import CALL_CONTACTS
from forkant_shared.audit import AUDIT
from forkant_shared.clock import new_id
from tests.meetings.browsing import Browser
from tests.meetings.served import LEADER, OFFICER, Served

ADDRESS = "/meetings/v1/contacts/calls"
CALLER = "Oppdiktet Innringer"


def call(**changes: Any) -> dict[str, Any]:
    body = {
        "call_id": new_id(),
        "caller": {"name": CALLER},
        "what": "Han ber om å få møte noen av oss.",
        "urgency": "SOON",
        "violence": False,
        "called_at": "2026-01-05T21:15:00+01:00",
        "entered_at": "2026-01-06T07:40:00+01:00",
        "entered_by": "duty.officer",
    }
    return body | changes


async def sent(served: Served, body: Any, key: str = "one", *scopes: str) -> Any:
    head = served.machine(*(scopes or ("forkant:contacts.write",))) | {"Idempotency-Key": key}
    return await served.client.post(ADDRESS, json=body, headers=head)


async def test_a_call_opens_one_contact_however_often_and_under_whatever_key_it_comes(on_both: Served) -> None:
    body = call()
    first = await sent(on_both, body)
    assert first.status_code == 201, first.text
    for key in ("one", "another", "another"):
        again = await sent(on_both, body, key)
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert len(await on_both.rows(sa.select(CALL_CONTACTS))) == 1


async def test_the_contact_keeps_who_called_and_both_times_for_dialogue_officers_and_notes_who_read_it(
    on_both: Served,
) -> None:
    made = await sent(on_both, call())
    found = (await on_both.get(f"/contacts/calls/{made.json()['id']}")).json()
    assert (found["caller"]["name"], found["entered_by"]) == (CALLER, "duty.officer")
    assert found["called_at"].startswith("2026-01-05T20:15") and found["entered_at"].startswith("2026-01-06T06:40")
    assert [one["id"] for one in (await on_both.get("/contacts/calls", role=LEADER)).json()["items"]] == [found["id"]]
    rows = await on_both.rows(sa.select(AUDIT))
    assert [row.action for row in rows] == ["meetings.call.receive", "meetings.call.read", "meetings.call.read"]
    assert CALLER not in str(rows)
    assert await on_both.events() == []


@pytest.mark.parametrize("role", ["analyst", "duty.officer", "duty.leader", "registrar", "operations", "admin"])
async def test_those_who_carry_no_dialogue_do_not_read_who_called(served: Served, role: str) -> None:
    made = await sent(served, call())
    assert (await served.get("/contacts/calls", role=role)).status_code == 403
    there = await served.get(f"/contacts/calls/{made.json()['id']}", role=role)
    nowhere = await served.get(f"/contacts/calls/{new_id()}", role=role)
    assert (there.status_code, nowhere.status_code) == (403, 403)


async def test_only_the_scope_of_its_own_hands_a_call_over_and_no_person_does(served: Served) -> None:
    assert (await sent(served, call(), "one", "forkant:meetings.read")).status_code == 403
    assert (await served.post("/contacts/calls", call())).status_code == 403
    reading = served.machine("forkant:contacts.write", "forkant:meetings.read")
    assert (await served.client.get(ADDRESS, headers=reading)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": "  "}, "what"),
        ({"what": "x" * 2001}, "what"),
        ({"urgency": "PANIC"}, "urgency"),
        ({"called_at": "2099-01-01T00:00:00Z"}, "called_at"),
        ({"called_at": "yesterday"}, "called_at"),
        ({"call_id": "7"}, "call_id"),
        ({"caller": {"name": "x" * 201}}, "caller"),
        ({"who": "me"}, "who"),
    ],
)
async def test_a_call_that_is_wrong_is_refused_with_the_field_and_none_of_its_words(
    served: Served, changes: dict[str, Any], field: str
) -> None:
    answer = await sent(served, call(**changes))
    assert answer.status_code == 422, answer.text
    assert field in answer.text
    assert CALLER not in answer.text
    assert await served.rows(sa.select(CALL_CONTACTS)) == []


async def test_the_list_goes_on_where_it_stopped_with_the_newest_first(served: Served) -> None:
    ids = []
    for number in range(3):
        ids.append((await sent(served, call(), f"key-{number}")).json()["id"])
        await asyncio.sleep(0.002)
    first = (await served.get("/contacts/calls?limit=2")).json()
    rest = (await served.get(f"/contacts/calls?limit=2&after={first['next']}")).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == sorted(ids, reverse=True)
    assert rest["next"] is None


async def test_the_pages_have_an_empty_state_a_list_and_one_contact(named: Served) -> None:
    browser = Browser(named, OFFICER)
    assert "Ingen henvendelser ennå" in await browser.open("/meetings/calls")
    made = await sent(named, call(violence=True))
    listed = await browser.open("/meetings/calls")
    assert CALLER in listed and "Det kan bli vold" in listed
    shown = await browser.open(f"/meetings/calls/{made.json()['id']}")
    assert "Han ber om å få møte" in shown and "duty.officer" in shown and "Operativ kontakt" in shown
    await sent(named, call(caller={}), "unknown")
    assert "Ukjent" in await browser.open("/meetings/calls")
