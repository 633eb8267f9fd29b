"""What the codes of the text triage are called on screen."""

from __future__ import annotations

from forkant_shared.web import N_

STANDINGS = {
    "WAITING": N_("Venter på vurdering"),
    "CLEAR": N_("Lest, ingenting funnet"),
    "CONFIRMED": N_("Bekreftet"),
    "DISMISSED": N_("Avvist"),
}
STANDING_KINDS = {"WAITING": "warning", "CLEAR": "neutral", "CONFIRMED": "success", "DISMISSED": "neutral"}
STRENGTHS = {"HINT": N_("Antydet"), "STATED": N_("Uttalt"), "EXPLICIT": N_("Uttrykkelig")}
# What to say beside a field that did not hold, by the start of its name.
ADVICE = {
    "factor": N_("Velg en faktor."),
    "strength": N_("Velg en styrke."),
    "hours": N_("Skriv et antall timer fra 0 til 8760, eller la feltet stå tomt."),
    "signals": N_("Velg minst ett signal, eller avvis teksten."),
    "reason": N_("Skriv hvorfor."),
    "name": N_("Navnet er for langt."),
    "role": N_("Velg en av rollene."),
}
