"""From the work tables of scored pairs and keys to those of customers found and of what became of each pair.

All lie in the memory of the build's engine. Only records that occur in a pair travel to Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import sqlglot
from sqlglot import exp

from clientela.unify.clusters.cluster import Clusters, Decided, Edges, cluster
from clientela.unify.clusters.constrained import BY_PERSON, BY_SIZE, BY_THIRD, NONE
from clientela.unify.clusters.forest import Ints
from clientela.unify.decisions import Standing
from clientela.warehouse.engine import NOTHING, Engine

BY = ("person", "rule", "model")  # by the numbers PERSON, RULE and MODEL

# What persons decided about records that are still there.
_DECIDED = """
create or replace table memory.main.decided_pair as
select said.customer_ref_l, said.customer_ref_r, said.joins, said.decision
from said
join memory.main.customer_key as l on l.customer_ref = said.customer_ref_l
join memory.main.customer_key as r on r.customer_ref = said.customer_ref_r
"""
# Every pair that may be joined or was decided about; then its records, numbered by age.
_JOINABLE = """
create or replace table memory.main.joinable as
select
    coalesce(s.customer_ref_l, d.customer_ref_l) as customer_ref_l,
    coalesce(s.customer_ref_r, d.customer_ref_r) as customer_ref_r,
    coalesce(s.match_weight, 'nan'::double)      as match_weight,
    coalesce(s.match_probability, 0)::double     as match_probability,
    s.rule is not null                           as ruled,
    d.joins
from (select * from memory.main.scored_pair where rule is not null or match_probability >= :join_above) as s
full join memory.main.decided_pair as d on d.customer_ref_l = s.customer_ref_l and d.customer_ref_r = s.customer_ref_r
"""
_AGED = """
create or replace table memory.main.aged as
select customer_ref, row_number() over (order by first_run, source, record_id, customer_ref) - 1 as age
from memory.main.customer_key
where customer_ref in (
    select customer_ref_l from memory.main.joinable union select customer_ref_r from memory.main.joinable
)
"""
_EDGES = """
select l.age as l, r.age as r, match_weight, match_probability, ruled, coalesce(joins, false) as joins,
    coalesce(not joins, false) as parts
from memory.main.joinable
join memory.main.aged as l on l.customer_ref = customer_ref_l
join memory.main.aged as r on r.customer_ref = customer_ref_r
"""
# Of records that may be joined those that are surely two: only where nothing joins just these two.
_TWO = """
select l.age as l, r.age as r
from apart
join memory.main.aged as l on l.customer_ref = apart.customer_ref_l
join memory.main.aged as r on r.customer_ref = apart.customer_ref_r
anti join memory.main.joinable as joined
    on joined.customer_ref_l = apart.customer_ref_l and joined.customer_ref_r = apart.customer_ref_r
"""
_RECORDS = "select count(*) as n from memory.main.aged"
_FOUND = """
create or replace table memory.main.found as
select
    own.customer_ref,
    oldest.customer_ref                      as oldest_ref,
    cast(customers.probability as decimal(18, 6)) as match_probability,
    next.customer_ref                        as towards_ref,
    customers.by,
    case when customers.by = 'person' then d.decision end as decision
from customers
join memory.main.aged as own on own.age = customers.record
join memory.main.aged as oldest on oldest.age = customers.oldest
left join memory.main.aged as next on next.age = customers.towards
left join memory.main.decided_pair as d
    on d.customer_ref_l = least(own.customer_ref, next.customer_ref)
    and d.customer_ref_r = greatest(own.customer_ref, next.customer_ref)
