"""What a run counts of records while it still sees them: what they know, and which one each order named.

Only counts and pseudonyms are written; the values themselves stay in the engine's memory and in the people file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sqlglot
from sqlglot import exp

from clientela.capture.conform.conformed import Conformed
from clientela.capture.deliveries import SEQUENCE
from clientela.pipeline.quality.measures import UNIQUE, Limits, Measure, share
from clientela.unify.golden.members import TOGETHER
from clientela.warehouse.build import Build
from clientela.warehouse.engine import MAIN, Engine, read_parquet
from clientela.warehouse.physical import FACTS, column

Counted = Mapping[str, Mapping[str, int]]  # of each source the records, and how many of them know what
ORDERS, CUSTOMERS, PERSON = "order_line", "customer_record", "customer_ref"
DUPLICATE = "duplicate"
EVERY_SYSTEM = ""  # the source of a measurement that is of all of them
_NO_ORDERS = {"source": "varchar", "order_id": "varchar", "customer_id": "bigint", "customer_ref": "varchar"}

# field: where something stands in a record as delivered, and in the form in which records are compared
FIELDS: Mapping[str, tuple[str, str]] = {
    "name": (
        "coalesce(record.full_name, record.first_name, record.last_name, record.company)",
        "coalesce(linkable.full_name, linkable.company)",
    ),
    "email": ("record.email", "linkable.email"),
    "phone": ("record.phone", "linkable.phone"),
    "street": ("record.street", "linkable.street"),
    "postal_code": ("record.postal_code", "linkable.postal_code"),
    "country": ("record.country", "linkable.country"),
    "birth_date": ("record.birth_date", "linkable.birth_date"),
}
# field: what is the same where a letter or a mail would reach one customer twice
COPIED: Mapping[str, tuple[str, ...]] = {
    "email": ("linkable.email",),
    "street": ("linkable.street", "linkable.house_number", "coalesce(linkable.postal_code, linkable.city)"),
}


def write_order_records(build: Build, conformed: Sequence[Conformed]) -> None:
    """Write ``order_record``: which record each order named, of the customers who have several.

    Of an order that was delivered several times the latest delivery counts; of one that names several records
    of one customer, one of them. Where every customer has one record it is empty, and costs nothing.
    """
    files: dict[int | None, list[Path]] = {}
    for each in conformed:
        if each.batch.table == ORDERS and PERSON in each.columns and not each.kept_out:
            files.setdefault(None if each.together else each.batch.sequence, []).append(each.facts)
    query = _orders(files) if files and _found_any(build) else _nothing(_NO_ORDERS)
    build.create("order_record", query, reads=("identity", f"landing.{ORDERS}"))


def write_record_fields(
    build: Build, counted: Counted | None = None, members: exp.Table | None = None
) -> Counted | None:
    """Write ``record_field``: what the records know, counted by source and field; empty where none was compared.

    Returns what was counted of the records.

    Parameters
    ----------
    counted : what is counted already, where that is known.
    members : the records of customers of several with the columns of `copied`, where they are written down.
    """
    tables = build.engine.tables(MAIN)
    there = {"record", "linkable"} <= tables
    if there and counted is None:
        counted = known(build.engine, _work("record"), _work("linkable"))
    rows = list(_fields(build, counted, members)) if there and counted is not None else []
    texts = {name: np.array([row[name] for row in rows], dtype=object) for name in ("source", "field")}
    counts = {name: _counts([row[name] for row in rows]) for name in ("records", "filled", "usable", "copies")}
    build.append("record_field", texts | counts, reads=("identity", f"landing.{CUSTOMERS}"))
    return counted


def known(engine: Engine, records: exp.Table, forms: exp.Table, among: exp.Query | None = None) -> Counted:
    """By source how many records there are, say something of a field, and say something usable.

    Parameters
    ----------
    records, forms : the tables with the columns of ``record`` and of ``linkable``
    among : the records to count
    """
    record, linkable = (
        exp.alias_(each.copy(), name, table=True) for each, name in ((records, "record"), (forms, "linkable"))
    )
    listed: list[exp.Expr] = [exp.column("source", "record"), exp.alias_(exp.Count(this=exp.Star()), "records")]
    for name, (stands, usable) in FIELDS.items():
        filled, can_be_used = _there(stands), exp.and_(_there(stands), _there(usable))
        listed += [_times(filled, f"filled_{name}"), _times(can_be_used, f"usable_{name}")]
    query = exp.select(*listed).from_(record).join(linkable, on=_same("linkable", "record"))
    if among is not None:
        query = query.where(exp.column(PERSON, "record").isin(query=among))
    rows = engine.fetch(query.group_by(exp.column("source", "record"))).to_pylist()
    return {row.pop("source"): {name: int(number) for name, number in row.items()} for row in rows}


def changed(before: Counted, gone: Counted, new: Counted) -> Counted:
    """What is counted when some records are gone and others new.

    Examples
    --------
    >>> changed({"shop": {"records": 3}}, {"shop": {"records": 1}}, {"till": {"records": 2}})
    {'shop': {'records': 2}, 'till': {'records': 2}}
    """
    found: dict[str, dict[str, int]] = {source: dict(told) for source, told in before.items()}
    for each, sign in ((gone, -1), (new, 1)):
        for source, told in each.items():
            mine = found.setdefault(source, dict.fromkeys(told, 0))
            for name, number in told.items():
                mine[name] += sign * number
    return {source: told for source, told in found.items() if told["records"]}


def copied() -> exp.Select:
    """The query for the records of customers of several (customer_ref), and whether an older one says the same."""
    rows = exp.select(exp.column(PERSON, "linkable"), exp.column("source", "linkable")).from_(_work("linkable"))
    rows = rows.join(_work(TOGETHER), on=_same(TOGETHER, "linkable"))
    for name, parts in COPIED.items():
        oldest = [exp.Ordered(this=exp.column(each, "linkable")) for each in ("first_run", "source", PERSON)]
        place = exp.Window(
            this=exp.RowNumber(),
            partition_by=[exp.column("customer_id", TOGETHER), *(_parsed(part) for part in parts)],
            order=exp.Order(expressions=oldest),
        )
        again = exp.GT(this=place, expression=exp.Literal.number(1))
        rows = rows.select(exp.alias_(exp.and_(_there(parts[0]), _there(parts[-1]), again), _is_copy(name)))
    return rows


def duplicates(build: Build, bounds: Limits) -> Iterator[Measure]:
    """How many records are another's duplicate: in each source by itself, and over all of them together."""
    if CUSTOMERS not in build.tables():
        return
    records = exp.alias_(exp.Count(this=exp.Star()), "records")
    distinct = exp.Count(this=exp.Distinct(expressions=[column("customer_id")]))
    counted = exp.select(records, exp.alias_(distinct, "customers"))
    counted = counted.from_(exp.table_(CUSTOMERS, db="main", catalog=FACTS)).where(
        column("known_until").is_(exp.null())
    )
    by_source = counted.select(column("source"), append=True).group_by(column("source")).order_by(column("source"))
    rows = build.engine.fetch(by_source).to_pylist()
    if len(rows) > 1:
        rows += [{**row, "source": EVERY_SYSTEM} for row in build.engine.fetch(counted).to_pylist()]
    for row in rows:
        doubled = row["records"] - row["customers"]
        place = (row["source"], CUSTOMERS, "record_id", UNIQUE)
        yield share(*place, doubled, row["records"], bounds, rule=DUPLICATE, harmless=True)


