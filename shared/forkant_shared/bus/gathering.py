"""One SQLite file, worked by one thread that gathers what waits into one commit.

The thread is what makes the embedded bus quick: the event loop never waits for the disk, publishes of
several services that come together share one fsync, and offsets cost none at all.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

from forkant_shared.errors import Unavailable

_T = TypeVar("_T")

#: Jobs that one commit carries at most, so that nobody waits long behind the others.
_TOGETHER = 256


class Care(IntEnum):
    """What a job needs of its transaction; one transaction gives the most that any of its jobs needs."""

    READ = 0
    #: Survives the death of the process, not of the machine: no fsync.
    WRITE = 1
    #: On the disk when the answer comes.
    SYNC = 2


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    care: Care
    answer: asyncio.Future[Any]


class GatheringThread:
    """``path`` is a file, or ``:memory:`` for data that end with the thread; ``schema`` is run at ``open``."""

    def __init__(self, path: str, schema: str) -> None:
        self._path = path
        self._schema = schema
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def is_open(self) -> bool:
        return self._thread is not None

    async def open(self) -> None:
        """Raises ``Unavailable`` when the file cannot be opened."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="bus-log", daemon=True)
        self._thread.start()
        try:
            await opened
        except Unavailable:
            self._thread = None
            raise

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join, 5.0)

    async def do(self, care: Care, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do ``work`` in the next transaction and answer once that has committed.

        Raises ``Unavailable`` when the file is locked, full or broken; then nothing of the transaction
        stands. Cancelling the caller does not stop the work.
        """
        return await asyncio.shield(self.submit(care, work))

    def submit(self, care: Care, work: Callable[[sqlite3.Connection], _T]) -> asyncio.Future[_T]:
        """The same, as a future to shield, for those who must hear the outcome even when cancelled."""
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        if self._thread is None:
            answer.set_exception(Unavailable("The event log is not open.", remedy="Start the bus first."))
        else:
            self._jobs.put(_Job(work, care, answer))
        return answer

    def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            connection = self._connect()
        except sqlite3.Error as error:
            _answer(opened, None, _unavailable(error))
            return
        _answer(opened, None, None)
        with contextlib.closing(connection):
            going = True
            while going and (job := self._jobs.get()) is not None:
                batch = [job]
                with contextlib.suppress(queue.Empty):
                    while len(batch) < _TOGETHER:
                        following = self._jobs.get_nowait()
                        if following is None:
                            going = False
                            break
                        batch.append(following)
                _work(connection, batch)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=5.0, cached_statements=64)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.executescript(self._schema)
        return connection


def _work(connection: sqlite3.Connection, batch: list[_Job]) -> None:
    care = max(job.care for job in batch)
    try:
        connection.execute("PRAGMA synchronous=FULL" if care is Care.SYNC else "PRAGMA synchronous=NORMAL")
        # IMMEDIATE, because a deferred transaction that reads first and writes later fails under load.
        connection.execute("BEGIN" if care is Care.READ else "BEGIN IMMEDIATE")
        results = [job.work(connection) for job in batch]
        connection.execute("COMMIT")
    except Exception as error:  # whatever it was, the thread must live and the callers must hear of it
        with contextlib.suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        failure = _unavailable(error) if isinstance(error, sqlite3.Error) else error
        for job in batch:
            _answer(job.answer, None, failure)
    else:
        for job, result in zip(batch, results, strict=True):
            _answer(job.answer, result, None)


def _answer(future: asyncio.Future[Any], result: Any, failure: Exception | None) -> None:
    def tell() -> None:
        if future.done():
            return
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)

    with contextlib.suppress(RuntimeError):  # the loop ended meanwhile: nobody is left to tell
        future.get_loop().call_soon_threadsafe(tell)


def _unavailable(error: sqlite3.Error) -> Unavailable:
    return Unavailable(
        f"The event log cannot be used just now ({getattr(error, 'sqlite_errorname', 'SQLITE_ERROR')}).",
        remedy="Is the disk full, or does another program hold the file of the bus?",
    )
