"""Whatever is tried in whatever order, a meeting keeps its promises."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forkant_meetings.domain import checks, course, planning
from forkant_meetings.domain.meeting import CheckCode, Deconfliction, Outcome, State
from forkant_meetings.domain.people import Circumstances, Representative, ThreatStanding
from forkant_meetings.domain.policy import Level
from forkant_shared.errors import ForkantError
from tests.meetings.builders import FIRST, NOW, SECOND, TARGET, THREAT, carried, meeting, plan, policy

THIRD = Representative("duty.leader", "Liv Eksempel", experienced_leader=True)
OFFICERS = (FIRST, SECOND, THIRD)
SUBJECTS = [one.subject for one in OFFICERS]
ENDS = (State.CANCELLED, State.BROKEN_OFF)

plans = st.builds(
    plan,
    level=st.sampled_from(Level),
    purpose=st.sampled_from(["", "Ro i helgen"]),
    not_recruitment=st.booleans(),
    starts_at=st.none() | st.integers(0, 40).map(lambda days: NOW + timedelta(days=days)),
    place=st.sampled_from(["", "Biblioteket"]),
    neutral_place=st.booleans(),
    representatives=st.lists(st.sampled_from(OFFICERS), max_size=3).map(tuple),
    counterpart_count=st.integers(0, 3),
    deconfliction=st.none() | st.builds(Deconfliction, st.sampled_from(Outcome), st.sampled_from(["", "haster"])),
    threat_id=st.sampled_from([None, THREAT]),
    verification_at=st.none() | st.just(NOW + timedelta(days=60)),
    fallback=st.sampled_from(["", "Patrulje"]),
)
reasons = st.dictionaries(st.sampled_from(CheckCode), st.sampled_from(["", "Det haster"]), max_size=4)


class AnyMeeting(RuleBasedStateMachine):
    """Every step that is refused must change nothing; every step that is taken must be allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.policy = policy()
        self.now = NOW
        self.around = Circumstances(linked={one.subject: None for one in OFFICERS})
        self.told: list[str] = []

    @initialize(first=plans)
    def begin(self, first):
        self.meeting = meeting()
        self.tried(lambda: (planning.draft(meeting(plan=first)), ()))

    def tried(self, step):
        """Take the step if it is allowed."""
        before = self.meeting
        try:
            after, events = step()
        except ForkantError as error:
            self.refused(error, before)
            return
        assert after.version == before.version + 1 or before.state is State.DRAFT
        assert after.overrides[: len(before.overrides)] == before.overrides
        assert len(events) <= 1
        self.told += [type(event).__name__ for event in events]
        self.meeting = after

    def refused(self, error, before):
        assert error.field and error.remedy
        assert self.meeting == before

    @rule(days=st.integers(0, 5))
    def time_passes(self, days):
        self.now += timedelta(days=days)

    @rule(until=st.none() | st.integers(0, 40), aimed_at=st.sampled_from([None, *SUBJECTS]))
    def we_learn_about_the_threat(self, until, aimed_at):
        self.around = Circumstances(
            threat=ThreatStanding(
                THREAT,
                cleared_until=None if until is None else NOW + timedelta(days=until),
                excluded=frozenset({TARGET}) if aimed_at else frozenset(),
            ),
            linked={subject: TARGET if subject == aimed_at else None for subject in SUBJECTS},
        )
        withdrawn = course.withdraw_confirmation(self.meeting, self.around)
        if withdrawn is not None:
            self.meeting = withdrawn

    @rule(new=plans)
    def planned_anew(self, new):
        self.tried(lambda: (planning.revise(self.meeting, new, self.now), ()))

    @rule()
    def planned(self):
        self.tried(lambda: planning.plan(self.meeting, self.now))

    @rule(given=reasons)
    def confirmed(self, given):
        self.tried(lambda: course.confirm(self.meeting, SUBJECTS[1], given, self.policy, self.around, self.now))

    @rule()
    def confirmed_with_a_reason_for_all_that_fails(self):
        failing = [one for one in checks.run(self.meeting, self.policy, self.around, self.now) if not one.passed]
        given = {one.code: "Det haster" for one in failing}
        self.tried(lambda: course.confirm(self.meeting, SUBJECTS[1], given, self.policy, self.around, self.now))

    @rule(ago=st.integers(-1, 2))
    def held(self, ago):
        at = self.now - timedelta(days=ago)
        self.tried(lambda: course.hold(self.meeting, at, SUBJECTS[0], self.around, self.now))

    @rule(author=st.sampled_from(SUBJECTS), text=st.sampled_from(["", "De lovet ro"]))
    def minuted(self, author, text):
        self.tried(lambda: (course.minute(self.meeting, text, author, timedelta(days=3), self.now), ()))

    @rule(by=st.sampled_from(SUBJECTS), text=st.sampled_from(["", "De var tre"]))
    def corrected(self, by, text):
        self.tried(lambda: (course.correct_minutes(self.meeting, text, by, self.now), ()))

    @rule(by=st.sampled_from(SUBJECTS), carrier=st.sampled_from(SUBJECTS))
    def approved(self, by, carrier):
        self.tried(lambda: course.approve_minutes(self.meeting, by, carried(carrier), self.now))

    @rule(reason=st.sampled_from(["", "De kom ikke"]), step=st.sampled_from([course.cancel, course.break_off]))
    def ended(self, reason, step):
        self.tried(lambda: step(self.meeting, reason, SUBJECTS[1], self.now))

    @invariant()
    def a_confirmed_meeting_passes_or_says_why(self):
        if self.meeting.state is not State.CONFIRMED:
            return
        let_pass = {one.check for one in self.meeting.overrides}
        assert not let_pass & checks.WITHOUT_OVERRIDE
        found = checks.run(self.meeting, self.policy, self.around, self.meeting.confirmation.at)
        assert {one.code for one in found if not one.passed} <= let_pass

    @invariant()
    def a_state_has_what_it_speaks_of(self):
        made, state = self.meeting, self.meeting.state
        assert (made.ending is not None) == (state in ENDS)
        if state in (State.CONFIRMED, State.HELD, State.MINUTED, State.APPROVED):
            assert made.confirmation is not None
        if state in (State.HELD, State.MINUTED, State.APPROVED):
            assert made.held is not None
        assert (made.minutes is not None) == (state in (State.MINUTED, State.APPROVED))

    @invariant()
    def minutes_are_approved_by_another_than_their_author(self):
        minutes = self.meeting.minutes
        if minutes is None:
            return
        assert self.meeting.represents(minutes.author)
        assert (self.meeting.state is State.APPROVED) == (minutes.approval is not None)
        if minutes.approval is not None:
            assert minutes.approval.by != minutes.author
        for one in minutes.corrections:
            assert one.approval is None or one.approval.by != one.by

    @invariant()
    def nothing_final_is_told_twice(self):
        for name in ("MeetingHeld", "MinutesApproved", "MeetingCancelled", "MeetingBrokenOff"):
            assert self.told.count(name) <= 1


AnyMeeting.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAnyMeeting = AnyMeeting.TestCase


def test_the_machine_can_reach_the_end():
    """The rules above are strong enough to matter: the steps they try do lead to approved minutes."""
    machine = AnyMeeting()
    machine.meeting = meeting(plan=replace(plan(), starts_at=NOW + timedelta(days=10)))
    machine.planned()
    machine.confirmed({})
    machine.time_passes(5)
    machine.held(0)
    machine.minuted(SUBJECTS[0], "De lovet ro")
    machine.approved(SUBJECTS[1], SUBJECTS[2])
    assert machine.meeting.state is State.APPROVED
