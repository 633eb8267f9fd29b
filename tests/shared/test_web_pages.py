"""Pages as a browser gets them: headers, languages, the way to log in, and failures told to people."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import AsyncMock

import httpx2 as httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, UndefinedError
from joserfc.jwk import KeySet
from markupsafe import Markup
from starlette.responses import Response

from forkant_shared import problems
from forkant_shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from forkant_shared.identity import COOKIE, DESK, Issuer, TokenSigner, TokenVerifier
from forkant_shared.testing import FixedClock
from forkant_shared.web import Pages, PageUser, form, install, see_other

AT = datetime(2026, 11, 23, 20, 40, tzinfo=UTC)
HTML = {"accept": "text/html,application/xhtml+xml"}
ERRORS = {"invalid": Invalid, "forbidden": Forbidden, "missing": NotFound, "conflict": Conflict, "away": Unavailable}


@pytest.fixture(scope="module")
def signer() -> TokenSigner:
    return TokenSigner.with_new_key(DESK, FixedClock(AT))


@pytest.fixture
def app(signer: TokenSigner) -> FastAPI:
    clock = FixedClock(AT)
    app = FastAPI()
    keys = KeySet.import_key_set({"keys": [signer.public()]})
    issuer = Issuer(DESK, "unused", cookies=True, keys=keys, fetched_at=AT, tried_at=AT)
    app.state.parts = SimpleNamespace(
        clock=clock, tokens=TokenVerifier([issuer], clock), session_ended=AsyncMock(return_value=False)
    )
    app.state.trial = False
    problems.install(app)
    pages = Pages("forkant_shared.web", service="notifier")
    install(app, pages)

    @app.get("/notifier/hello", response_class=HTMLResponse)
    async def hello(request: Request, who: PageUser) -> HTMLResponse:
        return pages.render(request, "error.html", title="Noe gikk galt hos oss", advice=who.name, detail=None)

    @app.post("/notifier/hello")
    async def post(request: Request, who: PageUser) -> Response:
        given = await form(request)
        return see_other("/notifier/hello", notice=str(given["text"]))

    @app.get("/notifier/fails/{kind}")
    async def fails(kind: str) -> Response:
        raise ERRORS[kind]("It cannot be.", remedy="Do it otherwise.")

    @app.get("/notifier/v1/fails/{kind}")
    async def api_fails(kind: str) -> Response:
        raise ERRORS[kind]("It cannot be.", remedy="Do it otherwise.")

    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://forkant.test", headers=HTML) as client:
        yield client


@pytest.fixture
def kari(browser: httpx.AsyncClient, signer: TokenSigner) -> httpx.AsyncClient:
    """A browser in which the duty officer, whose name needs escaping, is logged in."""
    log_in(browser, signer, "duty.officer", "Kari <Vakt>")
    return browser


def log_in(browser: httpx.AsyncClient, signer: TokenSigner, user: str, name: str, session: str = "s1") -> None:
    value = signer.person(user, name=name, roles=["duty.officer"], lifetime=timedelta(minutes=10), session_id=session)
    browser.cookies.set(COOKIE, value, domain="forkant.test")


def csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def test_a_page_carries_a_strict_policy_with_a_nonce_of_its_own(kari: httpx.AsyncClient) -> None:
    first, second = await kari.get("/notifier/hello"), await kari.get("/notifier/hello")
    nonces = []
    for page in (first, second):
        policy = page.headers["content-security-policy"]
        nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
        assert nonce
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert set(re.findall(r'<script nonce="([^"]+)"', page.text)) == {nonce[1]}
        nonces.append(nonce[1])
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
    assert nonces[0] != nonces[1]


async def test_a_name_is_escaped(kari: httpx.AsyncClient) -> None:
    page = await kari.get("/notifier/hello")
    assert "Kari &lt;Vakt&gt;" in page.text
    assert "<Vakt>" not in page.text


async def test_the_trial_banner_is_on_every_page_of_a_trial_and_on_no_other(
    app: FastAPI, kari: httpx.AsyncClient
) -> None:
    assert "fk-trial" not in (await kari.get("/notifier/hello")).text
    app.state.trial = True
    assert "fk-trial" in (await kari.get("/notifier/hello")).text
    assert "fk-trial" in (await kari.get("/notifier/fails/missing")).text


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("", "nb"),
        ("en-GB,en;q=0.8", "en"),
        ("de, en;q=0.5, nb;q=0.9", "nb"),
        ("nn", "nb"),
        ("fr", "nb"),
        ("en;q=0, no", "nb"),
        ("en;q=much", "nb"),
    ],
)
async def test_the_browser_is_answered_in_the_language_it_asks_for(
    kari: httpx.AsyncClient, asked: str, got: str
) -> None:
    page = await kari.get("/notifier/hello", headers={"accept-language": asked})
    assert f'<html lang="{got}"' in page.text
    assert ("Noe gikk galt hos oss" in page.text) == (got == "nb")
    assert ("Something went wrong on our side" in page.text) == (got == "en")


async def test_a_chosen_language_is_remembered_and_leaves_the_address(kari: httpx.AsyncClient) -> None:
    answer = await kari.get("/notifier/hello?a=1&lang=en&b=%C3%A5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifier/hello?a=1&b=%C3%A5")
    page = await kari.get("/notifier/hello", headers={"accept-language": "nb"})
    assert '<html lang="en"' in page.text


async def test_a_language_we_do_not_have_and_a_theme_we_do_not_know_change_nothing(kari: httpx.AsyncClient) -> None:
    answer = await kari.get("/notifier/hello?lang=xx&theme=pink")
    assert answer.status_code == 200
    assert "forkant-language" not in kari.cookies and "forkant-theme" not in kari.cookies


async def test_choosing_a_theme_never_leads_to_another_host(kari: httpx.AsyncClient) -> None:
    answer = await kari.get("https://forkant.test//evil.test/?theme=dark")
    assert answer.headers["location"].startswith("/evil.test")


async def test_without_a_login_a_page_sends_the_browser_to_log_in_and_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/notifier/hello?a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/login?next=%2Fnotifier%2Fhello%3Fa%3D1")


async def test_an_old_token_is_no_login(app: FastAPI, kari: httpx.AsyncClient) -> None:
    app.state.parts.clock.advance(timedelta(minutes=11))
    assert (await kari.get("/notifier/hello")).status_code == 303


async def test_a_session_that_has_ended_is_no_login(app: FastAPI, kari: httpx.AsyncClient) -> None:
    app.state.parts.session_ended.return_value = True
    assert (await kari.get("/notifier/hello")).status_code == 303


async def test_what_is_posted_after_ten_minutes_travels_on_through_the_refresh(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/notifier/hello", data={"text": "x"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/auth/refresh?next=%2Fnotifier%2Fhello")


async def test_a_part_of_a_page_sends_the_whole_page_to_log_in(browser: httpx.AsyncClient) -> None:
    asked = {"hx-request": "true", "hx-current-url": "https://forkant.test/threat-watch/threats?a=1"}
    answer = await browser.get("/notifier/hello", headers=asked)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/auth/login?next=%2Fthreat-watch%2Fthreats%3Fa%3D1"


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("invalid", 422, "Noe i skjemaet mangler eller er feil"),
        ("forbidden", 403, "Du har ikke tilgang til dette"),
        ("missing", 404, "Vi finner ikke siden"),
        ("conflict", 409, "Dette går ikke nå"),
        ("away", 503, "Noe vi trenger er nede akkurat nå"),
        ("bug", 500, "Noe gikk galt hos oss"),
    ],
)
async def test_a_browser_is_told_what_happened_and_what_to_do(
    browser: httpx.AsyncClient, kind: str, status: int, sentence: str
) -> None:
    page = await browser.get(f"/notifier/fails/{kind}")
    assert page.status_code == status
    assert f'<h1 class="ds-heading" data-size="lg">{sentence}</h1>' in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "Traceback" not in page.text


async def test_machines_keep_getting_problems(browser: httpx.AsyncClient) -> None:
    for address, accept in (("/notifier/v1/fails/missing", "text/html"), ("/notifier/fails/missing", "*/*")):
        answer = await browser.get(address, headers={"accept": accept})
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_part_that_fails_is_a_notice_and_not_a_page_within_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/notifier/fails/missing", headers={"hx-request": "true"})
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


async def test_a_form_from_our_own_page_is_taken_and_its_notice_shown_once(kari: httpx.AsyncClient) -> None:
    token = csrf(await kari.get("/notifier/hello"))
    answer = await kari.post("/notifier/hello", data={"csrf": token, "text": "Lagret å"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifier/hello")
    assert "Lagret å" in (await kari.get("/notifier/hello")).text
    assert "Lagret å" not in (await kari.get("/notifier/hello")).text


@pytest.mark.parametrize("token", [None, "", "x", "x.y", "å.æ", "."])
async def test_a_form_without_a_true_token_is_refused(kari: httpx.AsyncClient, token: str | None) -> None:
    await kari.get("/notifier/hello")
    data = {"text": "x"} | ({} if token is None else {"csrf": token})
    assert (await kari.post("/notifier/hello", data=data)).status_code == 403


async def test_a_token_is_worth_nothing_in_another_browser(kari: httpx.AsyncClient) -> None:
    token = csrf(await kari.get("/notifier/hello"))
    kari.cookies.delete("__Host-forkant-form", domain="forkant.test")
    await kari.get("/notifier/hello")
    assert (await kari.post("/notifier/hello", data={"csrf": token, "text": "x"})).status_code == 403
    kari.cookies.delete("__Host-forkant-form", domain="forkant.test")
    assert (await kari.post("/notifier/hello", data={"csrf": token, "text": "x"})).status_code == 403


@pytest.mark.parametrize(("user", "session"), [("duty.leader", "s1"), ("duty.officer", "s2")])
async def test_a_token_is_worth_nothing_in_another_session(
    kari: httpx.AsyncClient, signer: TokenSigner, user: str, session: str
) -> None:
    token = csrf(await kari.get("/notifier/hello"))
    kari.cookies.delete(COOKIE, domain="forkant.test")
    log_in(kari, signer, user, "Somebody", session)
    assert (await kari.post("/notifier/hello", data={"csrf": token, "text": "x"})).status_code == 403


async def test_a_token_outlives_the_renewal_of_the_login(kari: httpx.AsyncClient, signer: TokenSigner) -> None:
    token = csrf(await kari.get("/notifier/hello"))
    kari.cookies.delete(COOKIE, domain="forkant.test")
    log_in(kari, signer, "duty.officer", "Kari")
    assert (await kari.post("/notifier/hello", data={"csrf": token, "text": "x"})).status_code == 303


async def test_the_form_key_comes_along_when_a_link_from_elsewhere_is_followed(kari: httpx.AsyncClient) -> None:
    # Strict would leave it out; a new key would then make every form already open in this browser worthless.
    page = await kari.get("/notifier/hello")
    cookie = next(value for value in page.headers.get_list("set-cookie") if "forkant-form" in value)
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "forkant-form" not in (await kari.get("/notifier/hello")).headers.get("set-cookie", "")


async def test_a_form_sent_by_another_site_is_refused_even_with_a_token(kari: httpx.AsyncClient) -> None:
    token = csrf(await kari.get("/notifier/hello"))
    sent = await kari.post(
        "/notifier/hello", data={"csrf": token, "text": "x"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert sent.status_code == 403


async def test_a_form_address_takes_no_json(kari: httpx.AsyncClient) -> None:
    assert (await kari.post("/notifier/hello", json={"csrf": "x"})).status_code == 422


@pytest.mark.parametrize("url", ["https://evil.test/", "//evil.test", "/\\evil.test", "evil", "/a\r\nb: c"])
def test_a_redirect_stays_inside(url: str) -> None:
    with pytest.raises(ValueError, match="inside"):
        see_other(url)


async def test_a_file_is_kept_for_ever_by_its_hash_and_for_a_day_without(kari: httpx.AsyncClient) -> None:
    page = (await kari.get("/notifier/hello")).text
    addresses = re.findall(r'(?:href|src)="(/notifier/static/[^"]+)"', page)
    assert len(addresses) == 9
    for address in addresses:
        answer = await kari.get(address)
        assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)
    plain = await kari.get(addresses[0].partition("?")[0])
    assert "immutable" not in plain.headers["cache-control"]


@pytest.mark.parametrize("name", ["SOURCES.md", "none.css", "..%2fpages.py", "%2e%2e/pages.py"])
async def test_nothing_else_is_served(kari: httpx.AsyncClient, name: str) -> None:
    assert (await kari.get(f"/notifier/static/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("{{ _(text) }}", "&lt;b&gt; 100 %"),
        ("{{ _('Hei %(name)s', name=text) }}", "Hei &lt;b&gt; 100 %"),
        ("{{ _('Se <%(link)s>', link=link) }}", "Se &lt;<a>x</a>&gt;"),
        ("{{ _('50 %%') }}", "50 %"),
        ("{{ ngettext('%(num)d <side>', '%(num)d sider', 1) }}", "1 &lt;side&gt;"),
        ("{{ ngettext('%(num)d side', '%(num)d sider', 2) }}", "2 sider"),
        ("{{ m.badge(text) }}", '<span class="fk-badge fk-state" data-color="neutral">&lt;b&gt; 100 %</span>'),
    ],
)
def test_texts_and_what_is_filled_into_them_are_escaped(app: FastAPI, source: str, drawn: str) -> None:
    pages = Pages("forkant_shared.web", service="notifier")
    pages.env.loader = DictLoader({"page.html": source})
    request = Request({"type": "http", "app": app, "headers": [], "path": "/", "query_string": b"", "method": "GET"})
    answer = pages.render(request, "page.html", text="<b> 100 %", link=Markup("<a>x</a>"))
    assert bytes(answer.body).decode().strip() == drawn


def test_a_name_nobody_passed_is_an_error_and_not_a_gap(app: FastAPI) -> None:
    pages = Pages("forkant_shared.web", service="notifier")
    pages.env.loader = DictLoader({"page.html": "{{ nobody_passed_this }}"})
    request = Request({"type": "http", "app": app, "headers": [], "path": "/", "query_string": b"", "method": "GET"})
    with pytest.raises(UndefinedError):
        pages.render(request, "page.html")
