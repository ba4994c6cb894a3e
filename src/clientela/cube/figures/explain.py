"""Which table answers a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clientela.contracts.filter import Filter
from clientela.cube.declared.facts import FACTS
from clientela.cube.figures.query import to_count
from clientela.cube.figures.question import understood
from clientela.cube.figures.source import sources
from clientela.cube.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answered for some measures: a table of figures and its rows, or, where there is none, the fact itself.

    ``by``: what the rows of the table of figures are of.
    """

    measures: tuple[str, ...]
    fact: str
    table: str | None = None
    by: tuple[str, ...] = ()
    rows: int | None = None


def explained(view: View, measures: Sequence[str], by: Sequence[str], where: Filter | None) -> tuple[Answered, ...]:
    """What answers for each measure of a question that may be asked."""
    question = understood(measures, by, where, (), None, view.catalogue.measures)
    found = sources(question, to_count(question, view)[1], view.rollups, FACTS)
    return tuple(
        Answered(
            measures=tuple(dict.fromkeys(each.measure.name for each in source.counted)),
            fact=source.fact.name,
            table=source.rollup.table if source.rollup else None,
            by=source.rollup.by if source.rollup else (),
            rows=source.rollup.rows if source.rollup else None,
        )
        for source in found
    )
