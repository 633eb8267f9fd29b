"""`/threat-watch/v1/policy-drafts`: written, checked, compared and signed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf
from forkant_threat_watch.api.acts import IfMatch, version_of
from forkant_threat_watch.api.fields import Id, Moment
from forkant_threat_watch.commands import policy_comparing, policy_drafting, workbench
from forkant_threat_watch.store.policy_drafts import Draft

router = APIRouter(prefix="/threat-watch/v1", tags=["policies"])

#: More than any policy may have; how large one may be is said by the workbench's rules, with the line and a remedy.
LONGEST_TEXT = 1_600_000


def _stored(value: Any) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("text without the character NUL")
    return value


Text = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
Name = Annotated[str, BeforeValidator(_stored), StringConstraints(min_length=1, max_length=80)]
NameInPath = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")]


class DraftBody(Body):
    """A new draft: what it is called among people, and its text in YAML, without a signature line."""

    name: Name
    text: Text


class TextBody(Body):
    """The draft's next text."""

    text: Text


class SignBody(Body):
    """The revision that was read and is signed."""

    revision: Annotated[int, Field(ge=1, le=1_000_000)]


class CompareBody(Body):
    """On what: recorded history since then (a year where left out), or the stories that are kept."""

    source: Literal["HISTORY", "SCENARIOS"]
    since: Moment | None = None


class ScenarioBody(Body):
    """A story in YAML, as `replay` tells it."""

    text: Text


class ScenarioView(BaseModel):
    """A story that is kept."""

    name: str
    saved_by: str
    saved_at: datetime


class ScenarioPage(BaseModel):
    """The stories that drafts are compared on, by name."""

    items: list[ScenarioView]


class ExampleView(BaseModel):
    """What one of a rule's examples showed. `line` is where it stands, for one that does not hold."""

    rule: str
    kind: Literal["positive", "negative", "echo"]
    place: int
    fired: int
    holds: bool
    line: int | None


class DraftView(BaseModel):
    """A draft as it stands. `failing` examples keep it from being signed; `signed_as` is the version it became."""

    id: str
    name: str
    based_on: str
    revision: int
    version: str
    saved_by: str
    saved_at: datetime
    failing: int
    signed_as: str | None


class DifferenceView(BaseModel):
    """One value that the policy in force says otherwise, or not at all."""

    path: str
    before: str | None
    after: str | None


class SignatureView(BaseModel):
    """Somebody's name under this revision."""

    by: str
    name: str
    at: datetime


class OpenedView(DraftView):
    """A draft with its text and all that is known of it."""

    text: str
    examples: list[ExampleView]
    differences: list[DifferenceView]
    signatures: list[SignatureView]
    comparisons: list[str]


class DraftPage(BaseModel):
    """The drafts that are neither signed nor thrown away, the newest first."""

    items: list[DraftView]


class Signed(BaseModel):
    """The version the draft has become, once enough people have signed."""

    version: str | None


class Asked(BaseModel):
    """The comparison that was asked for."""

    id: str


class ComparisonView(BaseModel):
    """How far a comparison is (`done` of `total`), and what came of it."""

    id: str
    draft_id: str
    revision: int
    against: str
    source: Literal["HISTORY", "SCENARIOS"]
    since: datetime
    until: datetime
    state: Literal["WAITING", "RUNNING", "DONE", "FAILED"]
    done: int
    total: int
    asked_at: datetime
    finished_at: datetime | None
    problem: str | None
    result: dict[str, Any] | None


def _view(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "name": draft.name,
        "based_on": draft.based_on,
        "revision": draft.revision,
        "version": draft.version,
        "saved_by": draft.by,
        "saved_at": draft.at,
        "failing": draft.failing,
        "signed_as": draft.signed_as,
    }


def _saved(response: Response, draft: Draft) -> DraftView:
    response.headers["etag"] = f'"{draft.revision}"'
    return DraftView(**_view(draft))


@router.get("/policy-drafts")
async def list_drafts(who: SignedIn, parts: PartsOf) -> DraftPage:
    """The drafts people work on."""
    found = await workbench.read_workbench(parts, who)
    return DraftPage(items=[DraftView(**_view(one)) for one in found.drafts])


