"""A browser that takes a push, and what a push carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

#: The address of a person whose browsers take pushes: which browsers is looked up when it is sent.
PREFIX = "webpush:"


@dataclass(frozen=True, slots=True)
class Subscription:
    """`key` is the browser's public key and `secret` what the two share, both base64url, as the browser gave them."""

    id: str
    user: str
    endpoint: str
    key: str
    secret: str
    made_at: datetime

    @property
    def service(self) -> str:
        """Who carries it, as a host name; the rest of the endpoint is the browser's secret."""
        return urlsplit(self.endpoint).hostname or ""


def may_be_reached(endpoint: str, services: Iterable[str]) -> bool:
    """Whether an endpoint a browser gave belongs to a push service the operator trusts.

    `services` are origins as `https://push.example`, or `https://*.push.example` for every host below it.
    """
    try:
        found = urlsplit(endpoint)
        origin = (found.scheme, found.hostname or "", found.port)
    except ValueError:
        return False
    if found.username or found.password or len(endpoint) > 1000:
        return False
    for service in services:
        allowed = urlsplit(service)
        host = allowed.hostname or ""
        below = host.startswith("*.") and origin[1].endswith(host[1:])
        if (origin[0], origin[2]) == (allowed.scheme, allowed.port) and (origin[1] == host or below):
            return True
    return False
