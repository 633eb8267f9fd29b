"""Calls on their way to meetings. Who called is never written here in the clear, not even while meetings is away."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forkant_notifier.clients.meetings import post_contact
from forkant_notifier.commands.desk import NotifierParts, desk_of
from forkant_notifier.store import contact_jobs as jobs
from forkant_shared import telemetry
from forkant_shared.errors import Invalid, Unavailable

RETRY_CAP = timedelta(seconds=60)
NONCE_BYTES = 12

log = telemetry.get_logger()


def seal(parts: NotifierParts, job_id: str, body: dict[str, Any]) -> bytes:
    """The body, readable only with the desk's key and only as this job."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key(parts)).encrypt(nonce, json.dumps(body).encode(), job_id.encode())


def unseal(parts: NotifierParts, job: jobs.ContactJob) -> dict[str, Any]:
    """What was sealed. Raises Unavailable where the key is another one: with the old key it can still be sent."""
    nonce, told = job.sealed[:NONCE_BYTES], job.sealed[NONCE_BYTES:]
    try:
        found: dict[str, Any] = json.loads(AESGCM(_key(parts)).decrypt(nonce, told, job.id.encode()))
    except InvalidTag as error:
        raise Unavailable("The call was sealed with another signing key.") from error
    return found


async def send_contacts(parts: NotifierParts) -> int:
    """Try the calls that are due; how many meetings took. One that it is away for is tried until it answers."""
    async with parts.database.read() as session:
        due = await jobs.due(session)
    taken = 0
    for job in due:
        try:
            body = unseal(parts, job)
            who = await desk_of(parts).machine.header("forkant:contacts.write")
            await post_contact(parts.settings.meetings_url, who, job.id, body, parts.peers)
        except Unavailable:
            wait = min(RETRY_CAP, timedelta(seconds=2 ** min(job.tries, 6)))
            async with parts.database.write() as session:
                await jobs.later(session, job.id, parts.clock.now() + wait, job.tries + 1)
            continue
        except Invalid:
            log.error("contact-refused", key=job.id)
            async with parts.database.write() as session:
                await jobs.refused(session, job.id)
            continue
        async with parts.database.write() as session:
            await jobs.done(session, job.id)
        taken += 1
    return taken


def _key(parts: NotifierParts) -> bytes:
    return hmac.new(desk_of(parts).link_key, b"calls on their way", hashlib.sha256).digest()
