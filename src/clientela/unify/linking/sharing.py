"""Records that share a value: found and counted for all ways in which they come together, before any pair is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from clientela.unify.linking.comparing import Comparing, Identifier
from clientela.unify.linking.work import (
    RECORD,
    Shared,
    add,
    all_known,
    drop,
    hub,
    pairs_among,
    place,
    seen,
    value,
    write,
)
from clientela.warehouse.engine import Engine

NUMBER = "link_number"  # of each record the hashes of its values: records are brought together by these
CHANGED = "link_changed"  # (id) whose pairs are looked for; all others' stay as they were
FRESH = "link_fresh"  # the rows of link_number of these
CROWDED = "crowded_value"  # (about, value): the values that too many records share
BLOCK, RULE = "block", "rule"
_UNKNOWN = value(exp.null())  # the number of what is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How records come together: by a block or by a rule.

    Parameters
    ----------
    keys : each unknown where a column that it is of is unknown
    each : the last key is a list, of which one value in common is enough
    unsure : what a rule says of two depends on all who have the value
    """

    kind: str
    name: str
    keys: tuple[exp.Expr, ...]
    each: bool = False
    unsure: bool = False

    @property
    def about(self) -> str:
        """What it is called in ``crowded_value``."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The work table ``link_number`` (id, n0, n1, …): hashes of what records are brought together by.

    Parameters
    ----------
    names : by the SQL of an expression over the columns of a record the column that has its hash
    identifiers : by the name of an identifier the column that has the hash of its values
    """

    names: Mapping[str, str]
    identifiers: Mapping[str, str]

    def identified(self, identifier: Identifier, among: exp.Query | None = None) -> exp.Select:
        """The query (value) for an identifier's values, as long as nothing was cleared; ``among``: of these records."""
        told = exp.column(self.identifiers[identifier.name])
        query = exp.select(exp.alias_(told, "value")).from_(place(NUMBER)).where(told.neq(_UNKNOWN))
        return query if among is None else query.where(exp.column("id").isin(query=among))

    def valued(self, way: Way, *, table: str = NUMBER) -> exp.Select:
        """The query (id, value) for the records that have a value.

        Parameters
        ----------
        table : ``link_fresh`` where only those are asked for
        """
        if way.each:
            return self._listed(way, table)
        keys = [exp.column(self.names[_sql(key)]) for key in way.keys]
        query = exp.select("id", exp.alias_(value(*keys), "value", copy=False), copy=False).from_(place(table))
        return query.where(*(each.neq(_UNKNOWN) for each in keys), copy=False)

    def _listed(self, way: Way, table: str) -> exp.Select:
        some = exp.select(*(exp.alias_(key.copy(), f"key_{n}") for n, key in enumerate(way.keys[:-1])), "id")
        some = some.select(exp.alias_(exp.Explode(this=way.keys[-1].copy()), "listed")).from_(place(RECORD))
        if table != NUMBER:
            some = some.where(exp.column("id").isin(query=exp.select("id").from_(place(table))))
        keys = [*(exp.column(f"key_{n}") for n in range(len(way.keys) - 1)), exp.column("listed")]
        query = exp.select("id", exp.alias_(value(*keys), "value")).distinct().from_(some.subquery("record"))
        return query.where(all_known(*keys))


def ways(comparing: Comparing, wide: Collection[str]) -> tuple[Way, ...]:
    """All ways in which records come together: by the blocks that are used, then by each rule.

    Parameters
    ----------
    wide : the wide blocks that are used
    """
    within = (exp.column(comparing.within),) if comparing.within else ()
    blocks = [
        Way(kind=BLOCK, name=each.name, keys=(*within, *each.keys), each=each.each)
        for each in comparing.blocks
        if not each.wide or each.name in wide
    ]
    rules = [
        Way(
            kind=RULE,
            name=each.name,
            keys=tuple(exp.column(name) for name in each.group),
            unsure=each.unsure != exp.false(),
        )
        for each in comparing.rules
    ]
    return (*blocks, *rules)


