"""The same tables by hand: DuckDB and one script, for files that are known to be clean.

It lands, checks and versions nothing. What is not SQL, the fit of the forecast, is the same function.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np
import pyarrow as pa

from clientela.analyse.customer.churn.fit import fit_churn
from clientela.contracts.analysis import FitContext

SCRIPT = Path(__file__).with_suffix(".sql")
STEP = re.compile(r"^-- step: (\w+)$", re.MULTILINE)
ORIGINS = 4
COUNTED = """
select * replace (at_stake::double as at_stake, at_stake_norm::double as at_stake_norm)
from churn_count
order by as_of, repeat_purchases, recency_days, age_days, recent_purchases
"""
CELL = """
create table churn_cell as
select * replace (
    probability::decimal(18, 6) as probability, low::decimal(18, 6) as low, high::decimal(18, 6) as high
)
from fitted
"""


def build(
    orders: str,
    folder: str,
    *,
    as_of: str,
    now: str,
    secret: str,
    horizon_days: int,
    sample_permille: int,
    threads: int,
    memory_limit: str,
) -> dict[str, object]:
    """Build the tables from ``orders/*.parquet`` and publish them as ``folder/facts.duckdb``; the seconds a step."""
    into = Path(folder)
    into.mkdir(parents=True)
    given = {
        "paths": [str(path) for path in sorted(Path(orders).glob("*.parquet"))],
        "as_of": date.fromisoformat(as_of),
        "now": datetime.fromisoformat(now).astimezone(UTC).replace(tzinfo=None),
        "secret": bytes.fromhex(secret),
        "horizon_days": horizon_days,
        "sample_permille": sample_permille,
    }
    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "temp_directory": str(into / "spill"),
            "preserve_insertion_order": False,
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    for name in ("facts", "people"):
        connection.execute("attach $path as " + name, {"path": str(into / f"{name}.build")})
    connection.execute("use facts")
    for name, value in given.items():
        connection.execute("set variable " + name + " = $value", {"value": value})
    context = FitContext(
        as_of=given["as_of"],
        origins=tuple(given["as_of"] - timedelta(days=k * horizon_days) for k in range(1, ORIGINS + 1)),
        horizon_days=horizon_days,
        first_day=connection.execute("select min(ordered_at)::date from read_parquet(getvariable('paths'))").fetchone()[
            0
        ],
        version="by hand",
        parameters={},
        sample=sample_permille / 1000,
        rng=np.random.default_rng(0),
    )
    seconds = _steps(connection, context)
    connection.execute("use memory")
    connection.close()
    _publish(into)
    return {"steps": seconds}


def _steps(connection: duckdb.DuckDBPyConnection, context: FitContext) -> Mapping[str, float]:
    seconds = {}
    _, *pieces = STEP.split(SCRIPT.read_text(encoding="utf-8"))
    for name, statements in zip(pieces[::2], pieces[1::2], strict=True):
        began = perf_counter()
        if name == "fit":
            _fit(connection, context)
        else:
            connection.execute(statements)
        seconds[name] = round(perf_counter() - began, 2)
    return seconds


def _fit(connection: duckdb.DuckDBPyConnection, context: FitContext) -> None:
    counted = connection.sql(COUNTED).to_arrow_table()
    arrays = {name: counted.column(name).to_numpy() for name in counted.column_names}
    computed = fit_churn({"churn_count": arrays}, context)
    for table in ("churn_cell", "model", "backtest"):
        fitted = pa.table({name: pa.array(values, from_pandas=True) for name, values in computed[table].items()})
        connection.register("fitted", fitted)
        connection.execute(CELL if table == "churn_cell" else f"create table {table} as from fitted")
        connection.unregister("fitted")


def _publish(folder: Path) -> None:
    for name in ("facts", "people"):
        built = folder / f"{name}.build"
        with built.open("rb") as file:
            os.fsync(file.fileno())
        built.rename(folder / f"{name}.duckdb")
