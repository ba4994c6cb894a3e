"""Figures as columns, for arithmetic over many rows: no value becomes an object of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clientela.contracts.analysis import Columns, Result
from clientela.contracts.filter import Filter
from clientela.contracts.schema import Type
from clientela.cube.figures.query import plan
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound

if TYPE_CHECKING:
    from clientela.cube.view import View

_DIGITS = 18  # of a decimal that a whole number holds
_PARTS = {Type.MONEY: 4, Type.NUMBER: 6}  # digits after the point
_TOTAL = 0  # the place of the column that tells the total


def columns(view: View, measures: Sequence[str], by: Sequence[str] = (), where: Filter | None = None) -> Columns:
    """The figures of ``measures`` for each combination of ``by``, ordered by these, without their total.

    Raises
    ------
    UnknownNameError, UnreachableError, QueryError, NotPermittedError
        As `clientela.cube.figures.query.query`.
    """
    question = replace(understood(measures, by, where, (), None, view.catalogue.measures), totals=not by)
    bound = Bound()
    told = view.fetch(plan(question, bound, view), bound.values, own=True)
    if question.by:
        told = told.filter(pc.equal(told.column(_TOTAL), 0))
    names = [each.name for each in (*question.by, *question.asked)]
    taken = [_column(told.column(1 + place)) for place in range(len(names))]
    return Columns(
        values={name: values for name, (values, _) in zip(names, taken, strict=True)},
        known={name: known for name, (_, known) in zip(names, taken, strict=True)},
        hidden=np.zeros(told.num_rows, dtype=np.bool_),
    )


def of_rows(result: Result) -> Columns:
    """The columns of an answer that came as rows."""
    values: dict[str, NDArray[np.generic]] = {}
    known: dict[str, NDArray[np.bool_]] = {}
    for place, column in enumerate(result.columns):
        given = [row[place] for row in result.rows]
        known[column.name] = np.array([each is not None for each in given], dtype=np.bool_)
        values[column.name] = _from_values(given, column.type)
    hidden = np.zeros(len(result.rows), dtype=np.bool_)
    hidden[[row for row, _ in result.hidden if row >= 0]] = True
    return Columns(values=values, known=known, hidden=hidden)


def _from_values(given: Iterable[object], kind: Type) -> NDArray[np.generic]:
    if kind in _PARTS:
        digits = _PARTS[kind]
        return np.array([0 if each is None else int(Decimal(str(each)).scaleb(digits)) for each in given], np.int64)
    if kind is Type.INT:
        return np.array([0 if each is None else int(str(each)) for each in given], np.int64)
    made = np.empty(len(told := list(given)), dtype=object)
    made[:] = told
    return made


def _column(told: pa.ChunkedArray) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """The values of a column, and which are known."""
    column = told.combine_chunks() if told.num_chunks != 1 else told.chunk(0)
    known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    if pa.types.is_decimal(column.type):
        return np.where(known, _unscaled(column), 0), known
    if pa.types.is_integer(column.type):
        return column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), known
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        coded = column.dictionary_encode()
        words = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
        return words[coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)], known
    return np.array(column.to_pylist(), dtype=object), known


def _unscaled(column: pa.Array) -> NDArray[np.int64]:
    """The digits of decimals as whole numbers: of each 16 bytes the lower eight, as none has more than 18 digits."""
    kind: Any = column.type
    if kind.bit_width != 128 or kind.precision > _DIGITS:
        column = column.cast(pa.decimal128(_DIGITS, kind.scale))
    halves = np.frombuffer(column.buffers()[1], dtype="<i8")
    return halves[2 * column.offset : 2 * (column.offset + len(column)) : 2]
