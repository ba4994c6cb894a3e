"""Every time a record came to be another customer than before: found by comparing, kept for ever, replayed.

A record begins as a customer of its own, whose number is made from the record's pseudonym. So a number that was
ever given leads to a record, and the events lead from there to the customer it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import pyarrow as pa
import sqlglot
from sqlglot import exp

from clientela.unify.decisions import Standing
from clientela.warehouse.engine import MAIN, NOTHING, Engine, read_parquet, write_parquet
from clientela.warehouse.store.event_files import EventFile
from clientela.warehouse.store.landing import Landing

Fetch = Callable[[exp.Expr, Mapping[str, object]], pa.Table]

CHANGE = "identity_change"
_COLUMNS = ("run", "at", "kind", "customer_ref", "from_customer_id", "to_customer_id", "by", "decision")
_NO_EVENT = """
select
    null::bigint as run, null::timestamp as at, null::varchar as kind, null::varchar as customer_ref,
    null::bigint as from_customer_id, null::bigint as to_customer_id, null::varchar as by, null::varchar as decision
where false
"""
# Of each record of which there is an event, the latest: the customer it came to be.
_WAS = """
create or replace table memory.main.identity_was as
select customer_ref, arg_max(to_customer_id, run) as customer_id, max(at) as at
from event
group by customer_ref
"""
# Of each record whose customer changed, the customer it was and is. It was split off when it had been one with its
# new customer's oldest record before, else merged. What led the way to the new customer decided a merge: of the pairs
# on the way to the oldest record the first whose other record was another customer before.
_CHANGE = """
create or replace table memory.main.identity_change as
with recursive was as (
    select was.customer_ref, was.customer_id, was.at
    from memory.main.identity_was as was
    join memory.main.customer_key as key on key.customer_ref = was.customer_ref
    where was.customer_ref in (select customer_ref from among)
), record as (
    select customer_ref from was
    union
    select customer_ref from memory.main.found where customer_ref in (select customer_ref from among)
    union
    select key.customer_ref
    from memory.main.customer_key as key
    where key.customer_ref in (select customer_ref_l from said union all select customer_ref_r from said)
), known as (
    select
        record.customer_ref,
        coalesce(was.customer_id, id63(record.customer_ref))  as before,
        id63(coalesce(found.oldest_ref, record.customer_ref)) as after,
        coalesce(found.oldest_ref, record.customer_ref)       as oldest_ref,
        was.at                                                as since,
        found.towards_ref,
        found.by,
        found.decision
    from record
    left join was on was.customer_ref = record.customer_ref
    left join memory.main.found as found on found.customer_ref = record.customer_ref
), changed as (
    select known.*, oldest.before = known.before as splits
    from known
    join known as oldest on oldest.customer_ref = known.oldest_ref
    where known.before <> known.after
), way as (
    select customer_ref, before, customer_ref as at_ref from changed where not splits
    union all
    select way.customer_ref, way.before, here.towards_ref as at_ref
    from way
    join known as here on here.customer_ref = way.at_ref
    join known as there on there.customer_ref = here.towards_ref
    where there.before = way.before
), merging as (
    select way.customer_ref, here.by, here.decision
    from way
    join known as here on here.customer_ref = way.at_ref
    join known as there on there.customer_ref = here.towards_ref
    where there.before <> way.before
), pair as (
    select
        l.before, l.after as one, r.after as other, said.decision, said.at
    from said
    join known as l on l.customer_ref = said.customer_ref_l
    join known as r on r.customer_ref = said.customer_ref_r
    where l.before = r.before and l.after <> r.after
), parting as (
    select changed.customer_ref, arg_max(pair.decision, (pair.at, pair.decision)) as decision
    from changed
    join pair on pair.before = changed.before and changed.after in (pair.one, pair.other) and pair.at >= changed.since
    where changed.splits
    group by changed.customer_ref
), gone as (
    select distinct changed.before
    from changed
    anti join memory.main.customer_key as key on id63(key.customer_ref) = changed.before
    where changed.splits
)
select
    cast(:run as bigint)                                   as run,
    cast(:now as timestamp)                                as at,
    case when changed.splits then 'split' else 'merged' end as kind,
    changed.customer_ref,
    changed.before                                         as from_customer_id,
    changed.after                                          as to_customer_id,
    case
        when merging.by is not null then merging.by
        when parting.decision is not null or gone.before is not null then 'person'
        else 'model'
    end                                                    as by,
    coalesce(merging.decision, parting.decision)           as decision
