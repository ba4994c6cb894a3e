"""Every key that any system gave a person, with the run that first brought it, and the customer it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp

from clientela.capture.conform import Conformed
from clientela.capture.deliveries import RUN
from clientela.warehouse.engine import MAIN, Engine, read_parquet
from clientela.warehouse.physical import FACTS, column

KEY = "customer_key"
_NOBODY = {"customer_ref": "varchar", "source": "varchar", "record_id": "varchar", "first_run": "bigint"}


def work(name: str) -> exp.Table:
    """A table of this run alone: it lies in the engine's memory, never in a published file."""
    return exp.table_(name, db="main", catalog=MAIN)


def written(name: str) -> exp.Table:
    """A table of the facts file that is being built."""
    return exp.table_(name, db="main", catalog=FACTS)


def write(engine: Engine, name: str, rows: exp.Query) -> int:
    """Write a work table anew; returns its rows."""
    return engine.run(exp.Create(this=work(name), kind="TABLE", replace=True, expression=rows.copy()))


def drop(engine: Engine, *names: str) -> None:
    """Remove work tables, if they are there."""
    for name in names:
        engine.run(exp.Drop(tables=[work(name)], kind="TABLE", exists=True))


def keys(conformed: Sequence[Conformed]) -> exp.Select:
    """The query for every key that counts, once, with the first run that delivered it."""
    together = list(dict.fromkeys(each.refs for each in conformed if each.refs is not None and each.together))
    first: dict[Path, int] = {}
    for each in conformed:
        if each.refs is not None and not each.together:
            first[each.refs] = min(each.batch.run, first.get(each.refs, each.batch.run))
    by_run: dict[int, list[Path]] = {}
    for path, run in first.items():
        by_run.setdefault(run, []).append(path)
    if not by_run and not together:
        return nothing(_NOBODY)
    names = ("source", "record_id", "customer_ref")
    parts = []
    if together:
        number = exp.alias_(column(RUN), "first_run")
        parts.append(exp.select(*map(column, names), number).from_(read_parquet(together)))
    for run, files in sorted(by_run.items()):
        number = exp.alias_(exp.cast(exp.Literal.number(run), "bigint"), "first_run")
        parts.append(exp.select(*map(column, names), number).from_(read_parquet(files)))
    rows: exp.Query = parts[0]
    for part in parts[1:]:
        rows = exp.union(rows, part, distinct=False, copy=False)
    oldest = exp.alias_(exp.Min(this=column("first_run")), "first_run")
    return exp.select(*map(column, names), oldest).from_(rows.subquery("key")).group_by(*map(column, names))


def nothing(columns: Mapping[str, str]) -> exp.Select:
    """The query for no rows of these columns."""
    return exp.select(*(exp.alias_(exp.cast(exp.null(), kind), name) for name, kind in columns.items())).where(
        exp.false()
    )
