"""What all pages of the desk share: how they are drawn, and what codes are called on screen."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from forkant_notifier.domain.attempts import AttemptState
from forkant_notifier.domain.lanes import Channel
from forkant_notifier.domain.page import CloseCause, EntryKind, Origin, PageState
from forkant_shared.web import N_, Pages

#: The unit's own time, which `datetime-local` fields are in.
OSLO = ZoneInfo("Europe/Oslo")

PAGES = Pages("forkant_notifier", service="notifier")

STATES = {
    PageState.OPEN: N_("Ubesvart"),
    PageState.ACCEPTED: N_("Kvittert"),
    PageState.CLOSED: N_("Lukket"),
}
ORIGINS = {
    Origin.ESCALATION: N_("Trussel"),
    Origin.WATCH_SILENT: N_("Trusselvakten er taus"),
    Origin.ROUTE_DEAD: N_("En rute til telefonene er nede"),
    Origin.DRILL: N_("Øvelse"),
}
TIERS = {
    1: N_("Vakthavende"),
    2: N_("Stedfortreder"),
    3: N_("Vaktleder"),
    4: N_("Alle, med operasjonssentralen"),
}
ENTRIES = {
    EntryKind.OPENED: N_("Varselet ble opprettet"),
    EntryKind.RANG: N_("Varslet trinn"),
    EntryKind.TIER_SKIPPED: N_("Hoppet over tomt trinn"),
    EntryKind.BECAME_LIFE: N_("Ingen svarte: varselet haster nå"),
    EntryKind.ACCEPTED: N_("Kvittert"),
    EntryKind.ACCEPTED_PARTLY: N_("Kvittert, flere må svare"),
    EntryKind.ALSO_ACCEPTED: N_("Kvittert av én til"),
    EntryKind.STANDBY: N_("Sett, venter"),
    EntryKind.CANNOT: N_("Kan ikke"),
    EntryKind.WORKING: N_("Jobber med saken"),
    EntryKind.CALL: N_("Innringing ført"),
    EntryKind.NOTE: N_("Notat"),
    EntryKind.ACTION_MISSING: N_("Kvittert uten handling: varsler på nytt"),
    EntryKind.UPDATED: N_("Mer er kommet til"),
    EntryKind.WATCH_RESUMED: N_("Trusselvakten svarer igjen"),
    EntryKind.CLOCK_SET_BACK: N_("Maskinens klokke gikk tilbake: varsler nå"),
    EntryKind.ROUTE_BACK: N_("Ruten virker igjen"),
    EntryKind.CLOSED: N_("Lukket"),
}
CAUSES = {
    CloseCause.HANDLED: N_("Håndtert"),
    CloseCause.FALSE_ALARM: N_("Falsk alarm"),
    CloseCause.THREAT_CLOSED: N_("Trusselen er avsluttet"),
    CloseCause.REPLACED: N_("Erstattet av et annet varsel"),
    CloseCause.TRIAGED: N_("Teksten er vurdert"),
    CloseCause.ROUTE_BACK: N_("Ruten virker igjen"),
    CloseCause.DRILL_ANSWERED: N_("Øvelsen er besvart"),
    CloseCause.DRILL_STOPPED: N_("Øvelsen ble avsluttet av vaktleder"),
    CloseCause.DRILL_TIME: N_("Øvelsens tid er ute"),
    CloseCause.DRILL_REAL_PAGE: N_("Øvelsen måtte vike for et virkelig varsel"),
}
CHANNELS = {
    Channel.PUSH: N_("Push"),
    Channel.SMS: N_("SMS"),
    Channel.CALL: N_("Oppringning"),
    Channel.MAIL: N_("E-post"),
    Channel.WEBHOOK: N_("Annet system"),
}
ATTEMPTS = {
    AttemptState.DUE: N_("Venter"),
    AttemptState.LEASED: N_("Sendes"),
    AttemptState.SUBMITTED: N_("Sendt"),
    AttemptState.DELIVERED: N_("Levert"),
    AttemptState.FAILED: N_("Mislyktes"),
    AttemptState.UNKNOWN: N_("Ukjent, prøver annen rute"),
}
ATTEMPT_KINDS = {
    AttemptState.DELIVERED: "success",
    AttemptState.FAILED: "danger",
    AttemptState.UNKNOWN: "warning",
}


def moment_in_oslo(value: str) -> datetime | None:
    """What a `datetime-local` field holds; None for what is no time."""
    try:
        found = datetime.fromisoformat(value).replace(tzinfo=OSLO)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None
