"""Draws a page: the service's templates first, then the kit's, with the words and times of the one who looks."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from forkant_shared.web import charts, labels, static_files, times
from forkant_shared.web.forms import FORM_COOKIE, FORM_FIELD, NOTICE_COOKIE, csrf_token, form_key
from forkant_shared.web.headers import THEME_COOKIE, THEMES
from forkant_shared.web.language import Words, language_of, words_for
from forkant_shared.web.navigation import doors


@dataclass(frozen=True)
class _View:
    """What one drawing knows of the one who looks. Macros have no context of their own, so it travels here."""

    request: Request
    language: str
    words: Words
    now: datetime
    service: str


_current: ContextVar[_View] = ContextVar("forkant-view")


class Pages:
    """The pages of one service. `package` holds `templates/` and `locale/`; `service` is its prefix, as `meetings`."""

    def __init__(self, package: str, service: str) -> None:
        self.service = service
        self._package = package

    @cached_property
    def env(self) -> Environment:
        """The templates; read when the first page is drawn, because a start must not wait for them."""
        return _environment(self._package)

    @cached_property
    def _words(self) -> dict[str, Words]:
        return words_for(self._package)

    def render(self, request: Request, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        """The page as an answer. Beside `context` a template knows `user` (Principal or None), `path`, `language`,
        `theme`, `trial`, `notice`, `nonce`, `service` and the functions and filters named in `_environment`.
        `language` in `context` draws it in that language, whatever the browser asks for."""
        language = context.pop("language", None) or language_of(request)
        view = _View(request, language, self._words[language], _now(request), self.service)
        fragment = context.pop("fragment", wants_fragment(request))
        given = {
            "user": getattr(request.state, "principal", None),
            "path": request.url.path,
            "language": language,
            "theme": _theme(request),
            "trial": bool(getattr(request.app.state, "trial", False)),
            "notice": None if fragment else unquote(request.cookies.get(NOTICE_COOKIE, "")) or None,
            "nonce": getattr(request.state, "nonce", ""),
            "service": self.service,
            "fragment": fragment,
            "now": view.now,
        }
        token = _current.set(view)
        try:
            text = self.env.get_template(template).render(given | context)
        finally:
            _current.reset(token)
        response = HTMLResponse(text, status_code=status_code)
        response.headers["content-language"] = language
        response.headers["vary"] = "Cookie, Accept-Language"
        _keep_cookies(request, response, notice_shown=given["notice"] is not None)
        return response


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page, so that the layout is left out."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def _keep_cookies(request: Request, response: HTMLResponse, *, notice_shown: bool) -> None:
    if getattr(request.state, "form_key", None):
        key, _ = form_key(request)
        response.set_cookie(FORM_COOKIE, key, secure=True, httponly=True, samesite="lax", path="/")
    if notice_shown:
        response.delete_cookie(NOTICE_COOKIE, secure=True, httponly=True, samesite="lax", path="/")


def _theme(request: Request) -> str:
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def _now(request: Request) -> datetime:
    parts = getattr(request.app.state, "parts", None)
    return datetime.now(UTC) if parts is None else parts.clock.now()


def _environment(package: str) -> Environment:
    loaders = [PackageLoader("forkant_shared.web")]
    if package != "forkant_shared.web":
        loaders.insert(0, PackageLoader(package))
    env = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    env.filters.update(_filters())
    env.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=_ngettext,
        csrf_field=_csrf_field,
        doors=doors,
        static=lambda name: static_files.address(_current.get().service, name),
        this_page_with=_this_page_with,
        waterfall_of=charts.waterfall,
        band_of=charts.band,
        time_axis=lambda *given, **named: charts.time_axis(*given, **named),
        labels=labels,
        view_now=lambda: _current.get().now,
    )
    # Macros read nothing but globals, so one copy serves every template without an import.
    env.globals["m"] = env.get_template("macros.html").module
    return env


def _filters() -> dict[str, Callable[..., Any]]:
    return {
        "local_time": _moment(lambda at, view: times.local_time(at, view.now, view.language)),
        "short_time": _moment(lambda at, view: times.short_time(at, view.language)),
        "clock_time": _moment(lambda at, view: times.clock_time(at, view.language)),
        "local_date": _moment(lambda at, view: times.local_date(at, view.language)),
        "relative_time": _moment(lambda at, view: times.relative_time(at, view.now, view.language)),
        "countdown": _moment(lambda at, view: times.countdown(at, view.now)),
        "number": lambda value, digits=0: times.number(value, digits, _current.get().language),
        "signed": lambda value, digits=2: times.number(value, digits, _current.get().language, signed=True),
    }


def _moment(draw: Callable[[Any, _View], Markup]) -> Callable[[datetime | date | str | None], Markup]:
    """Takes an aware datetime, a date, RFC 3339 text as our JSON has it, or nothing (drawn as a dash)."""

    def draw_any(value: datetime | date | str | None) -> Markup:
        if value is None:
            return Markup("–")
        if isinstance(value, str):
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        return draw(value, _current.get())

    return draw_any


def _gettext(message: str, **values: Any) -> str:
    """The text in the language of the one who looks, with `%(name)s` filled in; a plain % is written %%.

    A text is text: what it holds is escaped where it is drawn, unlike with Jinja's own extension, which takes
    every message for markup, also one that came from a variable.
    """
    return _filled(_current.get().words.gettext(message), values)


def _ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """The same, in the form for this number, which fills in `%(num)d`."""
    return _filled(_current.get().words.ngettext(singular, plural, number), {"num": number, **values})


def _filled(text: str, values: dict[str, Any]) -> str:
    if any(isinstance(value, Markup) for value in values.values()):
        return Markup("{}").format(text) % values
    return text % values if values or "%%" in text else text


def _csrf_field() -> Markup:
    token = csrf_token(_current.get().request)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_FIELD, token)


def _this_page_with(**changes: str) -> str:
    """The address of this page with these query parameters set, as for the language switch."""
    request = _current.get().request
    return f"{request.url.path}?{urlencode({**request.query_params, **changes})}"
