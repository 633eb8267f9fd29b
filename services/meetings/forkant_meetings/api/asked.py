"""What every route needs of a request: who asks, the repeated key, the version; and how it answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from forkant_meetings.commands.asking import Asked, Receipt
from forkant_shared.errors import Invalid
from forkant_shared.idempotency import digest_of
from forkant_shared.identity import SignedIn


async def asked(
    request: Request,
    who: SignedIn,
    idempotency_key: Annotated[
        str,
        Header(
            description="the same key with the same body is done once",
            max_length=200,
            json_schema_extra={"pattern": "^[ -~]*$"},
        ),
    ] = "",
    if_match: Annotated[
        str,
        Header(
            description="the ETag of the version decided on; 412 if it is another now",
            max_length=40,
            json_schema_extra={"pattern": '^([*]|(W/)?"[0-9]{1,18}")$'},
        ),
    ] = "*",
) -> Asked:
    """FastAPI dependency: how something is asked for."""
    digest = ""
    if idempotency_key:
        digest = digest_of(f"{request.method} {request.url.path}\n".encode() + await request.body())
    return Asked(who, idempotency_key or None, digest, _version(if_match))


Asking = Annotated[Asked, Depends(asked)]
Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
After = Annotated[UUID | None, Query(description="`next` of the page before")]


class Done(BaseModel):
    """What was done: the thing's id, its state and its version afterwards."""

    id: str
    state: str
    version: int


def done(response: Response, receipt: Receipt, *, location: str | None = None) -> Done:
    """The answer for a receipt: ETag, and with `location` 201, or 200 where it was done before."""
    response.headers["etag"] = etag(receipt.version)
    if location is not None:
        response.headers["location"] = f"{location}/{receipt.id}"
        response.status_code = 200 if receipt.repeated else 201
    return Done(id=receipt.id, state=receipt.state, version=receipt.version)


def etag(version: int) -> str:
    """The version as an HTTP entity tag."""
    return f'"{version}"'


def cursor(after: UUID | None) -> str | None:
    """The id a page goes on from."""
    return None if after is None else str(after)


def _version(if_match: str) -> int | None:
    if if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(
            "If-Match does not hold an ETag of ours.", field="If-Match", remedy='Send the ETag you were given, as "3".'
        )
    return int(text)
