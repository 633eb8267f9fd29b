"""What each change from policy 2026-1 to 2026-2 is worth: the new policy with that one change taken back.

On the development seeds, since it is what the change was chosen by; the test seeds only say what all of them are worth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from bench.judgement.judges import engine
from bench.judgement.scoring import Marks, marks, summed
from bench.judgement.seeds import DEVELOPMENT
from bench.judgement.stories import tell_city
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.store.policies import policy_from

KEPT = Path(__file__).with_name("changes.json")
OLD, NEW = "2026-1", "2026-2"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Document = dict[str, Any]
TakeBack = Callable[[Document, Document], None]


def _nothing(_: Document, __: Document) -> None:
    """Leave it as it is."""


def _index(*path: str) -> TakeBack:
    """Take back one number of the formula."""

    def take_back(new: Document, old: Document) -> None:
        to, of = new["index"], old["index"]
        for name in path[:-1]:
            to, of = to[name], of[name]
        to[path[-1]] = of[path[-1]]

    return take_back


def _levels(*names: str) -> TakeBack:
    def take_back(new: Document, old: Document) -> None:
        new["levels"].update({name: old["levels"][name] for name in names})

    return take_back


def _rule(*ids: str) -> TakeBack:
    """Take back a rule; one that 2026-1 does not have goes."""

    def take_back(new: Document, old: Document) -> None:
        before = {rule["id"]: rule for rule in old["rules"]}
        rules = [before.get(rule["id"]) if rule["id"] in ids else rule for rule in new["rules"]]
        new["rules"] = [rule for rule in rules if rule is not None]

    return take_back


def _ring_anew(new: Document, _: Document) -> None:
    for rule in new["rules"]:
        rule.pop("quiet", None)


CHANGES: Mapping[str, TakeBack] = {
    "nothing: 2026-2 as it is": _nothing,
    "prior": _index("prior"),
    "weight of a grievance": _index("weights", "GRIEVANCE"),
    "weight of a capability": _index("weights", "CAPABILITY"),
    "weight of a day in court and the like": _index("weights", "TARGET_EXPOSURE"),
    "weight of intent": _index("weights", "INTENT"),
    "weight of reconnaissance": _index("weights", "RECONNAISSANCE"),
    "how long a word on intent counts": _index("fade_days", "INTENT"),
    "what weak voices count at most": _index("weak_cap"),
    "where MODERATE begins": _levels("MODERATE"),
    "where HIGH and CRITICAL begin": _levels("HIGH", "CRITICAL"),
    "planned-reprisal by the index": _rule("planned-reprisal"),
    "scouting": _rule("scouting"),
    "a week's quiet after a page": _ring_anew,
    "near-event asks instead of ringing": _rule("near-event"),
    "lowering-overtaken from HIGH": _rule("lowering-overtaken"),
}


def taken_back(name: str) -> Policy:
    """Policy 2026-2 without this change."""
    new, old = (document(version) for version in (NEW, OLD))
    CHANGES[name](new, old)
    return policy_from(yaml.dump(new, Dumper=DUMPER, allow_unicode=True, sort_keys=False), name)


def document(version: str) -> Document:
    """A policy file of this release as a document."""
    text = (resources.files("forkant_threat_watch") / "policies" / f"{version}.yaml").read_text("utf-8")
    found: Document = yaml.load(text, Loader=LOADER)
    return found


def measure() -> list[dict[str, Any]]:
    """Each change taken back, on the development seeds."""
    streams = [tell_city(seed) for seed in DEVELOPMENT]
    found = []
    for name in CHANGES:
        policy = taken_back(name)
        each = [marks(stream, engine.judge(engine.prepare(stream.document, policy), policy)) for stream in streams]
        found.append(_line(name, summed(each)))
        print(f"  {found[-1]}", flush=True)
    return found


def _line(name: str, total: Marks) -> dict[str, Any]:
    return {
        "change": name,
        "recall": round(total.recall, 3),
        "false_a_week": round(total.false_a_week, 2),
        "false_life_a_week": round(total.false_life / total.weeks, 2),
        "hours_worst_tenth": round(total.hours_of_the_worst_tenth),
    }


def kept() -> list[dict[str, Any]]:
    """What was measured, as it stands in the repository."""
    found: list[dict[str, Any]] = json.loads(KEPT.read_text("utf-8"))
    return found
