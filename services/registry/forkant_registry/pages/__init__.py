"""The registry's pages: the same commands and reads as the API, drawn for a phone and a desktop."""

from forkant_registry.pages import (
    calendar,
    card,
    claim,
    conflicts,
    correction,
    identity,
    listing,
    observations,
    register,
)
from forkant_registry.pages.face import PAGES

# Addresses with a word come before those with an id in the same place.
ROUTERS = (
    listing.ROUTER,
    register.ROUTER,
    conflicts.ROUTER,
    calendar.ROUTER,
    observations.ROUTER,
    correction.ROUTER,
    identity.ROUTER,
    card.ROUTER,
    claim.ROUTER,
)

__all__ = ["PAGES", "ROUTERS"]
