"""The same forecast with pandas and lifetimes; runs in an interpreter that has both."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data

COLUMNS = ["customer_key", "ordered_at", "net_revenue"]


def usual(orders: str, out: str, *, last_day: str) -> dict[str, object]:
    """As their documentation shows it: read the columns needed, make the amounts floats, go on."""
    lines = pd.read_parquet(orders, columns=COLUMNS)
    lines["net_revenue"] = lines["net_revenue"].astype(float)
    return _forecast(lines, out, last_day)


def sparing(orders: str, out: str, *, last_day: str) -> dict[str, object]:
    """With care for memory: amounts never become Python's Decimal."""
    table = pq.read_table(sorted(Path(orders).glob("*.parquet")), columns=COLUMNS)
    amounts = table.column("net_revenue").cast(pa.float64())
    return _forecast(table.set_column(COLUMNS.index("net_revenue"), "net_revenue", amounts).to_pandas(), out, last_day)


def _forecast(lines: pd.DataFrame, out: str, last_day: str) -> dict[str, object]:
    """x, t_x, T, money a purchase day → fit → P(alive) of each customer, written as Parquet."""
    histories = summary_data_from_transaction_data(
        lines,
        "customer_key",
        "ordered_at",
        monetary_value_col="net_revenue",
        observation_period_end=pd.Timestamp(last_day),
        freq="D",
    )
    fitter = BetaGeoFitter()
    fitter.fit(histories["frequency"], histories["recency"], histories["T"])
    histories["alive"] = fitter.conditional_probability_alive(
        histories["frequency"], histories["recency"], histories["T"]
    )
    histories.to_parquet(out)
    return {
        "customers": len(histories),
        "parameters": {name: float(fitter.params_[name]) for name in fitter.params_.index},
    }
