"""How pages climb: `/notifier/v1/paging-policies`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from forkant_notifier.api.words import Words
from forkant_notifier.commands import paging_policies
from forkant_shared.identity import SignedIn
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/paging-policies", tags=["duty"])

Name = Annotated[Words, Field(min_length=1, max_length=paging_policies.LONGEST_VERSION)]


class PolicyBody(Body):
    """A new version, as YAML."""

    text: str = Field(min_length=1, max_length=paging_policies.LONGEST_TEXT)


class ChoiceBody(Body):
    """Which version new pages climb by from now on, and why; `seen` is the one that was in force when this was read."""

    version: Name
    reason: Words = Field(min_length=1, max_length=300)
    seen: Name | None = None


class PolicyAnswer(BaseModel):
    """One version; `by` wrote it on the desk, or nobody where it came with the program."""

    version: str
    in_force: bool
    by: str | None
    document: dict[str, Any]


class ChoiceAnswer(BaseModel):
    """What was chosen, when, by whom and why."""

    version: str
    at: datetime
    by: str
    reason: str


class PoliciesAnswer(BaseModel):
    """Every version that can be chosen, and the last choices, the newest first."""

    in_force: str
    items: list[PolicyAnswer]
    choices: list[ChoiceAnswer]


class Written(BaseModel):
    """The version that was written or chosen."""

    version: str


@ROUTER.get("")
async def list_policies(who: SignedIn, parts: PartsOf) -> PoliciesAnswer:
    """How pages climb now, and how else they might."""
    found = await paging_policies.read_policies(parts, who)
    return PoliciesAnswer(
        in_force=found.in_force,
        items=[
            PolicyAnswer(
                version=one.policy.version,
                in_force=one.policy.version == found.in_force,
                by=one.by,
                document=dict(one.document),
            )
            for one in found.versions
        ],
        choices=[ChoiceAnswer(version=c.version, at=c.at, by=c.by, reason=c.reason) for c in found.choices],
    )


@ROUTER.post("", status_code=201)
async def write(body: PolicyBody, who: SignedIn, parts: PartsOf, response: Response) -> Written:
    """Keep a new version; no page climbs by it before it is chosen."""
    written = await paging_policies.write_policy(parts, who, body.text)
    response.headers["location"] = "/notifier/v1/paging-policies"
    return Written(version=written.version)


@ROUTER.post("/choices", status_code=201)
async def choose(body: ChoiceBody, who: SignedIn, parts: PartsOf) -> Written:
    """Let new pages climb by this version; those that run keep theirs."""
    chosen = await paging_policies.choose_policy(parts, who, body.version, body.reason, seen=body.seen)
    return Written(version=chosen)
