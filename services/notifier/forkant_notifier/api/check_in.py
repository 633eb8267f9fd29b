"""Going on duty: `/notifier/v1/duty/check-in`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.commands import checking_in
from forkant_notifier.domain.check_in import CheckIn
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/duty/check-in", tags=["duty"])


class CodeBody(Body):
    """A code as it stood in a message."""

    code: str = Field(pattern="^[0-9A-Fa-f]{4}$")


class StepAnswer(BaseModel):
    """A channel, and when its code came back."""

    channel: Literal["PUSH", "SMS", "CALL"]
    answered_at: datetime | None


class CheckInAnswer(BaseModel):
    """A check-in; done when both codes have come back."""

    begun_at: datetime
    ends_at: datetime
    done_at: datetime | None
    steps: list[StepAnswer]


def _answer(found: CheckIn) -> CheckInAnswer:
    steps = [StepAnswer(channel=step.channel.value, answered_at=step.answered_at) for step in found.steps]
    return CheckInAnswer(begun_at=found.begun_at, ends_at=found.ends_at, done_at=found.done_at, steps=steps)


@ROUTER.post("", status_code=201)
async def begin(parts: PartsOf, who: SignedIn) -> CheckInAnswer:
    """Send the codes."""
    return _answer(await checking_in.begin_check_in(parts, who))


@ROUTER.post("/codes")
async def give_code(parts: PartsOf, who: SignedIn, body: CodeBody) -> CheckInAnswer:
    """Give a code back."""
    return _answer(await checking_in.give_code(parts, who, body.code))
