"""The operator's file with the routes: read at the start. The secrets it names are read again when they change."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from forkant_notifier.clients.credentials import Credential, Rotating
from forkant_notifier.clients.gateway import HttpGateway
from forkant_notifier.clients.mail import MailRoute
from forkant_notifier.clients.route import Route
from forkant_notifier.clients.template import GatewayTemplate, Name, Strict
from forkant_notifier.clients.web_push import Forget, Subscribed, WebPushRoute, key_of
from forkant_notifier.clients.webhook import WebhookRoute, signing_key
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.speech import read_speech
from forkant_notifier.settings import speech_document
from forkant_shared.clock import Clock, SystemClock
from forkant_shared.errors import Invalid

SHORTEST_SECRET = 16
TestTo = Annotated[str | None, Field(min_length=1, max_length=200)]


class PushTemplate(Strict):
    """Web Push. `key` is a P-256 key in PEM, `services` the push services browsers may name, `contact` who we are."""

    kind: Literal["push"]
    name: Name
    key: Credential
    contact: str = Field(pattern=r"^(mailto:|https://)\S+$")
    services: list[str] = Field(min_length=1)
    keep_for: int = Field(300, ge=0, le=86400)
    test_to: TestTo = None

    @model_validator(mode="after")
    def _encrypted_services(self) -> PushTemplate:
        for service in self.services:
            _refuse_plain(service)
        return self


class MailTemplate(Strict):
    """One mail server; unencrypted only on this machine."""

    kind: Literal["mail"]
    name: Name
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "starttls"
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    user: str | None = None
    password: Credential | None = None
    test_to: TestTo = None

    @model_validator(mode="after")
    def _not_in_clear(self) -> MailTemplate:
        if self.security == "none" and not _is_here(self.host):
            raise ValueError("mail leaves this machine encrypted only: use tls or starttls")
        if (self.user is None) != (self.password is None):
            raise ValueError("a user has a password, and a password a user")
        return self


class WebhookTemplate(Strict):
    """A signed webhook to one address; `secret` is `whsec_` and 24 to 64 bytes in base64."""

    kind: Literal["webhook"]
    name: Name
    url: str
    secret: Credential
    test_to: TestTo = None

    @model_validator(mode="after")
    def _encrypted(self) -> WebhookTemplate:
        _refuse_plain(self.url)
        return self


def _kind(given: Any) -> str:
    kind = given.get("kind", "http") if isinstance(given, Mapping) else getattr(given, "kind", "http")
    return str(kind)


RouteTemplate = Annotated[
    Annotated[GatewayTemplate, Tag("http")]
    | Annotated[PushTemplate, Tag("push")]
    | Annotated[MailTemplate, Tag("mail")]
    | Annotated[WebhookTemplate, Tag("webhook")],
    Discriminator(_kind),
]


class RoutesFile(Strict):
    """The routes, the preferred one of each channel first; `health` overrides what ships in `route_rules.yaml`."""

    version: str = Field("1", min_length=1, max_length=40)
    health: dict[str, Any] = Field(default_factory=dict)
    gateways: list[RouteTemplate] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class RoutesRead:
    """What the file gives: routes in order, where each is tried without waking anybody, and rules of its own."""

    version: str
    routes: list[Route]
    test_to: dict[str, str]
    health: Mapping[str, Any]
    at_once: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What routes need of the notifier: the time, a person's browsers, and to be rid of one that is gone."""

    clock: Clock
    subscribed: Subscribed
    forget: Forget


async def _keep(_: object) -> None:
    return


#: For the outside watcher, which has nothing of the notifier's.
ALONE = Surroundings(SystemClock(), lambda _: (), _keep)


def read(document: Mapping[str, Any], folder: Path = Path(), around: Surroundings = ALONE) -> RoutesRead:
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
        routes=[_route(gateway, folder, around) for gateway in found.gateways],
        test_to={gateway.name: gateway.test_to for gateway in found.gateways if gateway.test_to is not None},
        health=found.health,
        at_once={
            gateway.name: gateway.at_once
            for gateway in found.gateways
            if isinstance(gateway, GatewayTemplate) and gateway.at_once is not None
        },
    )


def _route(template: RouteTemplate, folder: Path, around: Surroundings) -> Route:
    field = f"routes_file.gateways.{template.name}"
    if isinstance(template, GatewayTemplate):
        return _gateway(template, folder, field)
    if isinstance(template, MailTemplate):
        password = _kept(template.password, folder, f"{field}.password") if template.password else None
        return MailRoute(
            template.name,
            host=template.host,
            port=template.port,
            security=template.security,
            sender=template.sender,
            user=template.user,
            password=password,
            clock=around.clock,
        )
    try:
        if isinstance(template, WebhookTemplate):
            key = Rotating(template.secret.within(folder), signing_key, field=f"{field}.secret")
            return WebhookRoute(template.name, url=template.url, key=key, clock=around.clock)
        return WebPushRoute(
            template.name,
            # Browsers have subscribed with this key, so another one is no rotation: it is read at the start alone.
            key=key_of(template.key.within(folder).read(field=f"{field}.key")),
            contact=template.contact,
            services=template.services,
            keep_for=template.keep_for,
            subscribed=around.subscribed,
            forget=around.forget,
            clock=around.clock,
        )
    except ValueError as error:
        wanted = "whsec_ and 24 to 64 bytes in base64" if template.kind == "webhook" else "a P-256 private key in PEM"
        raise Invalid("The secret is of the wrong kind.", field=field, remedy=f"Write {wanted}.") from error


def _gateway(template: GatewayTemplate, folder: Path, field: str) -> HttpGateway:
    credentials = {
        name: _kept(credential, folder, f"{field}.credentials.{name}")
        for name, credential in template.credentials.items()
    }
    secret = _shown(template.secret, folder, f"{field}.secret") if template.secret else None
    speech = read_speech(speech_document()) if template.channel is Channel.CALL else None
    return HttpGateway(template, credentials=credentials, secret=secret, speech=speech)


def _kept(credential: Credential, folder: Path, field: str) -> Rotating[str]:
    return Rotating(credential.within(folder), str, field=field)


def _shown(secret: Credential, folder: Path, field: str) -> Rotating[str]:
    """What a gateway shows us. Raises Invalid for one that is too short."""

    def long_enough(value: str) -> str:
        if len(value) >= SHORTEST_SECRET:
            return value
        raise Invalid(
            "The secret a gateway shows us is too short to be one.",
            field=field,
            remedy=f"Write at least {SHORTEST_SECRET} signs.",
        )

    return Rotating(secret.within(folder), long_enough, field=field)


def _refuse_plain(url: str) -> None:
    found = urlsplit(url)
    if found.scheme != "https" and not (found.scheme == "http" and _is_here(found.hostname or "")):
        raise ValueError(f"{url} is not https")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
