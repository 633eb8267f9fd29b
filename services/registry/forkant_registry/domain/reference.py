"""The reference data the service decides with, read once when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forkant_registry.domain.grading import Scales
from forkant_registry.domain.observations import ControlRules
from forkant_registry.domain.predicates import Catalogue
from forkant_registry.domain.resemblance import Weights
from forkant_registry.domain.spelling import Spelling


@dataclass(frozen=True, slots=True)
class Reference:
    """What can be said, how it is graded, how names and cards are compared, what a control leans on; each part knows
    its version."""

    catalogue: Catalogue
    scales: Scales
    spelling: Spelling
    weights: Weights
    controls: ControlRules

    @classmethod
    def read(cls, documents: Mapping[str, Mapping[str, Any]]) -> Reference:
        """From the parsed files `predicates`, `scales`, `spelling`, `resemblance` and `controls`."""
        return cls(
            Catalogue.read(documents["predicates"]),
            Scales.read(documents["scales"]),
            Spelling.read(documents["spelling"]),
            Weights.read(documents["resemblance"]),
            ControlRules.read(documents["controls"]),
        )
