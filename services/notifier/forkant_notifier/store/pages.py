"""Pages and their timelines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.acceptance import Acceptance
from forkant_notifier.domain.horizon import Horizon
from forkant_notifier.domain.lanes import Lane
from forkant_notifier.domain.page import Decision, Entry, EntryKind, Origin, Page, PageState
from forkant_notifier.store import looks
from forkant_notifier.tables import PAGES, TIMELINE
from forkant_shared.database import Session
from forkant_shared.errors import NotFound, Stale


def _row(page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "code": page.code,
        "lane": page.lane.value,
        "origin": page.origin.value,
        "threat_id": page.threat_id,
        "report_id": page.report_id,
        "escalation_id": page.escalation_id,
        "policy_version": page.policy_version,
        "include_leader": page.include_leader,
        "excluded": sorted(page.excluded),
        "opened_at": page.opened_at,
        "clock_at": page.clock_at,
        "step": page.step,
        "tier": page.tier,
        "state": page.state.value,
        "next_step_at": page.next_step_at,
        "accepted_at": page.accepted_at,
        "accepted_by": page.accepted_by,
        "closed_at": page.closed_at,
        "acceptances": [_given(one) for one in page.acceptances],
        "version": page.version,
    }


def _given(one: Acceptance) -> dict[str, Any]:
    return {"user": one.user, "at": one.at.isoformat(), "tiers": sorted(one.tiers)}


def _page(row: Any) -> Page:
    return page_of(row)


def page_of(row: Any, past: Collection[str] = ()) -> Page:
    """The page in a row that has all its columns, and beside them those named in `past`."""
    found = {name: value for name, value in row._mapping.items() if name not in past}
    found["lane"] = Lane(found["lane"])
    found["origin"] = Origin(found["origin"])
    found["state"] = PageState(found["state"])
    found["excluded"] = frozenset(found["excluded"])
    found["acceptances"] = tuple(
        Acceptance(given["user"], datetime.fromisoformat(given["at"]), frozenset(given["tiers"]))
        for given in found["acceptances"]
    )
    return Page(**found)


async def load(session: Session, page_id: str, *, for_update: bool = False) -> Page:
    """The page. Raises NotFound."""
    query = sa.select(PAGES).where(PAGES.c.id == page_id)
    row = (await session.execute(query.with_for_update() if for_update else query)).one_or_none()
    if row is None:
        raise NotFound("There is no such page.")
    return _page(row)


async def by_code(session: Session, code: str) -> Page | None:
    """The page that has this code now, held for a change; codes of closed pages are nobody's."""
    query = sa.select(PAGES).where(PAGES.c.code == code, PAGES.c.state != PageState.CLOSED.value).with_for_update()
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _page(row)


async def by_escalation(session: Session, escalation_id: str) -> Page | None:
    """The page an escalation opened, held for a change."""
    query = sa.select(PAGES).where(PAGES.c.escalation_id == escalation_id).with_for_update()
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _page(row)


async def running_of_threat(session: Session, threat_id: str) -> list[Page]:
    """The threat's pages that are not closed, oldest first, held for a change."""
    theirs_wait = any(row["threat_id"] == threat_id for row in session.waiting(PAGES))
    # Those of others may go on waiting: a burst is opened in one transaction.
    found = await session.execute(_RUNNING_OF_THREAT, {"threat": threat_id}, past_waiting=not theirs_wait)
    return [_page(row) for row in found]


_RUNNING_OF_THREAT = (
    sa.select(PAGES)
    .where(PAGES.c.threat_id == sa.bindparam("threat"), PAGES.c.state != PageState.CLOSED.value)
    .order_by(PAGES.c.id)
    .with_for_update()
)


async def taken_codes(session: Session, candidates: Collection[str]) -> set[str]:
    """Which of these codes a running page has."""
    found = await session.execute(
        sa.select(PAGES.c.code).where(PAGES.c.code.in_(list(candidates)), PAGES.c.state != PageState.CLOSED.value)
    )
    return set(found.scalars())


async def due_ids(session: Session, horizon: Horizon, limit: int) -> list[str]:
    """Pages whose next step is due (or lies where none can), LIFE first."""
    found = await session.execute(
        sa.select(PAGES.c.id).where(looks.step_due(horizon)).order_by(PAGES.c.lane, PAGES.c.next_step_at).limit(limit)
    )
    return [str(page_id) for page_id in found.scalars()]


async def insert(session: Session, decision: Decision) -> Page:
    """Store a page that has just been opened, with its timeline."""
    page = replace(decision.page, version=1)
    session.later(PAGES, _row(page))
    await add_entries(session, page.id, decision.entries)
    return page


async def save(session: Session, before: Page, decision: Decision) -> Page:
    """Store what was decided on `before`. Raises Stale where somebody else changed the page meanwhile."""
    page = replace(decision.page, version=before.version + 1)
    found = await session.execute(
        PAGES.update().where(PAGES.c.id == page.id, PAGES.c.version == before.version).values(_row(page))
    )
    if found.rowcount != 1:
        raise Stale("Somebody else has changed the page meanwhile.", remedy="Look at the page again.")
    await add_entries(session, page.id, decision.entries)
    return page


async def add_entries(session: Session, page_id: str | None, entries: Sequence[Entry]) -> None:
    rows = [
        {"page_id": page_id, "at": e.at, "kind": e.kind.value, "by": e.by, "code": e.code, "note": e.note}
        for e in entries
    ]
    session.later(TIMELINE, *rows)


async def timeline(session: Session, page_id: str) -> list[Entry]:
    """A page's timeline, oldest first."""
    found = await session.execute(sa.select(TIMELINE).where(TIMELINE.c.page_id == page_id).order_by(TIMELINE.c.seq))
    return [Entry(EntryKind(row.kind), row.at, row.by, row.code, row.note) for row in found]


async def was_accepted(session: Session, page_id: str) -> bool:
    """Whether a person has ever accepted the page, also where it has rung again since."""
    query = sa.select(TIMELINE.c.seq).where(TIMELINE.c.page_id == page_id, TIMELINE.c.kind == EntryKind.ACCEPTED.value)
    return (await session.execute(query.limit(1))).first() is not None


async def listed(
    session: Session,
    *,
    threat_id: str | None = None,
    running_only: bool = False,
    limit: int = 100,
    before: str | None = None,
) -> list[Page]:
    """Pages, newest first."""
    query = sa.select(PAGES).order_by(PAGES.c.id.desc()).limit(limit)
    if threat_id is not None:
        query = query.where(PAGES.c.threat_id == threat_id)
    if running_only:
        query = query.where(PAGES.c.state != PageState.CLOSED.value)
    if before is not None:
        query = query.where(PAGES.c.id < before)
    return [_page(row) for row in await session.execute(query)]
