"""The fingerprint of a table: equal for equal rows, whatever their order, the columns' order or the threads."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

# where and when a row came about is not what it says
PROVENANCE = frozenset({"_line", "batch", "run", "first_run", "of_runs", "path", "line", "learned_at"})
_BETWEEN, _NULL = "\x1f", "\x1e"  # characters that no clean text holds


def fingerprint(table: exp.Table, types: Mapping[str, str]) -> exp.Select:
    """The query for ``n``, the rows, and ``digest``, the exact sum of the first 60 bits of each row's md5.

    A row is the text of its values in the order of their columns' names; provenance stays out.

    Parameters
    ----------
    types : the engine's type of each column.

    Examples
    --------
    >>> fingerprint(exp.to_table("t"), {"b": "BIGINT", "a": "VARCHAR", "run": "BIGINT"}).sql("duckdb")
    "SELECT COUNT(*) AS n, SUM(ID63(MD5(CONCAT_WS('\\x1f', COALESCE(a, '\\x1e'), \
COALESCE(CAST(b AS TEXT), '\\x1e'))))) AS digest FROM t"
    """
    values = [_text(name, types[name]) for name in sorted(types) if name not in PROVENANCE]
    row = exp.ConcatWs(
        expressions=[exp.Literal.string(_BETWEEN), *(values or [exp.Literal.string("")])], safe=True, coalesce=True
    )
    digest = exp.Sum(this=exp.Anonymous(this="id63", expressions=[exp.MD5(this=row)]))
    return exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"), exp.alias_(digest, "digest")).from_(table)


def _text(name: str, type: str) -> exp.Expr:
    column: exp.Expr = exp.column(exp.to_identifier(name, quoted=not name.isidentifier() or name in ("at", "on", "to")))
    if type == "TIMESTAMP":  # microseconds are shorter than a date in words, and as exact
        column = exp.Anonymous(this="epoch_us", expressions=[column])
    text = column if type == "VARCHAR" else exp.cast(column, "text")
    return exp.Coalesce(this=text, expressions=[exp.Literal.string(_NULL)])
