"""`/threat-watch/v1/policies`: the versions, and which is in force from when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import IfMatch, version_of
from forkant_threat_watch.api.fields import Moment, Reason
from forkant_threat_watch.commands import policy_adopting, workbench
from forkant_threat_watch.domain.workbench import Adoption
from forkant_threat_watch.store.policies import Version

router = APIRouter(prefix="/threat-watch/v1/policies", tags=["policies"])

VersionName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,39}$")]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


class VersionView(BaseModel):
    """A signed policy. `draft_id` is the draft it came from; null for one that came with a release."""

    version: str
    signed_by: str
    signed_on: date
    draft_id: str | None


class AdoptionView(BaseModel):
    """A version, in force from a moment. `settled_at`: every open threat has been assessed under it by then."""

    number: int
    version: str
    from_at: datetime
    adopted_by: str
    adopted_at: datetime
    reason: str
    settled_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_because: str | None


class PoliciesView(BaseModel):
    """What is in force, what is to come, every version, and what was adopted, the newest first."""

    current: str
    since: datetime | None
    next: AdoptionView | None
    versions: list[VersionView]
    adoptions: list[AdoptionView]


class AdoptBody(Body):
    """From when (as soon as every instance knows, where left out), and why."""

    from_at: Moment | None = None
    reason: Reason


class WithdrawBody(Body):
    """Why it is not to come into force."""

    reason: Reason


def _version(found: Version) -> VersionView:
    signed = found.signed
    return VersionView(version=found.version, signed_by=signed.by, signed_on=signed.on, draft_id=found.draft_id)


def _adoption(found: Adoption) -> AdoptionView:
    return AdoptionView(
        number=found.number,
        version=found.version,
        from_at=found.from_at,
        adopted_by=found.by,
        adopted_at=found.at,
        reason=found.reason,
        settled_at=found.settled_at,
        withdrawn_at=found.withdrawn_at,
        withdrawn_by=found.withdrawn_by,
        withdrawn_because=found.withdrawn_because,
    )


@router.get("")
async def list_policies(who: SignedIn, parts: PartsOf, response: Response) -> PoliciesView:
    """What is in force and what may be. The ETag is the number of the newest adoption, for the next one's If-Match."""
    found = await workbench.read_workbench(parts, who)
    response.headers["etag"] = f'"{found.last}"'
    return PoliciesView(
        current=found.current.version,
        since=found.adoption.from_at if found.adoption else None,
        next=_adoption(found.coming) if found.coming else None,
        versions=[_version(one) for one in found.versions],
        adoptions=[_adoption(one) for one in found.adoptions],
    )


@router.get("/{version}/file", response_class=PlainTextResponse)
async def get_file(version: VersionName, who: SignedIn, parts: PartsOf) -> PlainTextResponse:
    """A policy as a file with its signature line, as `replay --policy` reads it."""
    found = await workbench.read_version(parts, who, version)
    return PlainTextResponse(found.file(), media_type="application/yaml; charset=utf-8")


@router.post("/{version}/adoptions", status_code=201)
async def adopt(
    version: VersionName, body: AdoptBody, who: SignedIn, parts: PartsOf, if_match: IfMatch = None
) -> AdoptionView:
    """Let a signed policy, a new one or an earlier one, be in force from a time."""
    found = await policy_adopting.adopt_policy(
        parts, who, version, body.from_at, body.reason, expected=version_of(if_match)
    )
    return _adoption(found)


@router.post("/adoptions/{number}/withdrawal", status_code=204)
async def withdraw(number: Number, body: WithdrawBody, who: SignedIn, parts: PartsOf) -> None:
    """Let what is not in force yet not come into force."""
    await policy_adopting.withdraw_adoption(parts, who, number, body.reason)
