"""All that a company can ask its cube for: the built-in measures with its own, and its own year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.cube.declared.measure import MEASURES, Figure


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every measure by name, and when the fiscal year starts."""

    measures: Mapping[str, Figure] = field(default_factory=lambda: MEASURES)
    fiscal: FiscalYear = CALENDAR


BUILT_IN = Catalogue()
