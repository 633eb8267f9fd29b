"""What webhooks to partners go by, from a file with a version."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: What we send on our own to see whether an endpoint answers; nobody subscribes to it.
PING = "ping"


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """How long, how often and where to; see `webhook_rules.yaml`. `events` has the path where each is fetched."""

    version: str
    events: Mapping[str, str]
    per_organisation: int
    ports: tuple[int, ...]
    timeout: timedelta
    connect: timedelta
    addresses: int
    lease: timedelta
    at_once: int
    retry_after: tuple[timedelta, ...]
    jitter: float
    longest_wait: timedelta
    give_up_after: timedelta
    disable_after: timedelta
    disable_after_failures: int
    overlap: timedelta
    ping_each: timedelta
    keep_waiting: timedelta
    keep_done: timedelta
    never_to: tuple[Network, ...]
    within_ipv6: ipaddress.IPv6Network


def read_webhook_rules(document: Mapping[str, Any]) -> WebhookRules:
    """The rules as the file has them. Raises ValueError for rules by which a try could outlast its lease."""
    rules = WebhookRules(
        version=document["version"],
        events=dict(document["events"]),
        per_organisation=document["per_organisation"],
        ports=tuple(document["ports"]),
        timeout=timedelta(seconds=document["timeout_seconds"]),
        connect=timedelta(seconds=document["connect_seconds"]),
        addresses=document["addresses"],
        lease=timedelta(seconds=document["lease_seconds"]),
        at_once=document["at_once"],
        retry_after=tuple(timedelta(seconds=step) for step in document["retry_after"]),
        jitter=document["jitter"],
        longest_wait=timedelta(seconds=document["longest_wait_seconds"]),
        give_up_after=timedelta(seconds=document["give_up_after_seconds"]),
        disable_after=timedelta(seconds=document["disable_after_seconds"]),
        disable_after_failures=document["disable_after_failures"],
        ping_each=timedelta(seconds=document["ping_each_seconds"]),
        overlap=timedelta(hours=document["overlap_hours"]),
        keep_waiting=timedelta(days=document["keep_waiting_days"]),
        keep_done=timedelta(days=document["keep_done_days"]),
        never_to=tuple(ipaddress.ip_network(network) for network in document["never_to"]),
        within_ipv6=ipaddress.IPv6Network(document["within_ipv6"]),
    )
    if rules.timeout >= rules.lease:
        raise ValueError("a try is over before its lease is")
    if sum(rules.retry_after, timedelta()) > rules.give_up_after:
        raise ValueError("the last try comes before one gives up")
    return rules
