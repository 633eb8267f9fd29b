"""Who may sign a draft of the policy, and do anything else to it; and what is written down of that."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from forkant_shared import audit
from tests.threat_watch.serving import Served
from tests.threat_watch.support.drafting import (
    ADOPTER,
    DRAFTS,
    SIGNER,
    WRITER,
    begin,
    overview,
    sign,
    text,
    with_weight,
)


async def test_an_example_that_does_not_hold_is_shown_with_its_line_and_keeps_everybody_from_signing(
    served: Served,
) -> None:
    answer = await begin(served, text(**{"levels:\n  MODERATE: 0.25\n  HIGH: 0.60\n  CRITICAL: 0.85": (
        "levels:\n  MODERATE: 0.25\n  HIGH: 0.9999\n  CRITICAL: 0.99999"
    )}))  # fmt: skip
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    assert draft["failing"] > 0
    opened = (await served.client.get(f"{DRAFTS}/{draft['id']}", headers=served.head(WRITER))).json()
    wrong = [one for one in opened["examples"] if not one["holds"]]
    assert ("level-high", "positive", 0) in {(one["rule"], one["kind"], one["fired"]) for one in wrong}
    lines = opened["text"].splitlines()
    assert all(lines[one["line"] - 1].lstrip().startswith("-") for one in wrong)
    refused = await sign(served, draft)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "examples")


async def test_whoever_wrote_a_draft_does_not_count_among_its_signatures(served_on_both: Served) -> None:
    draft = (await begin(served_on_both, with_weight(4.0), user="skriver")).json()
    own = await sign(served_on_both, draft, WRITER, user="skriver")
    assert (own.status_code, own.json()) == (201, {"version": None})
    other = await sign(served_on_both, draft)
    assert (other.status_code, other.json()) == (201, {"version": "2026-8"})
    known = {one["version"]: one for one in (await overview(served_on_both))["versions"]}
    assert known["2026-8"]["draft_id"] == draft["id"]
    for role in (SIGNER, ADOPTER):
        assert (await sign(served_on_both, draft, role)).status_code == 409
    changed = await served_on_both.client.put(
        f"{DRAFTS}/{draft['id']}", json={"text": with_weight(1.0)}, headers=served_on_both.head(WRITER)
    )
    assert (changed.status_code, changed.json()["errors"][0]["field"]) == (409, "draft")


async def test_nobody_signs_twice_nor_a_text_that_has_changed_meanwhile(served: Served) -> None:
    draft = (await begin(served, with_weight(4.0), user="skriver")).json()
    await sign(served, draft, WRITER, user="skriver")
    twice = await sign(served, draft, WRITER, user="skriver")
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (409, "signature")
    address = f"{DRAFTS}/{draft['id']}"
    await served.client.put(address, json={"text": with_weight(4.2)}, headers=served.head(WRITER, user="to"))
    assert (await sign(served, draft)).status_code == 412
    again = (await served.client.get(address, headers=served.head(WRITER))).json()
    assert (again["revision"], again["signatures"]) == (2, [])
    assert (await sign(served, again, WRITER, user="to")).json() == {"version": None}


async def test_of_two_who_sign_at_once_the_version_is_made_once(served_on_both: Served) -> None:
    draft = (await begin(served_on_both, with_weight(4.0))).json()
    answers = await asyncio.gather(sign(served_on_both, draft, SIGNER), sign(served_on_both, draft, ADOPTER))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [one["version"] for one in (await overview(served_on_both))["versions"]].count("2026-8") == 1


async def test_two_drafts_may_not_become_the_same_version(served: Served) -> None:
    first = (await begin(served, with_weight(4.0), "En")).json()
    second = (await begin(served, with_weight(4.1), "To")).json()
    assert (await sign(served, first)).status_code == 201
    late = await sign(served, second)
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "version")


ACTS = {
    "read": ("GET", "", None),
    "write": ("PUT", "", {"text": "x"}),
    "throw away": ("DELETE", "", None),
    "sign": ("POST", "/signatures", {"revision": 1}),
    "compare": ("POST", "/comparisons", {"source": "HISTORY"}),
}
ALLOWED = {
    "analyst": {"read", "write", "throw away", "sign", "compare"},
    "dialogue.leader": {"read", "sign", "compare"},
    "duty.leader": {"read", "sign", "compare"},
    "duty.officer": {"read"},
    "auditor": {"read"},
    "source.handler": set(),
    "dialogue.officer": set(),
    "registrar": set(),
}


@pytest.mark.parametrize("role", ALLOWED)
async def test_each_role_may_do_just_what_is_its_own(served: Served, role: str) -> None:
    for number, (name, (method, path, body)) in enumerate(ACTS.items(), 10):
        draft = (await begin(served, with_weight(4.0, f"2026-{number}"), name, user="skriver")).json()
        address = f"{DRAFTS}/{draft['id']}{path}"
        answer = await served.client.request(method, address, json=body, headers=served.head(role))
        allowed = name in ALLOWED[role]
        assert (answer.status_code != 403) is allowed, (name, answer.status_code)
        await served.client.delete(f"{DRAFTS}/{draft['id']}", headers=served.head(WRITER))


async def test_what_is_done_to_a_draft_and_who_looked_stands_in_the_audit_log(served: Served) -> None:
    draft = (await begin(served, with_weight(4.0))).json()
    await served.client.get(f"{DRAFTS}/{draft['id']}", headers=served.head("auditor", user="revisor"))
    await sign(served, draft)
    await begin(served, "not a policy", role="duty.officer", user="uten")
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(sa.select(audit.AUDIT).order_by(audit.AUDIT.c.seq))).all()
    told = [(row.subject, row.action, row.kind) for row in rows if "policy" in row.action]
    assert ("revisor", "threat-watch.policy.read", "CONSULTATION") in told
    assert ("uten", "threat-watch.policy.write", "DENIED") in told
    assert {action for _, action, _ in told} >= {"threat-watch.policy.write", "threat-watch.policy.sign"}
    assert "INTENT" not in str([row.details for row in rows]), "a log says what was done, not what the policy says"
