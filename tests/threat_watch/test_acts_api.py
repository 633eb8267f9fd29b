"""What named people do with a threat, and what the others tell about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forkant_shared import audit
from forkant_shared.clock import new_id
from forkant_shared.events import meetings, notifier, registry
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands import due
from tests.threat_watch.serving import Served, signal

BASE = "/threat-watch/v1/threats"


async def opened(served: Served, **changes: object) -> str:
    answer = await served.report(**changes)
    return str(answer.json()["threats"][0]["id"])


async def test_a_named_officer_sets_the_level_until_a_time(served: Served) -> None:
    threat_id = await opened(served)
    expires = (served.clock.now() + timedelta(days=5)).isoformat()
    body = {"level": "LOW", "reason": "Gjengen har reist.", "expires_at": expires}
    done = await served.client.post(f"{BASE}/{threat_id}/decisions", json=body, headers=served.head("analyst"))
    assert done.status_code == 201, done.text
    threat = await served.threat(threat_id)
    assert (threat["level"], threat["automatic"]) == ("LOW", "MODERATE")
    assert threat["decision"]["by"] == "analyst"
    assert threat["next_change"]["cause"] == "DECISION_EXPIRES"
    refused = await served.client.post(f"{BASE}/{threat_id}/decisions", json=body, headers=served.head("registrar"))
    assert refused.status_code == 403


async def test_two_who_decide_on_the_same_version_are_not_both_heard(served: Served) -> None:
    threat_id = await opened(served)
    version = (await served.threat(threat_id))["version"]
    body = {"level": "LOW", "reason": "a", "expires_at": (served.clock.now() + timedelta(days=2)).isoformat()}
    headers = served.head("analyst") | {"If-Match": f'"{version}"'}
    first = await served.client.post(f"{BASE}/{threat_id}/decisions", json=body, headers=headers)
    second = await served.client.post(f"{BASE}/{threat_id}/decisions", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 412)


async def test_the_one_a_threat_is_aimed_at_does_not_decide_on_it(served: Served) -> None:
    leader = new_id()
    threat_id = await opened(served, signals=[signal(target={"kind": "PERSON", "id": leader})])
    body = {
        "level": "LOW",
        "reason": "Det går bra.",
        "expires_at": (served.clock.now() + timedelta(days=2)).isoformat(),
    }
    aimed_at = served.head("duty.leader", actor_id=leader)
    refused = await served.client.post(f"{BASE}/{threat_id}/decisions", json=body, headers=aimed_at)
    assert refused.status_code == 403
    assert (await served.threat(threat_id))["level"] == "MODERATE"


async def test_no_closing_while_the_effect_is_to_be_verified(served: Served) -> None:
    threat_id = await opened(served)
    leader = served.head("duty.leader")
    due_at = (served.clock.now() + timedelta(hours=6)).isoformat()
    set_ = await served.client.post(
        f"{BASE}/{threat_id}/verifications", json={"due_at": due_at, "fallback": "Pågripe."}, headers=leader
    )
    assert set_.status_code == 201, set_.text
    refused = await served.client.post(f"{BASE}/{threat_id}/closure", json={"reason": "Over."}, headers=leader)
    assert refused.status_code == 409
    told = {"outcome": "RESOLVED", "evidence": "Begge sider har roet seg."}
    assert (await served.client.post(f"{BASE}/{threat_id}/feedback", json=told, headers=leader)).status_code == 201
    closed = await served.client.post(f"{BASE}/{threat_id}/closure", json={"reason": "Over."}, headers=leader)
    assert closed.status_code == 201, closed.text
    assert (await served.threat(threat_id))["state"] == "CLOSED"
    assert len(await served.said(events.ThreatClosed)) == 1


async def test_an_effect_that_does_not_show_pages_and_asks_for_the_fallback(served: Served) -> None:
    threat_id = await opened(served)
    due_at = (served.clock.now() + timedelta(hours=6)).isoformat()
    body = {"due_at": due_at, "fallback": "Pågripe."}
    await served.client.post(f"{BASE}/{threat_id}/verifications", json=body, headers=served.head("duty.leader"))
    served.forward(hours=7)
    await due.let_time_speak(served.app.state.parts)
    timeline = await served.client.get(f"{BASE}/{threat_id}/timeline", headers=served.head("analyst"))
    assert "fallback" in {item["what"] for item in timeline.json()["items"]}


async def test_the_checklist_is_answered_by_name(served: Served) -> None:
    threat_id = await opened(served)
    answer = {"answer": "YES", "note": "Samordnet med de andre."}
    done = await served.client.put(f"{BASE}/{threat_id}/checklist/1", json=answer, headers=served.head("duty.officer"))
    assert done.status_code == 204, done.text
    points = (await served.threat(threat_id))["checklist"]
    assert len(points) == 8
    assert points[0]["answer"] == "YES" and points[0]["by"] == "duty.officer"
    assert points[1]["answer"] is None


async def test_an_officers_word_pages(served: Served) -> None:
    threat_id = await opened(served, signals=[signal(strength="HINT")])
    body = {"lane": "LIFE", "reason": "Jeg kjenner dem."}
    done = await served.client.post(f"{BASE}/{threat_id}/judgements", json=body, headers=served.head("duty.officer"))
    assert done.status_code == 201, done.text
    raised = await served.said(events.EscalationRaised)
    assert (raised[-1].lane, raised[-1].rules[0]) == ("LIFE", "officer-judgement")


# -- what the others tell --------------------------------------------------------------------------------------------


async def test_a_page_that_is_answered_and_closed_elsewhere_is_so_here(served: Served) -> None:
    threat_id = await opened(served)
    (raised,) = await served.said(events.EscalationRaised)
    page = {"page_id": new_id(), "threat_id": threat_id, "escalation_id": raised.escalation_id}
    accepted = notifier.PageAccepted(**page, user="duty.officer", answered_at=served.clock.now())
    await served.hear(accepted, notifier.PageClosed(**page, cause="DONE"), times=2)
    timeline = await served.client.get(f"{BASE}/{threat_id}/timeline", headers=served.head("analyst"))
    whats = [item["what"] for item in timeline.json()["items"]]
    assert whats.count("page-accepted") == 1 and whats.count("page-closed") == 1
    # The page is over: a new voice that fires a rule rings again.
    party = {"kind": "GROUP", "id": (await served.threat(threat_id))["aggressors"][0]["id"]}
    await served.report(origin="S2", signals=[signal(aggressor=party, target=...)])
    assert len(await served.said(events.EscalationRaised)) == 2


async def test_a_promise_broken_under_a_threat_pages_once(served: Served) -> None:
    threat_id = await opened(served, signals=[signal(strength="HINT")])
    before = len(await served.said(events.EscalationRaised))
    broken = meetings.PromiseBroken(
        promise_id=new_id(),
        dialogue_id=new_id(),
        by="COUNTERPART",
        manner="INTENTIONAL",
        threat_id=threat_id,
        broken_at=served.clock.now(),
    )
    await served.hear(broken, times=2)
    raised = await served.said(events.EscalationRaised)
    assert len(raised) == before + 1 and "promise-broken" in raised[-1].rules


async def test_a_role_and_the_person_who_holds_it_are_one_target(served: Served) -> None:
    gang, leader, wife = new_id(), new_id(), new_id()
    holds = claim(leader, "holds_role", served, code="POLICE_LEADER")
    family = claim(leader, "family_of", served, object_kind="PERSON", object_id=wife)
    await served.hear(
        registry.GroupRegistered(group_id=gang, group_kind="family_based"),
        registry.PersonRegistered(person_id=leader, ground="VICTIM"),
        holds,
        family,
        times=2,
    )
    side = {"kind": "GROUP", "id": gang}
    first = await served.report(signals=[signal(aggressor=side, target={"kind": "ROLE", "code": "POLICE_LEADER"})])
    second = await served.report(
        origin="W1",
        signals=[signal(factor="RECONNAISSANCE", aggressor=..., target={"kind": "PERSON", "id": leader})],
    )
    assert first.json()["threats"] == second.json()["threats"]
    raised = await served.said(events.EscalationRaised)
    assert raised[0].include_leader
    assert set(raised[0].excluded_actor_ids) == {leader, wife}


async def test_a_link_that_is_lost_links_no_longer(served: Served) -> None:
    gang, cousin = new_id(), new_id()
    member = claim(cousin, "member_of", served, object_kind="GROUP", object_id=gang)
    await served.hear(registry.GroupRegistered(group_id=gang, group_kind="street"), member)
    await served.hear(registry.ClaimSuperseded(claim_id=member.claim_id, actor_id=cousin))
    one = await served.report(signals=[signal(aggressor={"kind": "GROUP", "id": gang}, target=...)])
    other = await served.report(signals=[signal(aggressor={"kind": "PERSON", "id": cousin}, target=...)])
    assert one.json()["threats"] != other.json()["threats"]


async def test_what_waited_joins_when_a_link_becomes_known(served: Served) -> None:
    gang, leader = new_id(), new_id()
    opens = await served.report(signals=[signal(aggressor={"kind": "GROUP", "id": gang})])
    waiting = await served.report(
        origin="W1",
        signals=[signal(factor="CAPABILITY", aggressor={"kind": "NAME", "name": "Guttene fra Våløya"}, target=...)],
    )
    assert waiting.json()["threats"] == []
    parts = served.app.state.parts
    await served.hear(registry.GroupRegistered(group_id=gang, group_kind="street"))

    class Told:
        async def names(self, actor_ids: list[str]) -> dict[str, tuple[str, list[str]]]:
            return {gang: ("Guttene fra Våløya", ["Guttene fra Våløya"])}

    parts.state["registry"] = Told()
    assert await due.ask_names(parts) == 1
    while await due.join_late(parts):
        pass
    threat = await served.threat(opens.json()["threats"][0]["id"])
    assert {factor["factor"] for factor in threat["factors"]} == {"INTENT", "CAPABILITY"}
    assert threat["aggressors"][0]["label"] == "Guttene fra Våløya"
    del leader


async def test_a_war_between_two_groups_counts_in_the_threat_between_them_and_ends(served: Served) -> None:
    one, other = sorted((new_id(), new_id()))
    threat_id = await opened(
        served, signals=[signal(aggressor={"kind": "GROUP", "id": one}, target={"kind": "GROUP", "id": other})]
    )
    before = (await served.threat(threat_id))["index"]
    conflict = {"conflict_id": new_id(), "group_a": one, "group_b": other}
    grades = {"scale": "ADMIRALTY", "source_grade": "A", "information_grade": "1"}
    since = served.clock.now()
    await served.hear(registry.ConflictChanged(**conflict, status="war", since=since, **grades), times=2)
    at_war = (await served.threat(threat_id))["index"]
    assert at_war > before
    served.forward(hours=1)
    await served.hear(registry.ConflictChanged(**conflict, status="peace", since=served.clock.now(), **grades))
    assert (await served.threat(threat_id))["index"] < at_war


async def test_a_court_date_counts_near_the_day(served: Served) -> None:
    gang = new_id()
    threat_id = await opened(served, signals=[signal(aggressor={"kind": "GROUP", "id": gang})])
    before = (await served.threat(threat_id))["index"]
    await served.hear(registry.GroupRegistered(group_id=gang, group_kind="street"))
    on = (served.clock.now() + timedelta(days=2)).date()
    entry = registry.CalendarEntryRecorded(entry_id=new_id(), kind="COURT_DATE", on=on, parties=[gang])
    await served.hear(entry, times=2)
    assert (await served.threat(threat_id))["index"] > before


async def test_the_watch_says_that_it_is_alive(served: Served) -> None:
    await due.beat(served.app.state.parts)
    await due.beat(served.app.state.parts)
    assert [beat.sequence for beat in await served.said(events.WatchHeartbeat)] == [1, 2]


async def test_every_look_is_in_the_audit_log_and_the_chain_holds(served: Served) -> None:
    threat_id = await opened(served)
    await served.threat(threat_id)
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(audit.AUDIT.select().order_by(audit.AUDIT.c.seq))).all()
        assert await audit.verify(session) is None
    assert [row.action for row in rows] == ["threat-watch.report.write", "threat-watch.threat.read"]
    assert rows[1].kind == "CONSULTATION" and rows[1].purpose == f"threat:{threat_id}"


@pytest.mark.parametrize("path", ["", "/assessments", "/timeline"])
async def test_a_threat_that_is_not_there_is_404_for_everybody_who_may_ask(served: Served, path: str) -> None:
    answer = await served.client.get(f"{BASE}/{new_id()}{path}", headers=served.head("analyst"))
    assert answer.status_code == 404
    machine = served.machine("forkant:threats.read")
    assert (await served.client.get(f"{BASE}/{new_id()}{path}", headers=machine)).status_code == 404


def claim(actor_id: str, predicate: str, served: Served, **about: str) -> registry.ClaimRecorded:
    """A claim about a person, as the registry tells it."""
    return registry.ClaimRecorded(
        claim_id=new_id(),
        actor_id=actor_id,
        predicate=predicate,
        kind="FACT",
        verified=True,
        observed_at=served.clock.now(),
        **about,
    )


async def test_who_may_not_read_reports_sees_why_without_the_sources(served: Served) -> None:
    threat_id = await opened(served, origin="KILDE-7")
    for_analysts = await served.threat(threat_id)
    for_officers = await served.threat(threat_id, role="dialogue.officer")
    assert for_analysts["factors"][0]["signals"][0]["origin"] == "KILDE-7"
    assert "KILDE-7" not in str(for_officers)
    assert for_officers["factors"][0]["share"] == for_analysts["factors"][0]["share"]
    assert for_officers["factors"][0]["signals"][0]["report"] == ""
