"""What the codes of meetings are called on screen, and what is said when something does not hold."""

from __future__ import annotations

from forkant_shared.web import N_

PHASES = {
    "I": N_("Fase I – kunnskap"),
    "II": N_("Fase II – ta tilbake kontrollen, finne reell autoritet"),
    "III": N_("Fase III – etablere kontakt"),
    "IV": N_("Fase IV – holde kontakten ved like"),
}
ENTRY_FORMS = {
    "FORCED_AFTER_PRESSURE": N_("Tvunget fram etter press"),
    "IN_CUSTODY": N_("Under varetekt eller soning"),
    "OPEN_APPROACH": N_("Åpen henvendelse fra politiet"),
    "HAND_STRETCHED_OUT": N_("Utstrakt hånd fra dem"),
}
STANDINGS = {
    "REAL_AUTHORITY": N_("Reell autoritet"),
    "FORMAL_ROLE": N_("Formell rolle"),
    "SPOKESPERSON": N_("Talsperson"),
}
LEVELS = {"STRATEGIC": N_("Strategisk"), "TACTICAL": N_("Taktisk"), "OPERATIONAL": N_("Operasjonelt")}
STATES = {
    "DRAFT": N_("Utkast"),
    "PLANNED": N_("Planlagt"),
    "CONFIRMED": N_("Bekreftet"),
    "HELD": N_("Avholdt"),
    "MINUTED": N_("Referat skrevet"),
    "APPROVED": N_("Referat godkjent"),
    "CANCELLED": N_("Avlyst"),
    "BROKEN_OFF": N_("Avbrutt"),
}
STATE_KINDS = {
    "DRAFT": "neutral",
    "PLANNED": "info",
    "CONFIRMED": "success",
    "HELD": "info",
    "MINUTED": "warning",
    "APPROVED": "success",
    "CANCELLED": "neutral",
    "BROKEN_OFF": "danger",
}
INITIATIVES = {"OURS": N_("Vi"), "THEIRS": N_("De"), "THIRD_PARTY": N_("En tredjepart")}
OUTCOMES = {
    "PROCEED": N_("Avklart – møtet kan gå som planlagt"),
    "JOINT": N_("Avklart – vi gjør det sammen"),
    "DELAY": N_("Må utsettes"),
    "CANCEL": N_("Må avlyses"),
    "NOT_CHECKED": N_("Ikke spurt, fordi …"),
}
CHECKS = {
    "POLICE_REPRESENTATIVES": N_("To representanter fra politiet"),
    "COUNTERPART_NUMBER": N_("Antallet fra motparten er avtalt"),
    "NEUTRAL_PLACE": N_("Nøytralt sted"),
    "PURPOSE": N_("Formålet er skrevet ned"),
    "NOT_RECRUITMENT": N_("Kontakten brukes ikke til å verve informanter"),
    "DECONFLICTION": N_("Avklart med andre enheter"),
    "LEAD_TIME": N_("Tid nok til å forberede"),
    "REPRESENTATIVES_KNOWN": N_("Representantene har logget inn i Forkant"),
    "NOT_A_TARGET": N_("Ingen representant er mål for trusselen"),
    "DIALOGUE_CLEARED": N_("Trusseldialogen er klarert med to underskrifter"),
    "EXPERIENCED_LEADERS": N_("To erfarne ledere"),
    "VERIFICATION_TIME": N_("Tid for å verifisere virkningen"),
    "FALLBACK": N_("Alternativ hvis dialogen ikke virker"),
}
CHECK_REMEDIES = {
    "POLICE_REPRESENTATIVES": N_("Sett opp én representant til."),
    "COUNTERPART_NUMBER": N_("Avtal hvor mange de skal være."),
    "NEUTRAL_PLACE": N_("Velg et nøytralt sted."),
    "PURPOSE": N_("Skriv hva møtet skal brukes til."),
    "NOT_RECRUITMENT": N_("Erklær det i planen, eller la være å møtes."),
    "DECONFLICTION": N_("Spør de andre enhetene, eller skriv hvorfor de ikke blir spurt."),
    "LEAD_TIME": N_("Velg et senere tidspunkt."),
    "REPRESENTATIVES_KNOWN": N_("La representanten logge inn én gang, så koblinger til mål blir sett."),
    "NOT_A_TARGET": N_("Velg en annen representant. Dette kan ikke fravikes."),
    "DIALOGUE_CLEARED": N_("Få to underskrifter på eksponeringsvurderingen av trusselen. Dette kan ikke fravikes."),
    "EXPERIENCED_LEADERS": N_("La to erfarne ledere møte."),
    "VERIFICATION_TIME": N_("Sett en tid etter møtet da virkningen skal være verifisert."),
    "FALLBACK": N_("Skriv hva som gjøres hvis dialogen ikke virker."),
}
SIDES = {"POLICE": N_("Politiet"), "COUNTERPART": N_("Motparten")}
FATES = {"OPEN": N_("Åpen"), "KEPT": N_("Holdt"), "BROKEN": N_("Brutt"), "LAPSED": N_("Bortfalt")}
FATE_KINDS = {"OPEN": "info", "KEPT": "success", "BROKEN": "danger", "LAPSED": "neutral"}
MANNERS = {"INTENTIONAL": N_("Med vilje"), "ACCIDENTAL": N_("Ved et uhell"), "EXCUSED": N_("Unnskyldt")}
PROGRESSES = {
    "NOT_INITIATED": N_("Ikke begynt"),
    "MINIMUM": N_("Så vidt i gang"),
    "INTERMEDIATE": N_("Godt i gang"),
    "COMPLETE": N_("Ferdig"),
}
ACKNOWLEDGEMENTS = {
    "SPOKEN": N_("Muntlig"),
    "MESSAGE": N_("I en melding"),
    "THEIR_MINUTES": N_("I deres eget referat"),
}
REMINDERS = {
    "PROMISE_REMIND": N_("Et løfte forfaller snart"),
    "PROMISE_OVERDUE": N_("Et løfte har gått over fristen"),
    "MINUTES_MISSING": N_("Et møte mangler referat"),
    "MINUTES_OVERDUE": N_("Et referat venter på godkjenning"),
    "CONTACT_OVERDUE": N_("Det er for lenge siden sist kontakt"),
    "CONFIRMATION_WITHDRAWN": N_("Bekreftelsen av et møte er trukket tilbake"),
}
CLIMATES = {
    -2: N_("−2 fiendtlig"),
    -1: N_("−1 kjølig"),
    0: N_("0 nøytral"),
    1: N_("+1 åpen"),
    2: N_("+2 varm"),
}
SCALES = {"ADMIRALTY": N_("Admiralty (NATO)"), "EUROPOL_4X4": N_("Europol 4x4"), "UK_3X5X2": N_("UK 3x5x2")}
NOTE_KINDS = {"INTELLIGENCE": N_("Etterretning"), "COMPLAINT": N_("Klage på oss")}
STRENGTHS = {"HINT": N_("Antydet"), "STATED": N_("Sagt"), "EXPLICIT": N_("Sagt rett ut")}
BASES = {"FACT": N_("Som noe de vet"), "ASSESSMENT": N_("Som noe de tror")}
OWN_ACTIONS = {
    "CONTROL": N_("En kontroll"),
    "SEARCH": N_("En ransaking"),
    "ARREST": N_("En pågripelse"),
    "CONDUCT": N_("Oppførselen vår ellers"),
}
TARGET_ROLES = {
    "POLICE_LEADER": N_("Leder i politiet"),
    "PROJECT_LEADER": N_("Prosjektleder"),
    "POLICE_OFFICER": N_("Polititjenesteperson"),
    "PROSECUTOR": N_("Påtalejurist"),
    "JUDGE": N_("Dommer"),
    "WITNESS": N_("Vitne"),
    "PRISON_OFFICER": N_("Ansatt i kriminalomsorgen"),
    "CHILD_WELFARE_OFFICER": N_("Ansatt i barnevernet"),
    "MUNICIPAL_OFFICER": N_("Ansatt i kommunen"),
}
WITHDRAWAL_CAUSES = {
    "MISHEARD": N_("Misforstått eller hørt feil"),
    "WRONG_PARTY": N_("Gjaldt en annen"),
    "TAKEN_BACK": N_("Den som sa det, har tatt det tilbake"),
    "MISTAKE": N_("Notert ved en feil"),
}
HANDLINGS = {"OPEN": N_("Åpen i tjenesten"), "RESTRICTED": N_("Begrenset"), "SECRET": N_("Skjermet")}

