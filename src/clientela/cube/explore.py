"""Figures with what is asked beside them: the period before, shares, running totals, the top and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.filter import Filter
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.compare import COMPARED, Compare, Shift, compared, earlier, has_time, shift_of, unfinished
from clientela.cube.beside.levels import with_subtotals
from clientela.cube.beside.pivot import pivoted, refuse_many, rest_across
from clientela.cube.beside.shares import running, shares
from clientela.cube.beside.top import largest, others_than, rest
from clientela.cube.declared.catalogue import BUILT_IN, Catalogue
from clientela.cube.declared.dimension import DIMENSIONS, TIME
from clientela.errors import NotPermittedError, QueryError, UnknownNameError

MAX_TOP = 1_000  # so many values a filter takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked beside the figures themselves.

    Parameters
    ----------
    compare : the period before, or the same one a year ago
    share : each figure as a share of that of its parent, one dimension less
    running : each figure summed with those before it
    top : so many rows, the largest of the first measure first, and one row for all others
    pivot : the dimension whose members stand across
    subtotals : after each group of rows its total
    """

    compare: Compare | None = None
    share: bool = False
    running: bool = False
    top: int | None = None
    pivot: str | None = None
    subtotals: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """Figures, with what was asked beside them. ``rest``: the row of all members that are not among the top.

    ``across``: a row of the result is not seen by all the dimensions asked for, one of them stands across. ``levels``:
    by how many of them each row is counted; None where all are by all.
    """

    result: Result
    rest: tuple[Value, ...] | None = None
    notes: tuple[Text, ...] = ()
    across: str | None = None
    levels: tuple[int, ...] | None = None


def explore(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Filter | None = None,
    *,
    wanted: Wanted,
    order: Sequence[str] = (),
    limit: int | None = None,
    catalogue: Catalogue = BUILT_IN,
) -> Explored:
    """The figures of ``measures`` and what is ``wanted`` beside them, each counted at its own level.

    Raises
    ------
    QueryError
        What is wanted makes no sense of this question.
    NotPermittedError, UnknownNameError, UnreachableError
        As for the question itself.
    """
    _refuse(by, wanted, order, limit)
    if wanted.pivot is not None:
        return _pivoted(kb, measures, by, where, wanted, order, limit, catalogue)
    if wanted.subtotals:
        grouped, levels = with_subtotals(kb, measures, by, where)
        return Explored(result=grouped, notes=_notes(grouped, by), levels=levels)
    base, others = _counted(kb, measures, by, where, wanted, order, limit)
    left = None
    if others and "segment" not in by:
        left = rest(kb, measures, by, where, base, catalogue.measures)
    shift = None if wanted.compare is None else shift_of(wanted.compare, by, where)
    told = _set_beside(kb, base, measures, by, where, wanted, shift, catalogue, limited=others or limit is not None)
    notes = unfinished(kb, by, catalogue.fiscal) if wanted.compare is not None else ()
    return Explored(result=told, rest=_widened(left, told), notes=(*_notes(told, by), *notes))


def _counted(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    wanted: Wanted,
    order: Sequence[str],
    limit: int | None,
    seen_with: Sequence[str] = (),
) -> tuple[Result, bool]:
    """The figures themselves, the largest of them where those are wanted, and whether there are others."""
    if wanted.top is not None:
        return largest(kb, measures, by, where, wanted.top, seen_with)
    return kb.query(measures, by, where, order=order, limit=limit, seen_with=seen_with), False


def _set_beside(
    kb: KnowledgeBase,
    base: Result,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    wanted: Wanted,
    shift: Shift | None,
    catalogue: Catalogue,
    *,
    limited: bool,
    seen_with: Sequence[str] = (),
) -> Result:
    """The figures with what is wanted beside them.

    Parameters
    ----------
    seen_with : the dimensions of the figures that these stand beside
    shift : how far back the period lies that they are compared with; None: they are not
    limited : whether ``base`` has some of the rows only
    """
    if base.least and wanted.running:
        raise NotPermittedError("figures of many customers have no running total: a hidden one would be missing in it.")
    told = base
    if shift is not None and wanted.compare is not None:
        then = None if where is None else earlier(where, shift, by, kb.last_day, catalogue.fiscal)
        before = base if then == where and not limited else kb.query(measures, by, then, seen_with=seen_with)
        told = compared(told, before, by, shift, wanted.compare, whole=has_time(where), known=catalogue.measures)
    if wanted.share:
        told = shares(kb, told, measures, by, where, catalogue.measures, seen_with)
    return running(told, measures, by, catalogue.measures) if wanted.running else told


