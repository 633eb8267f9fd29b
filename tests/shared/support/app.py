"""A service of the kit alone, with a route for each way a request can go wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header, Query
from pydantic import AwareDatetime, Field
from pydantic_settings import SettingsConfigDict

from forkant_shared import errors, telemetry
from forkant_shared.bus import Bus
from forkant_shared.clock import Clock
from forkant_shared.events.threat_watch import WatchHeartbeat
from forkant_shared.identity import SignedIn
from forkant_shared.parts import Parts
from forkant_shared.problems import Body
from forkant_shared.service import assemble
from forkant_shared.settings import ServiceSettings

SECRET = "FLAGGERMUS-LARS"
KINDS: dict[str, type[errors.ForkantError]] = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and kind.__module__ == errors.__name__
}
router = APIRouter(prefix="/kit/v1")


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="FORKANT_KIT_", extra="ignore", populate_by_name=True)


class Cat(Body):
    kind: Literal["CAT"]
    name: str


class Dog(Body):
    kind: Literal["DOG"]
    age: int


class Wish(Body):
    name: Annotated[str, Field(max_length=10, pattern="^[a-z]+$")]
    count: Annotated[int, Field(ge=0)] = 0
    level: Literal["LOW", "HIGH"] = "LOW"
    at: AwareDatetime | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    inner: list[Cat] = Field(default_factory=list)


@router.post("/wishes")
async def wish(body: Wish, idempotency_key: Annotated[str | None, Header()] = None) -> dict[str, str]:
    return {"name": body.name}


@router.get("/wishes")
async def wishes(limit: Annotated[int, Query(le=100)] = 10, since: datetime | None = None) -> dict[str, int]:
    return {"limit": limit}


@router.get("/errors/{kind}")
async def fail(kind: str) -> None:
    raise KINDS[kind]("This is why.", field="grading.source", remedy="Do that.")


@router.get("/bugs")
async def bug() -> None:
    raise RuntimeError(f"{SECRET} in a message")


@router.get("/me")
async def me(who: SignedIn) -> dict[str, str]:
    return {"subject": who.subject}


@router.get("/trail")
async def trail() -> dict[str, Any]:
    found = telemetry.trail()
    return {"correlation_id": found.correlation_id, "traceparent": found.traceparent}


async def on_beat(*_: Any) -> None:
    return


def create_app(settings: Settings, *, bus: Bus, clock: Clock, peers: Any = None, **more: Any) -> FastAPI:
    parts = Parts.build(settings, bus=bus, clock=clock, peers=peers)
    heard = {WatchHeartbeat: on_beat}
    return assemble(name="kit", title="Kit", parts=parts, routers=[router], subscriptions=heard, **more)
