"""How a gateway wants to be spoken to, as the operator writes it: data, not code, so that any HTTP gateway will do.

`{to}` `{text}` `{reference}` `{link}` may stand anywhere in the URL, headers and body; nothing else can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from forkant_notifier.domain.lanes import Channel
from forkant_shared.errors import Invalid

PLACES = ("to", "text", "reference", "link")
_PLACE = re.compile(r"\{(\w*)\}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BodyTemplate(_Strict):
    """`json` and `form` go in the body, `query` in the address."""

    kind: Literal["json", "form", "query"]
    fields: dict[str, Any]


class Success(_Strict):
    """When an answer means that the gateway has the message: its status, and a field (or the whole text) if named."""

    status: list[int] = Field(default=[200, 201, 202], min_length=1)
    path: str | None = None
    values: list[str | int | bool] = []
    pattern: str | None = None


class ReceiptTemplate(_Strict):
    """Where a delivery receipt says which message, and what became of it. Other states say nothing yet."""

    id: str
    state: str
    delivered: list[str] = Field(min_length=1)
    failed: list[str] = []


class ReplyTemplate(_Strict):
    """Where an answer from a phone says from whom, and what."""

    sender: str
    text: str


def _places(template: Any) -> set[str]:
    if isinstance(template, str):
        return set(_PLACE.findall(template))
    inner = template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    return {place for part in inner for place in _places(part)}


class GatewayTemplate(_Strict):
    """One gateway. `secret` is what it must show when it calls us with receipts and replies."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    channel: Channel = Channel.SMS
    method: Literal["GET", "POST", "PUT"] = "POST"
    url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    body: BodyTemplate
    success: Success = Success()
    id: str | None = None
    secret: str | None = Field(None, min_length=16)
    receipt: ReceiptTemplate | None = None
    reply: ReplyTemplate | None = None

    @field_validator("url", "headers", "body")
    @classmethod
    def _known_places(cls, value: Any) -> Any:
        unknown = sorted(_places(value.fields if isinstance(value, BodyTemplate) else value) - set(PLACES))
        if unknown:
            raise ValueError(f"only {', '.join(PLACES)} can be filled in, not {', '.join(unknown)}")
        return value


class RoutesFile(_Strict):
    """The operator's file: gateways, the preferred one first."""

    gateways: list[GatewayTemplate] = Field(min_length=1)


def read(document: Mapping[str, Any]) -> list[GatewayTemplate]:
    """The gateways in a document. Raises Invalid, naming the field."""
    try:
        gateways = RoutesFile.model_validate(document).gateways
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"The routes file is wrong at {where}: {first['msg']}.", field=f"routes_file.{where}") from None
    names = [gateway.name for gateway in gateways]
    if len(set(names)) != len(names):
        raise Invalid("Two gateways have the same name.", field="routes_file.gateways")
    for gateway in gateways:
        if (gateway.receipt or gateway.reply) and gateway.secret is None:
            raise Invalid(
                "A gateway that may call us needs a secret to show.",
                field=f"routes_file.gateways.{gateway.name}.secret",
                remedy="Set a secret of at least 16 signs.",
            )
    return gateways


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its places filled, through lists and mappings."""
    if isinstance(template, str):
        return _PLACE.sub(lambda found: values[found.group(1)], template)
    if isinstance(template, dict):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    return template


def filled_url(url: str, values: Mapping[str, str]) -> str:
    """An address with its places filled and quoted."""
    return _PLACE.sub(lambda found: quote(values[found.group(1)], safe=""), url)


def at_path(found: Any, path: str) -> Any:
    """The value at `messages.0.id` in JSON; None where the way ends."""
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found
