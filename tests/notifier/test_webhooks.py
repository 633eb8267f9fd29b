"""Partners are told: signed so that others can verify it, tried for three days, kept while they are away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from forkant_notifier.commands import telling
from forkant_notifier.timers.webhooks import WebhookSender
from forkant_shared.identity import TokenSigner
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import TestDesk, escalation, settings_at, standing
from tests.notifier.support.partners import (
    ALL,
    Partner,
    deliver,
    happen,
    let_time_pass,
    verified_by,
)
from tests.notifier.support.receiver import Receiver, receiver


@pytest.fixture
def clock() -> FixedClock:
    # The standard's own library believes no other time than the machine's.
    return FixedClock(datetime.now(UTC))


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TestDesk]:
    async with standing(tmp_path, clock, webhook_loopback=True) as found:
        yield found


@pytest.fixture
async def hooked() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture
def partner(desk: TestDesk) -> Partner:
    return Partner(desk)


async def states(desk: TestDesk) -> list[str]:
    rows = await desk.rows("select state from webhook_deliveries where type <> 'ping' order by id")
    return [row["state"] for row in rows]


# -- what is sent ------------------------------------------------------------------------------------------------------


async def test_the_standards_own_library_verifies_it_and_finds_type_time_id_and_link_only(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(f"{hooked.url}/hook?token=theirs")
    await happen(desk, "2026-09-28")
    await deliver(desk)
    await deliver(desk)
    ping, told = (
        Webhook(made["secret"]).verify(body, head) for body, head in zip(hooked.bodies, hooked.got, strict=True)
    )
    assert told == {
        "type": "situation-updated",
        "timestamp": desk.clock.now().isoformat(),
        "data": {"id": "2026-09-28", "link": "http://127.0.0.1:8000/threat-watch/partner/v1/situation"},
    }
    assert ping["type"] == "ping"
    assert ping["data"]["id"] == made["id"]
    assert hooked.paths[1].endswith("/hook?token=theirs")
    for body, headers in zip(hooked.bodies, hooked.got, strict=True):
        assert verified_by(made["keys"][0]["public_key"], headers, body)
        assert not verified_by(made["keys"][0]["public_key"], headers, body + b" ")
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 32).verify(body, headers)
    assert (await partner.read(f"/{made['id']}"))["deliveries"] == {
        "due": 0,
        "waiting": 0,
        "delivered": 2,
        "given_up": 0,
    }


async def test_the_same_event_twice_is_told_once_and_only_to_who_subscribed(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    await happen(desk)
    await partner.made(hooked.url)
    await happen(desk)
    await deliver(desk)
    assert len(hooked.told) == 1


async def test_a_secret_is_shown_once_kept_sealed_and_in_no_answer_row_or_audit_afterwards(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    bare = made["secret"].removeprefix("whsec_")
    assert "no-store" in (await partner.call("POST", f"/{made['id']}/rotate", {})).headers["cache-control"]
    await deliver(desk)
    later = [await partner.read(path) for path in ("", f"/{made['id']}", f"/{made['id']}/deliveries")]
    later += [await desk.get(f"{ALL}{path}", "admin") for path in ("", f"/{made['id']}", f"/{made['id']}/deliveries")]
    kept = [
        await desk.rows(f"select * from {table}")
        for table in ("webhook_secrets", "audit", "outbox", "webhook_subscriptions")
    ]
    assert bare not in repr(later) + repr(kept)
    assert "secret" not in made["keys"][0]


# -- rotation ----------------------------------------------------------------------------------------------------------


async def test_a_replaced_secret_signs_along_for_a_day_and_then_no_more(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    turned = await partner.done(f"/{made['id']}/rotate", {})
    assert turned["secret"] != made["secret"]
    assert [key["ends_at"] is None for key in turned["keys"]] == [True, False]
    await happen(desk)
    await deliver(desk)
    await deliver(desk)
    body, headers = hooked.bodies[-1], hooked.got[-1]
    assert [one.partition(",")[0] for one in headers["webhook-signature"].split(" ")] == ["v1", "v1a", "v1", "v1a"]
    for secret in (made["secret"], turned["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "situation-updated"
    for key in turned["keys"]:
        assert verified_by(key["public_key"], headers, body)
    desk.clock.advance(timedelta(hours=24, seconds=1))
    await happen(desk, "2026-10-26")
    await deliver(desk)
    assert not verified_by(made["keys"][0]["public_key"], hooked.got[-1], hooked.bodies[-1])
    assert verified_by(turned["keys"][0]["public_key"], hooked.got[-1], hooked.bodies[-1])
    assert len((await partner.read(f"/{made['id']}"))["keys"]) == 1
    await telling.clear_away(desk.parts)
    assert len(await desk.rows("select id from webhook_secrets")) == 1


async def test_a_secret_that_others_may_know_signs_no_more_at_once(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    turned = await partner.done(f"/{made['id']}/rotate", {"keep_old": False})
    await deliver(desk)
    assert not verified_by(made["keys"][0]["public_key"], hooked.got[0], hooked.bodies[0])
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(hooked.bodies[0], hooked.got[0])
    assert Webhook(turned["secret"]).verify(hooked.bodies[0], hooked.got[0])


async def test_with_another_signing_key_old_secrets_cannot_be_opened_and_rotation_helps(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    desk.desk.link_key = TokenSigner.with_new_key("x", desk.clock).pem()[:32]
    await deliver(desk)
    assert hooked.got == []
    assert (await partner.read(f"/{made['id']}"))["last_cause"] == "SECRET_UNREADABLE"
    turned = await partner.done(f"/{made['id']}/rotate", {})
    await let_time_pass(desk)
    assert verified_by(turned["keys"][0]["public_key"], hooked.got[0], hooked.bodies[0])


# -- three days --------------------------------------------------------------------------------------------------------


async def test_it_is_tried_for_three_days_with_the_same_id_and_then_given_up_for_all_to_see(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    await deliver(desk)
    hooked.status = 500
    await happen(desk)
    begun = desk.clock.now()
    await deliver(desk)
    waits = await let_time_pass(desk)
    steps = desk.desk.webhooks.rules.retry_after
    assert len(waits) == len(steps)
    for wait, step in zip(waits, steps, strict=True):
        assert step * 0.9 <= wait <= step
    assert timedelta(hours=60) < desk.clock.now() - begun <= timedelta(days=3)
    assert len(set(hooked.ids[1:])) == 1
    assert len(hooked.told) == 1 + len(steps)
    assert len({headers["webhook-timestamp"] for headers in hooked.got}) > len(steps)
    assert await states(desk) == ["GIVEN_UP"]
    for seen in (await partner.read(f"/{made['id']}"), await desk.get(f"{ALL}/{made['id']}", "admin")):
        assert seen["deliveries"]["given_up"] == 1
        assert (seen["last_cause"], seen["status"]) == ("HTTP_500", "ENABLED")
        assert seen["failing_since"] is not None
    desk.clock.advance(timedelta(days=30))
    await deliver(desk)
    assert len(hooked.told) == 1 + len(steps)


async def test_a_receiver_that_asks_for_time_gets_it_but_never_more_than_the_three_days(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    hooked.status, hooked.headers = 503, {"retry-after": "3600"}
    await partner.made(hooked.url)
    await deliver(desk)
    waits = await let_time_pass(desk)
    assert waits[0] == timedelta(hours=1)
    hooked.headers = {"retry-after": "99999999"}
    await happen(desk)
    begun = desk.clock.now()
    await deliver(desk)
    assert await let_time_pass(desk) == [timedelta(days=1)] * 3
    assert desk.clock.now() - begun == timedelta(days=3)
    assert await states(desk) == ["GIVEN_UP"]


async def test_an_endpoint_that_says_it_is_gone_is_disabled_at_once_and_keeps_its_queue(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    await deliver(desk)
    hooked.status = 410
    await happen(desk, "2026-09-28")
    await deliver(desk)
    await happen(desk, "2026-10-26")
    await deliver(desk)
    seen = await partner.read(f"/{made['id']}")
    assert (seen["status"], seen["reason"]) == ("DISABLED", "GONE")
    assert await states(desk) == ["WAITING", "WAITING"]
    assert len(hooked.told) == 1
    hooked.status = 204
    await partner.done(f"/{made['id']}/enable")
    await deliver(desk)
    assert await states(desk) == ["DELIVERED", "DELIVERED"]
    assert hooked.ids[1] == hooked.ids[2]


async def test_an_endpoint_that_has_failed_for_days_and_again_is_disabled_and_one_good_answer_forgives_all(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    await deliver(desk)
    for turn in range(2):
        hooked.status = 500
        await happen(desk)
        await deliver(desk)
        await let_time_pass(desk)
        assert (await partner.read(f"/{made['id']}"))["status"] == "ENABLED"
        if turn == 0:
            hooked.status = 200
            await partner.done(f"/{made['id']}/ping", status=202)
            await deliver(desk)
            assert (await partner.read(f"/{made['id']}"))["failures"] == 0
    desk.clock.advance(timedelta(days=3))
    await happen(desk)
    await deliver(desk)
    await let_time_pass(desk)
    seen = await partner.read(f"/{made['id']}")
    assert (seen["status"], seen["reason"], seen["failures"]) == ("DISABLED", "FAILING", 15)
    assert await states(desk) == ["GIVEN_UP", "GIVEN_UP", "WAITING"]
    audited = await desk.rows("select subject, details from audit where action = 'notifier.subscription.manage'")
    assert [(row["subject"], json.loads(row["details"])["reason"]) for row in audited] == [
        ("system:notifier", "FAILING")
    ]


async def test_what_waits_is_kept_for_thirty_days_and_what_is_over_for_ninety(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    await partner.done(f"/{made['id']}/disable")
    await happen(desk)
    desk.clock.advance(timedelta(days=29))
    await telling.clear_away(desk.parts)
    assert await states(desk) == ["WAITING"]
    desk.clock.advance(timedelta(days=2))
    await telling.clear_away(desk.parts)
    assert await states(desk) == ["GIVEN_UP"]
    desk.clock.advance(timedelta(days=91))
    await telling.clear_away(desk.parts)
    assert await states(desk) == []


# -- replay ------------------------------------------------------------------------------------------------------------


async def test_one_delivery_or_all_since_a_time_are_sent_again_with_their_ids(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    for day in ("2026-08-03", "2026-08-31", "2026-09-28"):
        await happen(desk, day)
        await deliver(desk)
        await deliver(desk)
        desk.clock.advance(timedelta(hours=1))
    path = f"/{made['id']}"
    newest, *_ = (await partner.read(f"{path}/deliveries"))["items"]
    await partner.done(f"{path}/deliveries/{newest['id']}/replay", status=202)
    assert (await partner.call("POST", f"{path}/deliveries/{newest['id']}/replay")).status_code == 409
    await deliver(desk)
    assert [body["data"]["id"] for body in hooked.told] == ["2026-08-03", "2026-08-31", "2026-09-28", "2026-09-28"]
    assert hooked.ids[-1] == hooked.ids[-2] == newest["id"]
    since = (desk.clock.now() - timedelta(hours=2, minutes=30)).isoformat()
    assert await partner.done(f"{path}/replay", {"since": since}, 202) == {"count": 2}
    await deliver(desk)
    await deliver(desk)
    assert sorted(body["data"]["id"] for body in hooked.told[4:]) == ["2026-08-31", "2026-09-28"]
    for wrong in ((desk.clock.now() + timedelta(hours=1)).isoformat(), "2020-01-01T00:00:00Z"):
        refused = await partner.call("POST", f"{path}/replay", {"since": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "since")
    await partner.done(f"{path}/disable")
    assert (await partner.call("POST", f"{path}/replay", {"since": since})).status_code == 409


# -- nobody is held up -------------------------------------------------------------------------------------------------


async def test_an_endpoint_that_hangs_holds_up_no_other_and_no_page(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    async with receiver() as slow:
        slow.hang = True
        for number in range(5):
            await partner.made(f"{slow.url}/{number}")
        await Partner(desk, "0192:310000015").made(hooked.url)
        await happen(desk)
        sender = WebhookSender(desk.parts)
        running = asyncio.create_task(sender.run())
        try:
            async with asyncio.timeout(5):
                while len(hooked.told) < 1 or len(slow.got) < 5:
                    await asyncio.sleep(0.02)
            await desk.hear(escalation())
            async with asyncio.timeout(2):
                await desk.send()
            page = (await desk.pages())[0]
            assert {attempt["state"] for attempt in page["attempts"]} <= {"SUBMITTED", "DELIVERED"}
            assert len(slow.got) == 5, "each is tried with one delivery at a time"
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        held = await desk.rows("select count(*) as n from webhook_deliveries where state = 'LEASED'")
        assert held == [{"n": 5}]
        slow.hang = False
        desk.clock.advance(timedelta(seconds=61))
        await deliver(desk)
        assert len(slow.told) == 5


async def test_a_try_that_outlasts_its_lease_changes_nothing_when_it_comes_back(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    await partner.made(hooked.url)
    (late,) = await telling.lease_due(desk.parts, (), 10)
    desk.clock.advance(timedelta(seconds=61))
    await deliver(desk)
    await telling.settle(desk.parts, late, telling.Told("HTTP_500", 500))
    assert [row["state"] for row in await desk.rows("select state from webhook_deliveries")] == ["DELIVERED"]


async def test_what_is_deleted_while_it_is_being_tried_is_gone(
    desk: TestDesk, partner: Partner, hooked: Receiver
) -> None:
    made = await partner.made(hooked.url)
    (leased,) = await telling.lease_due(desk.parts, (), 10)
    assert (await partner.call("DELETE", f"/{made['id']}")).status_code == 204
    told = await telling.attempt(desk.parts, leased)
    await telling.settle(desk.parts, leased, told)
    assert hooked.got == []
    for table in ("webhook_subscriptions", "webhook_secrets", "webhook_deliveries"):
        assert await desk.rows(f"select id from {table}") == []
    assert (await partner.call("GET", f"/{made['id']}")).status_code == 404


async def test_where_this_machine_may_not_be_reached_any_more_what_was_registered_is_not_either(
    desk: TestDesk, partner: Partner, hooked: Receiver, tmp_path: Path
) -> None:
    made = await partner.made(hooked.url)
    desk.parts.settings.webhook_loopback = False
    await deliver(desk)
    assert hooked.got == []
    assert (await partner.read(f"/{made['id']}"))["last_cause"] == "ADDRESS_NOT_ALLOWED"
    assert settings_at(tmp_path).webhook_loopback is False
