"""schemathesis looks for a request that a service answers wrongly: a 500, an undocumented status, a broken body."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from bench import systems
from tests.system.story import Story

USERS = ("analyst", "registrar", "dialogue.leader", "duty.officer", "source.handler", "admin")
LIMITS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with systems.embedded() as system:
        told = Story(system.url)
        yield told
        told.close()


_turn = itertools.cycle(USERS)


def _check(case: Any, story: Story) -> None:
    """Call as one demo user after another, so that permissions hide no path from the search."""
    case.call_and_validate(headers=story.as_user(next(_turn)), timeout=30)


def _schema(story: Story, service: str) -> Any:
    found = schemathesis.openapi.from_url(f"{story.client.base_url}/{service}/openapi.json")
    # A stream has no end, and so no answer to check.
    return found.exclude(path_regex="/(stream|events|feed)$")


@pytest.fixture(scope="module")
def registry(story: Story) -> Any:
    return _schema(story, "registry")


@pytest.fixture(scope="module")
def meetings(story: Story) -> Any:
    return _schema(story, "meetings")


@pytest.fixture(scope="module")
def threat_watch(story: Story) -> Any:
    return _schema(story, "threat-watch")


@pytest.fixture(scope="module")
def notifier(story: Story) -> Any:
    return _schema(story, "notifier")


@schemathesis.pytest.from_fixture("registry").parametrize()
@LIMITS
def test_registry_answers_as_its_document_says(case: Any, story: Story) -> None:
    _check(case, story)


@schemathesis.pytest.from_fixture("meetings").parametrize()
@LIMITS
def test_meetings_answers_as_its_document_says(case: Any, story: Story) -> None:
    _check(case, story)


@schemathesis.pytest.from_fixture("threat_watch").parametrize()
@LIMITS
def test_threat_watch_answers_as_its_document_says(case: Any, story: Story) -> None:
    _check(case, story)


@schemathesis.pytest.from_fixture("notifier").parametrize()
@LIMITS
def test_notifier_answers_as_its_document_says(case: Any, story: Story) -> None:
    _check(case, story)
