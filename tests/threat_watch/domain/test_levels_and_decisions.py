"""Time asks, people lower."""

from __future__ import annotations

from typing import Any

import pytest

from forkant_shared.errors import Conflict, Invalid
from forkant_threat_watch.domain import life
from forkant_threat_watch.domain.outcomes import DecisionEnded, FallbackAsked, Paged, ReviewAsked, ReviewOverdue
from forkant_threat_watch.domain.replay import Told
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import Factor, Lane, Level, Outcome, State
from tests.threat_watch.support.building import day, of_kind, report, signal, story, watch

RECON = {"factor": "RECONNAISSANCE", "strength": 0.8, "aggressor": "gang", "target": "rival"}
HIGH = [report("+0d", "A2", "S1", id="A"), report("+1d", "B2", "P1", RECON, id="B")]


def lowering(level: str = "LOW", at: str = "+2d", expires: str = "+30d") -> dict[str, Any]:
    return {"at": at, "decision": {"level": level, "by": "analyst", "reason": "they left", "expires": expires}}


def levels(told: Told) -> list[str]:
    return [said.level.name for said in told.said if type(said).__name__ == "Assessed"]


def causes(told: Told) -> list[str]:
    return [said.cause for said in of_kind(told.said, ReviewAsked)]


def test_the_level_stays_when_everything_has_faded_and_a_person_is_asked() -> None:
    told = story(HIGH, until="+100d")
    assert levels(told)[-1] == "HIGH"
    assert "lowering-proposed" in causes(told)


