"""The signed answer link: opening it shows a page and changes nothing, for phones fetch links by themselves."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from forkant_notifier.commands import answering, reading
from forkant_notifier.domain.answers import Answer
from forkant_notifier.pages.face import PAGES, STATES
from forkant_shared.errors import Invalid
from forkant_shared.service import PartsOf
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/answer", include_in_schema=False)


@ROUTER.get("/{token}", response_class=HTMLResponse)
async def show(request: Request, parts: PartsOf, token: str) -> HTMLResponse:
    """Code, lane and three buttons; nothing else leaves without a login."""
    page = await reading.page_of_link(parts, token)
    return PAGES.render(request, "answer.html", page=page, token=token, states=STATES, said=None)


@ROUTER.post("/{token}", response_class=HTMLResponse)
async def answer(request: Request, parts: PartsOf, token: str) -> HTMLResponse:
    chosen = str((await web_form(request)).get("answer"))
    if chosen not in set(Answer):
        raise Invalid("There is no such answer.", field="answer")
    page = await answering.answer_by_link(parts, token, Answer(chosen))
    return PAGES.render(request, "answer.html", page=page, token=token, states=STATES, said=Answer(chosen))
