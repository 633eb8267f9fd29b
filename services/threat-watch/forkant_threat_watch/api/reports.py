"""`/threat-watch/v1/reports`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError

from forkant_shared import idempotency, problems
from forkant_shared.errors import ForkantError
from forkant_shared.identity import Principal, SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.bodies import ReportBody
from forkant_threat_watch.api.fields import Id, Limit, Purpose
from forkant_threat_watch.commands import reading, reporting
from forkant_threat_watch.commands.loading import ThreatWatchParts
from forkant_threat_watch.commands.reporting import Once

router = APIRouter(prefix="/threat-watch/v1", tags=["reports"])

LARGEST_BATCH = 500
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="the same key with the same body is done once", max_length=200),
]


class ThreatLine(BaseModel):
    """A threat the report's signals are in."""

    id: str
    reference: str


class ReceiptView(BaseModel):
    """What is answered at once: the report is stored, and these threats took its signals."""

    id: str
    reference: str
    received_at: datetime
    threats: list[ThreatLine]


class ReportView(ReceiptView):
    """The report to those who may read it."""

    observed_at: datetime
    channel: str
    grading: dict[str, str] | None
    origin: str
    kind: str
    verified: bool | None
    exposure: str | None
    text: str | None
    handling: str
    compartment: str | None
    signals: list[dict[str, Any]]
    not_yet_graded: bool
    relevance_due_at: datetime
    triage: Literal["WAITING", "CLEAR", "CONFIRMED", "DISMISSED"] | None
    relevance_checked_at: datetime | None
    relevance_checked_by: str | None


class ReportListed(BaseModel):
    """A report in a list: codes and times, no text."""

    id: str
    reference: str
    received_at: datetime
    observed_at: datetime
    channel: str
    origin: str
    not_yet_graded: bool


class ReportPage(BaseModel):
    """Some reports, and where to go on from."""

    items: list[ReportListed]
    next: str | None


class Keyed(Body):
    """One report of a batch, under its own key."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    report: dict[str, Any]


class Batch(Body):
    """Up to 500 reports; each is answered by itself."""

    reports: Annotated[list[Keyed], Field(min_length=1, max_length=LARGEST_BATCH)]


class BatchLine(BaseModel):
    """What became of one report of a batch."""

    key: str
    status: int
    report: ReceiptView | None = None
    problem: problems.Problem | None = None


class BatchAnswer(BaseModel):
    """What became of each report, in the order sent."""

    items: list[BatchLine]


@router.post(
    "/reports", status_code=201, responses={200: {"description": "Done before with this key", "model": ReceiptView}}
)
async def post_report(
    request: Request, body: ReportBody, who: SignedIn, parts: PartsOf, response: Response, key: Key = None
) -> ReceiptView:
    """Take one report in."""
    once = Once(key, idempotency.digest_of(await request.body())) if key is not None else None
    receipt = await reporting.receive_report(parts, who, body.wish(), once, body.signals_as_sent())
    response.status_code = 200 if receipt.repeated else 201
    response.headers["location"] = f"/threat-watch/v1/reports/{receipt.answer['id']}"
    return ReceiptView.model_validate(receipt.answer)


@router.post("/reports:batch")
async def post_reports(body: Batch, who: SignedIn, parts: PartsOf) -> BatchAnswer:
    """Take many reports in; one that is refused holds up no other."""
    return BatchAnswer(items=[await _one_of_batch(parts, who, keyed) for keyed in body.reports])


async def _one_of_batch(parts: ThreatWatchParts, who: Principal, keyed: Keyed) -> BatchLine:
    sent = json.dumps(keyed.report, sort_keys=True).encode()
    try:
        report = ReportBody.model_validate_json(sent)
        once = Once(keyed.key, idempotency.digest_of(sent))
        receipt = await reporting.receive_report(parts, who, report.wish(), once, report.signals_as_sent())
    except ValidationError as error:
        refused = problems.of_validation(error.errors())
    except ForkantError as error:
        refused = problems.of_error(error)
    else:
        answer = ReceiptView.model_validate(receipt.answer)
        return BatchLine(key=keyed.key, status=200 if receipt.repeated else 201, report=answer)
    told = problems.Problem.model_validate_json(bytes(refused.body))
    return BatchLine(key=keyed.key, status=refused.status_code, problem=told)


@router.get("/reports")
async def list_reports(
    who: SignedIn,
    parts: PartsOf,
    ungraded: Annotated[bool, Query(description="only those nobody has graded yet")] = False,
    after: Annotated[Id | None, Query(description="`next` of the part before")] = None,
    limit: Limit = 50,
) -> ReportPage:
    """Reports, newest first."""
    found = await reading.list_reports(parts, who, ungraded=ungraded, after=after, limit=limit)
    items = [
        ReportListed(
            id=row.id,
            reference=row.reference,
            received_at=row.received_at,
            observed_at=row.observed_at,
            channel=row.channel,
            origin=row.origin,
            not_yet_graded=row.scale is None,
        )
        for row in found
    ]
    return ReportPage(items=items, next=found[-1].id if len(found) == limit else None)


@router.get("/reports/{report_id}")
async def get_report(report_id: Id, who: SignedIn, parts: PartsOf, purpose: Purpose = None) -> ReportView:
    """One report, and the threats its signals are in."""
    told = await reading.read_report(parts, who, report_id, purpose=purpose)
    row = told.row
    grading = None
    if row.scale is not None:
        grading = {"scale": row.scale, "source": row.source_grade, "information": row.information_grade}
    return ReportView(
        id=row.id,
        reference=row.reference,
        received_at=row.received_at,
        threats=[ThreatLine(id=threat_id, reference=reference) for threat_id, reference in told.threats],
        observed_at=row.observed_at,
        channel=row.channel,
        grading=grading,
        origin=row.origin,
        kind=row.kind,
        verified=row.verified,
        exposure=row.exposure,
        text=row.text,
        handling=row.handling,
        compartment=row.compartment,
        signals=row.signals,
        not_yet_graded=row.scale is None,
        relevance_due_at=row.relevance_due_at,
        triage=None if told.triage is None else told.triage.value,
        relevance_checked_at=row.relevance_checked_at,
        relevance_checked_by=row.relevance_checked_by,
    )
