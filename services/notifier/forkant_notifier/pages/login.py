"""Logging in and out. The browser keeps a session with us, and carries a ten-minute token to every service.

Both cookies are `__Host-` and `Secure` in every mode: browsers count 127.0.0.1 as a safe place, so the embedded system
needs no weaker ones.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import sessions
from forkant_notifier.commands.desk import NotifierParts
from forkant_notifier.pages.face import PAGES
from forkant_notifier.store.sessions import BrowserSession
from forkant_shared.errors import Invalid, Unauthenticated
from forkant_shared.identity import COOKIE
from forkant_shared.service import PartsOf
from forkant_shared.sessions import TOKEN_LIFETIME
from forkant_shared.web import PageUser
from forkant_shared.web import form as web_form
from forkant_shared.web.forms import is_local

ROUTER = APIRouter(prefix="/auth", include_in_schema=False)
SESSION_COOKIE = "__Host-forkant-session"

Next = Annotated[str, Query(alias="next")]


def _local(url: str) -> str:
    return url if is_local(url) else "/"


def _put(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, secure=True, httponly=True, samesite="lax", path="/")


def _with_token(parts: NotifierParts, found: BrowserSession, response: Response) -> Response:
    _put(response, COOKIE, sessions.token_of(parts, found), int(TOKEN_LIFETIME.total_seconds()))
    return response


@ROUTER.get("/login", response_class=HTMLResponse)
async def login(request: Request, parts: PartsOf, to: Next = "/") -> Response:
    """The login page; a browser whose session still lives is sent on at once with a fresh token."""
    try:
        found = await sessions.session_of(parts, request.cookies.get(SESSION_COOKIE))
    except Unauthenticated:
        users = sessions.demo_users() if parts.settings.allows_development else []
        status = 200 if users else 503
        return PAGES.render(request, "login.html", status_code=status, users=users, next=_local(to))
    return _with_token(parts, found, RedirectResponse(_local(to), status_code=303))


@ROUTER.post("/login")
async def log_in(request: Request, parts: PartsOf) -> Response:
    """Begin a session as a demo user."""
    given = await web_form(request)
    user = given.get("user")
    if not isinstance(user, str) or not user:
        raise Invalid("Nobody was chosen.", field="user", remedy="Choose a user.")
    secret, begun = await sessions.begin_session(parts, user)
    response = _with_token(parts, begun, RedirectResponse(_local(str(given.get("next") or "/")), status_code=303))
    _put(response, SESSION_COOKIE, secret, parts.settings.session_hours * 3600)
    return response


@ROUTER.api_route("/refresh", methods=["GET", "POST"])
async def refresh(request: Request, parts: PartsOf, to: Next = "/") -> Response:
    """A fresh token while the session lives, then on; a form that was posted is posted again (307) with its words."""
    try:
        found = await sessions.session_of(parts, request.cookies.get(SESSION_COOKIE))
    except Unauthenticated:
        return RedirectResponse(f"/auth/login?next={quote(_local(to), safe='')}", status_code=303)
    status = 303 if request.method == "GET" else 307
    return _with_token(parts, found, RedirectResponse(_local(to), status_code=status))


@ROUTER.post("/logout")
async def log_out(request: Request, parts: PartsOf, who: PageUser) -> Response:
    """End the session everywhere. A token that has run out is renewed on the way, for the form belongs to a person."""
    await web_form(request)
    await sessions.end_session(parts, request.cookies.get(SESSION_COOKIE))
    response = RedirectResponse("/auth/login", status_code=303)
    for name in (COOKIE, SESSION_COOKIE):
        response.delete_cookie(name, secure=True, httponly=True, samesite="lax", path="/")
    return response
