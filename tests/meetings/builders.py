"""Made-up dialogues, meetings and promises for the tests of meetings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml

from forkant_meetings.domain.dialogue import Contact, Dialogue
from forkant_meetings.domain.meeting import Deconfliction, Initiative, Meeting, Outcome, Plan, State
from forkant_meetings.domain.people import Circumstances, Representative, ThreatStanding
from forkant_meetings.domain.policy import Level, Phase, Policy, parse
from forkant_meetings.domain.promise import Promise, Side
from forkant_shared.clock import new_id

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
THREAT = "0192f000-0000-7000-8000-0000000000aa"
TARGET = "0192f000-0000-7000-8000-0000000000bb"
FIRST = Representative("dialogue.officer", "Kari Eksempel", experienced_leader=True)
SECOND = Representative("dialogue.leader", "Ola Eksempel", experienced_leader=True)


def policy() -> Policy:
    text = files("forkant_meetings").joinpath("policies/2026-1.yaml").read_text("utf-8")
    return parse(yaml.safe_load(text))


def plan(**changes: Any) -> Plan:
    """A tactical meeting in ten days that passes every check."""
    return replace(
        Plan(
            level=Level.TACTICAL,
            initiative=Initiative.OURS,
            purpose="Avtale ro før årsfesten",
            not_recruitment=True,
            starts_at=NOW + timedelta(days=10),
            place="Møterom på biblioteket",
            neutral_place=True,
            representatives=(FIRST, SECOND),
            counterpart_count=2,
            deconfliction=Deconfliction(Outcome.PROCEED),
        ),
        **changes,
    )


def threat_plan(**changes: Any) -> Plan:
    """The same as a threat dialogue that passes every check in `cleared()` circumstances."""
    return plan(
        threat_id=THREAT,
        **{
            "verification_at": NOW + timedelta(days=14),
            "fallback": "Synlig tilstedeværelse ved boligen",
            **changes,
        },
    )


def meeting(state: State = State.DRAFT, **changes: Any) -> Meeting:
    made = Meeting(
        id=new_id(),
        dialogue_id=new_id(),
        state=state,
        plan=plan(),
        created_by="dialogue.officer",
        created_at=NOW,
        planned_at=None if state is State.DRAFT else NOW,
    )
    return replace(made, **changes)


def cleared(until: datetime = NOW + timedelta(days=30), **changes: Any) -> Circumstances:
    """Two known officers, the second linked to a person, and a threat that may be talked about."""
    standing = ThreatStanding(THREAT, cleared_until=until)
    return Circumstances(
        threat=replace(standing, **changes), linked={"dialogue.officer": None, "dialogue.leader": TARGET}
    )


def dialogue(**changes: Any) -> Dialogue:
    made = Dialogue(
        id=new_id(),
        group_id=new_id(),
        phase=Phase.I,
        entry_form=None,
        cadence=timedelta(days=30),
        contacts=(
            Contact("dialogue.officer", "Kari Eksempel", NOW),
            Contact("dialogue.leader", "Ola Eksempel", NOW),
        ),
        counterparts=(),
        opened_at=NOW,
        opened_by="dialogue.leader",
    )
    return replace(made, **changes)


def carried(*subjects: str) -> Dialogue:
    """A dialogue that these officers carry, and nobody else."""
    return dialogue(contacts=tuple(Contact(subject, "Kari Eksempel", NOW) for subject in subjects))


def promise(**changes: Any) -> Promise:
    made = Promise(
        id=new_id(),
        dialogue_id=new_id(),
        by=Side.COUNTERPART,
        to="Kari Eksempel",
        text="Ingen i klubbfarger i sentrum denne helgen",
        owner="dialogue.officer",
        made_at=NOW,
        recorded_by="dialogue.officer",
        due_on=(NOW + timedelta(days=14)).date(),
    )
    return replace(made, **changes)
