"""The rows of a batch that broke a rule, as rows of the table ``quarantine``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp

from clientela.capture.files.csv_reader import LINE, LINES, RULE, VALUE
from clientela.capture.typed import Typed
from clientela.warehouse.engine import read_parquet
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Batch

BAD_ROWS, CLASHES = "bad", "clash"  # work files of a batch: rows that broke rules, rows that contradict each other
_SAME_KEY = "another row of the file has the same key but says something else"
_BAD_COLUMNS = ("line", "lines", "column_name", "value", "rule", "source", "table_name", "path", "batch", "run")


def no_bad_rows() -> exp.Select:
    """What a batch without a bad row gives: the columns, and no row."""
    kinds = {name: "bigint" if name in ("line", "lines", "run") else "varchar" for name in _BAD_COLUMNS}
    return exp.select(*(exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in kinds.items())).where(
        exp.false()
    )


def bad_rows(query: Typed, place: Path, batch: Batch, source: exp.Expr | None) -> Iterator[exp.Select]:
    """One row for each breach of each bad row: lines that are no record, broken rules, keys that contradict."""
    if source is not None:
        broken = column(RULE).is_(exp.null()).not_()
        yield _breach(batch, exp.Literal.string(""), column(VALUE), column(RULE)).from_(source).where(broken)
    if (place / BAD_ROWS).exists():
        for number, each in enumerate(query.breaches):
            value = column(each.value) if each.value is not None else exp.cast(exp.null(), "varchar")
            listed = _breach(batch, exp.Literal.string(each.label), value, exp.Literal.string(each.rule))
            yield listed.from_(read_parquet([place / BAD_ROWS])).where(column(f"b_{number}"))
    if (place / CLASHES).exists():
        listed = _breach(batch, exp.Literal.string(""), column(VALUE), exp.Literal.string(_SAME_KEY))
        yield listed.from_(read_parquet([place / CLASHES]))


def _breach(batch: Batch, label: exp.Expr, value: exp.Expr, rule: exp.Expr) -> exp.Select:
    said = map(exp.Literal.string, (batch.source, batch.table, batch.path, batch.hash))
    run = exp.cast(exp.Literal.number(batch.run), "bigint")
    values = (column(LINE), column(LINES), label, value, rule, *said, run)
    return exp.select(*(exp.alias_(each, name) for each, name in zip(values, _BAD_COLUMNS, strict=True)))