def test_a_fall_must_last_before_anybody_is_asked() -> None:
    quiet = story(HIGH, until="+40d")
    asked = next(said.at for said in of_kind(quiet.said, ReviewAsked) if said.cause == "lowering-proposed")
    day_before = int((asked - day(0)).total_seconds() // 86_400) - 1
    spoken = story([*HIGH, report(f"+{day_before}d", "B2", "P1", RECON)], until="+90d")
    later = next(said.at for said in of_kind(spoken.said, ReviewAsked) if said.cause == "lowering-proposed")
    assert later > asked


def test_one_origin_or_one_factor_alone_does_not_make_it_high_and_the_reason_is_said() -> None:
    one_factor = story([report(f"+{n}d", "A1", f"S{n}") for n in range(3)])
    assert set(levels(one_factor)) == {"MODERATE"}
    assert any(getattr(said, "gate", None) == "ONE_FACTOR" for said in one_factor.said)
    both = {"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "rival"}
    one_origin = story([report("+0d", "A1", "S1", both, RECON)])
    assert set(levels(one_origin)) == {"MODERATE"}
    assert any(getattr(said, "gate", None) == "ONE_ORIGIN" for said in one_origin.said)


def test_a_decision_lowers_and_weak_evidence_does_not_undo_it() -> None:
    told = story([*HIGH, lowering(), report("+3d", "E5", "S9")], until="+5d")
    assert levels(told)[-1] == "LOW"


def test_evidence_after_a_lowering_raises_again_and_rings() -> None:
    steps = [*HIGH, lowering(at="+20d"), report("+21d", "B2", "P2", RECON)]
    told = story(steps, until="+22d")
    assert levels(told)[-1] == "CRITICAL"
    assert of_kind(told.said, DecisionEnded)[0].cause == "OVERTAKEN"
    last = of_kind(told.said, Paged)[-1]
    assert (last.lane, last.rules) == (Lane.LIFE, ("lowering-overtaken", "level-high"))


def test_a_day_before_the_decision_runs_out_a_person_is_asked_and_then_the_automatic_level_applies() -> None:
    answered = {"at": "+2d", "answer": {"close": True}}
    told = story([*HIGH, answered, lowering(expires="+6d")], until="+7d")
    asked = [said for said in of_kind(told.said, ReviewAsked) if said.cause == "decision-expires"]
    assert [said.at for said in asked] == [day(5)]
    (ended,) = of_kind(told.said, DecisionEnded)
    assert (ended.at, ended.cause) == (day(6), "EXPIRED")
    page = of_kind(told.said, Paged)[-1]
    assert page.at == day(6)
    assert page.rules[0] == "decision-expired"
    assert levels(told)[-1] == "HIGH"


def test_old_age_lowers_nothing_also_when_a_decision_runs_out() -> None:
    told = story([*HIGH, lowering("MODERATE", expires="+85d")], until="+100d")
    assert levels(told)[-1] == "MODERATE"


def test_a_raise_by_a_person_ends_where_it_began() -> None:
    told = story([report("+0d", "D4"), lowering("HIGH", at="+1d", expires="+4d")], until="+5d")
    assert levels(told)[-1] == "LOW"
    assert [page.lane for page in of_kind(told.said, Paged)] == [Lane.LIFE]


def test_a_buffer_that_runs_out_raises_the_level_by_itself_where_nobody_has_decided() -> None:
    steps = [
        report("+0d", "A1", "S1", {"factor": "GRIEVANCE", "strength": 0.9, "aggressor": "gang"}),
        report("+0d", "A1", "S2", {"factor": "BUFFER", "strength": 0.9, "aggressor": "gang"}),
        report("+1d", "A1", "S3"),
    ]
    told = story(steps, until="+60d")
    assert levels(told)[0] == "LOW"
    rising = [said for said in told.said if type(said).__name__ == "Assessed" and said.level > Level.LOW]
    assert rising[0].cause == "DUE"


@pytest.mark.parametrize(
    ("reason", "expires", "field"), [(" ", 5.0, "reason"), ("x", 0.0, "expires_at"), ("x", 400.0, "expires_at")]
)
def test_a_decision_needs_a_reason_and_an_end(reason: str, expires: float, field: str) -> None:
    desk, threat_id = opened()
    with pytest.raises(Invalid) as refused:
        life.decide(desk, threat_id, Level.LOW, "analyst", reason, day(expires), day(0))
    assert refused.value.field == field


def opened() -> tuple[Watch, str]:
    desk = watch()
    desk.receive([signal(Factor.INTENT, 0.9, "A2")], day(0))
    return desk, next(iter(desk.threats))


def test_a_threat_is_not_closed_while_its_effect_is_to_be_verified() -> None:
    desk, threat_id = opened()
    life.verify(desk, threat_id, day(5), "arrest", "dialogue.leader", day(1))
    assert desk.threats[threat_id].state is State.VERIFYING
    with pytest.raises(Conflict):
        life.close(desk, threat_id, "duty.leader", "quiet", day(2))
    life.feedback(desk, threat_id, Outcome.RESOLVED, "dialogue.leader", day(3), feedback_id="f1")
    (closed,) = life.close(desk, threat_id, "duty.leader", "quiet", day(4))
    assert desk.threats[threat_id].state is State.CLOSED
    assert closed.pages


def test_a_closed_threat_is_not_decided_on() -> None:
    desk, threat_id = opened()
    life.close(desk, threat_id, "duty.leader", "quiet", day(1))
    with pytest.raises(Conflict):
        life.decide(desk, threat_id, Level.LOW, "analyst", "x", day(5), day(2))


@pytest.mark.parametrize("outcome", [Outcome.NONE, Outcome.WORSENED])
def test_no_effect_or_worse_rings_and_puts_the_fallback_before_the_leader(outcome: Outcome) -> None:
    desk, threat_id = opened()
    life.verify(desk, threat_id, day(5), "arrest", "dialogue.leader", day(1))
    life.close_pages(desk, threat_id, [page.id for page in desk.threats[threat_id].pages])
    said = life.feedback(desk, threat_id, outcome, "dialogue.leader", day(3), feedback_id="f1")
    assert [fallback.text for fallback in of_kind(said, FallbackAsked)] == ["arrest"]
    assert [page.rules[0] for page in of_kind(said, Paged)] == ["effect-missing"]


def test_the_target_and_the_targets_family_are_known_as_such() -> None:
    parties = {
        "gang": {"kind": "GROUP"},
        "officer": {"kind": "PERSON", "roles": ["POLICE_LEADER"]},
        "spouse": {"kind": "PERSON", "family_of": ["officer"]},
        "other": {"kind": "PERSON"},
    }
    said = {
        "factor": "INTENT",
        "strength": 0.9,
        "aggressor": "gang",
        "target": {"kind": "ROLE", "code": "POLICE_LEADER"},
    }
    told = story([report("+0d", "B2", "S1", said)], parties)
    (page,) = of_kind(told.said, Paged)
    assert page.excluded == ("officer", "spouse")
    assert page.leader


def test_reviews_come_at_the_hours_of_the_policy_and_go_to_the_leader_when_nobody_answers() -> None:
    told = story(HIGH, until="+3d")
    scheduled = [said for said in of_kind(told.said, ReviewAsked) if said.cause == "scheduled"]
    # 8 UTC is 9 in Oslo in early March; the first hour of the policy after that is 15.
    assert scheduled[0].at == day(1.25)
    assert [said.cause for said in of_kind(told.said, ReviewOverdue)] == ["scheduled"]


def test_a_review_that_is_answered_is_followed_by_the_next() -> None:
    desk = watch()
    desk.receive([signal(grade="A2"), signal(Factor.RECONNAISSANCE, origin="P1")], day(0))
    (threat_id,) = desk.threats
    (asked,) = of_kind(desk.due(threat_id, day(0.25)), ReviewAsked)
    assert life.reviewed(desk, threat_id, asked.id, day(0.3))[0].cause == "REVIEWED"
    due_at = desk.threats[threat_id].next_review_at
    assert due_at is not None
    assert day(0.3) < due_at < day(1)
