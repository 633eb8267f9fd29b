"""A threat with other values is another threat."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from forkant_threat_watch.domain.threat import Threat, changed
from forkant_threat_watch.domain.words import Level, State

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
THREAT = Threat("t", NOW, state=State.ASSESSED, level=Level.HIGH, index=0.7, version=3)


def test_a_changed_threat_is_what_replacing_makes_of_it_and_the_old_one_stays() -> None:
    assert changed(THREAT) == THREAT and changed(THREAT) is not THREAT
    assert changed(THREAT, index=0.2, due_at=NOW) == replace(THREAT, index=0.2, due_at=NOW)
    assert (THREAT.index, THREAT.due_at) == (0.7, None)


def test_a_changed_threat_is_not_written_in_and_has_no_field_of_its_own() -> None:
    with pytest.raises(FrozenInstanceError):
        changed(THREAT, index=0.2).index = 0.3  # type: ignore[misc]
    with pytest.raises(KeyError):
        changed(THREAT, mood="good")
