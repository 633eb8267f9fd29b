"""What falls due in following a threat up: a clearance that runs out, deadlines that ask a person to look."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from forkant_threat_watch.domain.moment import Moment
from forkant_threat_watch.domain.outcomes import ClearanceEnded, Cleared, Said
from forkant_threat_watch.domain.paging import ask_review, excluded
from forkant_threat_watch.domain.threat import Deadline, Threat


def run(threat: Threat, moment: Moment) -> tuple[Threat, list[Said]]:
    """Let what is due by now happen."""
    if threat.clearance is None and not threat.deadlines:
        return threat, []
    threat, said = _clearance(threat, moment)
    for deadline in threat.deadlines:
        if deadline.at <= moment.now:
            threat, asked = ask_review(threat, deadline.cause, moment, deadline.within)
            said += asked
    if any(deadline.at <= moment.now for deadline in threat.deadlines):
        left = tuple(deadline for deadline in threat.deadlines if deadline.at > moment.now)
        threat = replace(threat, deadlines=left)
    return threat, said


def dues(threat: Threat) -> list[datetime]:
    """The moments at which `run` has something to do."""
    found = [deadline.at for deadline in threat.deadlines]
    return found if threat.clearance is None else [*found, threat.clearance.valid_until]


def _clearance(threat: Threat, moment: Moment) -> tuple[Threat, list[Said]]:
    """End it when its time is over; say it again when more people are to be kept out than were known of."""
    clearance = threat.clearance
    if clearance is None:
        return threat, []
    if moment.now >= clearance.valid_until:
        ended = ClearanceEnded(clearance.id, threat.id, moment.now, "EXPIRED")
        return replace(threat, clearance=None), [ended]
    kept_out = tuple(sorted({*clearance.excluded, *excluded(threat, moment.links)}))
    if kept_out == clearance.excluded:
        return threat, []
    told = Cleared(clearance.id, threat.id, moment.now, clearance.valid_until, kept_out, again=True)
    return replace(threat, clearance=replace(clearance, excluded=kept_out)), [told]


def set_deadline(threat: Threat, deadline: Deadline) -> Threat:
    """The threat with this deadline, instead of an earlier one of the same key."""
    return replace(threat, deadlines=(*without(threat, deadline.key).deadlines, deadline))


def without(threat: Threat, key: str) -> Threat:
    """The threat without the deadline of this key."""
    return replace(threat, deadlines=tuple(one for one in threat.deadlines if one.key != key))


def settle(threat: Threat, cause: str) -> Threat:
    """The threat without the review of this cause: what it asked for has been done."""
    return replace(threat, reviews=tuple(review for review in threat.reviews if review.cause != cause))
