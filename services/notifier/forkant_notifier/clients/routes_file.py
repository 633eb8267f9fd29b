"""The operator's file with the routes: read once, at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from forkant_notifier.clients.credentials import Credential
from forkant_notifier.clients.gateway import HttpGateway
from forkant_notifier.clients.route import Route
from forkant_notifier.clients.template import GatewayTemplate, Strict
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.speech import read_speech
from forkant_notifier.settings import speech_document
from forkant_shared.errors import Invalid

SHORTEST_SECRET = 16


class RoutesFile(Strict):
    """The routes, the preferred one of each channel first; `health` overrides what ships in `route_rules.yaml`."""

    version: str = Field("1", min_length=1, max_length=40)
    health: dict[str, Any] = Field(default_factory=dict)
    gateways: list[GatewayTemplate] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class RoutesRead:
    """What the file gives: routes in order, where each is tried without waking anybody, and rules of its own."""

    version: str
    routes: list[Route]
    test_to: dict[str, str]
    health: Mapping[str, Any]


def read(document: Mapping[str, Any], folder: Path = Path()) -> RoutesRead:
    """The routes in a document; secrets are looked for from `folder`. Raises Invalid, naming the field."""
    try:
        found = RoutesFile.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"The routes file is wrong at {where}: {first['msg']}.", field=f"routes_file.{where}") from None
    names = [gateway.name for gateway in found.gateways]
    if len(set(names)) != len(names):
        raise Invalid("Two gateways have the same name.", field="routes_file.gateways")
    return RoutesRead(
        version=found.version,
        routes=[_route(gateway, folder) for gateway in found.gateways],
        test_to={gateway.name: gateway.test_to for gateway in found.gateways if gateway.test_to is not None},
        health=found.health,
    )


def _route(template: GatewayTemplate, folder: Path) -> Route:
    field = f"routes_file.gateways.{template.name}"
    credentials = {
        name: credential.within(folder).read(field=f"{field}.credentials.{name}")
        for name, credential in template.credentials.items()
    }
    secret = _shown(template.secret, folder, field)
    speech = read_speech(speech_document()) if template.channel is Channel.CALL else None
    return HttpGateway(template, credentials=credentials, secret=secret, speech=speech)


def _shown(secret: Credential | None, folder: Path, field: str) -> str | None:
    if secret is None:
        return None
    value = secret.within(folder).read(field=f"{field}.secret")
    if len(value) < SHORTEST_SECRET:
        raise Invalid(
            "The secret a gateway shows us is too short to be one.",
            field=f"{field}.secret",
            remedy=f"Write at least {SHORTEST_SECRET} signs.",
        )
    return value
