"""What the made-up unit's people have done since: seen, noted, planned, asked, and not yet read.

`python -m forkant_embedded.demo_work URL` fills an empty Forkant with all of it, a full one in trial too.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from forkant_embedded.demo import load_if_empty
from forkant_embedded.demo_city import City
from forkant_shared.clock import SystemClock

WATCHED = "/threat-watch/v1/threats"
OWNERS = ("duty.officer", "duty.deputy")


async def do_the_work(city: City) -> None:
    """Everything that people have done, in the order they did it. Raises RuntimeError where a service refused."""
    await _observations(city)
    await _notes(city)
    await city.sign_in(*OWNERS)
    for told in city.told["followed"]:
        threat = city.reports[told["report"]]["threats"][0]["id"]
        for user in OWNERS:
            # What somebody owns, they have looked at: a threat's page knows only those who have been there.
            await city.get(user, f"{WATCHED}/{threat}")
        await _shown(city, threat, told)
        await _asked(city, threat, told)
        await _measures(city, threat, told)
    for number, told in enumerate(city.told["texts"]):
        body = {"observed_at": city.ago(told["days_ago"]), "kind": "FACT", "signals": []}
        body |= {key: told[key] for key in ("channel", "origin", "text")}
        await city.post(
            "source.handler", "/threat-watch/v1/reports", body, **{"Idempotency-Key": f"demo-text-{number}"}
        )


async def _observations(city: City) -> None:
    for told in city.told["observations"]:
        body: dict[str, Any] = {
            "actors": [city.persons[number] for number in told["persons"]],
            "observed_at": city.ago(told["days_ago"]),
            "grading": {"scale": "ADMIRALTY", "source": "B", "information": "2"},
        }
        plain = ("unit", "origin", "place", "district", "vehicle", "clothing", "effort_minutes", "control", "handling")
        body |= {key: told[key] for key in plain if key in told}
        if "near_staff" in told:
            body["near"] = {"kind": "PERSON", "ref": city.staff[told["near_staff"]]}
        await city.post("registrar", "/registry/v1/observations", body)


async def _notes(city: City) -> None:
    for told in city.told["notes"]:
        body: dict[str, Any] = {
            "text": told["text"],
            "factor": told["factor"],
            "strength": told["strength"],
            "grading": {"scale": "ADMIRALTY", "source": "C", "information": "3"},
        }
        body |= {"spoken_by": told["spoken_by"]} if "spoken_by" in told else {}
        await city.post("dialogue.officer", f"/meetings/v1/meetings/{city.meetings[told['meeting']]}/notes", body)


async def _shown(city: City, threat: str, told: Mapping[str, Any]) -> None:
    """What may be said: the keepers' answers, a text that another approved, and the first of two signatures."""
    for number in told.get("shown", ()):
        answer = {"exposure": "PARAPHRASE", "could_know": 9, "open_origin": False}
        path = f"{WATCHED}/{threat}/exposure/{city.reports[number]['id']}"
        await city.send("PUT", "source.handler", path, answer)
    if "line" in told:
        reports = [city.reports[number]["id"] for number in told["rests_on"]]
        path = f"{WATCHED}/{threat}/disclosure"
        line = await city.post("analyst", f"{path}/lines", {"text": told["line"], "reports": reports})
        await city.post("dialogue.leader", f"{path}/lines/{line['id']}/approval", {})
        version = (await city.get("source.handler", path))["plan_version"]
        await city.post("source.handler", f"{path}/signatures", {"part": "SOURCE", "plan_version": version})


async def _asked(city: City, threat: str, told: Mapping[str, Any]) -> None:
    for point, user, answer, note in told.get("checklist", ()):
        await city.send("PUT", user, f"{WATCHED}/{threat}/checklist/{point}", {"answer": answer, "note": note})
    for one in told.get("requests", ()):
        body = {"about": "OTHER", "question": one["question"], "owner": one["owner"]}
        await city.post("analyst", f"{WATCHED}/{threat}/requests", body | {"due_at": _ahead(city, one["in_days"])})


async def _measures(city: City, threat: str, told: Mapping[str, Any]) -> None:
    for one in told.get("measures", ()):
        body = {key: one[key] for key in ("kind", "what", "owner")}
        body |= {"starts_at": city.now.isoformat(), "expires_at": _ahead(city, one["in_days"])}
        await city.post("duty.leader", f"{WATCHED}/{threat}/measures", body)
    if "moved" in told:
        move = told["moved"]
        verify = {"due_at": _ahead(city, move["in_days"]), "fallback": move["fallback"]}
        body = {"state": move["state"], "reason": move["reason"], "verify": verify}
        await city.post("duty.leader", f"{WATCHED}/{threat}/moves", body)


def _ahead(city: City, days: float) -> str:
    return (city.now + timedelta(days=days)).isoformat()


async def _main(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        city = await load_if_empty(client, SystemClock())
        if city is not None:
            await do_the_work(city)
    print("Demo data loaded." if city is not None else "There are actors already; nothing was loaded.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m forkant_embedded.demo_work", description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000", help="where Forkant answers")
    asyncio.run(_main(parser.parse_args().url))
