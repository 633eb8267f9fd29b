"""Texts of policies, and the way of a draft through the workbench as its people go it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx2 as httpx

from forkant_threat_watch.commands import policy_adopting, policy_comparing, policy_in_force
from forkant_threat_watch.store.policies import of_release
from tests.threat_watch.serving import Served

DRAFTS = "/threat-watch/v1/policy-drafts"
POLICIES = "/threat-watch/v1/policies"
WRITER, SIGNER, ADOPTER = "analyst", "dialogue.leader", "duty.leader"
#: Beyond the time by which every instance knows of an adoption.
LEAD = 11


def text(version: str = "2026-8", **changes: str) -> str:
    """The policy of this release under another version; each change is `OLD=NEW`, with the old text in it once."""
    found = of_release()["2026-1"].text
    for old, new in [("version: 2026-1\nt", f"version: {version}\nt"), *((k, v) for k, v in changes.items())]:
        assert found.count(old) == 1, f"{old!r} stands {found.count(old)} times"
        found = found.replace(old, new)
    return found


def with_weight(value: float, version: str = "2026-8") -> str:
    """The policy of this release with another weight for intent."""
    return text(version, **{"INTENT: 4.4": f"INTENT: {value}"})


async def begin(served: Served, policy: str, name: str = "Prøve", **who: Any) -> httpx.Response:
    head = served.head(who.pop("role", WRITER), **who)
    return await served.client.post(DRAFTS, json={"name": name, "text": policy}, headers=head)


async def sign(served: Served, draft: dict[str, Any], role: str = SIGNER, **who: Any) -> httpx.Response:
    address = f"{DRAFTS}/{draft['id']}/signatures"
    return await served.client.post(address, json={"revision": draft["revision"]}, headers=served.head(role, **who))


async def signed(served: Served, policy: str, name: str = "Prøve") -> str:
    """The version that a text becomes once it is drafted and signed."""
    draft = await begin(served, policy, name)
    assert draft.status_code == 201, draft.text
    answer = await sign(served, draft.json())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["version"])


async def adopt(served: Served, version: str, at: datetime | None = None, **head: str) -> httpx.Response:
    body = {"reason": "Prøvd på året som gikk."} | ({"from_at": at.isoformat()} if at else {})
    headers = served.head(ADOPTER) | {name.replace("_", "-"): value for name, value in head.items()}
    return await served.client.post(f"{POLICIES}/{version}/adoptions", json=body, headers=headers)


async def overview(served: Served, role: str = WRITER) -> dict[str, Any]:
    answer = await served.client.get(POLICIES, headers=served.head(role))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def settled(served: Served, rounds: int = 20) -> int:
    """Step what the clock steps until no threat waits to be looked at anew; how many were."""
    parts, looked = served.app.state.parts, 0
    await policy_in_force.look_for_adoptions(parts)
    for _ in range(rounds):
        found = await policy_adopting.look_anew(parts)
        looked += found
        if not found:
            break
    return looked


async def compared(served: Served, draft_id: str, source: str, role: str = WRITER, **body: Any) -> dict[str, Any]:
    """A comparison, asked for and done."""
    head = served.head(role)
    asked = await served.client.post(f"{DRAFTS}/{draft_id}/comparisons", json={"source": source, **body}, headers=head)
    assert asked.status_code == 202, asked.text
    await policy_comparing.compare_next(served.app.state.parts)
    answer = await served.client.get(asked.headers["location"], headers=head)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
