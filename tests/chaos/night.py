"""One night: traffic, faults, healing, counting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx2 as httpx

from tests.chaos.count import Count, count, settled
from tests.chaos.faults import Fault, plan
from tests.chaos.targets import Target
from tests.chaos.traffic import Traffic

Say = Callable[[str], None]


async def night(
    target: Target, traffic: Traffic, *, seed: int, faults: int, gap: float = 1.0, say: Say = lambda _: None
) -> Count:
    """`faults` faults from `seed`. The target is started and stopped by the caller."""
    posting = asyncio.create_task(traffic.run())
    planned = plan(seed, faults, target.shares, target.points, gap)
    await _suffer(target, planned, traffic, say)
    await target.heal()
    traffic.stopping.set()
    await posting
    await settled(target, traffic.ledger)
    forgotten = await traffic.again()
    return await count(target, traffic.ledger, len(planned), forgotten)


async def _suffer(target: Target, planned: list[Fault], traffic: Traffic, say: Say) -> None:
    """Two things may go wrong at the same time, but not two to one and the same."""
    taken = {fault.target: asyncio.Lock() for fault in planned}
    at_once = asyncio.Semaphore(2)

    async def one(number: int, fault: Fault) -> None:
        try:
            async with taken[fault.target]:
                say(f"{number:4}  {fault}")
                await target.suffer(fault)
                await traffic.goes_on()
        finally:
            at_once.release()

    async with asyncio.TaskGroup() as running:
        for number, fault in enumerate(planned, start=1):
            await at_once.acquire()
            await asyncio.sleep(fault.after)
            running.create_task(one(number, fault))


async def traffic_to(target: Target, *, seed: int, most: int) -> Traffic:
    """At most `most` reports, signed in as one who may post them."""
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        answer = await client.post(f"{target.url}/auth/dev-token", json={"user": "source.handler"})
        answer.raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return Traffic(target.url, headers, most=most, seed=seed)
