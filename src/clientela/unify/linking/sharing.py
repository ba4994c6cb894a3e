"""Records that share a value: found and counted for all ways in which they come together, before any pair is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.unify.linking.comparing import Comparing
from clientela.unify.linking.work import RECORD, Shared, add, all_known, drop, pairs_among, place, seen, value, write
from clientela.warehouse.engine import Engine

NUMBER = "link_number"  # of each record the hashes of its values: records are brought together by these
CHANGED = "link_changed"  # (id) whose pairs are looked for; all others' stay as they were
FRESH = "link_fresh"  # the rows of link_number of these
CROWDED = "crowded_value"  # (about, value): the values that too many records share
BLOCK, RULE = "block", "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How records come together: by a block or by a rule.

    Parameters
    ----------
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
    """

    names: Mapping[str, str]

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
        return query.where(all_known(*keys), copy=False)

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


def write_numbers(engine: Engine, comparing: Comparing, hubs: Mapping[str, int], every: Iterable[Way]) -> Numbers:
    """Hash once whatever records come together by: what is joined, counted and grouped from here on are numbers."""
    keys = {_sql(key): key for way in every if not way.each for key in way.keys}
    names = {sql: f"n{number}" for number, sql in enumerate(keys)}
    hashes = [
        exp.alias_(exp.Case(ifs=[exp.If(this=all_known(key), true=value(key))]), names[sql])
        for sql, key in keys.items()
    ]
    used = {node.name for key in keys.values() for node in key.find_all(exp.Column)}
    columns = [exp.alias_(each, name) for name, each in seen(comparing, hubs).items() if name in used]
    record = exp.select(exp.alias_(exp.column("rowid"), "id"), *columns).from_(place(comparing.table))
    write(engine, NUMBER, exp.select("id", *hashes).from_(record.subquery("record")))
    return Numbers(names)


def write_crowded(engine: Engine) -> None:
    """The work table ``crowded_value``, still empty."""
    columns = [exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in _CROWDED.items()]
    write(engine, CROWDED, exp.select(*columns).where(exp.false()))


_CROWDED = {"about": exp.DType.VARCHAR, "value": exp.DType.UBIGINT}


def write_groups(
    engine: Engine, numbers: Numbers, every: Sequence[Way], *, limit: int, changed: bool
) -> tuple[Shared, ...]:
    """Of each way the records that share a value by it, not too many.

    Parameters
    ----------
    changed : only values that a record of ``link_changed`` has; ``crowded_value`` then says already which too many
        share, else that is put into it
    """
    sizes = [_write_sizes(engine, numbers, way, f"link_group_{n}", changed) for n, way in enumerate(every)]
    if not changed:
        rows = [
            exp.select(exp.alias_(exp.Literal.string(way.about), "about"), "value")
            .from_(place(f"link_group_{n}_size"))
            .where(exp.column("records") > limit)
            for n, way in enumerate(every)
            if sizes[n]
        ]
        if rows:
            add(engine, CROWDED, exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0])
    pairs, crowded = _counted(engine, [n for n, size in enumerate(sizes) if size], limit), _crowded(engine)
    for n, way in enumerate(every):
        if pairs.get(n):
            write(engine, f"link_group_{n}", _few(numbers, way, f"link_group_{n}", limit, changed))
    drop(engine, *(f"link_group_{n}_{kind}" for n, _ in enumerate(every) for kind in ("all", "size")))
    return tuple(
        Shared(table=f"link_group_{n}", pairs=pairs.get(n, 0), too_many=crowded.get(way.about, 0))
        for n, way in enumerate(every)
    )


def _write_sizes(engine: Engine, numbers: Numbers, way: Way, name: str, changed: bool) -> int:
    """The work table (value, records, fresh) of the values that several share; how many they are."""
    query = numbers.valued(way)
    fresh: exp.Expr = exp.Count(this=exp.Star())
    if changed:
        few = numbers.valued(way, table=FRESH).subquery("few", copy=False)
        wanted = exp.except_(exp.select("value").from_(few, copy=False), _crowded_by(way), copy=False)
        is_fresh = exp.column("id").isin(query=exp.select("id").from_(place(CHANGED)))
        query = exp.select("id", "value", exp.alias_(is_fresh, "fresh")).from_(query.subquery("all", copy=False))
        if not write(engine, f"{name}_all", query.where(exp.column("value").isin(query=wanted), copy=False)):
            return 0
        fresh = exp.CountIf(this=exp.column("fresh"))
    elif way.each:  # to take the lists apart again takes longer than to write them down
        write(engine, f"{name}_all", query.select(exp.alias_(exp.true(), "fresh")))
    records = exp.Count(this=exp.Star())
    told = exp.select("value", exp.alias_(records, "records"), exp.alias_(fresh, "fresh"))
    told = told.from_(place(f"{name}_all") if changed or way.each else query.subquery("all", copy=False))
    return write(engine, f"{name}_size", told.group_by("value").having(records.copy() > 1))


def _few(numbers: Numbers, way: Way, name: str, limit: int, changed: bool) -> exp.Select:
    """The query (id, value, fresh) for the records that share a value few share."""
    every: exp.Expr = exp.alias_(place(f"{name}_all"), "every", table=True)
    if not changed and not way.each:
        every = numbers.valued(way).select(exp.alias_(exp.true(), "fresh")).subquery("every")
    query = exp.select("every.id", "every.value", "every.fresh").from_(every)
    query = query.join(exp.alias_(place(f"{name}_size"), "size", table=True), on="size.value = every.value")
    few = exp.column("records", "size") <= limit
    return query.where(few, exp.column("fresh", "size") > 0)


def _counted(engine: Engine, numbers: Sequence[int], limit: int) -> dict[int, int]:
    """How many pairs each way makes, without those that need not be looked at again."""
    if not numbers:
        return {}
    stale = exp.Paren(this=exp.column("records") - exp.column("fresh"))
    made = exp.func("sum", pairs_among(exp.column("records")) - pairs_among(stale))
    rows = [
        exp.select(exp.alias_(exp.Literal.number(n), "way"), exp.alias_(made, "pairs"))
        .from_(place(f"link_group_{n}_size"))
        .where(exp.column("records") <= limit)
        for n in numbers
    ]
    told = engine.fetch(exp.union(*rows, distinct=False, copy=False) if len(rows) > 1 else rows[0])
    return {row["way"]: int(row["pairs"] or 0) for row in told.to_pylist()}


def _crowded(engine: Engine) -> dict[str, int]:
    """How many values of each way too many records share."""
    counted = exp.select("about", "count(*) as n").from_(place(CROWDED)).group_by("about")
    return {row["about"]: int(row["n"]) for row in engine.fetch(counted).to_pylist()}


def _crowded_by(way: Way) -> exp.Select:
    return exp.select("value").from_(place(CROWDED)).where(exp.column("about").eq(exp.Literal.string(way.about)))


def _sql(key: exp.Expr) -> str:
    return key.sql(dialect="duckdb")
