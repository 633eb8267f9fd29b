"""One asks another to take a shift, or to change it for one of theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_notifier.domain.shift import Shift
from forkant_shared.errors import Conflict, Forbidden


class SwapState(StrEnum):
    """Where a request stands."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Swap:
    """`asked_by` gives `own` and gets `theirs`; without `theirs` anybody else may take it."""

    id: str
    asked_by: str
    asked_at: datetime
    own: Shift
    theirs: Shift | None = None
    state: SwapState = SwapState.OPEN
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def asked_of(self) -> str | None:
        """The one who was asked; None for anybody."""
        return self.theirs.users[0] if self.theirs else None

    def ends(self) -> datetime:
        """From when it is too late to answer."""
        return min(self.own.until, self.theirs.until) if self.theirs else self.own.until


def answer(swap: Swap, state: SwapState, by: str, now: datetime) -> Swap:
    """Accept or decline (who was asked), or withdraw (who asked).

    Raises Conflict for one that is answered or over, Forbidden for somebody it was not put to.
    """
    if swap.state is not SwapState.OPEN:
        raise Conflict("The request has been answered already.", field="id", remedy="Look at the calendar again.")
    if now >= swap.ends():
        raise Conflict("The shift is over.", field="id")
    own = by == swap.asked_by
    if own is not (state is SwapState.WITHDRAWN) or (not own and swap.asked_of not in (None, by)):
        raise Forbidden("This request is not yours to answer.", field="id")
    return replace(swap, state=state, answered_by=by, answered_at=now)
