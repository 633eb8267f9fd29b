"""The registry's pages: the same commands and reads as the API, drawn for a phone and a desktop."""

from forkant_registry.pages import card, claim, listing, register
from forkant_registry.pages.face import PAGES

ROUTERS = (listing.ROUTER, register.ROUTER, card.ROUTER, claim.ROUTER)

__all__ = ["PAGES", "ROUTERS"]