"""
# A pair is kept apart, too, when its records are of two customers that a person keeps apart by other records.
_STATUS = """
create or replace table memory.main.pair_status as
with pair as (
    select
        coalesce(s.customer_ref_l, d.customer_ref_l) as customer_ref_l,
        coalesce(s.customer_ref_r, d.customer_ref_r) as customer_ref_r,
        s.rule is not null or s.match_probability >= :join_above or coalesce(d.joins, false) as joinable,
        s.match_probability >= :ask_above as likely,
        d.joins,
        d.decision
    from memory.main.scored_pair as s
    full join memory.main.decided_pair as d
        on d.customer_ref_l = s.customer_ref_l and d.customer_ref_r = s.customer_ref_r
), placed as (
    select
        pair.*,
        coalesce(l.oldest_ref, pair.customer_ref_l) as one,
        coalesce(r.oldest_ref, pair.customer_ref_r) as other
    from pair
    left join memory.main.found as l on l.customer_ref = pair.customer_ref_l
    left join memory.main.found as r on r.customer_ref = pair.customer_ref_r
), hostile as (
    select distinct least(one, other) as one, greatest(one, other) as other from placed where joins = false
), judged as (
    select
        placed.*,
        case
            when placed.one = placed.other then 'joined'
            when hostile.one is not null then 'kept apart'
            when doubted.l is not null then 'uncertain'
            when placed.joinable then 'kept apart'
            when placed.likely then 'uncertain'
        end as status,
        case when hostile.one is not null then 'person' else 'size' end as reason
    from placed
    left join hostile
        on hostile.one = least(placed.one, placed.other) and hostile.other = greatest(placed.one, placed.other)
    left join (
        select least(a.customer_ref, b.customer_ref) as l, greatest(a.customer_ref, b.customer_ref) as r
        from torn
        join memory.main.aged as a on a.age = torn.older
        join memory.main.aged as b on b.age = torn.younger
    ) as doubted on doubted.l = placed.customer_ref_l and doubted.r = placed.customer_ref_r
)
select
    judged.customer_ref_l,
    judged.customer_ref_r,
    judged.status,
    case when judged.status = 'kept apart' then judged.reason end as reason,
    bridge.l is not null as is_bridge,
    judged.decision
from judged
left join (
    select least(a.customer_ref, b.customer_ref) as l, greatest(a.customer_ref, b.customer_ref) as r
    from hanging
    join memory.main.aged as a on a.age = hanging.older
    join memory.main.aged as b on b.age = hanging.younger
) as bridge on bridge.l = judged.customer_ref_l and bridge.r = judged.customer_ref_r
where judged.status is not null
"""
_DROPPED = ("drop table memory.main.decided_pair", "drop table memory.main.joinable", "drop table memory.main.aged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of the pairs: customers of several records, their records, and what was flagged.

    ``full``: customers that would have grown beyond the limit. ``apart_by_size``, ``apart_by_person``: pairs that
    would have been joined. ``doubted``: pairs that a third record makes a person's to decide.
    """

    customers: int
    records: int
    bridges: int
    apart_by_size: int
    apart_by_person: int
    full: int
    doubted: int = 0


