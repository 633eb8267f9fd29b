"""What every deed shares: may they, was it done before, and what is written down about it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forkant_registry.domain.claims import Marks
from forkant_registry.domain.reference import Reference
from forkant_registry.settings import Settings
from forkant_shared import audit, idempotency
from forkant_shared.access import Resource, policy
from forkant_shared.database import Session
from forkant_shared.errors import Forbidden, NotFound
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Once:
    """The caller's key for one deed, and what tells its body from another."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to a deed; `repeated` where it was done before and nothing was done now."""

    answer: dict[str, Any]
    repeated: bool = False


def reference_of(parts: Parts[Settings]) -> Reference:
    """The reference data this service started with."""
    found: Reference = parts.state[REFERENCE]
    return found


def no_such_actor() -> NotFound:
    """The one answer for an actor that is not there and one that nobody may tell you of."""
    return NotFound("There is no such actor.")


@contextlib.asynccontextmanager
async def refusals_recorded(
    parts: Parts[Settings], who: Principal, action: str, objects: Sequence[str] = (), purpose: str | None = None
) -> AsyncIterator[None]:
    """Write down an attempt that was refused. Not there and not allowed take the same way and the same time."""
    try:
        yield
    except (Forbidden, NotFound) as refusal:
        async with parts.database.write() as session:
            await audit.record(
                session,
                who,
                action,
                objects,
                kind="DENIED",
                purpose=purpose,
                details={"status": refusal.status},
            )
        # It is written down, with its object; the door need not do it again.
        refusal.refused_action = None
        raise


def require(who: Principal, action: str, marks: Marks | None = None) -> None:
    """Raise Forbidden where the deed, or the marks it would set, are not theirs."""
    policy.require(who, action)
    if marks is not None and not policy.may_know(who, Resource(marks.handling, marks.compartment)):
        raise Forbidden(
            "You cannot mark it so that you may not see it yourself.",
            field="handling",
            remedy="Choose a handling and a compartment that are open to you.",
        )


async def done_before(session: Session, who: Principal, once: Once | None) -> Done | None:
    """What was answered the first time this key came; None where it is new. Raises Conflict for another body."""
    if once is None:
        return None
    stored = await idempotency.claim(session, once.key, who, once.digest)
    return Done(stored.answer, repeated=True) if stored else None


async def done(session: Session, who: Principal, once: Once | None, answer: dict[str, Any]) -> Done:
    """Keep the answer under the caller's key, and give it."""
    if once is not None:
        await idempotency.store(session, once.key, who, status=201, answer=answer)
    return Done(answer)


async def consulted(
    parts: Parts[Settings],
    who: Principal,
    action: str,
    objects: Sequence[str],
    purpose: str | None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down that something was read, before it is shown."""
    async with parts.database.write() as session:
        await audit.record(session, who, action, objects, kind="CONSULTATION", purpose=purpose, details=details)
