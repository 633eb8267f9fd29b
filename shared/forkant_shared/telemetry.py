"""Logs, metrics and traces that carry ids, codes and counts, and never content.

A log line is an event name and keys from `LOG_KEYS`; any other key is dropped before it is written, so that a name in
an exception or a field somebody adds in haste cannot reach a disk. Exceptions are logged by type and place, not by
message.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from prometheus_client import Counter, Gauge, Histogram, start_http_server

from forkant_shared.clock import new_id

# fmt: off
LOG_KEYS = frozenset(
    {
        "actor_id", "assessment_id", "attempt_id", "attempts", "cause", "channel", "claim_id", "code",
        "correlation_id", "count", "dialogue_id", "duration_ms", "error", "escalation_id", "event", "event_id",
        "event_type", "group", "group_id", "instance", "key", "kind", "lag", "lane", "level", "meeting_id",
        "method", "mode", "offset", "page_id", "partition", "path", "person_id", "place", "policy_version",
        "port", "promise_id", "report_id", "review_id", "rota", "route", "route_id", "seconds", "sequence",
        "service", "setting", "state", "status", "threat_id", "timestamp", "topic", "url", "user", "version",
        "worker",
    }
)
# fmt: on

HTTP_SECONDS = Histogram("forkant_http_request_seconds", "Time to answer", ["service", "route", "method", "status"])
RELAY_LAG = Gauge("forkant_relay_lag_seconds", "Age of the oldest event not yet on the bus", ["service"])
RELAY_PUBLISHED = Counter("forkant_relay_published", "Events put on the bus", ["service"])
RELAY_FAILURES = Counter("forkant_relay_failures", "Events the bus refused, tried again later", ["service"])
CONSUMED = Counter("forkant_consumer_events", "Events taken from the bus", ["service", "type", "outcome"])
PARKED = Gauge("forkant_consumer_parked_keys", "Keys that wait for a person", ["service"])
CONSUMER_BLOCKED = Gauge("forkant_consumer_blocked_seconds", "How long a partition has waited for help", ["service"])
WORKER_RESTARTS = Counter("forkant_worker_restarts", "Workers that fell and were started again", ["service", "worker"])


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the present work comes from: one id for the whole story, one for what caused this step."""

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_trail: ContextVar[Trail | None] = ContextVar("forkant_trail", default=None)


def trail() -> Trail:
    """The trail of the present task; a fresh one where nobody has begun any."""
    return _trail.get() or Trail(correlation_id=new_id())


@contextlib.contextmanager
def following(found: Trail) -> Iterator[None]:
    """Work inside belongs to this trail."""
    token = _trail.set(found)
    try:
        yield
    finally:
        _trail.reset(token)


@contextlib.contextmanager
def span(name: str, *, parent: str | None, kind: SpanKind, attributes: Mapping[str, str]) -> Iterator[str | None]:
    """A trace span below the W3C `traceparent` given; yields the traceparent to hand on."""
    context = trace.set_span_in_context(trace.NonRecordingSpan(_parse(parent))) if parent else None
    tracer = trace.get_tracer("forkant")
    with tracer.start_as_current_span(
        name, context=context, kind=kind, attributes=dict(attributes), record_exception=False
    ) as current:
        yield traceparent(current.get_span_context()) or parent


def traceparent(context: SpanContext | None = None) -> str | None:
    """The W3C header of this span (of the present one without argument), or None where nothing is traced."""
    found = context or trace.get_current_span().get_span_context()
    if not found.is_valid:
        return None
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"


def given_traceparent(header: bytes) -> str | None:
    """A caller's header where it is one, because it travels on with events; None for anything else."""
    return header.decode() if _TRACEPARENT.fullmatch(header) else None


def _parse(header: str) -> SpanContext:
    parts = header.split("-")
    if len(parts) != 4 or len(parts[1]) != 32 or len(parts[2]) != 16:
        return trace.INVALID_SPAN_CONTEXT
    try:
        return SpanContext(int(parts[1], 16), int(parts[2], 16), True, TraceFlags(int(parts[3][:2], 16)))
    except ValueError:
        return trace.INVALID_SPAN_CONTEXT


def get_logger() -> Any:
    """A logger that takes `log.info("what-happened", threat_id=…)`; careful from the first line on."""
    if not structlog.is_configured():
        # What structlog does by itself is made for developers: it prints every local variable of a traceback.
        _log_from(logging.INFO)
    return structlog.get_logger()


def _only_known_keys(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    failure = entry.pop("exc_info", None)
    if failure:
        error = sys.exc_info()[1] if failure is True else failure
        if isinstance(error, BaseException):
            entry["error"] = type(error).__name__
            entry["place"] = _place(error)
    found = _trail.get()
    if found is not None:
        entry["correlation_id"] = found.correlation_id
    return {key: value for key, value in entry.items() if key in LOG_KEYS}


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames))


class _Foreign(logging.Handler):
    """Libraries' own log lines, cut to who spoke and where: their messages may hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        place = f"{record.name}:{record.lineno}"
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().log(min(record.levelno // 10 * 10, 50), "library", place=place, error=error)


def _log_from(level: int) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known_keys,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def configure(*, service: str, level: str = "INFO", otlp_endpoint: str | None = None) -> None:
    """Set up logging (JSON lines on standard error) and, with an endpoint, export of traces over OTLP/HTTP."""
    _log_from(logging.getLevelName(level))
    root = logging.getLogger()
    root.handlers = [_Foreign()]
    root.setLevel(logging.WARNING)
    _take_over_libraries()
    # Warnings may quote the value they are about; like this they lose their message too.
    logging.captureWarnings(True)
    if otlp_endpoint:
        _export_traces(service, otlp_endpoint)


def _take_over_libraries() -> None:
    """A library that has set up handlers or levels of its own, as a web server does, would print its messages whole."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.setLevel(logging.NOTSET)
            logger.propagate = True


def _export_traces(service: str, endpoint: str) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"forkant-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)


def serve_metrics(host: str, port: int) -> None:
    """Answer Prometheus on a port of its own, from a thread of its own, until the process ends."""
    start_http_server(port, addr=host)
