"""People answer: from the desk, by reply from a phone, by a signed link."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from forkant_notifier.commands.checking_in import take_code
from forkant_notifier.commands.desk import NotifierParts, desk_of, policy_of
from forkant_notifier.commands.duty import book_at, human_of, roster_of
from forkant_notifier.commands.figures import count_human
from forkant_notifier.commands.paging import save
from forkant_notifier.domain import human as people
from forkant_notifier.domain.answers import Answer, read
from forkant_notifier.domain.attempts import hint_to
from forkant_notifier.domain.check_in import CheckIn
from forkant_notifier.domain.human import Human
from forkant_notifier.domain.messages import Hint
from forkant_notifier.domain.page import CloseCause, Decision, EntryKind, Page, PageState
from forkant_notifier.domain.policy import PagingPolicy
from forkant_notifier.domain.roster import Roster
from forkant_notifier.store import attempts, duty, pages
from forkant_shared import audit
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.database import Session
from forkant_shared.errors import NotFound
from forkant_shared.identity import Principal

LINK_GOOD_FOR = timedelta(hours=2)

Decide = Callable[[Page, Human, PagingPolicy, Roster, datetime], Decision]


async def answer_page(parts: NotifierParts, who: Principal, page_id: str, given: Answer) -> Page:
    """An answer from somebody who is signed in. Raises Forbidden, NotFound, Conflict."""
    policy.require(who, "notifier.page.answer")
    return await _act(parts, who, page_id, _answering(given), {"answer": given.value, "via": "DESK"})


async def say_working(parts: NotifierParts, who: Principal, page_id: str) -> Page:
    """*Jobber med saken.*"""
    policy.require(who, "notifier.page.answer")
    return await _act(
        parts,
        who,
        page_id,
        lambda page, by, plan, roster, now: people.say_working(page, by, plan, roster, now),
        {"answer": "WORKING"},
    )


async def add_note(parts: NotifierParts, who: Principal, page_id: str, note: str) -> Page:
    """An officer's own words on the timeline; counts as an action."""
    policy.require(who, "notifier.page.answer")
    return await _act(
        parts,
        who,
        page_id,
        lambda page, by, _, __, now: people.record_action(page, EntryKind.NOTE, by, now, note=note),
        {"answer": "NOTE"},
    )


async def close_page(parts: NotifierParts, who: Principal, page_id: str, cause: CloseCause) -> Page:
    """A person says that the page is over."""
    policy.require(who, "notifier.page.close")
    return await _act(
        parts,
        who,
        page_id,
        lambda page, by, _, __, now: people.close(page, cause, now, by=by),
        {"cause": cause.value},
    )


def _answering(given: Answer) -> Decide:
    return lambda page, by, plan, roster, now: people.answer(page, given, by, policy=plan, roster=roster, now=now)


async def _act(parts: NotifierParts, who: Principal, page_id: str, decide: Decide, details: dict[str, str]) -> Page:
    async with parts.database.write() as session:
        page = await pages.load(session, page_id, for_update=True)
        book = await book_at(session, desk_of(parts), parts.clock.now())
        return await _decide_in(session, parts, who, human_of(who, book), page, decide, details)


async def _decide_in(
    session: Session,
    parts: NotifierParts,
    who: Principal,
    by: Human,
    page: Page,
    decide: Decide,
    details: dict[str, str],
) -> Page:
    desk, now = desk_of(parts), parts.clock.now()
    book = await book_at(session, desk, now)
    plan = await policy_of(session, desk, page.policy_version)
    decision = decide(page, by, plan, roster_of(book, parts.settings.operations_line, now), now)
    first = page.state is PageState.OPEN and not page.drill and not await pages.was_accepted(session, page.id)
    after = await save(session, parts, page, decision)
    if first and after.accepted_at is not None:
        session.after_commit(partial(count_human, after.lane, after.accepted_at - after.opened_at))
    if after.state is not page.state and after.state is not PageState.OPEN:
        await attempts.answered(session, page.id)
    await audit.record(session, who, "notifier.page.answer", [page.id], details=details)
    return after


