"""Joining by hand: which signals belong to which threat."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import Done
from forkant_threat_watch.api.fields import Id, Reason
from forkant_threat_watch.commands import joining

router = APIRouter(prefix="/threat-watch/v1/threats/{threat_id}", tags=["joining"])

SignalId = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z][0-9a-zA-Z:+./~-]{0,99}$")]
Signals = Annotated[list[SignalId], Field(min_length=1, max_length=500)]


class SignalBody(Body):
    """One signal, and why."""

    signal: SignalId
    reason: Reason


class SignalsBody(Body):
    """Some signals of the threat, and why."""

    signals: Signals
    reason: Reason


class IntoBody(Body):
    """The other threat, and why."""

    into: Id
    reason: Reason


class Split(BaseModel):
    """The threat that came of it."""

    id: str
    reference: str


@router.post("/links", status_code=201)
async def link(threat_id: Id, body: SignalBody, who: SignedIn, parts: PartsOf) -> Done:
    """Let a signal count here; a suggestion to other threats ends. `unlinks` undoes it."""
    version = await joining.link_signal(parts, who, threat_id, body.signal, body.reason)
    return Done(id=threat_id, version=version)


@router.post("/dismissals", status_code=201)
async def dismiss(threat_id: Id, body: SignalBody, who: SignedIn, parts: PartsOf) -> Done:
    """A suggested signal does not belong here. `links` undoes it."""
    version = await joining.dismiss_signal(parts, who, threat_id, body.signal, body.reason)
    return Done(id=threat_id, version=version)


@router.post("/unlinks", status_code=201)
async def unlink(threat_id: Id, body: SignalsBody, who: SignedIn, parts: PartsOf) -> Done:
    """Let signals no longer count here. `links` undoes it."""
    version = await joining.unlink_signals(parts, who, threat_id, body.signals, body.reason)
    return Done(id=threat_id, version=version)


@router.post("/splits", status_code=201)
async def split(threat_id: Id, body: SignalsBody, who: SignedIn, parts: PartsOf) -> Split:
    """Make signals a threat of their own. `merges` undoes it."""
    fresh, reference = await joining.split_threat(parts, who, threat_id, body.signals, body.reason)
    return Split(id=fresh, reference=reference)


@router.post("/merges", status_code=201)
async def merge(threat_id: Id, body: IntoBody, who: SignedIn, parts: PartsOf) -> Done:
    """This threat and another are one; everything counts in the other. `unmerges` undoes it."""
    return Done(id=body.into, version=await joining.merge_threats(parts, who, threat_id, body.into, body.reason))


@router.post("/unmerges", status_code=201)
async def unmerge(threat_id: Id, body: IntoBody, who: SignedIn, parts: PartsOf) -> Done:
    """This threat was not the other after all."""
    return Done(id=threat_id, version=await joining.unmerge_threats(parts, who, threat_id, body.into, body.reason))
