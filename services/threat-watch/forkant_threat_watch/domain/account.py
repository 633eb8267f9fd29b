"""What one telling of a story, or of recorded history, came to: its pages, its levels, its reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from forkant_threat_watch.domain.outcomes import Assessed, Opened, Paged, ReviewAsked, Said
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.replay import Told
from forkant_threat_watch.domain.threat import Threat
from forkant_threat_watch.domain.words import Level


@dataclass(frozen=True, slots=True)
class Rung:
    """A page. `threat` is the report that opened its threat, `rank` which of its pages by this rule it is."""

    at: datetime
    lane: str
    rule: str
    threat: str
    rank: int


@dataclass(slots=True)
class Stood:
    """How one threat stood: the highest level it reached, and the last, while it was open."""

    highest: Level = Level.LOW
    last: Level = Level.LOW
    open: bool = True


@dataclass
class Account:
    """Filled by `hear` while it is told. A threat goes by the report that opened it, so that two tellings compare."""

    zone: ZoneInfo
    reports: int = 0
    acts: int = 0
    acts_left_out: int = 0
    reviews: int = 0
    pages: list[Rung] = field(default_factory=list)
    threats: dict[str, Stood] = field(default_factory=dict)
    _because: str = ""
    _names: dict[str, str] = field(default_factory=dict)
    _opened: Counter[str] = field(default_factory=Counter)
    _ranks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def because_of(self, report: str) -> None:
        """What is heard next comes of this report."""
        self._because = report

    def hear(self, said: Sequence[Said]) -> None:
        """Take down what was said."""
        for each in said:
            match each:
                case Assessed():
                    stood = self.threats[self._names[each.threat]]
                    stood.last = each.level
                    stood.highest = max(stood.highest, each.level)
                case Paged():
                    which = (self._names[each.threat], each.rules[0])
                    self.pages.append(Rung(each.at, each.lane.name, each.rules[0], which[0], self._ranks[which]))
                    self._ranks[which] += 1
                case ReviewAsked():
                    self.reviews += 1
                case Opened():
                    self._opened[self._because] += 1
                    number = self._opened[self._because]
                    name = self._because if number == 1 else f"{self._because}#{number}"
                    self._names[each.threat] = name
                    self.threats[name] = Stood()

    def close(self, threats: Iterable[Threat]) -> None:
        """The telling is over, and these are its threats."""
        for threat in threats:
            stood = self.threats[self._names[threat.id]]
            stood.open, stood.last = threat.open, threat.level

    def plain(self) -> dict[str, Any]:
        """As plain values, to be sent from one process to another."""
        return {
            "zone": self.zone.key,
            "counts": [self.reports, self.acts, self.acts_left_out, self.reviews],
            "pages": [[page.at.isoformat(), page.lane, page.rule, page.threat, page.rank] for page in self.pages],
            "threats": {name: [s.highest.value, s.last.value, s.open] for name, s in self.threats.items()},
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Account:
        """The account that was sent."""
        reports, acts, acts_left_out, reviews = plain["counts"]
        return cls(
            ZoneInfo(plain["zone"]),
            reports,
            acts,
            acts_left_out,
            reviews,
            [Rung(datetime.fromisoformat(at).astimezone(UTC), *rest) for at, *rest in plain["pages"]],
            {name: Stood(Level(h), Level(last), is_open) for name, (h, last, is_open) in plain["threats"].items()},
        )


def account_of(told: Told, policy: Policy) -> Account:
    """The account of a story that was told."""
    account = Account(policy.timezone)
    for said in told.said:
        if isinstance(said, Opened):
            account.because_of(told.opened_by.get(said.threat, ""))
        account.hear([said])
    account.reports = told.reports
    return account
