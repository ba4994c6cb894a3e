"""SQL that a person types: narrowed here, run in a process of its own with limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from clientela.contracts.text import Text
from clientela.cube.fields import people_fields, public_fields
from clientela.cube.typed_sql import written
from clientela.cube.view import ALL
from clientela.errors import QueryError, SandboxError, UnknownNameError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.serving import Serving
from clientela.sandbox import run_limited
from clientela.warehouse.physical import PEOPLE
from clientela.warehouse.store.snapshot import Reader

MOST_ROWS = 10_000
MEMORY_BYTES = 4 << 30
WALL_SECONDS = 60.0
# What the engine says of names and of how they are put together; of values it says nothing here, as it has read none.
_BOUND = re.compile(r"the engine failed(?: on table '[^']*')?: Binder Error: (?P<reason>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What the query gave. ``hidden``: columns that are null where the person may not see them."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    hidden: tuple[str, ...]
    sql: str
    snapshot: str
    notices: tuple[Text, ...]


def run_sql(
    folder: Path,
    said: str,
    *,
    look: Look,
    as_of: date | None = None,
    asker: Asker | None = None,
    seconds: float = WALL_SECONDS,
) -> Rows:
    """The rows that a person's SQL gives of the snapshot that serves, ten thousand at most.

    A look at personal data is entered in the audit log before it is shown.

    Raises
    ------
    QueryError
        It cannot be read, may not run, fails, or takes too long or too much.
    UnknownNameError
        It names a table or column that there is not.
    NotPermittedError
        It names what the person may not see.
    """
    people = opens_people(asker)

    def told(reader: Reader, served: Serving) -> Rows:
        kb = seen_by(reader, served.snapshot, as_of, asker=asker)
        query = written(said, kb.view, most=MOST_ROWS)
        try:
            answer = _limited(folder, served.snapshot.name, query.sql, query.parameters, people=people, seconds=seconds)
        except _RefusedError as error:
            raise _plainly(said, error.reason) from None
        if query.personal:
            entered(
                folder,
                look,
                "personal.read",
                objects=[f"table:{name}" for name in query.personal],
                counts={"rows": len(answer["rows"])},
                snapshot=served.snapshot.name,
            )
        return Rows(
            columns=tuple(answer["columns"]),
            types=tuple(answer["types"]),
            rows=tuple(map(tuple, answer["rows"])),
            hidden=query.hidden,
            sql=query.sql,
            snapshot=served.snapshot.name,
            notices=served.notices,
        )

    return serving.read(folder, told, people=people)


def _limited(
    folder: Path, snapshot: str, sql: str, parameters: Mapping[str, object], *, people: bool, seconds: float
) -> dict[str, Any]:
    given = {name: value.isoformat() if isinstance(value, date) else value for name, value in parameters.items()}
    try:
        answer = run_limited(
            "clientela.warehouse.store.answered:answered",
            {"folder": str(folder), "snapshot": snapshot, "sql": sql, "parameters": given, "people": people},
            memory_bytes=MEMORY_BYTES,
            cpu_seconds=2 * seconds,
            wall_seconds=seconds,
            file_bytes=8 << 20,  # its answer; the engine itself can open no file
        )
    except SandboxError as error:
        said = {
            "memory": "the query needs more memory than it may have; ask for less at once",
            "time": f"the query took longer than {seconds:g} seconds; ask for less at once",
            "broken": "the query's answer is too long; ask for fewer rows or columns",
        }
        raise QueryError(f"{said.get(error.reason, 'the query failed')}.") from None
    if "failed" in answer:
        bound = _BOUND.match(answer["failed"])
        if bound is not None:
            raise _RefusedError(bound.group("reason"))
        raise QueryError(f"the query failed: {answer['failed']}")
    return dict(answer)


class _RefusedError(QueryError):
    """The engine found what a query names, or how, to be wrong, before it read a row.

    So ``reason`` holds nothing of any row, only what the person typed and the names of tables and columns.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


def _plainly(said: str, reason: str) -> QueryError | UnknownNameError:
    """Why a query cannot run, in a sentence; of a column that is not there, with the nearest that is."""
    tree = sqlglot.parse_one(said, dialect="duckdb")
    known = {each.lower() for each in _nameable(tree)}
    for name in _named(tree):
        if name.lower() not in known and f'"{name}"'.lower() in reason.lower():
            return UnknownNameError("column", name, known)
    return QueryError(f"the query cannot run: {reason[:1].lower()}{reason[1:].rstrip('.!')}.")


def _nameable(tree: exp.Expr) -> Iterator[str]:
    """What a column may be called in a query: as in the tables that it reads, or as it calls something itself."""
    for table in tree.find_all(exp.Table):
        contract = ALL.get(table.name.lower())
        if contract is not None:
            yield from people_fields(contract) if table.db == PEOPLE else public_fields(contract)
    for alias in tree.find_all(exp.Alias):
        yield alias.alias
    for named in tree.find_all(exp.TableAlias):
        yield from (each.name for each in named.columns)


def _named(tree: exp.Expr) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        yield column.name
    for join in tree.find_all(exp.Join):
        yield from (each.name for each in join.args.get("using") or ())
