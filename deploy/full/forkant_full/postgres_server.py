"""PostgreSQL from the installed server binaries: one cluster of our own, for one machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from forkant_full.processes import CannotRun, Missing, Process, free_port, wait_for_port

_START_SECONDS = 30.0
_ACCOUNT = "postgres"


class PostgresServer:
    """A cluster whose data and log live in `folder`, or beside it where its account may not go there.

    Without `durable` a power cut may cost data, a `kill -9` still does not; for tests.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, durable: bool = True, dies_with_us: bool = False
    ) -> None:
        self._folder = _reachable(folder)
        self.port = port or free_port()
        self._durable = durable
        self._dies_with_us = dies_with_us
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        assert self._process is not None, "start() it first"
        return self._process

    @property
    def url(self) -> str:
        """Of the database `postgres`, as its superuser."""
        return self.url_of("postgres", "postgres", (self._folder / "password").read_text())

    def url_of(self, database: str, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, or start again; returns once it takes connections. Raises `CannotRun`."""
        if self._process is None:
            self._process = self._prepare()
        end = time.monotonic() + _START_SECONDS
        while True:
            self._process.start()
            try:
                wait_for_port(self.port, self._process, _START_SECONDS)
                break
            except CannotRun:
                # After a kill the children of the old one may hold its memory a moment longer.
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        _until_it_answers(self.url)

    def stop(self, patience: float = 8.0) -> None:
        """Throw everybody out and end in good order."""
        if self._process is not None and self._process.running:
            self.resume()
            self._process.signal(signal.SIGINT)
            self._process.wait(patience)

    def interrupt(self) -> None:
        """Ask it to end, without waiting."""
        if self._process is not None:
            self._process.signal(signal.SIGINT)

    def kill(self) -> None:
        """End as in a crash. The children notice at once that their parent is gone."""
        self.process.kill()

    def pause(self) -> None:
        """Everything stands still, open connections included."""
        self.process.pause()
        for pid in _children(self.process.pid):
            _signal(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in _children(self.process.pid):
            _signal(pid, signal.SIGCONT)
        self.process.resume()

    def make_database(self, database: str, role: str, password: str) -> str:
        """A database and a role that owns it, where they are not there yet; its URL."""
        with connect(self.url) as connection:
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = sql.SQL("ALTER" if exists else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), password))
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            if not known:
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(sql.Identifier(database), sql.Identifier(role)))
            revoke = sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC")
            connection.execute(revoke.format(sql.Identifier(database)))
        return self.url_of(database, role, password)

    def _prepare(self) -> Process:
        binaries = _binaries()
        data = self._folder / "data"
        user = _ACCOUNT if os.geteuid() == 0 else None
        if not (data / "PG_VERSION").exists():
            _make_cluster(binaries, self._folder, user)
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories="]
        if not self._durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command = [str(binaries / "postgres"), "-D", str(data)]
        for setting in settings:
            command += ["-c", setting]
        log = self._folder / "postgres.log"
        return Process("postgres", command, log, user=user, dies_with_us=self._dies_with_us)


def check_postgres() -> None:
    """Raises `CannotRun` where this machine cannot start a PostgreSQL."""
    _binaries()


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection, each statement its own transaction."""
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _until_it_answers(url: str) -> None:
    # The port opens a moment before the first connection is let in, longer after a crash.
    plain = url.replace("postgresql+psycopg", "postgresql")
    for attempt in range(600):
        try:
            psycopg.connect(plain, connect_timeout=5).close()
        except psycopg.OperationalError:
            if attempt == 599:
                raise
            time.sleep(0.05)
        else:
            return


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("postgres")
    if found:
        return found[-1].parent
    if on_path and (Path(on_path).parent / "initdb").exists():
        return Path(on_path).parent
    raise Missing(
        "PostgreSQL cannot be started: its server binaries are not installed.",
        remedy="apt-get install postgresql",
    )


def _make_cluster(binaries: Path, folder: Path, user: str | None) -> None:
    shutil.rmtree(folder / "data", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "password"
    password.write_text(secrets.token_urlsafe(18))
    password.chmod(0o600)
    if user is not None:
        shutil.chown(folder, user)
        shutil.chown(password, user)
    # fmt: off
    command = [
        str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8", "--no-sync",
        "--auth=scram-sha-256", f"--pwfile={password}",
    ]
    # fmt: on
    norwegian = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=nb-NO"]
    for locale in (norwegian, ["--locale=C.UTF-8"]):  # before 15 there is no ICU here
        done = _run([*command, *locale], user)
        if done.returncode == 0:
            return
        shutil.rmtree(folder / "data", ignore_errors=True)
    raise CannotRun("PostgreSQL's folder could not be made.", remedy=done.stderr[-500:])


def _run(command: Sequence[str], user: str | None) -> subprocess.CompletedProcess[str]:
    groups: list[str] | None = [] if user else None
    return subprocess.run(command, capture_output=True, text=True, cwd="/", user=user, group=user, extra_groups=groups)


def _enterable(folder: Path) -> bool:
    return _run(["test", "-w", str(folder)], _ACCOUNT).returncode == 0


def _reachable(folder: Path) -> Path:
    """PostgreSQL refuses to run as root; its own account may be kept out of root's folders."""
    if os.geteuid() != 0:
        return folder
    try:
        pwd.getpwnam(_ACCOUNT)
    except KeyError:
        raise Missing(
            f"PostgreSQL does not run as root, and there is no account {_ACCOUNT}.",
            remedy="apt-get install postgresql, or run as somebody else.",
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    shutil.chown(folder, _ACCOUNT)
    if _enterable(folder):
        return folder
    around = folder.parent.stat()
    if around.st_uid == 0 and around.st_mode & 0o077 == 0:
        # A folder made for us alone, as mkdtemp does: let that one account pass through.
        shutil.chown(folder.parent, group=_ACCOUNT)
        folder.parent.chmod(0o710)
        if _enterable(folder):
            return folder
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    beside = Path("/var/tmp") / f"forkant-postgres-{name}"  # noqa: S108 - owned by the account, mode 700
    beside.mkdir(mode=0o700, exist_ok=True)
    if beside.is_symlink() or beside.stat().st_uid not in (0, pwd.getpwnam(_ACCOUNT).pw_uid):
        raise CannotRun(f"{beside} belongs to somebody else.", remedy="Choose another VAR.")
    shutil.chown(beside, _ACCOUNT)
    return beside
