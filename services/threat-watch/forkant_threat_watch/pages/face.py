"""What all pages of threat-watch share: drawing, names of parties, and forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from forkant_shared.access import policy
from forkant_shared.errors import Invalid, NotFound
from forkant_shared.identity import Principal
from forkant_shared.web import Pages
from forkant_threat_watch.commands.loading import ThreatWatchParts, going
from forkant_threat_watch.domain.words import Party, PartyKind
from forkant_threat_watch.pages import words

PAGES = Pages("forkant_threat_watch", service="threat-watch")
LONGEST_TEXT = 2000


def render(
    request: Request, parts: ThreatWatchParts, who: Principal, template: str, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """A page of threat-watch: the codes' words and what `who` may do."""
    gone_by = going(parts).policy
    given = {
        "words": words,
        "may": lambda action: policy.allows(who, f"threat-watch.{action}"),
        "zone": gone_by.timezone,
        "local_input": lambda moment: moment.astimezone(gone_by.timezone).strftime("%Y-%m-%dT%H:%M"),
        "PartyKind": PartyKind,
    }
    return PAGES.render(request, template, status_code=status_code, **(given | context))


def named(parties: tuple[Party, ...], labels: Mapping[str, str]) -> list[dict[str, str | None]]:
    """Each party with its name (or its role's code), and where its card is."""
    return [_named(party, labels) for party in parties]


def _named(party: Party, labels: Mapping[str, str]) -> dict[str, str | None]:
    if party.kind is PartyKind.ROLE:
        return {"role": party.ref, "text": None, "href": None}
    if party.kind is PartyKind.NAME:
        return {"role": None, "text": party.ref, "href": None}
    return {"role": None, "text": labels.get(party.ref), "href": f"/registry/actors/{party.ref}"}


def known_id(text: str) -> str:
    """The id in its one form. Raises NotFound where it is none: such an address leads nowhere."""
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("There is no such thing.") from None


def text_of(sent: FormData, name: str) -> str:
    """A field as text, empty where it was not sent. Raises Invalid where it is too long."""
    value = sent.get(name)
    text = value.replace("\x00", "").strip() if isinstance(value, str) else ""
    if len(text) > LONGEST_TEXT:
        raise Invalid("The text is too long.", field=name, remedy="Shorten the text.")
    return text


def moment_of(sent: FormData, name: str, parts: ThreatWatchParts) -> datetime:
    """A field of date and time as people at the desk write it: the unit's own time zone. Raises Invalid."""
    try:
        local = datetime.fromisoformat(text_of(sent, name))
    except ValueError:
        raise Invalid("This is no date and time.", field=name, remedy="Choose a date and a time.") from None
    if local.tzinfo is not None:
        raise Invalid("This is no date and time.", field=name, remedy="Choose a date and a time.")
    return local.replace(tzinfo=going(parts).policy.timezone)
