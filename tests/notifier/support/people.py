"""Synthetic phones and rosters, and the policy as it is shipped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import yaml

import forkant_notifier
from forkant_notifier.domain.climb import Cause
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_notifier.domain.page import Origin
from forkant_notifier.domain.policy import PagingPolicy, from_document
from forkant_notifier.domain.roster import Contact, Roster

MONDAY = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
EVERY_CHANNEL = (Channel.PUSH, Channel.SMS, Channel.CALL)


def document() -> dict[str, object]:
    path = Path(forkant_notifier.__file__).parent / "policies" / "2026-1.yaml"
    found: dict[str, object] = yaml.safe_load(path.read_text())
    return found


def policy() -> PagingPolicy:
    return from_document(document())


def contact(user: str, number: int, actor_id: str | None = None) -> Contact:
    phone = f"+470000000{number}"
    return Contact(user, dict.fromkeys(EVERY_CHANNEL, phone), actor_id)


OFFICER = contact("duty.officer", 1, "00000000-0000-7000-8000-0000000000a1")
DEPUTY = contact("duty.deputy", 2, "00000000-0000-7000-8000-0000000000a2")
LEADER = contact("duty.leader", 3, "00000000-0000-7000-8000-0000000000a3")
OPERATIONS = contact("operations", 9)


def roster(*, officer: bool = True, deputy: bool = True, leader: bool = True) -> Roster:
    tiers = {
        1: (OFFICER,) if officer else (),
        2: (DEPUTY,) if deputy else (),
        3: (LEADER,) if leader else (),
    }
    return Roster(tiers, floor=(OPERATIONS,))


def cause(lane: Lane = Lane.LIFE, *, excluded: frozenset[str] = frozenset(), leader: bool = False) -> Cause:
    return Cause(
        lane=lane,
        origin=Origin.ESCALATION,
        threat_id="00000000-0000-7000-8000-000000000001",
        escalation_id="00000000-0000-7000-8000-000000000002",
        include_leader=leader,
        excluded=excluded,
        rules=("level-high",),
    )
