"""The analyses that can be asked: all that the interfaces know of them."""

from __future__ import annotations

from collections.abc import Iterable

from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Level
from clientela.errors import ConfigurationError, UnknownNameError


class Registry:
    """Analyses by name, in the order in which they were registered.

    Raises
    ------
    ConfigurationError
        Two analyses bear one name.
    """

    def __init__(self, analyses: Iterable[Analysis] = ()) -> None:
        self._analyses: dict[str, Analysis] = {}
        for each in analyses:
            self.register(each)

    def register(self, analysis: Analysis) -> None:
        """Make ``analysis`` known.

        Raises
        ------
        ConfigurationError
            Another analysis bears its name.
        """
        if analysis.name in self._analyses:
            raise ConfigurationError(f"two analyses bear the name '{analysis.name}'; rename one of them.")
        self._analyses[analysis.name] = analysis

    def get(self, name: str) -> Analysis:
        """The analysis of that name.

        Raises
        ------
        UnknownNameError
            There is none; the message names the nearest.
        """
        if name not in self._analyses:
            raise UnknownNameError("analysis", name, self._analyses)
        return self._analyses[name]

    def all(self, *, area: str | None = None, level: Level | None = None) -> tuple[Analysis, ...]:
        """The analyses of an area or a level, or every one; by area, then level, then name."""
        levels = list(Level)
        chosen = (
            each
            for each in self._analyses.values()
            if (area is None or each.area == area) and (level is None or each.level == level)
        )
        return tuple(sorted(chosen, key=lambda each: (each.area, levels.index(each.level), each.name)))
