"""The work tables of the linking: where they lie, how records that share a value are found and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.warehouse.engine import MAIN, Engine

RECORD = "link_record"
CHANGED, CROSSED = "link_changed", "link_crossed"


def place(name: str) -> exp.Table:
    """A work table: in the engine's own memory, never in a file."""
    return exp.table_(name, db="main", catalog=MAIN)


def write(engine: Engine, name: str, query: exp.Query) -> int:
    """The rows of a query, now a work table."""
    return engine.run(exp.Create(this=place(name), kind="TABLE", replace=True, expression=query))


def add(engine: Engine, name: str, query: exp.Query) -> int:
    """The rows of a query, put into a work table that is there."""
    return engine.run(exp.Insert(this=place(name), expression=query))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A work table (id, value, fresh) of the records that share a value, not too many of them; none without pairs.

    Parameters
    ----------
    pairs : how many pairs they make, without those that need not be looked at again
    too_many : values that more records share than can be one customer's
    """

    table: str
    pairs: int
    too_many: int


def write_records(engine: Engine, comparing: Comparing, shared_by: int) -> dict[str, int]:
    """How many values of each identifier name nobody, once the view ``link_record`` shows nothing in their place."""
    hubs = {each.name: _write_hubs(engine, comparing, each, shared_by) for each in comparing.identifiers}
    columns = {name: each.copy() for name, each in comparing.columns.items()}
    for each in comparing.identifiers:
        if not hubs[each.name]:
            continue
        keys = [comparing.columns[key] for key in each.keys]
        is_hub = value(*keys).isin(query=exp.select("value").from_(place(f"link_hub_{each.name}")))
        for name in each.clears:
            columns[name] = exp.Case(ifs=[exp.If(this=is_hub.copy(), true=exp.null())], default=columns[name])
    named = [exp.alias_(each, name) for name, each in columns.items()]
    marks = [exp.alias_(exp.column("rowid"), "id"), exp.alias_(exp.column(comparing.key), "ref")]
    if comparing.across:
        marks.append(exp.alias_(exp.column(comparing.across), "side"))
    query = exp.select(*marks, *named).from_(place(comparing.table))
    drop(engine, RECORD, kind="VIEW")
    engine.run(exp.Create(this=place(RECORD), kind="VIEW", expression=query))
    return hubs


def drop_records(engine: Engine, comparing: Comparing) -> None:
    """Forget what ``write_records`` made."""
    drop(engine, RECORD, kind="VIEW")
    drop(engine, *(f"link_hub_{each.name}" for each in comparing.identifiers))


def _write_hubs(engine: Engine, comparing: Comparing, identifier: Identifier, shared_by: int) -> int:
    keys = [comparing.columns[key] for key in identifier.keys]
    each = exp.select(exp.alias_(value(*keys), "value")).from_(place(comparing.table)).where(all_known(*keys))
    counted = exp.select("value", exp.alias_(exp.Count(this=exp.Star()), "records")).from_(each.subquery("each"))
    many = counted.group_by("value").having(exp.Count(this=exp.Star()) > shared_by)
    return write(engine, f"link_hub_{identifier.name}", many)


def write_shared(
    engine: Engine, name: str, keys: Sequence[exp.Expr], *, each: bool, limit: int, changed: bool, mates: bool = False
) -> Shared:
    """The records that share the value of ``keys`` with another; ``changed``: only values that a changed record has.

    ``mates``: who has a value that the changed records made one of too many is put into ``link_crossed``.
    """
    nobody = Shared(table=name, pairs=0, too_many=0)
    if not _write_valued(engine, f"{name}_all", keys, each=each, changed=changed):
        drop(engine, f"{name}_all")
        return nobody
    records, fresh = exp.Count(this=exp.Star()), exp.func("count_if", exp.column("fresh"), dialect="duckdb")
    sizes = exp.select("value", exp.alias_(records, "records"), exp.alias_(fresh, "fresh"))
    often = exp.GT(this=records.copy(), expression=exp.Literal.number(1))
    if not write(engine, f"{name}_size", sizes.from_(place(f"{name}_all")).group_by("value").having(often)):
        drop(engine, f"{name}_all", f"{name}_size")
        return nobody
    few = exp.column("records") <= limit
    all_pairs = _pairs(exp.column("records")) - _pairs(exp.column("records") - exp.column("fresh"))
    told = exp.select(
        exp.alias_(
            exp.func("sum", exp.Case(ifs=[exp.If(this=few, true=all_pairs)], default=exp.Literal.number(0))), "pairs"
        ),
        exp.alias_(exp.func("count_if", exp.column("records") > limit, dialect="duckdb"), "too_many"),
    ).from_(place(f"{name}_size"))
    row = engine.fetch(told).to_pylist()[0]
    if row["pairs"]:
        write(engine, name, _with_size(name, "every.id", "every.value", "every.fresh").where(few))
    if mates and row["too_many"]:  # what was shared by few before brought pairs together that it no longer does
        before = exp.column("records") - exp.column("fresh", "size")
        crossed = exp.and_(exp.column("records") > limit, before <= limit)
        add(engine, CROSSED, _with_size(name, "every.id").where(crossed))
    drop(engine, f"{name}_all", f"{name}_size")
    return Shared(table=name, pairs=int(row["pairs"] or 0), too_many=int(row["too_many"] or 0))


def _with_size(name: str, *columns: str) -> exp.Select:
    every = exp.select(*columns).from_(exp.alias_(place(f"{name}_all"), "every", table=True))
    return every.join(exp.alias_(place(f"{name}_size"), "size", table=True), on="size.value = every.value")


def _write_valued(engine: Engine, name: str, keys: Sequence[exp.Expr], *, each: bool, changed: bool) -> int:
    """A work table (id, value, fresh) of the records that have a value; ``changed``: one that a changed record has."""
    query = exp.select("id")
    if each:
        listed = exp.select("*", exp.alias_(exp.Explode(this=keys[-1].copy()), "listed")).from_(place(RECORD))
        query = query.distinct().from_(listed.subquery("record"))
        keys = [*keys[:-1], exp.column("listed")]
    else:
        query = query.from_(place(RECORD))
    query = query.select(exp.alias_(value(*keys), "value")).where(all_known(*keys))
    if not changed:
        return write(engine, name, query.select(exp.alias_(exp.true(), "fresh")))
    is_fresh = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
    found = write(engine, f"{name}_fresh", query.where(is_fresh))
    if found:
        wanted = exp.select("value").from_(place(f"{name}_fresh"))
        of_them = exp.select("id", "value", exp.alias_(is_fresh, "fresh")).from_(query.subquery("valued"))
        found = write(engine, name, of_them.where(exp.column("value").isin(query=wanted)))
    drop(engine, f"{name}_fresh")
    return found


def _pairs(records: exp.Expr) -> exp.Expr:
    """How many pairs so many records make."""
    half = exp.Paren(this=records.copy()) * exp.Paren(this=records.copy() - 1)
    return exp.Paren(this=exp.IntDiv(this=half, expression=exp.Literal.number(2)))


def pairs_of(shared: str, *, across: bool, changed: bool) -> exp.Select:
    """The pairs of records that share a value: (id_l, id_r, value)."""
    query = exp.select(
        exp.alias_(exp.column("id", "l"), "id_l"), exp.alias_(exp.column("id", "r"), "id_r"), exp.column("value", "l")
    ).from_(exp.alias_(place(shared), "l", table=True))
    query = query.join(
        exp.alias_(place(shared), "r", table=True), on="l.value = r.value and l.id < r.id", join_type="inner"
    )
    if changed:
        query = query.where("l.fresh or r.fresh")
    if across:
        for side in ("l", "r"):
            query = query.join(
                exp.alias_(place(RECORD), f"record_{side}", table=True), on=f"record_{side}.id = {side}.id"
            )
        query = query.where("record_l.side <> record_r.side")
    return query
