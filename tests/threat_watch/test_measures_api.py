"""Measures: in proportion or with a reason, served or not because, and asked about before they run out."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2 as httpx
import pytest

from forkant_shared.clock import new_id
from forkant_threat_watch.commands import due
from tests.threat_watch.followed import Followed
from tests.threat_watch.serving import Served


def measure(threat: Followed, kind: str = "PROTECTION", days: float = 5, **changes: Any) -> dict[str, Any]:
    body = {"kind": kind, "what": "Patrulje ved boligen.", "owner": "duty.leader"}
    return body | {"starts_at": threat.hence(), "expires_at": threat.hence(days=days)} | changes


async def made(threat: Followed, kind: str = "PROTECTION", days: float = 5, **changes: Any) -> dict[str, Any]:
    answer = await threat.post("measures", measure(threat, kind, days, **changes))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def causes(threat: Followed) -> list[str]:
    path = f"/threat-watch/v1/reviews?threat={threat.id}"
    answer = await threat.served.client.get(path, headers=threat.served.head("analyst"))
    return [item["cause"] for item in answer.json()["items"]]


async def test_a_measure_has_an_owner_an_end_and_stands_in_the_history(followed_on_both: Followed) -> None:
    one = await made(followed_on_both, toward=f"GROUP:{followed_on_both.aggressor['id']}")
    assert (one["standing"], one["outside"], one["owner"]) == ("RUNNING", False, "duty.leader")
    found = await followed_on_both.get("measures")
    assert [item["id"] for item in found["items"]] == [one["id"]]
    assert (await followed_on_both.whats())[0] == "measure-made"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": " "}, "what"),
        ({"owner": "somebody.else"}, "owner"),
        ({"expires_at": "2020-01-01T12:00:00+01:00"}, "expires_at"),
        ({"toward": "PERSON:01a20000-0000-7000-8000-000000000000"}, "toward"),
        ({"kind": "TORTURE"}, "kind"),
    ],
)
async def test_a_measure_that_is_wrong_is_refused_with_its_field(
    followed: Followed, changes: dict[str, Any], field: str
) -> None:
    refused = await followed.post("measures", measure(followed, **changes))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await followed.get("measures"))["items"] == []


@pytest.mark.parametrize("role", ["dialogue.officer", "source.handler", "auditor", "operations"])
async def test_who_may_not_make_one_does_not(followed: Followed, role: str) -> None:
    assert (await followed.post("measures", measure(followed), role)).status_code == 403


@pytest.mark.parametrize(("kind", "days"), [("SURVEILLANCE", 5), ("PROTECTION", 90)])
async def test_outside_the_table_a_reason_is_demanded_and_counted(followed: Followed, kind: str, days: float) -> None:
    refused = await followed.post("measures", measure(followed, kind, days))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "because")
    one = await made(followed, kind, days, because="De har leid garasjen til jul.")
    await made(followed)
    assert (one["outside"], one["because"]) == (True, "De har leid garasjen til jul.")
    assert (await followed.get("measures"))["outside"] == 1
    running = await followed.served.client.get("/threat-watch/v1/measures", headers=followed.served.head("auditor"))
    assert (running.json()["outside"], running.json()["made"]) == (1, 2)
    assert {item["table_version"] for item in running.json()["items"]} == {"2026-1"}


async def test_a_notice_is_served_or_it_is_said_why_not_before_it_ends(followed: Followed) -> None:
    one = await made(followed, "WARNING_NOTICE")
    path = f"measures/{one['id']}"
    early = await followed.post(f"{path}/end", {"reason": "Ferdig."})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (409, "served")
    unreasoned = await followed.post(f"{path}/service", {"served": False}, "dialogue.officer")
    assert (unreasoned.status_code, unreasoned.json()["errors"][0]["field"]) == (422, "not_because")
    not_yet = await followed.post(f"{path}/service", {"served": False, "not_because": "Ikke hjemme."})
    assert (not_yet.status_code, not_yet.json()["served"]) == (201, False)
    ahead = await followed.post(f"{path}/service", {"served": True, "at": followed.hence(hours=1)})
    assert (ahead.status_code, ahead.json()["errors"][0]["field"]) == (422, "at")
    served = await followed.post(f"{path}/service", {"served": True, "at": followed.hence(hours=-1)})
    assert (served.json()["served"], served.json()["not_served_because"]) == (True, None)
    assert (await followed.post(f"{path}/service", {"served": False, "not_because": "x"})).status_code == 409
    assert (await followed.post(f"{path}/end", {"reason": "Ferdig."})).json()["standing"] == "ENDED"
    assert (await followed.post(f"{path}/end", {"reason": "Ferdig."})).status_code == 409


async def test_what_is_served_on_nobody_is_not_served(followed: Followed) -> None:
    one = await made(followed)
    refused = await followed.post(f"measures/{one['id']}/service", {"served": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "served")


async def test_of_two_who_end_it_at_once_one_is_told(followed_on_both: Followed) -> None:
    one = await made(followed_on_both)
    version = {"headers": {"If-Match": f'"{one["version"]}"'}}
    answers = await asyncio.gather(
        *(followed_on_both.post(f"measures/{one['id']}/end", {"reason": str(n)}, **version) for n in range(3))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201 and set(codes[1:]) <= {409, 412}
    assert (await followed_on_both.whats()).count("measure-ended") == 1


async def test_a_day_before_it_runs_out_a_person_is_asked_and_afterwards_it_waits_to_be_ended(
    followed_on_both: Followed,
) -> None:
    one = await made(followed_on_both, days=3)
    followed_on_both.served.forward(hours=47)
    await due.let_time_speak(followed_on_both.served.app.state.parts)
    assert "measure-expires" not in await causes(followed_on_both)
    followed_on_both.served.forward(hours=2)
    await due.let_time_speak(followed_on_both.served.app.state.parts)
    assert "measure-expires" in await causes(followed_on_both)
    followed_on_both.served.forward(days=1)
    assert (await followed_on_both.get("measures"))["items"][0]["standing"] == "EXPIRED"
    await followed_on_both.post(f"measures/{one['id']}/end", {"reason": "Rolig nå."})
    assert "measure-expires" not in await causes(followed_on_both)


async def test_what_is_ended_early_asks_nobody(followed: Followed) -> None:
    one = await made(followed, days=3)
    await followed.post(f"measures/{one['id']}/end", {"reason": "Rolig nå."})
    followed.served.forward(days=3)
    await due.let_time_speak(followed.served.app.state.parts)
    assert "measure-expires" not in await causes(followed)


async def test_a_level_that_is_lowered_asks_about_measures_it_is_too_low_for(followed: Followed) -> None:
    one = await made(followed)
    body = {"level": "LOW", "reason": "Rolig.", "expires_at": followed.hence(days=5)}
    assert (await followed.post("decisions", body)).status_code == 201
    assert "measure-disproportionate" in await causes(followed)
    await followed.post(f"measures/{one['id']}/end", {"reason": "Ikke lenger nødvendig."})
    assert "measure-disproportionate" not in await causes(followed)


async def test_measures_go_along_when_threats_are_merged_and_come_back(followed_on_both: Followed) -> None:
    threat, other = followed_on_both, await Followed.at(followed_on_both.served)
    one = await made(threat, days=3)
    assert (await threat.post("merges", {"into": other.id, "reason": "Samme."})).status_code == 201
    assert [item["id"] for item in (await other.get("measures"))["items"]] == [one["id"]]
    threat.served.forward(hours=49)
    assert (await threat.post("unmerges", {"into": other.id, "reason": "Ikke samme."})).status_code == 201
    assert (await other.get("measures"))["items"] == []
    await due.let_time_speak(threat.served.app.state.parts)
    assert "measure-expires" in await causes(threat) and "measure-expires" not in await causes(other)


async def test_without_a_registry_that_counts_controls_the_pressure_is_not_there_and_not_zero(
    followed: Followed,
) -> None:
    asked: list[httpx.Request] = []
    answers: list[Any] = [httpx.Response(404, json={})]
    client = followed.served.app.state.parts.state["registry"]

    async def registry(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers[0]

    async def header(*scopes: str) -> dict[str, str]:
        return {"Authorization": "Bearer x"}

    client._peers = httpx.MockTransport(registry)
    client._tokens.header = header
    assert (await followed.get("measures"))["pressure"] is None
    group = followed.aggressor["id"]
    assert asked[0].url.path == "/registry/v1/actors:controls"
    assert (asked[0].url.params["ids"], asked[0].url.params["days"]) == (group, "30")
    told = {"items": [{"id": group, "controls": 7, "with_family": 2}]}
    answers[0] = httpx.Response(200, json=told)
    found = await followed.get("measures")
    assert found["pressure"] == [{"actor_id": group, "controls": 7, "with_family": 2}]
    assert found["pressure_days"] == 30
    answers[0] = httpx.Response(200, json={"items": [{"id": group}]})
    assert (await followed.get("measures"))["pressure"] is None


async def test_a_measure_of_another_threat_is_not_found_here(followed: Followed) -> None:
    other = await Followed.at(followed.served)
    one = await made(other)
    assert (await followed.post(f"measures/{one['id']}/end", {"reason": "x"})).status_code == 404
    assert (await followed.post(f"measures/{new_id()}/end", {"reason": "x"})).status_code == 404


async def test_closing_waits_for_what_does_not_outlive_the_threat(served: Served) -> None:
    threat = await Followed.at(served)
    one = await made(threat, "CONTROL", what="Kontroll ved lokalet.")
    await made(threat, "ALARM", days=60, what="Alarm til den utsatte.")
    refused = await threat.post("closure", {"reason": "Over."})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "measures")
    await threat.post(f"measures/{one['id']}/end", {"reason": "Over."})
    assert (await threat.post("closure", {"reason": "Over."})).status_code == 201
