"""A secret word given to any logger reaches no line."""

from __future__ import annotations

import json
import logging
import warnings

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forkant_shared import telemetry

SECRET = "FLAGGERMUS-LARS"


@pytest.fixture(autouse=True)
def _configured() -> None:
    telemetry.configure(service="test", level="DEBUG")


def _lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capfd.readouterr()
    assert SECRET not in captured.out + captured.err
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def _raise() -> None:
    name = SECRET
    raise ValueError(f"{name} is not allowed")


def test_a_key_that_is_not_listed_is_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    telemetry.get_logger().info("report-received", threat_id="t-1", text=SECRET, name=SECRET, names=[SECRET])
    [line] = _lines(capfd)
    assert (line["event"], line["threat_id"]) == ("report-received", "t-1")
    assert not {"text", "name", "names"} & set(line)


def test_an_exception_is_told_by_type_and_place_alone(capfd: pytest.CaptureFixture[str]) -> None:
    log = telemetry.get_logger()
    try:
        _raise()
    except ValueError as error:
        log.exception("it-failed")
        log.error("it-failed", exc_info=error)
        log.error("it-failed", exc_info=True)
    for line in _lines(capfd):
        assert line["error"] == "ValueError"
        assert str(line["place"]).startswith("test_telemetry.py:")


def test_a_chain_of_exceptions_leaks_neither_cause_nor_notes(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            _raise()
        except ValueError as error:
            error.add_note(SECRET)
            raise RuntimeError("outer") from error
    except RuntimeError:
        telemetry.get_logger().exception("it-failed", stack_info=True)
    [line] = _lines(capfd)
    assert line["error"] == "RuntimeError"


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR, logging.CRITICAL, 35, 99])
def test_a_librarys_message_is_cut_to_who_spoke_and_where(capfd: pytest.CaptureFixture[str], level: int) -> None:
    logging.getLogger("sqlalchemy.engine").log(level, "parameters: %s", SECRET, extra={"person": SECRET})
    [line] = _lines(capfd)
    assert line["event"] == "library"
    assert str(line["place"]).startswith("sqlalchemy.engine:")


def test_a_librarys_exception_is_cut_too(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        _raise()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("%s", SECRET)
    [line] = _lines(capfd)
    assert line["error"] == "ValueError"


def test_handlers_a_library_set_up_before_print_nothing_more(capfd: pytest.CaptureFixture[str]) -> None:
    server = logging.getLogger("uvicorn.access")
    server.addHandler(logging.StreamHandler())
    server.propagate = False
    server.setLevel(logging.CRITICAL)
    telemetry.configure(service="test", level="DEBUG")
    server.warning("GET /%s", SECRET)
    [line] = _lines(capfd)
    assert str(line["place"]).startswith("uvicorn.access:")


def test_a_warning_loses_its_message(capfd: pytest.CaptureFixture[str]) -> None:
    """pydantic's serializer warns with the value it did not expect."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"Expected int, got {SECRET}", UserWarning, stacklevel=1)
        logging.captureWarnings(False)
    [line] = _lines(capfd)
    assert line["event"] == "library"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1, max_size=12), st.just(SECRET), max_size=4))
def test_no_made_up_key_gets_through(capfd: pytest.CaptureFixture[str], extra: dict[str, str]) -> None:
    unlisted = {key: value for key, value in extra.items() if key not in telemetry.LOG_KEYS}
    telemetry.get_logger().bind(**unlisted).warning("it-happened")
    [line] = _lines(capfd)
    assert set(line) <= telemetry.LOG_KEYS


def test_logging_is_careful_before_it_is_set_up(capfd: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    try:
        _raise()
    except ValueError:
        telemetry.get_logger().exception("it-failed", text=SECRET)
    assert len(_lines(capfd)) == 1


def test_the_trail_of_the_work_is_on_its_lines(capfd: pytest.CaptureFixture[str]) -> None:
    with telemetry.following(telemetry.Trail("story-1")):
        telemetry.get_logger().info("inside")
    telemetry.get_logger().info("outside")
    inside, outside = _lines(capfd)
    assert inside["correlation_id"] == "story-1"
    assert "correlation_id" not in outside


def test_no_listed_key_is_one_that_holds_names_or_texts() -> None:
    risky = {"name", "names", "text", "body", "message", "title", "note", "label", "to", "phone", "number", "value"}
    assert not risky & telemetry.LOG_KEYS
