"""Forms: a token that only our own pages know, and the redirect that follows a post.

The browser holds a random `__Host-forkant-form` cookie (no other site and no subdomain can set one). A form
carries an HMAC made with that cookie as key, over a nonce, who is signed in and in which session. So a token is
worth nothing in another browser or after another person has signed in, it survives the ten-minute renewal of the
access token, and any instance of any service can check it without a shared secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse

from forkant_shared.errors import Forbidden, Invalid

FORM_FIELD = "csrf"
FORM_COOKIE = "__Host-forkant-form"
NOTICE_COOKIE = "__Host-forkant-notice"
_REMEDY = "Open the page again and send the form from there."


def form_key(request: Request) -> tuple[str, bool]:
    """The browser's form key, and whether it is new and has to be set as a cookie."""
    known = request.cookies.get(FORM_COOKIE)
    if known:
        return known, False
    fresh: str | None = getattr(request.state, "form_key", None)
    if fresh is None:
        fresh = request.state.form_key = secrets.token_urlsafe(32)
    return fresh, True


def csrf_token(request: Request) -> str:
    """A token for one form, for this browser and the person signed in now."""
    key, _ = form_key(request)
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{_seal(key, nonce, _who(request))}"


async def form(request: Request, *, files: int = 0) -> FormData:
    """The posted form, with at most so many files. Raises Forbidden when it does not come from our own page, Invalid
    when it is no form."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Forbidden("The form was sent from another site.", field=FORM_FIELD, remedy=_REMEDY)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Invalid("This address takes a form.", remedy="Send application/x-www-form-urlencoded.")
    data = await request.form(max_files=files, max_fields=200)
    key, token = request.cookies.get(FORM_COOKIE), data.get(FORM_FIELD)
    nonce, _, seal = token.partition(".") if isinstance(token, str) else ("", "", "")
    if not key or not hmac.compare_digest(seal.encode(), _seal(key, nonce, _who(request)).encode()):
        raise Forbidden("The form's token is missing or old.", field=FORM_FIELD, remedy=_REMEDY)
    return data


def _who(request: Request) -> str:
    principal = getattr(request.state, "principal", None)
    return "" if principal is None else f"{principal.subject}|{principal.session_id or ''}"


def _seal(key: str, nonce: str, who: str) -> str:
    return hmac.new(key.encode(), f"{nonce}|{who}".encode(), hashlib.sha256).hexdigest()


def see_other(url: str, *, notice: str | None = None) -> RedirectResponse:
    """Sends the browser to `url` (a path of ours) after a post, with a notice that the next page shows once.

    `notice` is a fixed text marked with `N_`, never one made from what somebody wrote.
    """
    if not is_local(url):
        raise ValueError("a redirect stays inside Forkant")
    response = RedirectResponse(url, status_code=303)
    if notice is not None:
        response.set_cookie(
            NOTICE_COOKIE, quote(notice), max_age=60, secure=True, httponly=True, samesite="lax", path="/"
        )
    return response


def is_local(url: str) -> bool:
    """Whether the address is a path on this host, also as a careless browser reads it."""
    return url.startswith("/") and not url.startswith(("//", "/\\")) and not any(c in url for c in "\r\n\t")
