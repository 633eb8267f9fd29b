"""What a note may say: scales, roles and actions of our own, read from one versioned file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class NoteScale:
    """The codes of both axes, the best first."""

    source: tuple[str, ...]
    information: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteRules:
    """One version of them. `form_scale` is the scale the form asks by first."""

    version: str
    form_scale: str
    scales: Mapping[str, NoteScale]
    target_roles: tuple[str, ...]
    own_actions: tuple[str, ...]
    longest_imminence_hours: float

    def check_grade(self, scale: str, source: str, information: str) -> None:
        """Raise Invalid, with the field and the codes there are, for a scale or a code that is none."""
        found = self.scales.get(scale)
        if found is None:
            raise _no_such("grading.scale", tuple(self.scales))
        if source not in found.source:
            raise _no_such("grading.source", found.source)
        if information not in found.information:
            raise _no_such("grading.information", found.information)


def _no_such(field: str, codes: tuple[str, ...]) -> Invalid:
    return Invalid("The grade has no such code.", field=field, remedy=f"Use {', '.join(codes)}.")


def note_rules_of(document: Mapping[str, Any]) -> NoteRules:
    """The rules in this document (the parsed YAML). Raises Invalid, naming what is missing or of the wrong kind."""
    try:
        rules = NoteRules(
            version=str(document["version"]),
            form_scale=str(document["form_scale"]),
            scales={
                str(name): NoteScale(_codes(axes["source"]), _codes(axes["information"]))
                for name, axes in document["scales"].items()
            },
            target_roles=_codes(document["target_roles"]),
            own_actions=_codes(document["own_actions"]),
            longest_imminence_hours=float(document["longest_imminence_hours"]),
        )
        rules.scales[rules.form_scale]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            "The rules of notes cannot be read.", field=str(error), remedy="Compare with policies/notes-2026-1.yaml."
        ) from error
    return rules


def _codes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(code, str) and code for code in value):
        raise ValueError(value)
    return tuple(value)
