"""The pages: what a person sees, that the forms work, and that no name stands in an address."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

import forkant_registry
from forkant_registry.pages.titles import TITLES
from tests.registry.support.browser import GRADED, SITE, Browser, words
from tests.registry.support.reference import uuid
from tests.registry.support.service import B2, SEEN, Registry


async def test_an_empty_register_says_so_and_what_to_do(registry: Registry) -> None:
    page = await Browser(registry).open("/registry/actors")
    assert page.status_code == 200
    assert "Registeret er tomt" in words(page)
    assert 'href="/registry/groups/new"' in page.text
    reader = await Browser(registry, "duty.officer").open("/registry/actors")
    assert "/registry/groups/new" not in reader.text


async def test_a_group_and_a_person_are_registered_and_tied_with_the_forms(registry: Registry) -> None:
    browser = Browser(registry)
    group = await browser.send(
        "/registry/groups/new",
        "/registry/groups",
        label="Tveitagjengen",
        group_kind="street",
        handling="OPEN",
        **GRADED,
    )
    assert "Tveitagjengen" in words(group) and "Gruppen er registrert." in words(group)
    person = await browser.send(
        "/registry/persons/new",
        "/registry/persons",
        legal="Anders Testmann",
        nickname="Lillebror",
        ground="ASSUMED_OFFENDER",
        handling="OPEN",
        **GRADED,
    )
    card = str(person.url.path)
    claim = {"predicate": "member_of", "kind": "FACT", "handling": "OPEN", **GRADED}
    asked = await browser.send(
        f"{card}/claims/new?predicate=member_of", f"{card}/claims", object_name="tveita gjeng", **claim
    )
    assert asked.status_code == 422
    assert "Hvem mener du?" in words(asked) and "Tveitagjengen" in words(asked)
    done = await browser.send(
        f"{card}/claims/new?predicate=member_of",
        f"{card}/claims",
        object=group.url.path.rpartition("/")[2],
        **{"q-status": "PROSPECT", "q-criteria": ["TATTOO", "SIGN"]},
        **claim,
    )
    assert "Opplysningen er registrert." in words(done)
    assert "Status : Prospect" in words(done) or "Status: Prospect" in words(done)
    members = words(await browser.open(group.url.path))
    assert "Anders Testmann" in members and "1 regnes med" in members


async def test_a_form_that_does_not_hold_comes_back_with_what_was_written(registry: Registry) -> None:
    browser = Browser(registry)
    page = await browser.send(
        "/registry/groups/new",
        "/registry/groups",
        label="",
        group_kind="street",
        **(GRADED | {"origin": "min egen kilde"}),
    )
    assert page.status_code == 422
    assert "Skriv et navn på 1 til 200 tegn." in words(page)
    assert 'value="min egen kilde"' in page.text
    bad_time = await browser.send(
        "/registry/groups/new", "/registry/groups", label="X", group_kind="street", **(GRADED | {"observed_at": "nå"})
    )
    assert "Skriv når det ble observert" in words(bad_time)
    no_grade = await browser.send(
        "/registry/groups/new", "/registry/groups", label="X", group_kind="street", **(GRADED | {"source": ""})
    )
    assert "Velg begge gradene på samme skala." in words(no_grade)
    assert await registry.told() == []


async def test_a_connection_asks_whom_it_is_to_and_guesses_nobody(registry: Registry) -> None:
    offender = await registry.person("Anders Testmann")
    browser, fields = Browser(registry), {"legal": "Kari Prøve", "ground": "CONNECTION", **GRADED}
    asked = await browser.send(
        "/registry/persons/new", "/registry/persons", connected_to_name="Anders Testman", **fields
    )
    assert asked.status_code == 422 and f'value="{offender}"' in asked.text
    done = await browser.send("/registry/persons/new", "/registry/persons", connected_to=offender, **fields)
    assert done.status_code == 200 and "Særlig tilknytning" in words(done)


async def test_a_search_is_posted_and_says_why(registry: Registry) -> None:
    await registry.person("Mohammed Testmann")
    page = await Browser(registry).send(
        "/registry/actors", "/registry/actors", q="Muhamad Tesmann", kind="", purpose="PREVENT"
    )
    assert page.url.query == b""
    assert "Mohammed Testmann" in words(page) and "kjent skrivemåte av samme navn" in words(page)
    assert (await registry.audited())[-1].purpose == "PREVENT"
    nobody = await Browser(registry).send("/registry/actors", "/registry/actors", q="Zzyzx", kind="", purpose="")
    assert "Ingen treff" in words(nobody)


async def test_a_long_list_goes_on_over_pages(registry: Registry) -> None:
    for number in range(30):
        await registry.group(f"Gruppe nummer {number}")
    browser = Browser(registry)
    first = await browser.open("/registry/actors")
    following = re.search(r'href="(/registry/actors\?after=[^"]+)"', first.text)
    assert following
    second = await browser.open(unescape(following[1]))
    assert "Gruppe nummer 0" in words(second) and "Til starten" in words(second)
    search = await browser.send("/registry/actors", "/registry/actors", q="gruppe", kind="GROUP", purpose="")
    assert 'name="after" value="25"' in search.text


async def test_the_card_shows_competing_claims_grades_and_the_past(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    await registry.claim(person, "custody", value="SERVING")
    wrong = await registry.claim(person, "custody", value="WANTED", kind="ASSESSMENT", note="To\nlinjer")
    browser = Browser(registry)
    card = words(await browser.open(f"/registry/actors/{person}"))
    for text in (
        "Soner",
        "Etterlyst",
        "Motstridende opplysninger",
        "B2",
        "Vurdering",
        "Ikke verifisert",
        "Antas å begå",
    ):
        assert text in card
    await registry.post(f"/claims/{wrong}/corrections", {"reason": "WRONG"})
    assert "Etterlyst" not in words(await browser.open(f"/registry/actors/{person}"))
    every = words(await browser.open(f"/registry/actors/{person}/claims"))
    assert "Etterlyst" in every and "Rettet: Feil" in every
    old = words(await browser.open(f"/registry/actors/{person}?known_at=2000-01-01"))
    assert "Du ser kortet slik det var" in old and "Soner" not in old


async def test_a_group_card_shows_conflicts_chapters_and_days(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    await registry.claim(two, "chapter_of", object={"kind": "GROUP", "id": one})
    await registry.post(
        "/conflicts", {"group_a": one, "group_b": two, "status": "war", "since": SEEN, "grading": B2, "origin": "S1"}
    )
    await registry.post(
        "/calendar-entries",
        {"kind": "FUNERAL", "on": "2999-01-01", "parties": [one], "grading": B2, "origin": "S1"},
    )
    card = words(await Browser(registry).open(f"/registry/actors/{one}"))
    for text in ("Avdeling", "Grorudgjengen", "Krig", "Begravelse"):
        assert text in card


@pytest.mark.parametrize("role", ["duty.officer", "auditor"])
async def test_who_may_only_read_gets_no_form(registry: Registry, role: str) -> None:
    person = await registry.person("Anders Testmann")
    browser = Browser(registry, role)
    card = await browser.open(f"/registry/actors/{person}")
    assert card.status_code == 200 and "Ny opplysning" not in words(card)
    assert (await browser.open("/registry/persons/new")).status_code == 403
    assert (await browser.open(f"/registry/actors/{person}/claims/new?predicate=alias")).status_code == 403


@pytest.mark.parametrize("predicate", ["alias", "born_on", "district", "real_authority", "errand_for", "family_of"])
async def test_every_sort_of_claim_has_a_form(registry: Registry, predicate: str) -> None:
    person = await registry.person("Anders Testmann")
    page = await Browser(registry).open(f"/registry/actors/{person}/claims/new?predicate={predicate}&scale=UK_3X5X2")
    assert page.status_code == 200 and "UK 3x5x2" in words(page)


async def test_pages_speak_english_to_those_who_ask_for_it(registry: Registry) -> None:
    group = await registry.group("Tveitagjengen")
    page = await Browser(registry).open(f"/registry/actors/{group}", **{"accept-language": "en"})
    text = words(page)
    assert "Working label" in text and "No known conflicts" in text and "Arbeidsnavn" not in text


async def test_what_is_not_there_is_a_page_that_says_no_more(registry: Registry) -> None:
    hidden = await registry.person("Anders Testmann", handling="SECRET")
    browser = Browser(registry, "duty.officer")
    pages = [await browser.open(f"/registry/actors/{id}") for id in (hidden, uuid(1), "not-an-id")]
    assert {page.status_code for page in pages} == {404}
    assert words(pages[0]).replace(hidden, "") == words(pages[1]).replace(uuid(1), "")


async def test_a_page_without_a_cookie_sends_to_the_login(registry: Registry) -> None:
    answer = await registry.http.get(f"{SITE}/registry/actors", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/auth/login?next={quote('/registry/actors', safe='')}"


async def test_text_somebody_wrote_is_never_markup(registry: Registry) -> None:
    name = "<script>alert(1)</script>"
    person = await registry.person(name)
    await registry.claim(person, "alias", value="<b>fet</b>", note="<i>merknad</i>")
    browser = Browser(registry)
    for page in (
        await browser.open("/registry/actors"),
        await browser.open(f"/registry/actors/{person}"),
        await browser.open(f"/registry/actors/{person}/claims"),
        await browser.send("/registry/actors", "/registry/actors", q=name, kind="", purpose=""),
    ):
        assert page.status_code == 200
        for markup in (name, "<b>fet", "<i>merknad"):
            assert markup not in page.text


def test_every_title_in_the_data_is_marked_for_translation() -> None:
    folder = Path(forkant_registry.__file__).parent / "data"
    shown: set[str] = set()

    def collect(node: Any, key: str = "") -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                texts = key in ("codes", "group_kinds", "purposes", "source", "information")
                collect(value, "text" if texts else name)
        elif key in ("title", "inverse", "text"):
            shown.add(node)

    for name in ("predicates.yaml", "scales.yaml", "controls.yaml"):
        collect(yaml.safe_load((folder / name).read_text("utf-8")))
    assert shown == TITLES
