"""What waits to be looked at on a page of its own, the next deadline of a threat, and who has had to do with it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from forkant_shared.audit import AUDIT
from forkant_shared.events.notifier import PageAccepted
from forkant_threat_watch.tables import ESCALATIONS
from tests.threat_watch.serving import Served
from tests.threat_watch.test_ways_in import threat_between, two_groups
from tests.threat_watch.test_ways_in_dialogue import act, effect, held

PAGE = "/threat-watch/reviews"


async def words(served: Served, path: str, role: str = "analyst", **headers: str) -> str:
    answer = await served.client.get(path, headers=served.head(role) | headers)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


async def test_what_waits_stands_on_a_page_until_it_is_done_and_the_overdue_is_counted(served: Served) -> None:
    assert "Ingen gjennomganger venter" in await words(served, PAGE)
    threat_id = await threat_between(served, *await two_groups(served))
    await served.hear(held(threat_id))
    page = await words(served, PAGE)
    assert "Etter dialogen: sett når effekten må være sett" in page and "T-" in page
    served.forward(hours=25)
    assert "er over fristen." in await words(served, PAGE)
    assert "is overdue." in await words(served, PAGE, **{"accept-language": "en"}) or "are overdue." in await words(
        served, PAGE, **{"accept-language": "en"}
    )
    await act(served, threat_id, "verifications", effect(served))
    assert "sett når effekten" not in await words(served, PAGE)


async def test_the_page_goes_on_where_it_ended_is_written_down_and_not_for_everybody(
    served: Served, monkeypatch: Any
) -> None:
    monkeypatch.setattr("forkant_threat_watch.pages.reviews.ON_A_PAGE", 1)
    for _ in range(2):
        await served.hear(held(await threat_between(served, *await two_groups(served))))
    first = await served.client.get(PAGE, headers=served.head("duty.officer"))
    (following,) = re.findall(r'href="(/threat-watch/reviews\?after=[^"]+)"', first.text)
    second = await served.client.get(unescape(following), headers=served.head("duty.officer"))
    told = [set(re.findall(r"/threat-watch/threats/[0-9a-f-]{36}", page.text)) for page in (first, second)]
    assert told[0] and told[1] and told[0].isdisjoint(told[1])
    assert (await served.client.get(PAGE, headers=served.head("registrar"))).status_code == 403
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(AUDIT.select().where(AUDIT.c.action == "threat-watch.review.read"))).all()
    assert {row.kind for row in rows} == {"CONSULTATION", "DENIED"}


async def test_the_card_says_what_is_due_next_and_who_knows(served: Served) -> None:
    threat_id = await threat_between(served, *await two_groups(served))
    page = f"/threat-watch/threats/{threat_id}"
    assert "Ingen har gjort noe med trusselen ennå." in await words(served, page)
    await act(served, threat_id, "verifications", effect(served))
    async with served.app.state.parts.database.read() as session:
        escalation = (await session.execute(ESCALATIONS.select())).first().id
    accepted = PageAccepted(
        page_id=escalation,
        escalation_id=escalation,
        threat_id=threat_id,
        user="duty.deputy",
        answered_at=served.clock.now(),
    )
    await served.hear(accepted)
    shown = await words(served, page)
    assert "effekten skal være sett" in shown and "2 personer" in shown and "duty.deputy" in shown
    served.forward(days=5)
    assert "Over fristen" in (await words(served, page)).partition("Hvorfor")[0]
    before = (served.clock.now() - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
    assert "Hvem vet" not in await words(served, f"{page}?as_of={before}")
