"""Two tellings of the same history beside each other: which pages appear, vanish or move, and how the levels differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from forkant_threat_watch.domain.account import Account, Rung
from forkant_threat_watch.domain.words import Lane, Level

APPEARS, VANISHES, MOVES = "page-appears", "page-vanishes", "page-moves"
NOBODY = "NONE"


@dataclass(frozen=True, slots=True)
class Change:
    """A page that only one of the two policies sends (`was` or `would` is None), or that goes out otherwise."""

    was: Rung | None
    would: Rung | None

    @property
    def kind(self) -> str:
        if self.was is None:
            return APPEARS
        return VANISHES if self.would is None else MOVES

    def plain(self) -> dict[str, Any]:
        """As plain values; `threat` is the report that opened it."""
        page = self.would or self.was
        return {
            "kind": self.kind,
            "threat": page.threat.partition("#")[0] if page else None,
            "rule": page.rule if page else None,
            "at": self.would.at.isoformat() if self.would else None,
            "lane": self.would.lane if self.would else None,
            "was_at": self.was.at.isoformat() if self.was else None,
            "was_lane": self.was.lane if self.was else None,
        }


def compare(before: Account, after: Account, most: int) -> dict[str, Any]:
    """What would be otherwise under the policy of `after`, as plain values; at most so many pages by name, all counted.

    `levels` counts threats by the highest level they reached before and after; NONE where there was no such threat.
    """
    changes = page_changes(before.pages, after.pages)
    return {
        "before": _sums(before),
        "after": _sums(after),
        "changes": {kind: sum(change.kind == kind for change in changes) for kind in (APPEARS, VANISHES, MOVES)},
        "pages": [change.plain() for change in changes[:most]],
        "levels": _levels(before, after),
        "weeks": _weeks(before, after),
    }


def page_changes(before: Sequence[Rung], after: Sequence[Rung]) -> list[Change]:
    """The pages that differ, in time order.

    A page is the same where the same threat is paged by the same rule for the same time over; or where the same rule
    pages at the same moment about a threat that was joined in another way.
    """
    old = {(page.threat, page.rule, page.rank): page for page in before}
    new = {(page.threat, page.rule, page.rank): page for page in after}
    pairs: list[Change] = [Change(old.pop(key), new.pop(key)) for key in [key for key in old if key in new]]
    by_moment: dict[tuple[object, str], list[Rung]] = {}
    for page in new.values():
        by_moment.setdefault((page.at, page.rule), []).append(page)
    for was in old.values():
        same = by_moment.get((was.at, was.rule))
        pairs.append(Change(was, same.pop(0) if same else None))
    pairs += [Change(None, page) for pages in by_moment.values() for page in pages]
    differing = [pair for pair in pairs if _differs(pair)]
    return sorted(differing, key=_place)


def _differs(change: Change) -> bool:
    if change.was is None or change.would is None:
        return True
    return (change.was.at, change.was.lane) != (change.would.at, change.would.lane)


def _place(change: Change) -> tuple[Any, ...]:
    page = change.would or change.was
    assert page is not None
    return page.at, page.threat, page.rule, page.rank


def _sums(account: Account) -> dict[str, Any]:
    lanes = Counter(page.lane for page in account.pages)
    highest = Counter(stood.highest for stood in account.threats.values())
    standing = Counter(stood.last for stood in account.threats.values() if stood.open)
    return {
        "reports": account.reports,
        "acts": account.acts,
        "acts_left_out": account.acts_left_out,
        "threats": len(account.threats),
        "reviews": account.reviews,
        "pages": {lane.name: lanes[lane.name] for lane in reversed(Lane)},
        "highest": {level.name: highest[level] for level in Level},
        "standing": {level.name: standing[level] for level in Level},
    }


def _levels(before: Account, after: Account) -> list[dict[str, Any]]:
    moves = Counter(
        (_highest(before, name), _highest(after, name)) for name in dict.fromkeys([*before.threats, *after.threats])
    )
    order = [NOBODY, *(level.name for level in Level)]
    return [
        {"before": was, "after": would, "threats": count}
        for (was, would), count in sorted(moves.items(), key=lambda one: [order.index(name) for name in one[0]])
        if was != would
    ]


def _highest(account: Account, name: str) -> str:
    stood = account.threats.get(name)
    return NOBODY if stood is None else stood.highest.name


def _weeks(before: Account, after: Account) -> list[dict[str, Any]]:
    """Pages of each week that had any, and of those between, from Monday; by the clock of where the unit is."""
    counts = [Counter((_monday(page, account), page.lane) for page in account.pages) for account in (before, after)]
    mondays = sorted({monday for counted in counts for monday, _ in counted})
    if not mondays:
        return []
    weeks = (mondays[-1] - mondays[0]).days // 7 + 1
    return [
        {
            "from": monday.isoformat(),
            "before": {lane.name: counts[0][(monday, lane.name)] for lane in reversed(Lane)},
            "after": {lane.name: counts[1][(monday, lane.name)] for lane in reversed(Lane)},
        }
        for monday in (mondays[0] + timedelta(weeks=number) for number in range(weeks))
    ]


def _monday(page: Rung, account: Account) -> date:
    day = page.at.astimezone(account.zone).date()
    return day - timedelta(days=day.weekday())
