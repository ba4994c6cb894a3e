"""The fifths and groups of recency, frequency and money, by the model of the run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from time import process_time

from sqlglot import exp, parse_one

from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file

# Most bought once or twice, a few very often; amounts to the cent; silent for up to three years.
MADE = """
select
    cast(number as bigint) as customer_id,
    cast('2024-12-31' as date) as as_of,
    cast('2024-12-30' as date) - cast(floor(1000 * power(hash(number, 1) % 100000 / 100000.0, 2)) as integer)
        as last_bought_on,
    cast(floor(60 * power(hash(number, 2) % 100000 / 100000.0, 6)) as bigint) as repeat_purchases,
    cast(1100 as bigint) as age_days,
    cast(hash(number, 3) % 200000000 / 10000.0 as decimal(18, 4)) as revenue
from range({customers}) as made(number)
"""
LIMIT = """
select 1 as version, cast(null as bigint) as recent_days, cast(null as bigint) as quiet_days,
    cast(null as bigint) as often_purchases, cast(null as decimal(18, 4)) as high_revenue
"""


def grouped(spill: str, *, customers: int, threads: int, memory_limit: str) -> dict[str, object]:
    """Customers as they stand on one date → their fifths and group; only that is timed as ``model_cpu``."""
    model = parse_file((files("clientela.analyse.customer.segments") / "rfm.sql").read_text("utf-8"), "rfm")
    with Engine.in_memory(threads=threads, memory_limit=memory_limit, temp_directory=Path(spill)) as engine:
        made = parse_one(MADE.format(customers=customers), dialect="duckdb")
        engine.run(exp.Create(this=exp.to_table("customer_feature"), kind="TABLE", expression=made))
        engine.run(exp.Create(this=exp.to_table("rfm_limit"), kind="TABLE", expression=parse_one(LIMIT)))
        began = process_time()
        tree = as_known(model.tree, ALL, as_of_tables=())
        given = {"as_of": date(2024, 12, 31), "known_at": datetime(2024, 12, 31, tzinfo=UTC).replace(tzinfo=None)}
        engine.run(exp.Create(this=exp.to_table("rfm"), kind="TABLE", expression=tree), given)
        took = process_time() - began
        told = "select count(*) as n, count(distinct segment) as groups, max(money_fifth) as most from rfm"
        row = engine.fetch(parse_one(told, dialect="duckdb")).to_pylist()[0]
    return {"model_cpu": took, **row}
