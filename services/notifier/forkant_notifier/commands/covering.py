"""A colleague takes a shift, changes it for one of theirs, or gives back what was taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.commands.duty import Planning, planning
from forkant_notifier.domain.rota import Override
from forkant_notifier.domain.shift import Shift
from forkant_notifier.domain.swap import Swap, SwapState, answer
from forkant_notifier.store import rotas, swaps
from forkant_shared.access import policy
from forkant_shared.clock import new_id
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal


@dataclass(frozen=True, slots=True)
class CoverWish:
    """`user` (by default the one who asks) takes the turn of `covers` from `since` (now, where it has begun) on."""

    tier: int
    covers: str
    since: datetime
    until: datetime
    user: str | None = None


async def cover(parts: NotifierParts, who: Principal, wish: CoverWish, *, revision: int | None = None) -> Override:
    """Take somebody's shift, or what is left of it. Raises NotFound, Invalid, Conflict where it is not theirs."""
    policy.require(who, "notifier.duty.write")
    async with planning(parts, tiers=[wish.tier], revision=revision) as act:
        shift = Shift(wish.tier, (wish.covers,), wish.since, wish.until)
        made = await _take(act, who, wish.user or who.subject, shift)
        await act.note(who, "COVERED", made.id, tier=wish.tier, user=made.user)
    return made


async def _take(act: Planning, who: Principal, user: str, shift: Shift, swap_id: str | None = None) -> Override:
    """Decide and store that `user` has this one turn; what has begun is taken from now on."""
    made = Override(
        shift.tier,
        user,
        max(shift.since, act.now),
        shift.until,
        made_at=act.now,
        covers=shift.users[0],
        revision=await rotas.last_revision(act.session) + 1,
        id=new_id(),
    )
    act.book.plan.with_override(made, act.rules, act.now)
    await rotas.add_override(act.session, made, made_by=who.subject, swap_id=swap_id)
    return made


async def give_back(parts: NotifierParts, who: Principal, override_id: str) -> None:
    """End a take-over now. Raises NotFound, Conflict where it is over, Invalid where nobody would be left."""
    policy.require(who, "notifier.duty.write")
    async with planning(parts) as act:
        after = act.book.plan.without_override(override_id, act.rules, act.now)
        ended = next(o for o in after.rota.overrides if o.id == override_id)
        await rotas.end_override(act.session, override_id, ended.over_at)
        await act.note(who, "GIVEN_BACK", override_id, tier=ended.tier, user=ended.user)


# -- swaps -----------------------------------------------------------------------------------------------------------


async def ask_swap(parts: NotifierParts, who: Principal, own: Shift, theirs: Shift | None) -> Swap:
    """Ask a colleague to change `own` for `theirs`; without `theirs`, ask anybody to take it.

    Raises Conflict where either shift is not whose it is said to be, Invalid for one that is over or too far ahead.
    """
    policy.require(who, "notifier.duty.write")
    async with planning(parts) as act:
        for field, shift, user in (("since", own, who.subject), ("their_since", theirs, None)):
            if shift is None:
                continue
            if not act.now < shift.until or not shift.since < min(shift.until, act.now + act.rules.swap_ahead):
                days = act.rules.swap_ahead.days
                raise Invalid(f"A swap is about shifts of the next {days} days.", field=field)
            holder = user or shift.users[0]
            if not act.book.plan.has_throughout(holder, shift.tier, max(shift.since, act.now), shift.until):
                raise Conflict("That user does not have this shift.", field=field, remedy="Look at the calendar again.")
        if theirs is not None and theirs.users[0] == who.subject:
            raise Invalid("One does not swap with oneself.", field="their_user", remedy="Choose a colleague's shift.")
        asked = Swap(new_id(), who.subject, act.now, replace(own, users=(who.subject,)), theirs)
        await swaps.insert(act.session, asked)
        await act.note(who, "SWAP_ASKED", asked.id, tier=own.tier, user=theirs.users[0] if theirs else None)
    return asked


async def answer_swap(parts: NotifierParts, who: Principal, swap_id: str, state: SwapState) -> Swap:
    """Accept, decline or withdraw. Raises NotFound, Forbidden, Conflict where it was answered or the shifts moved."""
    policy.require(who, "notifier.duty.write")
    async with planning(parts) as act:
        asked = await swaps.load(act.session, swap_id)
        answered = answer(asked, state, who.subject, act.now)
        await swaps.save(act.session, answered)
        if state is SwapState.ACCEPTED:
            await _take(act, who, who.subject, asked.own, swap_id)
            if asked.theirs is not None:
                await _take(act, who, asked.asked_by, asked.theirs, swap_id)
        kind = f"SWAP_{state.value}"
        await act.note(who, kind, swap_id, tier=asked.own.tier, user=asked.asked_by)
    return answered


async def open_swaps(parts: NotifierParts, who: Principal) -> list[Swap]:
    """What is asked and not answered, the nearest shift first."""
    policy.require(who, "notifier.duty.read")
    async with parts.database.read() as session:
        return await swaps.open_ones(session, parts.clock.now())
