"""Forms to correct a claim, to say how groups stand, and to record, move and call off a day."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forkant_shared.testing import token
from tests.registry.support.browser import GRADED, Browser, field_error, words
from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, Registry, conflict, day

CLAIM = {"kind": "FACT", "handling": "OPEN", **GRADED}


async def test_a_claim_is_corrected_by_marking_it_and_adding_what_is_right(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    old = await registry.claim(person, "alias", value="Nordavind", note="Hørt på telefon")
    browser, page = Browser(registry), f"/registry/claims/{old}/correction"
    assert page in (await browser.open(f"/registry/actors/{person}/claims")).text
    form = await browser.open(page)
    assert 'value="Nordavind"' in form.text and "Hørt på telefon" in form.text
    wrong = await browser.send(page, page, then="replace", value="Sønnavind", **CLAIM)
    assert field_error(wrong, "reason") == "Velg hvorfor den rettes." and 'value="Sønnavind"' in wrong.text
    empty = await browser.send(page, page, reason="REFINED", then="replace", value="", **CLAIM)
    assert "Fyll ut dette" in field_error(empty, "value")
    done = await browser.send(page, page, reason="REFINED", then="replace", value="Sønnavind", **CLAIM)
    assert "Opplysningen er rettet" in words(done) and "Rettet: Presisert" in words(done)
    assert "Sønnavind" in words(await browser.open(f"/registry/actors/{person}"))
    assert "Denne opplysningen er rettet før." in words(await browser.open(page))
    again = await browser.send(f"/registry/actors/{person}/claims/new?predicate=alias", page, reason="WRONG", **CLAIM)
    assert again.status_code == 422


async def test_a_claim_is_only_marked_but_never_the_last_ground(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    alias = await registry.claim(person, "alias", value="Nordavind")
    claims = (await registry.get(f"/actors/{person}/claims")).json()["items"]
    ground = next(claim["id"] for claim in claims if claim["predicate"] == "registration_ground")
    browser = Browser(registry)
    page = f"/registry/claims/{alias}/correction"
    await browser.send(page, page, reason="WITHDRAWN", then="nothing")
    assert "Nordavind" not in words(await browser.open(f"/registry/actors/{person}"))
    page = f"/registry/claims/{ground}/correction"
    kept = await browser.send(page, page, reason="WRONG", then="nothing")
    assert "Dette må erstattes" in field_error(kept, "then")


async def test_a_correction_keeps_the_compartment_and_asks_whom_it_points_at(registry: Registry) -> None:
    insider = token("analyst", user="insider", compartments=["homes"])
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    other = await registry.group("Grorudgjengen")
    target = {"kind": "GROUP", "id": group}
    old = await registry.claim(person, "member_of", object=target, compartment="homes", auth=insider)
    browser = Browser(registry)
    assert (await browser.open(f"/registry/claims/{old}/correction")).status_code == 404
    browser._headers["Authorization"] = f"Bearer {insider}"
    page = f"/registry/claims/{old}/correction"
    assert "Tveitagjengen" in words(await browser.open(page))
    asked = await browser.send(page, page, reason="WRONG", then="replace", object_name="Grorud", **CLAIM)
    assert "Hvem mener du?" in words(asked) and f'value="{other}"' in asked.text
    await browser.send(page, page, reason="WRONG", then="replace", object=other, **CLAIM)
    [new] = [
        claim
        for claim in (await registry.get(f"/actors/{person}/claims", auth=insider)).json()["items"]
        if claim["corrects"] == old
    ]
    assert (new["object"]["id"], new["compartment"]) == (other, "homes")


@pytest.mark.parametrize("role", ["duty.officer", "dialogue.officer", "source.handler"])
async def test_who_may_not_correct_gets_no_form_and_no_button(registry: Registry, role: str) -> None:
    person = await registry.person("Anders Testmann")
    claim = await registry.claim(person, "alias", value="Nordavind")
    browser = Browser(registry, role)
    assert (await browser.open(f"/registry/claims/{claim}/correction")).status_code == 403
    assert "/correction" not in (await browser.open(f"/registry/actors/{person}/claims")).text
    assert "/correction" not in (await browser.open(f"/registry/actors/{person}")).text


STANDING = {"status": "war", "since": "2026-01-02T03:04", "kind": "ASSESSMENT", "handling": "OPEN"} | {
    name: value for name, value in GRADED.items() if name != "observed_at"
}


async def test_a_conflict_is_recorded_listed_and_changed_with_its_history(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    browser, new = Browser(registry), "/registry/conflicts/new"
    empty = await browser.open("/registry/conflicts")
    assert "Ingen kjente konflikter" in words(empty) and new in empty.text
    asked = await browser.send(new, "/registry/conflicts", group_a=one, group_b_name="grorud", **STANDING)
    assert asked.status_code == 422 and f'value="{two}"' in asked.text
    same = await browser.send(new, "/registry/conflicts", group_a=one, group_b=one, **STANDING)
    assert field_error(same, "group_b") == "Velg en annen gruppe enn den første."
    none = await browser.send(new, "/registry/conflicts", group_a=one, **STANDING)
    assert field_error(none, "group_b_name") == "Velg en annen gruppe enn den første."
    done = await browser.send(new, "/registry/conflicts", group_a=one, group_b=two, **STANDING)
    assert "Forholdet mellom gruppene er registrert." in words(done) and "Krig" in words(done)
    page = str(done.url.path)
    late = await browser.send(page, page, **(STANDING | {"status": "peace", "since": "2999-01-01T00:00"}))
    assert "kan ikke være fram i tid" in field_error(late, "since")
    unsaid = await browser.send(page, page, **(STANDING | {"status": ""}))
    assert field_error(unsaid, "status") == "Velg hvordan de står til hverandre."
    changed = await browser.send(page, page, **(STANDING | {"status": "cold", "since": "2026-02-02T03:04"}))
    assert "Den nye statusen er registrert." in words(changed)
    assert words(changed).index("Kjølig") < words(changed).index("Krig")
    listed = words(await browser.open("/registry/conflicts"))
    assert "Tveitagjengen – Grorudgjengen" in listed and "Kjølig" in listed
    given = await browser.open(f"{new}?group={one}")
    assert "Tveitagjengen" in words(given)


async def test_a_reader_sees_conflicts_and_days_and_gets_no_forms(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    made = (await registry.post("/conflicts", conflict(one, two))).json()["id"]
    entry = {"kind": "FUNERAL", "on": day(3), "parties": [one], "grading": B2, "origin": "S1"}
    on = (await registry.post("/calendar-entries", entry)).json()["id"]
    reader = Browser(registry, "duty.officer")
    assert "Ny status" not in words(await reader.open(f"/registry/conflicts/{made}"))
    assert "Flytt, rett eller avlys" not in words(await reader.open(f"/registry/calendar/{on}"))
    for path in ("/registry/conflicts/new", "/registry/calendar/new", f"/registry/calendar/{on}/correction"):
        assert (await reader.open(path)).status_code == 403
    for path in (f"/registry/conflicts/{uuid(7)}", f"/registry/calendar/{uuid(7)}", "/registry/calendar/x"):
        assert (await Browser(registry).open(path)).status_code == 404
    reads = [(row.kind, row.action) for row in await registry.audited()]
    assert ("CONSULTATION", "registry.conflict.read") in reads
    assert ("CONSULTATION", "registry.calendar-entry.read") in reads


def entry_fields(**more: Any) -> dict[str, Any]:
    given = {"kind": "COURT_DATE", "on": day(3), "handling": "OPEN"}
    return given | {name: value for name, value in GRADED.items() if name != "observed_at"} | more


async def test_a_day_is_recorded_for_several_moved_and_called_off(registry: Registry) -> None:
    person, group = await registry.person("Anders Testmann"), await registry.group("Tveitagjengen")
    browser, calendar = Browser(registry), "/registry/calendar"
    empty = await browser.open(calendar)
    assert "Ingen dager som kommer" in words(empty) and f"{calendar}/new" in empty.text
    new = f"{calendar}/new?party={person}"
    asked = await browser.send(new, calendar, parties=[person], parties_name="tveita", **entry_fields())
    assert asked.status_code == 422 and f'value="{group}"' in asked.text
    assert re.search(rf'value="{person}" checked', asked.text)
    nobody = await browser.send(new, calendar, **entry_fields())
    assert field_error(nobody, "parties_name") == "Velg minst én det gjelder, og høyst 50."
    undated = await browser.send(new, calendar, parties=[person], **entry_fields(on=""))
    assert field_error(undated, "on") == "Skriv en dato."
    shapeless = await browser.send(new, calendar, parties=[person], **entry_fields(kind="PARTY"))
    assert field_error(shapeless, "kind") == "Velg hva slags dag det er."
    done = await browser.send(new, calendar, parties=[person, group], **entry_fields(note="Tingretten"))
    assert "Dagen er registrert." in words(done) and "Anders Testmann , Tveitagjengen" in words(done)
    page = str(done.url.path)
    listed = words(await browser.open(calendar))
    assert "Rettsmøte" in listed and "Innen en uke" in listed
    assert "Ingen dager som kommer" in words(await browser.open(f"{calendar}?since={day(4)}"))
    correction = f"{page}/correction"
    assert "Tingretten" in (await browser.open(correction)).text
    why = await browser.send(correction, correction, parties=[person], **entry_fields())
    assert field_error(why, "reason") == "Velg hvorfor den rettes."
    moved = await browser.send(correction, correction, reason="MOVED", parties=[person], **entry_fields(on=day(9)))
    assert "Dagen er rettet." in words(moved) and "Se dagen som ble rettet" in words(moved)
    old = words(await browser.open(page))
    assert "Denne dagen gjelder ikke lenger." in old and "Flyttet til en annen dag" in old
    assert "Denne dagen er rettet før." in words(await browser.open(correction))
    off = f"{moved.url.path}/correction"
    gone = await browser.send(off, off, reason="CANCELLED")
    assert "Dagen er avlyst." in words(gone)
    assert "Ingen dager som kommer" in words(await browser.open(calendar))


async def test_the_calendar_goes_on_over_pages(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    for number in range(55):
        entry = {"kind": "ANNIVERSARY", "on": day(number), "parties": [group], "grading": B2, "origin": "S1"}
        await registry.post("/calendar-entries", entry)
    browser = Browser(registry)
    first = await browser.open("/registry/calendar")
    following = re.search(r'href="(/registry/calendar\?since=[^"]+)"[^>]*>Neste side', first.text)
    assert following
    second = await browser.open(following[1].replace("&amp;", "&"))
    assert second.text.count('role="rowheader"') == 5 and "Til starten" in words(second)
    assert (await browser.open("/registry/calendar?since=nonsense&after=x")).status_code == 200
