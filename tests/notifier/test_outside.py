"""The outside watcher, and the commands of the service."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from forkant_full.processes import free_port
from forkant_notifier.__main__ import main
from forkant_notifier.clients import outside
from tests.notifier.support.desk import TestDesk, fresh_database
from tests.notifier.support.gateway import fake_gateway

GOOD = {"silent": False, "oldest_due": None}


def notifier(status: int = 200, **told: Any) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/notifier/health/ready":
            return httpx.Response(status, json={"status": "x"})
        if request.headers.get("authorization") != "Bearer good":
            return httpx.Response(401)
        return httpx.Response(200, json=GOOD | told)

    return httpx.MockTransport(answer)


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


async def looked(transport: httpx.MockTransport, token: str | None = "good") -> str | None:
    async with httpx.AsyncClient(transport=transport, base_url="https://desk.example") as client:
        return (await outside.look(client, token)).wrong


async def test_a_look_says_what_is_wrong() -> None:
    assert await looked(notifier()) is None
    assert await looked(notifier(), token=None) is None
    assert await looked(notifier(503)) == "NOT_READY"
    assert await looked(notifier(silent=True)) == "WATCH_SILENT"
    assert await looked(notifier(), token="bad") == "STATUS_401"
    assert await looked(httpx.MockTransport(away)) == "NO_ANSWER"
    now = datetime.now(UTC)
    assert await looked(notifier(oldest_due=(now - timedelta(seconds=30)).isoformat())) == "PAGES_WAIT"
    assert await looked(notifier(oldest_due=(now - timedelta(seconds=1)).isoformat())) is None


async def test_a_real_notifier_is_good_and_its_silence_is_seen(desk: TestDesk) -> None:
    token = desk.as_user("admin")["Authorization"].removeprefix("Bearer ")
    assert (await outside.look(desk.client, token)).wrong in (None, "NOT_READY")
    desk.clock.advance(timedelta(seconds=31))
    status = await desk.get("/notifier/v1/status", "admin")
    assert status["silent"] is True


@pytest.mark.parametrize(("transport", "code"), [(notifier(), 0), (notifier(503), 1), (httpx.MockTransport(away), 1)])
async def test_once_the_exit_code_says_how_it_was(transport: httpx.MockTransport, code: int, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("good\n")
    looking = {"each": 0, "patience": 1, "once": True, "transport": transport}
    assert await outside.watch("https://desk", token_file=token, **looking) == code
    token.unlink()
    assert await outside.watch("https://desk", token_file=token, **looking) == 1, "one that cannot see says so"


async def test_a_token_is_read_anew_for_each_look(tmp_path: Path) -> None:
    token, looks = tmp_path / "token", 0
    token.write_text("old")

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal looks
        if request.url.path == "/notifier/health/ready":
            looks += 1
            token.write_text("good" if looks < 4 else "old")
            return httpx.Response(200, json={})
        return httpx.Response(200 if request.headers["authorization"] == "Bearer good" else 401, json=GOOD)

    peer = httpx.MockTransport(answer)
    await outside.watch("https://desk", each=0, patience=2, once=False, token_file=token, transport=peer)
    assert looks == 6, "old once, good three times, and twice old again"


def test_the_watcher_sees_a_notifier_that_is_killed_and_rings_by_its_own_route(tmp_path: Path) -> None:
    """Both are processes of their own: the one is ended by `kill -9`, the other must notice by itself."""
    asyncio.run(_watched(tmp_path))


async def _watched(folder: Path) -> None:
    port = free_port()
    settings = {"MODE": "embedded", "DATABASE_URL": fresh_database(folder), "PORT": str(port), "LOG_LEVEL": "ERROR"}
    environment = os.environ | {f"FORKANT_NOTIFIER_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "forkant_embedded", "--port", str(port), "--var", str(folder), "--no-demo"]
    served = subprocess.Popen([*command, "--log-level", "ERROR"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        await _until_ready(url)
        async with fake_gateway() as own:
            routes = folder / "own.yaml"
            body = {"kind": "json", "fields": {"to": "{to}", "text": "{text}"}}
            routes.write_text(json.dumps({"gateways": [{"name": "own", "url": own.url, "body": body}]}))
            watching = [sys.executable, "-m", "forkant_notifier", "watch", url, "--each", "0.5", "--route", str(routes)]
            watcher = await asyncio.create_subprocess_exec(
                *watching, "--to", "+4700000008", stderr=asyncio.subprocess.PIPE
            )
            await asyncio.sleep(3)
            assert watcher.returncode is None and own.got == [], "all is well"
            served.kill()
            _, said = await asyncio.wait_for(watcher.communicate(), 60)
            assert watcher.returncode == 1
            assert b"NO_ANSWER" in said and b"ALARM_SENT" in said
            assert [got["text"] for got in own.got] == ["Forkant HASTER: varslingen svarer ikke. Ring driftsvakten."]
    finally:
        served.kill()
        served.wait()


async def _until_ready(url: str) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{url}/notifier/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.2)
    raise AssertionError("the notifier did not get ready")


async def test_the_alarm_is_raised_over_its_own_route_after_bad_looks_in_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with fake_gateway() as broken, fake_gateway() as good:
        broken.behaves = "error"
        body = {"kind": "json", "fields": {"to": "{to}", "text": "{text}"}}
        gateways = [{"name": name, "url": peer.url, "body": body} for name, peer in (("a", broken), ("b", good))]
        routes = tmp_path / "routes.yaml"
        routes.write_text(json.dumps({"gateways": gateways}))
        looks = iter([503, 200, 503, 503])

        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(next(looks))

        code = await outside.watch(
            "https://desk",
            each=0,
            patience=2,
            once=False,
            route=routes,
            to="+4700000008",
            transport=httpx.MockTransport(answer),
        )
        assert code == 1
        assert good.got[0]["text"] == "Forkant HASTER: varslingen svarer ikke. Ring driftsvakten."
        assert good.got[0]["to"] == "+4700000008"
    assert "ALARM_SENT" in capsys.readouterr().err


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    monkeypatch.setenv("FORKANT_NOTIFIER_MODE", "embedded")
    monkeypatch.setenv("FORKANT_NOTIFIER_DATABASE_URL", fresh_database(tmp_path))

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["forkant-notifier", *arguments])
        return main()

    return run


def test_the_demo_rota_is_a_command(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("demo-rota") == 0
    assert "11 made-up users" in capsys.readouterr().out
    assert command("audit", "verify") == 0
    assert command("dead-letters", "list") == 0


def test_the_demo_rota_is_refused_in_a_real_start(
    command: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORKANT_NOTIFIER_MODE", "full")
    assert command("demo-rota") == 2
    assert "FORKANT_NOTIFIER_" in capsys.readouterr().err


def test_the_watch_command_ends_with_the_look(command: Callable[..., int]) -> None:
    assert command("watch", "http://127.0.0.1:1", "--once") == 1
