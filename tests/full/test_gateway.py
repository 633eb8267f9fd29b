"""The trial's gateway hands on what it gets, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from forkant_full.processes import Process, free_port, wait_for_port

left = threading.Event()


async def echo(request: Request) -> Response:
    answer = JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.scope["query_string"].decode(),
            "host": request.headers["host"],
            "body": (await request.body()).decode(),
        },
        status_code=207,
    )
    answer.headers.append("set-cookie", "a=1")
    answer.headers.append("set-cookie", "b=2")
    return answer


async def live(request: Request) -> Response:
    async def ticks() -> AsyncIterator[str]:
        try:
            yield "data: first\n\n"
            await asyncio.sleep(60)
        finally:
            left.set()

    return StreamingResponse(ticks(), media_type="text/event-stream")


@contextlib.contextmanager
def upstream(port: int) -> Iterator[None]:
    app = Starlette(
        routes=[Route("/registry/live", live), Route("/{path:path}", echo, methods=["GET", "POST", "DELETE"])]
    )
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def ports() -> dict[str, int]:
    return {"registry": free_port(), "notifier": free_port()}


@pytest.fixture
def client(ports: dict[str, int], tmp_path: Path) -> Iterator[httpx.Client]:
    port = free_port()
    command = [sys.executable, "-m", "forkant_full.gateway", "--port", str(port)]
    for name, upstream_port in ports.items():
        command += ["--service", f"{name}=http://127.0.0.1:{upstream_port}"]
    gateway = Process("gateway", command, tmp_path / "gateway.log")
    gateway.start()
    wait_for_port(port, gateway, 30)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client
    assert gateway.stop()


def test_a_request_and_its_answer_go_through_unchanged(client: httpx.Client, ports: dict[str, int]) -> None:
    with upstream(ports["registry"]):
        answer = client.post("/registry/v1/a%2Fb?q=%C3%A6&q=2", content="æ".encode(), headers={"host": "forkant.test"})
    assert answer.status_code == 207
    assert answer.json() == {
        "method": "POST",
        "path": "/registry/v1/a%2Fb",
        "query": "q=%C3%A6&q=2",
        "host": "forkant.test",
        "body": "æ",
    }
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_what_no_service_has_a_prefix_for_belongs_to_the_desk(client: httpx.Client, ports: dict[str, int]) -> None:
    with upstream(ports["notifier"]):
        assert [client.get(path).status_code for path in ("/", "/auth/x", "/elsewhere")] == [207] * 3


def test_a_live_page_streams_and_ends_when_the_reader_leaves(client: httpx.Client, ports: dict[str, int]) -> None:
    left.clear()
    with upstream(ports["registry"]):
        with client.stream("GET", "/registry/live") as answer:
            assert next(answer.iter_text()) == "data: first\n\n"
        assert left.wait(10)


def test_a_service_that_is_away_is_waited_for_and_then_reported(client: httpx.Client, ports: dict[str, int]) -> None:
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(client.get("/registry/x")))
    asking.start()
    time.sleep(0.5)
    with upstream(ports["registry"]):
        asking.join()
    assert answers[0].status_code == 207

    away = client.get("/registry/x")
    assert away.status_code == 503
    assert away.headers["content-type"] == "application/problem+json"
    assert away.headers["retry-after"] == "1"
