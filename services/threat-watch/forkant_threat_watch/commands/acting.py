"""The one gate that every act on a threat goes through: the right, the version, and that nobody decides on their own.

An act is one transaction: what the engine makes of it, a line in the timeline and a row in the audit log together.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forkant_shared import audit
from forkant_shared.access import Resource, policy
from forkant_shared.database import Session
from forkant_shared.errors import Forbidden, Invalid, NotFound, Stale
from forkant_shared.identity import Principal
from forkant_threat_watch.commands.keeping import keep
from forkant_threat_watch.commands.loading import Loaded, ThreatWatchParts, around_threats
from forkant_threat_watch.domain import life
from forkant_threat_watch.domain.outcomes import Said
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.store import lifetimes, officers, threats
from forkant_threat_watch.store.threats import Listed

First = Callable[[Session], Awaitable[Collection[str]]]


@dataclass
class Acting:
    """Somebody who may do `action` to this threat, and is about to, in this transaction."""

    session: Session
    who: Principal
    action: str
    line: Listed
    loaded: Loaded
    now: datetime

    @property
    def threat(self) -> Threat:
        """The threat as it stands after what has been done so far."""
        return self.loaded.watch.threats[self.line.id]

    async def done(
        self,
        said: Sequence[Said],
        codes: Mapping[str, Any],
        note: str | None = None,
        *,
        what: str | None = None,
        objects: Collection[str] = (),
    ) -> int:
        """Keep what came of it, with its line in the timeline (`what`, else the action's verb); the new version."""
        before = self.loaded.before[self.line.id]
        await keep(self.session, self.loaded, said, by=self.who.subject)
        what = what or self.action.rpartition(".")[2]
        await lifetimes.tell(self.session, self.line.id, self.now, what, self.who.subject, codes, note)
        await audit.record(self.session, self.who, self.action, [self.line.id, *objects], details=codes)
        return before.version + (self.threat != before)


@contextlib.asynccontextmanager
async def acting(
    parts: ThreatWatchParts,
    who: Principal,
    threat_id: str,
    action: str,
    *,
    version: int | None = None,
    first: First | None = None,
) -> AsyncIterator[Acting]:
    """A transaction in which this person may do this to this threat, which is open.

    `first` is done before any threat is locked, and names other threats that the act may change by a rule, whoever may
    know of them.

    Raises Forbidden, NotFound, Stale, or Conflict for a threat that is over.
    """
    async with parts.database.write() as session:
        line = await may(session, who, threat_id, action, version)
        also = await first(session) if first is not None else ()
        now = parts.clock.now()
        loaded = await around_threats(session, parts, {threat_id, *also}, now)
        refuse_target(loaded, who, [threat_id], action)
        life.opened(loaded.watch, threat_id)
        await officers.remember(session, who)
        yield Acting(session, who, action, line, loaded, now)


async def may(session: Session, who: Principal, threat_id: str, action: str, version: int | None = None) -> Listed:
    """The threat's line, where this person may do this to it. Raises Forbidden, NotFound, Stale."""
    policy.require(who, action)
    found = await threats.find(session, threat_id, policy.visible(who, action, threats.COLUMNS))
    if found is None:
        raise NotFound("There is no such threat.")
    policy.require(who, action, Resource(found.handling, found.compartment))
    if version is not None and version != found.version:
        raise Stale(
            "The threat was changed by somebody else.", field="If-Match", remedy="Read it again and decide anew."
        )
    return found


def refuse_target(loaded: Loaded, who: Principal, threat_ids: Collection[str], action: str) -> None:
    """Raise Forbidden, for the audit log too, where one of these threats is aimed at this person or their family."""
    if any(life.is_target(loaded.watch.threats[each], who.actor_id, loaded.watch) for each in threat_ids):
        refusal = Forbidden(
            "The one a threat is aimed at does not decide on it.", remedy="Leave it to a colleague or the duty leader."
        )
        raise refusal.refusing(action)


async def owner_of(acting: Acting, subject: str, field: str = "owner") -> str:
    """The officer somebody gives this to. Raises Invalid for one who was never here, or whom the threat is aimed at."""
    found = await officers.find(acting.session, subject)
    if found is None:
        raise Invalid(
            "Nobody of that name has been here.", field=field, remedy="Let them sign in and open the threat once."
        )
    if life.is_target(acting.threat, found.actor_id, acting.loaded.watch):
        raise Invalid("The threat is aimed at them or their family.", field=field, remedy="Choose somebody else.")
    return found.subject
