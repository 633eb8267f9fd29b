"""Forms to record and correct observations, their list, and the figure of controls on a card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.registry.support.browser import GRADED, Browser, field_error, words
from tests.registry.support.service import B2, SEEN, Registry

NEW = "/registry/observations/new"
HERE = "/registry/observations"
FORM = {"kind": "SEEN", "unit": "Patrulje 12", "handling": "OPEN", **GRADED}


async def test_a_control_is_recorded_shown_on_the_card_and_counted(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    browser = Browser(registry)
    empty = words(await browser.open(HERE))
    assert "Ingen observasjoner" in empty
    assert "Ingen kontroller i perioden." in words(await browser.open(f"/registry/actors/{one}"))
    seen = FORM | {"kind": "STOP", "actors": one, "observed_at": SEEN[:16], "place": "Torget"}
    for wrong, field in (
        ({}, "family"),
        ({"family": "no", "legal_reason": "HOME_SEARCH"}, "legal_reason"),
        ({"family": "no", "legal_reason": "ROAD_TRAFFIC", "effort_minutes": "mange"}, "effort_minutes"),
        ({"family": "no", "legal_reason": "ROAD_TRAFFIC", "unit": ""}, "unit"),
        ({"family": "no", "legal_reason": "ROAD_TRAFFIC", "district": "Grorud"}, "district"),
        ({"family": "no", "legal_reason": "ROAD_TRAFFIC", "kind": "GLIMT"}, "kind"),
    ):
        answer = await browser.send(NEW, HERE, **(seen | wrong))
        assert answer.status_code == 422 and 'value="Torget"' in answer.text, wrong
        assert field_error(answer, field), wrong
    done = await browser.send(NEW, HERE, **seen, family="yes", legal_reason="ROAD_TRAFFIC", effort_minutes="20")
    assert "Observasjonen er registrert." in words(done)
    assert "Trafikkontroll (vegtrafikkloven)" in words(done) and "20 minutter" in words(done)
    card = words(await browser.open(f"/registry/actors/{one}"))
    assert "1 kontroll siste 30 dager" in card and "1 av kontrollene med familie til stede." in card
    listed = words(await browser.open(f"{HERE}?actor={one}&controls=true"))
    assert "Familie til stede" in listed and "Torget" in listed


async def test_near_a_protected_address_the_form_asks_whose_it_is_and_takes_no_place(registry: Registry) -> None:
    one, leader = await registry.person("Anders Testmann"), await registry.person("Kari Prosjektmann", ground="VICTIM")
    browser = Browser(registry)
    seen = FORM | {"actors": one, "observed_at": SEEN[:16]}
    asked = await browser.send(NEW, HERE, **seen, near_name="Prosjektmann")
    assert asked.status_code == 422 and f'value="{leader}"' in asked.text
    placed = await browser.send(NEW, HERE, **seen, near=leader, place="Heimveien 1")
    assert "skal dette stå tomt" in field_error(placed, "place")
    open_ = await browser.send(NEW, HERE, **seen, near=leader)
    assert "ikke være åpen" in field_error(open_, "handling")
    both = await browser.send(NEW, HERE, **(seen | {"handling": "RESTRICTED"}), near=leader, near_role="JUDGE")
    assert field_error(both, "near")
    done = await browser.send(NEW, HERE, **(seen | {"handling": "RESTRICTED"}), near=leader)
    shown = words(done)
    assert "Nær beskyttet adresse til" in shown and "Kari Prosjektmann" in shown and "Sted" not in shown
    strangers = await browser.send(NEW, HERE, **(FORM | {"handling": "RESTRICTED"}), near_role="PROJECT_LEADER")
    assert "Ukjente" in words(strangers) and "Prosjektleder" in words(strangers)


async def test_an_observation_is_corrected_and_withdrawn(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    body: dict[str, Any] = {"actors": [one], "observed_at": SEEN, "unit": "P12", "grading": B2, "origin": "P12"}
    old = (await registry.post("/observations", body | {"place": "Torget"})).json()["id"]
    browser, page = Browser(registry), f"{HERE}/{old}/correction"
    assert 'value="Torget"' in (await browser.open(page)).text
    seen = FORM | {"actors": one, "observed_at": SEEN[:16]}
    unsaid = await browser.send(page, page, **seen, place="Havna")
    assert field_error(unsaid, "reason") == "Velg hvorfor den rettes."
    done = await browser.send(page, page, **seen, place="Havna", reason="REFINED")
    assert "Observasjonen er rettet" in words(done) and "Havna" in words(done)
    assert "Denne observasjonen gjelder ikke lenger." in words(await browser.open(f"{HERE}/{old}"))
    assert "rettet før" in words(await browser.open(page))
    page = f"{done.url.path}/correction"
    gone = await browser.send(page, page, reason="WITHDRAWN", **seen)
    assert "Observasjonen er trukket." in words(gone)
    assert "Havna" not in words(await browser.open(HERE))


@pytest.mark.parametrize("role", ["duty.officer", "source.handler"])
async def test_who_only_reads_sees_the_list_and_gets_no_form(registry: Registry, role: str) -> None:
    one = await registry.person("Anders Testmann")
    body: dict[str, Any] = {"actors": [one], "observed_at": SEEN, "unit": "P12", "grading": B2, "origin": "P12"}
    id = (await registry.post("/observations", body)).json()["id"]
    browser = Browser(registry, role)
    assert (await browser.open(NEW)).status_code == 403
    for page in (HERE, f"{HERE}/{id}", f"/registry/actors/{one}"):
        text = (await browser.open(page)).text
        assert NEW not in text and f"{id}/correction" not in text
    english = await browser.open(f"/registry/actors/{one}", **{"accept-language": "en"})
    assert "Observations and controls" in words(english)
