"""The search on a real index: many spellings among many names, paging, corrections, and new rules of spelling."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from forkant_registry.commands.index import fold_names_anew
from forkant_registry.domain.reference import Reference
from forkant_registry.store import names
from forkant_registry.tables import NAME_WORDS, WORD_TRIGRAMS, WORDS
from forkant_shared.testing import running
from tests.registry.support.reference import SPELLING
from tests.registry.support.service import Registry, build

# All made up.
FIRST = ["Mohammed", "Håkon", "Jørgen", "Christian", "Abdullah", "Katrine", "Øyvind", "Aleksander", "Fatima", "Sergej"]
LAST = ["Testmann", "Bråten", "Prøvesen", "Sæther", "Mønsterud", "Ås", "Eksempelsen", "Skiftebrand"]
GROUPS = ["Tveitagjengen", "Grønlandskretsen", "Nordavinden MC", "Familien Prøvesen", "Skur 13"]

# What is typed, and what must come first.
WANTED = [
    ("Mohammed Testmann", "Mohammed Testmann"),
    ("Muhamad Tesmann", "Mohammed Testmann"),
    ("maxamed testmann", "Mohammed Testmann"),
    ("Mohd Testmann", "Mohammed Testmann"),
    ("testmann mohammed", "Mohammed Testmann"),
    ("Hakon Braten", "Håkon Bråten"),
    ("Haakon Braaten", "Håkon Bråten"),
    ("HÅKON BRÅTEN", "Håkon Bråten"),
    ("Håkn Bråten", "Håkon Bråten"),
    ("Joergen Aas", "Jørgen Ås"),
    ("Jorgen As", "Jørgen Ås"),
    ("Kristian Prøvesen", "Christian Prøvesen"),
    ("Kristian Provesen", "Christian Prøvesen"),
    ("Abdulahi Mønsterud", "Abdullah Mønsterud"),
    ("Abdalla Monsterud", "Abdullah Mønsterud"),
    ("Cathrine Sether", "Katrine Sæther"),
    ("Catrine Saether", "Katrine Sæther"),
    ("Oyvind Eksempelsen", "Øyvind Eksempelsen"),
    ("Oeyvind Exempelsen", "Øyvind Eksempelsen"),
    ("Alexander Skiftebrand", "Aleksander Skiftebrand"),
    ("Aleksandr Skiftebrnad", "Aleksander Skiftebrand"),
    ("Fatma Saether", "Fatima Sæther"),
    ("Fatimah Sæther", "Fatima Sæther"),
    ("Sergey Testman", "Sergej Testmann"),
    ("Sergei Tesstmann", "Sergej Testmann"),
    ("tveita gjengen", "Tveitagjengen"),
    ("Tveita", "Tveitagjengen"),
    ("Tvietagjengen", "Tveitagjengen"),
    ("gronland", "Grønlandskretsen"),
    ("Groenlandskretsen", "Grønlandskretsen"),
    ("kretsen", "Grønlandskretsen"),
    ("nordavind", "Nordavinden MC"),
    ("Nordavindene", "Nordavinden MC"),
    ("skur13", "Skur 13"),
    ("familien provesen", "Familien Prøvesen"),
]


async def _fill(file: Path) -> None:
    app = build(file)
    async with running(app) as client:
        registry = Registry(app, client)
        for first in FIRST:
            for last in LAST:
                await registry.person(f"{first} {last}")
        for label in GROUPS:
            await registry.group(label)


@pytest.fixture(scope="module")
def crowded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with eighty persons of every first and last name, and five groups."""
    file = tmp_path_factory.mktemp("crowd") / "registry.db"
    shutil.copy(migrated, file)
    # In a thread, because the loop of this one belongs to the tests.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, _fill(file)).result()
    with sqlite3.connect(file) as whole:
        whole.execute("pragma wal_checkpoint(truncate)")
    whole.close()
    return file


@pytest.fixture
async def crowd(crowded: Path, tmp_path: Path) -> AsyncIterator[Registry]:
    shutil.copy(crowded, tmp_path / "crowd.db")
    app = build(tmp_path / "crowd.db")
    async with running(app) as client:
        yield Registry(app, client)


