"""The one a threat is aimed at gets no page, decides nothing, owns nothing, and sits in no dialogue about it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from forkant_shared import audit
from forkant_shared.clock import new_id
from forkant_shared.events import registry
from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands import due
from tests.threat_watch.followed import SAID, Followed
from tests.threat_watch.serving import Served, signal
from tests.threat_watch.test_acts_api import claim

ROLE = {"kind": "ROLE", "code": "POLICE_LEADER"}
SOON = "2099-01-01T12:00:00+01:00"


async def family(served: Served) -> tuple[str, str, str]:
    """A police leader, their spouse, and the spouse under an earlier id."""
    leader, spouse, earlier = new_id(), new_id(), new_id()
    await served.hear(
        *(registry.PersonRegistered(person_id=one, ground="VICTIM") for one in (leader, spouse, earlier)),
        claim(leader, "holds_role", served, code="POLICE_LEADER"),
        claim(leader, "family_of", served, object_kind="PERSON", object_id=earlier),
        registry.IdentityChanged(actor_id=earlier, canonical_id=spouse),
    )
    return leader, spouse, earlier


def acts(threat: Followed) -> list[tuple[str, str, dict[str, Any] | None]]:
    """Every act on a threat there is over HTTP: method, path, body."""
    line, other = new_id(), new_id()
    verify = {"due_at": SOON, "fallback": "x"}
    links = {"signal": f"{threat.handlers}/0", "reason": "x"}
    many = {"signals": [f"{threat.handlers}/0"], "reason": "x"}
    return [
        ("POST", "decisions", {"level": "LOW", "reason": "x", "expires_at": threat.hence(days=2)}),
        ("POST", "feedback", {"outcome": "RESOLVED", "evidence": "x"}),
        ("POST", "judgements", {"lane": "LIFE", "reason": "x"}),
        ("POST", "verifications", verify),
        ("POST", "moves", {"state": "ASSESSED", "reason": "x"}),
        ("POST", "fallback/start", verify),
        ("POST", "fallback/refusal", {"reason": "x"}),
        ("POST", "closure", {"reason": "x"}),
        ("PUT", "checklist/1", {"answer": "YES"}),
        ("POST", "links", links),
        ("POST", "dismissals", links),
        ("POST", "unlinks", many),
        ("POST", "splits", many),
        ("PUT", f"exposure/{threat.handlers}", {"exposure": "OK", "could_know": 9, "open_origin": False}),
        ("PUT", "exposure-overlaps", {"reports": [threat.handlers, threat.patrols], "could_know": 3}),
        ("POST", "disclosure/lines", {"text": SAID}),
        ("POST", f"disclosure/lines/{line}/approval", None),
        ("POST", f"disclosure/lines/{line}/removal", {"reason": "x"}),
        ("POST", "disclosure/signatures", {"part": "LEADER", "plan_version": 0}),
        ("POST", "disclosure/signatures", {"part": "SOURCE", "plan_version": 0}),
        ("POST", "disclosure/lone-signature", {"plan_version": 0, "because": "x"}),
        ("POST", "disclosure/withdrawal", {"reason": "x"}),
        ("POST", "measures", measure(threat)),
        ("POST", f"measures/{other}/service", {"served": True}),
        ("POST", f"measures/{other}/end", {"reason": "x"}),
        ("POST", "requests", {"about": "OTHER", "question": "x", "owner": "x", "due_at": threat.hence(days=1)}),
        ("POST", f"requests/{other}/answer", {"note": "x"}),
        ("POST", f"requests/{other}/withdrawal", {"reason": "x"}),
    ]


def measure(threat: Followed, owner: str = "x") -> dict[str, Any]:
    times = {"starts_at": threat.hence(), "expires_at": threat.hence(days=2)}
    return {"kind": "PROTECTION", "what": "Patrulje.", "owner": owner, **times}


async def test_no_act_at_all_is_open_to_the_family_of_one_who_holds_the_targeted_role(served: Served) -> None:
    _, spouse, earlier = await family(served)
    threat = await Followed.at(served, target=ROLE)
    everything = ("duty.leader", "dialogue.leader", "source.handler", "analyst")
    for actor in (spouse, earlier):
        for method, path, body in acts(threat):
            who = served.head(*everything, user="spouse", actor_id=actor)
            answer = await served.client.request(method, threat.path(path), json=body, headers=who)
            assert answer.status_code == 403, (path, answer.status_code, answer.text)
    async with served.app.state.parts.database.read() as session:
        rows = (await session.execute(audit.AUDIT.select().where(audit.AUDIT.c.kind == "DENIED"))).all()
    assert len(rows) == 2 * len(acts(threat)) and {row.subject for row in rows} == {"spouse"}
    # Somebody else is let as far as their own right goes.
    other = served.head(*everything, user="other", actor_id=new_id())
    assert (await served.client.post(threat.path("measures"), json=measure(threat, "other"), headers=other)).is_success


async def test_every_act_that_the_interface_offers_is_in_that_list(served: Served) -> None:
    threat = await Followed.at(served)
    under = "/threat-watch/v1/threats/{threat_id}/"
    offered = {
        (method.upper(), re.sub(r"\{[^}]+\}", "[^/]+", path.removeprefix(under)))
        for path, methods in served.app.openapi()["paths"].items()
        for method in methods
        if path.startswith(under) and method != "get"
    }
    tried = [(method, path) for method, path, _ in acts(threat)]
    # Merging names two threats, and has a test of its own.
    missing = {
        (method, pattern)
        for method, pattern in offered
        if not any(method == how and re.fullmatch(pattern, path) for how, path in tried)
    }
    assert missing == {("POST", "merges"), ("POST", "unmerges")}


async def test_merging_is_refused_where_either_threat_is_aimed_at_the_one_who_asks(served: Served) -> None:
    leader, _, _ = await family(served)
    aimed, other = await Followed.at(served, target=ROLE), await Followed.at(served)
    for one, into in ((aimed, other), (other, aimed)):
        answer = await one.post("merges", {"into": into.id, "reason": "x"}, who={"actor_id": leader})
        assert answer.status_code == 403, answer.text


async def test_the_page_passes_over_every_id_that_they_are_known_by(served: Served) -> None:
    leader, spouse, earlier = await family(served)
    await Followed.at(served, target=ROLE)
    raised = [one for one in await served.said(events.EscalationRaised) if isinstance(one, events.EscalationRaised)]
    assert set(raised[0].excluded_actor_ids) == {leader, spouse, earlier}


async def test_the_target_is_given_no_measure_and_no_question(served: Served) -> None:
    leader, _, _ = await family(served)
    threat = await Followed.at(served, target=ROLE)
    seen = await served.client.get(threat.path("measures"), headers=served.head("duty.officer", actor_id=leader))
    assert seen.status_code == 200
    for owner in ("duty.officer", "nobody.here"):
        refused = await threat.post("measures", measure(threat, owner))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "owner")
    body = {"about": "OTHER", "question": "?", "owner": "duty.officer", "due_at": threat.hence(days=1)}
    assert (await threat.post("requests", body)).json()["errors"][0]["field"] == "owner"


async def test_the_clearance_tells_whom_to_keep_out_of_the_dialogue(served: Served) -> None:
    leader, spouse, earlier = await family(served)
    threat = await Followed.at(served, target=ROLE)
    await threat.clear()
    (told,) = await threat.told_cleared()
    assert set(told.excluded_actor_ids) == {leader, spouse, earlier}


@pytest.mark.parametrize("how", ["family", "target"])
async def test_who_becomes_known_as_a_target_after_the_clearance_is_kept_out_too(
    followed_on_both: Followed, how: str
) -> None:
    threat, served = followed_on_both, followed_on_both.served
    leader, brother = new_id(), new_id()
    await served.hear(*(registry.PersonRegistered(person_id=one, ground="VICTIM") for one in (leader, brother)))
    said = [signal(aggressor=threat.aggressor, target={"kind": "PERSON", "id": leader})]
    if how == "family":
        await threat.joined(said)
        await threat.clear()
        await served.hear(claim(brother, "family_of", served, object_kind="PERSON", object_id=leader))
        await due.let_time_speak(served.app.state.parts)
    else:
        await threat.clear()
        await threat.joined(said)
    first, *again = await threat.told_cleared()
    newly = brother if how == "family" else leader
    assert newly not in first.excluded_actor_ids
    assert newly in again[-1].excluded_actor_ids and again[-1].valid_until == first.valid_until
    assert "cleared-again" in await threat.whats()
    before = len(again)
    served.forward(hours=1)
    await due.let_time_speak(served.app.state.parts)
    assert len(await threat.told_cleared()) == before + 1
