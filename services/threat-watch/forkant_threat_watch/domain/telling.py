"""The engine on a clock of its own: everything in memory, and every timer run that falls due between what happens."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count

from forkant_threat_watch.domain.links import Links
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.rules import RuleBook
from forkant_threat_watch.domain.watch import Watch

SHORT = {"threat": "T", "page": "P", "review": "V", "decision": "D", "verification": "F", "feedback": "B"}


class Teller:
    """Tells what the server would have said; `hear` is given everything that is said, in order.

    The same happenings and the same policy are told in the same words, also in another process.
    """

    def __init__(
        self, policy: Policy, links: Links, hear: Callable[[Sequence[Said]], None], book: RuleBook | None = None
    ) -> None:
        self._counts = {kind: count(1) for kind in SHORT}
        self.watch = Watch(policy, links, lambda kind: f"{SHORT[kind]}{next(self._counts[kind])}", book=book)
        self._hear = hear
        self._timers: list[tuple[datetime, int, str]] = []
        self._set = count()

    def run_timers(self, until: datetime) -> None:
        """Run every timer that falls due up to and at this moment."""
        while self._timers and self._timers[0][0] <= until:
            at, _, threat_id = heapq.heappop(self._timers)
            if self.watch.threats[threat_id].due_at == at:
                self.heard(self.watch.due(threat_id, at))

    def heard(self, said: Sequence[Said]) -> None:
        """Pass on what was said, and set the timers of the threats that have changed."""
        self._hear(said)
        for threat_id in self.watch.changes():
            due_at = self.watch.threats[threat_id].due_at
            if due_at is not None:
                heapq.heappush(self._timers, (due_at, next(self._set), threat_id))
