"""How each route is doing, kept through a restart and shared by all instances."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from forkant_notifier.domain.route_health import RouteState, Standing
from forkant_notifier.tables import ROUTES
from forkant_shared.database import Session


async def standings(session: Session, names: Collection[str]) -> dict[str, Standing]:
    """What is stored of these routes; nothing for one that has never been used."""
    query = sa.select(ROUTES).where(ROUTES.c.name.in_(list(names)))
    return {
        row.name: Standing(
            name=row.name,
            state=RouteState(row.state),
            failing_since=row.failing_since,
            last_good_at=row.last_good_at,
            last_proven_at=row.last_proven_at,
            last_failed_at=row.last_failed_at,
            last_cause=row.last_cause,
            tested_at=row.tested_at,
            page_id=row.page_id,
            paged_at=row.paged_at,
        )
        for row in await session.execute(query)
    }


async def put(session: Session, standing: Standing) -> None:
    values = {
        "state": standing.state.value,
        "failing_since": standing.failing_since,
        "last_good_at": standing.last_good_at,
        "last_proven_at": standing.last_proven_at,
        "last_failed_at": standing.last_failed_at,
        "last_cause": standing.last_cause,
        "tested_at": standing.tested_at,
        "page_id": standing.page_id,
        "paged_at": standing.paged_at,
    }
    if not await session.insert_ignore(ROUTES, [{"name": standing.name, **values}]):
        await session.execute(ROUTES.update().where(ROUTES.c.name == standing.name).values(values))
