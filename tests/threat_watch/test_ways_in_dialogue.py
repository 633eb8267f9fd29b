"""A meeting held about a threat, as the meetings service tells: the rule moves the threat, and asks for a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from forkant_shared.audit import AUDIT
from forkant_shared.clock import new_id
from forkant_shared.events.meetings import MeetingHeld
from tests.threat_watch.serving import Served
from tests.threat_watch.test_ways_in import everything, reviews, threat_between, two_groups


@pytest.fixture
def served(served_on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return served_on_both


def held(threat_id: str | None) -> MeetingHeld:
    return MeetingHeld(meeting_id=new_id(), dialogue_id=new_id(), level="TACTICAL", threat_id=threat_id)


async def lines(served: Served, threat_id: str, what: str) -> list[dict[str, Any]]:
    answer = await served.client.get(f"/threat-watch/v1/threats/{threat_id}/timeline", headers=served.head("analyst"))
    return [item for item in answer.json()["items"] if item["what"] == what]


async def act(served: Served, threat_id: str, path: str, body: Any, role: str = "duty.leader") -> Any:
    url = f"/threat-watch/v1/threats/{threat_id}/{path}"
    answer = await served.client.post(url, json=body, headers=served.head(role))
    assert answer.is_success, answer.text
    return answer


def effect(served: Served) -> dict[str, str]:
    return {"due_at": (served.clock.now() + timedelta(days=4)).isoformat(), "fallback": "Pågripelse"}


async def test_a_held_dialogue_moves_the_threat_says_so_and_asks_when_the_effect_must_be_seen(served: Served) -> None:
    threat_id = await threat_between(served, *await two_groups(served))
    assert (await served.threat(threat_id))["state"] == "ESCALATED"
    meeting = held(threat_id)
    await served.hear(meeting, times=2)
    threat = await served.threat(threat_id)
    assert threat["state"] == "IN_DIALOGUE"
    (line,) = await lines(served, threat_id, "dialogue-held")
    assert (line["by"], line["codes"]) == (
        "rule:dialogue-held",
        {"meeting": meeting.meeting_id, "state": "IN_DIALOGUE"},
    )
    assert (await reviews(served)).count("effect-time-missing") == 1
    page = await served.client.get(f"/threat-watch/threats/{threat_id}", headers=served.head("analyst"))
    assert "Dialogmøte om trusselen er holdt" in page.text and "I dialog" in page.text
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(sa.select(AUDIT).where(AUDIT.c.action == "threat-watch.threat.move"))).all()
    assert [row.objects for row in rows] == [[threat_id, meeting.meeting_id]]
    await act(served, threat_id, "verifications", effect(served))
    assert "effect-time-missing" not in await reviews(served)


async def test_what_is_further_on_or_over_stays_there_and_the_meeting_is_told_of(served: Served) -> None:
    threat_id = await threat_between(served, *await two_groups(served))
    await act(served, threat_id, "verifications", effect(served))
    await served.hear(held(threat_id))
    assert (await served.threat(threat_id))["state"] == "VERIFYING"
    assert "effect-time-missing" not in await reviews(served)
    await act(served, threat_id, "feedback", {"outcome": "RESOLVED", "evidence": "To uavhengige kilder sier det samme"})
    await act(served, threat_id, "closure", {"reason": "Effekten er sett"}, "analyst")
    await served.hear(held(threat_id))
    assert (await served.threat(threat_id))["state"] == "CLOSED"
    codes = [line["codes"] for line in await lines(served, threat_id, "dialogue-held")]
    assert len(codes) == 2 and all("state" not in one for one in codes)
    assert "effect-time-missing" not in await reviews(served)


async def test_a_meeting_about_no_threat_changes_none(served: Served) -> None:
    await threat_between(served, *await two_groups(served))
    before = await everything(served)
    await served.hear(held(None))
    assert await everything(served) == before
