"""The registry over HTTP: parse, call, answer."""

from forkant_registry.api import actors, calendar, claims, conflicts, identity, match, observations

# `actors:controls` has a word where an actor has its id.
ROUTERS = (
    observations.router,
    actors.router,
    match.router,
    claims.router,
    identity.router,
    conflicts.router,
    calendar.router,
)

__all__ = ["ROUTERS"]
