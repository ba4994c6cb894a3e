"""Figures with the members of one dimension across; each total counted at its own level."""

from __future__ import annotations

from collections.abc import Sequence

from clientela.contracts.analysis import Result, ResultColumn
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.members import name_of_member
from clientela.errors import QueryError

MOST_ACROSS = 60


def refuse_many(heads: Result, across: str) -> None:
    """Refuse more members than can stand across."""
    if len(heads.rows) > MOST_ACROSS:
        raise QueryError(
            f"'{across}' has {len(heads.rows)} members here, and at most {MOST_ACROSS} can stand across; narrow it "
            "by a filter, or take something coarser."
        )


def pivoted(
    rows: Result, heads: Result, inside: Result, across: str, width: int, fiscal: FiscalYear = CALENDAR
) -> Result:
    """A row for each member of ``rows``, columns for each member of ``heads``, and totals.

    The last columns are the figures over all of ``across``, the totals those over all rows: each is counted anew, so a
    ratio or a count of different customers is right in it. What is set beside figures (the period before, a share)
    stands beside each of them, and is empty where the whole has none.

    Parameters
    ----------
    rows, heads, inside
        The figures by what the rows are, by ``across``, and by both; with the same columns, or fewer.
    width
        By how many things the rows are; 0: there is one row, of totals.
    """
    figures = inside.columns[-_figures_of(inside) :]
    at_rows, at_heads = _places(rows, figures), _places(heads, figures)
    cells = {(row[:width], row[width]): number for number, row in enumerate(inside.rows)}
    hidden: set[tuple[int, int]] = set()
    told: list[tuple[Value, ...]] = []

    def add(wide: list[Value], into: int, source: Result, at: int | None, place: int | None) -> None:
        if at is not None and place is not None and (at, place) in source.hidden:
            hidden.add((into, len(wide)))
        row = None if at is None else (source.totals if at == -1 else source.rows[at])
        wide.append(None if row is None or place is None else row[place])

    for number, row in enumerate(rows.rows if width else [()]):
        wide: list[Value] = [*row[:width]]
        for head in heads.rows:
            at = cells.get((row[:width], head[0]))
            for place in range(len(figures)):
                add(wide, number, inside, at, width + 1 + place)
        for found in at_rows:
            add(wide, number, rows, number if width else -1, found)
        told.append(tuple(wide))
    totals: list[Value] = [None] * width
    for at in range(len(heads.rows)):
        for found in at_heads:
            add(totals, -1, heads, at, found)
    for found in at_rows:
        add(totals, -1, rows, -1, found)
    return Result(
        columns=(*rows.columns[:width], *_across(figures, heads, across, fiscal)),
        rows=tuple(told),
        totals=tuple(totals),
        hidden=frozenset(hidden),
        least=rows.least,
    )


def rest_across(
    shown: Result, heads: Result, others: Result, width: int, figures: int, asked: int
) -> tuple[Value, ...]:
    """The row of all others: their figures at each member, then over all of them; nothing is set beside these.

    Parameters
    ----------
    shown, heads : the table, and the members across
    others : the figures of all others, by the members across
    figures, asked : how many columns each member has, and how many of them are the figures asked for
    """
    by_member = {row[0]: row[1:] for row in others.rows}
    wide: list[Value] = [None] * width
    for found in (*(by_member.get(head[0]) for head in heads.rows), (others.totals or ())[1:]):
        told = [None] * asked if not found else [*found]
        wide += [*told, *([None] * (figures - asked))]
    return tuple(wide[: len(shown.columns)])


def _figures_of(told: Result) -> int:
    return sum(column.measure for column in told.columns)


def _places(told: Result, figures: Sequence[ResultColumn]) -> list[int | None]:
    """Where a result has each figure; None where it has not."""
    there = {column.name: place for place, column in enumerate(told.columns)}
    return [there.get(column.name) for column in figures]


def _across(figures: Sequence[ResultColumn], heads: Result, across: str, fiscal: FiscalYear) -> list[ResultColumn]:
    """The columns of each member, then those over all of them."""
    found = []
    for member in [*(name_of_member(row[0], across, fiscal) for row in heads.rows), text("Total")]:
        said = member.id if isinstance(member, Text) else member
        label = member if isinstance(member, Text) else Text(said)
        for figure in figures:
            shown = label
            if len(figures) > 1:
                shown = text("{member}, {measure}", member=label, measure=figure.label or figure.name)
            found.append(
                ResultColumn(
                    name=f"{figure.name}[{said}]", type=figure.type, unit=figure.unit, measure=True, label=shown
                )
            )
    return found
