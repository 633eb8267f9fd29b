"""How a disclosure plan looks from outside."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from forkant_threat_watch.commands.following import Disclosure, Exposed
from forkant_threat_watch.domain.disclosure import Part, Signature
from forkant_threat_watch.domain.exposure import Exposure


class AnswerView(BaseModel):
    """What the keeper of the origin said of a report."""

    exposure: Exposure
    could_know: int
    open_origin: bool
    note: str | None
    by: str
    at: datetime


class ExposedView(BaseModel):
    """A report of the threat, as the sender marked it, and what its keeper answered."""

    report: str
    reference: str
    channel: str
    sent_as: str | None
    keeper: str
    answer: AnswerView | None
    text: str | None


class LineView(BaseModel):
    """One thing that will be said."""

    id: str
    text: str
    reports: list[str]
    written_by: str
    written_at: datetime
    approved_by: str | None
    approved_at: datetime | None


class SignatureView(BaseModel):
    """Who has signed which part, when; `because` answers for a weak link."""

    part: Part
    by: str
    at: datetime
    because: str | None


class ObstacleView(BaseModel):
    """What stands in the way of a signature, and the lines or reports it is about, as far as the reader knows them."""

    code: str
    about: list[str]


class LinkView(BaseModel):
    """The one or two reports that fewest could have known. None: nobody said how many, or it is not told which."""

    reports: list[str] | None
    could_know: int | None
    at_most: int
    weak: bool


class ClearanceView(BaseModel):
    """A dialogue was cleared until `valid_until`; ended before or then, and why."""

    id: str
    cleared_at: datetime
    valid_until: datetime
    alone: bool
    signatures: list[SignatureView]
    ended_at: datetime | None
    ended_by: str | None
    cause: str | None


class DisclosureView(BaseModel):
    """The plan as it stands. `hidden` counts the answers of reports that the reader may not know of."""

    threat_id: str
    plan_version: int
    lines: list[LineView]
    reports: list[ExposedView]
    hidden: dict[str, int]
    obstacles: list[ObstacleView]
    weakest: LinkView | None
    source_keeper: str
    signatures: list[SignatureView]
    cleared_until: datetime | None
    clearances: list[ClearanceView]


def view(found: Disclosure) -> DisclosureView:
    """A disclosure as it is answered: what the reader may not know of is counted, not named."""
    plan, known = found.plan, {one.row.id for one in found.reports}
    ours = known | {line.id for line in plan.lines}
    weakest = found.gate.weakest
    return DisclosureView(
        threat_id=found.line.id,
        plan_version=plan.version,
        lines=[
            LineView(
                id=line.id,
                text=line.text,
                reports=[report for report in line.reports if report in known],
                written_by=line.written_by,
                written_at=line.written_at,
                approved_by=line.approved_by,
                approved_at=line.approved_at,
            )
            for line in plan.lines
        ],
        reports=[_exposed(one) for one in found.reports],
        hidden={code or "NOT_ANSWERED": number for code, number in found.hidden.items()},
        obstacles=[
            ObstacleView(code=code, about=[one for one in about if one in ours])
            for code, about in found.gate.obstacles.items()
        ],
        weakest=weakest
        and LinkView(
            reports=list(weakest.reports) if set(weakest.reports) <= known else None,
            could_know=weakest.could_know,
            at_most=weakest.at_most,
            weak=found.gate.weak,
        ),
        source_keeper=found.source_keeper,
        signatures=[_signature(one) for one in found.signatures],
        cleared_until=found.threat.clearance and found.threat.clearance.valid_until,
        clearances=[
            ClearanceView(
                id=row.id,
                cleared_at=row.cleared_at,
                valid_until=row.valid_until,
                alone=row.alone,
                signatures=[_signature(one) for one in signed],
                ended_at=row.ended_at,
                ended_by=row.ended_by,
                cause=row.cause,
            )
            for row, signed in found.clearances
        ],
    )


def _exposed(one: Exposed) -> ExposedView:
    answer = one.answer
    return ExposedView(
        report=one.row.id,
        reference=one.row.reference,
        channel=one.row.channel,
        sent_as=one.row.exposure,
        keeper=one.keeper,
        answer=answer
        and AnswerView(
            exposure=answer.exposure,
            could_know=answer.could_know,
            open_origin=answer.open_origin,
            note=answer.note,
            by=answer.by,
            at=answer.at,
        ),
        text=one.text,
    )


def _signature(one: Signature) -> SignatureView:
    return SignatureView(part=one.part, by=one.by, at=one.at, because=one.because)
