"""Promises, in both directions."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forkant_meetings.domain import promise as promises
from forkant_meetings.domain.promise import (
    Acknowledgement,
    Confirmed,
    Fate,
    Judgement,
    Manner,
    Progress,
    Side,
)
from forkant_shared.errors import Conflict, Invalid
from tests.meetings.builders import NOW, THREAT, policy, promise


def judgement(fate: Fate, manner: Manner | None = None, **changes) -> Judgement:
    fields = {"evidence": "Sett av patrulje", "by": "dialogue.officer", "at": NOW, "happened_at": NOW}
    return Judgement(fate, manner, **{**fields, **changes})


def test_a_promise_made_is_told_with_ids_and_its_day_and_nothing_of_its_text():
    made, (event,) = promises.make(promise(threat_id=THREAT))
    assert set(event.model_dump()) == {"promise_id", "dialogue_id", "by", "threat_id", "due_on"}
    assert made.text not in event.model_dump_json()


@pytest.mark.parametrize("field", ["text", "to", "owner"])
def test_a_promise_needs_its_words_its_receiver_and_an_owner(field):
    with pytest.raises(Invalid) as refused:
        promises.make(promise(**{field: "  "}))
    assert refused.value.field == field


def test_a_promise_is_not_due_before_it_is_given():
    with pytest.raises(Invalid):
        promises.make(promise(due_on=NOW.date() - timedelta(days=2)))


def test_the_other_side_confirms_once():
    confirmed = promises.acknowledge(promise(), Confirmed(Acknowledgement.THEIR_MINUTES, "dialogue.officer", NOW))
    assert confirmed.confirmed is not None
    with pytest.raises(Conflict):
        promises.acknowledge(confirmed, Confirmed(Acknowledgement.SPOKEN, "dialogue.leader", NOW))


def test_progress_is_noted_until_it_is_settled():
    going = promises.advance(promise(), Progress.INTERMEDIATE, date(2026, 12, 24), "dialogue.leader")
    assert (going.progress, going.due_on, going.owner) == (
        Progress.INTERMEDIATE,
        date(2026, 12, 24),
        "dialogue.leader",
    )
    kept, (event,) = promises.judge(going, judgement(Fate.KEPT), NOW)
    assert type(event).__name__ == "PromiseKept" and kept.progress is Progress.COMPLETE
    with pytest.raises(Conflict):
        promises.advance(kept, Progress.MINIMUM, None, "dialogue.officer")


def test_a_promise_broken_under_a_threat_says_which_threat_how_and_when():
    at = NOW - timedelta(hours=3)
    broken, (event,) = promises.judge(
        promise(threat_id=THREAT), judgement(Fate.BROKEN, Manner.INTENTIONAL, happened_at=at), NOW
    )
    assert broken.manner is Manner.INTENTIONAL
    assert event.model_dump()["threat_id"] == THREAT
    assert event.model_dump()["manner"] == "INTENTIONAL"
    assert event.model_dump()["broken_at"] == at


def test_a_judgement_without_evidence_is_refused():
    with pytest.raises(Invalid) as refused:
        promises.judge(promise(), judgement(Fate.KEPT, evidence=" "), NOW)
    assert refused.value.field == "evidence"


@pytest.mark.parametrize(("fate", "manner"), [(Fate.BROKEN, None), (Fate.KEPT, Manner.EXCUSED), (Fate.OPEN, None)])
def test_how_it_was_broken_is_said_of_broken_promises_only(fate, manner):
    with pytest.raises(Invalid):
        promises.judge(promise(), judgement(fate, manner), NOW)


def test_what_lies_ahead_has_not_happened():
    with pytest.raises(Invalid) as refused:
        promises.judge(promise(), judgement(Fate.KEPT, happened_at=NOW + timedelta(minutes=1)), NOW)
    assert refused.value.field == "happened_at"


def test_a_promise_can_be_judged_anew_and_both_judgements_stay():
    kept, _ = promises.judge(promise(), judgement(Fate.KEPT), NOW)
    with pytest.raises(Conflict):
        promises.judge(kept, judgement(Fate.KEPT), NOW)
    broken, (event,) = promises.judge(kept, judgement(Fate.BROKEN, Manner.ACCIDENTAL), NOW)
    assert type(event).__name__ == "PromiseBroken"
    assert [one.fate for one in broken.judgements] == [Fate.KEPT, Fate.BROKEN]
    excused, _ = promises.judge(broken, judgement(Fate.BROKEN, Manner.EXCUSED), NOW)
    assert excused.manner is Manner.EXCUSED


def test_only_their_ordinary_promises_lapse_by_themselves():
    def kinds(**changes):
        return [due.kind for due in promises.dues(promise(**changes), policy(), NOW)]

    assert kinds() == ["REMIND", "REMIND", "OVERDUE", "LAPSE"]
    assert kinds(by=Side.POLICE) == ["REMIND", "REMIND", "OVERDUE"]
    assert kinds(threat_id=THREAT) == ["REMIND", "REMIND", "OVERDUE"]
    assert kinds(due_on=None) == []
    assert kinds(fate=Fate.KEPT) == []


def test_a_reminder_whose_time_has_passed_is_not_sent_but_overdue_is_told():
    late = promises.dues(promise(by=Side.POLICE, due_on=NOW.date() - timedelta(days=9)), policy(), NOW)
    assert [due.kind for due in late] == ["OVERDUE"]
    soon = promises.dues(promise(by=Side.POLICE, due_on=date(2026, 11, 22)), policy(), NOW)
    assert [due.kind for due in soon] == ["REMIND", "OVERDUE"]
    assert soon[0].at.astimezone(UTC) == datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def test_overdue_begins_the_day_after():
    due = promise(due_on=date(2026, 11, 20))
    assert not due.overdue(date(2026, 11, 20)) and due.overdue(date(2026, 11, 21))
