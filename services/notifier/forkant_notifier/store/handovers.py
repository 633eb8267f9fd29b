"""Handover reports, and what they are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from forkant_notifier.domain.handover import FailedLine, Handover, PageLine, RouteLine, Standing
from forkant_notifier.tables import ATTEMPTS, HANDOVERS, PAGES
from forkant_shared.database import Session
from forkant_shared.errors import NotFound

#: So many pages of each kind are told of; a shift with more has a board that tells the rest.
MOST = 200


async def pages_since(session: Session, since: datetime) -> list[PageLine]:
    """The pages that are not over, and those opened since then, oldest first; no drill is among them."""
    wanted = sa.and_(sa.or_(PAGES.c.state != "CLOSED", PAGES.c.opened_at > since), PAGES.c.origin != "DRILL")
    columns = [PAGES.c[name] for name in PageLine.__dataclass_fields__]
    query = sa.select(*columns).where(wanted).order_by(PAGES.c.opened_at).limit(MOST)
    return [PageLine(**row._mapping) for row in await session.execute(query)]


async def failed_since(session: Session, since: datetime) -> list[FailedLine]:
    """Tries for pages opened since then that failed or got no answer, by channel and user."""
    query = (
        sa.select(ATTEMPTS.c.channel, ATTEMPTS.c.user, sa.func.count().label("count"))
        .join(PAGES, PAGES.c.id == ATTEMPTS.c.page_id)
        .where(PAGES.c.opened_at > since, PAGES.c.origin != "DRILL", ATTEMPTS.c.state.in_(["FAILED", "UNKNOWN"]))
        .group_by(ATTEMPTS.c.channel, ATTEMPTS.c.user)
        .order_by(ATTEMPTS.c.user, ATTEMPTS.c.channel)
    )
    return [FailedLine(**row._mapping) for row in await session.execute(query)]


async def excluded_of(session: Session, page_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Who of the registry must not know of each of these pages."""
    query = sa.select(PAGES.c.id, PAGES.c.excluded).where(PAGES.c.id.in_(list(page_ids)))
    return {row.id: frozenset(row.excluded) for row in await session.execute(query)}


def document_of(standing: Standing) -> dict[str, Any]:
    """What is kept: as it stood, in JSON."""
    found: dict[str, Any] = _plain(asdict(standing))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def standing_of(document: Mapping[str, Any]) -> Standing:
    """What was kept, to be shown."""
    return Standing(
        open_pages=[_page(line) for line in document["open_pages"]],
        late_pages=[_page(line) for line in document["late_pages"]],
        failed=[FailedLine(**line) for line in document["failed"]],
        routes=[RouteLine(line["name"], _moment(line["last_good"])) for line in document["routes"]],
        silent=document["silent"],
        reports_refused=document["reports_refused"],
        gaps=document["gaps"],
        not_checked_in=document["not_checked_in"],
        reviews=document["reviews"],
    )


def _page(line: Mapping[str, Any]) -> PageLine:
    opened = datetime.fromisoformat(line["opened_at"])
    return PageLine(**{**line, "opened_at": opened, "accepted_at": _moment(line["accepted_at"])})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


async def insert(session: Session, handover: Handover) -> None:
    await session.execute(HANDOVERS.insert().values(**_row(handover)))


def _row(handover: Handover) -> dict[str, Any]:
    return {name: getattr(handover, name) for name in Handover.__dataclass_fields__}


async def load(session: Session, handover_id: str, *, for_update: bool = False) -> Handover:
    """One report. Raises NotFound."""
    query = sa.select(HANDOVERS).where(HANDOVERS.c.id == handover_id)
    row = (await session.execute(query.with_for_update() if for_update else query)).first()
    if row is None:
        raise NotFound("There is no such report.", field="id")
    return Handover(**row._mapping)


async def sign(session: Session, handover: Handover) -> None:
    values = {"taken_at": handover.taken_at, "taken_by": handover.taken_by}
    await session.execute(HANDOVERS.update().where(HANDOVERS.c.id == handover.id).values(**values))


async def recent(session: Session, limit: int = 30) -> list[Handover]:
    """The latest reports, newest first."""
    query = sa.select(HANDOVERS).order_by(HANDOVERS.c.given_at.desc()).limit(limit)
    return [Handover(**row._mapping) for row in await session.execute(query)]
