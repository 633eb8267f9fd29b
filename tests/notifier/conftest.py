"""Fixtures of the notifier's tests; nobody imports from here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from forkant_shared.testing import FixedClock
from tests.notifier.support.browser import Browser
from tests.notifier.support.desk import TestDesk, standing
from tests.notifier.support.people import MONDAY


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[TestDesk]:
    """A notifier with the demo's rota and fake phones; nothing moves unless the test moves it."""
    async with standing(tmp_path, clock) as found:
        yield found


@pytest.fixture
async def browser(desk: TestDesk) -> AsyncIterator[Browser]:
    found = Browser(desk)
    await found.log_in("duty.officer")
    yield found
    await found.client.aclose()
