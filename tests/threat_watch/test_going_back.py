"""What did we know at 21:40: a threat as it stood at any moment, with nothing that came later."""

from __future__ import annotations

from datetime import timedelta

from forkant_shared.clock import new_id
from tests.threat_watch.serving import Served, signal

GANG = {"kind": "GROUP", "id": new_id()}
TARGET = {"kind": "GROUP", "id": new_id()}


async def _risen(served: Served) -> tuple[str, str, str]:
    """A threat that rose an hour after it was opened: its id, the moment between, and the second report."""
    first = (await served.report(signals=[signal(aggressor=GANG, target=TARGET)])).json()
    between = (served.clock.now() + timedelta(minutes=30)).isoformat()
    served.forward(hours=1)
    more = [signal(factor="RECONNAISSANCE", aggressor=GANG, target=TARGET)]
    second = (await served.report(origin="S2", signals=more)).json()
    return first["threats"][0]["id"], between, second["reference"]


async def test_the_page_of_then_knows_nothing_of_later(served: Served) -> None:
    threat_id, between, second = await _risen(served)
    address, head = f"/threat-watch/threats/{threat_id}", served.head("analyst")
    now = (await served.client.get(address, headers=head)).text
    then = (await served.client.get(address, params={"as_of": between}, headers=head)).text
    assert "med det vi visste da" in then and "med det vi visste da" not in now
    assert second in now and second not in then
    for form in ("decision", "verification", "feedback"):
        assert f'action="{address}/{form}"' in now
        assert f'action="{address}/{form}"' not in then


async def test_a_moment_that_has_not_been_or_is_none_shows_how_it_stands(served: Served) -> None:
    threat_id, _, second = await _risen(served)
    ahead = (served.clock.now() + timedelta(days=1)).isoformat()
    for nonsense in ("yesterday", ahead, ""):
        page = await served.client.get(
            f"/threat-watch/threats/{threat_id}", params={"as_of": nonsense}, headers=served.head("analyst")
        )
        assert page.status_code == 200
        assert second in page.text


async def test_before_it_was_opened_there_was_nothing(served: Served) -> None:
    threat_id, _, _ = await _risen(served)
    before = (served.clock.now() - timedelta(days=1)).isoformat()
    page = await served.client.get(
        f"/threat-watch/threats/{threat_id}", params={"as_of": before}, headers=served.head("analyst")
    )
    assert page.status_code == 404


async def test_paper_without_sources_names_none(served: Served) -> None:
    threat_id, _, second = await _risen(served)
    address, head = f"/threat-watch/threats/{threat_id}/print", served.head("analyst")
    assert second in (await served.client.get(address, headers=head)).text
    hidden = (await served.client.get(address, params={"sources": "hidden"}, headers=head)).text
    assert second not in hidden and "S2" not in hidden
    officer = (await served.client.get(address, headers=served.head("dialogue.officer"))).text
    assert second not in officer
