"""What a build spares itself: rows it knows, statements it wrote before, queries over nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlglot import exp, parse_one

from clientela.errors import ContractError
from clientela.pipeline.graph import models
from clientela.warehouse.build import Build
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, Model
from clientela.warehouse.portable import gives_nothing
from clientela.warehouse.store.snapshot import current
from clientela.warehouse.writing import seen
from tests.unit.warehouse.test_build import NOON, order_lines, query, revenue_model

DAY, BEFORE = date(2017, 10, 1), date(2017, 9, 15)
# of each query which tables, found empty, leave it without a row: "a b" one of them, "ab" both
QUERIES = {
    "select x from a": "a",
    "select a.x from a join b on a.x = b.x": "a b",
    "select b.x from a, b": "a b",
    "select a.x from a left join b on a.x = b.x": "a",
    "select b.x from a right join b on a.x = b.x": "b",
    "select b.x from a full join b on a.x = b.x": "ab",
    "select a.x from a semi join b on a.x = b.x": "a b",
    "select a.x from a anti join b on a.x = b.x": "a",
    "select x, count(*) as n from a group by x": "a",
    "select x from a union all select x from b": "ab",
    "select x from a intersect select x from b": "a b",
    "select x from a except select x from b": "a",
    "with c as (select x from a) select c.x from c join b on c.x = b.x": "a b",
    "with a1 as (select max(x) as x from a) select b.x from a1, b": "b",
    "select x from (select x from a) as t where x > 0": "a",
    "select x, row_number() over (order by x) as n, sum(x) over () as s from a": "a",
    # there may be a row of nothing
    "select count(*) as n from a": "",
    "select max(x) + 1 as n from a having count(*) = 0": "",
    "select sum(count(*)) over () as n from a": "",
    "select x, count(*) as n from a group by rollup (x)": "",
    "select x, count(*) as n from a group by grouping sets ((x), ())": "",
    "select b.x from b left join a on a.x = b.x": "b",
    "select x from a union all select count(*) as x from b": "",
    "select 1 as x": "",
}


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    with Build(tmp_path, 1) as build:
        yield build


def counted(build: Build, name: str) -> int:
    told = build.engine.fetch(exp.select("count(*) as n").from_(exp.table_(name, db="main", catalog="facts")))
    return int(told["n"][0].as_py())


@pytest.mark.parametrize(("sql", "enough"), QUERIES.items(), ids=QUERIES)
def test_a_query_that_is_said_to_give_nothing_gives_nothing(sql, enough):
    tree = query(sql)
    for empty in itertools.chain.from_iterable(itertools.combinations("ab", n) for n in range(3)):
        with Engine.in_memory() as engine:
            for name in "ab":
                rows = "where false" if name in empty else ""
                engine.run(parse_one(f"create table {name} as select 1 as x {rows}", read="duckdb"))
            rows = engine.fetch(tree).num_rows
        said = gives_nothing(tree, empty)
        assert said is any(set(each) <= set(empty) for each in enough.split()), empty
        assert not (said and rows), empty


def test_so_does_every_model_of_a_run_over_empty_tables(build: Build):
    """Asked in full, so that what a run leaves out is what it would have found."""
    reads = {name.split(".")[-1] for model in models() for name in model.reads}
    for name in sorted(reads):
        build.create_empty(name)
    sure = [model for model in models() if gives_nothing(model.tree, model.reads)]
    given = {"as_of": DAY, "known_at": NOON, "sample_permille": None, "horizon_days": 92, "lapse_days": None}
    for model in sure:
        asked = seen(model, ALL[model.writes], ALL, sample=False)
        assert build.engine.fetch(asked.query, given).num_rows == 0, model.name
    assert len(sure) > len(models()) / 2


def run(build: Build, model: Model, as_of: date) -> int:
    return build.run_model(model, as_of=as_of, known_at=NOON)


def test_the_rows_a_build_knows_are_the_rows_that_are_there(build: Build):
    build.create("order_line", order_lines())
    model = revenue_model()
    for day in (DAY, BEFORE, DAY, DAY):
        run(build, model, day)
        assert build.rows()["customer_feature"] == counted(build, "customer_feature")
    assert build.rows()["customer_feature"] == 3


def test_they_are_also_when_a_fit_takes_back_what_it_wrote(build: Build):
    given = {
        "version": np.array(["v1"], dtype=object),
        "as_of": np.array(["2017-10-01"], dtype="datetime64[D]"),
        "candidate": np.array(["x"], dtype=object),
        "parameters": np.array(["{}"], dtype=object),
        "winner": np.array([True]),
        "log_likelihood": np.array([1.0]),
    }
    part = {"analysis": "churn-risk", "learned_at": datetime(2017, 10, 1), "contract_hash": "0"}
    build.append("model", given, part)
    build.append("model", given, {**part, "analysis": "other"})
    build.append("model", given, part)
    assert build.rows()["model"] == counted(build, "model") == 2
    build.append("model", {name: values[:0] for name, values in given.items()}, part)
    assert build.rows()["model"] == counted(build, "model") == 1
    build.write_none("model", {**part, "analysis": "other"}, step="other (fit)")
    assert build.rows()["model"] == counted(build, "model") == 0


def test_a_part_that_breaks_the_contract_leaves_the_others_and_their_number(build: Build):
    build.create("order_line", order_lines())
    model = revenue_model()
    run(build, model, DAY)
    twice = revenue_model().tree.copy()
    doubled = exp.union(twice.copy(), twice, distinct=False)
    broken = Model(
        name=model.name,
        kind="as-of",
        grain=model.grain,
        purpose=model.purpose,
        tree=doubled,
        reads=model.reads,
        parameters=model.parameters,
        writes=model.writes,
    )
    with pytest.raises(ContractError, match="more than once"):
        run(build, broken, BEFORE)
    assert build.rows()["customer_feature"] == counted(build, "customer_feature") == 2


def test_a_model_over_empty_tables_writes_its_empty_table_and_its_line_in_the_log(build: Build):
    build.create_empty("order_line")
    assert run(build, revenue_model(), DAY) == 0
    assert counted(build, "customer_feature") == 0
    assert [(each.table, each.rows, each.as_of) for each in build.written][-1] == ("customer_feature", 0, DAY)


def test_a_table_of_a_fit_that_has_no_parts_can_be_emptied(build: Build):
    build.create("order_line", order_lines())
    build.write_none("order_line", step="a fit")
    assert build.rows()["order_line"] == counted(build, "order_line") == 0


def test_a_build_writes_no_log_and_publishes_all_it_wrote(tmp_path: Path):
    with Build(tmp_path, 1) as build:
        build.create("order_line", order_lines())
        assert not list(tmp_path.rglob("*.wal"))
        build.publish({"run": 1})
    snapshot = current(tmp_path)
    assert snapshot is not None
    with Engine.in_memory() as engine:
        engine.attach(snapshot.paths["facts"], "facts", read_only=True)
        told = engine.fetch(exp.select("count(*) as n").from_(exp.table_("order_line", db="main", catalog="facts")))
    assert told["n"][0].as_py() == 4


def test_a_statement_reads_the_arrow_table_that_is_registered_now(build: Build):
    import pyarrow as pa

    asked = query("select count(*) as n from given")
    for rows in (1, 2):
        build.engine.register("given", pa.table({"x": list(range(rows))}))
        assert build.engine.row(asked) == {"n": rows}
    build.engine.unregister("given")
    with pytest.raises(Exception, match="given"):
        build.engine.row(asked)
