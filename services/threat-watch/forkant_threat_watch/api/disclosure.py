"""What may be shown of a threat: the keepers' answers, the disclosure plan, its signatures and the clearance."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import Done
from forkant_threat_watch.api.disclosure_views import DisclosureView, view
from forkant_threat_watch.api.fields import Id, Reason
from forkant_threat_watch.commands import disclosing, exposing, following
from forkant_threat_watch.domain.disclosure import Part
from forkant_threat_watch.domain.exposure import Exposure

router = APIRouter(prefix="/threat-watch/v1/threats/{threat_id}", tags=["disclosure"])

Number = Annotated[int, Field(ge=0, le=100_000)]
Version = Annotated[int, Field(ge=0, le=2**31 - 1, description="the version of the plan that was read; 412 if another")]


class ExposureBody(Body):
    """Whether it can be shown, how many people could have known it, and whether an open origin tells the same."""

    exposure: Annotated[Exposure, Field(strict=False)]
    could_know: Annotated[int, Field(ge=1, le=100_000)]
    open_origin: bool
    note: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class OverlapBody(Body):
    """How many people could have known what both reports say."""

    reports: Annotated[list[Id], Field(min_length=2, max_length=2)]
    could_know: Number


class LineBody(Body):
    """What will be said, in new words, the reports it rests on, and the line it is written instead of."""

    text: Reason
    reports: Annotated[list[Id], Field(max_length=50, default_factory=list)]
    replaces: Id | None = None
    plan_version: Version | None = None


class RemovalBody(Body):
    """Why a line is taken away."""

    reason: Reason


class SignatureBody(Body):
    """Which part is signed, of which version of the plan. `because`: demanded where few could have known."""

    part: Literal["SOURCE", "LEADER"]
    plan_version: Version
    because: Reason | None = None


class LoneBody(Body):
    """The duty leader signs alone, in danger to life: why, and which version of the plan."""

    plan_version: Version
    because: Reason


class Signed(BaseModel):
    """Whether a dialogue is cleared by this signature."""

    id: str
    cleared: bool


class LineDone(BaseModel):
    """The line that was written."""

    id: str


@router.get("/disclosure")
async def get_disclosure(threat_id: Id, who: SignedIn, parts: PartsOf) -> DisclosureView:
    """The disclosure plan, what stands in its way, and what has been cleared."""
    return view(await following.read_disclosure(parts, who, threat_id))


@router.put("/exposure/{report_id}", status_code=201)
async def answer_report(threat_id: Id, report_id: Id, body: ExposureBody, who: SignedIn, parts: PartsOf) -> Done:
    """Answer for a report, as the keeper of its origin; a NO or another answer withdraws what was cleared on it."""
    version = await exposing.answer_report(
        parts, who, threat_id, report_id, body.exposure, body.could_know, body.open_origin, body.note
    )
    return Done(id=threat_id, version=version)


@router.put("/exposure-overlaps", status_code=201)
async def answer_overlap(threat_id: Id, body: OverlapBody, who: SignedIn, parts: PartsOf) -> Done:
    """Say how many could have known what two reports say together."""
    version = await exposing.answer_overlap(parts, who, threat_id, body.reports, body.could_know)
    return Done(id=threat_id, version=version)


@router.post("/disclosure/lines", status_code=201)
async def write_line(threat_id: Id, body: LineBody, who: SignedIn, parts: PartsOf) -> LineDone:
    """Write a line of the plan in words that are no report's; signatures and clearance end."""
    line_id = await disclosing.write_line(
        parts, who, threat_id, body.text, body.reports, replaces=body.replaces, plan_version=body.plan_version
    )
    return LineDone(id=line_id)


@router.post("/disclosure/lines/{line_id}/approval", status_code=204)
async def approve_line(threat_id: Id, line_id: Id, who: SignedIn, parts: PartsOf) -> None:
    """Approve a line that another person wrote."""
    await disclosing.approve_line(parts, who, threat_id, line_id)


@router.post("/disclosure/lines/{line_id}/removal", status_code=204)
async def remove_line(threat_id: Id, line_id: Id, body: RemovalBody, who: SignedIn, parts: PartsOf) -> None:
    """Take a line away; signatures and clearance end."""
    await disclosing.remove_line(parts, who, threat_id, line_id, body.reason)


@router.post("/disclosure/signatures", status_code=201)
async def sign(threat_id: Id, body: SignatureBody, who: SignedIn, parts: PartsOf) -> Signed:
    """Sign one part of the plan as it was read; the second person's signature clears a dialogue."""
    cleared = await disclosing.sign_plan(parts, who, threat_id, Part(body.part), body.plan_version, body.because)
    return Signed(id=threat_id, cleared=cleared)


@router.post("/disclosure/lone-signature", status_code=201)
async def sign_alone(threat_id: Id, body: LoneBody, who: SignedIn, parts: PartsOf) -> Signed:
    """Clear a dialogue alone, in danger to life; another person reviews it the next day."""
    cleared = await disclosing.sign_plan(parts, who, threat_id, Part.ALONE, body.plan_version, body.because)
    return Signed(id=threat_id, cleared=cleared)


@router.post("/disclosure/withdrawal", status_code=204)
async def withdraw(threat_id: Id, body: RemovalBody, who: SignedIn, parts: PartsOf) -> None:
    """Take a clearance back; a meeting that was confirmed on it has to wait."""
    await disclosing.withdraw_clearance(parts, who, threat_id, body.reason)
