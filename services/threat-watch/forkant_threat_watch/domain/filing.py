"""Where threats and waiting signals are looked up by the parties on each side, so that few have to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable


class Filing:
    """Ids filed under the party keys of their aggressors and of their targets."""

    def __init__(self) -> None:
        self._aggressors: dict[str, dict[str, None]] = {}
        self._targets: dict[str, dict[str, None]] = {}
        self._no_aggressor: dict[str, None] = {}
        self._no_target: dict[str, None] = {}
        self._keys: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def put(self, id_: str, aggressors: Iterable[str], targets: Iterable[str]) -> None:
        """File (or file anew) under these keys."""
        self.drop(id_)
        keys = self._keys[id_] = (tuple(aggressors), tuple(targets))
        for side, mine, none in (
            (self._aggressors, keys[0], self._no_aggressor),
            (self._targets, keys[1], self._no_target),
        ):
            for key in mine:
                side.setdefault(key, {})[id_] = None
            if not mine:
                none[id_] = None

    def drop(self, id_: str) -> None:
        """Take it out, if it is there."""
        aggressors, targets = self._keys.pop(id_, ((), ()))
        for key in aggressors:
            self._aggressors[key].pop(id_, None)
        for key in targets:
            self._targets[key].pop(id_, None)
        self._no_aggressor.pop(id_, None)
        self._no_target.pop(id_, None)

    def fitting(self, aggressors: Collection[str] | None, targets: Collection[str] | None) -> set[str]:
        """What has one of these on each side that is asked for, or on one of them and nobody known on the other."""
        if aggressors is None and targets is None:
            return set()
        if targets is None:
            return _under(self._aggressors, aggressors or ())
        if aggressors is None:
            return _under(self._targets, targets)
        by_aggressor, by_target = _under(self._aggressors, aggressors), _under(self._targets, targets)
        both = by_aggressor & by_target
        if self._no_target:
            both |= by_aggressor & self._no_target.keys()
        if self._no_aggressor:
            both |= by_target & self._no_aggressor.keys()
        return both

    def either(self, aggressors: Collection[str], targets: Collection[str]) -> set[str]:
        """What has one of these aggressors or one of these targets."""
        return _under(self._aggressors, aggressors) | _under(self._targets, targets)


def _under(side: dict[str, dict[str, None]], keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    # A gang may have a thousand members, and few of them are in any threat: go through the smaller of the two.
    for key in keys if len(keys) <= len(side) else side.keys() & keys:
        if key in side:
            found.update(side[key])
    return found
