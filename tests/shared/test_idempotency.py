"""The same key and body: the same answer. The same key and another body: refused. Never applied twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from forkant_shared import idempotency
from forkant_shared.database import Database
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.testing import FixedClock
from tests.shared.support.rig import AT

WHO = Principal("0192:312345676", "0192:312345676", "MACHINE")
OTHER = Principal("0192:999999999", "0192:999999999", "MACHINE")
BODY = idempotency.digest_of(b'{"a": 1}')


async def _post(database: Database, key: str, who: Principal, digest: str, answer: int) -> idempotency.Stored | None:
    async with database.write() as session:
        known = await idempotency.claim(session, key, who, digest)
        if known is None:
            await asyncio.sleep(0.01)
            await idempotency.store(session, key, who, status=201, answer={"id": answer})
        return known


async def test_a_repeat_gets_the_first_answer(database: Database) -> None:
    assert await _post(database, "k", WHO, BODY, 1) is None
    assert await _post(database, "k", WHO, BODY, 2) == idempotency.Stored(201, {"id": 1})


async def test_another_body_under_the_same_key_is_a_conflict_and_changes_nothing(database: Database) -> None:
    await _post(database, "k", WHO, BODY, 1)
    with pytest.raises(Conflict) as caught:
        await _post(database, "k", WHO, idempotency.digest_of(b"{}"), 2)
    assert caught.value.field == "Idempotency-Key"
    assert await _post(database, "k", WHO, BODY, 3) == idempotency.Stored(201, {"id": 1})


async def test_keys_of_two_callers_do_not_meet(database: Database) -> None:
    assert await _post(database, "k", WHO, BODY, 1) is None
    assert await _post(database, "k", OTHER, BODY, 2) is None


async def test_a_command_that_fails_leaves_its_key_free(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await idempotency.claim(session, "k", WHO, BODY)
            raise RuntimeError
    assert await _post(database, "k", WHO, BODY, 1) is None


async def test_of_ten_that_come_at_once_one_is_done_and_the_others_get_its_answer(database: Database) -> None:
    found = await asyncio.gather(*(_post(database, "k", WHO, BODY, n) for n in range(10)))
    done = [n for n, known in enumerate(found) if known is None]
    assert len(done) == 1
    assert all(known == idempotency.Stored(201, {"id": done[0]}) for known in found if known is not None)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "a\nb"], ids=["empty", "long", "NUL", "newline"])
async def test_a_key_that_is_no_key_is_refused(database: Database, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        await _post(database, key, WHO, BODY, 1)
    assert caught.value.field == "Idempotency-Key"
    assert caught.value.remedy


async def test_keys_are_forgotten_after_thirty_days(kit_url: str) -> None:
    clock = FixedClock(AT)
    database = Database(kit_url, clock=clock)
    await _post(database, "k", WHO, BODY, 1)
    clock.advance(timedelta(days=29))
    assert await _post(database, "k", WHO, BODY, 2) is not None
    clock.advance(timedelta(days=2))
    async with database.write() as session:
        assert await idempotency.trim(session) == 1
    assert await _post(database, "k", WHO, BODY, 3) is None
    await database.close()
