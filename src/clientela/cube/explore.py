"""Figures with what is asked beside them: the period before, shares, running totals, the top and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.text import Text, Value, text
from clientela.cube.compare import COMPARED, Compare, compared, has_time, moved, shift_of, unfinished
from clientela.cube.declared.dimension import TIME
from clientela.cube.shares import running, shares
from clientela.errors import NotPermittedError, QueryError

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
    """

    compare: Compare | None = None
    share: bool = False
    running: bool = False
    top: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """Figures, with what was asked beside them. ``rest``: the row of all members that are not among the top."""

    result: Result
    rest: tuple[Value, ...] | None = None
    notes: tuple[Text, ...] = ()


def explore(
    kb: KnowledgeBase,
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Filter | None = None,
    *,
    wanted: Wanted,
    order: Sequence[str] = (),
    limit: int | None = None,
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
    shown = wanted.top if wanted.top is not None else limit
    ordered = [f"-{measures[0]}"] if wanted.top is not None and measures else order
    base = kb.query(measures, by, where, order=ordered, limit=shown)
    if base.least and wanted.running:
        raise NotPermittedError("figures of many customers have no running total: a hidden one would be missing in it.")
    rest = None
    if wanted.top is not None and len(base.rows) == wanted.top:
        rest = _rest(kb, measures, by, where, base)
    notes: tuple[Text, ...] = ()
    told = base
    if wanted.compare is not None:
        shift = shift_of(wanted.compare, by, where)
        before = kb.query(measures, by, None if where is None else moved(where, shift))
        told = compared(told, before, by, shift, wanted.compare, whole=has_time(where))
        notes = unfinished(kb, by)
    if wanted.share:
        told = shares(kb, told, measures, by, where)
    if wanted.running:
        told = running(told, measures, by)
    if told.hidden and told.least:
        notes = (of_few(told.least), *notes)
    return Explored(result=told, rest=_widened(rest, told, len(by)), notes=notes)


def of_few(least: int) -> Text:
    """Why figures are hidden from who sees those of many customers only."""
    return text(
        "Hidden is what tells of fewer than {least} customers, and what such a figure could be worked out from.",
        least=least,
    )


def _refuse(by: Sequence[str], wanted: Wanted, order: Sequence[str], limit: int | None) -> None:
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


def _rest(
    kb: KnowledgeBase, measures: Sequence[str], by: Sequence[str], where: Filter | None, base: Result
) -> tuple[Value, ...] | None:
    """The figures of all others, counted anew: what was counted once in two members is not counted twice here."""
    name, members = by[0], [row[0] for row in base.rows]
    known = tuple(member for member in members if member is not None)
    unknown, among = Condition(name, Operator.IS_NULL), Condition(name, Operator.IN, known)  # type: ignore[arg-type] # scalars
    others: Filter = And((Not(unknown), Not(among))) if None in members else Or((unknown, Not(among)))
    outside = others if where is None else And((where, others))
    if not kb.query(measures[:1], by, outside, limit=1).rows:
        return None
    totals = kb.query(measures, (), outside).totals
    return None if totals is None else (None, *totals)


def _widened(rest: tuple[Value, ...] | None, told: Result, width: int) -> tuple[Value, ...] | None:
    """The row of the rest as wide as the others; what is set beside figures is not told of it."""
    return None if rest is None else (*rest, *(None for _ in range(len(told.columns) - len(rest))))
