"""The policy workbench as people see it: everything on one page, and each form an act."""

from __future__ import annotations

from tests.threat_watch.support.served import Watching


async def test_the_page_shows_what_is_in_force_before_anything_was_adopted(watching: Watching) -> None:
    page = await watching.page("/threat-watch/policy", "analyst")
    assert page.status_code == 200
    for said in ("2026-1", "Ingen utkast", "Ingen historier", "fra start"):
        assert said in page.text
