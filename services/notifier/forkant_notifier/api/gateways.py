"""What gateways tell us: delivery receipts, and answers from phones. Answered once it is stored, never before."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from forkant_notifier.clients.gateway import HttpGateway
from forkant_notifier.commands.answering import answer_by_reply
from forkant_notifier.commands.desk import desk_of
from forkant_notifier.commands.keypad import answer_by_keypad
from forkant_notifier.commands.receipts import take_receipt
from forkant_shared.errors import Invalid, Unauthenticated, Unavailable
from forkant_shared.service import PartsOf

ROUTER = APIRouter(prefix="/notifier/v1/gateways", tags=["gateways"])


def _gateway(parts: PartsOf, request: Request, name: str, kind: str) -> HttpGateway:
    """The gateway that calls. Raises Unauthenticated where it does not show its secret, or does not exist."""
    route = desk_of(parts).routes.routes.get(name)
    if not isinstance(route, HttpGateway) or not route.shows_secret(_shown(request.headers.get("authorization"))):
        raise Unauthenticated(
            "The gateway did not show its secret.",
            field="Authorization",
            remedy="Send it as a bearer token, or as the password of HTTP basic authentication.",
        )
    if not desk_of(parts).calls(name, kind).take(time.monotonic()):
        raise Unavailable(
            "The gateway tells more than we take at once.", remedy="Tell it again in a second.", retry_after=1
        )
    return route


def _shown(header: str | None) -> str | None:
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return None
    return None


async def _told(request: Request) -> dict[str, Any]:
    """JSON, a form, or the query, whichever the gateway uses."""
    found: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return found
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return found | dict(parse_qsl(body.decode(errors="replace")))
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The body is neither JSON nor a form.", field="body") from error
    if not isinstance(told, dict):
        raise Invalid("The body is not an object.", field="body")
    return found | told


@ROUTER.post("/{name}/receipts", status_code=204, response_class=Response)
async def take_gateway_receipt(parts: PartsOf, request: Request, name: str) -> None:
    """A delivery receipt; in any order, as often as the gateway likes."""
    gateway = _gateway(parts, request, name, "receipts")
    receipt = gateway.receipt(await _told(request))
    if receipt is not None:
        await take_receipt(parts, gateway.name, receipt)


@ROUTER.post("/{name}/replies", status_code=204, response_class=Response)
async def take_gateway_reply(parts: PartsOf, request: Request, name: str) -> None:
    """An answer from a phone."""
    gateway = _gateway(parts, request, name, "answers")
    reply = gateway.reply(await _told(request))
    if reply is None:
        raise Invalid("There is no sender or no text where the gateway's template says.", field="body")
    sender, text = (part.replace("\0", "") for part in reply)
    await answer_by_reply(parts, sender, text)


@ROUTER.post("/{name}/keypad")
async def take_keys(parts: PartsOf, request: Request, name: str) -> dict[str, Any]:
    """Keys pressed in a call of ours; what to say next, in the gateway's own form."""
    gateway = _gateway(parts, request, name, "answers")
    keys = gateway.keys(await _told(request))
    if keys is None:
        raise Invalid("There is no call or no keys where the gateway's template says.", field="body")
    return gateway.to_say(await answer_by_keypad(parts, gateway.name, *keys))
