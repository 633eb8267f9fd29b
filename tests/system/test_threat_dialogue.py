"""A threat dialogue waits for two signatures in another service, and for as long as they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import systems
from tests.system.followup import Followup
from tests.system.story import Story


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.connected)])
def followup(request: pytest.FixtureRequest) -> Iterator[Followup]:
    if request.param == "full":
        request.getfixturevalue("kafka_server")
        request.getfixturevalue("postgres_server")
    start = systems.embedded if request.param == "embedded" else systems.full
    with start() as system:
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


def test_a_dialogue_that_was_held_moves_the_threat_and_says_why(followup: Followup) -> None:
    meeting = followup.meeting()
    followup.clear()
    followup.story.wait(lambda: followup.confirm(meeting).status_code == 200)
    assert followup.story.threat(followup.threat)["state"] == "ESCALATED"
    followup.hold(meeting)
    followup.story.wait(lambda: followup.story.threat(followup.threat)["state"] == "IN_DIALOGUE")
    told = followup.done("GET", "timeline", None, "analyst")["items"]
    assert [item["codes"] for item in told if item["what"] == "dialogue-held"] == [
        {"meeting": meeting, "state": "IN_DIALOGUE"}
    ]
