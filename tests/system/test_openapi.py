"""schemathesis looks for a request that a service answers wrongly: a 500, an undocumented status, a broken body."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from bench import systems
from tests.system.story import Story

SERVICES = ("registry", "meetings", "threat-watch", "notifier")
USERS = ("analyst", "registrar", "dialogue.leader", "duty.officer", "source.handler", "admin")
PARTNER = ("0192:312345676", "forkant:situation.read", "forkant:subscriptions.write")
LIMITS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
#: All that can be said of one answer. Not among them: that what is valid on paper is accepted, for a schema cannot say
#: that two fields exclude one another or that an id exists; and checks that need a series of requests.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with systems.embedded() as system:
        told = Story(system.url)
        yield told
        told.close()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_as_its_document_says(story: Story, service: str) -> None:
    schema = schemathesis.openapi.from_url(f"{str(story.client.base_url).rstrip('/')}/{service}/openapi.json")
    turn = itertools.cycle(USERS)
    wanted = [schemathesis.checks.CHECKS.get_one(name) for name in CHECKS]
    wrong: list[str] = []
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith(("/stream", "/feed")):
            continue  # a stream has no end, and so no answer to check
        tried += 1

        @LIMITS
        @given(case=operation.as_strategy())
        def search(case: Any) -> None:
            # One demo user after another, so that permissions hide no path from the search.
            partner = "/partner/" in case.operation.path
            who = story.as_organisation(*PARTNER) if partner else story.as_user(next(turn))
            case.call_and_validate(checks=wanted, headers=who, timeout=30)

        try:
            search()
        except Exception as error:
            wrong.append(f"{operation.label}: {_told(error)}")
    assert tried > 5
    assert not wrong, "\n\n".join(wrong)


def _told(error: BaseException) -> str:
    inner = getattr(error, "exceptions", None)
    return " | ".join(_told(one) for one in inner) if inner else str(error)[:1500]