@router.post("/policy-drafts", status_code=201)
async def begin(body: DraftBody, who: SignedIn, parts: PartsOf, response: Response) -> DraftView:
    """Begin a draft. A text that is no policy is refused, with the line and what helps."""
    draft = await policy_drafting.save_draft(parts, who, body.text, name=body.name)
    response.headers["location"] = f"/threat-watch/v1/policy-drafts/{draft.id}"
    return _saved(response, draft)


@router.get("/policy-drafts/{draft_id}")
async def get_draft(draft_id: Id, who: SignedIn, parts: PartsOf, response: Response) -> OpenedView:
    """A draft with its text, beside the policy in force."""
    found = await workbench.open_draft(parts, who, draft_id)
    response.headers["etag"] = f'"{found.draft.revision}"'
    return OpenedView(
        **_view(found.draft),
        text=found.draft.text,
        examples=[ExampleView(**one) for one in found.draft.examples],
        differences=[DifferenceView(path=d.path, before=d.before, after=d.after) for d in found.differences],
        signatures=[SignatureView(by=s.by, name=s.name, at=s.at) for s in found.signatures],
        comparisons=[one.id for one in found.comparisons],
    )


@router.put("/policy-drafts/{draft_id}")
async def save(
    draft_id: Id, body: TextBody, who: SignedIn, parts: PartsOf, response: Response, if_match: IfMatch = None
) -> DraftView:
    """Save the draft's next text; signatures under the one before do not count for it."""
    revision = version_of(if_match)
    return _saved(
        response, await policy_drafting.save_draft(parts, who, body.text, draft_id=draft_id, revision=revision)
    )


@router.delete("/policy-drafts/{draft_id}", status_code=204)
async def discard(draft_id: Id, who: SignedIn, parts: PartsOf) -> None:
    """Throw a draft away."""
    await policy_drafting.discard_draft(parts, who, draft_id)


@router.post("/policy-drafts/{draft_id}/signatures", status_code=201)
async def sign(draft_id: Id, body: SignBody, who: SignedIn, parts: PartsOf) -> Signed:
    """Sign this revision by name. Every example is told anew first."""
    return Signed(version=await policy_drafting.sign_draft(parts, who, draft_id, body.revision))


@router.post("/policy-drafts/{draft_id}/comparisons", status_code=202)
async def compare(draft_id: Id, body: CompareBody, who: SignedIn, parts: PartsOf, response: Response) -> Asked:
    """Ask for the draft to be told beside the policy in force."""
    comparison_id = await policy_comparing.ask_comparison(parts, who, draft_id, body.source, body.since)
    response.headers["location"] = f"/threat-watch/v1/policy-comparisons/{comparison_id}"
    return Asked(id=comparison_id)


@router.get("/policy-comparisons/{comparison_id}")
async def get_comparison(comparison_id: Id, who: SignedIn, parts: PartsOf) -> ComparisonView:
    """How far a comparison is, and what came of it. A page names the report that opened its threat to those who may
    know of that report."""
    found = await workbench.read_comparison(parts, who, comparison_id)
    shown = {name: getattr(found, name) for name in ComparisonView.model_fields}
    return ComparisonView(**shown)


@router.get("/policy-scenarios")
async def list_scenarios(who: SignedIn, parts: PartsOf) -> ScenarioPage:
    """The stories that are kept."""
    found = await workbench.read_workbench(parts, who)
    return ScenarioPage(
        items=[ScenarioView(name=one.name, saved_by=one.by, saved_at=one.at) for one in found.scenarios]
    )


@router.get("/policy-scenarios/{name}", response_class=PlainTextResponse)
async def get_scenario(name: NameInPath, who: SignedIn, parts: PartsOf) -> PlainTextResponse:
    """A story, as `replay` reads it."""
    found = await workbench.read_scenario(parts, who, name)
    return PlainTextResponse(found.text, media_type="application/yaml; charset=utf-8")


@router.put("/policy-scenarios/{name}", status_code=204)
async def put_scenario(name: NameInPath, body: ScenarioBody, who: SignedIn, parts: PartsOf) -> None:
    """Keep a story that drafts are compared on."""
    await policy_drafting.put_scenario(parts, who, name, body.text)


@router.delete("/policy-scenarios/{name}", status_code=204)
async def drop_scenario(name: NameInPath, who: SignedIn, parts: PartsOf) -> None:
    """Take a story away."""
    await policy_drafting.drop_scenario(parts, who, name)
