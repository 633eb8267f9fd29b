"""The receiver in the partners' guide does what the guide says, as it is printed there."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forkant_notifier.clients.pinned import NO_CONNECTION
from forkant_shared.testing import FixedClock
from tests.notifier.support.desk import standing
from tests.notifier.support.partners import Partner, deliver, happen, let_time_pass

GUIDE = Path(__file__).parents[2] / "docs" / "partners.md"


async def test_the_receiver_in_the_guide_believes_us_and_nobody_else(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "receiver.py").write_text(program)
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    async with standing(tmp_path, FixedClock(datetime.now(UTC)), webhook_loopback=True) as desk:
        partner = Partner(desk)
        made = await partner.made(f"http://127.0.0.1:{port}/forkant")
        await deliver(desk)
        assert (await partner.read(f"/{made['id']}"))["last_cause"] == NO_CONNECTION
        receiving = subprocess.Popen(
            [sys.executable, str(tmp_path / "receiver.py"), str(port)],
            env={**os.environ, "WEBHOOK_SECRET": made["secret"]},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            await asyncio.to_thread(_listening, port)
            await happen(desk, "2026-09-28")
            await deliver(desk)
            await let_time_pass(desk, until=desk.clock.now() + timedelta(minutes=1))
            seen = await partner.read(f"/{made['id']}")
            assert seen["deliveries"]["delivered"] == 2
            await partner.done(f"/{made['id']}/rotate", {"keep_old": False})
            desk.clock.advance(timedelta(seconds=11))
            await partner.done(f"/{made['id']}/ping", status=202)
            await deliver(desk)
            assert (await partner.read(f"/{made['id']}"))["last_cause"] == "HTTP_401"
        finally:
            receiving.terminate()
        said = receiving.communicate(timeout=5)[0].splitlines()
    assert sorted(line.split()[0] for line in said) == ["ping", "situation-updated"]
    assert "situation-updated 2026-09-28 http://127.0.0.1:8000/threat-watch/partner/v1/situation" in said


def _listening(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the receiver does not listen")
