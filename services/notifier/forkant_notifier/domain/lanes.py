"""The two lanes, and the ways to reach a phone."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """LIFE is never throttled, bundled or silenced; NORMAL becomes LIFE when nobody answers."""

    LIFE = "LIFE"
    NORMAL = "NORMAL"


class Channel(StrEnum):
    """How a person is reached, or (WEBHOOK) another system. The paging policy says which of them when."""

    PUSH = "PUSH"
    SMS = "SMS"
    CALL = "CALL"
    MAIL = "MAIL"
    WEBHOOK = "WEBHOOK"


#: What one telephone number can take.
TELEPHONE = (Channel.PUSH, Channel.SMS, Channel.CALL)


#: What is sent first where both wait.
URGENCY = {Lane.LIFE: 0, Lane.NORMAL: 1}
#: A drill, in whichever lane.
DRILL_URGENCY = 2
