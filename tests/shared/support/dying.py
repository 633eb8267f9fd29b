"""A process that carries events and dies where `FORKANT_CRASH_AT` says: `python dying.py DATABASE_URL BUS_PATH`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.shared.support.rig import rig_on


async def main(url: str, bus_path: str) -> None:
    async with rig_on(url, bus_path) as rig:
        await rig.settle()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
