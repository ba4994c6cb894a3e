"""A snapshot that notes which personal tables were read through it: a look at personal data leaves an entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from clientela.pipeline.asking.watched import Look, entered
from clientela.warehouse.engine import Statement, Written
from clientela.warehouse.physical import PEOPLE
from clientela.warehouse.store.snapshot import Reader

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Noting:
    """An open snapshot; ``seen`` are the personal tables that queries named so far."""

    reader: Reader
    seen: set[str] = field(default_factory=set)

    @property
    def tables(self) -> Collection[str]:
        """The tables of its facts file."""
        return self.reader.tables

    @property
    def people(self) -> Collection[str] | None:
        """The tables of its people file; None where that is not open."""
        return self.reader.people

    def fetch(self, query: exp.Expression, parameters: Mapping[str, object] = {}) -> pa.Table:
        """The rows of ``query``."""
        self._note(query)
        return self.reader.fetch(query, parameters)

    def rows(self, query: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of ``query`` as Python values."""
        self._note(query.tree if isinstance(query, Written) else query)
        return self.reader.rows(query, parameters)

    def _note(self, query: exp.Expr) -> None:
        if self.reader.people:
            self.seen.update(each.name for each in query.find_all(exp.Table) if each.text("db") == PEOPLE)

    def enter(self, folder: Path, look: Look, *, snapshot: str, rows: int) -> None:
        """Enter in the audit log what was seen, if anything was; to be called before it is shown."""
        if self.seen:
            objects = [f"table:{name}" for name in sorted(self.seen)]
            entered(folder, look, "personal.read", objects=objects, counts={"rows": rows}, snapshot=snapshot)
