"""The course of a meeting from draft to approved minutes."""

from datetime import timedelta

import pytest

from forkant_meetings.domain import course, planning
from forkant_meetings.domain.meeting import CheckCode, Deconfliction, Held, Outcome, State
from forkant_meetings.domain.minutes import Minutes
from forkant_meetings.domain.people import Circumstances
from forkant_meetings.domain.policy import Level
from forkant_shared.errors import Conflict, Invalid
from tests.meetings.builders import FIRST, NOW, SECOND, TARGET, carried, cleared, meeting, plan, policy, threat_plan

ALONE = Circumstances()
WEEK = timedelta(days=7)
HELD_AT = NOW + timedelta(days=10, hours=2)


def confirmed(**changes):
    made = meeting(State.PLANNED, plan=plan(**changes))
    return course.confirm(made, "dialogue.leader", {}, policy(), ALONE, NOW)[0]


def minuted(author="dialogue.officer", **changes):
    held, _ = course.hold(confirmed(**changes), HELD_AT, "dialogue.officer", ALONE, HELD_AT)
    return course.minute(held, "De lovet ro.", author, WEEK, HELD_AT)


def test_the_whole_way_tells_each_step_once():
    drafted = planning.draft(meeting())
    planned, first = planning.plan(drafted, NOW)
    agreed, second = course.confirm(planned, "dialogue.leader", {}, policy(), ALONE, NOW)
    held, third = course.hold(agreed, HELD_AT, "dialogue.officer", ALONE, HELD_AT)
    written = course.minute(held, "De lovet ro.", "dialogue.officer", WEEK, HELD_AT)
    approved, fourth = course.approve_minutes(written, "dialogue.leader", carried(), HELD_AT)
    names = [type(event).__name__ for events in (first, second, third, fourth) for event in events]
    assert names == ["MeetingPlanned", "MeetingConfirmed", "MeetingHeld", "MinutesApproved"]
    assert (approved.state, approved.version) == (State.APPROVED, 6)
    assert held.held is not None and held.held.decided_by == "dialogue.leader"


def test_events_carry_ids_and_codes_only():
    _, (event,) = planning.plan(planning.draft(meeting(plan=threat_plan())), NOW)
    assert set(event.model_dump()) == {"meeting_id", "dialogue_id", "level", "threat_id"}
    assert "bibliotek" not in event.model_dump_json()


@pytest.mark.parametrize(("changes", "field"), [({"starts_at": None}, "starts_at"), ({"place": ""}, "place")])
def test_a_planned_meeting_has_time_and_place(changes, field):
    with pytest.raises(Invalid) as refused:
        planning.plan(meeting(plan=plan(**changes)), NOW)
    assert refused.value.field == field


