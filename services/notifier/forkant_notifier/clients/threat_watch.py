"""What we tell and ask threat-watch, through its public API like any other system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from forkant_shared.errors import ForkantError, Invalid, Unavailable

SECONDS = 5.0


async def post_report(
    base_url: str, who: Mapping[str, str], key: str, body: Mapping[str, Any], transport: httpx.AsyncBaseTransport | None
) -> str | None:
    """Post a report under an idempotency key, with the header `who` that proves who we are; its id there.

    Raises Unavailable where it is worth trying again, Invalid where threat-watch will never take it.
    """
    headers = {**who, "Idempotency-Key": key}
    try:
        async with httpx.AsyncClient(transport=transport, timeout=SECONDS) as client:
            answer = await client.post(f"{base_url.rstrip('/')}/threat-watch/v1/reports", json=body, headers=headers)
    except httpx.HTTPError as error:
        raise Unavailable("threat-watch does not answer just now.") from error
    if answer.status_code in (200, 201):
        return str(answer.json().get("id"))
    raise _refusal(answer.status_code)


async def count_reviews(
    base_url: str, who: Mapping[str, str], transport: httpx.AsyncBaseTransport | None
) -> int | None:
    """How many threats wait for a person's look (100 stands for as many or more), asked in the reader's own name.

    None where it cannot be known: threat-watch is away, or the reader may not.
    """
    if not who:
        return None
    try:
        async with httpx.AsyncClient(transport=transport, timeout=SECONDS) as client:
            url = f"{base_url.rstrip('/')}/threat-watch/v1/reviews"
            answer = await client.get(url, params={"limit": 100}, headers=dict(who))
    except httpx.HTTPError:
        return None
    return len(answer.json()["items"]) if answer.status_code == 200 else None


def _refusal(status: int) -> ForkantError:
    # A right that is missing or a clock that differs may be mended; a report that is wrong stays wrong.
    if status in (400, 404, 409, 413, 415, 422):
        return Invalid(f"threat-watch refused the report with {status}.", field="body")
    return Unavailable(f"threat-watch answered {status}.")
