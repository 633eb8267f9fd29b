"""Write down what was promised, follow it, and say what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from forkant_meetings.commands.asking import (
    Asked,
    MeetingsParts,
    Receipt,
    answered,
    finish,
    may,
    not_the_target,
    on_version,
    working_values,
)
from forkant_meetings.domain import promise as domain
from forkant_meetings.domain.policy import Policy
from forkant_meetings.domain.promise import (
    Acknowledgement,
    Confirmed,
    Fate,
    Judgement,
    Manner,
    Progress,
    Promise,
    Side,
)
from forkant_meetings.store import dues, meetings
from forkant_meetings.store import promises as store
from forkant_shared.access import policy as access
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import Invalid

MAKE = "meetings.promise.make"
FOLLOW = "meetings.promise.follow"
JUDGE = "meetings.promise.judge"


@dataclass(frozen=True, slots=True)
class PromiseWish:
    """What was promised. `owner` empty: who writes it down. A promise given in a threat dialogue stands under its
    threat."""

    dialogue_id: str
    by: Side
    to: str
    text: str
    owner: str = ""
    meeting_id: str | None = None
    due_on: date | None = None
    threat_id: str | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a promise, as somebody found it. `happened_at` None: now."""

    fate: Fate
    manner: Manner | None
    evidence: str
    happened_at: datetime | None = None


async def make_promise(parts: MeetingsParts, asked: Asked, wish: PromiseWish) -> Receipt:
    """Write down what one side promised the other."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        await may(session, asked, MAKE, wish.dialogue_id)
        threat_id = await _threat_of(session, wish)
        await not_the_target(session, asked, threat_id)
        made, events = domain.make(
            Promise(
                id=new_id(),
                dialogue_id=wish.dialogue_id,
                by=wish.by,
                to=wish.to.strip(),
                text=wish.text.strip(),
                owner=wish.owner.strip() or asked.who.subject,
                made_at=_not_ahead(wish.made_at or now, now),
                recorded_by=asked.who.subject,
                meeting_id=wish.meeting_id,
                due_on=wish.due_on,
                threat_id=threat_id,
            )
        )
        await store.add(session, made)
        await _expect(session, made, working_values(parts), now)
        return await finish(session, asked, MAKE, _receipt(made), events=events, details=_codes(made))


async def acknowledge_promise(parts: MeetingsParts, asked: Asked, promise_id: str, how: Acknowledgement) -> Receipt:
    """Note that the other side confirmed it."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, FOLLOW, promise_id)
        after = domain.acknowledge(before, Confirmed(how, asked.who.subject, parts.clock.now()))
        await store.save(session, before, after)
        return await finish(session, asked, FOLLOW, _receipt(after), details={"how": how.value})


async def advance_promise(
    parts: MeetingsParts, asked: Asked, promise_id: str, progress: Progress, due_on: date | None, owner: str
) -> Receipt:
    """Note how far it has come, a new due date or a new owner."""
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, FOLLOW, promise_id)
        after = domain.advance(before, progress, due_on, owner.strip())
        await store.save(session, before, after)
        await _expect(session, after, working_values(parts), parts.clock.now())
        return await finish(session, asked, FOLLOW, _receipt(after), details={"progress": progress.value})


async def judge_promise(parts: MeetingsParts, asked: Asked, promise_id: str, found: Found) -> Receipt:
    """Say what became of it, with evidence. Broken under a threat it travels to threat-watch."""
    now = parts.clock.now()
    async with parts.database.write() as session:
        repeated = await answered(session, asked)
        if repeated is not None:
            return repeated
        before = await _load(session, asked, JUDGE, promise_id)
        return await _judge(session, asked, before, found, working_values(parts), now)


async def lapse_promise(session: Session, asked: Asked, promise_id: str, policy: Policy) -> None:
    """Let an unsettled promise lapse, in the caller's transaction; one that was settled meanwhile stays as it is."""
    now = session.clock.now()
    promise = await store.load(session, promise_id, lock=True)
    if promise.fate is not Fate.OPEN:
        return
    evidence = f"Frist utløpt uten vurdering (regler {policy.version})"
    await _judge(session, asked, promise, Found(Fate.LAPSED, None, evidence), policy, now)


async def _judge(
    session: Session, asked: Asked, before: Promise, found: Found, policy: Policy, now: datetime
) -> Receipt:
    judgement = Judgement(
        found.fate, found.manner, found.evidence.strip(), asked.who.subject, now, found.happened_at or now
    )
    after, events = domain.judge(before, judgement, now)
    await store.save(session, before, after)
    await _expect(session, after, policy, now)
    return await finish(session, asked, JUDGE, _receipt(after), events=events, details=_codes(after))


async def _expect(session: Session, promise: Promise, policy: Policy, now: datetime) -> None:
    lying_ahead = [(f"PROMISE_{due.kind}", due.at) for due in domain.dues(promise, policy, now)]
    await dues.reschedule(session, promise.id, lying_ahead)


async def _threat_of(session: Session, wish: PromiseWish) -> str | None:
    if wish.meeting_id is None:
        return wish.threat_id
    found = await meetings.of_dialogue(session, wish.dialogue_id, wish.meeting_id)
    if found is None:
        raise Invalid(
            "The dialogue has no such meeting.", field="meeting_id", remedy="Name a meeting of this dialogue, or none."
        )
    return wish.threat_id or found.plan.threat_id


async def _load(session: Session, asked: Asked, action: str, promise_id: str) -> Promise:
    access.require(asked.who, action)
    found = await store.load(session, promise_id, lock=True)
    await may(session, asked, action, found.dialogue_id)
    await not_the_target(session, asked, found.threat_id)
    on_version(asked, found.version)
    return found


def _not_ahead(made_at: datetime, now: datetime) -> datetime:
    if made_at > now:
        raise Invalid(
            "A promise that lies ahead has not been given.", field="made_at", remedy="Give when it was given."
        )
    return made_at


def _codes(promise: Promise) -> dict[str, str | None]:
    manner = promise.manner.value if promise.manner else None
    return {"by": promise.by.value, "fate": promise.fate.value, "manner": manner, "threat_id": promise.threat_id}


def _receipt(promise: Promise) -> Receipt:
    return Receipt(promise.id, promise.fate.value, promise.version)
