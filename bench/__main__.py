"""`python -m bench [NAME …]`: run the benches named, or all of them."""

from __future__ import annotations

import argparse
import importlib

ALL = ("replay", "e2e", "footprint", "registry", "watch", "triage", "judgement", "policy", "paging", "board")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=ALL, metavar="NAME", help=f"one of {', '.join(ALL)}; all without")
    for name in parser.parse_args().names or ALL:
        importlib.import_module(f"bench.{name}").run()


main()
