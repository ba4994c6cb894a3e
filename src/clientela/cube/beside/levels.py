"""Figures with a subtotal after each group of rows, counted at its own level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from clientela.contracts.analysis import KnowledgeBase, Result
from clientela.contracts.filter import Filter
from clientela.contracts.text import Value, text


def with_subtotals(
    kb: KnowledgeBase, measures: Sequence[str], by: Sequence[str], where: Filter | None
) -> tuple[Result, tuple[int, ...]]:
    """The figures by all of ``by``, each group followed by its total; and by how many of ``by`` each row is counted.

    A subtotal is counted anew, not added up, over the rows that the finest figures are of. The row says *Total* in the
    first dimension that it is counted over.
    """
    every = [kb.query(measures, by[:depth], where, seen_with=by) for depth in range(1, len(by) + 1)]
    leaves = every[-1]
    rows: list[tuple[Value, ...]] = []
    levels: list[int] = []
    hidden: set[tuple[int, int]] = {place for place in leaves.hidden if place[0] == -1}
    upper = [{row[: depth + 1]: number for number, row in enumerate(told.rows)} for depth, told in enumerate(every)]

    def add(told: Result, number: int, depth: int) -> None:
        row = told.rows[number]
        beside: list[Value] = [text("Total") if place == depth else None for place in range(depth, len(by))]
        hidden.update(
            (len(rows), place + len(by) - depth) for at, place in told.hidden if at == number and place >= depth
        )
        rows.append((*row[:depth], *beside, *row[depth:]))
        levels.append(depth)

    for number, row in enumerate(leaves.rows):
        add(leaves, number, len(by))
        following = leaves.rows[number + 1] if number + 1 < len(leaves.rows) else None
        for depth in _ended(row, following, len(by)):
            add(every[depth - 1], upper[depth - 1][row[:depth]], depth)
    columns = leaves.columns
    return replace(leaves, columns=columns, rows=tuple(rows), hidden=frozenset(hidden)), tuple(levels)


def _ended(row: Sequence[Value], following: Sequence[Value] | None, width: int) -> Iterator[int]:
    """The groups that end with a row, the innermost first."""
    for depth in range(width - 1, 0, -1):
        if following is None or row[:depth] != following[:depth]:
            yield depth
