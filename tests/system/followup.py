"""A threat that is followed up on a running Forkant: its reports with keepers, a plan, a dialogue that waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx

from tests.system.story import Story

SAID = "Vi kjenner til planer mot en av våre, og vi vet at dere kan stanse dem."


def hence(**time: float) -> str:
    """So long from now."""
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


class Followup:
    """What named people do about the threat of the 2008 case."""

    def __init__(self, story: Story, tag: str) -> None:
        self.story = story
        story.register(tag)
        bodies = story.reports()
        bodies[4]["channel"] = "WALK_IN"
        answers = [story.post(body, f"{tag}-{place}") for place, body in enumerate(bodies)]
        assert all(answer.status_code == 201 for answer in answers), [answer.text for answer in answers]
        self.reports: list[str] = [answer.json()["id"] for answer in answers]
        self.threat: str = answers[-1].json()["threats"][0]["id"]

    def act(self, method: str, path: str, body: Any, user: str) -> httpx.Response:
        """One act on the threat over HTTP."""
        address = f"/threat-watch/v1/threats/{self.threat}/{path}"
        return self.story.client.request(method, address, json=body, headers=self.story.as_user(user))

    def done(self, method: str, path: str, body: Any, user: str) -> Any:
        """One act that must be let be done."""
        answer = self.act(method, path, body, user)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    def answer(self, place: int, exposure: str = "PARAPHRASE", user: str = "source.handler") -> None:
        """The keeper's answer for one of the five reports."""
        body = {"exposure": exposure, "could_know": 9, "open_origin": False}
        self.done("PUT", f"exposure/{self.reports[place]}", body, user)

    def clear(self) -> None:
        """Answer, write, approve, and sign by two."""
        self.answer(1)
        line = self.done("POST", "disclosure/lines", {"text": SAID, "reports": [self.reports[1]]}, "analyst")["id"]
        self.done("POST", f"disclosure/lines/{line}/approval", None, "dialogue.leader")
        for part, user in (("SOURCE", "source.handler"), ("LEADER", "duty.leader")):
            version = self.done("GET", "disclosure", None, user)["plan_version"]
            self.done("POST", "disclosure/signatures", {"part": part, "plan_version": version}, user)

    def meeting(self) -> str:
        """A threat dialogue that passes every check but the clearance; its id."""
        people = [{"subject": one, "experienced_leader": True} for one in ("dialogue.officer", "dialogue.leader")]
        opening = {
            "group_id": self.story.gang,
            "phase": "III",
            "entry_form": "OPEN_APPROACH",
            "contacts": [{"subject": one["subject"]} for one in people],
        }
        dialogue = self._meetings("POST", "dialogues", opening)["id"]
        for one in people:
            self._meetings("GET", f"dialogues/{dialogue}", None, str(one["subject"]))
        plan = {
            "dialogue_id": dialogue,
            "state": "PLANNED",
            "level": "TACTICAL",
            "initiative": "OURS",
            "purpose": "Si at vi vet det",
            "not_recruitment": True,
            "starts_at": hence(days=5),
            "place": "Biblioteket",
            "neutral_place": True,
            "representatives": people,
            "counterpart_count": 2,
            "deconfliction": {"outcome": "PROCEED"},
            "threat_id": self.threat,
            "verification_at": hence(days=6),
            "fallback": "Pågripelse",
        }
        return str(self._meetings("POST", "meetings", plan)["id"])

    def _meetings(self, method: str, path: str, body: Any, user: str = "dialogue.leader") -> Any:
        answer = self.story.client.request(method, f"/meetings/v1/{path}", json=body, headers=self.story.as_user(user))
        assert answer.is_success, answer.text
        return answer.json()

    def confirm(self, meeting: str) -> httpx.Response:
        """Try to confirm it."""
        path = f"/meetings/v1/meetings/{meeting}/confirmation"
        return self.story.client.post(path, json={}, headers=self.story.as_user("dialogue.leader"))

    def hold(self, meeting: str) -> None:
        """It took place just now."""
        self._meetings("POST", f"meetings/{meeting}/holding", {"held_at": datetime.now(UTC).isoformat()})

    def state(self, meeting: str) -> tuple[str, str | None]:
        """Where the meeting stands, and what took its confirmation back."""
        found = self._meetings("GET", f"meetings/{meeting}", None)
        return found["state"], found["withdrawn"]
