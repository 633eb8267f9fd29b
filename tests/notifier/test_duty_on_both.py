"""The plan of duty on SQLite and on PostgreSQL: of many who decide at once, one does, and nothing is left half done."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2 as httpx
import sqlalchemy as sa

import forkant_notifier
from forkant_notifier.app import life
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.settings import Settings
from forkant_shared import testing
from forkant_shared.migrations import migrate
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import new_app
from tests.notifier.support.people import MONDAY

DUTY = "/notifier/v1/duty"


async def test_of_many_who_decide_at_once_one_does(database_url: str) -> None:
    settings = Settings(mode="embedded", database_url=database_url)
    await asyncio.to_thread(migrate, forkant_notifier, sa.make_url(database_url))
    clock = FixedClock(MONDAY)
    app = new_app(settings, clock)
    parts: NotifierParts = app.state.parts
    async with life(parts):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test") as client:
            await _at_once(client, clock, parts)
    await parts.database.close()


async def _at_once(client: httpx.AsyncClient, clock: FixedClock, parts: NotifierParts) -> None:
    issuer = desk_of(parts).development
    assert issuer

    def as_user(user: str) -> dict[str, str]:
        return testing.bearer(issuer.person(user, name=user, roles=[user], lifetime=timedelta(hours=1)))

    users = ["duty.officer", "duty.deputy", "duty.leader"]
    now = clock.now()
    day = {"since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    asked = await client.post(f"{DUTY}/swaps", json={"tier": 1, **day}, headers=as_user("duty.officer"))
    assert asked.status_code == 201, asked.text
    path = f"{DUTY}/swaps/{asked.json()['id']}/answer"
    answers = await asyncio.gather(
        *(client.post(path, json={"state": "ACCEPTED"}, headers=as_user(user)) for user in users[1:] * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    seen = (await client.get(f"{DUTY}/rotas", headers=as_user("auditor"))).json()["revision"]
    taken = await asyncio.gather(
        *(
            client.post(f"{DUTY}/overrides", json={"tier": 2, "revision": seen}, headers=as_user(user))
            for user in ("duty.officer", "duty.leader") * 3
        )
    )
    assert sorted(answer.status_code for answer in taken) == [201, 409, 409, 409, 409, 409]
    async with parts.database.read() as session:
        revisions = (await session.execute(sa.text("select revision from duty_changes order by revision"))).scalars()
        assert list(revisions) == list(range(1, seen + 2))
        assert (await session.execute(sa.text("select count(*) from overrides"))).scalar_one() == 2
    waiver = {"waiver": {"reason": "Exercise", "until": (now + timedelta(days=20)).isoformat()}}
    for rota in (await client.get(f"{DUTY}/rotas", headers=as_user("auditor"))).json()["items"]:
        ended = await client.post(f"{DUTY}/rotas/{rota['id']}/end", json=waiver, headers=as_user("duty.leader"))
        assert ended.status_code == 204, ended.text
    then = await client.get(DUTY, params={"at": (now - timedelta(days=1)).isoformat()}, headers=as_user("auditor"))
    assert [[user["user"] for user in tier["users"]] for tier in then.json()["tiers"]] == [[user] for user in users]
    report = await client.post("/notifier/v1/handovers", json={}, headers=as_user("duty.leader"))
    assert report.status_code == 201, report.text
    begun = await client.post(f"{DUTY}/check-in", headers=as_user("duty.deputy"))
    assert begun.status_code == 201, begun.text
