"""`python -m forkant_embedded --port 8000 --var ./var`: migrate, load demo data if there is none, serve."""

from __future__ import annotations

import gc

# Hardly anything that is made while starting is ever thrown away; looking for it costs a sixth of the start. So the
# imports come after (E402).
gc.disable()

import argparse  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from forkant_embedded.app import Embedded  # noqa: E402
from forkant_shared import telemetry  # noqa: E402
from forkant_shared.command_line import serve_app  # noqa: E402
from forkant_shared.errors import ForkantError  # noqa: E402


def main() -> int:
    """Serve until Ctrl-C or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m forkant_embedded", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1")
    parser.add_argument("--var", type=Path, default=Path("var"), help="where the data is kept")
    parser.add_argument("--no-demo", action="store_true", help="begin empty")
    parser.add_argument("--metrics-port", type=int, help="answer Prometheus on this port too")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    given = parser.parse_args()
    telemetry.configure(service="embedded", level=given.log_level)
    if given.metrics_port is not None:
        telemetry.serve_metrics("127.0.0.1", given.metrics_port)
    try:
        embedded = Embedded(given.var, port=given.port, with_demo=not given.no_demo)
    except ForkantError as error:
        print(error.detail, file=sys.stderr)
        return 2
    serve_app(embedded, embedded.settings["notifier"], embedded.bus.close, lambda: _say_where(embedded))
    return 0


def _say_where(embedded: Embedded) -> None:
    print(
        f"""
Forkant is running: {embedded.url}

  Duty desk     {embedded.url}/                          log in as duty.officer
  Fake phone    {embedded.url}/notifier/sandbox/phone    what the duty phone got
  Threats       {embedded.url}/threat-watch/threats      log in as analyst
  Meetings      {embedded.url}/meetings/                 log in as dialogue.officer
  Register      {embedded.url}/registry/actors           log in as registrar

Every user here is made up and needs no password. Ctrl-C stops.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
