"""The form that checks a report, on its page."""

from __future__ import annotations

from tests.threat_watch.serving import Served


async def test_the_page_of_a_report_has_the_form_and_says_what_is_missing(served: Served) -> None:
    report_id = (await served.report()).json()["id"]
    shown = await served.client.get(f"/threat-watch/reports/{report_id}", headers=served.head("analyst"))
    assert shown.status_code == 200, shown.text
    assert f'action="/threat-watch/reports/{report_id}/relevance"' in shown.text
    listed = await served.client.get("/threat-watch/relevance-checks", headers=served.head("analyst"))
    assert "Ingen rapporter må vurderes nå" in listed.text