async def test_the_one_who_was_meant_comes_first_however_it_is_spelled(crowd: Registry) -> None:
    wrong = {}
    for query, wanted in WANTED:
        found = await crowd.search(query, limit=5)
        if found[:1] != [wanted]:
            wrong[query] = found
    assert wrong == {}


async def test_all_who_share_a_name_are_found_part_by_part(crowd: Registry) -> None:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        part = (await crowd.get("/actors", q="Prøvesen", kind="PERSON", limit=4, **after)).json()
        seen += [item["label"] for item in part["items"] if item["score"] > 0.9]
        if part["next"] is None:
            break
        after = {"after": part["next"]}
    assert sorted(seen) == sorted(f"{first} Prøvesen" for first in FIRST)
    assert await crowd.search("Prøvesen", kind="GROUP") == ["Familien Prøvesen"]


async def test_scores_fall_and_every_hit_says_why(crowd: Registry) -> None:
    items = (await crowd.get("/actors", q="Mohamed Testman", limit=50)).json()["items"]
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) > 2
    assert all(0 < score <= 1 for score in scores)
    assert all(item["why"] for item in items)


async def test_a_weak_nickname_is_listed_but_is_no_match_alone(registry: Registry) -> None:
    weak, strong = await registry.person("Anders Testmann"), await registry.person("Bjarne Testmann")
    await registry.claim(weak, "nickname", value="Storebror")
    await registry.claim(strong, "alias", value="Storebror")
    items = (await registry.get("/actors", q="Storebror")).json()["items"]
    assert [item["id"] for item in items] == [strong, weak]
    assert items[0]["score"] >= SPELLING.match > items[1]["score"]
    both = (await registry.get("/actors", q="Anders Storebror")).json()["items"]
    assert both[0]["id"] == weak and both[0]["score"] >= SPELLING.match


@pytest.mark.parametrize(
    "query", ["…", "%", "_", "'; drop table names; --", "\u0000", "ﷺ", "a" * 200, "𝕸𝖔𝖍𝖆𝖒𝖒𝖊𝖉", "-- --"]
)
async def test_strange_queries_find_nothing_they_should_not(registry: Registry, query: str) -> None:
    await registry.person("Anders Testmann")
    answer = await registry.get("/actors", q=query)
    assert answer.status_code == 200
    assert answer.json()["items"] == []


async def test_a_word_stands_once_however_many_names_it_is_part_of(registry: Registry, app: FastAPI) -> None:
    for number in range(5):
        await registry.person(f"Anders Testmann {'ABCDE'[number]}")
    async with app.state.parts.database.read() as session:
        words = (await session.execute(sa.select(WORDS.c.word).order_by(WORDS.c.word))).scalars().all()
        links = (await session.execute(sa.select(sa.func.count()).select_from(NAME_WORDS))).scalar_one()
    assert words == ["a", "anders", "b", "c", "d", "e", "testmann"]
    assert links == 15


async def test_new_rules_of_spelling_fold_the_index_anew_while_it_serves(registry: Registry, app: FastAPI) -> None:
    parts = app.state.parts
    await registry.person("Anders Testmann")
    await registry.group("Tveitagjengen")
    old: Reference = parts.state["reference"]
    changed = replace(
        old.spelling, version="test", digraphs=(*old.spelling.digraphs, ("nn", "m")), variant_of={}, heard={}
    )
    parts.state["reference"] = replace(old, spelling=changed)
    async with parts.database.read() as session:
        assert not await names.is_current(session, changed)
    await fold_names_anew(parts)
    async with parts.database.read() as session:
        assert await names.is_current(session, changed)
        linked = sa.select(WORDS.c.word).join(NAME_WORDS, NAME_WORDS.c.word_id == WORDS.c.id)
        words = (await session.execute(linked)).scalars().all()
        orphans = await session.execute(
            sa.select(sa.func.count())
            .select_from(WORD_TRIGRAMS)
            .where(WORD_TRIGRAMS.c.word_id.not_in(sa.select(WORDS.c.id)))
        )
    assert sorted(words) == ["anders", "testmam", "tveitagjengen"]
    assert orphans.scalar_one() == 0
    assert await registry.search("testmam") == ["Anders Testmann"]
    await fold_names_anew(parts)
    assert await registry.search("Tveita") == ["Tveitagjengen"]