def _found_any(build: Build) -> bool:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(_identity()).where(_is_another())
    return bool(build.engine.fetch(counted)["n"][0].as_py())


def _orders(files: Mapping[int | None, Sequence[Path]]) -> exp.Select:
    """The record of each order and customer, from the conformed lines by their batch's sequence; None: they say it."""
    parts = [
        exp.select(
            column("source"),
            column("order_id"),
            exp.alias_(column(PERSON), "customer_number"),
            exp.alias_(column(SEQUENCE) if sequence is None else exp.Literal.number(sequence), "sequence"),
        ).from_(read_parquet(sorted(set(paths))))
        for sequence, paths in files.items()
    ]
    lines: exp.Query = parts[0]
    for part in parts[1:]:
        lines = exp.union(lines, part, distinct=False, copy=False)
    several = exp.select("customer_id").from_(_identity()).where(_is_another())
    number = exp.alias_(exp.Anonymous(this="id63", expressions=[column(PERSON)]), "customer_number")
    record = exp.select(PERSON, "customer_id", number).from_(_identity())
    record = record.where(exp.In(this=column("customer_id"), query=several.subquery()))
    grain = [exp.column("source", "line"), exp.column("order_id", "line"), exp.column("customer_id", "record")]
    newest = [
        exp.Ordered(this=exp.column("sequence", "line"), desc=True),
        exp.Ordered(this=exp.column(PERSON, "record")),
    ]
    place = exp.Window(
        this=exp.RowNumber(), partition_by=[each.copy() for each in grain], order=exp.Order(expressions=newest)
    )
    same = exp.column("customer_number", "record").eq(exp.column("customer_number", "line"))
    named = exp.select(*grain, exp.column(PERSON, "record")).from_(lines.subquery("line"))
    named = named.join(record.subquery("record"), on=same)
    named.set("qualify", exp.Qualify(this=exp.EQ(this=place, expression=exp.Literal.number(1))))
    return named


