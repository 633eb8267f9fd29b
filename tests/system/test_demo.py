"""What `make run` shows a newcomer: every room of the house has something true in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench import systems
from tests.system.story import Story


@pytest.fixture(scope="module")
def told() -> Iterator[Story]:
    with systems.embedded(demo=True) as system:
        story = Story(system.url)
        yield story
        story.close()


def read(told: Story, path: str, user: str = "analyst") -> Any:
    answer = told.client.get(path, headers=told.as_user(user))
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def test_threats_are_followed_up_by_named_people(told: Story) -> None:
    threats = read(told, "/threat-watch/v1/threats")["items"]
    assert {"LOW", "MODERATE"} < {threat["level"] for threat in threats}
    assert "UNDER_MEASURES" in {threat["state"] for threat in threats}
    first = max(threats, key=lambda threat: threat["index"])["id"]
    plan = read(told, f"/threat-watch/v1/threats/{first}/disclosure", "source.handler")
    assert plan["lines"] and not plan["clearances"]
    followed = read(told, f"/threat-watch/v1/threats/{first}/measures")
    assert len(followed["items"]) == 2 and followed["pressure"][0]["controls"] == 2
    assert read(told, f"/threat-watch/v1/threats/{first}/requests")["items"]
    factors = {factor["factor"] for factor in read(told, f"/threat-watch/v1/threats/{first}")["factors"]}
    assert {"GRIEVANCE", "INTENT", "RECONNAISSANCE", "BUFFER"} <= factors


@pytest.mark.parametrize(
    "path",
    [
        "/threat-watch/v1/triage",
        "/registry/v1/observations",
        "/registry/v1/conflicts",
        "/registry/v1/calendar-entries",
        "/registry/v1/judgements",
    ],
)
def test_no_list_is_empty(told: Story, path: str) -> None:
    assert read(told, path)["items"]


def test_the_picture_shows_the_climate_of_the_dialogues(told: Story) -> None:
    assert len(read(told, "/threat-watch/v1/situation", "duty.leader")["climate"]) == 2
