"""What a company declares of its own for its figures: measures, and when its year starts."""

from __future__ import annotations

from pathlib import Path

from clientela import config
from clientela.contracts.fiscal import FiscalYear
from clientela.cube.declared.catalogue import BUILT_IN, Catalogue
from clientela.cube.declared.own.measures import with_own
from clientela.errors import ConfigurationError
from clientela.pipeline import serving


def catalogue_of(folder: Path) -> Catalogue:
    """The measures and the fiscal year of a workspace, as its settings say now; the built-in ones without settings.

    Raises
    ------
    ConfigurationError
        The settings cannot be used, or a measure in them is none.
    """
    return serving.settled(folder, (config.FILE,), "catalogue", lambda: _read(folder))


def _read(folder: Path) -> Catalogue:
    return catalogue_in(config.load(folder)) if (folder / config.FILE).is_file() else BUILT_IN


def catalogue_in(settings: config.Settings) -> Catalogue:
    """The measures and the fiscal year that settings declare.

    Raises
    ------
    ConfigurationError
        A measure is none.
    """
    return Catalogue(with_own(settings.measure), fiscal_in(settings))


def fiscal_in(settings: config.Settings) -> FiscalYear:
    """When the company's year starts, as settings say."""
    month, day = map(int, settings.company.fiscal_year_starts.split("-"))
    return FiscalYear(month, day, named_by_end=settings.company.fiscal_year_named == "end")


def measure_problems(settings: config.Settings) -> list[str]:
    """What is wrong with the measures that settings declare, a sentence each; found before a run begins."""
    try:
        with_own(settings.measure)
    except ConfigurationError as error:
        return list(error.problems)
    return []
