"""What may stand in a value: a code of its predicate, a date, a district, or text that can be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from forkant_registry.domain.predicates import Predicate
from forkant_shared.errors import Invalid

LONGEST_NAME = 200
LONGEST_TEXT = 2000
# Control characters and halves of characters.
_UNSEEN = ("Cc", "Cs")
_DISTRICT = re.compile(r"\d{4}(-\d{2})?", re.ASCII)


def checked_value(value: str | None, predicate: Predicate) -> str | None:
    """The value as it is kept; Invalid that says what fits the predicate."""
    if predicate.value is None:
        if value is not None:
            raise Invalid("This predicate takes no value.", field="value", remedy="Leave it out.")
        return None
    if value is None:
        if predicate.value_optional:
            return None
        codes = f"Use one of {', '.join(predicate.codes)}." if predicate.codes else None
        raise Invalid("This predicate needs a value.", field="value", remedy=codes)
    if predicate.value == "CODE":
        if value not in predicate.codes:
            known = ", ".join(predicate.codes)
            raise Invalid("This code is not known.", field="value", remedy=f"Use one of {known}.")
        return value
    if predicate.value == "DATE":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise Invalid("This is not a date.", field="value", remedy="Write it as 1984-05-17.") from None
    if predicate.value == "DISTRICT":
        return checked_district(value, "value")
    return checked_name(value, "value") if predicate.value == "NAME" else checked_text(value, "value")


def checked_district(text: str, field: str) -> str:
    """A municipality, or a district of one. Raises Invalid."""
    if not _DISTRICT.fullmatch(text):
        raise Invalid("This is not a district.", field=field, remedy="Write it as 0301 or 0301-06.")
    return text


def checked_name(text: str, field: str) -> str:
    """As `checked_text`, and something one can be called by; Invalid where it has neither letter nor digit."""
    text = checked_text(text, field, LONGEST_NAME)
    if not any(character.isalnum() for character in text):
        raise Invalid("A name has a letter or a digit.", field=field)
    return text


def checked_text(text: str, field: str, longest: int = LONGEST_TEXT) -> str:
    """One line, composed and without surrounding space; Invalid where empty, too long or with what nobody can see."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text or len(text) > longest:
        raise Invalid(f"The text has 1 to {longest} characters.", field=field)
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        raise Invalid("The text has characters that cannot be shown.", field=field)
    return text


def checked_note(text: str | None, field: str = "note") -> str | None:
    """As `checked_text`, but several lines are fine; nothing stays nothing."""
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    checked_text(lines.replace("\n", " ").replace("\t", " "), field)
    return unicodedata.normalize("NFC", lines).strip()


def checked_qualifiers(given: Mapping[str, Sequence[str]], predicate: Predicate) -> Mapping[str, tuple[str, ...]]:
    """The codes as they are kept, each once; Invalid where the predicate does not take them."""
    checked: dict[str, tuple[str, ...]] = {}
    for name, codes in given.items():
        qualifier = predicate.qualifiers.get(name)
        if qualifier is None:
            known = ", ".join(predicate.qualifiers) or "none"
            raise Invalid("This qualifier is not known.", field="qualifiers", remedy=f"It takes: {known}.")
        unknown = [code for code in codes if code not in qualifier.codes]
        if unknown or not codes or (len(codes) > 1 and not qualifier.many):
            count = "one or more" if qualifier.many else "one"
            raise Invalid(
                "These codes do not fit the qualifier.",
                field=f"qualifiers.{name}",
                remedy=f"Give {count} of {', '.join(qualifier.codes)}.",
            )
        checked[name] = tuple(dict.fromkeys(codes))
    return checked
