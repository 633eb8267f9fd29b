"""From when a policy is in force: which moments may be chosen, and what a clock that is moved makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.threat_watch.serving import Served
from tests.threat_watch.support.drafting import adopt, overview, settled, signed, with_weight
from tests.threat_watch.test_policy_adoption import threat_of


@pytest.mark.parametrize(
    "hence",
    [timedelta(seconds=-1), timedelta(), timedelta(seconds=3), timedelta(days=91), timedelta(days=365 * 900)],
)
async def test_a_moment_that_has_been_or_that_nobody_waits_for_is_refused(served: Served, hence: timedelta) -> None:
    await signed(served, with_weight(4.2))
    answer = await adopt(served, "2026-8", served.clock.now() + hence)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "from_at")
    assert answer.json()["errors"][0]["remedy"]


@pytest.mark.parametrize(
    ("now", "from_at"),
    [
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        (datetime(2026, 3, 29, 0, 10, tzinfo=UTC), "2026-03-29T03:30:00+02:00"),
    ],
)
async def test_the_moment_is_kept_on_the_nights_when_the_clock_is_moved(
    served: Served, now: datetime, from_at: str
) -> None:
    served.clock.set(now)
    await signed(served, with_weight(4.2))
    at = datetime.fromisoformat(from_at)
    assert (await adopt(served, "2026-8", at)).status_code == 201
    served.clock.set(at - timedelta(seconds=1))
    assert (await overview(served))["current"] == "2026-1"
    served.clock.set(at)
    assert (await overview(served))["current"] == "2026-8"


async def test_a_clock_that_jumps_ahead_or_back_changes_what_is_in_force_and_nothing_is_lost(served: Served) -> None:
    threat = await threat_of(served)
    await signed(served, with_weight(4.2))
    begun = served.clock.now()
    await adopt(served, "2026-8", begun + timedelta(hours=2))
    served.clock.set(begun + timedelta(hours=3))
    await settled(served)
    assert (await served.threat(threat["id"]))["policy_version"] == "2026-8"
    served.clock.set(begun + timedelta(hours=1))
    assert (await overview(served))["current"] == "2026-1"
    assert (await served.report()).status_code == 201
    served.clock.set(begun + timedelta(hours=3))
    await settled(served)
    assert (await overview(served))["current"] == "2026-8"
    assert (await served.threat(threat["id"]))["policy_version"] == "2026-8"