def test_a_meeting_is_planned_for_a_time_to_come():
    with pytest.raises(Invalid) as refused:
        planning.plan(meeting(plan=plan(starts_at=NOW)), NOW)
    assert refused.value.field == "starts_at"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"representatives": (FIRST, FIRST)}, "representatives"),
        ({"counterparts": ("a", "a")}, "counterparts"),
        ({"counterparts": ("a", "b"), "counterpart_count": 1}, "counterpart_count"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_at_once(changes, field):
    for attempt in (
        lambda: planning.draft(meeting(plan=plan(**changes))),
        lambda: planning.revise(confirmed(), plan(**changes), NOW),
    ):
        with pytest.raises(Invalid) as refused:
            attempt()
        assert refused.value.field == field


def test_a_confirmed_meeting_that_is_changed_must_be_confirmed_again():
    changed = planning.revise(confirmed(), plan(place="Kafeen"), NOW + timedelta(days=1))
    assert (changed.state, changed.confirmation, changed.planned_at) == (State.PLANNED, None, NOW)


def test_the_lead_time_counts_from_when_the_time_was_set():
    later = NOW + timedelta(days=9)
    moved = planning.revise(confirmed(), plan(starts_at=later + timedelta(hours=5)), later)
    assert moved.planned_at == later
    with pytest.raises(Conflict) as refused:
        course.confirm(moved, "dialogue.leader", {}, policy(), ALONE, later)
    assert refused.value.field == "checks.LEAD_TIME"
    with pytest.raises(Invalid):
        planning.revise(confirmed(), plan(starts_at=NOW), NOW)


def test_a_draft_may_stay_without_a_time():
    assert planning.revise(meeting(), plan(starts_at=None, place=""), NOW).state is State.DRAFT


def test_overrides_stay_when_the_meeting_is_planned_anew():
    unasked = confirmed(deconfliction=Deconfliction(Outcome.NOT_CHECKED, "hastet"))
    again = planning.revise(unasked, plan(), NOW)
    assert [one.check for one in again.overrides] == [CheckCode.DECONFLICTION]


def test_a_confirmation_is_withdrawn_when_a_representative_turns_out_to_be_the_target():
    made = meeting(State.PLANNED, plan=threat_plan())
    agreed, _ = course.confirm(made, "dialogue.leader", {}, policy(), cleared(), NOW)
    assert course.withdraw_confirmation(agreed, cleared()) is None
    taken_back = course.withdraw_confirmation(agreed, cleared(excluded=frozenset({TARGET})))
    assert taken_back is not None
    assert (taken_back.state, taken_back.withdrawn) == (State.PLANNED, CheckCode.NOT_A_TARGET)
    assert course.withdraw_confirmation(taken_back, cleared(excluded=frozenset({TARGET}))) is None


def test_a_threat_dialogue_held_after_its_clearance_is_recorded_with_the_deviation():
    made = meeting(State.PLANNED, plan=threat_plan())
    agreed, _ = course.confirm(made, "dialogue.leader", {}, policy(), cleared(), NOW)
    late = NOW + timedelta(days=31)
    held, _ = course.hold(agreed, late, "dialogue.officer", cleared(), late)
    assert held.held == Held(late, "dialogue.officer", "dialogue.leader", (CheckCode.DIALOGUE_CLEARED,))


def test_a_meeting_is_not_held_before_it_has_taken_place():
    with pytest.raises(Invalid):
        course.hold(confirmed(), HELD_AT, "dialogue.officer", ALONE, NOW)


def street(**changes):
    fields = {"level": Level.OPERATIONAL, "representatives": (FIRST,), "counterpart_count": 3}
    return meeting(plan=plan(**{**fields, **changes}))


def test_an_operational_contact_is_logged_straight_to_held_with_who_decided():
    logged, (event,) = planning.log_contact(street(), NOW, "dialogue.leader", NOW)
    assert (logged.state, logged.version) == (State.HELD, 1)
    assert logged.held is not None and logged.held.decided_by == "dialogue.leader"
    assert event.level == "OPERATIONAL"


@pytest.mark.parametrize(
    ("changes", "decided_by", "field"),
    [
        ({"level": Level.TACTICAL}, "x", "level"),
        ({"threat_id": "t"}, "x", "threat_id"),
        ({"purpose": ""}, "x", "purpose"),
        ({}, " ", "decided_by"),
        ({"representatives": ()}, "x", "representatives"),
        ({"counterpart_count": 0}, "x", "counterpart_count"),
        ({"not_recruitment": False}, "x", "not_recruitment"),
    ],
)
def test_a_logged_contact_says_who_why_and_with_whom(changes, decided_by, field):
    with pytest.raises(Invalid) as refused:
        planning.log_contact(street(**changes), NOW, decided_by, NOW)
    assert refused.value.field == field and refused.value.remedy


def test_a_contact_that_lies_ahead_cannot_be_logged():
    with pytest.raises(Invalid):
        planning.log_contact(street(), NOW + timedelta(minutes=1), "x", NOW)


def test_minutes_are_written_by_one_who_was_there():
    held, _ = course.hold(confirmed(), HELD_AT, "dialogue.officer", ALONE, HELD_AT)
    for author, text, field in (("analyst", "x", "author"), ("dialogue.officer", " ", "text")):
        with pytest.raises(Invalid) as refused:
            course.minute(held, text, author, WEEK, HELD_AT)
        assert refused.value.field == field


def test_the_deadline_counts_from_the_meeting_but_never_lies_before_the_writing():
    held, _ = course.hold(confirmed(), HELD_AT, "dialogue.officer", ALONE, HELD_AT)
    soon = course.minute(held, "x", "dialogue.officer", WEEK, HELD_AT + timedelta(days=1))
    late = course.minute(held, "x", "dialogue.officer", WEEK, HELD_AT + timedelta(days=20))
    assert soon.minutes is not None and soon.minutes.approve_by == HELD_AT + WEEK
    assert late.minutes is not None and late.minutes.approve_by == HELD_AT + timedelta(days=20)


def test_nobody_approves_their_own_minutes():
    with pytest.raises(Conflict) as refused:
        course.approve_minutes(minuted(), "dialogue.officer", carried("dialogue.officer"), HELD_AT)
    assert refused.value.remedy


def test_only_a_representative_of_the_meeting_approves():
    with pytest.raises(Invalid) as refused:
        course.approve_minutes(minuted(), "duty.leader", carried("duty.leader"), HELD_AT)
    assert refused.value.field == "by"


def test_where_one_was_alone_a_contact_of_the_dialogue_approves():
    logged, _ = planning.log_contact(street(), NOW, "dialogue.leader", NOW)
    written = course.minute(logged, "Kort prat.", FIRST.subject, WEEK, NOW)
    with pytest.raises(Invalid):
        course.approve_minutes(written, SECOND.subject, carried(), NOW)
    approved, _ = course.approve_minutes(written, SECOND.subject, carried(SECOND.subject), NOW)
    assert approved.state is State.APPROVED


def test_corrections_add_and_change_nothing():
    written = minuted()
    before = written.minutes
    corrected = course.correct_minutes(written, "De var tre.", "dialogue.officer", HELD_AT)
    assert before is not None and corrected.minutes is not None
    assert corrected.minutes.text == before.text
    assert [(one.number, one.text) for one in corrected.minutes.corrections] == [(1, "De var tre.")]
    with pytest.raises(Invalid):
        course.correct_minutes(written, " ", "dialogue.officer", HELD_AT)


def test_a_correction_after_the_approval_waits_for_its_own_and_is_told_only_once():
    approved, first = course.approve_minutes(minuted(), "dialogue.leader", carried(), HELD_AT)
    corrected = course.correct_minutes(approved, "De var tre.", "dialogue.leader", HELD_AT)
    assert corrected.minutes is not None and corrected.minutes.waiting
    with pytest.raises(Conflict) as own:
        course.approve_minutes(corrected, "dialogue.leader", carried(), HELD_AT)
    assert "wrote themselves" in own.value.detail
    done, second = course.approve_minutes(corrected, "dialogue.officer", carried(), HELD_AT)
    assert done.minutes is not None and not done.minutes.waiting
    assert len(first) == 1 and second == ()
    with pytest.raises(Conflict) as again:
        course.approve_minutes(done, "dialogue.leader", carried(), HELD_AT)
    assert "already" in again.value.detail


def test_an_author_who_approves_only_the_others_correction_does_not_approve_the_minutes():
    corrected = course.correct_minutes(minuted(), "De var tre.", "dialogue.leader", HELD_AT)
    half, events = course.approve_minutes(corrected, "dialogue.officer", carried(), HELD_AT)
    assert (half.state, events) == (State.MINUTED, ())


def test_minutes_are_overdue_after_their_deadline_until_approved():
    minutes = minuted().minutes
    assert minutes is not None
    assert not minutes.overdue(minutes.approve_by)
    assert minutes.overdue(minutes.approve_by + timedelta(seconds=1))
    approved = course.approve_minutes(minuted(), "dialogue.leader", carried(), HELD_AT)[0].minutes
    assert isinstance(approved, Minutes) and not approved.overdue(HELD_AT + timedelta(days=99))


def test_a_meeting_ends_early_with_a_reason_and_stays_ended():
    with pytest.raises(Invalid) as refused:
        course.cancel(confirmed(), " ", "dialogue.leader", NOW)
    assert refused.value.field == "reason"
    cancelled, (event,) = course.cancel(confirmed(), "De kom ikke", "dialogue.leader", NOW)
    assert (cancelled.state, event.TYPE.rsplit(".", 2)[-2]) == (State.CANCELLED, "meeting-cancelled")
    broken_off, (told,) = course.break_off(confirmed(), "Trusler", "dialogue.leader", NOW)
    assert broken_off.ending is not None and broken_off.ending.reason == "Trusler"
    assert "Trusler" not in told.model_dump_json()
    for ended in (cancelled, broken_off):
        with pytest.raises(Conflict) as late:
            course.hold(ended, NOW, "dialogue.officer", ALONE, NOW)
        assert late.value.field == "state"
