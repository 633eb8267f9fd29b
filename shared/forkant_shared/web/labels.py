"""What the codes of the glossary are called on screen, where every service says the same."""

from __future__ import annotations

from forkant_shared.web.language import N_

LEVELS = {"LOW": N_("Lav"), "MODERATE": N_("Moderat"), "HIGH": N_("Høy"), "CRITICAL": N_("Kritisk")}
LEVEL_RANK = {"LOW": 1, "MODERATE": 2, "HIGH": 3, "CRITICAL": 4}
LANES = {"LIFE": N_("Haster"), "NORMAL": N_("Vanlig")}
FACTORS = {
    "GRIEVANCE": N_("Foranledning"),
    "INTENT": N_("Hensikt"),
    "RECONNAISSANCE": N_("Rekognosering"),
    "CAPABILITY": N_("Kapasitet"),
    "TARGET_EXPOSURE": N_("Sårbarhet"),
    "BUFFER": N_("Demping"),
}
ROLES = {
    "analyst": N_("Analytiker"),
    "registrar": N_("Registerfører"),
    "dialogue.officer": N_("Dialogbetjent"),
    "dialogue.leader": N_("Dialogleder"),
    "duty.officer": N_("Vakthavende"),
    "duty.deputy": N_("Stedfortreder"),
    "duty.leader": N_("Vaktleder"),
    "source.handler": N_("Kildefører"),
    "auditor": N_("Internkontroll"),
    "operations": N_("Operasjonssentral"),
    "admin": N_("Administrator"),
}

_ADMIRALTY_SOURCE = {
    "A": N_("helt pålitelig"),
    "B": N_("vanligvis pålitelig"),
    "C": N_("nokså pålitelig"),
    "D": N_("vanligvis ikke pålitelig"),
    "E": N_("upålitelig"),
    "F": N_("pålitelighet ikke kjent"),
}
_ADMIRALTY_INFORMATION = {
    "1": N_("bekreftet av andre kilder"),
    "2": N_("trolig sann"),
    "3": N_("mulig sann"),
    "4": N_("tvilsom"),
    "5": N_("usannsynlig"),
    "6": N_("holdbarhet ikke kjent"),
}
_EUROPOL_SOURCE = {
    "A": N_("ingen tvil om påliteligheten"),
    "B": N_("har oftest vist seg pålitelig"),
    "C": N_("har oftest vist seg upålitelig"),
    "X": N_("pålitelighet ikke kjent"),
}
_EUROPOL_INFORMATION = {
    "1": N_("riktig uten forbehold"),
    "2": N_("kjent av kilden selv, ikke av den som melder"),
    "3": N_("ikke kjent av kilden selv, men bekreftet"),
    "4": N_("ikke kjent av kilden selv og ikke bekreftet"),
}
_UK_SOURCE = {"1": N_("pålitelig"), "2": N_("ikke prøvd"), "3": N_("ikke pålitelig")}
_UK_INFORMATION = {
    "A": N_("kjent av kilden selv"),
    "B": N_("kjent indirekte, men bekreftet"),
    "C": N_("kjent indirekte"),
    "D": N_("ikke kjent"),
    "E": N_("trolig usann"),
}
GRADES = {
    "ADMIRALTY": (_ADMIRALTY_SOURCE, _ADMIRALTY_INFORMATION),
    "EUROPOL_4X4": (_EUROPOL_SOURCE, _EUROPOL_INFORMATION),
    "UK_3X5X2": (_UK_SOURCE, _UK_INFORMATION),
}
