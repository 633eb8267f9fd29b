"""Where a partner wants to be told: an address on the open internet, and never a way into our own net.

The address is judged twice: as it is written, when it is registered, and as what its name leads to, at each delivery.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from forkant_notifier.domain.webhook_rules import WebhookRules
from forkant_shared.errors import Invalid

LONGEST_URL = 500
FIELD = "url"
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
#: What a URL is made of (RFC 3986), so without blanks, control characters, backslashes and letters of other scripts.
_WRITTEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: A last label of this form makes a host a number, however odd: 127.1, 0x7f.1, 2130706433, 017700000001.
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
#: Names that lead nowhere but home (RFC 6761, 6762, 8375, ICANN's `internal`).
_HOME = ("localhost", "local", "internal", "localdomain", "home.arpa", "onion", "invalid", "test", "example")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL in its parts. `host` is a lower-case name without its last dot; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str
    loopback: bool = False

    @property
    def authority(self) -> str:
        """As the Host header says it."""
        usual = {"https": 443, "http": 80}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def shown(url: str) -> str:
    """An address for a screen: without its query, which may be a secret of the receiver's."""
    head, _, query = url.partition("?")
    return f"{head}{'?…' if query else ''}"


def read_endpoint(url: str, rules: WebhookRules, *, loopback: bool = False) -> Endpoint:
    """The endpoint a URL names. Raises Invalid with the remedy for one that is not to be delivered to.

    With `loopback`, and only then, http and any port are allowed to this machine itself.
    """
    if len(url) > LONGEST_URL or not _WRITTEN.fullmatch(url):
        raise _wrong(
            f"The address is longer than {LONGEST_URL} characters or has one that no URL has.",
            "Write a name of another script as xn--…, and percent-encode the rest.",
        )
    try:
        found = urlsplit(url)
        port, host = found.port, (found.hostname or "").lower()
    except ValueError:
        raise _wrong("The address cannot be read.", "Send an address as https://hooks.example.no/forkant.") from None
    if "@" in found.netloc:
        raise _wrong("The address has a user or password.", "Take it away; we sign what we send.")
    if "#" in url:
        raise _wrong("The address has a fragment, which is never sent.", "Take away what begins with #.")
    target = (found.path or "/") + (f"?{found.query}" if found.query else "")
    if loopback and host in LOOPBACK_HOSTS and found.scheme in ("http", "https"):
        return Endpoint(found.scheme, host, port or {"https": 443, "http": 80}[found.scheme], target, loopback=True)
    if found.scheme != "https":
        raise _wrong("The address does not begin with https://.", "Use https with a certificate others believe.")
    if (port if port is not None else 443) not in rules.ports:
        raise _wrong("We do not deliver to this port.", f"Use one of {', '.join(map(str, rules.ports))}.")
    if "[" in found.netloc:
        raise _number()
    return Endpoint("https", _name(host), port or 443, target)


def _name(host: str) -> str:
    """The host as a name of the domain name system. Raises Invalid for a number and for a name that is not public."""
    name = host.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise _number()
    if len(name) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _wrong("The address has no full name of a host.", "Use a name as hooks.example.no.")
    if any(name == home or name.endswith(f".{home}") for home in _HOME):
        raise _wrong("A host of this name is not on the open internet.", "Use a name that everybody can look up.")
    return name


def is_public(address: str, rules: WebhookRules) -> bool:
    """Whether what a name leads to is an address on the open internet; False for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (found.scope_id or found not in rules.within_ipv6):
        return False
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    return not any(found in network for network in rules.never_to)


def may_be_delivered_to(address: str, endpoint: Endpoint, rules: WebhookRules) -> bool:
    """Whether this address of the endpoint's name may be connected to."""
    if endpoint.loopback:
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            return False
    return is_public(address, rules)


def _number() -> Invalid:
    return _wrong("The address has a number instead of a name.", "Use a name that its certificate is for.")


def _wrong(detail: str, remedy: str) -> Invalid:
    return Invalid(detail, field=FIELD, remedy=remedy)
