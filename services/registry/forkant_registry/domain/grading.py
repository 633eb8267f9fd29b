"""Two axes, always both, always with their scale; the code that was given is the code that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forkant_shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Grading:
    """How reliable the source is and how well the information holds, each a code of `scale`."""

    scale: str
    source: str
    information: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Codes with their bokmål meaning, best first."""

    name: str
    title: str
    source: Mapping[str, str]
    information: Mapping[str, str]

    def rank(self, grading: Grading) -> float:
        """0 for the best grade of both axes, 1 for the worst; for order on a screen, never a weight."""
        source = list(self.source).index(grading.source) / (len(self.source) - 1)
        information = list(self.information).index(grading.information) / (len(self.information) - 1)
        return (source + information) / 2


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales in use, with the version of the file they were read from."""

    version: str
    by_name: Mapping[str, Scale]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Scales:
        """From the parsed `scales.yaml`."""
        scales = {
            name: Scale(name, entry["title"], dict(entry["source"]), dict(entry["information"]))
            for name, entry in data["scales"].items()
        }
        return cls(version=data["version"], by_name=scales)

    def check(self, grading: Grading, field: str = "grading") -> Grading:
        """The same grading, or Invalid that names the axis and the codes it may have."""
        scale = self.by_name.get(grading.scale)
        if scale is None:
            raise Invalid(
                "This grading scale is not known.",
                field=f"{field}.scale",
                remedy=f"Use one of {', '.join(self.by_name)}.",
            )
        for axis, code, codes in (
            ("source", grading.source, scale.source),
            ("information", grading.information, scale.information),
        ):
            if code not in codes:
                raise Invalid(
                    f"This is not a code of the {axis} axis of {scale.name}.",
                    field=f"{field}.{axis}",
                    remedy=f"Use one of {', '.join(codes)}.",
                )
        return grading

    def rank(self, grading: Grading) -> float:
        """As `Scale.rank`; a scale that is no longer known sorts last."""
        scale = self.by_name.get(grading.scale)
        return scale.rank(grading) if scale else 1.0
