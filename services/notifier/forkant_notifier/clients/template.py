"""How a gateway wants to be spoken to, as the operator writes it: data, not code, so that any HTTP gateway will do.

`{to}` `{text}` `{reference}` `{link}` and the names of the gateway's own credentials may stand anywhere in the URL,
headers and body; nothing else can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from forkant_notifier.clients.credentials import Credential
from forkant_notifier.domain.lanes import Channel

PLACES = ("to", "text", "reference", "link")
POLL_PLACES = ("id",)
_PLACE = re.compile(r"\{(\w*)\}")
#: A header of such a name that holds no credential's place would hold the credential itself.
_SECRET_HEADER = re.compile(r"authorization|key|token|secret", re.IGNORECASE)
Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class Strict(BaseModel):
    """A part of the routes file: nothing in it is passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BodyTemplate(Strict):
    """`json` and `form` go in the body, `query` in the address."""

    kind: Literal["json", "form", "query"]
    fields: dict[str, Any]


class Success(Strict):
    """When an answer means that the gateway has the message: its status, and a field (or the whole text) if named."""

    status: list[int] = Field(default=[200, 201, 202], min_length=1)
    path: str | None = None
    values: list[str | int | bool] = []
    pattern: str | None = None


class ReceiptTemplate(Strict):
    """Where a delivery receipt says which message, and what became of it. Other states say nothing yet."""

    id: str
    state: str
    delivered: list[str] = Field(min_length=1)
    failed: list[str] = []


class PollTemplate(Strict):
    """Where the gateway tells what became of message `{id}`, for one that does not call us."""

    url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    state: str
    delivered: list[str] = Field(min_length=1)
    failed: list[str] = []


class ReplyTemplate(Strict):
    """Where an answer from a phone says from whom, and what. `country` is put before a number that has none."""

    sender: str
    text: str
    country: str = Field("47", pattern=r"^[1-9]\d{0,2}$")


class KeypadTemplate(Strict):
    """Where a call says which call it is (our own reference) and which keys were pressed; `say` is our answer to it."""

    reference: str
    digits: str
    say: dict[str, Any]


class GatewayTemplate(Strict):
    """One HTTP gateway. `secret` is what it must show when it calls us; `test_to` an address that wakes nobody."""

    kind: Literal["http"] = "http"
    name: Name
    channel: Literal[Channel.SMS, Channel.CALL, Channel.PUSH] = Channel.SMS
    method: Literal["GET", "POST", "PUT"] = "POST"
    url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    body: BodyTemplate
    success: Success = Success()
    id: str | None = None
    credentials: dict[str, Credential] = {}
    at_once: int | None = Field(None, ge=2, le=1000)
    secret: Credential | None = None
    receipt: ReceiptTemplate | None = None
    poll: PollTemplate | None = None
    reply: ReplyTemplate | None = None
    keypad: KeypadTemplate | None = None
    test_to: str | None = Field(None, min_length=1, max_length=200)

    @model_validator(mode="after")
    def _can_be_filled(self) -> GatewayTemplate:
        own = set(self.credentials)
        if own & {*PLACES, *POLL_PLACES}:
            raise ValueError(f"a credential cannot be called {', '.join(sorted(own & {*PLACES, *POLL_PLACES}))}")
        _refuse_unknown([self.url, self.headers, self.body.fields], {*PLACES, *own})
        _refuse_written_out(self.headers, own)
        if self.poll is not None:
            _refuse_unknown([self.poll.url, self.poll.headers], {*POLL_PLACES, *own})
            _refuse_written_out(self.poll.headers, own)
        if self.keypad is not None:
            _refuse_unknown(self.keypad.say, {"text"})
            if self.channel is not Channel.CALL:
                raise ValueError("keys are pressed in calls: set the channel to CALL")
        if (self.receipt or self.reply or self.keypad) and self.secret is None:
            raise ValueError("a gateway that may call us needs a secret to show: write {file: PATH} or {env: NAME}")
        return self


def _refuse_unknown(template: Any, known: set[str]) -> None:
    unknown = sorted(_places(template) - known)
    if unknown:
        raise ValueError(f"only {', '.join(sorted(known))} can be filled in, not {', '.join(unknown)}")


def _refuse_written_out(headers: Mapping[str, str], credentials: set[str]) -> None:
    for name, value in headers.items():
        if _SECRET_HEADER.search(name) and not _places(value) & credentials:
            raise ValueError(f"the header {name} holds a secret: name it under credentials and write its {{name}} here")


def _places(template: Any) -> set[str]:
    if isinstance(template, str):
        return set(_PLACE.findall(template))
    inner = template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    return {place for part in inner for place in _places(part)}


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
