"""Fills an empty Forkant with a made-up city unit, over the same HTTP anybody else would use.

Works on the embedded system and on a full one in trial (`python -m forkant_embedded.demo_work URL`). What is told
stands in `demo.yaml`; how what its people have done since is told, in `demo_work.py`.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib import resources
from typing import Any

import httpx2 as httpx
import yaml

from forkant_embedded.demo_city import City
from forkant_shared.clock import Clock

GRADING = {"scale": "ADMIRALTY", "source": "B", "information": "2"}
AT_ONCE = 8
HEARD_SECONDS = 20
CONTACTS = [
    {"subject": "dialogue.officer", "name": "Dialogbetjent (demo)"},
    {"subject": "dialogue.leader", "name": "Dialogleder (demo)"},
]


async def load_if_empty(client: httpx.AsyncClient, clock: Clock) -> City | None:
    """Load the demo unit where the registry has nobody; what was made, or None.

    What its people have done since (`demo_work.do_the_work`) is told afterwards: nobody need wait for it.
    """
    told = yaml.safe_load(resources.files(__package__).joinpath("demo.yaml").read_text("utf-8"))
    city = City(client, clock.now(), told, asyncio.get_running_loop().time())
    await city.sign_in("registrar", "analyst", "source.handler", "dialogue.officer", "dialogue.leader", "duty.leader")
    found = await client.get("/registry/v1/actors", params={"limit": 1}, headers=city.tokens["registrar"])
    found.raise_for_status()
    if found.json()["items"]:
        return None
    await _actors(city)
    await _relations(city)
    await _dialogues(city)
    await _meetings(city)
    await _promises(city)
    await _projected(city)
    await _reports(city)
    return city


async def _actors(city: City) -> None:
    for group in city.told["groups"]:
        body = {**group, "grading": GRADING, "origin": "demo"}
        city.groups.append((await city.post("registrar", "/registry/v1/groups", body))["id"])
    names = city.told["persons"]
    whole = [f"{first} {last}" for last in names["last"] for first in names["first"]]
    city.persons = await _together(
        [_person(city, name, names["aliases"].get(number), number) for number, name in enumerate(whole)]
    )
    city.staff = await _together([_staff(city, entry) for entry in city.told["staff"]])


async def _person(city: City, name: str, alias: str | None, number: int) -> str:
    in_group = number < city.told["persons"]["in_groups"]
    names = [{"kind": "legal", "value": name}]
    names += [{"kind": "alias", "value": alias}] if alias else []
    body: dict[str, Any] = {
        "names": names,
        "ground": "ASSUMED_OFFENDER" if in_group else "INFORMATION",
        "grading": GRADING,
        "origin": "demo",
    }
    made: str = (await city.post("registrar", "/registry/v1/persons", body))["id"]
    if in_group:
        group, place = number % len(city.groups), number // len(city.groups)
        await _claim(city, made, "member_of", {"object": {"kind": "GROUP", "id": city.groups[group]}})
        if place == 0:
            await _claim(city, made, "formal_role", {"value": "LEADER"})
        if place == 1:
            await _claim(city, made, "real_authority", {"value": "DECIDES"}, kind="ASSESSMENT")
    return made


async def _staff(city: City, entry: dict[str, str]) -> str:
    body = {
        "names": [{"kind": "legal", "value": entry["name"]}],
        "ground": "VICTIM",
        "grading": GRADING,
        "origin": "demo",
    }
    made: str = (await city.post("registrar", "/registry/v1/persons", body))["id"]
    await _claim(city, made, "holds_role", {"value": entry["role"]})
    return made


async def _claim(city: City, actor: str, predicate: str, about: dict[str, Any], kind: str = "FACT") -> None:
    body = {
        "predicate": predicate,
        **about,
        "kind": kind,
        "verified": kind == "FACT",
        "grading": GRADING,
        "origin": "demo",
        "observed_at": city.ago(90),
    }
    await city.post("registrar", f"/registry/v1/actors/{actor}/claims", body)


async def _relations(city: City) -> None:
    for one, other in city.told["families"]:
        await _claim(city, city.persons[one], "family_of", {"object": {"kind": "PERSON", "id": city.persons[other]}})
    for card in city.told["second_cards"]:
        await _second_card(city, card)
    for conflict in city.told["conflicts"]:
        one, other = conflict["between"]
        body = {
            "group_a": city.groups[one],
            "group_b": city.groups[other],
            "status": conflict["status"],
            "grading": GRADING,
            "origin": "demo",
            "since": city.ago(conflict["days_ago"]),
        }
        await city.post("analyst", "/registry/v1/conflicts", body)
    for entry in city.told["calendar"]:
        on = (city.now + timedelta(days=entry["in_days"])).date().isoformat()
        parties = [city.groups[number] for number in entry["groups"]]
        body = {"kind": entry["kind"], "on": on, "parties": parties, "grading": GRADING, "origin": "demo"}
        await city.post("analyst", "/registry/v1/calendar-entries", body)


async def _second_card(city: City, told: dict[str, Any]) -> None:
    """One person with two cards, and what somebody judged of them."""
    first = city.persons[told["of"]]
    body = {"names": [{"kind": "legal", "value": told["name"]}], "ground": "INFORMATION"}
    made = await city.post("registrar", "/registry/v1/persons", {**body, "grading": GRADING, "origin": "demo"})
    for person in (first, made["id"]) if "born_on" in told else ():
        await _claim(city, person, "born_on", {"value": told["born_on"]})
    said = {"other": first, "verdict": told["verdict"], "reason": told["reason"]}
    await city.post("analyst", f"/registry/v1/actors/{made['id']}/judgements", said)


async def _dialogues(city: City) -> None:
    for entry in city.told["dialogues"]:
        body = {
            "group_id": city.groups[entry["group"]],
            "phase": entry["phase"],
            "entry_form": entry.get("entry_form"),
            "contacts": CONTACTS,
            "counterparts": [
                {"person_id": city.persons[number], "standing": "REAL_AUTHORITY" if place else "FORMAL_ROLE"}
                for place, number in enumerate(entry["counterparts"])
            ],
        }
        city.dialogues.append((await city.post("dialogue.leader", "/meetings/v1/dialogues", body))["id"])


async def _meetings(city: City) -> None:
    for entry in city.told["meetings"]:
        people = city.told["dialogues"][entry["dialogue"]]["counterparts"]
        held = "held" in entry
        starts = city.now + timedelta(days=-entry["held"] if held else entry["planned"])
        body = {
            "dialogue_id": city.dialogues[entry["dialogue"]],
            "level": entry["level"],
            "purpose": entry["purpose"],
            "not_recruitment": True,
            "starts_at": starts.isoformat(),
            "place": entry["place"],
            "neutral_place": True,
            "representatives": [{**one, "experienced_leader": True} for one in CONTACTS],
            "counterparts": [city.persons[number] for number in people],
            "counterpart_count": 2,
            "deconfliction": {"outcome": "PROCEED"},
        }
        if not held:
            await city.post("dialogue.officer", "/meetings/v1/meetings", {**body, "state": "PLANNED"})
            continue
        logged = {**body, "held_at": starts.isoformat(), "decided_by": "dialogue.leader"}
        made = (await city.post("dialogue.officer", "/meetings/v1/contacts", logged))["id"]
        city.meetings.append(made)
        path = f"/meetings/v1/meetings/{made}/minutes"
        await city.post("dialogue.officer", path, {"text": entry["minutes"], **entry.get("climate", {})})
        if entry.get("approved"):
            await city.post("dialogue.leader", f"{path}/approval", {})


async def _promises(city: City) -> None:
    for entry in city.told["promises"]:
        body = {
            "dialogue_id": city.dialogues[entry["dialogue"]],
            "by": entry["by"],
            "to": entry["to"],
            "text": entry["text"],
            "due_on": (city.now + timedelta(days=entry["due_in"])).date().isoformat(),
            "made_at": city.ago(30),
        }
        made = (await city.post("dialogue.officer", "/meetings/v1/promises", body))["id"]
        if "fate" in entry:
            verdict = {key: entry[key] for key in ("fate", "manner", "evidence") if key in entry}
            await city.post("dialogue.leader", f"/meetings/v1/promises/{made}/judgements", verdict)


async def _projected(city: City) -> None:
    """Let threat-watch hear of the actors, so that the reports join as they would in life.

    The conflicts come last of what the registry tells: a picture that shows them all has heard of most of the others.
    The rest gets a moment, and a longer one where everything takes longer.
    """
    for _ in range(HEARD_SECONDS * 10):
        picture = await city.get("duty.leader", "/threat-watch/v1/situation")
        if len(picture["conflicts"]) >= len(city.told["conflicts"]):
            break
        await asyncio.sleep(0.1)
    so_far = asyncio.get_running_loop().time() - city.began
    await asyncio.sleep(max(0.5, so_far / 4))


async def _reports(city: City) -> None:
    for number, entry in enumerate(city.told["reports"]):
        body: dict[str, Any] = {
            "observed_at": city.ago(entry["days_ago"]),
            "channel": entry["channel"],
            "origin": entry["origin"],
            "kind": "FACT",
            "text": entry["text"],
            "signals": [_signal(city, signal) for signal in entry["signals"]],
        }
        if "scale" in entry:
            body["grading"] = {key: entry[key] for key in ("scale", "source", "information")}
            body |= {"verified": entry["verified"], "exposure": entry["exposure"]}
        key = {"Idempotency-Key": f"demo-{number}"}
        city.reports.append(await city.post("source.handler", "/threat-watch/v1/reports", body, **key))


def _signal(city: City, told: dict[str, Any]) -> dict[str, Any]:
    signal: dict[str, Any] = {
        "factor": told["factor"],
        "strength": told["strength"],
        "aggressor": {"kind": "GROUP", "id": city.groups[told["group"]]},
    }
    if "role" in told:
        signal["target"] = {"kind": "ROLE", "code": told["role"]}
    elif "staff" in told:
        signal["target"] = {"kind": "PERSON", "id": city.staff[told["staff"]]}
    elif "against" in told:
        signal["target"] = {"kind": "GROUP", "id": city.groups[told["against"]]}
    if "place" in told:
        signal["place"] = told["place"]
    return signal


async def _together(jobs: list[Any]) -> list[Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(job: Any) -> Any:
        async with gate:
            return await job

    return list(await asyncio.gather(*(one(job) for job in jobs)))
