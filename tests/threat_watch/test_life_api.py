"""The order of a threat's life: every state stands on something, and what failed puts the fallback before a leader."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forkant_shared.events import threat_watch as events
from forkant_threat_watch.commands import due
from tests.threat_watch.followed import Followed
from tests.threat_watch.test_measures_api import causes, made

FALLBACK = "Pågripe de to."


async def state(threat: Followed) -> str:
    return str((await threat.served.threat(threat.id))["state"])


async def moved(
    threat: Followed, to: str, *, verify: bool = False, role: str = "duty.leader"
) -> tuple[int, str | None]:
    """Ask to move there; the status and the field that stood in the way."""
    body: dict[str, Any] = {"state": to, "reason": "Avtalt."}
    if verify:
        body["verify"] = {"due_at": threat.hence(days=3), "fallback": FALLBACK}
    answer = await threat.post("moves", body, role)
    errors = answer.json().get("errors") or [{"field": None}]
    return answer.status_code, errors[0]["field"]


async def verified(threat: Followed, outcome: str) -> None:
    answer = await threat.post("feedback", {"outcome": outcome, "evidence": "Sett av patruljen."})
    assert answer.status_code == 201, answer.text


async def test_from_the_first_report_to_the_closed_threat_in_the_order_of_the_method(
    followed_on_both: Followed,
) -> None:
    threat = followed_on_both
    assert await state(threat) == "ESCALATED"
    assert await moved(threat, "IN_DIALOGUE", verify=True) == (409, "clearance")
    await threat.clear()
    assert await moved(threat, "IN_DIALOGUE") == (422, "due_at")
    assert await moved(threat, "IN_DIALOGUE", verify=True) == (201, None)
    assert await moved(threat, "ASSESSED") == (409, "state")
    assert await moved(threat, "UNDER_MEASURES") == (409, "measures")
    one = await made(threat)
    assert await moved(threat, "UNDER_MEASURES") == (201, None)
    assert await moved(threat, "VERIFYING") == (201, None)
    closing = {"reason": "Begge sider har roet seg."}
    refused = await threat.post("closure", closing)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "verification")
    await verified(threat, "RESOLVED")
    assert (await threat.post(f"measures/{one['id']}/end", {"reason": "Rolig."})).status_code == 201
    assert (await threat.post("closure", closing)).status_code == 201
    assert await state(threat) == "CLOSED"
    whats = await threat.whats()
    assert whats[0] == "close" and whats.count("move") == 3
    assert (await moved(threat, "VERIFYING"))[0] == 409


async def test_a_dialogue_is_not_begun_on_a_clearance_that_has_run_out(followed: Followed) -> None:
    await followed.clear()
    followed.served.forward(hours=169)
    # Before the clock has been looked at, and after.
    assert await moved(followed, "IN_DIALOGUE", verify=True) == (409, "clearance")
    await due.let_time_speak(followed.served.app.state.parts)
    assert await moved(followed, "IN_DIALOGUE", verify=True) == (409, "clearance")


async def test_verifying_and_acting_have_a_time_at_which_the_effect_must_be_seen(followed: Followed) -> None:
    assert await moved(followed, "VERIFYING") == (422, "due_at")
    assert await moved(followed, "VERIFYING", verify=True) == (201, None)
    assert (await followed.served.threat(followed.id))["verification"]["fallback"] == FALLBACK


async def test_who_may_not_move_it_does_not(followed: Followed) -> None:
    assert (await moved(followed, "VERIFYING", verify=True, role="dialogue.officer"))[0] == 403


async def test_what_was_never_acted_on_is_closed_with_a_reason_alone(followed: Followed) -> None:
    assert (await followed.post("closure", {"reason": "Feil person."})).status_code == 201


@pytest.mark.parametrize("outcome", ["NONE", "WORSENED"])
async def test_no_effect_or_worse_closes_nothing_and_puts_the_fallback_before_a_leader(
    followed: Followed, outcome: str
) -> None:
    await moved(followed, "VERIFYING", verify=True)
    await verified(followed, outcome)
    threat = await followed.served.threat(followed.id)
    assert (threat["outcome"], threat["fallback"]["text"]) == (outcome, FALLBACK)
    refused = await followed.post("closure", {"reason": "Over."})
    assert refused.json()["errors"][0]["field"] == "fallback"
    declined = await followed.post("fallback/refusal", {"reason": "De er varetektsfengslet."})
    assert declined.status_code == 201
    refused = await followed.post("closure", {"reason": "Over."})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "outcome")
    await verified(followed, "RESOLVED")
    assert (await followed.post("closure", {"reason": "Over."})).status_code == 201


async def test_a_time_that_passes_without_a_word_pages_and_a_leader_starts_the_fallback(
    followed_on_both: Followed,
) -> None:
    threat, served = followed_on_both, followed_on_both.served
    await moved(threat, "VERIFYING", verify=True)
    before = len(await served.said(events.EscalationRaised)) + len(await served.said(events.EscalationUpdated))
    served.forward(days=3, minutes=1)
    await due.let_time_speak(served.app.state.parts)
    said = await served.said(events.EscalationRaised) + await served.said(events.EscalationUpdated)
    assert len(said) > before and any("effect-missing" in one.rules for one in said)
    assert (await served.threat(threat.id))["fallback"]["text"] == FALLBACK
    # The time that passed is answered, and not moved.
    later = {"due_at": threat.hence(days=2), "fallback": "Vente."}
    postponed = await threat.post("verifications", later)
    assert (postponed.status_code, postponed.json()["errors"][0]["field"]) == (409, "verification")
    for role in ("analyst", "duty.officer", "dialogue.officer"):
        assert (await threat.post("fallback/start", later, role)).status_code == 403
    started = await threat.post("fallback/start", later, "dialogue.leader")
    assert started.status_code == 201, started.text
    found = await served.threat(threat.id)
    assert (found["state"], found["fallback"], found["verification"]["missed"]) == ("UNDER_MEASURES", None, False)
    assert (await threat.post("fallback/start", later)).status_code == 409
    assert (await threat.whats())[0] == "fallback-started"


async def test_of_two_leaders_who_start_it_at_once_one_is_told(followed_on_both: Followed) -> None:
    await moved(followed_on_both, "VERIFYING", verify=True)
    await verified(followed_on_both, "NONE")
    body = {"due_at": followed_on_both.hence(days=2), "fallback": "Vente."}
    answers = await asyncio.gather(
        *(followed_on_both.post("fallback/start", body, role) for role in ("duty.leader", "dialogue.leader"))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201 and codes[1] in (409, 412)


async def test_a_fallback_nobody_starts_in_time_is_asked_about(followed: Followed) -> None:
    await moved(followed, "VERIFYING", verify=True)
    await verified(followed, "WORSENED")
    followed.served.forward(hours=3, minutes=59)
    await due.let_time_speak(followed.served.app.state.parts)
    assert "fallback-waits" not in await causes(followed)
    followed.served.forward(minutes=2)
    await due.let_time_speak(followed.served.app.state.parts)
    assert "fallback-waits" in await causes(followed)
    await followed.post("fallback/refusal", {"reason": "De er varetektsfengslet."})
    assert "fallback-waits" not in await causes(followed)


async def test_an_effect_that_is_seen_after_all_needs_no_fallback(followed: Followed) -> None:
    await moved(followed, "VERIFYING", verify=True)
    followed.served.forward(days=4)
    await due.let_time_speak(followed.served.app.state.parts)
    await verified(followed, "TEMPORARY")
    found = await followed.served.threat(followed.id)
    assert (found["fallback"], found["verification"], found["outcome"]) == (None, None, "TEMPORARY")


async def test_merging_ends_the_clearance_and_waits_for_a_fallback(followed: Followed) -> None:
    other = await Followed.at(followed.served)
    await followed.clear()
    await moved(followed, "VERIFYING", verify=True)
    await verified(followed, "NONE")
    assert (await followed.post("merges", {"into": other.id, "reason": "Samme."})).status_code == 409
    await followed.post("fallback/refusal", {"reason": "Ikke nødvendig."})
    assert (await followed.post("merges", {"into": other.id, "reason": "Samme."})).status_code == 201
    assert [(one.threat_id, one.cause) for one in await followed.told_withdrawn()] == [(followed.id, "MERGED")]
    for path, body in (("closure", {"reason": "x"}), ("disclosure/lines", {"text": "x y z"})):
        assert (await followed.post(path, body)).status_code == 409
