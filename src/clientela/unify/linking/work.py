"""The work tables of the linking: where they lie, how records that share a value are found and counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.warehouse.engine import MAIN, Engine

RECORD = "link_record"
SAID = "link_said"  # what the records of the pairs say
REF = "link_ref"  # (id, ref): how these are called


def place(name: str) -> exp.Table:
    """A work table: in the engine's own memory, never in a file."""
    return exp.table_(name, db="main", catalog=MAIN)


def write(engine: Engine, name: str, query: exp.Query) -> int:
    """The rows of a query, now a work table; the query is not to be used again."""
    return engine.run(exp.Create(this=place(name), kind="TABLE", replace=True, expression=query), once=True)


def add(engine: Engine, name: str, query: exp.Query) -> int:
    """The rows of a query, put into a work table that is there; the query is not to be used again."""
    return engine.run(exp.Insert(this=place(name), expression=query), once=True)


def drop(engine: Engine, *names: str, kind: str = "TABLE") -> None:
    """Forget work tables."""
    for name in names:
        engine.run(exp.Drop(tables=[place(name)], kind=kind, exists=True))


def count(engine: Engine, name: str) -> int:
    """How many rows a work table has."""
    return int(engine.fetch(exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place(name)))["n"][0].as_py())


def value(*keys: exp.Expr) -> exp.Expr:
    """One number for the values of several columns together."""
    return exp.func("hash", *(each.copy() for each in keys), dialect="duckdb")


def all_known(*keys: exp.Expr) -> exp.Expr:
    """All of them have a value."""
    return exp.and_(*(each.copy().is_(exp.null()).not_() for each in keys))


