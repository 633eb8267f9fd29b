"""A notifier that delivers webhooks and dies where `FORKANT_CRASH_AT` says.

`python telling_and_dying.py DATABASE_URL TIME`
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from forkant_notifier.app import life
from forkant_notifier.settings import Settings
from forkant_notifier.timers.webhooks import WebhookSender
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import new_app


async def main(url: str, time: str) -> None:
    settings = Settings(mode="embedded", database_url=url, webhook_loopback=True)
    app = new_app(settings, FixedClock(datetime.fromisoformat(time)))
    async with life(app.state.parts):
        await WebhookSender(app.state.parts).drain()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
