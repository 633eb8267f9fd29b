"""The case of 2008 as posted over HTTP: the reports of the scenario file, told so that the last one is fresh."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import yaml

SCENARIO = Path(__file__).parents[1] / "threat_watch" / "scenarios" / "2008.yaml"
LAST_REPORT = timedelta(days=29)


class Story:
    """One city, one family-led gang, one leader they are after; on a running Forkant at `url`."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30)
        self._tokens: dict[str, dict[str, str]] = {}
        self.gang = self.leader = ""

    def close(self) -> None:
        self.client.close()

    def as_user(self, user: str) -> dict[str, str]:
        """The header for a demo user."""
        if user not in self._tokens:
            answer = self.client.post("/auth/dev-token", json={"user": user})
            assert answer.status_code == 200, answer.text
            assert answer.json()["token_type"] == "Bearer"
            self._tokens[user] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self._tokens[user]

    def as_organisation(self, organisation: str, *scopes: str) -> dict[str, str]:
        """The header for a machine of an organisation."""
        if organisation not in self._tokens:
            asked = {"organisation": organisation, "scopes": list(scopes)}
            answer = self.client.post("/auth/dev-token", json=asked)
            assert answer.status_code == 200, answer.text
            self._tokens[organisation] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self._tokens[organisation]

    def register(self, tag: str) -> None:
        """Put the gang and the leader into the registry. `tag` keeps stories in one system apart."""
        registrar = self.as_user("registrar")
        grading = {"scale": "ADMIRALTY", "source": "A", "information": "1"}
        group = {"label": f"Familien {tag}", "group_kind": "family_based", "grading": grading, "origin": "log"}
        self.gang = self._made("/registry/v1/groups", group, registrar)["id"]
        person = {
            "names": [{"kind": "legal", "value": f"Oppdiktet Leder {tag}"}],
            "ground": "VICTIM",
            "grading": grading,
            "origin": "log",
        }
        self.leader = self._made("/registry/v1/persons", person, registrar)["id"]
        claim = {
            "predicate": "holds_role",
            "value": "POLICE_LEADER",
            "kind": "FACT",
            "verified": True,
            "grading": grading,
            "origin": "log",
            "observed_at": (datetime.now(UTC) - timedelta(days=400)).isoformat(),
        }
        self._made(f"/registry/v1/actors/{self.leader}/claims", claim, registrar)

    def _made(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def reports(self) -> list[dict[str, Any]]:
        """The bodies of R1 to R5."""
        told = yaml.safe_load(SCENARIO.read_text("utf-8"))
        now = datetime.now(UTC)
        found = []
        for step in told["steps"]:
            report = step.get("report", {})
            if not re.fullmatch(r"R\d", report.get("id", "")):
                continue
            days = int(step["at"].removeprefix("+").removesuffix("d"))
            found.append(
                {
                    "observed_at": (now - LAST_REPORT + timedelta(days=days)).isoformat(),
                    "channel": report["channel"],
                    "grading": report["grading"],
                    "origin": report["origin"],
                    "kind": "FACT",
                    "verified": False,
                    "exposure": "NO",
                    "text": f"Fortalt som i saken fra 2008, {report['id']}.",
                    "signals": [self._signal(signal) for signal in report["signals"]],
                }
            )
        return found

    def _signal(self, signal: dict[str, Any]) -> dict[str, Any]:
        parties = {"family_gang": {"kind": "GROUP", "id": self.gang}, "leader": {"kind": "PERSON", "id": self.leader}}
        found = dict(signal)
        for side in ("aggressor", "target"):
            if isinstance(found.get(side), str):
                found[side] = parties[found[side]]
        return found

    def post(self, body: dict[str, Any], key: str) -> httpx.Response:
        headers = {**self.as_user("source.handler"), "Idempotency-Key": key}
        return self.client.post("/threat-watch/v1/reports", json=body, headers=headers)

    def threat(self, threat: str) -> dict[str, Any]:
        answer = self.client.get(f"/threat-watch/v1/threats/{threat}", headers=self.as_user("analyst"))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def pages(self, threat: str) -> list[dict[str, Any]]:
        answer = self.client.get("/notifier/v1/pages", params={"threat": threat}, headers=self.as_user("duty.officer"))
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def messages(self) -> list[dict[str, Any]]:
        answer = self.client.get("/notifier/sandbox/messages", headers=self.as_user("duty.officer"))
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def wait(self, find: Callable[[], Any], seconds: float = 20.0) -> Any:
        """What `find` finds, as soon as it finds something."""
        until = time.monotonic() + seconds
        while True:
            found = find()
            if found:
                return found
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.02)
