"""What is missing is asked for: a question, an owner, a deadline, the report that answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forkant_threat_watch.commands import due
from tests.threat_watch.followed import Followed
from tests.threat_watch.test_measures_api import causes


def question(threat: Followed, **changes: Any) -> dict[str, Any]:
    body = {"about": "NO_CAPABILITY", "question": "Har de våpen?", "owner": "analyst", "due_at": threat.hence(days=2)}
    return body | changes


async def asked(threat: Followed, **changes: Any) -> dict[str, Any]:
    await threat.get("requests")
    answer = await threat.post("requests", question(threat, **changes), "analyst")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_what_the_explanation_lists_as_missing_is_asked_for_and_answered_with_a_report(
    followed_on_both: Followed,
) -> None:
    assert "NO_CAPABILITY" in (await followed_on_both.served.threat(followed_on_both.id))["missing"]
    one = await asked(followed_on_both)
    assert (one["overdue"], one["outcome"], one["asked_by"]) == (False, None, "analyst")
    report = followed_on_both.patrols
    answered = await followed_on_both.post(f"requests/{one['id']}/answer", {"report": report}, "source.handler")
    assert answered.status_code == 201, answered.text
    (found,) = (await followed_on_both.get("requests"))["items"]
    assert (found["outcome"], found["ended_by"]) == ("ANSWERED", "source.handler")
    assert found["report"].startswith("R-")
    # Who may not read reports sees that it was answered, not by which.
    (found,) = (await followed_on_both.get("requests", "dialogue.officer"))["items"]
    assert (found["outcome"], found["report"]) == ("ANSWERED", None)
    assert (await followed_on_both.whats())[:2] == ["request-ended", "request-asked"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"about": "NO_INTENT"}, "about"),
        ({"question": "  "}, "question"),
        ({"owner": "nobody"}, "owner"),
        ({"due_at": "2020-01-01T12:00:00+01:00"}, "due_at"),
        ({"due_at": "2099-01-01T12:00:00+01:00"}, "due_at"),
    ],
)
async def test_a_question_that_is_wrong_is_refused_with_its_field(
    followed: Followed, changes: dict[str, Any], field: str
) -> None:
    await followed.get("requests")
    refused = await followed.post("requests", question(followed, **changes), "analyst")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


async def test_something_that_no_explanation_lists_can_be_asked_for_too(followed: Followed) -> None:
    assert (await asked(followed, about="OTHER"))["about"] == "OTHER"


async def test_an_overdue_question_is_shown_and_asked_about_until_it_is_answered(followed_on_both: Followed) -> None:
    one = await asked(followed_on_both)
    followed_on_both.served.forward(hours=49)
    await due.let_time_speak(followed_on_both.served.app.state.parts)
    assert (await followed_on_both.get("requests"))["items"][0]["overdue"] is True
    assert "request-overdue" in await causes(followed_on_both)
    told = await followed_on_both.post(f"requests/{one['id']}/answer", {"note": "Ingen vet."}, "analyst")
    assert told.json()["outcome"] == "UNKNOWN"
    assert "request-overdue" not in await causes(followed_on_both)


@pytest.mark.parametrize("body", [{}, {"report": "R-2020-000001"}, {"report": "01a20000-0000-7000-8000-000000000000"}])
async def test_neither_a_report_nor_a_note_or_a_report_that_is_not_there_answers_nothing(
    followed: Followed, body: dict[str, Any]
) -> None:
    one = await asked(followed)
    refused = await followed.post(f"requests/{one['id']}/answer", body, "analyst")
    assert refused.status_code in (404, 422)
    assert (await followed.get("requests"))["items"][0]["outcome"] is None


async def test_a_report_one_may_not_read_answers_only_where_one_sent_it(followed: Followed) -> None:
    one = await asked(followed)
    path = f"requests/{one['id']}/answer"
    assert (await followed.post(path, {"report": followed.handlers}, "dialogue.officer")).status_code == 404
    own = await followed.served.report(channel="STAFF", origin="M1", role="dialogue.officer")
    assert (await followed.post(path, {"report": own.json()["id"]}, "dialogue.officer")).status_code == 201


async def test_of_two_who_answer_at_once_one_is_told(followed_on_both: Followed) -> None:
    one = await asked(followed_on_both)
    version = {"headers": {"If-Match": f'"{one["version"]}"'}}
    answers = await asyncio.gather(
        *(followed_on_both.post(f"requests/{one['id']}/answer", {"note": str(n)}, **version) for n in range(3))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201 and set(codes[1:]) <= {409, 412}


async def test_withdrawing_has_a_reason_and_closing_withdraws_what_is_left(followed: Followed) -> None:
    one, other = await asked(followed), await asked(followed, about="OTHER")
    assert (await followed.post(f"requests/{one['id']}/withdrawal", {"reason": " "})).status_code == 422
    assert (
        await followed.post(f"requests/{one['id']}/withdrawal", {"reason": "Vet det."}, "operations")
    ).status_code == 403
    assert (await followed.post(f"requests/{one['id']}/withdrawal", {"reason": "Vet det."})).status_code == 201
    assert (await followed.post("closure", {"reason": "Over."})).status_code == 201
    found = {item["id"]: item["outcome"] for item in (await followed.get("requests"))["items"]}
    assert found == {one["id"]: "WITHDRAWN", other["id"]: "WITHDRAWN"}
