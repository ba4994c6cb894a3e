"""The same forecast with clientela's engine and estimators."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from sqlglot import exp, parse_one

from clientela.estimators.arrays import floats
from clientela.estimators.beta_geometric import fit_beta_geometric, probability_alive
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.writing import to_arrow, to_numpy

HISTORY = """
with purchase_day as (
    select customer_key, cast(ordered_at as date) as bought_on, sum(net_revenue) as money
    from orders
    where ordered_at < cast(:as_of as date)
    group by customer_key, cast(ordered_at as date)
)
select
    customer_key,
    count(*) - 1                                                          as frequency,
    date_diff('day', min(bought_on), max(bought_on))                      as recency,
    date_diff('day', min(bought_on), cast(:as_of as date)) - 1            as age,
    case
        when count(*) > 1
            then cast(sum(money) - arg_min(money, bought_on) as double) / (count(*) - 1)
        else 0
    end                                                                   as money
from purchase_day
group by customer_key
"""
COUNT = "select frequency, recency, age, count(*) as customers from history group by frequency, recency, age"
FORECAST = """
select
    history.customer_key, history.frequency, history.recency, history.age as "T", history.money as monetary_value,
    cell.alive
from history
join cell
    on cell.frequency = history.frequency and cell.recency = history.recency and cell.age = history.age
"""


def forecast(orders: str, out: str, spill: str, *, as_of: str, threads: int, memory_limit: str) -> dict[str, object]:
    """Parquet → x, t_x, T, money a purchase day → fit → P(alive) of each customer, written as Parquet."""
    history = parse_one(HISTORY, dialect="duckdb")
    for table in history.find_all(exp.Table):
        if table.name == "orders":
            table.replace(read_parquet(sorted(Path(orders).glob("*.parquet"))))
    create = exp.Create(this=exp.to_table("history"), kind="TABLE", expression=history)
    with Engine.in_memory(threads=threads, memory_limit=memory_limit, temp_directory=Path(spill)) as engine:
        engine.run(create, {"as_of": date.fromisoformat(as_of)})
        counted = engine.fetch(parse_one(COUNT, dialect="duckdb"))
        x, t_x, age, customers = (floats(to_numpy(column)) for column in counted.columns)
        fit = fit_beta_geometric(x, t_x, age, customers)
        cell = {"frequency": x, "recency": t_x, "age": age}
        cell = {name: values.astype(np.int64) for name, values in cell.items()}
        engine.register("cell", to_arrow({**cell, "alive": probability_alive(fit, x, t_x, age)}))
        rows = write_parquet(engine, parse_one(FORECAST, dialect="duckdb"), Path(out))
    return {"customers": rows, "parameters": {name: getattr(fit, name) for name in ("r", "alpha", "a", "b")}}
