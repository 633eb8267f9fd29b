"""What an error of the database means to whoever asked: it is away, it is full, two got in each other's way."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from forkant_shared.errors import Conflict, ForkantError, Unavailable

FULL = frozenset({"SQLITE_FULL", "53100"})
NO_ROOM = (
    "There is no room left in the database: nothing of this was stored. Tell operations to make room, then try again."
)

#: SQLSTATE of two transactions that waited for each other, or could not be put in an order.
CROSSED = frozenset({"40P01", "40001"})


def meaning(error: DBAPIError | TimeoutError) -> ForkantError | None:
    """The error to tell instead; None where it is a bug of ours, which waiting does not mend."""
    code = _code(error)
    if isinstance(error, OperationalError | InterfaceError | TimeoutError):
        # Drivers also call a wrong statement and a broken limit operational.
        if code.startswith("54") or code == "SQLITE_ERROR":
            return None
    elif not getattr(error, "connection_invalidated", False):
        return None
    if code in CROSSED:
        return Conflict("Somebody else changed the same things at the same moment.", remedy="Try again.")
    if code in FULL:
        return Unavailable(NO_ROOM, retry_after=30)
    return Unavailable("The database does not answer just now.")


def _code(error: Exception) -> str:
    """What the driver calls it."""
    orig = getattr(error, "orig", None)
    return str(getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", ""))
