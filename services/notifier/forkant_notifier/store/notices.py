"""What has been told ahead: once for what is wrong and for how long before."""

from __future__ import annotations

from datetime import datetime, timedelta

from forkant_notifier.domain.notices import Worry
from forkant_notifier.tables import DUTY_NOTICES
from forkant_shared.database import Session


async def told_now(session: Session, worry: Worry, lead: timedelta, now: datetime) -> bool:
    """Write down that this is told so long before; false where it was already."""
    row = {
        "kind": worry.kind.value,
        "tier": worry.tier,
        "user": worry.user,
        "since": worry.since,
        "lead_minutes": int(lead.total_seconds() // 60),
        "told_at": now,
    }
    return bool(await session.insert_ignore(DUTY_NOTICES, [row]))


async def forget(session: Session, before: datetime) -> None:
    """What began before then is no longer of use."""
    await session.execute(DUTY_NOTICES.delete().where(DUTY_NOTICES.c.since < before))
