"""The keys every service checks our tokens with, and (embedded mode and trial only) tokens for made-up users."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from forkant_notifier.api.words import Words
from forkant_notifier.commands import sessions
from forkant_shared.errors import Invalid
from forkant_shared.problems import Body
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/auth", tags=["auth"])
DEVELOPMENT_ROUTER = APIRouter(prefix="/auth", tags=["auth"])

Scope = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")]


def _either(schema: dict[str, Any]) -> None:
    """Tell the document what `development_token` asks: one of two shapes, never both."""
    named = schema.pop("properties")
    schema.pop("required", None)
    text = {name: found["anyOf"][0] for name, found in named.items()}
    user = {"type": "object", "properties": {"user": text["user"]}, "required": ["user"]}
    machine = {
        "type": "object",
        "properties": {"organisation": text["organisation"], "scopes": text["scopes"]},
        "required": ["organisation"],
    }
    schema["oneOf"] = [{**shape, "additionalProperties": False} for shape in (user, machine)]
    del schema["additionalProperties"]


class TokenBody(Body):
    """Either a demo user, or an organisation and what it may do."""

    model_config = ConfigDict(json_schema_extra=_either)

    user: Words | None = Field(None, min_length=1, max_length=80)
    organisation: str | None = Field(None, pattern="^0192:[0-9]{9}$")
    scopes: list[Scope] | None = Field(None, max_length=50)


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
    given = body.model_fields_set
    empty = next((name for name in sorted(given) if getattr(body, name) is None), None)
    if empty is not None:
        raise Invalid("The field is empty.", field=empty, remedy="Take it away, or fill it in.")
    if body.user is not None and "organisation" not in given:
        if "scopes" in given:
            raise Invalid("A user has roles, not scopes.", field="scopes", remedy="Take the field away.")
        token = await sessions.token_for_user(parts, body.user)
    elif body.organisation is not None and "user" not in given:
        token = sessions.token_for_machine(parts, body.organisation, body.scopes or [])
    else:
        raise Invalid(
            "Say either which user or which organisation.",
            field="user",
            remedy='Send {"user": …} or {"organisation": …, "scopes": […]}.',
        )
    seconds = int(sessions.DEVELOPMENT_TOKEN_LIFETIME.total_seconds())
    return TokenAnswer(access_token=token, token_type="Bearer", expires_in=seconds)  # noqa: S106 - a kind, no secret
