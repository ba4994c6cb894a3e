"""What is asked of a database: the columns of a table or a query, from a value of its cursor on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import sqlglot
from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    Date,
    DateTime,
    FromClause,
    Numeric,
    Select,
    String,
    bindparam,
    column,
    false,
    inspect,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import quoted_name
from sqlalchemy.types import TypeEngine
from sqlglot import exp
from sqlglot.errors import SqlglotError

from clientela.capture.database.mark import Value
from clientela.capture.database.trouble import attempt
from clientela.capture.database.values import Cell, Kind, cell
from clientela.capture.mapping import Section
from clientela.config import Database
from clientela.errors import SourceError, did_you_mean

ROWS_AT_ONCE = 5_000
_LISTED = 20  # names in a sentence, at most
_BOUND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what SQLAlchemy would take for a parameter
_DIALECTS = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a table or query has to give: its columns, in order; of bytes only the name is known."""

    relation: FromClause
    cells: tuple[Cell, ...]
    bytes: tuple[str, ...]

    def rows(self) -> Select[Any]:
        """Every row."""
        named: list[Any] = [_named(each.name) for each in self.cells]
        return select(*named).select_from(self.relation)


def answer(section: Section, connection: Connection) -> Answer:
    """What the section's table or query has to give.

    Raises
    ------
    SourceError
        There is no such table, or the query cannot be asked.
    """
    database = section.source.database
    assert database is not None  # noqa: S101 - only sections with a database come here
    if database.table is not None:
        relation = _table(section, connection, database.table)
    else:
        relation = _query(section, connection, database)
    described = attempt(section, lambda: _described(connection, relation))
    names = [name for name, _ in described]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            section.source.name,
            f"the query gives more than one column '{twice[0]}'; give each a name of its own with as.",
        )
    cells = tuple(cell(name, code, connection.dialect.name) for name, code in described)
    return Answer(
        relation,
        tuple(each for each in cells if each.kind is not Kind.BYTES),
        tuple(each.name for each in cells if each.kind is Kind.BYTES),
    )


def since(query: Select[Any], cursor: str, value: Value, *, itself: bool) -> Select[Any]:
    """The rows above a value of the cursor, with ``itself`` those at it too."""
    bound = bindparam("since", value, type_=_type(value))
    return query.where(_named(cursor) >= bound if itself else _named(cursor) > bound)


def in_order(query: Select[Any], cursor: str) -> Select[Any]:
    """The rows that have a cursor, by its order."""
    return query.where(_named(cursor).is_not(None)).order_by(_named(cursor))


def without(query: Select[Any], cursor: str) -> Select[Any]:
    """The rows whose cursor is null."""
    return query.where(_named(cursor).is_(None))


def chunks(section: Section, connection: Connection, query: Select[Any]) -> Iterator[Sequence[Sequence[object]]]:
    """The rows a query gives, some at a time: the server keeps the rest.

    Raises
    ------
    SourceError
        The database broke off.
    """
    streaming = connection.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE)
    result: CursorResult[Any] = attempt(section, lambda: streaming.execute(query))
    try:
        while rows := attempt(section, lambda: result.fetchmany(ROWS_AT_ONCE)):
            yield rows
    finally:
        with suppress(SQLAlchemyError):  # of a lost connection
            result.close()


def _described(connection: Connection, relation: FromClause) -> list[tuple[str, object]]:
    """The names and types of the columns, by asking for no row."""
    result: CursorResult[Any] = connection.execute(select(literal_column("*")).select_from(relation).where(false()))
    found = [(str(each[0]), each[1]) for each in result.cursor.description]
    result.close()
    return found


def _table(section: Section, connection: Connection, said: str) -> FromClause:
    schema, _, name = said.rpartition(".")
    inspector = attempt(section, lambda: inspect(connection))
    if schema and attempt(section, lambda: inspector.has_table(said)):  # a name with a point in it
        schema, name = "", said
    if not attempt(section, lambda: inspector.has_table(name, schema=schema or None)):
        raise SourceError(section.source.name, attempt(section, lambda: _unknown(inspector, schema, name)))
    return table(quoted_name(name, quote=True), schema=quoted_name(schema, quote=True) if schema else None)


def _unknown(inspector: Any, schema: str, name: str) -> str:
    """That there is no such table, and which there are."""
    schemas = inspector.get_schema_names()
    if schema and schema not in schemas:
        return f"unknown schema '{schema}' in table = '{schema}.{name}'; {_known(schema, schemas)}"
    where = schema or None
    names = [*inspector.get_table_names(schema=where), *inspector.get_view_names(schema=where)]
    said = f"{schema}.{name}" if schema else name
    return f"unknown table '{said}'; {_known(name, names)}"


def _known(name: str, names: Sequence[str]) -> str:
    if len(names) <= _LISTED:
        return did_you_mean(name, names)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else f"the database has {len(names):,}, none with a name near it."


def _query(section: Section, connection: Connection, database: Database) -> FromClause:
    """The query as a table to select from; a colon in it is a colon."""
    said = (database.query or "").strip().rstrip(";").rstrip()
    dialect = connection.dialect.name
    try:
        statements = sqlglot.parse(said, dialect=_DIALECTS.get(dialect, dialect))
    except (SqlglotError, ValueError, TypeError):  # the database may know better
        statements = [exp.Select()]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise SourceError(section.source.name, "the query must be a single select.")
    escaped = _BOUND.sub(r"\\:\1", said)
    return text(escaped + "\n").columns().subquery("asked")  # the line's end closes a comment


def _named(cursor: str) -> Any:
    return column(quoted_name(cursor, quote=True))


def _type(value: Value) -> TypeEngine[Any]:
    if isinstance(value, datetime):
        return DateTime(timezone=value.tzinfo is not None)
    if isinstance(value, date):
        return Date()
    if isinstance(value, int):
        return BigInteger()
    return Numeric() if isinstance(value, Decimal) else String()
