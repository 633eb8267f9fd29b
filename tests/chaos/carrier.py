"""A carrier that a `kill -9` of the notifier does not touch: a process of its own, that writes down what it took."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Any

SILENT_SECONDS = 20.0


class Carrier:
    """Serves every run under its own path, `/<run>/<route>/…`; what a run asks of it stands in `<run>/carrier.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[tuple[str, str], int] = {}

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                method, path, _ = lines[0].split(" ")
                if not await self._answer(method, path, body, writer):
                    break
        writer.close()

    async def _answer(self, method: str, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        _, run, route, *_ = path.split("/")
        asked = json.loads((self._folder / run / "carrier.json").read_text())
        if method == "GET":
            self._kill_at(run, "receipt-asked", asked)
            return await _say(writer, {"state": "DELIVERED"})
        message = json.loads(body)
        bad = route.endswith("first") and self._count(run, "bad") <= asked["bad_messages"]
        manners = asked["manners"] if bad else "ok"
        if self._kill_at(run, "on-the-wire", asked):
            self._note(run, message, taken=False)
            return False
        self._note(run, message, taken=manners == "ok")
        match manners:
            case "silent":
                await asyncio.sleep(SILENT_SECONDS)
                return False
            case "cut":
                return False
            case "error":
                return await _say(writer, {"status": "BROKEN"}, status="500 Broken")
            case "no":
                return await _say(writer, {"status": "REJECTED", "messages": []})
        went_on = await _say(writer, {"status": "OK", "messages": [{"id": f"c-{message['ref']}"}]})
        self._kill_at(run, "answered", asked)
        return went_on

    def _count(self, run: str, what: str) -> int:
        self._seen[run, what] = found = self._seen.get((run, what), 0) + 1
        return found

    def _kill_at(self, run: str, point: str, asked: dict[str, Any]) -> bool:
        """Whether the process that spoke to us was ended here, as its present life was to be."""
        if asked["point"] != point or self._count(run, f"{point} {asked['life']}") != asked["nth"]:
            return False
        os.kill(asked_pid(self._folder / run), signal.SIGKILL)
        return True

    def _note(self, run: str, message: dict[str, Any], *, taken: bool) -> None:
        line = json.dumps({"ref": message["ref"], "text": message["text"], "taken": taken}) + "\n"
        with (self._folder / run / "carrier.log").open("a") as log:
            log.write(line)


def asked_pid(run: Path) -> int:
    """The process of the run's present life."""
    return int((run / "pid").read_text())


async def _say(writer: asyncio.StreamWriter, told: dict[str, Any], *, status: str = "200 OK") -> bool:
    body = json.dumps(told).encode()
    writer.write(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode())
    writer.write(body)
    await writer.drain()
    return True
