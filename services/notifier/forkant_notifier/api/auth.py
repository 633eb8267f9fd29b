"""The keys every service checks our tokens with, and (embedded mode and trial only) tokens for made-up users."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from forkant_notifier.commands import sessions
from forkant_shared.errors import Invalid
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/auth", tags=["auth"])
DEVELOPMENT_ROUTER = APIRouter(prefix="/auth", tags=["auth"])


class TokenBody(Body):
    """Either a demo user, or an organisation and what it may do."""

    user: str | None = Field(None, max_length=80)
    organisation: str | None = Field(None, max_length=40)
    scopes: list[str] | None = Field(None, max_length=50)


class TokenAnswer(BaseModel):
    """A bearer token and how many seconds it lasts."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class KeysAnswer(BaseModel):
    """A JSON Web Key Set."""

    keys: list[dict[str, Any]]


@ROUTER.get("/jwks.json")
async def keys(parts: PartsOf) -> KeysAnswer:
    """The public keys of the desk."""
    return KeysAnswer.model_validate(sessions.published_keys(parts))


@DEVELOPMENT_ROUTER.post("/dev-token")
async def development_token(parts: PartsOf, body: TokenBody) -> TokenAnswer:
    """A token for a demo user or a machine: public contract 1."""
    if (body.user is None) == (body.organisation is None):
        raise Invalid(
            "Say either which user or which organisation.",
            field="user",
            remedy='Send {"user": …} or {"organisation": …, "scopes": […]}.',
        )
    if body.user is not None:
        if body.scopes is not None:
            raise Invalid("A user has roles, not scopes.", field="scopes", remedy="Take the field away.")
        token = await sessions.token_for_user(parts, body.user)
    else:
        token = sessions.token_for_machine(parts, body.organisation or "", body.scopes or [])
    seconds = int(sessions.DEVELOPMENT_TOKEN_LIFETIME.total_seconds())
    return TokenAnswer(access_token=token, token_type="Bearer", expires_in=seconds)  # noqa: S106
