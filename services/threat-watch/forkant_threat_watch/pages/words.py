"""What the codes of threat-watch are called on screen."""

from __future__ import annotations

from forkant_shared.web import N_
from forkant_threat_watch.pages import followup_words

STATES = {
    "OPEN": N_("Åpen"),
    "ASSESSED": N_("Vurdert"),
    "ESCALATED": N_("Varslet"),
    "IN_DIALOGUE": N_("I dialog"),
    "UNDER_MEASURES": N_("Under tiltak"),
    "VERIFYING": N_("Effekten verifiseres"),
    "CLOSED": N_("Lukket"),
    "MERGED": N_("Slått sammen"),
}
STATE_KINDS = {"ESCALATED": "danger", "IN_DIALOGUE": "info", "UNDER_MEASURES": "info", "VERIFYING": "warning"}
CHANNELS = {
    "HANDLER": N_("Kildefører"),
    "PATROL": N_("Patrulje"),
    "STAFF": N_("Egne ansatte"),
    "DUTY_PHONE": N_("Vakttelefon"),
    "WALK_IN": N_("Oppmøte"),
    "MEETING": N_("Møte"),
    "PARTNER": N_("Samarbeidspart"),
    "SYSTEM": N_("Annet system"),
}
ORIGINS = {
    "calendar": N_("En dag som betyr noe"),
    "conflict": N_("Forholdet mellom gruppene"),
    "feedback": N_("Meldt effekt"),
    "meeting": N_("Sagt i et møte"),
    "observation": N_("Sett nær en beskyttet adresse"),
}
#: What a threat's next deadline is for; the cause of a review stands in REVIEWS.
DEADLINES = {
    "verification": N_("effekten skal være sett"),
    "decision-expires": N_("bestemt nivå går ut"),
    "clearance-ends": N_("klareringen går ut"),
    "measure-expires": N_("et tiltak går ut"),
    "request-due": N_("et spørsmål skal være besvart"),
}
KINDS = {"FACT": N_("Faktum"), "ASSESSMENT": N_("Vurdering")}
EXPOSURES = {"OK": N_("Kan vises"), "PARAPHRASE": N_("Kan gjengis med andre ord"), "NO": N_("Kan ikke vises")}
MISSING = {
    "NO_GRIEVANCE": N_("Ingenting om foranledning"),
    "NO_INTENT": N_("Ingenting om hensikt"),
    "NO_RECONNAISSANCE": N_("Ingenting om rekognosering"),
    "NO_CAPABILITY": N_("Ingenting om kapasitet"),
    "NO_TARGET_EXPOSURE": N_("Ingenting om sårbarhet hos målet"),
    "UNKNOWN_AGGRESSOR": N_("Vi vet ikke hvem trusselen kommer fra"),
    "UNKNOWN_TARGET": N_("Vi vet ikke hvem trusselen retter seg mot"),
    "NOT_GRADED": N_("Noen rapporter er ennå ikke gradert"),
    "UNVERIFIED_SOURCE": N_("En kilde eller opplysning er ikke vurdert"),
    "SUGGESTED_SIGNALS": N_("Signaler venter på at noen velger trussel"),
}
GATES = {
    "ONE_ORIGIN": N_("Alt kommer fra én opprinnelse, så nivået stanser på moderat."),
    "ONE_FACTOR": N_("Alt gjelder én og samme faktor, så nivået stanser på moderat."),
}
CHANGES = {
    "SIGNALS_FADE": N_("fordi signalene eldes"),
    "BUFFER_FADES": N_("fordi virkningen av det som demper, går ut"),
    "WINDOW_OPENS": N_("fordi en dag som betyr noe, nærmer seg"),
    "WINDOW_CLOSES": N_("fordi en dag som betyr noe, er forbi"),
    "DECISION_EXPIRES": N_("fordi nivået en person har satt, går ut"),
}
RULES = {
    "planned-reprisal": N_("Planlagt gjengjeldelse"),
    "level-high": N_("Nivået steg til høyt eller kritisk"),
    "imminent-ungraded": N_("Nært forestående, ikke gradert"),
    "many-weak-origins": N_("Mange svake opprinnelser"),
    "own-action": N_("Egen handling kan være en foranledning"),
    "rival-encounter": N_("Rivaler møtes"),
    "officer-judgement": N_("En tjenestepersons vurdering"),
    "police-target": N_("Rettet mot politi, påtalemyndighet eller vitne"),
    "leader-and-family": N_("Rettet mot familien til en som er utsatt"),
    "family-target": N_("Rettet mot flere i én familie"),
    "near-event": N_("En dag som betyr noe, er nær"),
    "unassessed-text": N_("Tekst om nær vold, ikke vurdert"),
    "promise-broken": N_("Et løfte er brutt"),
    "effect-missing": N_("Effekten uteble"),
    "decision-expired": N_("Et bestemt nivå gikk ut"),
    "lowering-overtaken": N_("Nye opplysninger etter en senking"),
}
REVIEWS = {
    **RULES,
    "scheduled": N_("Fast gjennomgang"),
    "lowering-proposed": N_("Senking foreslått"),
    "index-rising": N_("Indeksen stiger over det som ble bestemt"),
    "decision-expires": N_("Et bestemt nivå går snart ut"),
    "choose-threat": N_("Velg hvilken trussel et signal hører til"),
    "report-destroyed": N_("En rapport er slettet"),
    **followup_words.REVIEWS,
}
EVENTS = {
    **followup_words.EVENTS,
    "opened": N_("Trusselen ble åpnet"),
    "assessed": N_("Vurdert"),
    "paged": N_("Varsel sendt"),
    "page-updated": N_("Nytt under åpent varsel"),
    "page-accepted": N_("Varselet er kvittert"),
    "page-closed": N_("Varselet er lukket"),
    "review-asked": N_("Gjennomgang bedt om"),
    "review-overdue": N_("Gjennomgang over fristen, går til leder"),
    "fallback": N_("Alternativet legges fram for leder"),
    "decision-ended": N_("Bestemt nivå gjelder ikke lenger"),
    "promise-broken": N_("Et løfte er brutt"),
    "dialogue-held": N_("Dialogmøte om trusselen er holdt"),
    "identity-changed": N_("Hvem en av partene er, ble vurdert på nytt"),
    "day-called-off": N_("En dag ble flyttet eller avlyst"),
    "observation-superseded": N_("En observasjon nær en beskyttet adresse er rettet eller trukket"),
    "note-withdrawn": N_("Et notat fra et møte er trukket tilbake"),
    "decide": N_("Nivå bestemt"),
    "feedback": N_("Effekt meldt"),
    "judge": N_("En tjenesteperson ba om varsel"),
    "verify": N_("Tid for å verifisere effekten satt"),
    "move": N_("Ny tilstand"),
    "close": N_("Lukket"),
    "answer": N_("Gjennomgang besvart"),
    "checklist": N_("Punkt i sjekklisten besvart"),
    "link": N_("Et signal ble knyttet til trusselen"),
    "dismiss": N_("Et forslag ble avvist"),
    "unlink": N_("Et signal ble tatt bort"),
    "split": N_("Delt i to"),
    "merge": N_("Slått sammen med en annen"),
    "unmerge": N_("Sammenslåing opphevet"),
}
EVENT_KINDS = {
    **followup_words.EVENT_KINDS,
    "paged": "page",
    "page-updated": "page",
    "page-accepted": "page",
    "page-closed": "page",
    "review-asked": "review",
    "review-overdue": "review",
    "fallback": "review",
    "decide": "decision",
    "feedback": "decision",
    "judge": "decision",
    "verify": "decision",
    "move": "decision",
    "close": "decision",
    "answer": "decision",
    "checklist": "decision",
    "link": "decision",
    "dismiss": "decision",
    "unlink": "decision",
    "split": "decision",
    "merge": "decision",
    "unmerge": "decision",
    "decision-ended": "decision",
}
CAUSES = {
    "EVIDENCE": N_("nye opplysninger"),
    "SUGGESTED": N_("et signal ble foreslått"),
    "DUE": N_("tiden gikk"),
    "DECISION": N_("en person bestemte nivået"),
    "FEEDBACK": N_("effekt ble meldt"),
    "VERIFICATION": N_("effekten skal verifiseres"),
    "OFFICER": N_("en tjenesteperson sa fra"),
    "PROMISE": N_("et løfte ble brutt"),
    "REVIEWED": N_("gjennomgått"),
    "CONFLICT": N_("forholdet mellom gruppene endret seg"),
    "POLICY": N_("en annen policy gjelder"),
    "DAY": N_("en dag som betyr noe"),
    "IDENTITY": N_("hvem noen er, ble vurdert på nytt"),
    "EXPIRED": N_("tiden gikk ut"),
    "OVERTAKEN": N_("nye opplysninger veide tyngre"),
    "REPLACED": N_("et nytt nivå ble bestemt"),
    "UNLINKED": N_("et signal ble tatt bort"),
    "SPLIT": N_("delt i to"),
    "MERGED": N_("slått sammen"),
    "UNMERGED": N_("sammenslåing opphevet"),
    "DESTROYED": N_("en rapport ble slettet"),
    "MISHEARD": N_("misforstått eller hørt feil"),
    "WRONG_PARTY": N_("gjaldt en annen"),
    "TAKEN_BACK": N_("den som sa det, har tatt det tilbake"),
    "MISTAKE": N_("notert ved en feil"),
    **REVIEWS,
    **followup_words.CLEARANCE_CAUSES,
}
OUTCOMES = {
    "NONE": N_("Ingen virkning"),
    "TEMPORARY": N_("Midlertidig"),
    "RESOLVED": N_("Løst"),
    "WORSENED": N_("Verre"),
}
ANSWERS = {"YES": N_("Ja"), "NO": N_("Nei"), "PARTLY": N_("Delvis"), "UNKNOWN": N_("Vet ikke")}
QUESTIONS = {
    1: N_("Er all informasjon samordnet?"),
    2: N_("Er det nok til en straffesak?"),
    3: N_("Kan det vises uten å peke på kilden?"),
    4: N_("Er de som planlegger, åpne for dialog?"),
    5: N_("Skal kontrolltiltakene trappes opp?"),
    6: N_("Kan de mistenkte pågripes?"),
    7: N_("Hvordan verifiseres effekten, og hva er alternativet?"),
    8: N_("Er det sagt at presset følger av deres egne valg?"),
}
#: Where a point of the checklist is worked on: the right to see it, what it is called, its address under the threat's.
WORKED_ON = {
    3: ("disclosure.read", N_("Utleveringsplan"), "/disclosure"),
    5: ("measure.read", N_("Tiltak"), "/measures"),
    6: ("measure.read", N_("Tiltak"), "/measures"),
}
CALLINGS = {
    "POLICE": N_("Politi"),
    "POLICE_LEADER": N_("Politileder"),
    "PROSECUTOR": N_("Påtalemyndighet"),
    "WITNESS": N_("Vitne"),
}
# What to say beside a field of a form that did not hold.
ADVICE = {
    **followup_words.ADVICE,
    "reason": N_("Skriv hvorfor."),
    "into": N_(
        "Skriv referansen til en annen, åpen trussel. Virkning som ventes og alternativ som venter, avgjøres først."
    ),
    "signals": N_("Velg det som er en trussel for seg; noe må bli igjen."),
    "expires_at": N_("Velg et tidspunkt fram i tid, innen det lengste som er tillatt."),
    "due_at": N_("Velg et tidspunkt fram i tid."),
    "fallback": N_("Skriv hva som gjøres hvis virkningen uteblir; et alternativ som venter, avgjøres først."),
    "evidence": N_("Skriv hva du så eller hørte."),
    "outcome": N_("Meld først hvilken virkning det hadde."),
    "level": N_("Velg et nivå."),
    "lane": N_("Velg hvordan det skal varsles."),
    "state": N_("Trusselen kan ikke flyttes dit fra der den er nå."),
    "answer": N_("Velg et svar."),
    "signal": N_("Signalet er allerede knyttet til trusselen, eller finnes ikke."),
    "verification": N_("Meld først hvilken virkning det hadde, eller la en leder starte alternativet."),
}
