"""The folder of the truth: tables kept whole or in parts, and read as their contracts have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clientela.contracts.schema import Contract, Type
from clientela.errors import UnknownNameError, UsageError
from clientela.testing.company.truth.tables import TRUTH

_ARROW = {
    Type.TEXT: pa.string(),
    Type.INT: pa.int64(),
    Type.BOOL: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.INSTANT: pa.timestamp("us", tz="UTC"),
    Type.MONEY: pa.float64(),
    Type.NUMBER: pa.float64(),
    Type.SHARE: pa.float64(),
}


class Truth:
    """A folder of truth: who writes it says each column of a table, once and for all rows or part by part.

    Parameters
    ----------
    folder : made when the first table is kept
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, columns: Mapping[str, Any], part: str | None = None) -> Path:
        """The file that now holds a table, or a part of it; one that was there is replaced.

        Parameters
        ----------
        columns : by name, arrays of equal length; a number that is not finite is kept as unknown
        part : what to call the part, such as ``week-0007``

        Raises
        ------
        UsageError
            The columns are not those of the contract.
        """
        promised = contract(name)
        if set(columns) != set(promised.names):
            raise UsageError(
                f"the truth's table {name} has the columns {', '.join(promised.names)}; given: {', '.join(columns)}."
            )
        table = pa.table({each: _column(columns[each], promised, each) for each in promised.names})
        path = self.folder / name / f"{part}.parquet" if part else self.folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        pq.write_table(table, unfinished)
        unfinished.replace(path)
        return path

    def read(self, name: str, part: str) -> pa.Table:
        """One part of a table that was kept in parts."""
        return pq.read_table(self.folder / name / f"{part}.parquet", partitioning=None)

    def keep_week(self, name: str, columns: Mapping[str, Any], week: int) -> Path:
        """The file that now holds the rows of one week."""
        return self.keep(name, columns, f"week-{week:04}")


def read(folder: Path, name: str, weeks: Iterable[int] | None = None) -> pa.Table:
    """A table of the truth, its columns as its contract has them.

    Parameters
    ----------
    folder : the one the company was given for its truth
    weeks : only what was kept for these, where a table has a part for each week; all parts when not given

    Raises
    ------
    UnknownNameError
        There is no such table.
    UsageError
        Nothing of it has been kept.

    Examples
    --------
    >>> read(Path("truth"), "custommer")
    Traceback (most recent call last):
    ...
    clientela.errors.UnknownNameError: unknown table of the truth 'custommer'; known: ...
    """
    promised = contract(name)
    whole, parts = folder / f"{name}.parquet", folder / name
    if weeks is not None:
        found = [path for path in (parts / f"week-{week:04}.parquet" for week in weeks) if path.exists()]
    else:
        found = [whole] if whole.exists() else sorted(parts.glob("*.parquet"))
    if not found:
        raise UsageError(f"nothing of the truth's table {name} has been kept in {folder}. Let the company live first.")
    columns = list(promised.names)
    return pa.concat_tables([pq.read_table(path, columns=columns, partitioning=None) for path in found])


def contract(name: str) -> Contract:
    """What a table of the truth promises.

    Raises
    ------
    UnknownNameError
        There is no such table; the message names the nearest.
    """
    try:
        return TRUTH[name]
    except KeyError:
        raise UnknownNameError("table of the truth", name, TRUTH) from None


def _column(values: Any, promised: Contract, name: str) -> pa.Array:
    kind = _ARROW[promised.column(name).type]
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        finite = np.isfinite(values)
        if kind == pa.int64():
            values = np.where(finite, values, 0).astype(np.int64)
        return pa.array(values, kind, mask=None if finite.all() else ~finite)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(kind)
    return pa.array(values, kind)
