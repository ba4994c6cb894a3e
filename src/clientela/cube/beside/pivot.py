"""Figures with the members of one dimension across; each total counted at its own level."""

from __future__ import annotations

from collections.abc import Sequence

from clientela.contracts.analysis import KnowledgeBase, Result, ResultColumn
from clientela.contracts.filter import Filter
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.members import name_of_member
from clientela.errors import QueryError

MOST_ACROSS = 60


def pivoted(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    *,
    across: str,
    order: Sequence[str] = (),
    limit: int | None = None,
    fiscal: FiscalYear = CALENDAR,
) -> Result:
    """The figures of ``measures``: a row for each member of ``by``, columns for each member of ``across``, and totals.

    The last columns are the figures over all of ``across``, the totals those over all of ``by``: each is counted
    anew, so a ratio or a count of different customers is right in it.

    Parameters
    ----------
    by : what the rows are; ``across`` is not among them
    order, limit : of the rows, by a member or by the figures over all of ``across``

    Raises
    ------
    QueryError
        More than 60 members would stand across.
    """
    rows = kb.query(measures, by, where, order=order, limit=limit)
    heads = kb.query(measures, [across], where)
    if len(heads.rows) > MOST_ACROSS:
        raise QueryError(
            f"'{across}' has {len(heads.rows)} members here, and at most {MOST_ACROSS} can stand across; narrow it "
            "by a filter, or take something coarser."
        )
    inside = kb.query(measures, [*by, across], where) if by else heads
    width, count = len(by), len(measures)
    members = {row[0]: number for number, row in enumerate(heads.rows)}
    cells = {(row[:width], row[width]): number for number, row in enumerate(inside.rows)}
    hidden: set[tuple[int, int]] = set()
    told = []
    for number, row in enumerate(rows.rows if by else [()]):
        wide: list[Value] = [*row[:width]]
        for member in members:
            at = cells.get((row[:width], member))
            for place in range(count):
                column = width + 1 + place
                if at is not None and (at, column) in inside.hidden:
                    hidden.add((number, len(wide)))
                wide.append(None if at is None else inside.rows[at][column])
        for place in range(count):
            if (by and (number, width + place) in rows.hidden) or (not by and (-1, place) in rows.hidden):
                hidden.add((number, len(wide)))
            wide.append(row[width + place] if by else (rows.totals or (None,) * count)[place])
        told.append(tuple(wide))
    totals: list[Value] = [None] * width
    for at in members.values():
        for place in range(count):
            if (at, 1 + place) in heads.hidden:
                hidden.add((-1, len(totals)))
            totals.append(heads.rows[at][1 + place])
    for place in range(count):
        if (-1, width + place) in rows.hidden:
            hidden.add((-1, len(totals)))
        totals.append((rows.totals or (None,) * (width + count))[width + place])
    return Result(
        columns=(*rows.columns[:width], *_across(rows, heads, across, width, fiscal)),
        rows=tuple(told),
        totals=tuple(totals),
        hidden=frozenset(hidden),
        least=rows.least,
    )


def _across(rows: Result, heads: Result, across: str, width: int, fiscal: FiscalYear) -> list[ResultColumn]:
    """The columns of each member, then those over all of them."""
    figures = rows.columns[width:]
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