def write_numbers(
    engine: Engine,
    comparing: Comparing,
    every: Iterable[Way],
    *,
    into: str = NUMBER,
    rows: exp.Query | None = None,
    begun: bool = False,
) -> Numbers:
    """Hash once whatever records come together by: what is joined, counted and grouped from here on are numbers.

    Of what a column repeats the engine takes the hash once, but only while nothing is asked of a value first. So what
    is unknown is hashed too, to one number, and `clear_numbers` takes out what names nobody afterwards.

    Parameters
    ----------
    rows : other rows than the table's, with its columns and ``rowid``
    begun : the table has the records that were there before others were added or went
    """
    keys = {_sql(key): key for way in every if not way.each for key in way.keys}
    names = {sql: f"n{number}" for number, sql in enumerate(keys)}
    hashes = [exp.alias_(value(key), names[sql]) for sql, key in keys.items()]
    identifiers: dict[str, str] = {}
    for each in comparing.identifiers:
        named = [exp.column(key) for key in each.keys]
        identifiers[each.name] = names.get(_sql(named[0]), "") if len(named) == 1 else ""
        if not identifiers[each.name]:
            identifiers[each.name] = f"i{len(identifiers)}"
            of_all = exp.Case(ifs=[exp.If(this=all_known(*named), true=value(*named))], default=_UNKNOWN.copy())
            hashes.append(exp.alias_(of_all, identifiers[each.name]))
    used = {node.name for told in hashes for node in told.find_all(exp.Column)}
    nobody = {each.name: 0 for each in comparing.identifiers}
    columns = [exp.alias_(each, name) for name, each in seen(comparing, nobody).items() if name in used]
    table = rows.subquery("rows") if rows is not None else place(comparing.table)
    record = exp.select(exp.alias_(exp.column("rowid"), "id"), *columns).from_(table)
    if begun:
        record = record.where(exp.column("rowid") > _forget_gone(engine, comparing))
    query = exp.select("id", *hashes, copy=False).from_(record.subquery("record", copy=False), copy=False)
    (add if begun else write)(engine, into, query)
    return Numbers(names, identifiers)


def _forget_gone(engine: Engine, comparing: Comparing) -> int:
    """Take who is gone out of ``link_number``; returns the last of its ids: those who came since have later ones."""
    last, number = exp.func("coalesce", exp.Max(this=exp.column("id")), "-1"), exp.Count(this=exp.Star())
    told = exp.select(exp.alias_(last, "last"), exp.alias_(number, "number")).from_(place(NUMBER))
    before = engine.fetch(told).to_pylist()[0]
    there = exp.select("rowid").from_(place(comparing.table)).where(exp.column("rowid") <= int(before["last"]))
    counted = exp.select(exp.alias_(number.copy(), "number")).from_(there.subquery("there"))
    if engine.fetch(counted)["number"][0].as_py() != before["number"]:
        engine.run(exp.delete(place(NUMBER)).where(exp.not_(exp.column("id").isin(query=there))))
    return int(before["last"])


def clear_numbers(engine: Engine, comparing: Comparing, hubs: Mapping[str, int], numbers: Numbers) -> None:
    """Take out of ``link_number`` what is of columns that a value names nobody clears; few records have such a value.

    Parameters
    ----------
    hubs : as `write_records` gives them
    """
    some = [each for each in comparing.identifiers if hubs[each.name]]
    for each in some:  # of all first: what the one clears may be what the other is known by
        is_hub = exp.column(numbers.identifiers[each.name]).isin(query=exp.select("value").from_(place(hub(each))))
        write(engine, _cleared(each), exp.select("id").from_(place(NUMBER)).where(is_hub))
    for each in some:
        clears = [name for sql, name in numbers.names.items() if _columns(sql) & {*each.clears}]
        if clears:
            theirs = exp.column("id").isin(query=exp.select("id").from_(place(_cleared(each))))
            engine.run(exp.update(place(NUMBER), dict.fromkeys(clears, _UNKNOWN), where=theirs))
    drop(engine, *map(_cleared, some))


