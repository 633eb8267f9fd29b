"""Curves as a small SVG that reads on paper as well: no colour carries a meaning alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 56, 216, 24, 48
LEAST, MOST_FALSE = 0.6, 16.0
STYLES = (
    ("#0b5cad", ""),
    ("#b3261e", "7 4"),
    ("#6a3d9a", "2 3"),
    ("#2e7d32", "10 3 2 3"),
    ("#8a6d00", "5 2"),
    ("#666", "1 4"),
)


def curves(lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """False pages a week against recall, one line a judge; what lies outside the frame is left out."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        'font-size="12"><title>False pages a week against recall, test seeds</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_axes(),
    ]
    for place, (name, points) in enumerate(lines.items()):
        colour, dashes = STYLES[place % len(STYLES)]
        inside = [(_x(r), _y(f)) for r, f in _lower_edge(points) if r >= LEAST and f <= MOST_FALSE]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in inside)
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        parts.append(f'<polyline points="{path}" fill="none" {stroke}/>')
        at = TOP + 20 * place + 8
        parts.append(f'<line x1="{WIDTH - RIGHT + 12}" x2="{WIDTH - RIGHT + 44}" y1="{at}" y2="{at}" {stroke}/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT + 50}" y="{at + 4}" fill="#222">{name.replace("This engine, ", "")}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _lower_edge(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that no other outdoes: with more recall and fewer false pages."""
    best: list[tuple[float, float]] = []
    for recall, false in sorted(points, reverse=True):
        if not best or false < best[-1][1]:
            best.append((recall, false))
    return best[::-1]


def _x(recall: float) -> float:
    return LEFT + (recall - LEAST) / (1 - LEAST) * (WIDTH - LEFT - RIGHT)


def _y(false: float) -> float:
    return HEIGHT - BOTTOM - false / MOST_FALSE * (HEIGHT - TOP - BOTTOM)


def _axes() -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    found = []
    for step in range(5):
        recall = LEAST + 0.1 * step
        found.append(f'<line x1="{_x(recall):.1f}" x2="{_x(recall):.1f}" y1="{TOP}" y2="{bottom}" stroke="#e2e2e2"/>')
        found.append(
            f'<text x="{_x(recall):.1f}" y="{bottom + 16}" text-anchor="middle" fill="#222">{recall:.1f}</text>'
        )
    for false in range(0, int(MOST_FALSE) + 1, 2):
        found.append(f'<line x1="{LEFT}" x2="{right}" y1="{_y(false):.1f}" y2="{_y(false):.1f}" stroke="#e2e2e2"/>')
        found.append(f'<text x="{LEFT - 8}" y="{_y(false) + 4:.1f}" text-anchor="end" fill="#222">{false}</text>')
    middle = (LEFT + right) / 2
    found.append(f'<line x1="{_x(0.95):.1f}" x2="{_x(0.95):.1f}" y1="{TOP}" y2="{bottom}" stroke="#888"/>')
    found.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle" fill="#222">recall of true plans</text>')
    found.append(f'<text x="{LEFT - 40}" y="{TOP - 8}" fill="#222">false pages a week</text>')
    return found
