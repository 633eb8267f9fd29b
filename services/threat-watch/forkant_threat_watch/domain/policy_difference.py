"""What a policy says otherwise than another, value by value: a rule is known by its id, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: What is only about the text itself.
_APART = frozenset({"signed_by", "signed_on"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value: what it was, and what it would be. None where there was none, or would be none."""

    path: str
    before: str | None
    after: str | None


def differences(before: object, after: object) -> list[Difference]:
    """What differs between two policy documents, in the order of the new one; what is gone comes last."""
    old, new = dict(_values(before, "")), dict(_values(after, ""))
    changed = [Difference(path, old.get(path), value) for path, value in new.items() if old.get(path) != value]
    gone = [Difference(path, value, None) for path, value in old.items() if path not in new]
    return changed + gone


def _values(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Each value with its path. A list is one value; a list of rules is a mapping from their ids."""
    if isinstance(value, list) and path == "rules":
        for number, rule in enumerate(value):
            name = rule.get("id", number) if isinstance(rule, Mapping) else number
            yield from _values(rule, f"rules[{name}]")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if path or key not in _APART:
                yield from _values(inner, f"{path}.{key}".lstrip("."))
    else:
        yield path, _written(value)


def _written(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_written(inner) for inner in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_written(inner)}" for key, inner in value.items()) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
