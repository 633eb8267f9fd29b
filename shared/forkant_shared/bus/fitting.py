"""Which messages of a batch a bus will take; the same answer in both implementations."""

from collections.abc import Sequence

from forkant_shared.bus import LARGEST_MESSAGE, Message
from forkant_shared.errors import Invalid


def sort_out(messages: Sequence[Message]) -> tuple[list[int], list[Exception | None]]:
    """The indexes of the messages to send, and the outcomes so far.

    A message that is too large has the outcome ``Invalid``, and so have the later ones of its topic and key:
    they must not overtake it.
    """
    stuck: dict[tuple[str, str], Exception] = {}
    wanted: list[int] = []
    outcomes: list[Exception | None] = [None] * len(messages)
    for index, message in enumerate(messages):
        line = (message.topic, message.key)
        if line not in stuck and message.size > LARGEST_MESSAGE:
            stuck[line] = Invalid(
                "The message is larger than the bus takes.", remedy=f"At most {LARGEST_MESSAGE} bytes."
            )
        if line in stuck:
            outcomes[index] = stuck[line]
        else:
            wanted.append(index)
    return wanted, outcomes
