"""A call is answered with keys: which answer, and the PIN that shows who took up the phone."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from uuid import UUID

from forkant_notifier.commands.answering import answer_as
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.duty import book_at
from forkant_notifier.commands.noticing import US, notify
from forkant_notifier.domain.answers import Answer
from forkant_notifier.domain.attempts import Attempt
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.page import PageState
from forkant_notifier.domain.pin import Pin, tried
from forkant_notifier.domain.speech import Spoken, is_pin, keyed, too_easy
from forkant_notifier.store import attempts, pages, reach
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.database import Session
from forkant_shared.errors import Conflict, Invalid, NotFound
from forkant_shared.identity import Principal

#: What one try at a PIN costs: some 30 ms and 8 MiB, off the loop.
_COST = {"n": 2**13, "r": 8, "p": 1, "dklen": 32}


async def set_pin(parts: NotifierParts, who: Principal, pin: str) -> None:
    """A PIN of one's own. Raises Forbidden, Invalid."""
    policy.require(who, "notifier.reach.write")
    rules = desk_of(parts).speech.pin
    if not is_pin(pin, rules):
        raise Invalid(
            f"A PIN is {rules.shortest} to {rules.longest} digits.", field="pin", remedy="Choose one of that length."
        )
    if too_easy(pin):
        raise Invalid("This PIN is the first anybody would try.", field="pin", remedy="Choose another.")
    salt = secrets.token_bytes(16)
    seal = await asyncio.to_thread(_seal, parts, who.subject, pin, salt)
    async with parts.database.write() as session:
        await reach.put_pin(session, Pin(who.subject, salt, seal), parts.clock.now())
        await audit.record(session, who, "notifier.reach.write", [who.subject], details={"what": "PIN"})


async def answer_by_keypad(parts: NotifierParts, route: str, reference: str, digits: str) -> str:
    """What to say back to whoever pressed these keys in the call `reference`, by this route. A page is answered only
    with the PIN of the person who was called. Raises NotFound for a call that is none of ours."""
    speech = desk_of(parts).speech
    try:
        attempt_id = str(UUID(reference))
    except ValueError:
        raise NotFound("There is no such call.", field="reference") from None
    async with parts.database.read() as session:
        attempt = await attempts.of_call(session, attempt_id, route)
        if attempt is None or attempt.channel is not Channel.CALL or attempt.page_id is None:
            raise NotFound("There is no such call.", field="reference")
    understood = keyed(digits, speech.pin)
    if understood is None:
        return speech.said(Spoken.NOT_UNDERSTOOD, attempt.code)
    answer, pin = understood
    refused = await _refused(parts, attempt.user, pin)
    return speech.said(refused or await _answered(parts, attempt, answer), attempt.code)


async def _refused(parts: NotifierParts, user: str, pin: str) -> Spoken | None:
    """Why this PIN does not count; None where it does. Tries are counted before anything is said."""
    now = parts.clock.now()
    async with parts.database.read() as session:
        kept = await reach.pin_of(session, user)
    if kept is None:
        return Spoken.NO_PIN
    if kept.locked(now):
        return Spoken.LOCKED
    right = hmac.compare_digest(await asyncio.to_thread(_seal, parts, user, pin, kept.salt), kept.seal)
    async with parts.database.write() as session:
        kept = await reach.pin_of(session, user, for_update=True)
        if kept is None or kept.locked(now):
            return Spoken.LOCKED
        after = tried(kept, right=right, rules=desk_of(parts).speech.pin, now=now)
        if after != kept:
            await reach.save_tries(session, after)
        if after.locked(now):
            await _tell_locked(session, parts, user)
    if right:
        return None
    return Spoken.LOCKED if after.locked(now) else Spoken.WRONG_PIN


async def _tell_locked(session: Session, parts: NotifierParts, user: str) -> None:
    """Somebody tried a PIN too often: its owner hears of it, the board counts it, and it is in the audit chain."""
    book = await book_at(session, desk_of(parts), parts.clock.now())
    if user in book.people:
        await notify(session, parts, book, [book.people[user].contact], Hint.PIN_LOCKED)
    await audit.record(session, US, "notifier.reach.write", [user], details={"what": "PIN_LOCKED"})
    session.after_commit(desk_of(parts).feed)


async def _answered(parts: NotifierParts, attempt: Attempt, answer: Answer) -> Spoken:
    assert attempt.page_id is not None
    try:
        async with parts.database.write() as session:
            page = await pages.load(session, attempt.page_id, for_update=True)
            after = await answer_as(session, parts, attempt.user, page, answer, via="KEYPAD")
    except (Conflict, NotFound):
        return Spoken.OVER
    if answer is Answer.ACCEPT and after.state is PageState.OPEN:
        return Spoken.ACCEPT_PARTLY
    return Spoken(answer.value)


def _seal(parts: NotifierParts, user: str, pin: str, salt: bytes) -> bytes:
    """Worth nothing without the key of this installation: four digits alone are tried in seconds."""
    peppered = hmac.new(desk_of(parts).link_key, f"pin|{user}|{pin}".encode(), hashlib.sha256).digest()
    return hashlib.scrypt(peppered, salt=salt, **_COST)
