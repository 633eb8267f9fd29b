"""Through a running system: strangers near a protected home are a signal, and pressure is seen where it is planned."""

from __future__ import annotations

import re
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


class Watched(Story):
    """A gang, a leader it is after, and what patrols write down of them."""

    def made(self, path: str, body: dict[str, Any]) -> str:
        return str(self._made(path, body, self.as_user("registrar"))["id"])

    def seen(self, actors: list[str], origin: str, **more: Any) -> str:
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        body = {"actors": actors, "observed_at": at, "unit": "Patrulje 12", "grading": GRADING, "origin": origin}
        return self.made("/registry/v1/observations", body | {"handling": "RESTRICTED"} | more)

    def member(self, name: str) -> str:
        body = {"names": [{"kind": "legal", "value": name}], "ground": "ASSUMED_OFFENDER", "origin": "log"}
        person = self.made("/registry/v1/persons", body | {"grading": GRADING})
        claim = {"predicate": "member_of", "object": {"kind": "GROUP", "id": self.gang}, "origin": "log"}
        at = {"kind": "FACT", "verified": True, "observed_at": datetime.now(UTC).isoformat(), "grading": GRADING}
        self.made(f"/registry/v1/actors/{person}/claims", claim | at)
        return person

    def share(self, threat: str, report: str) -> float:
        """What a report adds to a threat; 0 where it is not counted."""
        factors = self.threat(threat)["factors"]
        return float(sum(one["share"] for factor in factors for one in factor["signals"] if one["report"] == report))

    def read(self, path: str, user: str = "analyst") -> Any:
        answer = self.client.get(path, headers=self.as_user(user))
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture
def told(url: str) -> Iterator[Watched]:
    story = Watched(url)
    yield story
    story.close()


def threatened(told: Watched, tag: str) -> str:
    """The threat of the handler's report: the gang wants the leader."""
    told.register(tag)
    answer = told.post(told.reports()[1], f"{tag}-1")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["threats"][0]["id"])


def test_strangers_near_the_leaders_home_raise_the_threat_until_it_is_corrected(told: Watched) -> None:
    threat = threatened(told, "hjemmet")
    before = told.threat(threat)["index"]
    near = {"kind": "PERSON", "ref": told.leader}
    seen = told.seen([], "P12-hjemmet", near=near, district="0301-06")
    told.wait(lambda: told.share(threat, seen) > 0)
    assert told.threat(threat)["index"] > before
    correction = {"reason": "WITHDRAWN"}
    path = f"/registry/v1/observations/{seen}/corrections"
    answer = told.client.post(path, json=correction, headers=told.as_user("registrar"))
    assert answer.status_code == 201, answer.text
    told.wait(lambda: told.share(threat, seen) == 0)
    assert told.threat(threat)["index"] == pytest.approx(before, abs=0.001)


def test_how_hard_they_are_pressed_stands_where_measures_are_planned(told: Watched) -> None:
    threat = threatened(told, "presset")
    person = told.member("Oppdiktet Kontrollert")
    stop = {"kind": "STOP", "reason": "ROAD_TRAFFIC", "family_present": True}
    told.seen([person], "P12-presset", control=stop)
    told.seen([person], "P13-presset", control=stop | {"family_present": False})
    path = f"/threat-watch/v1/threats/{threat}/measures"
    assert told.read(path).json()["pressure"] == [{"actor_id": told.gang, "controls": 2, "with_family": 1}]
    page = told.read(f"/threat-watch/threats/{threat}/measures", "dialogue.leader").text
    section = page[page.index('id="pressure"') : page.index("</section>", page.index('id="pressure"'))]
    assert re.findall(r'class="fk-numeric[^>]*>\s*(\d+)', section) == ["2", "1"], section
