"""Whatever goes wrong leaves as a problem that names field and remedy, and never the value sent or a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared import testing
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from tests.shared.support.app import KINDS, SECRET, Settings, create_app
from tests.shared.support.tables import make_tables

STATUSES = {
    "ForkantError": 500,
    "Invalid": 422,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "Stale": 412,
    "TooLarge": 413,
    "Unavailable": 503,
}


@pytest.fixture
async def client(sqlite_url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(mode="embedded", database_url=make_tables(sqlite_url))
    bus = EmbeddedBus()
    async with testing.running(create_app(settings, bus=bus, clock=SystemClock())) as opened:
        yield opened
    await bus.close()


def _problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert set(found) == {"type", "title", "status", "detail", "errors"}
    assert found["status"] == status
    assert found["type"].startswith("urn:forkant:problem:")
    assert SECRET not in answer.text
    return found


def test_every_kind_of_error_has_its_row_here() -> None:
    assert set(KINDS) == set(STATUSES)


@pytest.mark.parametrize("kind", STATUSES)
async def test_the_kind_decides_the_status(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/kit/v1/errors/{kind}")
    found = _problem(answer, STATUSES[kind])
    assert found["detail"] == "This is why."
    assert found["errors"] == [{"field": "grading.source", "message": "This is why.", "remedy": "Do that."}]
    assert answer.headers.get("www-authenticate") == ("Bearer" if kind == "Unauthenticated" else None)
    assert answer.headers.get("retry-after") == ("5" if kind == "Unavailable" else None)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a missing field": ({}, "name"),
    "an unknown field": ({"name": "a", "nmae": SECRET}, "nmae"),
    "a wrong type": ({"name": 7}, "name"),
    "a number as text": ({"name": "a", "count": "7"}, "count"),
    "a truth as number": ({"name": "a", "count": True}, "count"),
    "a value outside its range": ({"name": "a", "count": -1}, "count"),
    "an unknown code": ({"name": "a", "level": SECRET}, "level"),
    "too long a text": ({"name": SECRET.lower() * 9}, "name"),
    "a text of another pattern": ({"name": SECRET}, "name"),
    "no time": ({"name": "a", "at": SECRET}, "at"),
    "a time without offset": ({"name": "a", "at": "2026-11-20T21:15:00"}, "at"),
    "an unknown tag": ({"name": "a", "pet": {"kind": SECRET}}, "pet"),
    "a wrong field inside": ({"name": "a", "pet": {"kind": "DOG", "age": SECRET}}, "pet.DOG.age"),
    "a wrong field in a list": ({"name": "a", "inner": [{"kind": "CAT", "name": 7}]}, "inner.0.name"),
    "an object where a list stands": ({"name": "a", "inner": {"kind": SECRET}}, "inner"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_field_is_named_with_a_remedy_and_its_value_is_not_repeated(
    client: httpx.AsyncClient, wrong: str
) -> None:
    body, field = WRONG[wrong]
    found = _problem(await client.post("/kit/v1/wishes", json=body), 422)
    assert [entry["field"] for entry in found["errors"]] == [field]
    assert all(entry["remedy"] and entry["message"] for entry in found["errors"])
    assert field in found["detail"]
    assert SECRET.lower() not in str(found).lower()


@pytest.mark.parametrize(
    ("content", "kind", "statuses"),
    [
        (b"{", "application/json", {422}),
        (b"", "application/json", {422}),
        (b"\xff\xfe", "application/json", {400, 422}),
        (b"[" * 100_000, "application/json", {400, 422}),
        (b"[]", "application/json", {422}),
        (b"null", "application/json", {422}),
        (b'{"name": "a"}', "text/plain", {415, 422}),
        (b'{"name": "\\ud800"}', "application/json", {422}),
        (b'{"name": "a", "count": 1e999}', "application/json", {422}),
        (b'{"name": "a", "count": NaN}', "application/json", {400, 422}),
        (b'{"name": "' + b"a" * 3_000_000 + b'"}', "application/json", {413}),
    ],
    ids=["half", "nothing", "no text", "deep", "list", "null", "no JSON type", "surrogate", "huge", "NaN", "too large"],
)
async def test_a_body_that_is_none_is_a_problem_and_no_bug(
    client: httpx.AsyncClient, content: bytes, kind: str, statuses: set[int]
) -> None:
    answer = await client.post("/kit/v1/wishes", content=content, headers={"content-type": kind})
    assert answer.status_code in statuses, answer.text
    _problem(answer, answer.status_code)


async def test_a_wrong_query_is_named(client: httpx.AsyncClient) -> None:
    found = _problem(await client.get("/kit/v1/wishes", params={"limit": SECRET, "since": SECRET}), 422)
    assert [entry["field"] for entry in found["errors"]] == ["limit", "since"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/kit/v1/nothing", 404), ("PUT", "/kit/v1/wishes", 405)]
)
async def test_a_path_nobody_has_is_a_problem(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    _problem(await client.request(method, path), status)


async def test_a_bug_answers_without_a_trace(client: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = await client.get("/kit/v1/bugs")
    found = _problem(answer, 500)
    assert found["errors"] == []
    assert "Traceback" not in answer.text
    logged = capfd.readouterr()
    assert "request-bug" in logged.err
    assert answer.headers["x-correlation-id"]
    assert answer.headers["x-correlation-id"] in logged.err
    assert SECRET not in logged.err + logged.out


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": "Basic eDp4"},
        {"authorization": f"Bearer {SECRET}"},
        {"cookie": f"__Host-forkant={SECRET}"},
    ],
)
async def test_who_is_not_signed_in_is_told_how(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    answer = await client.get("/kit/v1/me", headers=header)
    found = _problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert found["errors"][0]["field"] == "Authorization"
    assert found["errors"][0]["remedy"]


async def test_who_is_signed_in_is_known(client: httpx.AsyncClient) -> None:
    answer = await client.get("/kit/v1/me", headers=testing.bearer(testing.token("analyst")))
    assert answer.json() == {"subject": "analyst"}


async def test_the_problems_stand_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/kit/openapi.json")).json()
    schemas = document["components"]["schemas"]
    assert "Problem" in schemas
    assert "HTTPValidationError" not in schemas
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = operation["responses"]["422"]["content"]
            assert list(shown) == ["application/problem+json"], f"{method} {path} promises another 422"
