"""Figures with what is asked beside them: the period before, shares, running totals, the top and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.text import Text, Value, text
from clientela.cube.beside.compare import COMPARED, Compare, compared, has_time, moved, shift_of, unfinished
from clientela.cube.beside.levels import with_subtotals
from clientela.cube.beside.pivot import pivoted
from clientela.cube.beside.shares import running, shares
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
        beside = [name for name in by if name != wanted.pivot]
        wide = pivoted(
            kb, measures, beside, where, across=wanted.pivot, order=order, limit=limit, fiscal=catalogue.fiscal
        )
        return Explored(result=wide, notes=_notes(wide, [*beside, wanted.pivot]), across=wanted.pivot)
    if wanted.subtotals:
        grouped, levels = with_subtotals(kb, measures, by, where)
        return Explored(result=grouped, notes=_notes(grouped, by), levels=levels)
    shown = wanted.top if wanted.top is not None else limit
    ordered = [f"-{measures[0]}"] if wanted.top is not None and measures else order
    base = kb.query(measures, by, where, order=ordered, limit=shown)
    if base.least and wanted.running:
        raise NotPermittedError("figures of many customers have no running total: a hidden one would be missing in it.")
    rest = None
    if wanted.top is not None and len(base.rows) == wanted.top and "segment" not in by:
        rest = _rest(kb, measures, by, where, base)
    notes: tuple[Text, ...] = ()
    told = base
    if wanted.compare is not None:
        shift = shift_of(wanted.compare, by, where)
        before = kb.query(measures, by, None if where is None else moved(where, shift))
        told = compared(told, before, by, shift, wanted.compare, whole=has_time(where), known=catalogue.measures)
        notes = unfinished(kb, by, catalogue.fiscal)
    if wanted.share:
        told = shares(kb, told, measures, by, where, catalogue.measures)
    if wanted.running:
        told = running(told, measures, by, catalogue.measures)
    return Explored(result=told, rest=_widened(rest, told, len(by)), notes=(*_notes(told, by), *notes))


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
    if wanted.compare is not None and wanted.compare not in COMPARED:
        raise QueryError(f"compare takes 'previous' or 'last-year', not '{wanted.compare}'.")
    if wanted.top is not None:
        if not 1 <= wanted.top <= MAX_TOP:
            raise QueryError(f"top takes 1 to {MAX_TOP}, not {wanted.top}.")
        if len(by) != 1 or order or limit is not None:
            raise QueryError("top takes a question seen by one thing, and neither an order nor a limit of its own.")
    if wanted.share and not by:
        raise QueryError("a share needs something to be a part of: say by what the figures are seen.")
    if wanted.running and sum(name in TIME for name in by) != 1:
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
    for name, is_wanted in (("pivot", wanted.pivot is not None), ("subtotals", wanted.subtotals)):
        if is_wanted and with_it is not None:
            raise QueryError(f"{name} and {with_it} cannot be had in one table; ask for them one after the other.")
    if wanted.pivot is not None and wanted.pivot not in DIMENSIONS:
        raise UnknownNameError("dimension", wanted.pivot, DIMENSIONS)
    if wanted.subtotals and len(by) < 2:
        raise QueryError("subtotals need two things or more that the figures are seen by.")
    if wanted.subtotals and (order or limit is not None):
        raise QueryError("subtotals follow their group, so they take neither an order nor a limit of their own.")


def _rest(
    kb: KnowledgeBase, measures: Sequence[str], by: Sequence[str], where: Filter | None, base: Result
) -> tuple[Value, ...] | None:
    """The figures of all others, counted anew: what was counted once in two members is not counted twice here."""
    name, members = by[0], [row[0] for row in base.rows]
    known = tuple(member for member in members if member is not None)
    unknown, among = Condition(name, Operator.IS_NULL), Condition(name, Operator.IN, known)  # type: ignore[arg-type] # scalars
    others: Filter = And((Not(unknown), Not(among))) if None in members else Or((unknown, Not(among)))
    outside = others if where is None else And((where, others))
    if not kb.query(measures, by, outside, limit=1).rows:
        return None
    totals = kb.query(measures, (), outside).totals
    return None if totals is None else (None, *totals)


def _widened(rest: tuple[Value, ...] | None, told: Result, width: int) -> tuple[Value, ...] | None:
    """The row of the rest as wide as the others; what is set beside figures is not told of it."""
    return None if rest is None else (*rest, *(None for _ in range(len(told.columns) - len(rest))))
