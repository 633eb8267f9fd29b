"""What is wrong in a policy's text, in the words of the screen: the domain says it in English, as the API gives it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from forkant_shared.web import N_

COMPLAINTS = (
    (r"'(?P<word>.+)' is missing\.", N_("«%(word)s» mangler.")),
    (
        r"'(?P<word>.+)' is missing, and reports are written with it\.",
        N_("«%(word)s» mangler, og rapporter skrives med det."),
    ),
    (r"'(?P<word>.+)' is taken\.", N_("«%(word)s» er brukt.")),
    (r"must be a mapping\.", N_("må være nøkler med verdier.")),
    (r"must be a list\.", N_("må være en liste.")),
    (r"must be text\.", N_("må være tekst.")),
    (r"must be one word\.", N_("må være ett ord.")),
    (r"must be at most (?P<most>\d+) characters long\.", N_("kan høyst ha %(most)s tegn.")),
    (r"must be true or false\.", N_("må være true eller false.")),
    (r"must be a number\.", N_("må være et tall.")),
    (r"must be from (?P<least>\S+) to (?P<most>\S+)\.", N_("må være fra %(least)s til %(most)s.")),
    (
        r"must be a whole number from (?P<least>\d+) to (?P<most>\d+)\.",
        N_("må være et helt tall fra %(least)s til %(most)s."),
    ),
    (r"must be a date such as .+", N_("må være en dato, som 2026-11-02.")),
    (r"must be a length of time such as .+", N_("må være en varighet, som +20d6h30m.")),
    (r"must be an hour of the day such as .+", N_("må være et klokkeslett, som 07:00.")),
    (r"must be a time with an offset\.", N_("må være et tidspunkt med tidssone.")),
    (r"is longer than anybody waits\.", N_("er lengre enn noen venter.")),
    (r"is not a word we know\.", N_("er ikke et ord vi kjenner.")),
    (r"is not known here\.", N_("er ikke kjent her.")),
    (r"is not a time zone we know\.", N_("er ikke en tidssone vi kjenner.")),
    (r"is not a kind of link\.", N_("er ikke et slags bånd vi kjenner.")),
    (r"is not a strength we know\.", N_("er ikke en styrke vi kjenner.")),
    (r"is not something to group by\.", N_("er ikke noe å samle etter.")),
    (r"MODERATE, HIGH and CRITICAL must rise.+", N_("MODERATE, HIGH og CRITICAL må stige i den rekkefølgen.")),
    (r"must be below 'from'\.", N_("må være lavere enn «from».")),
    (r"names a code that the information axis .+", N_("nevner en kode som opplysningens akse ikke har.")),
    (r"needs either 'at' or 'every_days'\.", N_("trenger enten «at» eller «every_days».")),
    (r"must name at least one hour\.", N_("må nevne minst ett klokkeslett.")),
    (r"must name at least one condition\.", N_("må nevne minst ett vilkår.")),
    (r"must have at least one example\.", N_("må ha minst ett eksempel.")),
    (r"there are two rules '(?P<word>.+)'\.", N_("det er to regler «%(word)s».")),
    (r"a rule that pages needs .+", N_("en regel som varsler, trenger «lane» og «reason».")),
    (
        r"only a rule that pages has (?P<words>.+)\.",
        N_("bare en regel som varsler, har noen av disse: %(words)s."),
    ),
    (r"goes in a circle: .+", N_("går i ring: et varsel kan ikke utløse et varsel.")),
    (r"belongs to itself\.", N_("hører til seg selv.")),
    (r"is not written by hand here\.", N_("skrives ikke for hånd her.")),
    (r"is later than an example lasts, (?P<days>\d+) days\.", N_("er senere enn et eksempel varer, %(days)s dager.")),
    (r"'?(?P<word>[^']*)'? ?is not one of the story's parties\.", N_("er ikke en av dem historien handler om.")),
    (r"(?P<name>.+) is not YAML we read: anchors are not used here\.", N_("Ankere brukes ikke her.")),
    (r"(?P<name>.+) is not YAML we read: tags are not used here\.", N_("Merkelapper brukes ikke her.")),
    (
        r"(?P<name>.+) is not YAML we read: the key '(?P<word>.+)' stands twice\.",
        N_("Nøkkelen «%(word)s» står to ganger."),
    ),
    (r"(?P<name>.+) is not YAML we read: it is nested too deep\.", N_("Teksten er nøstet for dypt.")),
    (r"(?P<name>.+) is not YAML we read: a key must be text\.", N_("En nøkkel må være tekst.")),
    (r"(?P<name>.+) is not YAML we read: a second document begins\.", N_("Et nytt dokument begynner.")),
    (r"(?P<name>.+) is not YAML we read: this is no number .+", N_("Dette er verken et tall eller en dato.")),
    (r"(?P<name>.+) is not YAML we read: a character that .+", N_("Her står et tegn som ikke er tekst.")),
    (r"(?P<name>.+) is not YAML we read: (?P<what>.+)\.", N_("Teksten er ikke YAML vi leser (%(what)s).")),
    (r"(?P<name>.+) is larger than (?P<most>\d+) kB\.", N_("Teksten er større enn %(most)s kB.")),
)
REMEDIES = (
    (r"Add '(?P<word>.+)'\.", N_("Legg til «%(word)s».")),
    (r"Keep '(?P<word>.+)'; change what it weighs.+", N_("Behold «%(word)s», og endre heller hva det veier.")),
    (r"Use (?P<words>[A-Za-z_].*)\.", N_("Bruk %(words)s.")),
    (
        r"Write a number from (?P<least>\S+) to (?P<most>\S+)\.",
        N_("Skriv et tall fra %(least)s til %(most)s."),
    ),
    (r"Write a number, with a point.+", N_("Skriv et tall, med punktum foran desimalene.")),
    (r"Write a whole number.+", N_("Skriv et helt tall, uten anførselstegn.")),
    (r"Write some text.+", N_("Skriv tekst, i anførselstegn der den ligner et tall eller en dato.")),
    (r"Write keys.+", N_("Skriv nøkler, hver med en verdi.")),
    (r"Write a list.+", N_("Skriv en liste, også når det bare er én ting i den.")),
    (r"Write true or false\.", N_("Skriv true eller false.")),
    (r"Write year, month and day.+", N_("Skriv år, måned og dag, uten anførselstegn.")),
    (r"Write days, hours.+", N_("Skriv dager, timer og minutter slik.")),
    (r"Write hours and minutes.+", N_("Skriv timer og minutter i anførselstegn.")),
    (r"Write the hours, as .+", N_('Skriv klokkeslettene, som ["07:00"].')),
    (r"Write it as 2026-.+", N_("Skriv det som 2026-03-01T08:00:00+01:00.")),
    (r"Write a shorter time\.", N_("Skriv en kortere tid.")),
    (r"Write one of the two\.", N_("Skriv en av de to.")),
    (r"Write out what the anchor.+", N_("Skriv ut det ankeret står for.")),
    (r"Write one word before.+", N_("Skriv ett ord foran kolon.")),
    (r"Shorten it\.", N_("Gjør det kortere.")),
    (r"Give each a higher index\.", N_("Gi hver en høyere indeks.")),
    (r"Choose a lower level\.", N_("Velg et lavere nivå.")),
    (r"Give one of them another id\.", N_("Gi en av dem en annen id.")),
    (r"Give the draft a version .+", N_("Gi utkastet en versjon som ingen policy har hatt.")),
    (r"Take the line away: .+", N_("Ta bort linjen: et utkast signeres her i verkstedet.")),
    (r"Take the word that begins .+", N_("Ta bort ordet som begynner med !.")),
    (r"Take levels away\.", N_("Ta bort nivåer.")),
    (r"Take it away\.", N_("Ta det bort.")),
    (r"Take away what does not belong.+", N_("Ta bort det som ikke hører hjemme i den.")),
    (r"Tell a short story .+", N_("Fortell en kort historie der regelen viser hva den gjør.")),
    (r"Say what must hold .+", N_("Si hva som må være oppfylt for at regelen skal slå til.")),
    (r"Break the circle: .+", N_("Bryt ringen: ta bort et av båndene.")),
    (r"Let it happen sooner\.", N_("La det skje før.")),
    (r"Keep one of the two\.", N_("Behold en av de to.")),
    (r"Keep one document.+", N_("Behold ett dokument, uten linjen med tre streker.")),
    (r"Correct it, or put it in quotes\.", N_("Rett det, eller sett det i anførselstegn.")),
    (r"Save it as plain UTF-8 text\.", N_("Lagre det som ren tekst i UTF-8.")),
    (r"Look at that line .+", N_("Se på den linjen og den foran.")),
    (r"Add them\.", N_("Legg dem til.")),
    (r"Mend it, and check again\.", N_("Rett det, og kontroller på nytt.")),
)
KINDS = {"positive": N_("Slår til"), "negative": N_("Slår ikke til"), "echo": N_("Ekko")}
CHANGES = {
    "page-appears": N_("Nytt varsel"),
    "page-vanishes": N_("Varsel forsvinner"),
    "page-moves": N_("Varsel flyttes"),
}
CHANGE_KINDS = {"page-appears": "danger", "page-vanishes": "success", "page-moves": "info"}
SOURCES = {"HISTORY": N_("Lagret historikk"), "SCENARIOS": N_("Lagrede historier")}
PROBLEMS = {
    "FELL": N_("Sammenligningen stanset. Prøv igjen; skjer det på nytt, si fra til driften."),
    "TOO_LONG": N_("Sammenligningen tok for lang tid. Velg en kortere periode."),
}
# What to say beside a field of a form that did not hold.
ADVICE = {
    "name": N_("Skriv et navn som ikke er brukt, på høyst 80 tegn. Er det for mange fra før, kast ett først."),
    "file": N_("Filen er ikke tekst i UTF-8. Lagre den som UTF-8, og prøv igjen."),
    "version": N_("Versjonen kan ikke tas i bruk nå: den gjelder alt, finnes ikke, eller en annen venter."),
    "from_at": N_("Velg et tidspunkt fram i tid, høyst noen måneder fram."),
    "reason": N_("Skriv hvorfor."),
    "examples": N_("Eksempler holder ikke. Rett regelen eller eksempelet, og lagre på nytt."),
    "signature": N_("Du har signert denne teksten. Nå må en annen signere."),
    "draft": N_("Utkastet er signert. Begynn et nytt utkast fra versjonen."),
    "adoption": N_("Den gjelder om et øyeblikk, eller er trukket. Ta heller en tidligere versjon i bruk."),
    "source": N_("Det kan ikke sammenlignes nå: vent til andre er ferdige, eller legg til en historie først."),
    "since": N_("Velg et tidspunkt bakover i tid, høyst ett år."),
    "If-Match": N_("Noen andre har endret dette siden du åpnet siden. Se over det som står nå, og prøv igjen."),
}


def put(text: str, patterns: Sequence[tuple[str, str]]) -> tuple[str, Mapping[str, str]]:
    """The msgid of a sentence and what is filled into it; the sentence itself where nobody has put it into words."""
    for pattern, msgid in patterns:
        found = re.fullmatch(pattern, text)
        if found is not None:
            return msgid, found.groupdict()
    return text, {}
