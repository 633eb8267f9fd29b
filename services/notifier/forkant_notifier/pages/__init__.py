"""The duty desk's pages: the same commands and reads as the API, drawn for a phone at three in the morning."""

from __future__ import annotations

from fastapi import APIRouter

from forkant_notifier.pages import (
    answer,
    board,
    calls,
    check_in,
    drills,
    duty,
    figures,
    handover,
    login,
    offline,
    page,
    people,
    phone,
    policies,
    reach,
    rotas,
    routes,
    subscriptions,
)
from forkant_notifier.pages.face import PAGES
from forkant_notifier.settings import Settings

__all__ = ["PAGES", "routers"]


def routers(settings: Settings) -> list[APIRouter]:
    """What a browser may open; the fake phone only where there are fake phones."""
    found = [board.ROUTER, page.ROUTER, check_in.ROUTER, rotas.ROUTER, people.ROUTER, duty.ROUTER, handover.ROUTER]
    found += [drills.ROUTER, figures.ROUTER, routes.ROUTER, reach.ROUTER, calls.ROUTER, answer.ROUTER, login.ROUTER]
    found += [policies.ROUTER, offline.ROUTER]
    found.append(subscriptions.ROUTER)
    if settings.allows_development:
        found.append(phone.ROUTER)
    return found
