"""The commands every service has, as a person at a terminal meets them."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from forkant_shared.audit import AUDIT
from forkant_shared.command_line import command_line
from forkant_shared.database import Database
from tests.shared.support import app
from tests.shared.support.rig import Rig, beat, rig_on

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kit_url: str) -> Run:
    """Run a command as `python -m … WORDS` would: exit code, standard output, standard error."""
    monkeypatch.setenv("FORKANT_KIT_DATABASE_URL", kit_url)
    monkeypatch.setenv("FORKANT_KIT_MODE", "embedded")

    def command(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["kit", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = command_line("notifier", app, app.Settings, app.create_app)
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def _with_rig(url: str, bus_path: Path, act: Callable[[Rig], object], *, failing: bool) -> list[int]:
    async def go() -> list[int]:
        async with rig_on(url, str(bus_path)) as rig:
            if failing:
                rig.failures["a", 2] = lambda: ZeroDivisionError()
                await rig.tell(*(beat(sequence) for sequence in (1, 2, 3)))
            await rig.settle()
            await rig.consumer.step()
            return await rig.applied()

    return asyncio.run(go())


def _park(url: str, folder: Path) -> None:
    assert _with_rig(url, folder / "bus.sqlite3", lambda _: None, failing=True) == [1]


def _go_on(url: str, folder: Path) -> list[int]:
    return _with_rig(url, folder / "bus.sqlite3", lambda _: None, failing=False)


def _waiting(run: Run) -> list[dict[str, object]]:
    code, out, _ = run("dead-letters", "list")
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture(autouse=True)
def _quick(quick: None) -> None:
    """No pauses between tries."""


def test_parked_events_are_listed_in_order_without_their_data(run: Run, kit_url: str, tmp_path: Path) -> None:
    _park(kit_url, tmp_path)
    rows = _waiting(run)
    assert [row["error"] for row in rows] == ["ZeroDivisionError", None]
    assert all("value" not in row and "headers" not in row for row in rows)
    first = rows[0]["seq"]
    after = run("dead-letters", "list", "--after", str(first))[1].splitlines()
    assert [json.loads(line)["seq"] for line in after] == [rows[1]["seq"]]


def test_a_released_event_is_applied_with_those_behind_it(run: Run, kit_url: str, tmp_path: Path) -> None:
    _park(kit_url, tmp_path)
    seq = str(_waiting(run)[0]["seq"])
    assert run("dead-letters", "release", seq, "--by", "admin", "--why", "mended") == (0, "2 released.\n", "")
    assert _go_on(kit_url, tmp_path) == [1, 2, 3]
    assert _waiting(run) == []


def test_an_edited_event_is_shown_and_applied_as_edited(run: Run, kit_url: str, tmp_path: Path) -> None:
    _park(kit_url, tmp_path)
    seq = str(_waiting(run)[0]["seq"])
    shown = json.loads(run("dead-letters", "show", seq)[1])
    assert shown["sequence"] == 2
    typed = json.dumps({**shown, "sequence": 22})
    assert run("dead-letters", "edit", seq, "--by", "admin", "--why", "wrong number", typed=typed)[0] == 0
    assert json.loads(run("dead-letters", "show", seq)[1])["sequence"] == 22
    run("dead-letters", "release", seq, "--by", "admin", "--why", "mended")
    assert _go_on(kit_url, tmp_path) == [1, 22, 3]


def test_a_dropped_event_lets_those_behind_it_go_on(run: Run, kit_url: str, tmp_path: Path) -> None:
    _park(kit_url, tmp_path)
    seq = str(_waiting(run)[0]["seq"])
    assert run("dead-letters", "drop", seq, "--by", "admin", "--why", "made up")[0] == 0
    assert _go_on(kit_url, tmp_path) == [1, 3]


def test_what_a_person_does_to_events_is_in_the_audit_log_with_the_reason(
    run: Run, kit_url: str, tmp_path: Path
) -> None:
    _park(kit_url, tmp_path)
    seq = _waiting(run)[0]["seq"]
    run("dead-letters", "release", str(seq), "--by", "admin", "--why", "mended")

    async def rows() -> list[tuple[object, ...]]:
        from forkant_shared.clock import SystemClock

        database = Database(kit_url, clock=SystemClock())
        async with database.read() as session:
            columns = (AUDIT.c.subject, AUDIT.c.action, AUDIT.c.purpose, AUDIT.c.details)
            found = [tuple(row) for row in await session.execute(sa.select(*columns))]
        await database.close()
        return found

    assert asyncio.run(rows()) == [("admin", "notifier.dead-letter.release", "mended", {"sequence": seq})]


def test_a_number_that_waits_nowhere_and_data_that_is_no_json_are_said_plainly(run: Run) -> None:
    code, _, said = run("dead-letters", "release", "7", "--by", "admin", "--why", "x")
    assert (code, said) == (2, "No event that waits has this number.\n")
    code, _, said = run("dead-letters", "edit", "7", "--by", "admin", "--why", "x", typed="{")
    assert code == 2
    assert said.startswith("What came on standard input is not JSON.")


def test_a_change_without_a_reason_is_refused(run: Run) -> None:
    with pytest.raises(SystemExit):
        run("dead-letters", "drop", "1", "--by", "admin")


def test_audit_verify_says_how_long_the_chain_is_or_where_it_breaks(run: Run, kit_url: str, tmp_path: Path) -> None:
    assert run("audit", "verify") == (0, "The chain holds: 0 rows.\n", "")
    _park(kit_url, tmp_path)
    seq = str(_waiting(run)[0]["seq"])
    run("dead-letters", "release", seq, "--by", "admin", "--why", "mended")
    assert run("audit", "verify") == (0, "The chain holds: 1 rows.\n", "")
    plain = sa.make_url(kit_url)
    engine = sa.create_engine(plain.set(drivername="sqlite") if plain.get_backend_name() == "sqlite" else plain)
    with engine.begin() as connection:
        connection.execute(AUDIT.update().values(subject="somebody.else"))
    engine.dispose()
    assert run("audit", "verify") == (1, "", "The chain is broken at row 1: CHANGED.\n")


def test_the_openapi_document_is_printed_without_opening_anything(run: Run) -> None:
    code, out, _ = run("openapi")
    assert code == 0
    assert "/kit/v1/wishes" in json.loads(out)["paths"]


def test_an_unsafe_setting_is_one_sentence_and_no_trace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORKANT_KIT_HOST", "0.0.0.0")
    code, _, said = run("audit", "verify")
    assert code == 2
    assert said.startswith("Embedded mode listens on loopback only; set FORKANT_KIT_HOST=127.0.0.1.")
    assert len(said.splitlines()) == 1
