"""DuckDB: the only file that imports it. Statements come in as sqlglot trees, errors go out as ours."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Literal, Self, Union

import duckdb
import numpy as np
import pyarrow as pa
from sqlglot import exp

from clientela.errors import ClientelaError, MachineError, TooLargeError, WarehouseError
from clientela.warehouse.journal import put_in_place

NOTHING: Mapping[str, object] = MappingProxyType({})
STATEMENTS = 4096  # that an engine keeps as it read them
MAIN = "memory"  # the catalog of an engine that has no file of its own
_ONCE = "once"  # what a tree's meta says of one that nobody uses again

# The message of these names tables, columns and files; that of any other error may hold a customer's value.
_ABOUT_NAMES = (
    duckdb.CatalogException,
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.IOException,
    duckdb.PermissionException,
    duckdb.NotImplementedException,
)
_DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
# A commit that cannot be written fails as a transaction; after it the engine refuses everything, quoting the cause.
_BY_THE_MACHINE = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException, duckdb.InternalException)
# id63: the first 60 bits of a hash in hex, as a number that fits BIGINT in every engine.
_ID63 = "create or replace temp macro id63(ref) as cast('0x' || substr(ref, 1, 15) as bigint)"
_PROTECTION = (
    "set enable_external_access = false",
    "set disabled_filesystems = 'LocalFileSystem'",
    "set lock_configuration = true",
)


class DamagedError(WarehouseError):
    """The engine cannot read one of its files."""


@dataclass(frozen=True, slots=True)
class Written:
    """A query written out once, to be asked many times; ``names`` are those of its parameters."""

    tree: exp.Expr
    sql: str
    names: frozenset[str]


Statement = Union[exp.Expr, Written]


class Engine:
    """A connection to DuckDB; a context manager.

    Session zone UTC; a bound datetime with a zone is turned to naive UTC, one without is UTC already.

    Examples
    --------
    >>> from clientela.warehouse.engine import Engine
    >>> with Engine.in_memory() as engine:
    ...     engine.fetch(exp.select("id63('0123456789abcdef0') as customer_id")).to_pylist()
    [{'customer_id': 5124095576030430}]
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._connection.execute("set TimeZone = 'UTC'")
        self._used: str | None = None
        self._idle: list[_Cursor] = []  # cursors that nobody has a result of
        self._registered: dict[str, pa.Table] = {}
        self._turn = 0  # grows when where cursors look for tables changes: one handed out before is not kept
        self._defined: set[str] = set()
        self._statements: dict[str, duckdb.Statement] = {}

    @classmethod
    def in_memory(
        cls, *, threads: int | None = None, memory_limit: str | None = None, temp_directory: Path | None = None
    ) -> Engine:
        """An engine without a file of its own."""
        return cls._connect(":memory:", threads, memory_limit, temp_directory)

    @classmethod
    def on_file(
        cls,
        path: Path,
        *,
        threads: int | None = None,
        memory_limit: str | None = None,
        temp_directory: Path | None = None,
    ) -> Engine:
        """An engine whose main database is ``path``, to read and to write."""
        return cls._connect(str(path), threads, memory_limit, temp_directory)

    @classmethod
    def _connect(
        cls, database: str, threads: int | None, memory_limit: str | None, temp_directory: Path | None
    ) -> Engine:
        wanted = {
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(temp_directory) if temp_directory else "",  # none given: it never spills
        }
        config: dict[str, str | int | bool | float | list[str]] = {
            "preserve_insertion_order": False,
            "python_enable_replacements": False,  # a table's name never means a Python variable
            "autoinstall_known_extensions": False,
            "disabled_compression_methods": "fsst",  # costs a tenth of a build and, beside dict_fsst, saves nothing
        }
        config |= {name: value for name, value in wanted.items() if value is not None}
        try:
            return cls(duckdb.connect(database, config=config))
        except duckdb.Error as error:
            raise _translated(error, None) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; a file of its own is checkpointed."""
        self._registered.clear()
        self._end_idle()
        try:
            self._connection.close()
        except duckdb.Error as error:
            raise _translated(error, None) from None

    def attach(
        self, path: Path, name: str, *, read_only: bool, together: int | None = None, whole: bool = False
    ) -> None:
        """Make the file ``path`` readable as ``name.table``.

        Parameters
        ----------
        together : rows that what is written keeps together, and a lookup reads together; the engine's own number is
            good for reading whole tables.
        whole : what is written is there once the file was let go of, and before that nobody needs it: it is not
            written to a log first, which for small tables takes as long as the tables themselves.
        """
        options = [exp.AttachOption(this=exp.var("read_only"))] if read_only else []
        if whole:
            mode = exp.Literal.string("no_wal_writes")
            options.append(exp.AttachOption(this=exp.var("recovery_mode"), expression=mode))
        if together is not None:
            size = exp.Literal.number(together)
            options.append(exp.AttachOption(this=exp.var("row_group_size"), expression=size))
        target = exp.Alias(this=exp.Literal.string(str(path)), alias=exp.to_identifier(name, quoted=True))
        self.run(exp.Attach(this=target, expressions=options))

    def use(self, name: str) -> None:
        """Let a table without a database be looked for in the attached file ``name``."""
        self._used = name
        self._end_idle()

    def checkpoint_and_detach(self, name: str) -> None:
        """Write all of an attached file to the disk and let go of it."""
        identifier = exp.to_identifier(name, quoted=True)
        if self._used == name:
            self._used = None
            self._end_idle()
        self.checkpoint(name)
        self.run(exp.Detach(this=identifier))

    def checkpoint(self, name: str) -> None:
        """Write all of an attached file to the disk."""
        self.run(exp.Command(this="CHECKPOINT", expression=exp.to_identifier(name, quoted=True)))

    def protect(self) -> None:
        """Close every way to the file system, for good: what is attached can be read, nothing else."""
        with self._cursor() as cursor:
            for statement in _PROTECTION:  # in this order: the other way round raises
                cursor.execute(statement)

    def register(self, name: str, table: pa.Table) -> None:
        """Let statements read an Arrow table as ``name``."""
        self._registered[name] = table

    def unregister(self, name: str) -> None:
        """Forget an Arrow table."""
        self._registered.pop(name, None)
        idle, self._idle = self._idle, []
        for each in idle:
            each.learn(self._registered)
        self._idle += idle

    def run(self, statement: Statement, parameters: Mapping[str, object] = NOTHING, *, once: bool = False) -> int:
        """Carry out a statement that has no result; returns the rows it wrote, where the engine says so.

        Parameters
        ----------
        once : nobody uses the statement again, so that it may be changed while it is written out: a third of the work
        """
        ready = written(statement, once=once)
        with self._cursor(ready.tree) as cursor:
            rows = cursor.execute(ready.sql, _bound(ready, parameters)).fetchall()
        return int(rows[0][0]) if len(rows) == 1 and isinstance(rows[0][0], int) else 0

    def fetch(self, query: Statement, parameters: Mapping[str, object] = NOTHING) -> pa.Table:
        """The whole result of a query, on a cursor of its own; one that is `for_once` is changed on the way."""
        ready = written(query)
        with self._cursor(ready.tree) as cursor:
            return cursor.sql(ready.sql, params=_bound(ready, parameters)).to_arrow_table()

    def row(self, query: Statement, parameters: Mapping[str, object] = NOTHING) -> dict[str, Any]:
        """The one row of a query that counts, by name: for it alone two thirds of the work of `fetch`."""
        ready = written(query)
        with self._cursor(ready.tree) as cursor:
            found = cursor.execute(ready.sql, _bound(ready, parameters))
            names = [name for name, *_ in found.description or ()]
            (values,) = found.fetchall()
            return dict(zip(names, values, strict=True))

    def rows(self, query: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values: half the work of `fetch` and of turning its columns into them.

        One that was written out is read by the engine once; one that is `for_once` is changed on the way.
        """
        ready = written(query)
        bound = _bound(ready, parameters)
        with self._cursor(ready.tree) as cursor:
            asked = self._read(cursor, ready.sql) if ready is query else ready.sql
            found: list[tuple[Any, ...]] = cursor.execute(asked, bound).fetchall()
            return found

    def _read(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
        """A statement as the engine reads it, once: for one that gives a few rows a fifth of the work."""
        found = self._statements.get(sql)
        if found is None:
            if len(self._statements) >= STATEMENTS:
                self._statements.clear()
            (found,) = cursor.extract_statements(sql)
            self._statements[sql] = found
        return found

    def column_types(self, query: exp.Expr, parameters: Mapping[str, object] = NOTHING) -> dict[str, str]:
        """The columns a query would give, with the engine's names of their types."""
        ready = written(query)
        with self._cursor(query) as cursor:
            told = cursor.execute(f"DESCRIBE {ready.sql}", _bound(ready, parameters)).fetchall()
            return {name: kind for name, kind, *_ in told}

    def tables(self, database: str) -> frozenset[str]:
        """The tables and views of an attached file."""
        named = {"name": database}
        return frozenset(row[0] for each in (_TABLES, _VIEWS) for row in self.rows(each, named))

    def sizes(self, database: str) -> dict[str, int]:
        """The tables of an attached file and about how many rows each has; of one with none it is 0."""
        return dict(self.rows(_TABLES, {"name": database}))

    def columns(self, database: str) -> dict[str, dict[str, str]]:
        """The columns of each table of an attached file, with the engine's names of their types."""
        found: dict[str, dict[str, str]] = {}
        for table, name, kind in self.rows(_COLUMNS, {"name": database}):
            found.setdefault(table, {})[name] = kind
        return found

    def define(self, name: str, given: Sequence[str], meaning: exp.Expr) -> None:
        """Give an expression over ``given`` a name that statements can call (`called`) in its place."""
        with self._cursor(meaning) as cursor:
            cursor.execute(_macro(name, tuple(given), _Same(meaning)))
        self._defined.add(name)

    def knows(self, name: str) -> bool:
        """Whether a name was defined here."""
        return name in self._defined

    @contextmanager
    def lent(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for a library that writes its own statements: in the engine's memory, with its errors as ours."""
        with self._cursor(lent=True) as cursor:
            cursor.execute(exp.Use(this=exp.to_table(MAIN)).sql(dialect="duckdb"))
            yield cursor

    @contextmanager
    def _cursor(self, tree: exp.Expr | None = None, *, lent: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that nobody else has: a result that another call left unread cannot be lost, a name not be hijacked.

        It is kept for the next call, unless it failed, was ``lent``, or looks for tables elsewhere than the next call.
        """
        cursor: _Cursor | None = None
        try:
            turn = self._turn
            cursor = self._ready()
            yield cursor.connection
            if not lent and turn == self._turn:
                self._idle.append(cursor)
                cursor = None
        except duckdb.Error as error:
            raise _translated(error, tree) from None  # the engine's own message may hold customer data
        except RuntimeError as error:
            if str(error) == "Query interrupted":  # so the engine says that it was asked to end
                raise KeyboardInterrupt from None
            raise
        finally:
            if cursor is not None:
                cursor.connection.close()

    def _ready(self) -> _Cursor:
        cursor: _Cursor | None = None
        with suppress(IndexError):  # not asked before: another thread may take the last one
            cursor = self._idle.pop()
        if cursor is None:
            cursor = _Cursor(self._connection.cursor())
            cursor.connection.execute(_ID63)
            if self._used:
                cursor.connection.execute(exp.Use(this=exp.to_table(self._used)).sql(dialect="duckdb"))
        cursor.learn(self._registered)
        return cursor

    def _end_idle(self) -> None:
        self._turn += 1
        while self._idle:
            self._idle.pop().connection.close()


class _Cursor:
    """A connection of the engine and the Arrow tables it can name."""

    __slots__ = ("connection", "known")

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.known: dict[str, pa.Table] = {}

    def learn(self, registered: Mapping[str, pa.Table]) -> None:
        """Know these tables and no others."""
        if not registered and not self.known:
            return
        now = dict(registered)
        for name in [name for name, table in self.known.items() if now.get(name) is not table]:
            self.connection.unregister(name)
            del self.known[name]
        for name, table in now.items():
            if name not in self.known:
                self.connection.register(name, table)
                self.known[name] = table


class _Same:
    """A tree that equals itself alone: to compare what stands in it would take as long as to write it out."""

    __slots__ = ("tree",)

    def __init__(self, tree: exp.Expr) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return id(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.tree is self.tree


@lru_cache(maxsize=256)
def _macro(name: str, given: tuple[str, ...], meaning: _Same) -> str:
    """The statement that defines a name; each engine of a process defines the same ones, some of them long."""
    function = exp.UserDefinedFunction(
        this=exp.table_(name, db="main", catalog=MAIN),
        expressions=[exp.to_identifier(each) for each in given],
        wrapped=True,
    )
    return exp.Create(this=function, kind="MACRO", replace=True, expression=meaning.tree.copy()).sql(dialect="duckdb")


def called(name: str, *given: exp.Expr) -> exp.Anonymous:
    """The value of what an engine was told to call so, in its memory (`Engine.define`)."""
    return exp.Anonymous(this=f"{MAIN}.main.{name}", expressions=list(given))


def read_parquet(paths: Sequence[Path]) -> exp.Table:
    """A table expression for FROM: the rows of these Parquet files, columns matched by name."""
    if not paths:
        raise WarehouseError("no Parquet file to read.")
    files = exp.Array(expressions=[exp.Literal.string(str(path)) for path in paths])
    by_name = exp.EQ(this=exp.column("union_by_name"), expression=exp.true())
    return exp.Table(this=exp.ReadParquet(expressions=[files, by_name]))


def write_parquet(
    engine: Engine,
    query: exp.Expr,
    path: Path,
    parameters: Mapping[str, object] = NOTHING,
    *,
    compression: Literal["zstd", "snappy"] = "zstd",
) -> int:
    """Write the rows of a query to ``path``, whole or not at all; returns how many.

    Parameters
    ----------
    compression : ``zstd`` for what is kept, ``snappy`` for what is made again when needed: half the work.
    """
    part = path.with_name(path.name + ".part")
    options = {"format": "parquet", "compression": compression}
    rows = engine.run(
        exp.Copy(
            this=exp.Subquery(this=query.copy()),
            kind=False,
            credentials=exp.Credentials(),
            files=[exp.Literal.string(str(part))],
            params=[exp.CopyParameter(this=exp.var(name), expression=exp.var(each)) for name, each in options.items()],
        ),
        parameters,
    )
    put_in_place(part, path)
    return rows


def written(statement: Statement, *, once: bool = False) -> Written:
    """A statement written out; one that is already stays as it is, one that is asked ``once`` is changed on the way."""
    if isinstance(statement, Written):
        return statement
    sql = statement.sql(dialect="duckdb", copy=not (once or statement.meta.get(_ONCE)))
    return Written(statement, sql, placeholders(statement) if "$" in sql else frozenset())


def for_once(tree: exp.Select) -> exp.Select:
    """The same tree, of which nobody makes use after it was sent: it is written out without being copied."""
    tree.meta[_ONCE] = True
    return tree


def _of_files(function: str, *names: str) -> Written:
    query = exp.select(*names).from_(exp.Table(this=exp.Anonymous(this=function)))
    ours = exp.not_(exp.column("internal"))
    return written(query.where(exp.column("database_name").eq(exp.Placeholder(this="name")), ours))


def placeholders(tree: exp.Expr) -> frozenset[str]:
    """The names of the parameters a tree has a place for."""
    return frozenset(str(node.this) for node in tree.find_all(exp.Placeholder))


def _bound(ready: Written, parameters: Mapping[str, object]) -> dict[str, object]:
    missing = sorted(ready.names - parameters.keys())
    if missing:
        raise WarehouseError(f"no value for parameter {', '.join(missing)}.", sql=ready.sql)
    return {name: _plain(parameters[name]) for name in ready.names}


def _plain(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value.item() if isinstance(value, np.generic) else value


def _translated(error: duckdb.Error, tree: exp.Expr | None) -> ClientelaError:
    machine = _machine(error)
    if machine is not None:
        return machine
    named = tree.find(exp.Table) if tree is not None else None
    table = named.name or None if named is not None else None
    sql = tree.sql(dialect="duckdb") if tree is not None else None
    if isinstance(error, duckdb.OutOfMemoryException):
        said = "the answer needs more memory than is allowed; ask for fewer rows or a shorter time."
        return TooLargeError(said, table=table, sql=sql)
    corrupt = str(error).startswith("Corrupt database file")  # raised without a class of its own
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__.removesuffix("Exception")).lower()
    harmless = corrupt or isinstance(error, _ABOUT_NAMES)
    said = str(error).strip().splitlines()[0] if harmless else f"{kind} error"
    where = f" on table '{table}'" if table else ""
    family = DamagedError if corrupt or isinstance(error, _DAMAGE) else WarehouseError
    return family(f"the engine failed{where}: {said}", table=table, sql=sql)


def _machine(error: duckdb.Error) -> MachineError | None:
    """The trouble of the machine behind an error of the engine; None where it is the statement's or the file's own."""
    said = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        spilled = "max_temp_directory_size" in said  # which is the room on the disk, unless someone set it
        return MachineError.numbered(errno.ENOSPC) if spilled else None
    if not isinstance(error, _BY_THE_MACHINE):
        return None
    quoted = re.search(r'"(/[^"]+)"', said)
    return MachineError.in_words(said, Path(quoted.group(1)).parent if quoted else None)


_TABLES = _of_files("duckdb_tables", "table_name", "estimated_size")
_VIEWS = _of_files("duckdb_views", "view_name")
_COLUMNS = _of_files("duckdb_columns", "table_name", "column_name", "data_type")
