"""Small published tables in an engine in memory, and a view of them."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import pyarrow as pa
import sqlglot

from clientela.contracts.schema import Contract, Type
from clientela.cube.fields import people_fields
from clientela.cube.view import ALL, View
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import facts_part

ARROW = {
    Type.TEXT: pa.string(),
    Type.INT: pa.int64(),
    Type.BOOL: pa.bool_(),
    Type.DATE: pa.date32(),
    Type.INSTANT: pa.timestamp("us"),
    Type.MONEY: pa.decimal128(18, 4),
    Type.NUMBER: pa.decimal128(18, 6),
    Type.SHARE: pa.decimal128(18, 6),
}
AS_OF = date(2024, 7, 1)
KNOWN_AT = datetime.fromisoformat("2024-07-01")
LONG_AGO = datetime.fromisoformat("1900-01-01")

Row = Mapping[str, object]


def line(order: str, customer: int | None, day: str, revenue: str, **more: object) -> dict[str, object]:
    """An order line: a sale from the source ``shop``, known when it happened."""
    on = date.fromisoformat(day)
    at = datetime.fromisoformat(f"{day} 12:00")
    row = {"source": "shop", "order_id": order, "line_no": "1", "kind": "sale", "customer_id": customer}
    row |= {"net_revenue": Decimal(revenue), "happened_at": at, "happened_on": on, "known_from": at}
    return {**row, "known_assumed": False, **more}


def reference(**values: object) -> dict[str, object]:
    """A row of a reference table, known always."""
    return {"source": "erp", "known_from": LONG_AGO, "known_assumed": False, **values}


def stored_fields(contract: Contract) -> Mapping[str, Type]:
    """The columns of the published table in the facts file."""
    part = facts_part(contract)
    assert part is not None
    return {column.name: column.type for column in part.columns}


def arrow(fields: Mapping[str, Type], rows: Sequence[Row]) -> pa.Table:
    """``rows`` as a table; a column that a row leaves out is null."""
    unknown = {name for row in rows for name in row} - set(fields)
    assert not unknown, unknown
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in fields.items()})


@cache
def _whole() -> Engine:
    """The engine that the tests of a process use one after the other."""
    engine = Engine.in_memory()
    atexit.register(_whole.cache_clear)  # with it goes the engine, before the interpreter
    return engine


@contextmanager
def emptied() -> Iterator[Engine]:
    """An engine in memory with nothing in it, before and after; to open one takes as long as to ask it ten questions.

    What a test tells the engine beside its tables is told to a connection of the test's own.
    """
    tables = "select schema_name, table_name from duckdb_tables() where not internal and not temporary"
    with _whole().lent() as connection, Engine(connection) as engine:
        assert connection.execute(tables).fetchall() == [], "two tests at once, or one in the other"
        yield engine
        for schema, name in connection.execute(tables).fetchall():
            connection.execute(f'drop table "{schema}"."{name}"')
        connection.execute("drop schema if exists people")


@dataclass
class Published:
    """An engine with tables in it, as a snapshot would have them."""

    engine: Engine
    tables: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def add(self, **tables: Sequence[Row]) -> Published:
        """Publish ``tables`` by name."""
        for name, rows in tables.items():
            self.store(name, stored_fields(ALL[name]), rows)
            self.tables.add(name)
        return self

    def add_people(self, name: str, rows: Sequence[Row]) -> Published:
        """Publish a table of the people file."""
        if not self.people:
            self.engine.run(sqlglot.parse_one("create schema people", dialect="duckdb"))
        self.store(f"people.{name}", people_fields(ALL[name]), rows)
        self.people.add(name)
        return self

    def view(self, as_of: date = AS_OF, known_at: datetime = KNOWN_AT, **more: object) -> View:
        """What is seen of it."""
        given: dict[str, object] = {"lapse_days": 30, "currency": "EUR", "people": self.people or None, **more}
        return View(reader=self.engine, as_of=as_of, known_at=known_at, tables=frozenset(self.tables), **given)  # type: ignore[arg-type]

    def store(self, name: str, fields: Mapping[str, Type], rows: Sequence[Row]) -> None:
        """Create a table of these rows."""
        self.engine.register("delivered", arrow(fields, rows))
        self.engine.run(sqlglot.parse_one(f"create table {name} as from delivered", dialect="duckdb"))
        self.engine.unregister("delivered")
