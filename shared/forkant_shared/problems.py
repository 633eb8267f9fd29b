"""Every error leaves as problem+json (RFC 9457) that names the field and the remedy, and never as a stack trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, field_validator
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from forkant_shared import audit, telemetry
from forkant_shared.errors import ForkantError, Unauthenticated, Unavailable

MEDIA_TYPE = "application/problem+json"

log = telemetry.get_logger()


class Body(BaseModel):
    """What a request body is: exactly the fields named, each of exactly its type."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        # PostgreSQL stores no NUL in text, and nobody writes one.
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "\x00" in text:
                raise ValueError("Text must not hold the character NUL.")
        return value


class FieldProblem(BaseModel):
    """One field that is wrong, as a path such as `signals.0.factor`, and what helps."""

    field: str
    message: str
    remedy: str


class Problem(BaseModel):
    """RFC 9457, with the fields that are wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, text in {
        400: "The request is not HTTP we can read",
        401: "Nobody is signed in",
        403: "Not allowed",
        404: "There is no such thing, or you may not know of it",
        409: "The thing is in another state",
        412: "Changed by somebody else",
        413: "Too large",
        415: "Not JSON",
        422: "A field is wrong",
        503: "Something we need is away; try again",
    }.items()
}

HTTP_SENTENCES: Mapping[int, tuple[str, str]] = {
    404: ("Not found", "There is no such thing."),
    405: ("Method not allowed", "This path does not take that method."),
    413: ("Too large", "The body is larger than one request may be; send it in parts."),
    415: ("Not JSON", "Send the body with Content-Type: application/json."),
}

REMEDIES: Mapping[str, str] = {
    "missing": "Add the field.",
    "extra_forbidden": "Take the field away; it is not known here.",
    "json_invalid": "Send valid JSON.",
    "enum": "Use one of the values named.",
    "literal_error": "Use one of the values named.",
    "string_type": "Send a string.",
    "int_type": "Send a whole number.",
    "float_type": "Send a number.",
    "bool_type": "Send true or false.",
    "datetime_from_date_parsing": "Send a time as 2026-11-20T21:15:00+01:00.",
    "datetime_parsing": "Send a time as 2026-11-20T21:15:00+01:00.",
    "datetime_type": "Send a time as 2026-11-20T21:15:00+01:00.",
    "timezone_aware": "Send the time with its offset, as 2026-11-20T21:15:00+01:00.",
    "uuid_parsing": "Send a UUID.",
    "uuid_type": "Send a UUID.",
}


def problem(
    status: int,
    title: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for a problem."""
    kind = title.lower().replace(" ", "-")
    body = Problem(type=f"urn:forkant:problem:{kind}", title=title, status=status, detail=detail, errors=list(errors))
    return JSONResponse(body.model_dump(), status, dict(headers or {}), media_type=MEDIA_TYPE)


def of_error(error: ForkantError) -> JSONResponse:
    """The answer for an error of ours."""
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["retry-after"] = str(error.retry_after)
    errors = []
    if error.field is not None or error.remedy is not None:
        errors = [FieldProblem(field=error.field or "", message=error.detail, remedy=error.remedy or "")]
    return problem(error.status, error.title, error.detail, errors, headers)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """The answer for a request that does not fit its model. The value sent is never repeated."""
    found = []
    for error in errors:
        where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
        remedy = REMEDIES.get(str(error["type"]), "Send what the documentation of this field says.")
        found.append(FieldProblem(field=".".join(where) or "body", message=_message(error), remedy=remedy))
    fields = ", ".join(sorted({entry.field for entry in found}))
    return problem(422, "Invalid", f"Wrong or missing: {fields}.", found)


def _message(error: Mapping[str, Any]) -> str:
    # A validator of ours says what it wants; pydantic's own text holds the value for unknown tags alone.
    if error["type"] == "union_tag_invalid":
        return f"Use one of {error['ctx']['expected_tags']}."
    return str(error["msg"]).removeprefix("Value error, ")


def install(app: FastAPI) -> None:
    """Make every way a request can fail on this app answer with a problem."""

    @app.exception_handler(ForkantError)
    async def _ours(request: Request, error: ForkantError) -> Response:
        if error.status >= 500:
            log.warning("request-failed", exc_info=error, route=_route(request), status=error.status)
        await record_refusal(request, error)
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        return of_validation(error.errors())

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        title, detail = HTTP_SENTENCES.get(error.status_code, ("Bad request", "The request cannot be read."))
        headers = {name: value for name, value in (error.headers or {}).items() if name.lower() != "allow"}
        if error.status_code == 405:
            headers["allow"] = ", ".join(_methods(app, request))
        return problem(error.status_code, title, detail, headers=headers)

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> Response:
        # Told and answered outside of everything that would have named the trail.
        correlation = str(request.scope.get("forkant.correlation", ""))
        log.error("request-bug", exc_info=error, route=_route(request), correlation_id=correlation)
        headers = {"x-correlation-id": correlation}
        return problem(500, "Error", "Something went wrong here; it has been logged.", headers=headers)


async def record_refusal(request: Request, error: Exception) -> None:
    """Put an attempt that the access policy refused into the audit log, in a transaction of its own."""
    action = getattr(error, "refused_action", None)
    who = getattr(request.state, "principal", None)
    if action is None or who is None:
        return
    try:
        async with request.app.state.parts.database.write() as session:
            await audit.record(session, who, action, [], kind="DENIED")
    except ForkantError as failure:
        # The refusal stands whether or not it could be written down; that it could not is for operations to see.
        log.error("refusal-not-recorded", exc_info=failure, route=_route(request))


def _methods(app: FastAPI, request: Request) -> list[str]:
    """Every method this path takes; the router itself names those of the first route only."""
    found: set[str] = set()
    for context in iter_route_contexts(app.router.routes):
        match, _ = context.matches(request.scope)
        if match is not Match.NONE:
            found |= set(getattr(context, "methods", None) or ())
    return sorted(found)


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "path", "?"))
