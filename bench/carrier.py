"""`python -m bench.carrier`: an HTTP carrier that notes what arrived when, answers after a while, and takes only so
many at a time: one more is told 429, as real gateways do."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.systems import free_port


class Carrier:
    """Each path is a gateway of its own."""

    def __init__(self, log: Path, seconds: float, at_once: int) -> None:
        self._log = log.open("a", buffering=1)
        self._seconds, self._at_once = seconds, at_once
        self._here: Counter[str] = Counter()

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", port, backlog=2048)
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                at = time.time()
                lines = head.split("\r\n")
                length = next(int(line[15:]) for line in lines if line.lower().startswith("content-length:"))
                message = json.loads(await reader.readexactly(length))
                path = lines[0].split(" ")[1]
                refused = bool(self._at_once) and self._here[path] >= self._at_once
                self._log.write(json.dumps({"at": at, "ref": message["ref"], "path": path, "refused": refused}) + "\n")
                self._here[path] += 1
                if self._seconds and not refused:
                    await asyncio.sleep(self._seconds)
                self._here[path] -= 1
                status = "429 Too Many Requests" if refused else "200 OK"
                writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok".encode())
                await writer.drain()
        writer.close()


@contextlib.contextmanager
def running(folder: Path, *, seconds: float = 0.0, at_once: int = 0) -> Iterator[tuple[str, Path]]:
    """A carrier in a process of its own; its URL, and the file where it notes what arrived."""
    port, log = free_port(), folder / "carrier.log"
    log.write_text("")
    command = [sys.executable, "-m", "bench.carrier", str(port), str(log), str(seconds), str(at_once)]
    process = subprocess.Popen(command)
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.kill()
        process.wait()


def arrived(log: Path) -> list[dict[str, Any]]:
    """What has arrived so far, in order; ids without strokes."""
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return [one | {"ref": one["ref"].replace("-", "")} for one in found]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.carrier", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("seconds", type=float, help="how long it takes to answer")
    parser.add_argument("at_once", type=int, help="how many it takes at a time; 0: any number")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Carrier(given.log, given.seconds, given.at_once).serve(given.port))