def write_found(
    engine: Engine,
    standing: Standing,
    *,
    join_above: float,
    ask_above: float,
    largest: int,
    apart: exp.Query | None = None,
) -> Figures:
    """Write ``found`` and ``pair_status`` from ``scored_pair``, ``customer_key`` and what persons decided.

    ``found``: of each record of a customer of several, ``oldest_ref`` and ``match_probability``; the next record on
    the way to the oldest (``towards_ref``), what joined it to that one (``by``), and the ``decision`` if a person did.
    ``pair_status``: of each pair that was scored or decided about, its ``status`` (with the ``reason`` when it is kept
    apart: person or size), ``is_bridge`` and the ``decision`` about it.

    Parameters
    ----------
    apart : the records that are surely of two customers (customer_ref_l, customer_ref_r), the smaller first; of those
        in the work table ``aged``, at least. Who may be either of the two is joined to the one that is clearly more
        like, else to none, and a person is asked.
    """
    told = {"join_above": join_above, "ask_above": ask_above}
    _run(engine, _DECIDED, said=_said(standing))
    for statement in (_JOINABLE, _AGED):
        engine.run(_tree(statement), told)
    edges, records = engine.fetch(_tree(_EDGES)), engine.fetch(_tree(_RECORDS))["n"][0].as_py()
    found = cluster(
        _edges(edges),
        _decided(edges),
        np.arange(records),
        join_above=join_above,
        largest=largest,
        two=NONE if apart is None else _two(engine, apart),
    )
    _run(engine, _FOUND, customers=_customers(found))
    hanging = pa.table({"older": found.bridges[:, 0], "younger": found.bridges[:, 1]})
    doubted = found.apart[found.reason == BY_THIRD]
    torn = pa.table({"older": doubted[:, 0], "younger": doubted[:, 1]})
    _run(engine, _STATUS, told, hanging=hanging, torn=torn)
    for statement in _DROPPED:
        engine.run(_tree(statement))
    several = found.by >= 0
    customers = len(np.unique(found.oldest[several]))
    return Figures(
        customers=customers,
        records=int(several.sum()) + customers,
        bridges=len(found.bridges),
        apart_by_size=int((found.reason == BY_SIZE).sum()),
        apart_by_person=int((found.reason == BY_PERSON).sum()),
        full=len(found.full),
        doubted=len(doubted),
    )


def _said(standing: Standing) -> pa.Table:
    """What persons decided, as a table."""
    rows = [
        (left, right, joins, decision)
        for joins, pairs in ((True, standing.joined), (False, standing.parted))
        for (left, right), decision in pairs.items()
    ]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    kinds = (pa.string(), pa.string(), pa.bool_(), pa.string())
    names = ("customer_ref_l", "customer_ref_r", "joins", "decision")
    return pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)})


def _edges(told: pa.Table) -> Edges:
    """What the model and the rules say."""
    return Edges(
        left=told["l"].to_numpy(),
        right=told["r"].to_numpy(),
        weight=told["match_weight"].to_numpy(),
        probability=told["match_probability"].to_numpy(),
        rule=told["ruled"].to_numpy(),
    )


def _decided(told: pa.Table) -> Decided:
    """What persons say."""

    def pairs(name: str) -> Ints:
        rows = told.filter(told[name])
        return np.column_stack([rows["l"].to_numpy(), rows["r"].to_numpy()]).astype(np.int64)

    return Decided(joined=pairs("joins"), parted=pairs("parts"))


def _two(engine: Engine, apart: exp.Query) -> Ints:
    """The pairs of ages that are surely two."""
    tree = _tree(_TWO).copy()
    next(each for each in tree.find_all(exp.Table) if each.name == "apart").replace(apart.copy().subquery("apart"))
    rows = engine.fetch(tree)
    return np.column_stack([rows["l"].to_numpy(), rows["r"].to_numpy()]).astype(np.int64)


def _customers(found: Clusters) -> pa.Table:
    """The records of customers of several, as a table of ages."""
    with_others = np.flatnonzero((found.by >= 0) | np.isin(np.arange(len(found.by)), found.oldest[found.by >= 0]))
    towards, by = found.towards[with_others], found.by[with_others]
    return pa.table(
        {
            "record": with_others,
            "oldest": found.oldest[with_others],
            "probability": found.probability[with_others],
            "towards": pa.array(towards, mask=towards < 0),
            "by": pa.DictionaryArray.from_arrays(pa.array(by, mask=by < 0), list(BY)).cast(pa.string()),
        }
    )


def _run(engine: Engine, sql: str, told: Mapping[str, object] = NOTHING, **tables: pa.Table) -> None:
    """Run a statement that reads Arrow tables."""
    for name, table in tables.items():
        engine.register(name, table)
    try:
        engine.run(_tree(sql), told)
    finally:
        for name in tables:
            engine.unregister(name)


@cache
def _tree(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")
