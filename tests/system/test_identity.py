"""Two cards of one person, through a running system: judged the same, both threats follow; taken back, both return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import systems
from tests.system.story import Story

GRADING = {"scale": "ADMIRALTY", "source": "A", "information": "2"}


@pytest.fixture(scope="module", params=["embedded", pytest.param("full", marks=pytest.mark.connected)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "full":
        request.getfixturevalue("kafka_server")
        request.getfixturevalue("postgres_server")
    start = systems.embedded if request.param == "embedded" else systems.full
    with start() as system:
        yield system.url


class TwoCards(Story):
    """A register with two cards of one person, and a report on each."""

    def made(self, path: str, body: dict[str, Any], user: str = "analyst") -> dict[str, Any]:
        return self._made(path, body, self.as_user(user))

    def person(self, name: str) -> str:
        body = {"names": [{"kind": "legal", "value": name}], "ground": "ASSUMED_OFFENDER"}
        return str(self.made("/registry/v1/persons", body | {"grading": GRADING, "origin": "log"}, "registrar")["id"])

    def reported(self, person: str, target: str, origin: str) -> list[str]:
        """The threats that a word about this person counts in or is suggested to."""
        said = {"factor": "INTENT", "strength": "EXPLICIT"}
        parties = {"aggressor": {"kind": "PERSON", "id": person}, "target": {"kind": "PERSON", "id": target}}
        body = {
            "observed_at": datetime.now(UTC).isoformat(),
            "channel": "HANDLER",
            "grading": GRADING,
            "origin": origin,
            "kind": "FACT",
            "verified": False,
            "exposure": "NO",
            "signals": [said | parties],
        }
        answer = self.post(body, f"{origin}-{person}")
        assert answer.status_code == 201, answer.text
        return [threat["id"] for threat in answer.json()["threats"]]

    def aggressors(self, threat: str) -> list[str]:
        return [party["id"] for party in self.threat(threat)["aggressors"]]

    def signals(self, threat: str) -> list[str]:
        return sorted(s["report"] for factor in self.threat(threat)["factors"] for s in factor["signals"])

    def card(self, actor: str) -> dict[str, Any]:
        answer = self.client.get(f"/registry/v1/actors/{actor}", headers=self.as_user("analyst"))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def happened(self, threat: str) -> list[str]:
        path = f"/threat-watch/v1/threats/{threat}/timeline"
        answer = self.client.get(path, headers=self.as_user("analyst"))
        return [item["what"] for item in answer.json()["items"]]


@pytest.fixture
def told(url: str) -> Iterator[TwoCards]:
    story = TwoCards(url)
    yield story
    story.close()


def test_threats_follow_a_judgement_of_identity_and_return_when_it_is_taken_back(told: TwoCards) -> None:
    first, second = told.person("Oppdiktet Tvilling"), told.person("Oppdiktet Tviling")
    target = told.person("Oppdiktet Mål")
    [one], [two] = told.reported(first, target, "S1"), told.reported(second, target, "S2")
    assert one != two, "two strangers who threaten the same person are two threats"
    before = {threat: (told.signals(threat), told.threat(threat)["index"]) for threat in (one, two)}

    judged = told.made(
        f"/registry/v1/actors/{second}/judgements",
        {"other": first, "verdict": "POSITIVE", "reason": "Samme tatovering"},
    )
    assert (judged["state"], judged["canonical_id"]) == ("STANDS", first)
    told.wait(lambda: told.aggressors(two) == [first])
    assert told.aggressors(one) == [first]
    assert told.card(second)["canonical_id"] == first
    for threat, (signals, index) in before.items():
        assert told.signals(threat) == signals, "nothing that was told is lost"
        assert told.threat(threat)["index"] == pytest.approx(index, abs=0.001)
    assert "identity-changed" in told.happened(two)
    # What comes now may belong to either, so that a person chooses.
    assert set(told.reported(second, target, "S3")) == {one, two}

    told.made(f"/registry/v1/judgements/{judged['id']}/revocations", {"reason": "To fingeravtrykk"})
    told.wait(lambda: told.aggressors(two) == [second])
    assert told.aggressors(one) == [first]
    assert told.card(second)["canonical_id"] == second
    for threat, (signals, _) in before.items():
        assert set(signals) <= set(told.signals(threat))
    assert told.reported(second, target, "S4") == [two], "each finds its own again"


def test_a_day_that_is_moved_moves_in_the_threat_too(told: TwoCards) -> None:
    person, target = told.person("Oppdiktet Løslatt"), told.person("Oppdiktet Vitne")
    [threat] = told.reported(person, target, "S5")
    alone = told.threat(threat)["index"]
    soon, later = ((datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (3, 60))
    day = {"kind": "RELEASE", "on": soon, "parties": [person], "grading": GRADING, "origin": "log"}
    entry = told.made("/registry/v1/calendar-entries", day)["id"]
    told.wait(lambda: told.threat(threat)["index"] > alone + 0.01)
    moved = {"reason": "MOVED", "replacement": day | {"on": later}}
    told.made(f"/registry/v1/calendar-entries/{entry}/corrections", moved)
    told.wait(lambda: abs(told.threat(threat)["index"] - alone) < 0.001)
    assert "day-called-off" in told.happened(threat)
