"""What becomes of a text that was read: proposals wait until a named person confirms, changes or dismisses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from forkant_shared.errors import Conflict, Invalid, NotFound, Stale
from forkant_threat_watch.domain.reporting import SignalWish
from forkant_threat_watch.domain.triage.parties import Mention
from forkant_threat_watch.domain.triage.reading import Proposed, Reading
from forkant_threat_watch.domain.words import UNKNOWN, Party, PartyKind


class Standing(StrEnum):
    """WAITING for a person; CLEAR where the rules found nothing; CONFIRMED or DISMISSED by a person."""

    WAITING = "WAITING"
    CLEAR = "CLEAR"
    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One report's text in the queue. `excluded` are the actors it seems to be aimed at: it is not for them."""

    report_id: str
    standing: Standing
    imminent: bool
    proposals: tuple[Proposed, ...]
    triggers: tuple[str, ...]
    excluded: frozenset[str]
    book_version: str
    read_at: datetime
    escalation_id: str | None = None
    version: int = 1

    def for_eyes_of(self, actor_id: str | None) -> Entry:
        """Itself. Raises NotFound, as for a report that does not exist, for one the text seems to be aimed at."""
        if actor_id is not None and actor_id in self.excluded:
            raise NotFound("There is no such text.")
        return self


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of a text: the signals that count from now on (none where dismissed), and why."""

    standing: Standing
    signals: tuple[SignalWish, ...]
    reason: str
    by: str


def entry_of(report_id: str, reading: Reading, excluded: Sequence[str], now: datetime) -> Entry:
    """A text that has just been read."""
    return Entry(
        report_id=report_id,
        standing=Standing.WAITING if reading.hit else Standing.CLEAR,
        imminent=reading.imminent,
        proposals=reading.signals,
        triggers=reading.triggers,
        excluded=frozenset(excluded),
        book_version=reading.version,
        read_at=now,
    )


def targets_of(reading: Reading) -> tuple[Party, ...]:
    """Whom the proposals name as the target: a name or a role that the registry may know."""
    parties = (party_of(proposed.target) for proposed in reading.signals)
    return tuple(dict.fromkeys(party for party in parties if party.known))


def party_of(mention: Mention | None) -> Party:
    """The party that words in a text may stand for; a pronoun stands for nobody."""
    if mention is None:
        return UNKNOWN
    if mention.role is not None:
        return Party(PartyKind.ROLE, mention.role)
    return Party(PartyKind.NAME, mention.words[:200]) if mention.is_name else UNKNOWN


def as_proposed(entry: Entry) -> tuple[SignalWish, ...]:
    """The signals just as the text proposes them."""
    return tuple(
        SignalWish(
            factor=proposed.factor,
            strength=proposed.strength,
            aggressor=party_of(proposed.aggressor),
            target=party_of(proposed.target),
            imminence_hours=proposed.imminence_hours,
            place=proposed.place,
        )
        for proposed in entry.proposals
    )


def decide(entry: Entry, verdict: Verdict, *, last: Verdict | None, version: int | None) -> Entry | None:
    """The entry after a person's word; None where the same person has said the same before.

    What somebody else has decided stands: a Conflict for who comes second. Somebody who has seen the dismissal (and
    sends its `version`) may still confirm. Raises Stale where the version seen is another now, Invalid without a
    reason for a dismissal or without a signal for a confirmation.
    """
    if last is not None and last == verdict and entry.standing is verdict.standing:
        return None
    if version is not None and version != entry.version:
        raise Stale("Somebody else has decided meanwhile.", remedy="Look at the text again.")
    if entry.standing is Standing.CONFIRMED:
        raise Conflict("The text was confirmed before.", remedy="Unlink the signals where they do not belong.")
    overruling = entry.standing is Standing.DISMISSED
    if overruling and (version is None or verdict.standing is Standing.DISMISSED):
        raise Conflict("The text was dismissed before.", remedy="Look at it again, and send its ETag as If-Match.")
    if verdict.standing is Standing.DISMISSED and not verdict.reason.strip():
        raise Invalid("A dismissal needs a reason.", field="reason", remedy="Say in a sentence why it is nothing.")
    if verdict.standing is Standing.CONFIRMED and not verdict.signals:
        raise Invalid("There is nothing to confirm.", field="signals", remedy="Send at least one signal, or dismiss.")
    return replace(entry, standing=verdict.standing, version=entry.version + 1)
