"""Which messages of a batch a bus will take; the same answer in both implementations."""

from collections.abc import Sequence

from forkant_shared.bus import LARGEST_MESSAGE, Message
from forkant_shared.errors import Invalid, Unavailable


def sort_out(messages: Sequence[Message]) -> tuple[list[int], list[Exception | None]]:
    """The indexes of the messages to send, and the outcomes so far.

    A message that is too large is ``Invalid``. The later ones of its topic and key must not overtake it in
    the same breath: they are ``Unavailable``, and may go next time.
    """
    stuck: set[tuple[str, str]] = set()
    wanted: list[int] = []
    outcomes: list[Exception | None] = [None] * len(messages)
    for index, message in enumerate(messages):
        line = (message.topic, message.key)
        if line in stuck:
            outcomes[index] = Unavailable("An earlier message of this key was refused.", retry_after=1)
        elif message.size > LARGEST_MESSAGE:
            stuck.add(line)
            outcomes[index] = too_large()
        else:
            wanted.append(index)
    return wanted, outcomes


def too_large() -> Invalid:
    return Invalid("The message is larger than the bus takes.", remedy=f"At most {LARGEST_MESSAGE} bytes.")
