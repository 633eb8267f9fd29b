"""The call log, and reports that are not lost on their way to threat-watch."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from forkant_notifier.commands.calling import log_call, send_reports
from forkant_notifier.domain.call import CallWish
from forkant_shared.errors import Invalid
from forkant_shared.identity import Principal
from tests.notifier.support.desk import TestDesk
from tests.notifier.support.people import MONDAY

OFFICER = Principal("duty.officer", "Vakthavende", "PERSON", roles=frozenset({"duty.officer"}))
NOBODY = "00000000-0000-7000-8000-00000000dead"


class ThreatWatch(httpx.AsyncBaseTransport):
    """Answers for threat-watch (and for the notifier's own tokens) as it is told."""

    def __init__(self, status: int = 201) -> None:
        self.status = status
        self.got: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.url.path == "/auth/dev-token":
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        self.got.append(request)
        if self.status == 0:
            raise httpx.ConnectError("away")
        return httpx.Response(self.status, json={"id": NOBODY, "reference": "R-2026-000001", "threats": []})


def wish(**changed: Any) -> CallWish:
    given: dict[str, Any] = {
        "caller": "KNOWN",
        "what": "De skal ta ham i natt",
        "urgency": "NOW",
        "violence": True,
        "called_at": MONDAY,
    }
    return CallWish(**given | changed)


async def test_only_a_call_that_points_to_violence_becomes_a_report_without_the_caller(desk: TestDesk) -> None:
    peer = ThreatWatch()
    desk.parts.peers = peer
    await log_call(desk.parts, OFFICER, wish(violence=False, what="Vil snakke"))
    assert await send_reports(desk.parts) == 0
    await log_call(desk.parts, OFFICER, wish(threatened="Oppdiktet Navn"))
    assert await send_reports(desk.parts) == 1
    (request,) = peer.got
    body = json.loads(request.content)
    assert (body["channel"], body["exposure"], "grading" in body) == ("DUTY_PHONE", "NO", False)
    assert body["signals"][0]["imminence_hours"] == 24
    assert body["signals"][0]["target"] == {"kind": "NAME", "name": "Oppdiktet Navn"}
    assert request.headers["idempotency-key"]
    (job,) = await desk.rows("select body, report_id from report_jobs")
    assert json.loads(job["body"]) == {}
    assert await send_reports(desk.parts) == 0


@pytest.mark.parametrize("status", [0, 500, 503, 401, 403])
async def test_a_report_is_not_lost_when_threat_watch_is_away_and_keeps_its_key(desk: TestDesk, status: int) -> None:
    peer = ThreatWatch(status)
    desk.parts.peers = peer
    await log_call(desk.parts, OFFICER, wish())
    for _ in range(8):
        assert await send_reports(desk.parts) == 0
        desk.clock.advance(timedelta(seconds=60))
    assert (await desk.get("/notifier/v1/status"))["reports_waiting"] == 1
    peer.status = 200
    assert await send_reports(desk.parts) == 1
    assert len({request.headers["idempotency-key"] for request in peer.got}) == 1


async def test_a_report_threat_watch_will_never_take_is_shown_and_not_tried_for_ever(desk: TestDesk) -> None:
    desk.parts.peers = ThreatWatch(422)
    await log_call(desk.parts, OFFICER, wish())
    await send_reports(desk.parts)
    desk.clock.advance(timedelta(hours=1))
    assert await send_reports(desk.parts) == 0
    assert (await desk.get("/notifier/v1/status"))["reports_refused"] == 1


@pytest.mark.parametrize("changed", [{"what": " "}, {"what": "x" * 2001}, {"called_at": MONDAY + timedelta(hours=1)}])
async def test_a_call_that_says_nothing_or_is_yet_to_come_is_refused(desk: TestDesk, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await log_call(desk.parts, OFFICER, wish(**changed))
    assert await desk.rows("select 1 from calls") == []
