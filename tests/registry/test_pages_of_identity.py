"""Judging who is who with forms: what is seen, what is asked, and what stands beside a field that did not hold."""

from __future__ import annotations

import re

from forkant_shared.testing import token
from tests.registry.support.browser import Browser, field_error, words
from tests.registry.support.reference import uuid
from tests.registry.support.service import Registry

HANDLER = token("source.handler")
SAID = {"verdict": "POSITIVE", "reason": "Samme tatovering", "handling": "OPEN"}


async def test_two_cards_that_look_alike_are_suggested_judged_and_taken_apart_again(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    for person in (one, two):
        await registry.claim(person, "born_on", value="1984-05-17")
    browser, page = Browser(registry), f"/registry/actors/{one}/identity"
    before = await browser.open(page)
    assert "Ingen vurderinger ennå" in words(before) and "Anders Testmand" in words(before)
    assert "mulig skrivefeil" in words(before) and f"identity/new?other={two}" in before.text
    form = await browser.open(f"{page}/new?other={two}")
    assert "Ved siden av hverandre" in words(form) and "verdt å kalle et treff" in words(form)
    done = await browser.send(f"{page}/new?other={two}", page, other=two, **SAID)
    assert "Vurderingen gjelder." in words(done) and "Står for alle" in words(done)
    [judgement] = (await registry.get(f"/actors/{one}/judgements")).json()["items"]
    assert 0.8 < judgement["score"] <= 1
    card = words(await browser.open(f"/registry/actors/{two}"))
    assert "Samme person" in card and "Registrert på kortet til Anders Testmann" in card
    listed = words(await browser.open("/registry/actors"))
    assert "Samme som Anders Testmand" in listed
    revoke = f"/registry/judgements/{judgement['id']}/revocation"
    refused = await browser.send(revoke, revoke, reason=" ")
    assert refused.status_code == 422 and "Skriv en kort begrunnelse" in field_error(refused, "reason")
    taken = await browser.send(revoke, revoke, reason="To fingeravtrykk")
    assert "Vurderingen er tatt tilbake." in words(taken) and "Ingen andre kort er vurdert" in words(taken)
    assert "To fingeravtrykk" in words(taken)
    again = await browser.send("/registry/actors/" + one + "/identity/new", revoke, reason="Igjen")
    assert again.status_code == 422 and "Dette lot seg ikke gjøre" in words(again)


async def test_the_other_one_is_chosen_and_never_guessed_and_a_new_name_counts_more(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Kari Prøve")
    other = await registry.person("Ola Prøvesen")
    browser, page = Browser(registry), f"/registry/actors/{one}/identity"
    asked = await browser.send(f"{page}/new", page, other_name="Kari Prøve", **SAID)
    assert asked.status_code == 422 and "Hvem mener du?" in words(asked) and f'value="{two}"' in asked.text
    assert "Samme tatovering" in asked.text, "what was written stays"
    changed = await browser.send(f"{page}/new", page, other=two, other_name="Ola Prøvesen", **SAID)
    assert changed.status_code == 422 and f'value="{other}"' in changed.text
    nobody = await browser.send(f"{page}/new", page, **SAID)
    assert field_error(nobody, "other_name") == "Velg hvem det gjelder."
    unknown = await browser.send(f"{page}/new", page, other=uuid(7), **SAID)
    assert field_error(unknown, "other_name") == "Velg hvem det gjelder."
    silent = await browser.send(f"{page}/new", page, other=two, reason="x")
    assert field_error(silent, "verdict") == "Velg hva du mener."
    wrong = await browser.send(f"{page}/new", page, other=two, verdict="POSITIVE", reason="")
    assert "Skriv en kort begrunnelse" in field_error(wrong, "reason")
    itself = await browser.send(f"{page}/new", page, other=one, **SAID)
    assert field_error(itself, "other") == "Velg en annen av samme slag."
    assert [event for event in await registry.told() if event["type"] == "identity-changed"] == []


async def test_the_opposite_of_what_stands_is_refused_beside_the_choice(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    browser, page = Browser(registry), f"/registry/actors/{one}/identity"
    await browser.send(f"{page}/new", page, other=two, **SAID)
    refused = await browser.send(f"{page}/new", page, other=two, **(SAID | {"verdict": "NEGATIVE"}))
    assert refused.status_code == 422 and "det motsatte er vurdert" in field_error(refused, "verdict")


async def test_what_waits_is_in_the_queue_and_another_who_sees_all_approves_it(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    await registry.claim(two, "alias", value="Nordavinden", handling="SECRET", auth=HANDLER)
    registrar, page = Browser(registry, "registrar"), f"/registry/actors/{one}/identity"
    assert "Ingenting venter" in words(await registrar.open("/registry/identity"))
    waits = await registrar.send(f"{page}/new", page, other=two, **SAID)
    assert "Vurderingen venter på en til" in words(waits)
    assert "1 vurdering av hvem dette er, venter på en til." in words(await registrar.open(f"/registry/actors/{one}"))
    own = await registrar.open("/registry/identity")
    assert "Ingen godkjenner sin egen vurdering" in words(own) and "/approval" not in own.text
    handler = Browser(registry, "source.handler")
    queue = await handler.open("/registry/identity")
    found = re.search(r"/registry/judgements/[0-9a-f-]{36}/approval", queue.text)
    assert found
    blind = Browser(registry, "dialogue.leader", user="registrar")
    refused = await blind.send("/registry/actors", found[0])
    assert refused.status_code == 403 and "Du kan ikke godkjenne denne" in words(refused)
    assert (await Browser(registry, "duty.officer").send("/registry/actors", found[0])).status_code == 403
    done = await handler.send("/registry/identity", found[0])
    assert "Vurderingen gjelder." in words(done) and "Ingenting venter" in words(done)
    assert "Godkjent av source.handler" in words(await handler.open("/registry/identity?all=1"))


async def test_a_reader_sees_what_was_judged_and_gets_no_buttons(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Anders Testmand")
    body = {"other": two, "verdict": "UNSURE", "reason": "Sett på avstand"}
    await registry.post(f"/actors/{one}/judgements", body)
    reader = Browser(registry, "duty.officer")
    page = await reader.open(f"/registry/actors/{one}/identity")
    assert "Sett på avstand" in words(page) and "Ta tilbake" not in words(page)
    assert "/identity/new" not in page.text
    assert (await reader.open(f"/registry/actors/{one}/identity/new")).status_code == 403
    for path in (f"/registry/actors/{uuid(7)}/identity", f"/registry/judgements/{uuid(7)}/revocation"):
        assert (await Browser(registry).open(path)).status_code == 404
