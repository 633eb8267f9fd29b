"""A drill goes to other systems and browsers too, and what they get says that it is one, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forkant_notifier.commands import reaching
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.store import duty, reach
from forkant_shared.testing import FixedClock
from tests.notifier.support.browser_push import fake_push_service, vapid_pem
from tests.notifier.support.desk import escalation
from tests.notifier.support.gateway import fake_gateway
from tests.notifier.support.routes import Routed, routed
from tests.notifier.test_drills import started
from tests.notifier.test_mail_and_webhook import WHSEC
from tests.notifier.test_nothing_leaks import CANARY
from tests.notifier.test_web_push import OFFICER, push

PAGE = {"to", "code", "lane", "drill", "text"}


async def with_a_system_beside(system: Routed) -> None:
    async with system.desk.parts.database.write() as session:
        await reach.put_address(session, "duty.officer", Channel.WEBHOOK, "operations")
        await duty.put_person(session, "canary", name=CANARY, actor_id=None, floor=False, addresses={})
    system.desk.desk.book = None


def hook(url: str, folder: Path) -> dict[str, Any]:
    (folder / "whsec").write_text(WHSEC)
    return {"kind": "webhook", "name": "hook", "url": url, "secret": {"file": "whsec"}}


async def test_another_system_is_told_of_a_drill_as_a_drill_and_of_a_page_as_none(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with fake_gateway() as receiver:
        gateways = [hook(receiver.url, tmp_path)]
        async with routed(tmp_path, clock, gateways=gateways, settings={"policy": "2026-2"}) as system:
            await with_a_system_beside(system)
            drill = await started(system.desk, "NORMAL")
            await system.desk.hear(escalation(lane="NORMAL", reason=CANARY))
            await system.desk.send()
        told = [json.loads(body) for body in receiver.bodies]
    by_drill = {page["data"]["drill"]: page["data"] for page in told}
    assert set(by_drill) == {True, False}
    assert by_drill[True]["text"] == f"Forkant ØVELSE {drill['code']}. Logg inn."
    assert "ØVELSE" not in by_drill[False]["text"]
    assert all(set(page) == PAGE for page in by_drill.values())
    assert CANARY not in json.dumps(told)


async def test_a_browser_is_told_of_a_drill_as_a_drill(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "vapid.pem").write_text(vapid_pem())
    async with fake_push_service() as service, routed(tmp_path, clock, gateways=[push(service.url)]) as system:
        await reaching.subscribe(system.desk.parts, OFFICER, **service.subscription())
        drill = await started(system.desk)
        (told,) = service.got
    assert told["drill"] is True
    assert told["text"] == f"Forkant ØVELSE {drill['code']} HASTER. Logg inn."
    assert set(told) == {"text", "code", "lane", "drill", "link"}
