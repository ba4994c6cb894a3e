"""Small files of one kind typed together: to read a statement takes the engine longer than a small file's rows.

What is found is the same as of each file alone. A file of which something has to be told, since a row broke a rule, two
rows have one key, or a line is no record, is left to be typed alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from clientela.capture.conform.persons import KEYS, with_refs, write_keys
from clientela.capture.files.csv_reader import LINE
from clientela.capture.mapping import LEFT_OUT, Section
from clientela.capture.reading import Raw, call
from clientela.capture.typed import BAD, FILE, FILE_NAME, KNOWN, NUMBER, typed
from clientela.contracts.schema import Type
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.physical import column, day_of

FILES = 64  # in one statement
SMALL = 8_192  # rows: a larger file is worth a statement of its own
ROWS = 65_536  # in one statement
_ALL = "all"  # a work file
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What was found of a file of which all rows count. ``refs``: its people; None when its table names nobody."""

    rows: pa.Table
    refs: pa.Table | None
    first_on: date | None
    last_on: date | None


def may_be_together(schema: pa.Schema, rows: int) -> bool:
    """Whether a file is small, and has no column of the name by which the engine tells which file a row is from."""
    return 0 < rows <= SMALL and FILE_NAME not in map(str.lower, schema.names)


def portions(files: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """The files, each with its rows, in portions for one statement each; one that would stand alone is left out."""
    portion: list[T] = []
    total = 0
    for file, rows in files:
        if portion and (len(portion) == FILES or total + rows > ROWS):
            if len(portion) > 1:
                yield portion
            portion, total = [], 0
        portion.append(file)
        total += rows
    if len(portion) > 1:
        yield portion


def typed_together(
    engine: Engine,
    section: Section,
    kinds: Mapping[str, Raw],
    files: Mapping[Path, int],
    place: Path,
    secret: bytes,
) -> dict[Path, Clean]:
    """Those of the files of which every row counts, as they were typed.

    Parameters
    ----------
    files : of text, all with the same columns, each with the rows it must have
    place : a folder for work files
    """
    query = typed(section, read_parquet([*files]), kinds, text=True, several=True)
    write_keys(engine, section, query, place, secret)
    write_parquet(engine, with_refs(query.marked(), place), place / _ALL, compression="snappy")
    key = key_of(section, [each.alias_or_name for each in query.listed])
    days = _clean(engine, place, files, key, day_column(section))
    rows = pq.read_table(place / _ALL)
    refs = _refs(engine, query.persons, place) if query.persons else None
    parts, people = _by_file(rows, [FILE, LINE]), _by_file(refs, [FILE, "record_id"]) if refs is not None else {}
    return {
        path: Clean(
            rows=parts[path],
            refs=None if refs is None else people.get(path, refs.slice(0, 0).drop_columns([FILE])),
            first_on=first_on,
            last_on=last_on,
        )
        for path, (first_on, last_on) in days.items()
    }


def key_of(section: Section, names: Collection[str]) -> list[str]:
    """The columns that no two rows of a file may have in common; none where all may."""
    if LEFT_OUT in section.contract.key and LEFT_OUT not in names:
        return []
    return [name for name in section.contract.key if name != "source"] + [KNOWN] * (KNOWN in names)


def day_column(section: Section) -> str | None:
    """The column that says on which day a row happened; None where the table is of no events."""
    event = section.contract.event_time
    if event is None:
        return None
    return day_of(event) if section.contract.column(event).type is Type.INSTANT else event


def _clean(
    engine: Engine, place: Path, files: Mapping[Path, int], key: Sequence[str], day: str | None
) -> dict[Path, tuple[date | None, date | None]]:
    """The first and the last day of each file of which every row counts."""
    rows, number = read_parquet([place / _ALL]), exp.Count(this=exp.Star())
    ends = [exp.Min(this=column(day)), exp.Max(this=column(day))] if day is not None else [exp.null(), exp.null()]
    told = exp.select(
        column(FILE),
        exp.alias_(number, "n"),
        exp.alias_(exp.CountIf(this=column(BAD)), "bad"),
        *(exp.alias_(each, name) for each, name in zip(ends, ("first_on", "last_on"), strict=True)),
    )
    found = engine.fetch(told.from_(rows).group_by(column(FILE))).to_pylist()
    doubled: set[str] = set()
    if key:
        hashed = call("hash", *map(column, key))
        many = exp.GT(this=number.copy(), expression=exp.Literal.number(1))
        often = exp.select(column(FILE)).distinct().from_(rows.copy()).group_by(column(FILE), hashed).having(many)
        doubled = {each[FILE] for each in engine.fetch(often).to_pylist()}
    return {
        Path(each[FILE]): (each["first_on"], each["last_on"])
        for each in found
        if each["n"] == files.get(Path(each[FILE])) and not each["bad"] and each[FILE] not in doubled
    }


def _refs(engine: Engine, persons: Sequence[str], place: Path) -> pa.Table:
    """The people of each file: those whom its rows name."""
    named: exp.Query | None = None
    for name in persons:
        part = exp.select(column(FILE), exp.alias_(column(name), NUMBER)).from_(read_parquet([place / _ALL]))
        named = part if named is None else exp.union(named, part, distinct=True)
    once = exp.select(column(FILE), column(NUMBER)).distinct().from_(named.subquery("said") if named else "")
    wanted = (exp.column(FILE, table="named"), *(exp.column(name, table="key") for name in _KEY))
    same = exp.EQ(this=exp.column(NUMBER, table="named"), expression=exp.column(NUMBER, table="key"))
    keys = exp.alias_(read_parquet([place / KEYS]), "key", table=True)
    return engine.fetch(exp.select(*wanted).from_(once.subquery("named")).join(keys, on=same))


_KEY = ("source", "record_id", "customer_ref", NUMBER)


def _by_file(table: pa.Table, order: Sequence[str]) -> dict[Path, pa.Table]:
    """The rows of each file, without its name."""
    ordered = table.sort_by([(name, "ascending") for name in order])
    counted = ordered.column(FILE).combine_chunks().value_counts().to_pylist() if len(ordered) else []
    rows, begin, parts = ordered.drop_columns([FILE]), 0, dict[Path, pa.Table]()
    for each in counted:  # in the order of the names: they were sorted
        parts[Path(each["values"])] = rows.slice(begin, each["counts"])
        begin += each["counts"]
    return parts
