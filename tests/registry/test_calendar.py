"""Days that matter: recording one, and correcting, moving or calling it off without losing what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from forkant_registry.domain.calendar import Entry, EntryWish, record_entry, supersede_entry
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.events.registry import CalendarEntryRecorded
from forkant_shared.testing import bearer, token
from tests.registry.support.reference import B2 as GRADE
from tests.registry.support.reference import DAY, GROUP, NOW, PERSON, SCALES, uuid
from tests.registry.support.service import B2, Registry, day

HANDLER = token("source.handler")
DUTY = token("duty.officer")


def entry(parties: list[str], number: int = 1, **more: Any) -> tuple[Entry, CalendarEntryRecorded]:
    wish = EntryWish("COURT_DATE", date(2026, 12, 1), parties, GRADE, "court")
    return record_entry(wish, entry_id=uuid(number), scales=SCALES, now=NOW, by="analyst", **more)


def test_a_day_names_each_party_once() -> None:
    _, event = entry([PERSON, GROUP, PERSON])
    assert event.parties == [PERSON, GROUP]


@pytest.mark.parametrize("parties", [[], [uuid(n) for n in range(51)]])
def test_a_day_concerns_somebody_but_not_everybody(parties: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        entry(parties)
    assert refused.value.field == "parties"


def test_a_correction_marks_the_day_and_points_at_the_one_that_holds() -> None:
    old, _ = entry([PERSON])
    new, _ = entry([PERSON], 2, corrects=old.id)
    marked, event = supersede_entry(old, reason="MOVED", replacement=new, now=NOW + DAY)
    assert replace(marked, superseded_at=None, superseded_by=None, superseded_reason=None) == old
    assert (marked.superseded_by, marked.superseded_at, new.corrects) == (new.id, NOW + DAY, old.id)
    assert (event.entry_id, event.superseded_by) == (old.id, new.id)


def test_a_day_is_corrected_once_and_the_reason_fits_what_comes_instead() -> None:
    old, _ = entry([PERSON])
    new, _ = entry([PERSON], 2)
    with pytest.raises(Invalid, match="moved"):
        supersede_entry(old, reason="MOVED", replacement=None, now=NOW)
    with pytest.raises(Invalid, match="called off"):
        supersede_entry(old, reason="CANCELLED", replacement=new, now=NOW)
    marked, event = supersede_entry(old, reason="CANCELLED", replacement=None, now=NOW)
    assert event.superseded_by is None
    with pytest.raises(Conflict):
        supersede_entry(marked, reason="WRONG", replacement=new, now=NOW)


def wish(parties: list[str], on: str, **more: Any) -> dict[str, Any]:
    return {"kind": "COURT_DATE", "on": on, "parties": parties, "grading": B2, "origin": "S1"} | more


async def made(registry: Registry, body: dict[str, Any], auth: str | None = None) -> str:
    answer = await registry.post("/calendar-entries", body, auth=auth)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_moved_day_leaves_the_list_and_stays_readable_with_its_mark(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    old = await made(registry, wish([group], day(3)))
    moved = {"reason": "MOVED", "replacement": wish([group], day(9), note="Berammet på nytt")}
    answer = await registry.post(f"/calendar-entries/{old}/corrections", moved, "dialogue.officer")
    assert answer.status_code == 201, answer.text
    new = answer.json()["id"]
    [listed] = (await registry.get("/calendar-entries")).json()["items"]
    assert (listed["id"], listed["on"], listed["corrects"]) == (new, day(9), old)
    kept = (await registry.get(f"/calendar-entries/{old}")).json()
    assert (kept["superseded_by"], kept["superseded_reason"], kept["on"]) == (new, "MOVED", day(3))
    told = [event for event in await registry.told() if event["type"].startswith("calendar")]
    assert [event["type"] for event in told[1:]] == ["calendar-entry-recorded", "calendar-entry-superseded"]
    assert {name: told[2][name] for name in ("entry_id", "superseded_by")} == {"entry_id": old, "superseded_by": new}
    again = await registry.post(f"/calendar-entries/{old}/corrections", {"reason": "CANCELLED"})
    assert again.status_code == 409


async def test_a_day_called_off_is_gone_from_the_card_but_not_from_what_was_known(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    old = await made(registry, wish([group], day(3)))
    registry.clock.advance(DAY)
    later = token("analyst", clock=registry.clock)
    answer = await registry.post(f"/calendar-entries/{old}/corrections", {"reason": "CANCELLED"}, auth=later)
    assert answer.json() == {"id": None}
    assert (await registry.get("/calendar-entries", actor=group, auth=later)).json()["items"] == []
    assert "Rettsmøte" not in await shown(registry, group)
    assert "Rettsmøte" in await shown(registry, group, f"?known_at={day(0)}")


async def shown(registry: Registry, actor: str, query: str = "") -> str:
    headers = bearer(token("analyst", clock=registry.clock)) | {"accept": "text/html"}
    answer = await registry.http.get(f"https://forkant.test/registry/actors/{actor}{query}", headers=headers)
    assert answer.status_code == 200
    return answer.text


async def test_a_party_one_may_not_know_of_stays_a_party_of_the_new_day(registry: Registry) -> None:
    open_, secret = await registry.group("Tveita"), await registry.group("Grorud", handling="SECRET", auth=HANDLER)
    old = await made(registry, wish([open_, secret], day(3)), auth=token("analyst"))
    moved = {"reason": "MOVED", "replacement": wish([open_], day(5))}
    done = await registry.post(f"/calendar-entries/{old}/corrections", moved, "registrar")
    assert done.status_code == 201, done.text
    new = done.json()["id"]
    assert (await registry.get(f"/calendar-entries/{new}", auth=DUTY)).json()["parties"] == [open_]
    assert (await registry.get(f"/calendar-entries/{new}", auth=HANDLER)).json()["parties"] == [open_, secret]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"reason": "MOVED"}, 422, "replacement"),
        ({"reason": "CANCELLED", "replacement": wish([PERSON], "2026-12-01")}, 404, "replacement.parties.0"),
        ({"reason": "LATER"}, 422, "reason"),
        ({"reason": "WRONG", "replacement": {"kind": "PARTY"}}, 422, "replacement.kind"),
        ({"reason": "WRONG", "more": 1}, 422, "more"),
    ],
)
async def test_a_correction_that_makes_no_sense_names_the_field(
    registry: Registry, body: dict[str, Any], status: int, field: str
) -> None:
    group = await registry.group("Tveitagjengen")
    old = await made(registry, wish([group], day(3)))
    answer = await registry.post(f"/calendar-entries/{old}/corrections", body)
    assert answer.status_code == status, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert (await registry.get(f"/calendar-entries/{old}")).json()["superseded_at"] is None


async def test_a_day_with_hidden_parties_alone_answers_as_one_that_is_not_there(registry: Registry) -> None:
    secret = await registry.group("Grorud", handling="SECRET", auth=HANDLER)
    hidden = await made(registry, wish([secret], day(3)), auth=token("analyst"))
    there = await registry.get(f"/calendar-entries/{hidden}", auth=DUTY)
    nowhere = await registry.get(f"/calendar-entries/{uuid(1)}", auth=DUTY)
    assert there.status_code == nowhere.status_code == 404 and there.content == nowhere.content
    correction = {"reason": "CANCELLED"}
    refused = [
        await registry.post(f"/calendar-entries/{id}/corrections", correction, "registrar") for id in (hidden, uuid(1))
    ]
    assert refused[0].status_code == refused[1].status_code == 404 and refused[0].content == refused[1].content
    assert (await registry.post(f"/calendar-entries/{hidden}/corrections", correction, auth=DUTY)).status_code == 403
