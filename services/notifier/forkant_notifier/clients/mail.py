"""Mail: the code and the lane, by SMTP. Slow and unsure, so it stands beside the other ways, never alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from forkant_notifier.clients.credentials import Rotating
from forkant_notifier.clients.route import Answer, Outgoing
from forkant_notifier.domain.attempts import Outcome
from forkant_notifier.domain.lanes import Channel, Lane
from forkant_shared.clock import Clock


class MailRoute:
    """One mail server. What it answers after the text has left and before it said yes is not known: SILENT."""

    channels = frozenset({Channel.MAIL})
    gives_receipts = False

    def __init__(
        self,
        name: str,
        *,
        host: str,
        port: int,
        security: str,
        sender: str,
        clock: Clock,
        user: str | None = None,
        password: Rotating[str] | None = None,
    ) -> None:
        self.name = name
        self._host, self._port, self._security = host, port, security
        self._sender, self._clock = sender, clock
        self._user, self._password = user, password

    async def submit(self, batch: Sequence[Outgoing], *, timeout: timedelta) -> AsyncIterator[Answer]:
        """Each on a connection of its own, all at once."""
        tries = [asyncio.create_task(self._submit(outgoing, timeout.total_seconds())) for outgoing in batch]
        try:
            for next_done in asyncio.as_completed(tries):
                yield await next_done
        finally:
            for task in tries:
                task.cancel()

    async def _submit(self, outgoing: Outgoing, seconds: float) -> Answer:
        server = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            timeout=seconds,
        )
        handed_over = False
        try:
            async with asyncio.timeout(seconds):
                await server.connect()
                if self._user is not None and self._password is not None:
                    await server.login(self._user, self._password.value)
                handed_over = True
                await server.send_message(self._message(outgoing))
        except aiosmtplib.SMTPConnectError:
            return Answer(outgoing.reference, Outcome.REFUSED, cause="NO_CONNECTION")
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return Answer(outgoing.reference, Outcome.REFUSED, cause=f"SMTP_{refused.recipients[0].code}")
        except aiosmtplib.SMTPResponseException as refused:
            return Answer(outgoing.reference, Outcome.REFUSED, cause=f"SMTP_{refused.code}")
        except (TimeoutError, OSError, aiosmtplib.SMTPException, ValueError):
            # Before the text has left nothing can have arrived.
            outcome = Outcome.SILENT if handed_over else Outcome.REFUSED
            return Answer(outgoing.reference, outcome, cause="TIMEOUT" if handed_over else "NO_LOGIN")
        finally:
            server.close()
        return Answer(outgoing.reference, Outcome.SUBMITTED, provider_id=outgoing.reference)

    def _message(self, outgoing: Outgoing) -> EmailMessage:
        """Without the link: a mailbox is read by others and kept for years."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, outgoing.address
        message["Subject"] = outgoing.body
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{outgoing.reference}@{self._sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if outgoing.lane is Lane.LIFE:
            message["Importance"] = "high"
        message.set_content(outgoing.body)
        return message

    async def close(self) -> None:
        return
