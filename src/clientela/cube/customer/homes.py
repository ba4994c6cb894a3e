"""Conditions as the access layer writes them, read back: in a list, or at home in one of its places."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from clientela.access.rows import HOME
from clientela.contracts.schema import AS_STORED


def places_of(node: exp.In) -> str | None:
    """The name of the list of places one of which the customer that a column names must be at home in; else None."""
    told = read_as_stored(node, HOME)
    return list_of(told) if isinstance(told, exp.In) and is_column(told.this, {"territory_id"}) else None


def read_as_stored(node: exp.In, table: str) -> exp.Expr | None:
    """The condition of the select that something must be in, where it reads this table as the access layer does."""
    inner = node.args.get("query")
    if not isinstance(inner, exp.Subquery) or not isinstance(inner.this, exp.Select):
        return None
    source, where = inner.this.args.get("from_"), inner.this.args.get("where")
    if source is None or where is None or source.this.name != table or not source.this.meta.get(AS_STORED):
        return None
    condition: exp.Expr = where.this
    return condition


def list_of(node: exp.In) -> str | None:
    """The name of the list that something must be in."""
    inner = node.args.get("query")
    if not isinstance(inner, exp.Subquery) or not isinstance(inner.this, exp.Select):
        return None
    given = inner.this.expressions
    if len(given) != 1 or inner.this.args.get("from_") is not None or not isinstance(given[0], exp.Explode):
        return None
    return str(given[0].this.this) if isinstance(given[0].this, exp.Placeholder) else None


def is_column(node: exp.Expr, names: Collection[str]) -> bool:
    """Whether it is a column of one of these names."""
    return isinstance(node, exp.Column) and node.name in names
