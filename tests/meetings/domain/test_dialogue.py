"""The lasting relation with a group."""

from dataclasses import replace
from datetime import timedelta

import pytest

from forkant_meetings.domain import dialogue as dialogues
from forkant_meetings.domain import health as healths
from forkant_meetings.domain.dialogue import Contact, Counterpart, EntryForm, Standing
from forkant_meetings.domain.policy import Phase
from forkant_meetings.domain.promise import Fate, Judgement, Manner, Side
from forkant_shared.errors import Conflict, Invalid
from tests.meetings.builders import NOW, dialogue, policy, promise

THIRD = Contact("duty.officer", "Liv Eksempel", NOW)


def test_a_dialogue_opens_with_two_contacts_and_says_so_with_ids_only():
    opened, events = dialogues.open_dialogue(dialogue(), policy())
    (event,) = events
    assert event.model_dump() == {"dialogue_id": opened.id, "group_id": opened.group_id, "phase": "I"}


def test_one_contact_is_too_few():
    with pytest.raises(Invalid) as refused:
        dialogues.open_dialogue(dialogue(contacts=dialogue().contacts[:1]), policy())
    assert refused.value.field == "contacts" and refused.value.remedy


def test_the_same_officer_twice_is_not_two_contacts():
    one = dialogue().contacts[0]
    with pytest.raises(Invalid):
        dialogues.open_dialogue(dialogue(contacts=(one, one)), policy())


def test_contact_established_needs_a_way_in():
    with pytest.raises(Invalid) as refused:
        dialogues.open_dialogue(dialogue(phase=Phase.III), policy())
    assert refused.value.field == "entry_form"
    dialogues.open_dialogue(dialogue(phase=Phase.III, entry_form=EntryForm.OPEN_APPROACH), policy())


def test_phases_go_one_step_on_and_any_number_back():
    week = timedelta(days=7)
    second, (event,) = dialogues.change_phase(dialogue(), Phase.II, None, week)
    assert (event.phase, second.version) == ("II", 2)
    with pytest.raises(Conflict):
        dialogues.change_phase(second, Phase.IV, EntryForm.IN_CUSTODY, week)
    third, _ = dialogues.change_phase(second, Phase.III, EntryForm.IN_CUSTODY, week)
    back, _ = dialogues.change_phase(third, Phase.I, None, week)
    assert back.entry_form is EntryForm.IN_CUSTODY
    with pytest.raises(Conflict):
        dialogues.change_phase(back, Phase.I, None, week)


def test_a_contact_leaves_only_after_another_has_come():
    started = dialogue()
    with pytest.raises(Conflict) as refused:
        dialogues.end_contact(started, "dialogue.officer", policy(), NOW)
    assert "Add the new contact first" in str(refused.value.remedy)
    joined = dialogues.add_contact(started, THIRD)
    left = dialogues.end_contact(joined, "dialogue.officer", policy(), NOW + timedelta(days=1))
    assert [contact.subject for contact in left.carriers] == ["dialogue.leader", "duty.officer"]
    assert len(left.contacts) == 3
    with pytest.raises(Conflict):
        dialogues.end_contact(left, "dialogue.officer", policy(), NOW)


def test_an_officer_carries_a_dialogue_once_at_a_time():
    joined = dialogues.add_contact(dialogue(), THIRD)
    with pytest.raises(Conflict):
        dialogues.add_contact(joined, THIRD)
    left = dialogues.end_contact(joined, THIRD.subject, policy(), NOW)
    assert len(dialogues.add_contact(left, THIRD).carriers) == 3


def test_formal_role_and_real_authority_may_be_one_person_but_not_twice_the_same():
    both = (Counterpart("p", Standing.FORMAL_ROLE), Counterpart("p", Standing.REAL_AUTHORITY))
    assert dialogues.set_counterparts(dialogue(), both).counterparts == both
    with pytest.raises(Invalid):
        dialogues.set_counterparts(dialogue(), (both[0], both[0]))


def test_a_dialogue_without_contact_longer_than_agreed_is_overdue():
    quiet = dialogue(cadence=timedelta(days=30))
    assert not quiet.overdue(NOW + timedelta(days=30))
    assert quiet.overdue(NOW + timedelta(days=30, seconds=1))
    met = replace(quiet, last_contact_at=NOW + timedelta(days=20))
    assert not met.overdue(NOW + timedelta(days=31))


def test_health_counts_each_side_for_itself_with_its_n():
    def judged(by: Side, fate: Fate, manner: Manner | None = None):
        judgement = Judgement(fate, manner, "sett", "dialogue.officer", NOW, NOW)
        return promise(by=by, fate=fate, judgements=(judgement,))

    promises = [
        judged(Side.POLICE, Fate.KEPT),
        judged(Side.POLICE, Fate.BROKEN, Manner.EXCUSED),
        judged(Side.POLICE, Fate.BROKEN, Manner.ACCIDENTAL),
        judged(Side.POLICE, Fate.LAPSED),
        promise(by=Side.POLICE, due_on=NOW.date() - timedelta(days=1)),
        judged(Side.COUNTERPART, Fate.KEPT),
    ]
    ours = healths.tally(promises, Side.POLICE, NOW.date())
    theirs = healths.tally(promises, Side.COUNTERPART, NOW.date())
    assert (ours.share_kept, ours.settled, ours.excused, ours.lapsed) == (1 / 3, 3, 1, 1)
    assert (ours.open, ours.overdue) == (1, 1)
    assert (theirs.share_kept, theirs.settled) == (1.0, 1)
    assert healths.tally([], Side.POLICE, NOW.date()).share_kept is None
    whole = healths.health(dialogue(), ours, theirs, NOW)
    assert whole.police is ours and not whole.overdue


def test_our_broken_promises_come_first_then_theirs_then_the_overdue():
    yesterday = NOW.date() - timedelta(days=1)
    theirs_late = promise(due_on=yesterday)
    ours_late = promise(by=Side.POLICE, due_on=yesterday)
    ours_open = promise(by=Side.POLICE)
    theirs_broken = promise(fate=Fate.BROKEN)
    ours_broken = promise(by=Side.POLICE, fate=Fate.BROKEN)
    ordered = healths.in_order([theirs_late, ours_open, theirs_broken, ours_late, ours_broken], today=NOW.date())
    assert ordered == [ours_broken, theirs_broken, ours_late, theirs_late, ours_open]
