"""The API's refusals, each naming the field and the remedy and changing nothing, and what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from forkant_shared import audit
from tests.notifier.support.desk import THREAT, TestDesk

NOBODY = "00000000-0000-7000-8000-00000000dead"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/notifier/v1/pages", None),
        ("GET", f"/notifier/v1/pages/{NOBODY}", None),
        ("POST", f"/notifier/v1/pages/{NOBODY}/accept", {"answer": "ACCEPT"}),
        ("POST", f"/notifier/v1/pages/{NOBODY}/working", None),
        ("POST", f"/notifier/v1/pages/{NOBODY}/notes", {"note": "x"}),
        ("POST", f"/notifier/v1/pages/{NOBODY}/close", {"cause": "HANDLED"}),
        ("GET", "/notifier/v1/duty", None),
        ("POST", "/notifier/v1/duty/overrides", {"tier": 1}),
        ("GET", "/notifier/v1/status", None),
    ],
)
async def test_without_a_token_401_and_without_the_right_403(
    desk: TestDesk, method: str, path: str, body: dict[str, Any] | None
) -> None:
    for headers, status in (({}, 401), ({"Authorization": "Bearer x.y.z"}, 401), (desk.as_user("registrar"), 403)):
        answer = await desk.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("accept", {"answer": "PERHAPS"}, "answer"),
        ("accept", {"answer": "ACCEPT", "by": "me"}, "by"),
        ("accept", {}, "answer"),
        ("accept", {"answer": 1}, "answer"),
        ("close", {"cause": "REPLACED"}, "cause"),
        ("notes", {"note": ""}, "note"),
        ("notes", {"note": "x" * 1001}, "note"),
    ],
)
async def test_a_wrong_body_names_the_field_and_changes_nothing(
    desk: TestDesk, path: str, body: dict[str, Any], field: str
) -> None:
    page = await desk.opened()
    answer = await desk.client.post(
        f"/notifier/v1/pages/{page['id']}/{path}", json=body, headers=desk.as_user("duty.officer")
    )
    assert answer.status_code == 422
    problem = answer.json()["errors"][0]
    assert problem["field"] == field
    assert problem["remedy"]
    assert (await desk.pages())[0]["state"] == "OPEN"


async def test_what_does_not_exist_is_404_and_no_id_is_422(desk: TestDesk) -> None:
    who = desk.as_user("duty.officer")
    body = {"answer": "ACCEPT"}
    missing = await desk.client.post(f"/notifier/v1/pages/{NOBODY}/accept", json=body, headers=who)
    assert missing.status_code == 404
    for path in ("/notifier/v1/pages/x", "/notifier/v1/pages?threat=x", "/notifier/v1/pages?limit=101"):
        assert (await desk.client.get(path, headers=who)).status_code == 422


async def test_a_closed_page_cannot_be_answered_and_closing_again_changes_nothing(desk: TestDesk) -> None:
    page = await desk.opened()
    who = desk.as_user("duty.leader")
    address = f"/notifier/v1/pages/{page['id']}"
    closed = await desk.client.post(f"{address}/close", json={"cause": "FALSE_ALARM"}, headers=who)
    assert closed.json()["state"] == "CLOSED"
    again = await desk.client.post(f"{address}/close", json={"cause": "HANDLED"}, headers=who)
    assert again.json()["closed_at"] == closed.json()["closed_at"]
    for path, body in (("accept", {"answer": "ACCEPT"}), ("working", None), ("notes", {"note": "x"})):
        assert (await desk.client.post(f"{address}/{path}", json=body, headers=who)).status_code == 409


async def test_the_list_has_the_fields_of_the_contract(desk: TestDesk) -> None:
    page = await desk.opened()
    assert {"id", "code", "lane", "state", "tier", "created_at", "accepted_at", "accepted_by", "attempts"} <= set(page)
    attempt = page["attempts"][0]
    assert set(attempt) == {"id", "channel", "to_user", "state", "due_at", "submitted_at", "receipt_at"}
    assert attempt["to_user"] == "duty.officer"
    await desk.opened()
    newest, oldest = await desk.pages()
    after = await desk.get(f"/notifier/v1/pages?threat={THREAT}&limit=1&after={newest['id']}")
    assert [found["id"] for found in after] == [oldest["id"]]
    assert await desk.get(f"/notifier/v1/pages?threat={NOBODY}") == []
    assert len(await desk.get("/notifier/v1/pages?state=RUNNING")) == 2


async def test_each_answer_by_api_does_what_it_says(desk: TestDesk) -> None:
    page = await desk.opened()
    address = f"/notifier/v1/pages/{page['id']}"

    async def say(answer: str, user: str) -> dict[str, Any]:
        given = await desk.client.post(f"{address}/accept", json={"answer": answer}, headers=desk.as_user(user))
        assert given.status_code == 200
        found: dict[str, Any] = given.json()
        return found

    assert (await say("STANDBY", "duty.officer"))["state"] == "OPEN"
    assert (await say("CANNOT", "duty.officer"))["tier"] == 2
    assert (await say("ACCEPT", "duty.deputy"))["accepted_by"] == "duty.deputy"
    kinds = [entry["kind"] for entry in (await desk.get(address))["timeline"]]
    assert kinds == ["OPENED", "RANG", "STANDBY", "CANNOT", "RANG", "ACCEPTED"]
    async with desk.parts.database.read() as session:
        assert await audit.verify(session) is None
        assert await audit.length(session) >= 3
