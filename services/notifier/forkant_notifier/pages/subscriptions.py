"""Abonnementer: what partners have asked to be told, how their endpoints are doing, and how we step in."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from forkant_notifier.commands import subscribing
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.commands.subscribing import as_administrator, as_reader
from forkant_notifier.domain.endpoint import shown
from forkant_notifier.domain.webhooks import DeliveryState, Disabled
from forkant_notifier.pages.face import PAGES, moment_in_oslo
from forkant_shared.access import policy
from forkant_shared.errors import Conflict, Invalid
from forkant_shared.identity import Principal
from forkant_shared.service import PartsOf
from forkant_shared.web import N_, PageUser, see_other
from forkant_shared.web import form as web_form

ROUTER = APIRouter(prefix="/notifier/subscriptions", include_in_schema=False)

SHOWN = 20
TYPES = {
    "situation-updated": N_("Nytt situasjonsbilde"),
    "ping": N_("Prøve"),
}
REASONS = {
    Disabled.OWNER: N_("Slått av av partneren"),
    Disabled.ADMINISTRATOR: N_("Slått av av oss"),
    Disabled.GONE: N_("Mottakeren sa at adressen er nedlagt"),
    Disabled.FAILING: N_("Har sviktet for lenge"),
}
STATES = {
    DeliveryState.DUE: (N_("Prøves igjen"), "info"),
    DeliveryState.LEASED: (N_("Sendes nå"), "info"),
    DeliveryState.WAITING: (N_("På vent"), "warning"),
    DeliveryState.DELIVERED: (N_("Levert"), "success"),
    DeliveryState.GIVEN_UP: (N_("Gitt opp"), "danger"),
}
CAUSES = {
    "TIMEOUT": N_("svarte ikke i tide"),
    "NO_CONNECTION": N_("ingen forbindelse"),
    "CONNECTION_CUT": N_("forbindelsen ble brutt"),
    "TLS_FAILED": N_("sertifikatet kunne ikke godtas"),
    "NAME_NOT_FOUND": N_("navnet finnes ikke"),
    "ADDRESS_NOT_ALLOWED": N_("navnet peker dit vi ikke sender"),
    "SECRET_UNREADABLE": N_("hemmeligheten kan ikke åpnes, partneren må bytte den"),
    "WAITED_TOO_LONG": N_("ventet for lenge på at abonnementet skulle slås på"),
}


@ROUTER.get("", response_class=HTMLResponse)
async def listed(request: Request, parts: PartsOf, who: PageUser, after: UUID | None = None) -> HTMLResponse:
    found = await subscribing.list_subscriptions(
        parts, as_reader(who), limit=SHOWN, after=str(after) if after else None
    )
    path = "/notifier/subscriptions"
    return PAGES.render(
        request,
        "subscriptions.html",
        views=found,
        shown=shown,
        types=TYPES,
        reasons=REASONS,
        first=path if after else None,
        next=f"{path}?after={found[-1].subscription.id}" if len(found) == SHOWN else None,
    )


@ROUTER.get("/{subscription_id}", response_class=HTMLResponse)
async def show(
    request: Request, parts: PartsOf, who: PageUser, subscription_id: UUID, before: UUID | None = None
) -> HTMLResponse:
    return await _one(request, parts, who, str(subscription_id), before=str(before) if before else None)


@ROUTER.post("/{subscription_id}/disable", response_class=HTMLResponse)
async def disable(request: Request, parts: PartsOf, who: PageUser, subscription_id: UUID) -> Response:
    asker = as_administrator(who)
    await web_form(request)
    try:
        await subscribing.stop(parts, asker, str(subscription_id))
    except Conflict:
        return await _changed(request, parts, who, str(subscription_id))
    return _back(subscription_id, N_("Abonnementet er slått av. Det som kommer, venter."))


@ROUTER.post("/{subscription_id}/enable", response_class=HTMLResponse)
async def enable(request: Request, parts: PartsOf, who: PageUser, subscription_id: UUID) -> Response:
    asker = as_administrator(who)
    await web_form(request)
    try:
        await subscribing.start(parts, asker, str(subscription_id))
    except Conflict:
        return await _changed(request, parts, who, str(subscription_id))
    return _back(subscription_id, N_("Abonnementet er slått på. Det som ventet, sendes nå."))


@ROUTER.post("/{subscription_id}/replay", response_class=HTMLResponse)
async def replay(request: Request, parts: PartsOf, who: PageUser, subscription_id: UUID) -> Response:
    """One delivery, or everything since a time."""
    asker, given = as_administrator(who), await web_form(request)
    try:
        if "delivery" in given:
            delivery_id = _uuid(str(given.get("delivery")))
            await subscribing.replay_one(parts, asker, str(subscription_id), delivery_id)
            return _back(subscription_id, N_("Leveringen sendes på nytt."))
        since = moment_in_oslo(str(given.get("since")))
        if since is None:
            said = N_("Skriv når det skal sendes fra.")
            return await _one(request, parts, who, str(subscription_id), error=said, status=422)
        await subscribing.replay_since(parts, asker, str(subscription_id), since)
    except Invalid:
        said = N_("Velg et tidspunkt som har vært, og som vi ennå har leveringer fra.")
        return await _one(request, parts, who, str(subscription_id), error=said, status=422)
    except Conflict:
        return await _changed(request, parts, who, str(subscription_id))
    return _back(subscription_id, N_("Leveringene sendes på nytt."))


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise Invalid("This is no id.", field="delivery", remedy="Choose one from the list.") from None


def _back(subscription_id: UUID, notice: str) -> RedirectResponse:
    return see_other(f"/notifier/subscriptions/{subscription_id}", notice=notice)


async def _changed(request: Request, parts: NotifierParts, who: Principal, subscription_id: str) -> HTMLResponse:
    said = N_("Det har endret seg siden du åpnet siden. Se hvordan det står nå.")
    return await _one(request, parts, who, subscription_id, warning=said, status=409)


async def _one(
    request: Request,
    parts: NotifierParts,
    who: Principal,
    subscription_id: str,
    *,
    before: str | None = None,
    error: str | None = None,
    warning: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    asker = as_reader(who)
    view = await subscribing.read_subscription(parts, asker, subscription_id)
    found = await subscribing.list_deliveries(parts, asker, subscription_id, limit=SHOWN, before=before)
    path = f"/notifier/subscriptions/{subscription_id}"
    return PAGES.render(
        request,
        "subscription.html",
        status_code=status,
        view=view,
        deliveries=found,
        shown=shown,
        types=TYPES,
        reasons=REASONS,
        states=STATES,
        causes=CAUSES,
        rules=desk_of(parts).webhooks.rules,
        may_manage=policy.allows(who, subscribing.MANAGE),
        error=error,
        warning=warning,
        first=path if before else None,
        next=f"{path}?before={found[-1].id}" if len(found) == SHOWN else None,
    )
