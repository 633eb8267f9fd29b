"""The notifier's API: parse, call, answer. One file a noun."""

from __future__ import annotations

from fastapi import APIRouter

from forkant_notifier.api import (
    auth,
    calendar,
    calls,
    check_in,
    drills,
    duty,
    figures,
    gateways,
    handovers,
    pages,
    paging_policies,
    partner_subscriptions,
    people,
    rotas,
    sandbox,
    subscriptions,
    swaps,
)
from forkant_notifier.settings import Settings


def routers(settings: Settings) -> list[APIRouter]:
    """What this start answers: tokens for made-up users and fake phones only where they are allowed."""
    found = [
        pages.ROUTER,
        duty.ROUTER,
        calendar.ROUTER,
        rotas.ROUTER,
        people.ROUTER,
        swaps.ROUTER,
        check_in.ROUTER,
        handovers.ROUTER,
        drills.ROUTER,
        figures.ROUTER,
        calls.ROUTER,
        gateways.ROUTER,
        paging_policies.ROUTER,
        subscriptions.ROUTER,
        partner_subscriptions.ROUTER,
        auth.ROUTER,
    ]
    if settings.allows_development:
        found += [auth.DEVELOPMENT_ROUTER, sandbox.ROUTER]
    return found
