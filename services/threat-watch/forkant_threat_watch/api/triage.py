"""`/threat-watch/v1/triage`: texts that wait for a person, and what the person says of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import IfMatch, version_of
from forkant_threat_watch.api.bodies import SignalBody
from forkant_threat_watch.api.fields import Id, Limit, Reason
from forkant_threat_watch.commands import triaging
from forkant_threat_watch.commands.triaging import Queued
from forkant_threat_watch.domain.triage.parties import Mention
from forkant_threat_watch.domain.triage.queue import Standing, Verdict
from forkant_threat_watch.domain.triage.reading import Proposed

router = APIRouter(prefix="/threat-watch/v1/triage", tags=["triage"])

StandingName = Literal["WAITING", "CLEAR", "CONFIRMED", "DISMISSED"]
Note = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]


class MentionView(BaseModel):
    """Somebody in the text: the words, whether they are a name, and the role they stand for."""

    words: str
    is_name: bool
    role: str | None


class ProposedView(BaseModel):
    """A signal as the text would have it, and the words that told. It counts in no threat."""

    factor: str
    strength: str
    imminence_hours: float | None
    words: list[str]
    aggressor: MentionView | None
    target: MentionView | None
    place: str | None


class EntryLine(BaseModel):
    """A text in the queue."""

    report_id: str
    reference: str
    received_at: datetime
    observed_at: datetime
    channel: str
    origin: str
    standing: StandingName
    imminent: bool
    proposed: list[ProposedView]
    triggers: list[str]
    rules_version: str
    escalation_id: str | None
    version: int


class EntryPage(BaseModel):
    """Some texts, the imminent first, then the oldest, and where to go on from."""

    items: list[EntryLine]
    next: str | None


class VerdictView(BaseModel):
    """What a person said of the text, and when."""

    outcome: StandingName
    signals: int
    reason: str
    by: str
    at: datetime


class ThreatLine(BaseModel):
    """A threat the confirmed signals are in."""

    id: str
    reference: str


class EntryView(EntryLine):
    """A text in the queue with what has been said of it, oldest first, and the threats its signals are in."""

    verdicts: list[VerdictView]
    threats: list[ThreatLine]


class ConfirmBody(Body):
    """That signals count from now on: those proposed where `signals` is left out, else these."""

    signals: Annotated[list[SignalBody], Field(min_length=1, max_length=50)] | None = None
    reason: Note = ""


class DismissBody(Body):
    """Why the text is nothing."""

    reason: Reason


@router.get("")
async def list_texts(
    who: SignedIn,
    parts: PartsOf,
    standing: StandingName = "WAITING",
    after: Annotated[str | None, Query(max_length=40, description="`next` of the part before")] = None,
    limit: Limit = 50,
) -> EntryPage:
    """Texts that wait for a person, or those of another standing."""
    found = await triaging.list_texts(parts, who, Standing(standing), after=after, limit=limit)
    return EntryPage(items=[EntryLine(**_line(queued)) for queued in found.items], next=found.next)


@router.get("/{report_id}")
async def get_text(report_id: Id, who: SignedIn, parts: PartsOf, response: Response) -> EntryView:
    """One text, by the report it is of."""
    return _view(await triaging.read_entry(parts, who, report_id), response)


@router.post("/{report_id}/confirmation")
async def confirm(
    report_id: Id, body: ConfirmBody, who: SignedIn, parts: PartsOf, response: Response, if_match: IfMatch = None
) -> EntryView:
    """Let the signals count, as proposed or changed. The same again by the same person changes nothing."""
    wishes = None if body.signals is None else tuple(signal.wish() for signal in body.signals)
    sent = [signal.model_dump(mode="json", exclude_none=True) for signal in body.signals or ()]
    queued = await triaging.confirm(parts, who, report_id, wishes, sent, body.reason, version=version_of(if_match))
    return _view(queued, response)


@router.post("/{report_id}/dismissal")
async def dismiss(
    report_id: Id, body: DismissBody, who: SignedIn, parts: PartsOf, response: Response, if_match: IfMatch = None
) -> EntryView:
    """Say that the text is nothing, and why. The same again by the same person changes nothing."""
    queued = await triaging.dismiss(parts, who, report_id, body.reason, version=version_of(if_match))
    return _view(queued, response)


def _view(queued: Queued, response: Response) -> EntryView:
    response.headers["etag"] = f'"{queued.entry.version}"'
    return EntryView(
        **_line(queued),
        verdicts=[_verdict(verdict, at) for verdict, at in queued.verdicts],
        threats=[ThreatLine(id=threat_id, reference=reference) for threat_id, reference in queued.threats],
    )


def _line(queued: Queued) -> dict[str, Any]:
    entry, report = queued.entry, queued.report
    return {
        "report_id": entry.report_id,
        "reference": report.reference,
        "received_at": report.received_at,
        "observed_at": report.observed_at,
        "channel": report.channel,
        "origin": report.origin,
        "standing": entry.standing.value,
        "imminent": entry.imminent,
        "proposed": [_proposed(proposed) for proposed in entry.proposals],
        "triggers": list(entry.triggers),
        "rules_version": entry.book_version,
        "escalation_id": entry.escalation_id,
        "version": entry.version,
    }


def _proposed(proposed: Proposed) -> ProposedView:
    return ProposedView(
        factor=proposed.factor.value,
        strength=proposed.strength,
        imminence_hours=proposed.imminence_hours,
        words=list(proposed.words),
        aggressor=_mention(proposed.aggressor),
        target=_mention(proposed.target),
        place=proposed.place,
    )


def _mention(mention: Mention | None) -> MentionView | None:
    return None if mention is None else MentionView(words=mention.words, is_name=mention.is_name, role=mention.role)


def _verdict(verdict: Verdict, at: datetime) -> VerdictView:
    return VerdictView(
        outcome=verdict.standing.value, signals=len(verdict.signals), reason=verdict.reason, by=verdict.by, at=at
    )
