"""The web kit: pages drawn on the server, in bokmål and English, under a strict content security policy.

pages = Pages(__package__, service="meetings")          # templates: the service's own, then the kit's
web.install(app, pages)                                 # headers, static files, error pages, login redirect

@router.get("/meetings/", response_class=HTMLResponse)
async def front(request: Request, who: PageUser) -> HTMLResponse:
    return pages.render(request, "front.html", dialogues=...)
"""

from forkant_shared.web.catalogue import missing_translations
from forkant_shared.web.forms import FORM_FIELD, csrf_token, form, see_other
from forkant_shared.web.install import install
from forkant_shared.web.language import N_, language_of
from forkant_shared.web.login import PageUser, SignInNeeded, page_user
from forkant_shared.web.pages import Pages, wants_fragment

__all__ = [
    "FORM_FIELD",
    "N_",
    "PageUser",
    "Pages",
    "SignInNeeded",
    "csrf_token",
    "form",
    "install",
    "language_of",
    "missing_translations",
    "page_user",
    "see_other",
    "wants_fragment",
]
