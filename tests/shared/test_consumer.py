"""Delivered at least once, applied once, in order per key; and what each kind of error leads to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from forkant_shared import consumer as consumer_module
from forkant_shared import inbox
from forkant_shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unauthenticated, Unavailable
from tests.shared.support.rig import DEAD_LETTERS, GROUP, TOPIC, Rig, beat


async def test_an_event_delivered_twice_is_applied_once(rig: Rig) -> None:
    told = await rig.tell(beat(1), beat(2))
    await rig.settle()
    await rig.publish(told)
    await rig.settle()
    assert len(await rig.records(TOPIC)) == 4
    assert await rig.applied() == [1, 2]


async def test_an_event_twice_in_one_batch_is_applied_once(rig: Rig) -> None:
    [one, two] = await rig.tell(beat(1), beat(2))
    await rig.publish([one, one, two, one, two])
    await rig.consumer.step()
    assert await rig.applied() == [1, 2]


async def test_what_is_not_subscribed_passes_in_silence(rig: Rig) -> None:
    await rig.publish_raw("a", b"not even json", [("ce_type", b"no.forkant.threat-watch.threat-opened.v1")])
    await rig.publish_raw("a", b"\xff", [])
    await rig.tell(beat(1))
    await rig.settle()
    assert await rig.applied() == [1]
    assert await rig.parked() == []
    assert await rig.records(DEAD_LETTERS) == []


BROKEN: dict[str, tuple[str, bytes, list[tuple[str, bytes]]]] = {
    "no JSON": ("a", b"{", []),
    "JSON of another shape": ("a", b'{"watch_id": 7}', []),
    "a NUL in the data": ("a", b'{"watch_id": "\x00"}', []),
    "a list": ("a", b"[]", []),
    "nested beyond reason": ("a", b"[" * 100_000, []),
    "a header that is not text": ("a", b"{}", [("ce_subject", b"\xff\xfe\x00")]),
    "a key with a NUL": ("a\x00b", b"{}", []),
    "a key too long for any table": ("k" * 5000, b"{}", []),
    "an id too long": ("a", b"{}", [("ce_id", b"x" * 5000)]),
    "no id": ("a", b"{}", [("ce_id", b"")]),
    "a name where an id stands": ("a", b"{}", [("ce_subject", b"threat/Ola Nordmann")]),
    "another version of CloudEvents": ("a", b"{}", [("ce_specversion", b"0.3")]),
    "a time without zone": ("a", b"{}", [("ce_time", b"2026-11-20T21:15:00")]),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_cannot_be_read_is_a_dead_letter_at_once_and_stops_nobody(rig: Rig, broken: str) -> None:
    key, value, wrong = BROKEN[broken]
    [good] = await rig.tell(beat(1))
    headers = {**dict(good.to_message(TOPIC).headers), "ce_id": b"broken", **dict(wrong)}
    await rig.publish_raw(key, value, list(headers.items()))
    await rig.settle()
    assert await rig.applied() == [1]
    [row] = await rig.parked()
    assert (row["error"], row["holds_key"]) == ("Invalid", False)
    [letter] = await rig.records(DEAD_LETTERS)
    assert (letter.key, letter.value) == (key, value)
    told = dict(letter.headers)
    assert {name: told[name] for name in headers} == headers
    assert told["dlq-original-topic"] == TOPIC.encode()
    assert (told["dlq-consumer-group"], told["dlq-exception-type"]) == (GROUP.encode(), b"Invalid")
    assert told["dlq-attempts"] == b"1"


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (Invalid("no"), 1),
        (Forbidden("no"), 1),
        (Unauthenticated("no"), 1),
        (NotFound("no"), 5),
        (Conflict("no"), 4),
        (Stale("no"), 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_an_error_of_ours_is_tried_as_its_kind_says_and_is_then_a_dead_letter(
    rig: Rig, error: Exception, tries: int
) -> None:
    rig.failures["a", 1] = lambda: error
    await rig.tell(beat(1), beat(2), beat(1, "b"))
    await rig.settle()
    assert await rig.applied("a") == [2], "a dead letter does not hold its key"
    assert await rig.applied("b") == [1]
    # Twice more than the table says: once in all that was fetched, once in its partition, and then by itself.
    assert rig.tries["a", 1] == tries + 2
    [letter] = await rig.records(DEAD_LETTERS)
    assert dict(letter.headers)["dlq-attempts"] == str(tries).encode()
    [row] = await rig.parked()
    assert (row["error"], row["holds_key"]) == (type(error).__name__, False)


@pytest.mark.parametrize("error", [NotFound("not yet"), Conflict("busy")], ids=["NotFound", "Conflict"])
async def test_what_mends_itself_within_the_tries_is_applied(rig: Rig, error: Exception) -> None:
    rig.failures["a", 1] = [error, error]
    await rig.tell(beat(1))
    await rig.settle()
    assert await rig.applied() == [1]
    assert await rig.parked() == []


async def test_what_is_away_holds_its_partition_for_ever_and_goes_on_by_itself(rig: Rig) -> None:
    rig.failures["a", 1] = lambda: Unavailable("the registry is away")
    await rig.tell(beat(1), beat(2), beat(1, "b"))
    for _ in range(5):
        await rig.relay.step()
        await rig.consumer.step(timeout=0.05)
    assert await rig.applied("a") == []
    assert await rig.applied("b") == [1]
    assert await rig.parked() == []
    del rig.failures["a", 1]
    async with asyncio.timeout(10):
        while await rig.applied("a") != [1, 2]:
            await rig.consumer.step(timeout=0.05)
    assert rig.consumer.healthy


async def test_a_restart_while_a_partition_waits_forgets_none_of_those_behind(rig: Rig) -> None:
    rig.failures["a", 2] = lambda: Unavailable("away")
    await rig.tell(beat(1), beat(2), beat(3))
    await rig.relay.step()
    await rig.consumer.step()
    assert await rig.applied() == [1]
    del rig.failures["a", 2]
    await rig.restart_consumer()
    await rig.settle()
    assert await rig.applied() == [1, 2, 3]


async def test_readiness_turns_red_only_when_a_partition_has_waited_beyond_the_alarm(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.failures["a", 1] = lambda: Unavailable("away")
    await rig.tell(beat(1))
    await rig.relay.step()
    await rig.consumer.step()
    assert rig.consumer.healthy
    monkeypatch.setattr(consumer_module, "ALARM_AFTER_SECONDS", 0.0)
    assert not rig.consumer.healthy


async def test_a_partition_another_member_took_over_no_longer_alarms(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "ALARM_AFTER_SECONDS", 0.0)
    keys = [f"k{n}" for n in range(12)]
    for key in keys:
        rig.failures[key, 1] = lambda: Unavailable("away")
    await rig.tell(*(beat(1, key) for key in keys))
    await rig.relay.step()
    await rig.consumer.step()
    assert not rig.consumer.healthy
    others = [await rig.bus.subscribe(GROUP, [TOPIC]) for _ in range(12)]
    await rig.consumer.step()
    mine = rig.consumer._subscription
    assert mine is not None
    assert len(mine.assigned) < len(keys)
    waiting = frozenset(rig.consumer._waiting._waits)
    assert waiting <= mine.assigned
    for other in others:
        await other.close()


async def test_a_bug_is_tried_five_times_and_then_parks_its_key_in_order(rig: Rig) -> None:
    rig.failures["a", 2] = lambda: ZeroDivisionError("with a name in it")
    await rig.tell(beat(1), beat(2), beat(3), beat(4), beat(1, "b"))
    await rig.settle()
    assert rig.tries["a", 2] == 5 + 2
    assert await rig.applied("a") == [1]
    assert await rig.applied("b") == [1]
    rows = await rig.parked()
    assert [row["error"] for row in rows] == ["ZeroDivisionError", None, None]
    assert all(row["holds_key"] for row in rows)
    await rig.tell(beat(5), beat(6), beat(2, "b"))
    await rig.settle()
    assert await rig.applied("a") == [1], "later ones wait behind it, also when they come in one batch"
    assert await rig.applied("b") == [1, 2], "other keys pass"
    assert await rig.records(DEAD_LETTERS) == []


async def _parked_at_two(rig: Rig) -> int:
    rig.failures["a", 2] = lambda: ZeroDivisionError()
    await rig.tell(*(beat(sequence) for sequence in (1, 2, 3, 4)))
    await rig.settle()
    return int((await rig.parked())[0]["seq"])


async def test_a_released_key_goes_on_in_order_and_new_events_behind_it(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    async with rig.database.write() as session:
        assert await inbox.release(session, GROUP, seq) == 3
    del rig.failures["a", 2]
    # This one reaches the consumer before the released ones were taken.
    await rig.tell(beat(5))
    await rig.relay.step()
    await rig.settle()
    await rig.settle()
    assert await rig.applied() == [1, 2, 3, 4, 5]
    assert await rig.parked() == []


async def test_an_event_that_came_between_the_release_and_the_next_look_follows_by_itself(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = await _parked_at_two(rig)
    monkeypatch.setattr(consumer_module, "RELEASED_SECONDS", 3600.0)
    await rig.consumer.step()
    async with rig.database.write() as session:
        await inbox.release(session, GROUP, seq)
    del rig.failures["a", 2]
    await rig.tell(beat(5))
    await rig.settle()
    assert [row["released_at"] is None for row in await rig.parked()] == [False, True, True, True]
    await rig.restart_consumer()
    await rig.settle()
    assert await rig.applied() == [1, 2, 3, 4, 5]
    assert await rig.parked() == []


async def test_a_released_event_that_fails_again_waits_again_with_all_behind_it(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    async with rig.database.write() as session:
        await inbox.release(session, GROUP, seq)
    await rig.settle()
    await rig.settle()
    assert await rig.applied() == [1]
    assert [row["error"] for row in await rig.parked()] == ["ZeroDivisionError", None, None]
    assert [row["released_at"] for row in await rig.parked()] == [None, None, None]


async def test_a_second_failure_in_a_released_key_holds_only_what_comes_after(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    del rig.failures["a", 2]
    rig.failures["a", 3] = lambda: KeyError("x")
    async with rig.database.write() as session:
        await inbox.release(session, GROUP, seq)
    await rig.settle()
    assert await rig.applied() == [1, 2]
    assert [row["error"] for row in await rig.parked()] == ["KeyError", None]


async def test_a_dropped_event_lets_those_behind_it_go_on(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    async with rig.database.write() as session:
        await inbox.drop(session, seq)
    await rig.settle()
    assert await rig.applied() == [1, 3, 4]
    assert await rig.parked() == []
    with pytest.raises(NotFound):
        async with rig.database.write() as session:
            await inbox.drop(session, seq)


async def test_an_edited_event_is_applied_as_edited(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    async with rig.database.write() as session:
        await inbox.edit(session, seq, beat(22).model_dump_json())
        await inbox.release(session, GROUP, seq)
    await rig.settle()
    assert await rig.applied() == [1, 22, 3, 4]


async def test_a_dead_letter_can_be_released_by_itself(rig: Rig) -> None:
    rig.failures["a", 1] = [Invalid("no"), Invalid("no")]
    await rig.tell(beat(1), beat(2))
    await rig.settle()
    [row] = await rig.parked()
    async with rig.database.write() as session:
        assert await inbox.release(session, GROUP, row["seq"]) == 1
    rig.failures.clear()
    await rig.settle()
    await rig.consumer.step()
    assert await rig.applied() == [2, 1]
    assert await rig.parked() == []


async def test_two_instances_that_look_at_released_events_at_once_apply_each_once(rig: Rig) -> None:
    seq = await _parked_at_two(rig)
    del rig.failures["a", 2]
    async with rig.database.write() as session:
        await inbox.release(session, GROUP, seq)
    second = rig.new_consumer()
    for _ in range(3):
        await asyncio.gather(rig.consumer.step(timeout=0.01), second.step(timeout=0.01))
    assert await rig.applied() == [1, 2, 3, 4]
    assert await rig.parked() == []


async def test_a_batch_with_one_bad_event_is_taken_apart_and_the_others_are_applied(rig: Rig) -> None:
    rig.failures["a", 30] = lambda: Invalid("no")
    await rig.tell(*(beat(sequence) for sequence in range(1, 61)))
    await rig.settle()
    assert await rig.applied() == [n for n in range(1, 61) if n != 30]
    assert rig.tries["a", 1] == 2, "once in the batch that was rolled back, once by itself"


async def test_a_good_batch_shares_one_transaction(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.tell(*(beat(sequence) for sequence in range(1, 41)))
    await rig.relay.step()
    opened = []
    write: Callable[[], object] = rig.database.write
    monkeypatch.setattr(rig.database, "write", lambda: opened.append(1) or write())
    await rig.consumer.step()
    assert await rig.applied() == list(range(1, 41))
    assert len(opened) == 1


async def test_what_comes_from_several_partitions_shares_one_transaction_and_each_goes_on_from_its_own_place(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.tell(*(beat(sequence, key) for sequence in range(1, 6) for key in "abcdefgh"))
    await rig.relay.step()
    opened = []
    write: Callable[[], object] = rig.database.write
    monkeypatch.setattr(rig.database, "write", lambda: opened.append(1) or write())
    assert await rig.consumer.step() == 40
    assert len(opened) == 1
    assert len({record.partition for record in await rig.records(TOPIC)}) > 1, "else this proves nothing"
    await rig.restart_consumer()
    await rig.tell(*(beat(6, key) for key in "abcdefgh"))
    await rig.settle()
    for key in "abcdefgh":
        assert await rig.applied(key) == [1, 2, 3, 4, 5, 6]
    assert set(rig.tries.values()) == {1}, "nothing came a second time"


async def test_one_bad_event_takes_only_its_own_partition_apart(rig: Rig) -> None:
    rig.failures["a", 2] = lambda: Invalid("no")
    await rig.tell(*(beat(sequence, key) for sequence in (1, 2, 3) for key in "abcdefgh"))
    await rig.settle()
    partition_of = {record.key: record.partition for record in await rig.records(TOPIC)}
    for key in "abcdefgh":
        assert await rig.applied(key) == ([1, 3] if key == "a" else [1, 2, 3])
    apart = [key for key in "abcdefgh" if rig.tries[key, 1] == 3]
    assert apart == [key for key in "abcdefgh" if partition_of[key] == partition_of["a"]]


async def test_what_comes_while_others_wait_for_company_goes_with_them(rig: Rig) -> None:
    rig.consumer = rig.new_consumer(gather_seconds=0.5)
    await rig.tell(beat(1))
    await rig.relay.step()
    stepping = asyncio.create_task(rig.consumer.step(timeout=5))
    await asyncio.sleep(0)
    await rig.tell(beat(2))
    await rig.relay.step()
    assert await stepping == 2
    assert await rig.applied() == [1, 2]


async def test_a_dead_letter_too_large_for_its_topic_does_not_stop_the_key(rig: Rig) -> None:
    [good] = await rig.tell(beat(1))
    headers = good.to_message(TOPIC).headers
    room = 900_000 - sum(len(name) + len(value) for name, value in headers) - 1
    await rig.publish_raw("a", b"x" * room, [(n, v if n != "ce_id" else b"y" * len(v)) for n, v in headers])
    await rig.settle()
    assert await rig.applied() == [1]
    [row] = await rig.parked()
    assert row["error"] == "Invalid"
