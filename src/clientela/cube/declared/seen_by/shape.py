"""What a dimension is, and a table that is looked up for one."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.contracts.schema import Type
from clientela.contracts.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A way to divide figures; None is the member of rows where it is unknown.

    ``expression`` is portable SQL over the columns of a fact, or over those of ``lookup`` when it
    is set. ``hierarchy`` and ``level`` say what it rolls up with: 1 is the finest level. ``reads`` are the
    columns, as ``table.column``, that a person must be allowed to see by it; None: those of its expression.
    """

    name: str
    label: Text
    description: Text
    expression: str
    type: Type = Type.TEXT
    lookup: str | None = None
    hierarchy: str
    level: int = 1
    reads: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A reference table made ready to join: ``sql`` gives one row per ``key``, so a join never fans out.

    ``key`` is the fact's column that it is joined by, ``own_key`` what the column is called here (empty: the same),
    ``table`` the one it is made of. ``many``: there may be several rows per ``key``, each a member of its own; then a
    total is counted without it.
    """

    name: str
    key: str
    table: str
    sql: str
    own_key: str = ""
    many: bool = False
