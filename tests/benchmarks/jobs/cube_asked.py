"""The questions asked of a published snapshot: by the cube, with and without roll-ups, and by SQL written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import duckdb
import pyarrow as pa

from clientela.access.rights import Scope
from clientela.cube.explore import explore
from clientela.cube.figures.explain import explained
from clientela.cube.figures.query import plan
from clientela.cube.figures.question import understood
from clientela.cube.filters import Bound
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.pipeline.asking.seen import knowledge_in
from clientela.warehouse.store.snapshot import Reader, current
from tests.benchmarks.jobs.cube_by_hand import BY_HAND, LINES, REGION, WITHIN
from tests.benchmarks.jobs.cube_questions import QUESTIONS, Asked, scope

THREADS = 2


def ask(folder: str, customers: int, grants: int, times: int, *, rollups: bool, limit: str = "6GB") -> dict[str, Any]:
    """Of each question milliseconds by the clock and of the processor, the median of so many, and what answered."""
    snapshot = current(Path(folder))
    assert snapshot is not None
    told: dict[str, Any] = {}
    with Reader(snapshot, people=False, threads=THREADS, memory_limit=limit, looked=True) as reader:
        kb = knowledge_in(reader, snapshot, None, scope=seen(customers, grants))
        if not rollups:
            kb = replace(kb, view=replace(kb.view, rollups=()))
        for name, asked in QUESTIONS.items():
            sources = explained(kb.view, asked.measures, asked.by, asked.where)
            told[name] = {
                **timed(partial(answered, kb, asked), times),
                "from": [each.table or each.fact for each in sources],
            }
    return told


def answered(kb: SnapshotKnowledge, asked: Asked) -> int:
    """How many rows a question has."""
    return len(explore(kb, asked.measures, asked.by, asked.where, wanted=asked.wanted).result.rows)


def compile_all(folder: str, customers: int, grants: int, times: int, *, rollups: bool) -> dict[str, float]:
    """Of each question the milliseconds of processor from its words to the SQL that is sent; it is not sent."""
    snapshot = current(Path(folder))
    assert snapshot is not None
    with Reader(snapshot, people=False, looked=True) as reader:
        kb = knowledge_in(reader, snapshot, None, scope=seen(customers, grants))
        if not rollups:
            kb = replace(kb, view=replace(kb.view, rollups=()))
        told = {}
        for name, asked in QUESTIONS.items():
            taken = []
            for _ in range(times):
                began = process_time()
                compiled(kb, asked)
                taken.append(1000 * (process_time() - began))
            told[name] = median(taken)
        return told


def compiled(kb: SnapshotKnowledge, asked: Asked) -> str:
    """The SQL of a question."""
    bound = Bound()
    tree = plan(understood(asked.measures, asked.by, asked.where, (), None), bound, kb.view)
    return kb.view.ready(tree, bound.values, own=True)[0].sql(dialect="duckdb", copy=False)


def by_hand(folder: str, customers: int, grants: int, times: int, *, limit: str = "6GB") -> dict[str, Any]:
    """The same of SQL written by hand for each question, with the same filter of rows, on the same file."""
    snapshot = current(Path(folder))
    assert snapshot is not None
    manifest = snapshot.manifest
    given: dict[str, Any] = {"as_of": manifest["as_of"], "known_at": manifest["known_at"]}
    mine = seen(customers, grants)
    if mine is not None:
        for area in mine.rights[0].reach:
            for limited in area.limits:
                given[limited] = sorted(getattr(area, limited))
    given.setdefault("customers", [])
    lines = LINES + (WITHIN if mine is not None else "")
    told: dict[str, Any] = {}
    with duckdb.connect(config={"threads": THREADS, "memory_limit": limit}) as connection:
        connection.execute(f"attach '{snapshot.paths['facts']}' as facts (read_only)")
        connection.execute("use facts")
        for name, statements in BY_HAND.items():
            written = [each.format(line=lines, region=REGION) for each in statements]

            def once(written: list[str] = written) -> int:
                rows = 0
                for each in written:
                    table: pa.Table = connection.sql(each, params=named(each, given)).to_arrow_table()
                    rows = rows or table.num_rows
                return rows

            told[name] = timed(once, times)
    return told


def named(statement: str, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters that a statement names."""
    return {name: value for name, value in given.items() if f"${name}" in statement}


def timed(once: Callable[[], int], times: int) -> dict[str, float]:
    """Milliseconds by the clock and of the processor: the median of several, after one that warms up."""
    rows = once()
    clock, processor = [], []
    for _ in range(times):
        began, used = perf_counter(), process_time()
        once()
        clock.append(1000 * (perf_counter() - began))
        processor.append(1000 * (process_time() - used))
    return {"ms": round(median(clock), 1), "cpu_ms": round(median(processor), 1), "rows": rows}


def seen(customers: int, grants: int) -> Scope | None:
    """What somebody with so many grants sees."""
    return scope(grants, step=2**62 // customers)
