"""Order lines in the engine to counted sets to rules, as a run does it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa
import sqlglot
from sqlglot import exp

from clientela.analyse.customer.baskets.basket import BASKET, fit_basket
from clientela.contracts.analysis import FitContext
from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from clientela.warehouse.writing import to_numpy
from tests.benchmarks.jobs.basket_lines import basket_lines
from tests.unit.cube.published import ARROW, Published, stored_fields

AS_OF = date(2024, 7, 1)


def rules(baskets: int, items: int, threads: int) -> dict[str, object]:
    """Seconds from order lines to rules, and how many sets and rules there are; the lines are made before."""
    with Engine.in_memory() as engine:
        engine.run(sqlglot.parse_one(f"set threads = {threads}", dialect="duckdb"))
        _sell(engine, *basket_lines(baskets, items))
        began, used = perf_counter(), process_time()
        tables = {name: _made(engine, name) for name in ("basket_item", "basket_line")}
        found = fit_basket(tables, _context())
        seconds, processor = perf_counter() - began, process_time() - used
    size = np.asarray(found["basket_set"]["size"])
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "sets": size.size,
        "pairs": int((size == 2).sum()),
        "triples": int((size == 3).sum()),
        "rules": int(found["basket_rule"]["right"].size),
    }


def _made(engine: Engine, name: str) -> dict[str, np.ndarray]:
    """A model's table, written and read back as a run does it."""
    source = files("clientela.analyse.customer.baskets") / f"{name}.sql"
    tree = as_known(parse_file(source.read_text("utf-8"), name).tree, ALL, as_of_tables=AS_OF_TABLES)
    dated = exp.select("*", exp.alias_(exp.cast(exp.Placeholder(this="as_of"), "date"), "as_of")).from_(
        tree.subquery("made")
    )
    made = exp.Create(this=exp.to_table(name), kind="table", expression=dated)
    engine.run(made, {"as_of": AS_OF, "known_at": datetime(2024, 7, 1, tzinfo=UTC).replace(tzinfo=None)})
    key = [each for each in ALL[name].key if each != "as_of"]
    rows = engine.fetch(exp.select("*").from_(name).order_by(*key))
    return {each: to_numpy(rows.column(each)) for each in rows.column_names}


def _sell(engine: Engine, basket: np.ndarray, item: np.ndarray) -> None:
    """The tables ``order_line`` and ``product`` of these baskets, each of ten by one customer."""
    size, fields = basket.size, stored_fields(ALL["order_line"])
    known = pa.array(np.full(size, np.datetime64("2024-05-01T12:00:00", "us")))
    given = {
        "source": pa.array(np.full(size, "shop")),
        "order_id": pa.array(basket).cast(pa.string()),
        "line_no": pa.array(item).cast(pa.string()),
        "customer_id": pa.array(basket // 10),
        "kind": pa.array(np.full(size, "sale")),
        "product_id": pa.array(item).cast(pa.string()),
        "happened_on": pa.array(np.full(size, np.datetime64("2024-05-01"))),
        "known_from": known,
    }
    lines = pa.table({name: given.get(name, pa.nulls(size, ARROW[kind])) for name, kind in fields.items()})
    engine.register("lines", lines)
    engine.run(sqlglot.parse_one("create table order_line as from lines", dialect="duckdb"))
    engine.unregister("lines")
    Published(engine).add(product=[])


def _context() -> FitContext:
    return FitContext(
        as_of=AS_OF,
        origins=(),
        horizon_days=92,
        first_day=date(2023, 7, 1),
        version="1",
        parameters=BASKET.fit_parameters,
        sample=1.0,
        rng=np.random.default_rng(0),
    )