from changed
left join merging on merging.customer_ref = changed.customer_ref
left join parting on parting.customer_ref = changed.customer_ref
left join gone on gone.before = changed.before and changed.splits
"""
_EVERY = ("identity_was", "found")
_DROPPED = "drop table memory.main.identity_was"
# The record whose own number it is comes first, then the oldest that ever bore it.
_PRESENT = """
select customer_id
from (
    select customer_id, 0 as place, first_run, source, customer_ref from identity where customer_id = :customer_id
    union all
    select
        identity.customer_id,
        case when id63(identity.customer_ref) = :customer_id then 1 else 2 end as place,
        identity.first_run,
        identity.source,
        identity.customer_ref
    from identity_event as event
    join identity on identity.customer_ref = event.customer_ref
    where event.from_customer_id = :customer_id
) as bearer
order by place, first_run, source, customer_ref
limit 1
"""


def record(
    engine: Engine,
    landing: Landing,
    standing: Standing,
    *,
    run: int,
    now: datetime,
    published: Collection[int],
) -> int:
    """Find what this run changed, and keep it in the landing; returns the number of events.

    It reads the work tables ``customer_key`` and ``found`` and writes ``identity_change``.

    Parameters
    ----------
    published : the runs before this one that published; the events of others never happened.
    """
    replay(engine, landing, published)
    found = compare(engine, standing, run=run, now=now)
    keep(engine, landing, run)
    return found


def replay(engine: Engine, landing: Landing, published: Collection[int]) -> None:
    """Write ``identity_was``: of each record of which there is an event, the customer it is by the latest."""
    _run(engine, _WAS, event=kept(landing, published))


def compare(engine: Engine, standing: Standing, *, run: int, now: datetime, among: exp.Query | None = None) -> int:
    """Write ``identity_change``, the events between ``identity_was`` and ``found``; returns how many.

    ``identity_was`` is then gone, as nobody else needs it.

    Parameters
    ----------
    among : every record of every customer of whom anything may be another; None: of all.
    """
    every = exp.union(*(exp.select("customer_ref").from_(exp.to_table(f"memory.main.{each}")) for each in _EVERY))
    engine.register("said", _taken_apart(standing))
    try:
        _run(engine, _CHANGE, {"run": run, "now": now}, among=among if among is not None else every)
    finally:
        engine.unregister("said")
    engine.run(_tree(_DROPPED))
    return int(engine.fetch(exp.select("count(*) as n").from_(_change()))["n"][0].as_py())


def keep(engine: Engine, landing: Landing, run: int) -> EventFile | None:
    """Keep the events of ``identity_change`` in the landing, on the disk; None when there is none."""
    query = exp.select(*_COLUMNS).from_(_change()).order_by("customer_ref")
    if not engine.fetch(exp.select("1 as one").from_(_change()).limit(1)).num_rows:
        return None
    return landing.events.add(run, lambda path: write_parquet(engine, query, path))


def kept(landing: Landing, published: Collection[int]) -> exp.Query:
    """The query for the events of these runs."""
    return _of([landing.events.path_of(each) for each in landing.events.kept() if each.run in published])


def history(landing: Landing, published: Collection[int]) -> exp.Query:
    """The query for all events: those kept of the runs that published, and those of this run."""
    now = exp.select(*_COLUMNS).from_(_change())
    return exp.union(kept(landing, published), now, distinct=False)


def present(fetch: Fetch, customer_id: int) -> int | None:
    """The customer that a number means today, which may be another's by now; None: never given, or erased.

    Parameters
    ----------
    fetch : of an engine or a reader that has the tables ``identity`` and ``identity_event``.
    """
    told = fetch(_tree(_PRESENT), {"customer_id": customer_id})
    return int(told["customer_id"][0].as_py()) if told.num_rows else None


def forget(engine: Engine, landing: Landing, is_erased: Callable[[str], bool]) -> tuple[str, ...]:
    """Take the records of erased persons out of all events, of runs that failed too; the files rewritten."""
    return tuple(each.file for each in landing.events.kept() if _forgotten(engine, landing, each, is_erased))


def _forgotten(engine: Engine, landing: Landing, kept: EventFile, is_erased: Callable[[str], bool]) -> bool:
    told = _of([landing.events.path_of(kept)])
    refs = engine.fetch(exp.select("customer_ref").distinct().from_(told.subquery("event")))
    erased = [ref for ref in refs["customer_ref"].to_pylist() if is_erased(ref)]
    if not erased:
        return False
    others = exp.column("customer_ref").isin(query=exp.select("customer_ref").from_("erased")).not_()
    query = exp.select(*_COLUMNS).from_(told.subquery("event")).where(others).order_by("customer_ref")
    engine.register("erased", pa.table({"customer_ref": erased}))
    try:
        landing.events.rewrite(kept, lambda path: write_parquet(engine, query, path))
    finally:
        engine.unregister("erased")
    return True


def _of(files: list[Path]) -> exp.Query:
    return exp.select(*_COLUMNS).from_(read_parquet(files)) if files else cast(exp.Query, _tree(_NO_EVENT))


def _change() -> exp.Table:
    return exp.table_(CHANGE, db="main", catalog=MAIN)


def _taken_apart(standing: Standing) -> pa.Table:
    """The pairs that persons hold apart, or hold together no longer, with since when."""
    apart = sorted(standing.apart_since.items())
    rows = [(*pair, decision, at.astimezone(UTC).replace(tzinfo=None)) for pair, (decision, at) in apart]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    names = ("customer_ref_l", "customer_ref_r", "decision", "at")
    kinds = (pa.string(), pa.string(), pa.string(), pa.timestamp("us"))
    return pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)})


def _run(engine: Engine, sql: str, told: Mapping[str, object] = NOTHING, **views: exp.Query) -> None:
    tree = _tree(sql).copy()
    for table in list(tree.find_all(exp.Table)):
        if not table.db and table.name in views:
            table.replace(views[table.name].subquery(table.alias_or_name))
    engine.run(tree, told)


@cache
def _tree(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")
