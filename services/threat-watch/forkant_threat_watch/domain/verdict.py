"""Whether a story was told as expected, what changes under another policy, and all that was said, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from forkant_threat_watch.domain.documents import Node
from forkant_threat_watch.domain.outcomes import (
    Assessed,
    ClearanceEnded,
    Cleared,
    Closed,
    DecisionEnded,
    FallbackAsked,
    Opened,
    Paged,
    ReviewAsked,
    ReviewOverdue,
    Said,
    Updated,
)
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.replay import Told, tell
from forkant_threat_watch.domain.scenario import Expectation, Story


def differences(story: Story, told: Told) -> list[str]:
    """What the story expects and was not told, one line each."""
    found = []
    for expectation in story.expectations:
        problem = _judged(expectation, told)
        if problem is not None:
            found.append(f"{expectation.node.path}: {problem} (expected {_written(expectation.node)})")
    return found


def _written(node: Node) -> str:
    return ", ".join(f"{key}: {entry.value}" for key, entry in node.entries().items())


def _judged(expectation: Expectation, told: Told) -> str | None:
    parts = expectation.node.entries()
    if "threats" in parts:
        wanted = parts["threats"].count()
        return None if told.threats == wanted else f"there are {told.threats} threats"
    if expectation.at is not None:
        return _judged_moment(expectation, parts, told)
    said = [s for s in told.said if expectation.between[0] <= s.at <= expectation.between[1]]
    if "threat_of" in parts:
        threat_id = told.threat_of.get(parts["threat_of"].text())
        said = [s for s in said if getattr(s, "threat", None) == threat_id]
    pages = [s for s in said if isinstance(s, Paged)]
    if "never" in parts:
        if parts["never"].text() == "page":
            return None if not pages else f"a {pages[0].lane.name} page at {pages[0].at.isoformat()}"
        reviews = [s for s in said if isinstance(s, ReviewAsked)]
        return None if not reviews else f"a review at {reviews[0].at.isoformat()}"
    if "page" in parts:
        lanes = [page.lane.name for page in pages]
        return None if parts["page"].text() in lanes else f"the pages are {lanes}"
    causes = [s.cause for s in said if isinstance(s, ReviewAsked)]
    return None if parts["review"].text() in causes else f"the reviews are {causes}"


def _judged_moment(expectation: Expectation, parts: dict[str, Node], told: Told) -> str | None:
    if expectation.at is None:
        return None
    probe = told.probes.get((expectation.at, parts["threat_of"].text()))
    if "absent" in parts:
        return None if (probe is None) == parts["absent"].flag() else "the threat is there"
    if probe is None:
        return "there is no such threat"
    if "level" in parts and probe.level != parts["level"].text():
        return f"the level is {probe.level}, the index {probe.index:.4f}"
    if "index" in parts:
        least, most = (node.number(0, 1) for node in parts["index"].items())
        return None if least <= probe.index <= most else f"the index is {probe.index:.4f}"
    return None


def page_changes(story: Story, before: Policy, after: Policy) -> list[dict[str, object]]:
    """Which pages would appear, vanish or move if `after` were the policy instead of `before`, in time order.

    A page moves when the same threat is paged by the same rule at another time or in another lane.
    """
    old, new = _pages(story, before), _pages(story, after)
    changes: list[dict[str, object]] = []
    for key in sorted(old.keys() | new.keys()):
        was, would = old.get(key), new.get(key)
        if was is None and would is not None:
            changes.append(_change("page-appears", key, None, would))
        elif would is None and was is not None:
            changes.append(_change("page-vanishes", key, was, None))
        elif was is not None and would is not None and (was.at, was.lane) != (would.at, would.lane):
            changes.append(_change("page-moves", key, was, would))
    return sorted(changes, key=lambda change: (str(change["at"]), str(change["threat_of"]), str(change["rule"])))


PageKey = tuple[str, str, int]


def _pages(story: Story, policy: Policy) -> dict[PageKey, Paged]:
    told = tell(story, policy)
    found: dict[PageKey, Paged] = {}
    ranks: Counter[tuple[str, str]] = Counter()
    for said in told.said:
        if isinstance(said, Paged):
            which = (told.opened_by[said.threat], said.rules[0])
            found[(*which, ranks[which])] = said
            ranks[which] += 1
    return found


def _change(kind: str, key: PageKey, was: Paged | None, would: Paged | None) -> dict[str, object]:
    page = would or was
    return {
        "at": page.at.isoformat() if page else None,
        "kind": kind,
        "threat_of": key[0],
        "rule": key[1],
        "lane": would.lane.name if would else None,
        "was_at": was.at.isoformat() if was else None,
        "was_lane": was.lane.name if was else None,
    }


def lines(story: Story, told: Told, policy: Policy) -> Iterator[dict[str, object]]:
    """Everything that was said as plain values, in order, in the story's own time zone.

    Every line has `at`, `kind`, `threat`, `level`, `index` and `rule`; level and index are those last assessed.
    """
    zone = story.start.tzinfo
    last: dict[str, tuple[str, float]] = {}
    for said in told.said:
        if isinstance(said, Assessed):
            last[said.threat] = (said.level.name, round(said.reading.index, 6))
        level, index = last.get(said.threat or "", (None, None))
        kind, extra = _line(said, policy)
        rules = getattr(said, "rules", ())
        yield {
            "at": said.at.astimezone(zone).isoformat(),
            "kind": kind,
            "threat": said.threat,
            "level": level,
            "index": index,
            "rule": rules[0] if rules else getattr(said, "rule", None),
            **extra,
        }


def _line(said: Said, policy: Policy) -> tuple[str, dict[str, object]]:
    match said:
        case Assessed():
            shares = {f.value: round(v, 6) for f, v in sorted(said.reading.shares(policy.index).items())}
            return "assessment", {"automatic": said.automatic.name, "shares": shares, "cause": said.cause}
        case Paged():
            return "page", {"lane": said.lane.name, "rules": list(said.rules), "reason": said.reason}
        case Updated():
            return "update", {"rules": list(said.rules)}
        case ReviewAsked():
            return "review", {"cause": said.cause}
        case Opened():
            return "opened", {}
        case ReviewOverdue():
            return "overdue", {"cause": said.cause}
        case FallbackAsked():
            return "fallback", {"cause": said.cause}
        case DecisionEnded():
            return "decision-ended", {"cause": said.cause}
        case Cleared():
            return "cleared", {}
        case ClearanceEnded():
            return "clearance-ended", {"cause": said.cause}
        case Closed():
            return "closed", {"by": said.by}
