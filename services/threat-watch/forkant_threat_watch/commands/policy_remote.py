"""The acts of `policy …` that go through the API of a running service, and what they print."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, TextIO
from urllib.parse import quote

import httpx2 as httpx

from forkant_shared.errors import (
    Conflict,
    Forbidden,
    ForkantError,
    Invalid,
    NotFound,
    Stale,
    Unauthenticated,
    Unavailable,
)
from forkant_threat_watch.store.yaml_files import read_text

API = "/threat-watch/v1"
DRAFTS, POLICIES, STORIES = f"{API}/policy-drafts", f"{API}/policies", f"{API}/policy-scenarios"
LOOK_EVERY = 1.0
_KINDS: Mapping[int, type[ForkantError]] = {
    401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 412: Stale, 503: Unavailable,
}  # fmt: skip


async def _ask(client: httpx.AsyncClient, method: str, path: str, **sent: Any) -> httpx.Response:
    """The answer. Raises the error that the API told of."""
    answer = await client.request(method, path, **sent)
    if answer.is_success:
        return answer
    try:
        told = answer.json()
        detail, errors = told["detail"], told["errors"]
    except (ValueError, KeyError, TypeError):
        detail, errors = f"Forkant answered {answer.status_code}.", []
    first = errors[0] if errors else {}
    raise _KINDS.get(answer.status_code, Invalid)(
        detail, field=first.get("field") or None, remedy=first.get("remedy") or None
    )


async def status(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    found = (await _ask(client, "GET", POLICIES)).json()
    drafts = (await _ask(client, "GET", DRAFTS)).json()["items"]
    return found | {"drafts": drafts, "stories": (await _ask(client, "GET", STORIES)).json()["items"]}


async def begin(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    body = {"name": given.name, "text": read_text(given.file)}
    return (await _ask(client, "POST", DRAFTS, json=body)).json()


async def save(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    seen, body = {"If-Match": f'"{given.revision}"'}, {"text": read_text(given.file)}
    return (await _ask(client, "PUT", f"{DRAFTS}/{quote(given.draft)}", json=body, headers=seen)).json()


async def show(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    return (await _ask(client, "GET", f"{DRAFTS}/{quote(given.draft)}")).json()


async def discard(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    await _ask(client, "DELETE", f"{DRAFTS}/{quote(given.draft)}")


async def sign(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    body = {"revision": given.revision}
    return (await _ask(client, "POST", f"{DRAFTS}/{quote(given.draft)}/signatures", json=body)).json()


async def file(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    return (await _ask(client, "GET", f"{POLICIES}/{quote(given.version)}/file")).text


async def adopt(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    body = {"reason": given.why} | ({"from_at": given.from_at} if given.from_at else {})
    # What this person sees is what they decide on: of two at once one is told.
    seen = {"If-Match": (await _ask(client, "GET", POLICIES)).headers["etag"]}
    return (await _ask(client, "POST", f"{POLICIES}/{quote(given.version)}/adoptions", json=body, headers=seen)).json()


async def withdraw(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    await _ask(client, "POST", f"{POLICIES}/adoptions/{given.number}/withdrawal", json={"reason": given.why})


async def put_story(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    await _ask(client, "PUT", f"{STORIES}/{quote(given.name, safe='')}", json={"text": read_text(given.file)})


async def drop_story(client: httpx.AsyncClient, given: argparse.Namespace, _: TextIO) -> Any:
    await _ask(client, "DELETE", f"{STORIES}/{quote(given.name, safe='')}")


async def compare(client: httpx.AsyncClient, given: argparse.Namespace, progress: TextIO) -> Any:
    body = {"source": "SCENARIOS" if given.stories else "HISTORY"} | ({"since": given.since} if given.since else {})
    asked = (await _ask(client, "POST", f"{DRAFTS}/{quote(given.draft)}/comparisons", json=body)).json()
    while True:
        found = (await _ask(client, "GET", f"{API}/policy-comparisons/{asked['id']}")).json()
        if found["finished_at"] is not None:
            end_progress(progress)
            return found
        say_progress(found["done"], found["total"], progress)
        await asyncio.sleep(LOOK_EVERY)


def say_progress(done: int, total: int, progress: TextIO) -> None:
    """Say how far it is, over the line before."""
    progress.write(f"\r{100 * done // total:3d} %" if total else "\rreading")
    progress.flush()


def end_progress(progress: TextIO) -> None:
    """The last of it has been said."""
    progress.write("\r\x1b[K")


def shown(answer: Mapping[str, Any]) -> Iterator[str]:
    """What a person reads of an answer: a comparison as what differs, anything else a line a value."""
    result = answer.get("result")
    if isinstance(result, Mapping):
        if "history" in result:
            yield from _compared("history", result["history"])
        for story in result.get("stories", ()):
            yield from _compared(story["name"], story)
            for side in ("before", "after"):
                for difference in story["differences"][side]:
                    yield f"  not as expected {side}: {difference}"
        return
    for name, value in answer.items():
        if isinstance(value, list):
            for one in value:
                yield f"{name.removesuffix('s')}: {_line(one)}"
        elif name != "text" and value is not None:
            yield f"{name}: {_line(value)}"


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{name}={inner}" for name, inner in value.items() if inner is not None)
    return str(value)


def _compared(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    changes = ", ".join(f"{kind.removeprefix('page-')} {count}" for kind, count in found["changes"].items())
    yield f"{name}: pages {changes}"
    for what in ("reports", "threats", "reviews", "pages", "highest"):
        yield f"  {what}: {_line(found['before'][what])} -> {_line(found['after'][what])}"
    for row in found["levels"]:
        yield f"  {row['threats']} threats {row['before']} -> {row['after']}"
    for week in found["weeks"]:
        yield f"  week of {week['from']}: {_line(week['before'])} -> {_line(week['after'])}"
    for page in found["pages"]:
        of = (page.get("report") or {}).get("reference") or page.get("threat") or "-"
        was, would = (
            f"{page[at]} {page[lane]}" if page[at] else "-" for at, lane in (("was_at", "was_lane"), ("at", "lane"))
        )
        yield f"  {page['kind']} {page['rule']} {of}: {was} -> {would}"
