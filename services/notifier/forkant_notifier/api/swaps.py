"""Asking a colleague to change shifts, and answering: `/notifier/v1/duty/swaps`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import covering
from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import Swap, SwapState
from forkant_shared.fields import Moment
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/duty/swaps", tags=["duty"])


class TheirShiftBody(Body):
    """A colleague's shift."""

    user: Words = Field(min_length=1, max_length=80)
    tier: Literal[1, 2, 3]
    since: Moment
    until: Moment


class SwapBody(Body):
    """One's own shift, and the one asked for in return; without `theirs` anybody may take it."""

    tier: Literal[1, 2, 3]
    since: Moment
    until: Moment
    theirs: TheirShiftBody | None = None


class AnswerBody(Body):
    """What becomes of a request: the one who was asked accepts or declines, the one who asked withdraws."""

    state: Literal["ACCEPTED", "DECLINED", "WITHDRAWN"]


class ShiftAnswer(BaseModel):
    """A shift somebody has."""

    user: str
    tier: int
    since: datetime
    until: datetime


class SwapAnswer(BaseModel):
    """A request to change shifts."""

    id: UUID
    state: Literal["OPEN", "ACCEPTED", "DECLINED", "WITHDRAWN"]
    own: ShiftAnswer
    theirs: ShiftAnswer | None
    answered_by: str | None


def _shift(shift: Shift) -> ShiftAnswer:
    return ShiftAnswer(user=shift.users[0], tier=shift.tier, since=shift.since, until=shift.until)


def _answer(swap: Swap) -> SwapAnswer:
    return SwapAnswer(
        id=UUID(swap.id),
        state=swap.state.value,
        own=_shift(swap.own),
        theirs=_shift(swap.theirs) if swap.theirs else None,
        answered_by=swap.answered_by,
    )


@ROUTER.get("")
async def list_swaps(parts: PartsOf, who: SignedIn) -> list[SwapAnswer]:
    """Requests that wait for an answer."""
    return [_answer(swap) for swap in await covering.open_swaps(parts, who)]


@ROUTER.post("", status_code=201)
async def ask(parts: PartsOf, who: SignedIn, body: SwapBody) -> SwapAnswer:
    """Ask for a swap."""
    own, theirs = Shift(body.tier, (who.subject,), body.since, body.until), None
    if body.theirs is not None:
        theirs = Shift(body.theirs.tier, (body.theirs.user,), body.theirs.since, body.theirs.until)
    return _answer(await covering.ask_swap(parts, who, own, theirs))


@ROUTER.post("/{swap_id}/answer")
async def answer(parts: PartsOf, who: SignedIn, swap_id: UUID, body: AnswerBody) -> SwapAnswer:
    """Accept, decline or withdraw; of two who accept at once the second gets 409."""
    return _answer(await covering.answer_swap(parts, who, str(swap_id), SwapState(body.state)))
