"""The lives of one notifier, decided by a seed: where each of them ends by `kill -9`, and what its carrier does."""

from __future__ import annotations

import random
from dataclasses import dataclass

#: Points in the code: whose callable it is, its name, and whether death comes before it or after it has returned.
#: What happens inside a transaction and ends there is named by -ing; it must leave no trace.
POINTS: dict[str, tuple[str, str, str]] = {
    "opening": ("forkant_notifier.commands.paging", "open_page", "after"),
    "handed-over": ("forkant_notifier.timers.sender.Sender", "_dispatch", "before"),
    "due": ("forkant_notifier.store.attempts", "lease_due", "before"),
    "leasing": ("forkant_notifier.store.attempts", "lease_due", "after"),
    "leased": ("forkant_notifier.timers.sender", "lease_due", "after"),
    "storing": ("forkant_notifier.commands.sending", "_apply_early_receipts", "before"),
    "stored": ("forkant_notifier.timers.sender", "settle", "after"),
    "receipt-storing": ("forkant_notifier.commands.receipts", "apply_receipt", "after"),
    "receipt-stored": ("forkant_notifier.commands.receipts", "take_receipt", "after"),
    "freeing": ("forkant_notifier.store.attempts", "free_expired", "after"),
}
#: Named in the code itself (`crash_point`).
CRASHES = ("consumer-applied", "notifier-submitted")
#: The carrier ends the process: with the request in its hand, just after it has answered, while it is asked.
AT_CARRIER = ("on-the-wire", "answered", "receipt-asked")
#: At any moment, by the clock.
MOMENT = "moment"

EVERYWHERE = (*POINTS, *CRASHES, *AT_CARRIER, MOMENT)
#: How the first of the two carriers behaves. `no`: 200 with an error inside; `cut`: it hangs up without an answer.
MANNERS = ("ok", "silent", "error", "no", "cut")
#: Points that need something to have gone wrong before: a lease to run out, or a further try to be made.
NEED_FAILURE = ("due", "leasing", "leased")


@dataclass(frozen=True, slots=True)
class Life:
    """Ends at the `nth` passing of `point`, or `after` seconds where that does not come; `instance` is its name."""

    point: str
    nth: int
    after: float
    instance: str


@dataclass(frozen=True, slots=True)
class Story:
    """One run: `pages` escalations, in these lanes, a first carrier with such manners for its first messages, and one
    life after another. The last life, in which everything must come right, is not among them."""

    number: int
    lanes: tuple[str, ...]
    manners: str
    bad_messages: int
    lives: tuple[Life, ...]

    @property
    def last_instance(self) -> str:
        return self.lives[-1].instance


def story(seed: int, number: int, *, one_name: bool = False) -> Story:
    """Run `number` of this seed. `one_name`: it comes back under its own name, as a member of a group should."""
    chance = random.Random(f"{seed}/{number}")
    first = EVERYWHERE[number % len(EVERYWHERE)]
    manners = chance.choice(MANNERS)
    if first in NEED_FAILURE and manners == "ok":
        manners = chance.choice(MANNERS[1:])
    points = [first, *(chance.choice(EVERYWHERE) for _ in range(chance.choice((0, 0, 1, 2))))]
    if first == "freeing":
        points.insert(0, "handed-over")
    names = ["1"] if one_name else ["1", "2"]
    lives = []
    for place, point in enumerate(points):
        # Another instance frees nothing at its start: the lease has to run out.
        name = "2" if point == "freeing" and not one_name else chance.choice(names) if place else "1"
        after = chance.uniform(0.0, 0.6) if point == MOMENT else 2.0
        nth = 1 if point in NEED_FAILURE else chance.choice((1, 1, 1, 2, 3))
        lives.append(Life(point, nth, after, name))
    lanes = tuple(chance.choice(("LIFE", "LIFE", "NORMAL")) for _ in range(chance.choice((1, 1, 2, 3))))
    return Story(number, lanes, manners, chance.choice((1, 2, 4)), tuple(lives))
