"""Calls over an HTTP voice gateway: what they say, and that only the right PIN answers a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forkant_notifier.commands.keypad import set_pin
from forkant_notifier.domain.speech import keyed, read_speech, too_easy
from forkant_notifier.settings import speech_document
from forkant_shared.errors import Forbidden, Invalid
from forkant_shared.identity import Principal
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import LINES, escalation
from tests.notifier.support.gateway import SECRET, FakeGateway, fake_gateway
from tests.notifier.support.routes import Routed, routed, sms

PIN = "4827"
OFFICER = Principal("duty.officer", "Vakthavende", "PERSON", roles=frozenset({"duty.officer"}))
SPEECH = read_speech(speech_document())


def voice(name: str, url: str, **changed: Any) -> dict[str, Any]:
    return {
        **sms(name, url),
        "channel": "CALL",
        "url": f"{url}/calls",
        "body": {"kind": "json", "fields": {"to": "{to}", "say": "{text}", "ref": "{reference}", "language": "nb-NO"}},
        "keypad": {"reference": "call.ref", "digits": "call.digits", "say": {"say": "{text}", "then": "hang-up"}},
    } | changed


@pytest.fixture
async def calls() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as found:
        yield found


@pytest.fixture
async def system(tmp_path: Path, clock: FixedClock, calls: FakeGateway) -> AsyncIterator[Routed]:
    async with routed(tmp_path, clock, gateways=[voice("voice", calls.url)]) as found:
        await set_pin(found.desk.parts, OFFICER, PIN)
        await found.desk.hear(escalation())
        await found.desk.send()
        yield found


async def press(system: Routed, calls: FakeGateway, digits: str, *, secret: str = SECRET) -> str:
    answer = await system.desk.client.post(
        "/notifier/v1/gateways/voice/keypad",
        json={"call": {"ref": calls.got[0]["ref"], "digits": digits}},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["then"] == "hang-up"
    said: str = answer.json()["say"]
    return said


async def state(system: Routed) -> tuple[str, str | None]:
    (page,) = await system.desk.pages()
    return page["state"], page["accepted_by"]


async def test_a_call_speaks_bokmal_and_says_no_code_before_somebody_has_shown_a_pin(
    system: Routed, calls: FakeGateway
) -> None:
    (page,) = await system.desk.pages()
    (call,) = calls.got
    assert call["to"] == LINES["duty.officer"]
    assert call["say"] == SPEECH.call[next(lane for lane in SPEECH.call if lane == "LIFE")]
    assert page["code"] not in call["say"]
    assert await press(system, calls, f"1{PIN}#") == f"Takk. Du har varsel {' '.join(page['code'])}. Logg inn."
    assert await state(system) == ("ACCEPTED", "duty.officer")
    audited = await system.desk.rows("select details from audit where action = 'notifier.page.answer'")
    assert "KEYPAD" in str(audited[-1]["details"])
    assert PIN not in str(await system.desk.rows("select * from audit"))


async def test_two_is_to_wait_and_three_climbs_at_once(system: Routed, calls: FakeGateway) -> None:
    assert await press(system, calls, f"2{PIN}#") == SPEECH.answers[next(s for s in SPEECH.answers if s == "STANDBY")]
    assert await state(system) == ("OPEN", None)
    await press(system, calls, f"3{PIN}")
    await system.desk.send()
    assert LINES["duty.deputy"] in [call["to"] for call in calls.got]


@pytest.mark.parametrize("digits", ["", "1", "#", f"4{PIN}#", "1123#", f"1{PIN}{PIN}{PIN}", "1४८२७", "hallo"])
async def test_keys_that_are_no_answer_change_nothing_and_are_told_so(
    system: Routed, calls: FakeGateway, digits: str
) -> None:
    assert (await press(system, calls, digits)).startswith("Det forsto vi ikke.")
    assert await state(system) == ("OPEN", None)


async def test_the_third_wrong_pin_locks_it_for_a_quarter_of_an_hour_and_the_page_rings_on(
    system: Routed, calls: FakeGateway
) -> None:
    said = [await press(system, calls, "19999#") for _ in range(3)]
    assert said[:2] == ["PIN-koden er feil. Prøv igjen."] * 2
    assert "sperret" in said[2]
    assert "sperret" in await press(system, calls, f"1{PIN}#"), "the right one counts no more"
    assert await state(system) == ("OPEN", None)
    system.desk.clock.advance(timedelta(minutes=15))
    assert (await press(system, calls, f"1{PIN}#")).startswith("Takk.")


async def test_somebody_without_a_pin_and_somebody_elses_pin_answer_nothing(
    tmp_path: Path, clock: FixedClock, calls: FakeGateway
) -> None:
    async with routed(tmp_path, clock, gateways=[voice("voice", calls.url)]) as system:
        deputy = Principal("duty.deputy", "Stedfortreder", "PERSON", roles=frozenset({"duty.deputy"}))
        await set_pin(system.desk.parts, deputy, PIN)
        await system.desk.hear(escalation())
        await system.desk.send()
        assert "ingen PIN" in await press(system, calls, f"1{PIN}#")
        assert await state(system) == ("OPEN", None)


async def test_keys_after_the_page_is_over_are_thanked_for_and_open_nothing(system: Routed, calls: FakeGateway) -> None:
    (page,) = await system.desk.pages()
    closed = await system.desk.client.post(
        f"/notifier/v1/pages/{page['id']}/close",
        json={"cause": "HANDLED"},
        headers=system.desk.as_user("duty.officer"),
    )
    assert closed.status_code == 200
    assert "avsluttet" in await press(system, calls, f"1{PIN}#")
    assert (await state(system))[0] == "CLOSED"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"call": {"ref": "00000000-0000-7000-8000-00000000dead", "digits": f"1{PIN}"}}, 404),
        ({"call": {"ref": "x\0y", "digits": "1"}}, 404),
        ({"call": {"ref": "", "digits": "1"}}, 404),
        ({"call": {}}, 422),
        ({"digits": "1"}, 422),
    ],
)
async def test_a_call_that_is_none_of_ours_is_refused(system: Routed, body: dict[str, Any], status: int) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    answer = await system.desk.client.post("/notifier/v1/gateways/voice/keypad", json=body, headers=headers)
    assert answer.status_code == status, answer.text


async def test_another_gateway_cannot_answer_this_ones_calls_nor_can_nobody(system: Routed, calls: FakeGateway) -> None:
    told = {"call": {"ref": calls.got[0]["ref"], "digits": f"1{PIN}"}}
    assert await system.tell("keypad", told, name="voice", secret="not-the-secret-at-all") == 401
    assert await system.tell("keypad", told, name="first") == 422
    assert await state(system) == ("OPEN", None)


@pytest.mark.parametrize("pin", ["", "123", "1234", "4321", "0000", "123456789", "12a4", "１２３５"])
async def test_a_pin_anybody_would_try_is_refused(system: Routed, pin: str) -> None:
    with pytest.raises(Invalid) as refused:
        await set_pin(system.desk.parts, OFFICER, pin)
    assert refused.value.field == "pin"


async def test_only_those_who_share_the_duty_have_a_pin(system: Routed) -> None:
    with pytest.raises(Forbidden):
        await set_pin(system.desk.parts, Principal("analyst", "A", "PERSON", roles=frozenset({"analyst"})), PIN)


def test_keys_are_read_with_or_without_the_last_sign() -> None:
    assert keyed("1 4827 #", SPEECH.pin) == keyed("14827", SPEECH.pin)
    assert not too_easy("4827")


@pytest.mark.parametrize("lacking", ["call", "hint", "answers", "pin", "version"])
def test_words_that_lack_a_part_are_refused_at_the_start(lacking: str) -> None:
    with pytest.raises(Invalid, match="lack a part"):
        read_speech({name: value for name, value in speech_document().items() if name != lacking})
