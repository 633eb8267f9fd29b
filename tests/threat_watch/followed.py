"""A threat with reports whose origins have keepers, and the ways to follow it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from forkant_shared.clock import new_id
from forkant_shared.events import threat_watch as events
from tests.threat_watch.serving import Served, signal

#: Made up, as everything here.
HANDLERS_TEXT = "Kilden hørte to av lederne snakke om å ta prosjektlederen ved huset hans før helga."
CONTACTS_TEXT = "Han som kom innom fortalte at guttene har leid en grå varebil i Drammen."
SAID = "Vi kjenner til planer mot en av våre, og vi vet at dere kan stanse dem."


@dataclass
class Followed:
    """One threat of three reports: `handlers` by a source's handler, `contacts` at the door, `patrols` by a patrol."""

    served: Served
    id: str
    handlers: str
    contacts: str
    patrols: str
    aggressor: dict[str, Any]

    @classmethod
    async def at(cls, served: Served, **changes: Any) -> Followed:
        side = {"kind": "GROUP", "id": new_id()}
        target = changes.pop("target", {"kind": "GROUP", "id": new_id()})
        said = signal(aggressor=side, target=target)
        first = await served.report(text=HANDLERS_TEXT, signals=[said])
        assert first.status_code == 201, first.text
        threat_id = first.json()["threats"][0]["id"]
        walked_in = {"grading": ..., "verified": ..., "exposure": ...}
        second = await served.report(
            channel="WALK_IN", origin="W1", text=CONTACTS_TEXT, signals=[said], role="duty.officer", **walked_in
        )
        third = await served.report(channel="PATROL", origin="P1", text=None, signals=[said], role="analyst")
        for answer in (second, third):
            assert [one["id"] for one in answer.json()["threats"]] == [threat_id], answer.text
        return cls(served, threat_id, first.json()["id"], second.json()["id"], third.json()["id"], side)

    def path(self, rest: str) -> str:
        return f"/threat-watch/v1/threats/{self.id}/{rest}"

    async def post(self, rest: str, body: Any = None, role: str = "duty.leader", **more: Any) -> httpx.Response:
        headers = self.served.head(role, **more.pop("who", {})) | more.pop("headers", {})
        return await self.served.client.post(self.path(rest), json=body, headers=headers)

    async def put(self, rest: str, body: Any, role: str, **who: Any) -> httpx.Response:
        return await self.served.client.put(self.path(rest), json=body, headers=self.served.head(role, **who))

    async def get(self, rest: str, role: str = "analyst") -> dict[str, Any]:
        answer = await self.served.client.get(self.path(rest), headers=self.served.head(role))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def answer(self, report: str, role: str = "source.handler", **changes: Any) -> httpx.Response:
        body = {"exposure": "PARAPHRASE", "could_know": 9, "open_origin": False} | changes
        return await self.put(f"exposure/{report}", body, role)

    async def write(self, *reports: str, text: str = SAID, role: str = "analyst", **more: Any) -> str:
        answer = await self.post("disclosure/lines", {"text": text, "reports": list(reports), **more}, role)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def approve(self, line: str, role: str = "dialogue.leader", **who: Any) -> httpx.Response:
        return await self.post(f"disclosure/lines/{line}/approval", None, role, who=who)

    async def version(self) -> int:
        return int((await self.get("disclosure"))["plan_version"])

    async def sign(
        self, part: str, role: str, *, version: int | None = None, because: str | None = None, **who: Any
    ) -> httpx.Response:
        body = {"part": part, "plan_version": await self.version() if version is None else version}
        if because is not None:
            body["because"] = because
        return await self.post("disclosure/signatures", body, role, who=who)

    async def plan(self) -> str:
        """A plan that both may sign: one line, on the handler's report; the line's id."""
        assert (await self.answer(self.handlers)).status_code == 201
        line = await self.write(self.handlers)
        assert (await self.approve(line)).status_code == 204
        return line

    async def clear(self) -> None:
        """Both sign, and a dialogue is cleared."""
        await self.plan()
        assert (await self.sign("SOURCE", "source.handler")).json()["cleared"] is False
        assert (await self.sign("LEADER", "duty.leader")).json()["cleared"] is True

    async def joined(self, said: list[dict[str, Any]]) -> None:
        """One more report that counts here."""
        answer = await self.served.report(channel="PATROL", origin="P2", text=None, signals=said, role="analyst")
        threats = answer.json()["threats"]
        if [one["id"] for one in threats] != [self.id]:
            (other,) = threats
            into = {"into": self.id, "reason": "Samme sak."}
            path = f"/threat-watch/v1/threats/{other['id']}/merges"
            merged = await self.served.client.post(path, json=into, headers=self.served.head("analyst"))
            assert merged.status_code == 201, merged.text

    async def whats(self) -> list[str]:
        """What stands in the timeline, newest first."""
        return [item["what"] for item in (await self.get("timeline"))["items"]]

    async def told_cleared(self) -> list[events.DialogueCleared]:
        return [
            one for one in await self.served.said(events.DialogueCleared) if isinstance(one, events.DialogueCleared)
        ]

    async def told_withdrawn(self) -> list[events.DialogueClearanceWithdrawn]:
        found = await self.served.said(events.DialogueClearanceWithdrawn)
        return [one for one in found if isinstance(one, events.DialogueClearanceWithdrawn)]

    def hence(self, **time: float) -> str:
        return (self.served.clock.now() + timedelta(**time)).isoformat()