#: The remedy of an error, in words for a person at the form. A remedy that is missing here gets `OTHERWISE`.
SENTENCES = {
    "Add the new contact first, and let both meet the counterpart.": N_(
        "Dialogen bæres alltid av minst to. Legg til den nye kontakten først, og la begge møte motparten."
    ),
    "Choose a later day.": N_("Velg en senere dag."),
    "Write when it rang.": N_("Skriv når det ringte. Det kan ikke ligge fram i tid."),
    "Choose a later time; log an operational contact that has taken place as held.": N_(
        "Velg et senere tidspunkt. En operasjonell kontakt som har vært, loggføres som holdt."
    ),
    "Choose another officer.": N_("Denne betjenten bærer dialogen allerede. Velg en annen."),
    "Choose another phase.": N_("Dialogen er i denne fasen allerede. Velg en annen."),
    "Choose intentional, accidental or excused for a broken promise.": N_(
        "Si hvordan løftet ble brutt: med vilje, ved et uhell eller unnskyldt."
    ),
    "Choose one of the four ways in.": N_("Velg hvordan kontakten ble etablert."),
    "Choose the next phase, or go back.": N_("En dialog går én fase fram om gangen. Velg den neste, eller gå tilbake."),
    "Choose what became of the promise.": N_("Velg hva som ble av løftet."),
    "Choose when it starts.": N_("Velg når møtet begynner."),
    "Choose where it is.": N_("Skriv hvor møtet er."),
    "Count everybody of the other side, named or not.": N_("Tell alle fra motparten, også dem som ikke er navngitt."),
    "Declare that the contact is not used for recruiting informants, or do not meet.": N_(
        "Erklær at kontakten ikke brukes til å verve informanter."
    ),
    "Give a number of days.": N_("Skriv et antall dager."),
    "Give when it happened.": N_("Skriv når det skjedde. Det kan ikke ligge fram i tid."),
    "Give when it took place.": N_("Skriv når det fant sted. Det kan ikke ligge fram i tid."),
    "Give when it was given.": N_("Skriv når løftet ble gitt. Det kan ikke ligge fram i tid."),
    "Judge it anew, with evidence, if that was wrong.": N_(
        "Løftet er avgjort. Var det feil, avgjør det på nytt med belegg."
    ),
    "Leave the reason out.": N_("Denne kontrollen er i orden og trenger ingen begrunnelse."),
    "Let another officer do it.": N_("Du kan ikke ta del i svaret på denne trusselen. La en annen gjøre det."),
    "Let another police representative of the meeting approve them.": N_(
        "Referatet godkjennes av den andre representanten fra møtet."
    ),
    "Let one of the police representatives write them.": N_("Referatet skrives av en av representantene som var der."),
    "Let the second representative approve.": N_("Ingen godkjenner det de selv har skrevet. La den andre gjøre det."),
    "Name a meeting of this dialogue, or none.": N_("Velg et møte i denne dialogen, eller ingen."),
    "Name each officer once.": N_("Nevn hver betjent én gang."),
    "Name each person once for each standing.": N_("Denne personen står der allerede."),
    "Name each person once.": N_("Nevn hver person én gang."),
    "Name the officer who follows it up.": N_("Skriv hvem som følger det opp."),
    "Name the officers who will carry it together.": N_("Nevn minst to som skal bære dialogen sammen."),
    "Name who of the police was there.": N_("Skriv hvem fra politiet som var der."),
    "Read it again.": N_("Noen har gjort dette allerede. Se hva som gjelder nå."),
    "Read them again.": N_("Alt i referatet er godkjent allerede."),
    "Say how many they were.": N_("Skriv hvor mange de var."),
    "Say to whom it was promised.": N_("Skriv hvem løftet ble gitt til."),
    "Say who decided that the contact took place.": N_("Skriv hvem som bestemte at kontakten skulle finne sted."),
    "Two representatives are two officers.": N_("To representanter er to forskjellige betjenter."),
    "Plan and confirm strategic and tactical meetings.": N_("Strategiske og taktiske møter planlegges og bekreftes."),
    "Plan it as a meeting; report what was said about a threat to threat-watch.": N_(
        "En trusseldialog planlegges som møte. Meld det som ble sagt om en trussel."
    ),
    "Choose a number from -2 to 2, or none.": N_("Velg et tall fra −2 til +2, eller ingen."),
    "Choose somebody else.": N_("Ingen truer seg selv. Velg en annen."),
    "Choose somebody of the counterpart.": N_("Velg en av motpartens personer, eller ingen."),
    "Give when it was said.": N_("Skriv når det ble sagt. Det kan ikke ligge fram i tid."),
    "Let one of the police representatives note it.": N_(
        "Det som ble sagt, noteres av en av representantene som var der."
    ),
    "Let one who was there withdraw it.": N_("Notatet trekkes av en som var der, eller en som bærer dialogen."),
    "Note it as a complaint.": N_("Det vi selv har gjort, noteres som en klage."),
    "Say when the meeting was held first.": N_("Registrer først at møtet er holdt."),
    "Say who it is.": N_("Si hvem det er. En ukjent snakker ikke om seg selv."),
    "Write the minutes first.": N_("Skriv referatet først."),
    "Write what is right.": N_("Skriv hva som er riktig."),
    "Write what shows it.": N_("Skriv hva som viser det. Et løfte er ikke en virkning."),
    "Write what the contact was for.": N_("Skriv hva kontakten gjaldt."),
    "Write what was promised.": N_("Skriv hva som ble lovet."),
    "Write what was said.": N_("Skriv hva som ble sagt."),
    "Write why.": N_("Skriv hvorfor."),
    "Write a time.": N_("Skriv et gyldig tidspunkt."),
    "Write a day.": N_("Skriv en gyldig dag."),
    "Write a number.": N_("Skriv et helt tall."),
    "Choose one of the values.": N_("Velg en av mulighetene."),
    "Shorten the text.": N_("Teksten er for lang."),
}
OTHERWISE = N_("Dette går ikke slik det står nå. Se hva som gjelder, og prøv igjen.")
