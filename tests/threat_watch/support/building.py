"""Builders of what the engine works with; every value can be said, none has to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from forkant_threat_watch.domain.grading import Grading
from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.replay import Told, tell
from forkant_threat_watch.domain.scenario import story_of
from forkant_threat_watch.domain.signals import Signal
from forkant_threat_watch.domain.watch import Watch
from forkant_threat_watch.domain.words import UNKNOWN, Factor, Party, PartyKind, Source
from forkant_threat_watch.store.policies import current_policy

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLICY: Policy = current_policy()
GANG = Party(PartyKind.GROUP, "gang")
RIVAL = Party(PartyKind.GROUP, "rival")
_numbers = count(1)


def day(number: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=number)


def signal(
    factor: Factor = Factor.INTENT,
    strength: float = 0.9,
    grade: str | None = "B2",
    origin: str = "S1",
    at: datetime = START,
    *,
    policy: Policy = POLICY,
    aggressor: Party = GANG,
    target: Party = RIVAL,
    **more: Any,
) -> Signal:
    """A signal; `grade` as ADMIRALTY writes it, None for not graded."""
    number = next(_numbers)
    quality = policy.grading.quality(Grading("ADMIRALTY", grade[0], grade[1]) if grade else None)
    return Signal(
        id=f"s{number}",
        report=f"r{number}",
        factor=factor,
        strength=strength,
        grade=quality,
        quality=quality.weigh(policy.grading.unknown),
        origin=origin,
        observed_at=at,
        aggressor=aggressor,
        target=target,
        graded=grade is not None,
        **more,
    )


def own_words(strength: float = 0.9, grade: str = "C3", at: datetime = START, origin: str = "gang") -> Signal:
    """A promise by the ones we fear."""
    return signal(Factor.BUFFER, strength, grade, origin, at, spoken_by_aggressor=True, target=UNKNOWN)


def feedback(strength: float, at: datetime = START) -> Signal:
    """An officer's word on the effect."""
    return signal(Factor.BUFFER, strength, "A1", "feedback", at, source=Source.FEEDBACK)


def watch(links: Links | None = None, policy: Policy = POLICY) -> Watch:
    """An empty watch with ids that count up."""
    ids = count(1)
    return Watch(policy, links or Links(), lambda kind: f"{kind}-{next(ids):04d}")


def story(
    steps: Sequence[Mapping[str, Any]],
    parties: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    until: str = "+60d",
    policy: Policy = POLICY,
    expect: Sequence[Mapping[str, Any]] = (),
) -> Told:
    """Tell these steps with the policy's example parties (or these)."""
    document = {
        "name": "test",
        "start": START,
        "until": until,
        "parties": parties or policy.example_parties,
        "steps": steps,
        "expect": expect,
    }
    return tell(story_of(document), policy)


def report(
    at: str = "+0d", grading: str | None = "B2", origin: str = "S1", *signals: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """A report step; without signals it says that the gang intends something against the rival."""
    said = list(signals) or [{"factor": "INTENT", "strength": 0.9, "aggressor": "gang", "target": "rival"}]
    body: dict[str, Any] = {"origin": origin, "signals": said, **more}
    if grading is not None:
        body["grading"] = grading
    return {"at": at, "report": body}


def of_kind(said: Sequence[Said], kind: type[Any]) -> list[Any]:
    """What was said of one kind."""
    return [entry for entry in said if isinstance(entry, kind)]