def _pivoted(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    wanted: Wanted,
    order: Sequence[str],
    limit: int | None,
    catalogue: Catalogue,
) -> Explored:
    """The figures with the members of one dimension across, and what is wanted beside each of them."""
    across = wanted.pivot or ""
    rows_by = [name for name in by if name != across]
    every = [*rows_by, across]
    shift = None if wanted.compare is None else shift_of(wanted.compare, every, where)
    heads = kb.query(measures, [across], where, seen_with=every)
    refuse_many(heads, across)
    rows, others = _counted(kb, measures, rows_by, where, wanted, order, limit, every)
    cells = kb.query(measures, every, where) if rows_by else heads
    is_part = others or limit is not None

    def wide(base: Result, by: Sequence[str], *, limited: bool = False) -> Result:
        timed = any(name in TIME for name in by)
        mine = replace(wanted, running=wanted.running and timed, share=wanted.share and bool(by))
        then = shift if timed or has_time(where) else None
        return _set_beside(kb, base, measures, by, where, mine, then, catalogue, limited=limited, seen_with=every)

    inside = wide(cells, every)
    table = pivoted(
        wide(rows, rows_by, limited=is_part), wide(heads, [across]), inside, across, len(rows_by), catalogue.fiscal
    )
    left = None
    if others and "segment" not in every:
        outside = kb.query(measures, [across], others_than(rows_by[0], where, rows), seen_with=every)
        width = len(inside.columns) - len(every)
        left = rest_across(table, heads, outside, len(rows_by), width, len(measures))
    notes = unfinished(kb, every, catalogue.fiscal) if wanted.compare is not None else ()
    return Explored(result=table, rest=left, notes=(*_notes(table, every), *notes), across=across)


def _notes(told: Result, by: Sequence[str]) -> tuple[Text, ...]:
    """What whoever reads figures must know of them."""
    notes = [of_few(told.least)] if told.hidden and told.least else []
    if "segment" in by:
        notes.append(text("A customer may be in several segments; the total counts each customer once."))
    return tuple(notes)


def of_few(least: int) -> Text:
    """Why figures are hidden from who sees those of many customers only."""
    return text(
        "Hidden is what tells of fewer than {least} customers, and what such a figure could be worked out from.",
        least=least,
    )


def _refuse(by: Sequence[str], wanted: Wanted, order: Sequence[str], limit: int | None) -> None:
    _refuse_together(by, wanted, order, limit)
    rows = [name for name in by if name != wanted.pivot]
    every = rows if wanted.pivot is None else [*rows, wanted.pivot]
    if wanted.compare is not None and wanted.compare not in COMPARED:
        raise QueryError(text("compare takes 'previous' or 'last-year', not '{compare}'.", compare=wanted.compare))
    if wanted.top is not None:
        if not 1 <= wanted.top <= MAX_TOP:
            raise QueryError(f"top takes 1 to {MAX_TOP}, not {wanted.top}.")
        if len(rows) != 1 or order or limit is not None:
            raise QueryError("top takes a question seen by one thing, and neither an order nor a limit of its own.")
    if wanted.share and not every:
        raise QueryError("a share needs something to be a part of: say by what the figures are seen.")
    if wanted.running and sum(name in TIME for name in every) != 1:
        raise QueryError(f"a running total needs one of {', '.join(sorted(TIME))} to run along.")
    if wanted.running and (wanted.top is not None or limit is not None):
        raise QueryError("a running total needs all rows: leave out top and limit.")


def _refuse_together(by: Sequence[str], wanted: Wanted, order: Sequence[str], limit: int | None) -> None:
    others = {
        "compare": wanted.compare is not None,
        "share": wanted.share,
        "running": wanted.running,
        "top": wanted.top is not None,
    }
    with_it = next((name for name, is_wanted in others.items() if is_wanted), None)
    if wanted.pivot is not None and wanted.subtotals:
        raise QueryError("pivot lays members across and subtotals lie between rows; ask for one of them.")
    if wanted.subtotals and with_it is not None:
        raise QueryError(f"subtotals and {with_it} cannot be had in one table; ask for them one after the other.")
    if wanted.pivot is not None and wanted.pivot not in DIMENSIONS:
        raise UnknownNameError("dimension", wanted.pivot, DIMENSIONS)
    if wanted.subtotals and len(by) < 2:
        raise QueryError("subtotals need two things or more that the figures are seen by.")
    if wanted.subtotals and (order or limit is not None):
        raise QueryError("subtotals follow their group, so they take neither an order nor a limit of their own.")


def _widened(left: tuple[Value, ...] | None, told: Result) -> tuple[Value, ...] | None:
    """The row of the rest as wide as the others; what is set beside figures is not told of it."""
    return None if left is None else (*left, *(None for _ in range(len(told.columns) - len(left))))
