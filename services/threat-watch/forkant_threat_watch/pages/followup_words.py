"""What the codes of following a threat up are called on screen."""

from __future__ import annotations

from forkant_shared.web import N_

MEASURES = {
    "DIALOGUE": N_("Dialog"),
    "CONTROL": N_("Kontroll"),
    "SURVEILLANCE": N_("Spaning"),
    "ARREST": N_("Pågripelse"),
    "PROTECTION": N_("Beskyttelse"),
    "ALARM": N_("Mobil voldsalarm"),
    "WARNING_NOTICE": N_("Varsel til den utsatte"),
    "DISRUPTION_NOTICE": N_("Varsel til den som truer"),
    "CONTACT_BAN": N_("Kontaktforbud"),
    "STAY_BAN": N_("Oppholdsforbud"),
    "WEAPON_LICENCE": N_("Tilbakekall av våpentillatelse"),
    "DRIVING_LICENCE": N_("Tilbakekall av førerett"),
    "CONFISCATION": N_("Beslag"),
}
STANDINGS = {
    "PLANNED": N_("Planlagt"),
    "RUNNING": N_("Pågår"),
    "EXPIRED": N_("Utløpt, ikke avsluttet"),
    "ENDED": N_("Avsluttet"),
}
STANDING_KINDS = {"PLANNED": "neutral", "RUNNING": "info", "EXPIRED": "danger", "ENDED": "neutral"}
EXPOSURE_KINDS = {"OK": "success", "PARAPHRASE": "info", "NO": "danger"}
KEEPERS = {"HANDLER": N_("Kildefører"), "CONTACT": N_("Dialogkontakt")}
PARTS = {
    "SOURCE": N_("For kildene"),
    "LEADER": N_("For dialogen"),
    "ALONE": N_("Vaktleder alene, fare for liv"),
}
OBSTACLES = {
    "NO_LINES": N_("Planen sier ingenting ennå."),
    "NOT_ANSWERED": N_("Noen har ikke svart på om det planen bygger på, kan vises."),
    "ANSWERED_NO": N_("Planen bygger på noe som ikke kan vises."),
    "TOO_LIKE": N_("En tekst er for lik en rapport."),
    "NOT_APPROVED": N_("En tekst er ikke godkjent av en annen enn den som skrev den."),
    "TOO_FEW": N_("For få kan ha visst det planen bygger på, og ingen åpen kilde sier det samme."),
}
CLEARANCE_CAUSES = {
    "EXPIRED": N_("tiden gikk ut"),
    "REPLACED": N_("klarert på nytt"),
    "WITHDRAWN": N_("trukket av en person"),
    "PLAN_CHANGED": N_("planen ble endret"),
    "ANSWERED_NO": N_("noe kan ikke vises likevel"),
    "ANSWER_CHANGED": N_("et svar om hva som kan vises, ble endret"),
    "REPORT_DESTROYED": N_("en rapport ble slettet"),
    "CLOSED": N_("trusselen ble lukket"),
    "MERGED": N_("trusselen ble slått sammen med en annen"),
}
REQUEST_OUTCOMES = {
    "ANSWERED": N_("Besvart"),
    "UNKNOWN": N_("Ingen vet"),
    "WITHDRAWN": N_("Trukket"),
}
OTHER = N_("Noe annet")
REVIEWS = {
    "measure-expires": N_("Et tiltak går ut"),
    "measure-disproportionate": N_("Tiltak er kraftigere enn nivået tilsier"),
    "request-overdue": N_("Et spørsmål er ikke besvart i tide"),
    "effect-time-missing": N_("Etter dialogen: sett når effekten må være sett"),
    "signed-alone": N_("Vaktleder klarerte alene"),
    "fallback-waits": N_("Ingen har startet alternativet"),
}
EVENTS = {
    "exposure": N_("Svart på om en rapport kan vises"),
    "exposure-elsewhere": N_("Svar på en rapport ble endret ved en annen trussel"),
    "overlap": N_("Svart på hvor mange som kan ha visst begge deler"),
    "line-written": N_("Ny tekst i utleveringsplanen"),
    "line-approved": N_("Tekst i utleveringsplanen godkjent"),
    "line-removed": N_("Tekst i utleveringsplanen fjernet"),
    "signed": N_("Utleveringsplanen signert"),
    "cleared": N_("Dialog klarert"),
    "cleared-again": N_("Flere skal holdes utenfor dialogen"),
    "clearance-ended": N_("Dialogen er ikke lenger klarert"),
    "clearance-withdrawn": N_("Klareringen trukket"),
    "measure-made": N_("Tiltak satt i gang"),
    "measure-served": N_("Tiltak forkynt eller ikke"),
    "measure-ended": N_("Tiltak avsluttet"),
    "request-asked": N_("Informasjon etterspurt"),
    "request-ended": N_("Spørsmål besvart eller trukket"),
    "fallback-started": N_("Alternativet er startet"),
    "fallback-declined": N_("Alternativet startes ikke"),
}
EVENT_KINDS = {
    **dict.fromkeys(EVENTS, "decision"),
    "clearance-ended": "review",
    "cleared-again": "review",
    "exposure-elsewhere": "review",
}
# What to say beside a field of a form that did not hold.
ADVICE = {
    "because": N_("Skriv hvorfor."),
    "by": N_("Det må være to forskjellige personer."),
    "clearance": N_("Ingen dialog er klarert. Utleveringsplanen må signeres av to først."),
    "could_know": N_("Oppgi et antall som kan stemme: minst én, og ikke flere enn de som kan ha visst hver del."),
    "line": N_("Teksten er allerede godkjent eller endret. Se planen på nytt."),
    "measures": N_("Se på tiltakene først."),
    "not_because": N_("Skriv hvorfor det ikke ble forkynt."),
    "note": N_("Skriv hvorfor det ikke finnes noe svar."),
    "owner": N_("Velg en som har vært innlogget her, og som trusselen ikke er rettet mot."),
    "part": N_("Denne delen er allerede signert."),
    "plan_version": N_("Planen er endret siden du leste den. Les den på nytt."),
    "question": N_("Skriv spørsmålet."),
    "about": N_("Velg noe av det som mangler."),
    "report": N_("Oppgi referansen til en rapport som finnes her."),
    "reports": N_("Velg rapporter som hører til trusselen."),
    "review": N_("En annen må se på det."),
    "served": N_("Si først om det er forkynt."),
    "text": N_("Skriv det på nytt med egne ord, slik at ingen kan kjenne igjen en rapport."),
    "toward": N_("Velg en av partene i trusselen."),
    "what": N_("Skriv hva som gjøres."),
    "kind": N_("Velg et tiltak."),
    "at": N_("Velg et tidspunkt som har vært."),
    **{f"plan.{code}": text for code, text in OBSTACLES.items()},
}
