"""The tables and the picture of docs/judgement.md, made from the figures that stand in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import triage
from bench.judgement import changes, drawing
from bench.judgement.figures import ENGINE, NAMES, at_recall
from bench.judgement.stories.telling import assumptions

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURE = DOCS / "judgement.md", DOCS / "pictures" / "judgement.svg"
RECALLS = (0.7, 0.8, 0.9, 0.95, 0.97)
ORDER = ("2026-2", "splunk", "elastic", "single", "decaying", "2026-1")


def written(text: str, figures: dict[str, Any]) -> str:
    """The page with its tables as the figures say them; everything outside the marks stays."""
    for name, table in blocks(figures).items():
        begins, ends = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(begins)
        _, _, after = rest.partition(ends)
        text = f"{before}{begins}{table}{ends}{after}"
    return text


def blocks(figures: dict[str, Any]) -> dict[str, str]:
    """Every table by the name of its mark."""
    judges = figures["judges"]
    return {
        "size": _size(figures["stories"], figures["seeds"]),
        "equal recall": _equal_recall(judges),
        "signed": _signed(judges),
        "curve": _curve(judges),
        "kinds": _kinds(judges),
        "seeds": _seeds(judges, figures["seeds"]),
        "stories": _stories(),
        "changes": _changes(),
        "triage": _triage(),
    }


def draw(figures: dict[str, Any]) -> str:
    """The curves as a picture."""
    lines = {
        NAMES[name]: [(point["recall"], point["false_a_week"]) for point in figures["judges"][name]] for name in ORDER
    }
    return drawing.curves(lines)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as Markdown writes it, numbers to the right."""
    rules = ["---", *(["---:"] * (len(header) - 1))]
    lines = [header, rules, *rows]
    return "".join("| " + " | ".join(_text(cell) for cell in line) + " |\n" for line in lines)


def _text(cell: object) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _size(stories: dict[str, int], seeds: list[int]) -> str:
    return (
        f"{len(seeds)} cities (seeds {seeds[0]} to {seeds[-1]}): {stories['weeks']} weeks, "
        f"{stories['stories']:,} stories, {stories['plans']} of them plans, {stories['reports']:,} reports.\n"
    )


def _equal_recall(judges: dict[str, Any]) -> str:
    header = ["At recall ≥ .95", "recall", "false pages a week", "pages for each plan heard"]
    header += ["pages about one plan", "hours of warning, median", "… that nine in ten had"]
    rows: list[list[object]] = []
    for name in ORDER:
        point = at_recall(judges[name])
        if point is None:
            best = max(judges[name], key=lambda one: (one["recall"], -one["false_a_week"]))
            rows.append([f"{NAMES[name]} (never gets there)", *_cells(best)])
        else:
            rows.append([NAMES[name], *_cells(point)])
    return table(header, rows)


def _cells(point: dict[str, Any]) -> list[object]:
    counts = [point["false_a_week"], point["pages_a_plan_heard"], point["pages_about_a_plan"]]
    return [f"{point['recall']:.3f}", *counts, round(point["hours"]), round(point["hours_worst_tenth"])]


def _signed(judges: dict[str, Any]) -> str:
    header = ["As the policy file says it", "recall", "false pages a week", "pages for each plan heard"]
    header += ["pages about one plan", "hours of warning, median", "… that nine in ten had", "false LIFE a week"]
    rows = []
    for name in ENGINE:
        point = next(one for one in judges[name] if one["threshold"] == 0)
        rows.append([NAMES[name], *_cells(point), point["false_life_a_week"]])
    return table(header, rows)


def _curve(judges: dict[str, Any]) -> str:
    rows = []
    for name in ORDER:
        found = [at_recall(judges[name], recall) for recall in RECALLS]
        rows.append([NAMES[name], *("–" if point is None else point["false_a_week"] for point in found)])
    return table(["False pages a week at recall", *(f"≥ {recall:.2f}" for recall in RECALLS)], rows)


def _kinds(judges: dict[str, Any]) -> str:
    shown = [name for name in ORDER if at_recall(judges[name]) is not None]
    points = {name: at_recall(judges[name]) or {} for name in shown}
    kinds = sorted({kind for point in points.values() for kind in point["false_by_kind_a_week"]})
    rows: list[list[object]] = [
        [kind.replace("_", " "), *(points[name]["false_by_kind_a_week"].get(kind, 0.0) for name in shown)]
        for kind in kinds
    ]
    for kind in assumptions()["plans"]:
        missed = (points[name]["missed_by_kind"].get(kind, 0) for name in shown)
        rows.append([f"*missed plans: {kind}*", *missed])
    return table(["False pages a week, by what it was", *(NAMES[name] for name in shown)], rows)


def _seeds(judges: dict[str, Any], seeds: list[int]) -> str:
    rows = []
    for name in ORDER:
        point = at_recall(judges[name])
        if point is not None:
            rows.append([NAMES[name], *(f"{recall:.2f} · {false:.2f}" for recall, false in point["seeds"])])
    return table(["Recall · false pages a week, by city", *(str(seed) for seed in seeds)], rows)


def _stories() -> str:
    about = assumptions()
    weeks = about["city"]["weeks"]
    rows = [
        [kind.replace("_", " "), "plan" if kind in about["plans"] else "noise", numbers["stories"], one]
        for kind, numbers in {**about["plans"], **about["noise"]}.items()
        for one in (numbers["stories"] / weeks,)
    ]
    return table(["Kind of story", "truth", "of a thousand", "a week"], rows)


def _changes() -> str:
    header = ["Taken back, on the development seeds", "recall", "false pages a week", "false LIFE a week"]
    header += ["hours of warning that nine in ten had"]
    columns = ("false_a_week", "false_life_a_week", "hours_worst_tenth")
    rows = [[line["change"], f"{line['recall']:.3f}", *(line[name] for name in columns)] for line in changes.kept()]
    return table(header, rows)


def _triage() -> str:
    header = ["Sentences", "imminent violence", "other hits", "near misses", "pages: recall", "pages: precision"]
    header += ["false pages in 50 near misses"]
    rows = []
    for part in triage.PARTS:
        counted = triage.total(part)
        if not counted.total("imminent"):
            continue
        precision, recall = (f"{share:.3f}" for share in counted.pages if share is not None)
        rows.append([part, *(counted.total(label) for label in triage.LABELS), recall, precision, counted.false_pages])
    return table(header, rows)
