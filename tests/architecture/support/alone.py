"""Starts one service where nothing is installed but it, the kit and what they declare: `python alone.py SERVICE`."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path


async def start(service: str, folder: str) -> dict[str, object]:
    from sqlalchemy import make_url

    from forkant_shared import testing
    from forkant_shared.bus.embedded import EmbeddedBus
    from forkant_shared.clock import SystemClock
    from forkant_shared.database import sqlite_url
    from forkant_shared.migrations import migrate

    name = f"forkant_{service.replace('-', '_')}"
    package = importlib.import_module(name)
    url = sqlite_url(str(Path(folder) / "alone.sqlite3"))
    migrate(package, make_url(url))
    settings = importlib.import_module(f"{name}.settings").Settings(mode="embedded", database_url=url)
    app = importlib.import_module(f"{name}.app").create_app(settings, bus=EmbeddedBus(), clock=SystemClock())
    async with testing.running(app) as client:
        paths = (f"/{service}/health/live", f"/{service}/openapi.json", f"/{service}/static/forkant.css")
        return {path: (await client.get(path)).status_code for path in paths}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        answers = asyncio.run(start(sys.argv[1], folder))
    importlib.import_module(f"forkant_{sys.argv[1].replace('-', '_')}.__main__")
    others = [name for name in sys.argv[2:] if importlib.util.find_spec(name)]
    print(json.dumps({"answers": answers, "others": others}))
