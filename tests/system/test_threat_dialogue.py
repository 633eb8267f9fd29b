"""A threat dialogue waits for two signatures in another service, and for as long as they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import systems
from tests.system.followup import Followup
from tests.system.story import Story


@pytest.fixture
def followup() -> Iterator[Followup]:
    with systems.embedded() as system:
        story = Story(system.url)
        yield Followup(story, "Granmo")
        story.close()


def test_meetings_confirms_a_threat_dialogue_only_while_it_is_cleared(followup: Followup) -> None:
    meeting = followup.meeting()
    refused = followup.confirm(meeting)
    assert refused.status_code == 409
    assert "checks.DIALOGUE_CLEARED" in [error["field"] for error in refused.json()["errors"]]
    followup.clear()
    followup.story.wait(lambda: followup.confirm(meeting).status_code == 200)
    # The handler learns that it cannot be said after all.
    followup.answer(1, "NO")
    followup.story.wait(lambda: followup.state(meeting) == ("PLANNED", "DIALOGUE_CLEARED"))
    assert followup.confirm(meeting).status_code == 409
