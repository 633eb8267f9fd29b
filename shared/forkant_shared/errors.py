"""Errors have kinds, and the kind decides what happens.

    ForkantError
    ├── Invalid          422   dead letter at once
    ├── Unauthenticated  401   dead letter at once
    ├── Forbidden        403   dead letter at once
    ├── NotFound         404   a few retries (may be out of order), then dead letter
    ├── Conflict         409   retry at once, then dead letter
    │   └── Stale        412   the caller's version is old
    ├── TooLarge         413   dead letter at once
    └── Unavailable      503   pause and retry for ever

Anything else is a bug: 500 without a trace to the caller; a consumer tries five times and then parks the key.
`detail`, `field` and `remedy` are shown to strangers: never a name, never the text of a report.
"""

from __future__ import annotations

from typing import Self


class ForkantError(Exception):
    """Something a caller can understand: what is wrong, where (`field`, a path as `grading.source`), what helps."""

    status = 500
    title = "Error"

    def __init__(self, detail: str, *, field: str | None = None, remedy: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.remedy = remedy
        #: The action that was refused by the access policy, until the refusal is in the audit log.
        self.refused_action: str | None = None

    def refusing(self, action: str) -> Self:
        """The same error, as the access policy's refusal of this action."""
        self.refused_action = action
        return self


class Invalid(ForkantError):
    """The wish itself is wrong; the same wish will never succeed."""

    status = 422
    title = "Invalid"


class Unauthenticated(ForkantError):
    """Nobody has said who is asking, or the token does not hold."""

    status = 401
    title = "Not signed in"


class Forbidden(ForkantError):
    """We know who asks, and the answer is no."""

    status = 403
    title = "Not allowed"


class NotFound(ForkantError):
    """There is no such thing, or the one who asks is not allowed to know: the same answer for both."""

    status = 404
    title = "Not found"


class Conflict(ForkantError):
    """The wish was fine, but the thing is in another state than the wish needs."""

    status = 409
    title = "Conflict"


class Stale(Conflict):
    """The caller decided on an old version; read it again first."""

    status = 412
    title = "Changed by somebody else"


class TooLarge(ForkantError):
    """More than one request may carry."""

    status = 413
    title = "Too large"


class Unavailable(ForkantError):
    """Something we depend on is away; the same wish may succeed in `retry_after` seconds."""

    status = 503
    title = "Unavailable"

    def __init__(
        self, detail: str, *, field: str | None = None, remedy: str | None = None, retry_after: int = 5
    ) -> None:
        super().__init__(detail, field=field, remedy=remedy)
        self.retry_after = retry_after