def _fields(build: Build, counted: Counted, members: exp.Table | None) -> Iterator[dict[str, Any]]:
    copies = _copies(build, members)
    for source, row in sorted(counted.items()):
        for name in FIELDS:
            yield {
                "source": source,
                "field": name,
                "records": row["records"],
                "filled": row[f"filled_{name}"],
                "usable": row[f"usable_{name}"],
                "copies": copies.get(source, {}).get(name, 0) if name in COPIED else None,
            }


def _copies(build: Build, members: exp.Table | None) -> dict[str, dict[str, int]]:
    """How many records say the same as an older one of their customer, by source and field."""
    rows = members.copy() if members is not None else copied().subquery("copied")
    listed = (_times(column(_is_copy(name)), name) for name in COPIED)
    counted = exp.select("source", *listed).from_(rows).group_by("source")
    return {row.pop("source"): row for row in build.engine.fetch(counted).to_pylist()}


def _is_copy(name: str) -> str:
    return f"{name}_is_copy"


def _counts(values: Sequence[int | None]) -> np.ndarray[Any, Any]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _times(condition: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(exp.CountIf(this=condition), name)


def _there(said: str) -> exp.Expr:
    return exp.not_(exp.Is(this=_parsed(said), expression=exp.Null()))


def _parsed(said: str) -> exp.Expr:
    return sqlglot.parse_one(said, dialect="duckdb")


def _same(one: str, other: str) -> exp.Expr:
    return exp.column(PERSON, one).eq(exp.column(PERSON, other))


def _work(name: str) -> exp.Table:
    """A table of this run alone, in the engine's memory."""
    return exp.table_(name, db="main", catalog=MAIN)


def _identity() -> exp.Table:
    return exp.table_("identity", db="main", catalog=FACTS)


def _is_another() -> exp.Expr:
    """Whether a record is the same customer as an older one, whose number it bears."""
    return exp.NEQ(this=exp.Anonymous(this="id63", expressions=[column(PERSON)]), expression=column("customer_id"))


def _nothing(columns: Mapping[str, str]) -> exp.Select:
    nulls = (exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns.items())
    return exp.select(*nulls).where(exp.false())
