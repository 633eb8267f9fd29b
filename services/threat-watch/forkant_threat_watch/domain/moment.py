"""What every decision is made with: the policy, the links, the time and a way to name new things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of the watch."""

    policy: Policy
    book: RuleBook
    links: Links
    new_id: Callable[[str], str]
    now: datetime

    @property
    def t(self) -> float:
        """Now, in seconds."""
        return self.now.timestamp()
