"""Observations near a protected place come in over the bus: told twice, late or in another order changes nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

import forkant_threat_watch
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid
from forkant_shared.events.registry import ObservationRecorded, ObservationSuperseded, PersonRegistered
from forkant_threat_watch.domain.observing import observation_rules_of
from tests.threat_watch.serving import GRADES, Served, signal
from tests.threat_watch.test_ways_in import everything, reviews, two_groups

POLICIES = Path(forkant_threat_watch.__file__).parent / "policies"


@pytest.fixture
def served(served_on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return served_on_both


def seen(served: Served, *actors: str, **changes: Any) -> ObservationRecorded:
    """Somebody near the home of a project leader, noted by a patrol two hours ago."""
    said: dict[str, Any] = {
        "observation_id": new_id(),
        "actors": list(actors),
        "near_kind": "ROLE",
        "near_ref": "PROJECT_LEADER",
        "district": "0301-06",
        "origin_id": new_id(),
        "observed_at": served.clock.now() - timedelta(hours=2),
        "scale": "ADMIRALTY",
        "source_grade": "A",
        "information_grade": "2",
        "handling": "RESTRICTED",
        **changes,
    }
    return ObservationRecorded.model_validate(said)


async def report(served: Served, report_id: str, **more: Any) -> Any:
    return await served.client.get(f"/threat-watch/v1/reports/{report_id}", headers=served.head("analyst", **more))


async def threat_of(served: Served, one: ObservationRecorded) -> dict[str, Any]:
    (line,) = (await report(served, one.observation_id)).json()["threats"]
    return await served.threat(line["id"])


async def test_somebody_seen_near_a_protected_home_is_reconnaissance_against_whoever_lives_there(
    served: Served,
) -> None:
    group, _ = await two_groups(served)
    one = seen(served, group)
    await served.hear(one, times=2)
    found = (await report(served, one.observation_id)).json()
    assert (found["channel"], found["exposure"], found["text"]) == ("SYSTEM", "NO", None)
    assert (found["origin"], found["grading"]) == (f"observation:{one.origin_id}", GRADES)
    threat = await threat_of(served, one)
    assert [factor["factor"] for factor in threat["factors"] if factor["share"] > 0] == ["RECONNAISSANCE"]
    assert (threat["aggressors"][0]["id"], threat["targets"][0]["code"]) == (group, "PROJECT_LEADER")
    before = await everything(served)
    await served.hear(one)
    assert await everything(served) == before


async def test_strangers_near_the_home_join_the_threat_that_is_known(served: Served) -> None:
    group, _ = await two_groups(served)
    leader = new_id()
    await served.hear(PersonRegistered(person_id=leader, ground="VICTIM"))
    said = signal(aggressor={"kind": "GROUP", "id": group}, target={"kind": "PERSON", "id": leader}, strength="STATED")
    threat_id = (await served.report(signals=[said])).json()["threats"][0]["id"]
    before = await served.threat(threat_id)
    strangers = seen(served, near_kind="PERSON", near_ref=leader)
    await served.hear(strangers)
    after = await threat_of(served, strangers)
    assert after["id"] == threat_id and after["index"] > before["index"]
    # The same mouth again is no new voice; another one is.
    await served.hear(seen(served, near_kind="PERSON", near_ref=leader, origin_id=strangers.origin_id))
    assert (await served.threat(threat_id))["index"] == pytest.approx(after["index"], abs=1e-9)
    await served.hear(seen(served, near_kind="PERSON", near_ref=leader))
    assert (await served.threat(threat_id))["index"] > after["index"]


async def test_an_observation_near_nothing_protected_says_nothing_of_a_threat(served: Served) -> None:
    group, _ = await two_groups(served)
    one = seen(served, group, near_kind=None, near_ref=None, control="STOP")
    before = await everything(served)
    await served.hear(one)
    assert await everything(served) == before


async def test_what_is_superseded_no_longer_counts_and_what_replaces_it_does(served: Served) -> None:
    group, _ = await two_groups(served)
    first = seen(served, group)
    await served.hear(first, seen(served, group))
    threat_id = (await threat_of(served, first))["id"]
    before = await served.threat(threat_id)
    gone = ObservationSuperseded(observation_id=first.observation_id)
    await served.hear(gone, times=2)
    after = await served.threat(threat_id)
    assert after["index"] < before["index"]
    assert (await report(served, first.observation_id)).status_code == 404
    assert "report-destroyed" in await reviews(served)
    timeline = await served.client.get(f"/threat-watch/v1/threats/{threat_id}/timeline", headers=served.head("analyst"))
    lines = [
        (item["by"], item["codes"]) for item in timeline.json()["items"] if item["what"] == "observation-superseded"
    ]
    assert lines == [("registry", {"cause": "SUPERSEDED"})]
    page = await served.client.get(f"/threat-watch/threats/{threat_id}", headers=served.head("analyst"))
    assert "rettet eller trukket" in page.text
    stood = await everything(served)
    await served.hear(first, gone)
    assert await everything(served) == stood


async def test_one_that_was_taken_back_before_it_came_never_counts(served: Served) -> None:
    group, _ = await two_groups(served)
    one = seen(served, group)
    new = seen(served, group)
    await served.hear(ObservationSuperseded(observation_id=one.observation_id, superseded_by=new.observation_id))
    await served.hear(new, one)
    assert (await report(served, one.observation_id)).status_code == 404
    assert (await threat_of(served, new))["index"] > 0


async def test_who_may_not_know_of_it_in_the_registry_may_not_here(served: Served) -> None:
    group, _ = await two_groups(served)
    one = seen(served, group, compartment="homes")
    await served.hear(one)
    assert (await report(served, one.observation_id)).status_code == 404
    assert (await report(served, one.observation_id, compartments=["homes"])).status_code == 200


async def test_a_grade_that_no_policy_knows_loses_no_observation(served: Served) -> None:
    group, _ = await two_groups(served)
    one = seen(served, group, scale="EN_ANNEN")
    await served.hear(one)
    assert (await report(served, one.observation_id)).json()["not_yet_graded"]


@pytest.mark.parametrize(
    ("name", "value"), [("factor", "CURIOSITY"), ("strength", "LOUD"), ("imminence_hours", -1), ("strength", None)]
)
def test_rules_that_make_no_sense_are_refused_with_their_place(name: str, value: object) -> None:
    document = yaml.safe_load((POLICIES / "observations-2026-1.yaml").read_text("utf-8"))
    document["near_protected"][name] = value
    with pytest.raises(Invalid) as refused:
        observation_rules_of(document)
    assert f"near_protected.{name}" in (refused.value.field or "") + refused.value.detail
