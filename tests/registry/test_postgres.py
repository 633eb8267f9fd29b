"""The same stories on both databases: the schema, a search, a correction, and two who write at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import forkant_registry
from forkant_registry.app import create_app
from forkant_registry.commands.index import fold_names_anew
from forkant_registry.settings import Settings
from forkant_registry.tables import METADATA
from forkant_shared.bus.embedded import EmbeddedBus
from forkant_shared.clock import SystemClock
from forkant_shared.migrations import migrate
from forkant_shared.testing import running, token
from tests.registry.support.service import B2, SEEN, Registry, statement


@pytest.fixture
async def registry(database_url: str) -> AsyncIterator[Registry]:
    """A registry on an empty database of either kind."""
    migrate(forkant_registry, sa.make_url(database_url))
    settings = Settings(mode="embedded", database_url=database_url)
    app = create_app(settings, bus=EmbeddedBus(":memory:"), clock=SystemClock())
    async with running(app) as client:
        yield Registry(app, client)


def test_the_migrations_make_the_tables_the_code_expects(database_url: str) -> None:
    url = sa.make_url(database_url)
    migrate(forkant_registry, url)
    engine = sa.create_engine(url.set(drivername="sqlite") if url.get_backend_name() == "sqlite" else url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, METADATA) == []
        migrate(forkant_registry, url, revision="base")
        with engine.connect() as connection:
            assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    finally:
        engine.dispose()


async def test_a_story_is_told_alike_on_both_databases(registry: Registry) -> None:
    group, other = await registry.group("Tveitagjengen"), await registry.group("Grønlandskretsen")
    handler = token("source.handler")
    for name in ("Mohammed Testmann", "Håkon Bråten", "Anders Prøvesen"):
        person = await registry.person(name)
        await registry.claim(person, "member_of", object={"kind": "GROUP", "id": group})
    hidden = await registry.person("Skjermet Testmann", handling="SECRET", auth=handler)
    await registry.claim(hidden, "member_of", object={"kind": "GROUP", "id": group}, auth=handler)
    for query, wanted in [
        ("Muhamad Tesmann", "Mohammed Testmann"),
        ("Haakon Braaten", "Håkon Bråten"),
        ("gronland", "Grønlandskretsen"),
        ("tveita gjengen", "Tveitagjengen"),
    ]:
        assert (await registry.search(query, "duty.officer"))[:1] == [wanted]
    assert await registry.search("Skjermet", "duty.officer") == []
    alias = await registry.claim(person, "alias", value="Nordavind")
    await registry.post(
        f"/claims/{alias}/corrections",
        {"reason": "WRONG", "replacement": statement("alias", value="Sønnavind")},
    )
    assert await registry.search("Sønnavind") == ["Anders Prøvesen"]
    conflict = {"group_a": group, "group_b": other, "status": "war", "since": SEEN, "grading": B2, "origin": "S1"}
    assert (await registry.post("/conflicts", conflict)).status_code == 201
    day = {"kind": "RELEASE", "on": "2026-12-01", "parties": [person], "grading": B2, "origin": "S1"}
    assert (await registry.post("/calendar-entries", day)).status_code == 201
    [entry] = (await registry.get("/calendar-entries")).json()["items"]
    moved = {"reason": "MOVED", "replacement": day | {"on": "2026-12-08"}}
    assert (await registry.post(f"/calendar-entries/{entry['id']}/corrections", moved)).status_code == 201
    [entry] = (await registry.get("/calendar-entries")).json()["items"]
    assert entry["on"] == "2026-12-08"
    card = (await registry.get(f"/actors/{group}", "duty.officer")).json()
    assert card["member_count"] == 3
    listed = (await registry.get("/actors", "duty.officer", limit=2)).json()
    assert len((await registry.get("/actors", "duty.officer", after=listed["next"])).json()["items"]) == 3
    await fold_names_anew(registry.app.state.parts)


async def test_two_who_correct_one_claim_at_once_make_one_correction(registry: Registry) -> None:
    person = await registry.person("Anders Testmann")
    alias = await registry.claim(person, "alias", value="Nordavind")
    answers = await asyncio.gather(
        *(registry.post(f"/claims/{alias}/corrections", {"reason": "WRONG"}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_many_who_register_the_same_words_at_once_all_succeed(registry: Registry) -> None:
    made = await asyncio.gather(*(registry.person("Mohammed Testmann") for _ in range(12)))
    assert len(set(made)) == 12
    assert await registry.search("Muhamed Testmann", limit=50) == ["Mohammed Testmann"] * 12


async def test_two_who_open_the_same_conflict_at_once_share_it(registry: Registry) -> None:
    one, two = await registry.group("Tveitagjengen"), await registry.group("Grorudgjengen")
    body = {"group_a": one, "group_b": two, "status": "tense", "since": SEEN, "grading": B2, "origin": "S1"}
    answers = await asyncio.gather(*(registry.post("/conflicts", body) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    events = [event for event in await registry.told() if event["type"] == "conflict-changed"]
    assert len(events) == 8


async def test_those_who_judge_at_once_never_make_two_the_same_and_not_the_same(registry: Registry) -> None:
    people = [await registry.person(f"Person Nummer{number}") for number in range(4)]
    verdicts = [(0, 1, "POSITIVE"), (1, 2, "POSITIVE"), (2, 3, "POSITIVE"), (0, 3, "NEGATIVE"), (1, 3, "NEGATIVE")]
    answers = await asyncio.gather(
        *(
            registry.post(
                f"/actors/{people[one]}/judgements", {"other": people[other], "verdict": verdict, "reason": "sett"}
            )
            for one, other, verdict in verdicts
        )
    )
    assert {answer.status_code for answer in answers} == {201, 409}
    stands = (await registry.get("/judgements")).json()["items"]
    ties = {tuple(one["actors"]) for one in stands if one["verdict"] == "POSITIVE"}
    apart = {tuple(one["actors"]) for one in stands if one["verdict"] == "NEGATIVE"}
    heard = {person: person for person in people}
    for event in await registry.told():
        if event["type"] == "identity-changed":
            heard[event["actor_id"]] = event["canonical_id"]
    assert all(heard[one] == heard[other] for one, other in ties)
    assert all(heard[one] != heard[other] for one, other in apart)
    lines = {item["id"] for item in (await registry.get("/actors")).json()["items"]}
    assert lines == set(heard.values())


async def test_a_key_sent_many_times_at_once_makes_one_person(registry: Registry) -> None:
    body = {
        "names": [{"kind": "legal", "value": "Anders Testmann"}],
        "ground": "CONSENT",
        "grading": B2,
        "origin": "S1",
    }
    answers = await asyncio.gather(*(registry.post("/persons", body, key="same") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
