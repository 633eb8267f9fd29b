"""`python -m bench.judgement [bench | choose | justify | page | write]`."""

from __future__ import annotations

import argparse

from bench.judgement import running

COMMANDS = {
    "bench": running.bench,
    "choose": running.choose,
    "justify": running.justify,
    "page": running.page_only,
    "write": running.write,
}

parser = argparse.ArgumentParser(prog="python -m bench.judgement", description=__doc__)
parser.add_argument("command", nargs="?", choices=COMMANDS, default="bench")
COMMANDS[parser.parse_args().command]()
