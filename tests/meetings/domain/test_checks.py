"""What is looked at before a meeting is confirmed."""

from datetime import timedelta

import pytest

from forkant_meetings.domain import checks, course
from forkant_meetings.domain.meeting import CheckCode, Deconfliction, Outcome, State
from forkant_meetings.domain.people import Circumstances, Representative
from forkant_meetings.domain.policy import Level
from forkant_shared.errors import Conflict, Invalid
from tests.meetings.builders import (
    FIRST,
    NOW,
    SECOND,
    TARGET,
    THREAT,
    cleared,
    meeting,
    plan,
    policy,
    threat_plan,
)

ALONE = Circumstances()
STRANGER = Representative("new.officer", "Per Eksempel", experienced_leader=True)


def failing(made, around=ALONE, now=NOW):
    return {check.code for check in checks.run(made, policy(), around, now) if not check.passed}


def planned(**changes):
    return meeting(State.PLANNED, plan=plan(**changes))


def test_a_complete_plan_passes_every_check():
    assert failing(planned()) == set()
    assert failing(meeting(State.PLANNED, plan=threat_plan()), cleared()) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"representatives": (FIRST,)}, CheckCode.POLICE_REPRESENTATIVES),
        ({"counterpart_count": 1}, CheckCode.COUNTERPART_NUMBER),
        ({"counterpart_count": 3}, CheckCode.COUNTERPART_NUMBER),
        ({"neutral_place": False}, CheckCode.NEUTRAL_PLACE),
        ({"place": "  "}, CheckCode.NEUTRAL_PLACE),
        ({"purpose": " "}, CheckCode.PURPOSE),
        ({"not_recruitment": False}, CheckCode.NOT_RECRUITMENT),
        ({"deconfliction": None}, CheckCode.DECONFLICTION),
        ({"deconfliction": Deconfliction(Outcome.DELAY)}, CheckCode.DECONFLICTION),
        ({"deconfliction": Deconfliction(Outcome.CANCEL)}, CheckCode.DECONFLICTION),
        ({"deconfliction": Deconfliction(Outcome.NOT_CHECKED, " ")}, CheckCode.DECONFLICTION),
        ({"starts_at": NOW + timedelta(hours=71)}, CheckCode.LEAD_TIME),
        ({"starts_at": None}, CheckCode.LEAD_TIME),
    ],
)
def test_what_is_missing_fails_its_own_check_only(changes, code):
    assert failing(planned(**changes)) == {code}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"representatives": (FIRST, STRANGER)}, CheckCode.REPRESENTATIVES_KNOWN),
        ({"verification_at": None}, CheckCode.VERIFICATION_TIME),
        ({"verification_at": NOW + timedelta(days=9)}, CheckCode.VERIFICATION_TIME),
        ({"fallback": ""}, CheckCode.FALLBACK),
        (
            {"representatives": (FIRST, Representative("dialogue.leader", "Ola Eksempel"))},
            CheckCode.EXPERIENCED_LEADERS,
        ),
    ],
)
def test_a_threat_dialogue_asks_for_more(changes, code):
    assert failing(meeting(State.PLANNED, plan=threat_plan(**changes)), cleared()) == {code}


def test_an_operational_meeting_asks_for_less():
    street = planned(
        level=Level.OPERATIONAL,
        representatives=(FIRST,),
        counterpart_count=14,
        neutral_place=False,
        starts_at=NOW + timedelta(minutes=5),
    )
    assert failing(street) == set()


def test_a_meeting_confirmed_after_it_began_did_not_keep_its_lead_time():
    assert failing(planned(), now=NOW + timedelta(days=11)) == {CheckCode.LEAD_TIME}


def test_an_override_needs_a_reason_and_is_a_record():
    alone = planned(representatives=(FIRST,))
    with pytest.raises(Conflict) as refused:
        course.confirm(alone, "dialogue.leader", {}, policy(), ALONE, NOW)
    assert refused.value.field == "checks.POLICE_REPRESENTATIVES" and refused.value.remedy
    with pytest.raises(Conflict):
        course.confirm(alone, "dialogue.leader", {CheckCode.POLICE_REPRESENTATIVES: " "}, policy(), ALONE, NOW)
    reasons = {CheckCode.POLICE_REPRESENTATIVES: "De ville bare møte henne"}
    confirmed, _ = course.confirm(alone, "dialogue.leader", reasons, policy(), ALONE, NOW)
    (record,) = confirmed.overrides
    assert (record.check, record.reason, record.by, record.at) == (
        CheckCode.POLICE_REPRESENTATIVES,
        "De ville bare møte henne",
        "dialogue.leader",
        NOW,
    )
    assert confirmed.confirmation is not None and confirmed.confirmation.policy_version == "2026-1"


def test_a_reason_nobody_asked_for_is_refused():
    with pytest.raises(Invalid) as refused:
        course.confirm(planned(), "x", {CheckCode.NEUTRAL_PLACE: "fordi"}, policy(), ALONE, NOW)
    assert refused.value.field == "overrides.NEUTRAL_PLACE"


def test_not_checked_because_passes_and_is_counted():
    unasked = planned(deconfliction=Deconfliction(Outcome.NOT_CHECKED, "Ingen rakk å svare"))
    confirmed, _ = course.confirm(unasked, "dialogue.leader", {}, policy(), ALONE, NOW)
    assert [(one.check, one.reason) for one in confirmed.overrides] == [(CheckCode.DECONFLICTION, "Ingen rakk å svare")]


@pytest.mark.parametrize(
    ("made", "around", "code"),
    [
        (
            meeting(State.PLANNED, plan=threat_plan()),
            cleared(excluded=frozenset({TARGET})),
            CheckCode.NOT_A_TARGET,
        ),
        (
            meeting(State.PLANNED, plan=threat_plan()),
            cleared(until=NOW + timedelta(days=9)),
            CheckCode.DIALOGUE_CLEARED,
        ),
        (
            meeting(State.PLANNED, plan=threat_plan()),
            Circumstances(linked={FIRST.subject: None, SECOND.subject: None}),
            CheckCode.DIALOGUE_CLEARED,
        ),
        (planned(not_recruitment=False), ALONE, CheckCode.NOT_RECRUITMENT),
    ],
    ids=["target", "clearance-ends-before", "never-cleared", "recruitment"],
)
def test_no_reason_lets_these_pass(made, around, code):
    assert failing(made, around) == {code}
    with pytest.raises(Conflict) as refused:
        course.confirm(made, "dialogue.leader", {code: "Det haster"}, policy(), around, NOW)
    assert refused.value.field == f"checks.{code}"


def test_the_target_of_another_threat_may_sit_here():
    other = cleared(threat_id=THREAT)
    assert failing(meeting(State.PLANNED, plan=threat_plan()), other) == set()


def test_every_check_has_a_remedy():
    assert set(checks.REMEDIES) == set(CheckCode)