def columns_of(*conditions: exp.Expr | None) -> frozenset[str]:
    """The columns of a record that conditions on a pair speak of: they have an ``_l`` or ``_r`` at their end."""
    return frozenset(
        node.name[: -len("_l")] for each in conditions if each is not None for node in each.find_all(exp.Column)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A work table (id, value) of the records that share a value, not too many of them; none without pairs.

    Parameters
    ----------
    pairs : how many pairs they make, without those that need not be looked at again
    too_many : values that more records share than can be one customer's
    way : the number of the way they come together, where the table has the records of several
    """

    table: str
    pairs: int
    too_many: int
    way: int | None = None

    def members(self, name: str) -> exp.Expr:
        """The records, for FROM, under a name."""
        return members(self.table, name, self.way)


def members(table: str, name: str, way: int | Sequence[int] | None) -> exp.Expr:
    """The records of a work table that share a value in one way, for FROM, under a name; of all ways the whole table.

    Parameters
    ----------
    way : None where the table is of one way alone
    """
    if way is None or isinstance(way, Sequence):
        return exp.alias_(place(table), name, table=True)
    rows = exp.select("id", "value", "fresh").from_(place(table)).where(exp.column("way").eq(way))
    return rows.subquery(name, copy=False)


def write_records(
    engine: Engine,
    comparing: Comparing,
    shared_by: int,
    *,
    values: Mapping[str, exp.Select] | None = None,
    among: Mapping[str, exp.Query] | None = None,
    stay: Mapping[str, exp.Query] | None = None,
) -> dict[str, int]:
    """How many values of each identifier name nobody, once the view ``link_record`` shows nothing in their place.

    Parameters
    ----------
    values : by identifier the query (value) for the hashes of what all records say, where these are written down
    among : by identifier the only values that have to be counted, where that is known
    stay : by identifier the values that too many share without being counted
    """
    hubs = {
        each.name: _write_hubs(
            engine,
            each,
            shared_by,
            values[each.name] if values is not None else _values(comparing, each),
            among[each.name] if among is not None else None,
        )
        for each in comparing.identifiers
    }
    for each in comparing.identifiers:
        if stay is not None:
            rows = stay[each.name].select("cast(null as bigint) as records", copy=False)
            hubs[each.name] += add(engine, hub(each), rows)
    marks = [exp.alias_(exp.column("rowid"), "id"), exp.alias_(exp.column(comparing.key), "ref")]
    if comparing.across:
        marks.append(exp.alias_(exp.column(comparing.across), "side"))
    named = [exp.alias_(each, name) for name, each in seen(comparing, hubs).items()]
    query = exp.select(*marks, *named).from_(place(comparing.table))
    drop(engine, RECORD, kind="VIEW")
    engine.run(exp.Create(this=place(RECORD), kind="VIEW", expression=query))
    return hubs


def seen(comparing: Comparing, hubs: Mapping[str, int]) -> dict[str, exp.Expr]:
    """What is compared, by name: of the table's own columns, without the values of hubs."""
    columns = {name: comparing.sooner.get(name, each).copy() for name, each in comparing.columns.items()}
    for each in comparing.identifiers:
        if not hubs[each.name]:
            continue
        keys = [comparing.columns[key] for key in each.keys]
        is_hub = value(*keys).isin(query=exp.select("value").from_(place(hub(each))))
        for name in each.clears:
            columns[name] = exp.Case(ifs=[exp.If(this=is_hub.copy(), true=exp.null())], default=columns[name])
    return columns


def hub(identifier: Identifier) -> str:
    """The work table (value, records) of what too many records share of an identifier."""
    return f"link_hub_{identifier.name}"


def drop_records(engine: Engine, comparing: Comparing) -> None:
    """Forget what ``write_records`` made."""
    drop(engine, RECORD, REF, kind="VIEW")
    drop(engine, *(hub(each) for each in comparing.identifiers))


def _values(comparing: Comparing, identifier: Identifier) -> exp.Select:
    keys = [comparing.columns[key] for key in identifier.keys]
    return exp.select(exp.alias_(value(*keys), "value")).from_(place(comparing.table)).where(all_known(*keys))


def _write_hubs(
    engine: Engine, identifier: Identifier, shared_by: int, values: exp.Select, among: exp.Query | None
) -> int:
    counted = exp.select("value", exp.alias_(exp.Count(this=exp.Star()), "records")).from_(values.subquery("each"))
    if among is not None:
        counted = counted.where(exp.column("value").isin(query=among))
    many = counted.group_by("value").having(exp.Count(this=exp.Star()) > shared_by)
    return write(engine, hub(identifier), many)


def write_said(
    engine: Engine, comparing: Comparing, hubs: Mapping[str, int], names: Collection[str], ids: exp.Query | None
) -> None:
    """The work table ``link_said`` (id, …) of what these records say; ``link_record`` shows it from here on.

    Parameters
    ----------
    names : the columns
    ids : None: all records
    """
    record = exp.select(exp.alias_(exp.column("rowid"), "id"), "*").from_(place(comparing.table))
    if ids is not None:
        record = record.where(exp.column("rowid").isin(query=ids))
    marks: list[exp.Expr] = [exp.column("id")]
    if comparing.across:
        marks.append(exp.alias_(exp.column(comparing.across), "side"))
    named = [exp.alias_(each, name) for name, each in seen(comparing, hubs).items() if name in names]
    called = exp.select(exp.alias_(exp.column("rowid"), "id"), exp.alias_(exp.column(comparing.key), "ref"))
    called = called.from_(place(comparing.table))
    if ids is not None:  # of few the names are written down: to find them among all takes longer
        marks.append(exp.alias_(exp.column(comparing.key), "ref"))
        called = exp.select("id", "ref").from_(place(SAID))
    write(engine, SAID, exp.select(*marks, *named).from_(record.subquery("record")))
    drop(engine, RECORD, REF, kind="VIEW")
    for name, query in ((RECORD, exp.select("*").from_(place(SAID))), (REF, called)):
        engine.run(exp.Create(this=place(name), kind="VIEW", expression=query))


def pairs_among(records: exp.Expr) -> exp.Expr:
    """How many pairs so many records make."""
    half = exp.Paren(this=records.copy()) * exp.Paren(this=records.copy() - 1)
    return exp.Paren(this=exp.IntDiv(this=half, expression=exp.Literal.number(2)))


def pairs_of(shared: str, *, across: bool, changed: bool, way: int | Sequence[int] | None = None) -> exp.Select:
    """The pairs of records that share a value: (id_l, id_r, value).

    Parameters
    ----------
    way : in which way, where the table has the records of several; or in which ways
    """
    query = exp.select(
        exp.alias_(exp.column("id", "l"), "id_l"), exp.alias_(exp.column("id", "r"), "id_r"), exp.column("value", "l")
    ).from_(members(shared, "l", way), copy=False)
    same = "l.value = r.value and l.id < r.id"
    if isinstance(way, Sequence):
        same += " and l.way = r.way"
        query = query.where(exp.column("way", "l").isin(*way), copy=False)
    query = query.join(members(shared, "r", way), on=same, join_type="inner", copy=False)
    if changed:
        query = query.where("l.fresh or r.fresh")
    if across:
        for side in ("l", "r"):
            query = query.join(
                exp.alias_(place(RECORD), f"record_{side}", table=True), on=f"record_{side}.id = {side}.id"
            )
        query = query.where("record_l.side <> record_r.side")
    return query
