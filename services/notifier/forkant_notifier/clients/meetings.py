"""What we hand over to meetings, through its API like any other system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2 as httpx

from forkant_shared.errors import Invalid, Unavailable

SECONDS = 5.0


async def post_contact(
    base_url: str, who: Mapping[str, str], key: str, body: Mapping[str, Any], transport: httpx.AsyncBaseTransport | None
) -> str:
    """Hand a call over under an idempotency key, with the header `who` that proves who we are; the contact's id there.

    Raises Unavailable where it is worth trying again, Invalid where meetings will never take it.
    """
    headers = {**who, "Idempotency-Key": key}
    try:
        async with httpx.AsyncClient(transport=transport, timeout=SECONDS) as client:
            url = f"{base_url.rstrip('/')}/meetings/v1/contacts/calls"
            answer = await client.post(url, json=body, headers=headers)
            found = answer.json() if answer.status_code in (200, 201) else {}
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable("meetings does not answer just now.") from error
    if "id" in found:
        return str(found["id"])
    # A right that is missing or an older meetings may be mended; a contact that is wrong stays wrong.
    if answer.status_code in (400, 409, 413, 415, 422):
        raise Invalid(f"meetings refused the call with {answer.status_code}.", field="body")
    raise Unavailable(f"meetings answered {answer.status_code}.")
