"""Whatever endpoints answer, a delivery ends within three days, and a subscription is enabled or says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_notifier.domain.webhook_rules import read_webhook_rules
from forkant_notifier.domain.webhooks import (
    Delivery,
    DeliveryState,
    Disabled,
    Told,
    WebhookSubscription,
    after_try,
    again,
    disable,
    enable,
    settled,
)
from forkant_notifier.settings import webhook_document
from forkant_shared.errors import Conflict

RULES = read_webhook_rules(webhook_document())
BEGUN = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
SUBSCRIPTION = WebhookSubscription("s", "0192:1", "https://hooks.partner.no/", ("situation-updated",), BEGUN, "0192:1")
DELIVERY = Delivery("d", "s", "situation-updated", "2026-09-28", BEGUN, BEGUN, BEGUN, BEGUN)
OVER = (DeliveryState.DELIVERED, DeliveryState.GIVEN_UP)

answers = st.one_of(
    st.just(Told(status=204)),
    st.builds(
        lambda status, after: Told(f"HTTP_{status}", status, after),
        st.sampled_from([301, 400, 404, 429, 500, 503]),
        st.none() | st.timedeltas(timedelta(), timedelta(days=900)),
    ),
    st.just(Told("TIMEOUT")),
)
#: How late the sender comes after something fell due: it may have been down.
delays = st.timedeltas(timedelta(), timedelta(days=5))


@given(st.lists(st.tuples(answers, st.floats(0, 1), delays), min_size=20, max_size=20))
def test_a_delivery_is_tried_at_growing_intervals_and_over_after_ten_tries_or_three_days(
    tries: list[tuple[Told, float, timedelta]],
) -> None:
    found, now = DELIVERY, BEGUN
    for told, share, late in tries:
        assert found.due_at is not None
        assert found.due_at - BEGUN <= RULES.give_up_after
        now = max(now, found.due_at) + late
        before, found = found, settled(found, told, RULES, now, share=share, enabled=True)
        assert found.tries == before.tries + 1
        assert (found.id, found.begun_at, found.lease_id) == (DELIVERY.id, BEGUN, None)
        assert (found.cause is None) == told.taken
        if found.state in OVER:
            assert (found.done_at, found.due_at) == (now, None)
            assert (found.state is DeliveryState.DELIVERED) == told.taken
            break
        assert found.due_at is not None
        step = RULES.retry_after[found.tries - 1]
        assert found.due_at >= min(now + step * (1 - RULES.jitter), BEGUN + RULES.give_up_after)
    assert found.state in OVER
    assert found.tries <= len(RULES.retry_after) + 1


@given(st.lists(st.tuples(st.sampled_from(["try", "stop", "start"]), answers, delays, st.booleans()), max_size=60))
def test_whatever_happens_a_subscription_is_enabled_or_says_why_and_one_good_answer_forgives(
    acts: list[tuple[str, Told, timedelta, bool]],
) -> None:
    found, now = SUBSCRIPTION, BEGUN
    for act, told, late, administrator in acts:
        now += late
        before = found
        if act == "try":
            found = after_try(found, told, RULES, now)
            assert (found.failures == 0) == told.taken == (found.failing_since is None)
            if before.enabled and not found.enabled:
                assert found.disabled is Disabled.FAILING
                assert found.failing_since is not None
                assert now - found.failing_since >= RULES.disable_after
                assert found.failures >= RULES.disable_after_failures
        elif act == "stop" and found.enabled:
            found = disable(found, Disabled.ADMINISTRATOR if administrator else Disabled.OWNER, now)
        elif act == "start" and not found.enabled:
            if found.disabled is Disabled.ADMINISTRATOR and not administrator:
                with pytest.raises(Conflict):
                    enable(found, administrator=False)
                continue
            found = enable(found, administrator=administrator)
            assert (found.failures, found.failing_since) == (0, None)
        assert (found.disabled is None) == (found.disabled_at is None)
    assert (found.id, found.organisation, found.url, found.types) == (
        SUBSCRIPTION.id,
        SUBSCRIPTION.organisation,
        SUBSCRIPTION.url,
        SUBSCRIPTION.types,
    )


def test_gone_disables_only_what_is_enabled_and_waits_for_nobody() -> None:
    gone = after_try(SUBSCRIPTION, Told("HTTP_410", 410), RULES, BEGUN)
    assert gone.disabled is Disabled.GONE
    stopped = disable(SUBSCRIPTION, Disabled.OWNER, BEGUN)
    assert after_try(stopped, Told("HTTP_410", 410), RULES, BEGUN).disabled is Disabled.OWNER
    with pytest.raises(Conflict):
        disable(stopped, Disabled.ADMINISTRATOR, BEGUN)
    with pytest.raises(Conflict):
        enable(SUBSCRIPTION, administrator=True)


def test_one_that_failed_for_long_but_seldom_stays_enabled_and_so_does_one_that_failed_often_but_briefly() -> None:
    since, most = BEGUN - RULES.disable_after, RULES.disable_after_failures
    failed = Told("HTTP_500", 500)
    seldom = replace(SUBSCRIPTION, failing_since=since, failures=most - 2)
    assert after_try(seldom, failed, RULES, BEGUN).enabled
    assert not after_try(replace(seldom, failures=most - 1), failed, RULES, BEGUN).enabled
    briefly = replace(SUBSCRIPTION, failing_since=since + timedelta(seconds=1), failures=most * 3)
    assert after_try(briefly, failed, RULES, BEGUN).enabled


@pytest.mark.parametrize("state", [DeliveryState.DUE, DeliveryState.LEASED, DeliveryState.WAITING])
def test_what_is_not_over_is_not_sent_again(state: DeliveryState) -> None:
    with pytest.raises(Conflict):
        again(replace(DELIVERY, state=state), BEGUN)


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_begins_anew_with_the_same_id(state: DeliveryState) -> None:
    now = BEGUN + timedelta(days=40)
    found = again(replace(DELIVERY, state=state, tries=10, due_at=None, done_at=BEGUN, cause="TIMEOUT"), now)
    assert (found.id, found.state, found.tries, found.due_at, found.begun_at) == ("d", DeliveryState.DUE, 0, now, now)
    assert (found.done_at, found.cause) == (None, None)