def _cleared(identifier: Identifier) -> str:
    return f"link_cleared_{identifier.name}"


@cache
def _columns(sql: str) -> frozenset[str]:
    """The columns of a record that an expression is of."""
    return frozenset(node.name for node in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Column))


def write_crowded(engine: Engine) -> None:
    """The work table ``crowded_value``, still empty."""
    columns = [exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in _CROWDED.items()]
    write(engine, CROWDED, exp.select(*columns).where(exp.false()))


_CROWDED = {"about": exp.DType.VARCHAR, "value": exp.DType.UBIGINT}


def write_groups(engine: Engine, numbers: Numbers, every: Sequence[Way], limit: int) -> tuple[Shared, ...]:
    """Of each way the records that share a value, not too many; what too many share is put into ``crowded_value``."""
    sizes = [_write_sizes(engine, numbers, way, f"link_group_{n}") for n, way in enumerate(every)]
    rows = [
        exp.select(exp.alias_(exp.Literal.string(way.about), "about"), "value")
        .from_(place(f"link_group_{n}_size"))
        .where(exp.column("records") > limit)
        for n, way in enumerate(every)
        if sizes[n]
    ]
    if rows:
        add(engine, CROWDED, exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0])
    pairs, crowded = _counted(engine, [n for n, size in enumerate(sizes) if size], limit), crowded_values(engine)
    for n, way in enumerate(every):
        if pairs.get(n):
            write(engine, f"link_group_{n}", _few(numbers, way, f"link_group_{n}", limit))
    drop(engine, *(f"link_group_{n}_{kind}" for n, _ in enumerate(every) for kind in ("all", "size")))
    return tuple(
        Shared(table=f"link_group_{n}", pairs=pairs.get(n, 0), too_many=crowded.get(way.about, 0))
        for n, way in enumerate(every)
    )


def _write_sizes(engine: Engine, numbers: Numbers, way: Way, name: str) -> int:
    """The work table (value, records) of the values that several share; how many they are."""
    query = numbers.valued(way)
    if way.each:  # to take the lists apart again takes longer than to write them down
        write(engine, f"{name}_all", query)
    records = exp.Count(this=exp.Star())
    told = exp.select("value", exp.alias_(records, "records"))
    told = told.from_(place(f"{name}_all") if way.each else query.subquery("all", copy=False))
    return write(engine, f"{name}_size", told.group_by("value").having(records.copy() > 1))


def _few(numbers: Numbers, way: Way, name: str, limit: int) -> exp.Select:
    """The query (id, value, fresh) for the records that share a value few share."""
    every: exp.Expr = exp.alias_(place(f"{name}_all"), "every", table=True)
    if not way.each:
        every = numbers.valued(way).subquery("every", copy=False)
    query = exp.select("every.id", "every.value", exp.alias_(exp.true(), "fresh")).from_(every, copy=False)
    query = query.join(exp.alias_(place(f"{name}_size"), "size", table=True), on="size.value = every.value")
    return query.where(exp.column("records", "size") <= limit)


def _counted(engine: Engine, numbers: Sequence[int], limit: int) -> dict[int, int]:
    """How many pairs each way makes."""
    if not numbers:
        return {}
    made = exp.func("sum", pairs_among(exp.column("records")))
    rows = [
        exp.select(exp.alias_(exp.Literal.number(n), "way"), exp.alias_(made, "pairs"))
        .from_(place(f"link_group_{n}_size"))
        .where(exp.column("records") <= limit)
        for n in numbers
    ]
    told = engine.fetch(exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0])
    return {row["way"]: int(row["pairs"] or 0) for row in told.to_pylist()}


def crowded_values(engine: Engine) -> dict[str, int]:
    """How many values of each way too many records share."""
    counted = exp.select("about", "count(*) as n").from_(place(CROWDED)).group_by("about")
    return {row["about"]: int(row["n"]) for row in engine.fetch(counted).to_pylist()}


def _sql(key: exp.Expr) -> str:
    return key.sql(dialect="duckdb")
