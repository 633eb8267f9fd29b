"""The main menu: the doors of the four services, those that open to the one who looks."""

from __future__ import annotations

from forkant_shared.access import policy
from forkant_shared.identity import Principal
from forkant_shared.web.language import N_

# Where a door leads, which addresses lie behind it, what it is called, and what one must be allowed to do there.
DOORS = (
    ("/", "/notifier", N_("Vaktpult"), None),
    ("/threat-watch/threats", "/threat-watch", N_("Trusler"), "threat-watch.threat.read"),
    ("/meetings/", "/meetings", N_("Møter"), "meetings.dialogue.read"),
    ("/registry/actors", "/registry", N_("Register"), "registry.actor.search"),
)


def doors(who: Principal) -> list[tuple[str, str, str]]:
    """(address, prefix, msgid) of each door that is not shut. That a door is shown opens nothing: the page decides."""
    return [(to, within, text) for to, within, text, action in DOORS if action is None or policy.allows(who, action)]
