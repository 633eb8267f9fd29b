"""Who opens a page: the same dependency as for an API, but a browser is sent to log in."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forkant_shared.errors import Unauthenticated
from forkant_shared.identity import Principal, signed_in
from forkant_shared.web.forms import is_local


class SignInNeeded(Exception):
    """A page was opened without a valid cookie; answered with a redirect."""


async def page_user(request: Request) -> Principal:
    """The person who opens the page; without a valid cookie the browser is sent to log in and back again."""
    try:
        principal = await signed_in(request)
    except Unauthenticated as refusal:
        raise SignInNeeded from refusal
    request.state.principal = principal
    return principal


PageUser = Annotated[Principal, Depends(page_user)]


async def send_to_login(request: Request, refusal: Exception) -> Response:
    """To `/auth/login`, and back to the same page. A post goes to `/auth/refresh` with its body (307), so that
    nobody loses what she wrote because ten minutes went by."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.headers.get("hx-request"):
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        here = shown.path + (f"?{shown.query}" if shown.query else "")
        here = here if is_local(here) else "/"
        return Response(status_code=401, headers={"hx-redirect": f"/auth/login?next={quote(here, safe='')}"})
    if request.method in ("GET", "HEAD"):
        return RedirectResponse(f"/auth/login?next={quote(here, safe='')}", status_code=303)
    return RedirectResponse(f"/auth/refresh?next={quote(here, safe='')}", status_code=307)
