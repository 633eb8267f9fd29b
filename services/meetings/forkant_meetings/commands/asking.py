"""How something is asked for and answered: the right, the repeated key, the version, the audit row and the events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forkant_meetings.domain.people import Officer
from forkant_meetings.domain.policy import Policy
from forkant_meetings.settings import Settings
from forkant_meetings.store import dialogues, known
from forkant_shared import audit, idempotency, outbox
from forkant_shared.access import policy as access
from forkant_shared.database import Session
from forkant_shared.envelope import Event
from forkant_shared.errors import Forbidden, Stale
from forkant_shared.identity import Principal
from forkant_shared.parts import Parts

MeetingsParts = Parts[Settings]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, with which Idempotency-Key and body digest, and on which version of the thing they decided."""

    who: Principal
    key: str | None = None
    digest: str = ""
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done to which thing. `repeated`: it was done before, by the same key."""

    id: str
    state: str
    version: int
    repeated: bool = False


def working_values(parts: MeetingsParts) -> Policy:
    """The policy in use."""
    found: Policy = parts.state["policy"]
    return found


async def answered(session: Session, asked: Asked) -> Receipt | None:
    """What this key was answered before. Raises Conflict where it came with another body."""
    if asked.key is None:
        return None
    stored = await idempotency.claim(session, asked.key, asked.who, asked.digest)
    return None if stored is None else Receipt(**stored.answer, repeated=True)


async def may(session: Session, asked: Asked, action: str, dialogue_id: str) -> None:
    """Raises Forbidden or NotFound where they may not do this with what belongs to the dialogue."""
    # The right first: else the answer would tell a stranger whether there is such a dialogue.
    access.require(asked.who, action)
    access.require(asked.who, action, await dialogues.resource(session, dialogue_id))


def on_version(asked: Asked, version: int) -> None:
    """Raises Stale where the asker decided on an older version."""
    if asked.expected is not None and asked.expected != version:
        raise Stale(
            "It has been changed since you read it.",
            field="If-Match",
            remedy="Read it again, see what has changed, and repeat the change.",
        )


async def not_the_target(session: Session, asked: Asked, threat_id: str | None) -> None:
    """Raises Forbidden for the one a threat is aimed at: another decides in the answer to it."""
    if threat_id is None or asked.who.kind != "PERSON":
        return
    await remember(session, asked.who)
    around = await known.circumstances(session, threat_id, [asked.who.subject])
    if around.is_target(asked.who.subject):
        raise Forbidden(
            "You take no part in the answer to this threat.", field="threat_id", remedy="Let another officer do it."
        )


async def remember(session: Session, who: Principal) -> None:
    """Keep who a person is, so that links to targets are seen when they are named as representative."""
    if who.kind == "PERSON":
        await known.remember(session, Officer(who.subject, who.name, who.actor_id))


async def finish(
    session: Session,
    asked: Asked,
    action: str,
    receipt: Receipt,
    *,
    events: Sequence[Event] = (),
    details: Mapping[str, Any] | None = None,
) -> Receipt:
    """Write the audit row, hand the events to the outbox and keep the answer for the key, in this transaction."""
    await remember(session, asked.who)
    await audit.record(session, asked.who, action, [receipt.id], details=details)
    for event in events:
        await outbox.add(session, event, version=receipt.version)
    if asked.key is not None:
        answer = {"id": receipt.id, "state": receipt.state, "version": receipt.version}
        await idempotency.store(session, asked.key, asked.who, status=200, answer=answer)
    return receipt
