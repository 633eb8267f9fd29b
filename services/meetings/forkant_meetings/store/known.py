"""What the service knows of officers, and what other services have told it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from forkant_meetings.domain.people import Circumstances, Officer, ThreatStanding
from forkant_meetings.tables import GROUPS, IDENTITIES, OFFICERS, THREATS
from forkant_shared.database import Session


async def remember(session: Session, officer: Officer) -> None:
    """Keep who this officer is, as their own token says."""
    row = {"subject": officer.subject, "name": officer.name, "actor_id": officer.actor_id}
    if await session.insert_ignore(OFFICERS, [row]):
        return
    changed = sa.or_(OFFICERS.c.name != officer.name, OFFICERS.c.actor_id.is_distinct_from(officer.actor_id))
    await session.execute(OFFICERS.update().where(OFFICERS.c.subject == officer.subject, changed).values(**row))


async def officers(session: Session, subjects: Collection[str] | None = None) -> dict[str, Officer]:
    """Officers by subject: those named, or all."""
    query = sa.select(OFFICERS).order_by(OFFICERS.c.name)
    if subjects is not None:
        query = query.where(OFFICERS.c.subject.in_(subjects))
    return {row.subject: Officer(row.subject, row.name, row.actor_id) for row in await session.execute(query)}


async def circumstances(session: Session, threat_id: str | None, subjects: Collection[str]) -> Circumstances:
    """What must be known to judge a meeting with these representatives, in canonical ids."""
    threat = await standing(session, threat_id) if threat_id is not None else None
    known = await officers(session, subjects)
    actors = {one.actor_id for one in known.values() if one.actor_id} | (threat.excluded if threat else set())
    same = await _canonical(session, actors)
    linked = {one.subject: same.get(one.actor_id, one.actor_id) if one.actor_id else None for one in known.values()}
    if threat is not None:
        excluded = frozenset(same.get(actor, actor) for actor in threat.excluded)
        threat = ThreatStanding(threat.threat_id, threat.cleared_until, excluded, threat.closed)
    return Circumstances(threat=threat, linked=linked)


async def standing(session: Session, threat_id: str) -> ThreatStanding | None:
    """What we were told of a threat; None where nothing."""
    row = (await session.execute(sa.select(THREATS).where(THREATS.c.threat_id == threat_id))).one_or_none()
    if row is None:
        return None
    return ThreatStanding(row.threat_id, row.cleared_until, frozenset(row.excluded), row.closed)


async def clear_dialogue(session: Session, threat_id: str, until: datetime) -> None:
    """A dialogue about the threat is allowed until then."""
    await _know_threat(session, threat_id)
    await session.execute(THREATS.update().where(THREATS.c.threat_id == threat_id).values(cleared_until=until))


async def withdraw_clearance(session: Session, threat_id: str) -> None:
    """No dialogue about the threat is allowed, until one is cleared anew."""
    await _know_threat(session, threat_id)
    await session.execute(THREATS.update().where(THREATS.c.threat_id == threat_id).values(cleared_until=None))


async def close_threat(session: Session, threat_id: str) -> None:
    """The threat is over."""
    await _know_threat(session, threat_id)
    await session.execute(THREATS.update().where(THREATS.c.threat_id == threat_id).values(closed=True))


async def exclude(session: Session, threat_id: str, actor_ids: Collection[str]) -> None:
    """These are targets of the threat, or their families, beside those we knew of: nobody is let in again by itself."""
    await _know_threat(session, threat_id)
    known = await standing(session, threat_id)
    excluded = sorted((known.excluded if known else frozenset()) | set(actor_ids))
    await session.execute(
        THREATS.update().where(THREATS.c.threat_id == threat_id).values(excluded=excluded, closed=False)
    )


async def _know_threat(session: Session, threat_id: str) -> None:
    await session.insert_ignore(THREATS, [{"threat_id": threat_id, "excluded": [], "closed": False}])


async def add_group(session: Session, group_id: str, group_kind: str) -> None:
    """There is such a group."""
    await session.insert_ignore(GROUPS, [{"group_id": group_id, "group_kind": group_kind}])


async def groups(session: Session, *, limit: int = 200) -> list[str]:
    """Groups we were told of, the newest first."""
    query = sa.select(GROUPS.c.group_id).order_by(GROUPS.c.group_id.desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def identify(session: Session, actor_id: str, canonical_id: str) -> None:
    """The actor is the same as the canonical one."""
    row = {"actor_id": actor_id, "canonical_id": canonical_id}
    if not await session.insert_ignore(IDENTITIES, [row]):
        await session.execute(IDENTITIES.update().where(IDENTITIES.c.actor_id == actor_id).values(**row))


async def _canonical(session: Session, actor_ids: Collection[str]) -> dict[str, str]:
    query = sa.select(IDENTITIES).where(IDENTITIES.c.actor_id.in_(actor_ids))
    return {row.actor_id: row.canonical_id for row in await session.execute(query)}