@dataclass(frozen=True, slots=True)
class ReplyOutcome:
    """What became of an answer from a phone: page and answer, a hint, or a check-in; nothing for a stranger's."""

    page: Page | None = None
    answer: Answer | None = None
    hint: Hint | None = None
    check_in: CheckIn | None = None


async def answer_by_reply(parts: NotifierParts, sender: str, text: str) -> ReplyOutcome:
    """An SMS from a duty phone. One that cannot be used is answered with a hint; a number we do not know is not.

    The page of somebody a threat is aimed at does not exist for them here either.
    """
    desk, now = desk_of(parts), parts.clock.now()
    async with parts.database.write() as session:
        user = await duty.person_with_phone(session, sender.strip())
        book = await book_at(session, desk, now)
        if user is None or user not in book.people:
            return ReplyOutcome()
        person = book.people[user]
        reply = read(text)
        if reply is None:
            return await _hint(session, parts, person, Hint.NOT_UNDERSTOOD)
        page = await pages.by_code(session, reply.code)
        who = Principal(user, person.name, "PERSON", actor_id=person.contact.actor_id)
        if page is None:
            checked = await take_code(session, parts, who, reply.code)
            if checked is not None:
                return ReplyOutcome(check_in=checked)
        if page is None or not page.known_to(person.contact.actor_id):
            return await _hint(session, parts, person, Hint.UNKNOWN_CODE)
        by = Human(user, person.contact.actor_id)
        details = {"answer": reply.answer.value, "via": "REPLY"}
        after = await _decide_in(session, parts, who, by, page, _answering(reply.answer), details)
    return ReplyOutcome(page=after, answer=reply.answer)


async def _hint(session: Session, parts: NotifierParts, person: duty.Person, hint: Hint) -> ReplyOutcome:
    attempt = hint_to(person.contact, hint, attempt_id=new_id(), now=parts.clock.now())
    if attempt is not None:
        await attempts.insert(session, [attempt])
        session.after_commit(desk_of(parts).mailbox.ring)
    return ReplyOutcome(hint=hint)


# -- signed links ----------------------------------------------------------------------------------------------------


def sign_link(parts: NotifierParts, page_id: str, user: str) -> str:
    """The address where this user answers this page without logging in; good for two hours, useless by GET."""
    until = int((parts.clock.now() + LINK_GOOD_FOR).timestamp())
    told = f"{page_id}|{user}|{until}"
    seal = _seal(parts, told)
    token = base64.urlsafe_b64encode(f"{told}|{seal}".encode()).decode().rstrip("=")
    return f"{parts.settings.public_url.rstrip('/')}/notifier/answer/{token}"


def read_link(parts: NotifierParts, token: str) -> tuple[str, str]:
    """Page and user of a link. Raises NotFound for one that is not ours or has run out."""
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        page_id, user, until, seal = told.split("|")
        good = hmac.compare_digest(seal, _seal(parts, f"{page_id}|{user}|{until}"))
        ends = datetime.fromtimestamp(int(until), UTC) if good else None
    except (ValueError, OverflowError):
        ends = None
    if ends is None or parts.clock.now() > ends:
        raise NotFound("The link is not valid any more.", remedy="Log in and answer from the desk.")
    return page_id, user


async def answer_as(session: Session, parts: NotifierParts, user: str, page: Page, given: Answer, *, via: str) -> Page:
    """An answer from somebody a carrier has shown to be this user. Raises NotFound, Conflict."""
    book = await book_at(session, desk_of(parts), parts.clock.now())
    who = Principal(user, book.named(user), "PERSON")
    details = {"answer": given.value, "via": via}
    return await _decide_in(session, parts, who, human_of(who, book), page, _answering(given), details)


async def answer_by_link(parts: NotifierParts, token: str, given: Answer) -> Page:
    """An answer from a signed link. Raises NotFound, Conflict."""
    page_id, user = read_link(parts, token)
    async with parts.database.write() as session:
        page = await pages.load(session, page_id, for_update=True)
        return await answer_as(session, parts, user, page, given, via="LINK")


def _seal(parts: NotifierParts, told: str) -> str:
    return hmac.new(desk_of(parts).link_key, told.encode(), hashlib.sha256).hexdigest()
