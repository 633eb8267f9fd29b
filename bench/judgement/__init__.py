"""Which way of judging wakes people for what is planned, and how often for nothing: six judges, one stream of stories.

`python -m bench judgement` runs them on the test seeds, prints the tables and keeps the raw figures. `python -m
bench.judgement choose` chooses the four others' settings anew on the development seeds; `… justify` takes back each
change of the new policy by itself; `… write` measures and writes the tables and the picture of docs/judgement.md, and
`… page` writes them from the figures that are kept.
"""

from __future__ import annotations


def run() -> None:
    """Measure, print, keep."""
    from bench.judgement.running import bench

    bench()
