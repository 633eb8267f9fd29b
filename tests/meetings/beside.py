"""A registry that answers beside meetings, as far as its pages ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

GROUP = "0192f000-0000-7000-8000-0000000000d1"
PERSON = "0192f000-0000-7000-8000-0000000000d2"


async def registry(scope, receive, send) -> None:
    """Answers as the registry would: one group and one person it knows by name, for those who come with a token."""
    request = Request(scope, receive)
    if not request.headers.get("authorization", "").startswith("Bearer "):
        answer = JSONResponse({}, 401)
    elif request.url.path == "/registry/v1/actors:names":
        known = {GROUP: "Kaigjengen", PERSON: "Kaptein Eksempel"}
        items = [
            {"id": one, "kind": "x", "label": known[one]} for one in request.query_params.getlist("ids") if one in known
        ]
        answer = JSONResponse({"items": items})
    else:
        items = [{"id": PERSON, "label": "Kaptein Eksempel"}] if request.query_params["q"] == "kaptein" else []
        answer = JSONResponse({"items": items, "next": None})
    await answer(scope, receive, send)
