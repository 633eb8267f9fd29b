"""The form to plan a meeting, and to plan it anew."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from forkant_meetings.commands import planning as commands
from forkant_meetings.commands import reading
from forkant_meetings.domain.meeting import Deconfliction, Initiative, Meeting, Outcome, Plan
from forkant_meetings.domain.people import Representative, ThirdParty
from forkant_meetings.domain.policy import Level
from forkant_meetings.pages.face import (
    advice,
    asked,
    choice_of,
    choice_or_none,
    id_of,
    known_id,
    labels,
    line_of,
    many_of,
    moment_of,
    number_of,
    render,
    sent_back,
    text_of,
)
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, ForkantError, Invalid, Stale
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, form, see_other

ROUTER = APIRouter(prefix="/meetings/meetings", include_in_schema=False)
SEATS = (1, 2, 3)
FIELDS = {
    "representatives": "officer-1",
    "counterparts": "counterpart_count",
    "state": "form",
}


@ROUTER.get("/new", response_class=HTMLResponse)
async def new(request: Request, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.PLAN)
    dialogue_id = known_id(request.query_params.get("dialogue", ""))
    dialogue, _ = await reading.read_dialogue(parts, who, dialogue_id)
    values: dict[str, Any] = {"level": "TACTICAL", "initiative": "OURS", "counterpart_count": "2"}
    for seat, contact in zip(SEATS, dialogue.carriers, strict=False):
        values[f"officer-{seat}"] = contact.subject
    return await _form(request, parts, who, dialogue_id, None, values)


@ROUTER.post("")
async def draft(request: Request, parts: PartsOf, who: PageUser) -> Response:
    sent = await form(request)
    dialogue_id = known_id(text_of(sent, "dialogue_id"))
    try:
        receipt = await commands.draft_meeting(
            parts,
            asked(who, sent, on_version=False),
            dialogue_id,
            plan_of(parts, sent),
            planned=text_of(sent, "then") == "plan",
        )
    except (Invalid, Conflict) as error:
        return await _form(request, parts, who, dialogue_id, None, sent_back(sent), error)
    return see_other(f"/meetings/meetings/{receipt.id}", notice=N_("Møtet er lagret."))


@ROUTER.get("/{meeting_id}/plan", response_class=HTMLResponse)
async def edit(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> HTMLResponse:
    policy.require(who, commands.PLAN)
    view = await reading.read_meeting(parts, who, known_id(meeting_id))
    return await _form(request, parts, who, view.meeting.dialogue_id, view.meeting, _values(parts, view.meeting.plan))


@ROUTER.post("/{meeting_id}/plan")
async def revise(request: Request, meeting_id: str, parts: PartsOf, who: PageUser) -> Response:
    sent, found = await form(request), known_id(meeting_id)
    try:
        await commands.revise_meeting(parts, asked(who, sent), found, plan_of(parts, sent))
    except Stale:
        raise
    except (Invalid, Conflict) as error:
        view = await reading.read_meeting(parts, who, found)
        return await _form(request, parts, who, view.meeting.dialogue_id, view.meeting, sent_back(sent), error)
    return see_other(f"/meetings/meetings/{found}", notice=N_("Planen er endret."))


def plan_of(parts: Any, sent: FormData) -> Plan:
    """The plan a form describes. Raises Invalid for a field that cannot be read."""
    outcome = choice_or_none(sent, "deconfliction", Outcome)
    third_role, third_name = line_of(sent, "third_role"), line_of(sent, "third_name")
    counted = number_of(sent, "counterpart_count", least=0, most=500) if text_of(sent, "counterpart_count") else 0
    return Plan(
        level=choice_of(sent, "level", Level),
        initiative=choice_of(sent, "initiative", Initiative),
        purpose=text_of(sent, "purpose"),
        not_recruitment=text_of(sent, "not_recruitment") == "yes",
        starts_at=moment_of(parts, sent, "starts_at"),
        place=line_of(sent, "place"),
        neutral_place=text_of(sent, "neutral_place") == "yes",
        representatives=tuple(
            Representative(line_of(sent, f"officer-{seat}"), "", text_of(sent, f"leader-{seat}") == "yes")
            for seat in SEATS
            if line_of(sent, f"officer-{seat}")
        ),
        counterparts=tuple(known_id(one) for one in many_of(sent, "counterparts")),
        counterpart_count=counted,
        third_parties=(ThirdParty(third_role or third_name, third_name),) if third_name else (),
        deconfliction=Deconfliction(outcome, text_of(sent, "because")) if outcome else None,
        threat_id=id_of(sent, "threat_id"),
        verification_at=moment_of(parts, sent, "verification_at"),
        fallback=text_of(sent, "fallback"),
        conflict_id=id_of(sent, "conflict_id"),
    )


async def _form(
    request: Request,
    parts: Any,
    who: Principal,
    dialogue_id: str,
    meeting: Meeting | None,
    values: dict[str, Any],
    error: ForkantError | None = None,
) -> HTMLResponse:
    dialogue, _ = await reading.read_dialogue(parts, who, dialogue_id)
    people = {one.person_id for one in dialogue.counterparts} | set(meeting.plan.counterparts if meeting else ())
    named = await labels(request, parts, [dialogue.group_id, *people])
    return render(
        request,
        parts,
        who,
        "plan_form.html",
        status_code=error.status if error else 200,
        dialogue=dialogue,
        meeting=meeting,
        officers=await reading.known_officers(parts, who),
        people=sorted(people),
        named=named,
        seats=SEATS,
        values=values,
        errors=advice(error, FIELDS) if error else {},
    )


def _values(parts: Any, plan: Plan) -> dict[str, Any]:
    zone = parts.state["policy"].zone

    def local(moment: Any) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment else ""

    values: dict[str, Any] = {
        "level": plan.level.value,
        "initiative": plan.initiative.value,
        "purpose": plan.purpose,
        "not_recruitment": "yes" if plan.not_recruitment else "",
        "starts_at": local(plan.starts_at),
        "place": plan.place,
        "neutral_place": "yes" if plan.neutral_place else "",
        "counterparts[]": list(plan.counterparts),
        "counterpart_count": str(plan.counterpart_count),
        "deconfliction": plan.deconfliction.outcome.value if plan.deconfliction else "",
        "because": plan.deconfliction.because if plan.deconfliction else "",
        "threat_id": plan.threat_id or "",
        "verification_at": local(plan.verification_at),
        "fallback": plan.fallback,
        "conflict_id": plan.conflict_id or "",
    }
    for seat, one in zip(SEATS, plan.representatives, strict=False):
        values[f"officer-{seat}"] = one.subject
        values[f"leader-{seat}"] = "yes" if one.experienced_leader else ""
    for party in plan.third_parties[:1]:
        values |= {"third_role": party.role, "third_name": party.name}
    return values
