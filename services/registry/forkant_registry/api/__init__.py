"""The registry over HTTP: parse, call, answer."""

from forkant_registry.api import actors, calendar, claims, conflicts

ROUTERS = (actors.router, claims.router, conflicts.router, calendar.router)

__all__ = ["ROUTERS"]
