"""Order lines of customers who buy as BG/NBD says, in days: the data all measurements are made on.

While a customer is one, purchases come at random with a rate that is Gamma(r, α) among customers; after each
repeat purchase the customer leaves for good with a chance that is Beta(a, b) among customers. Customers come
evenly over two years. The export is what a shop system writes: by the time of the order, a text key, cents.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

SEED = 20_240_101
FIRST_DAY = np.datetime64("2023-01-01")
DAYS = 730
R, ALPHA, A, B = 0.6, 40.0, 0.7, 2.4  # days
PRODUCTS = 5_000
FILES = 8
ROW_GROUP = 122_880  # what DuckDB and others write
CHUNK_LINES = 4 * ROW_GROUP
COST_KNOWN, RETURNED = 0.94, 0.02
DAY_SECONDS = 86_400


def write_orders(folder: str, lines: int, customers: int, ending: str) -> dict[str, object]:
    """Write the lines as several Parquet files, as one CSV file, or as one with every cell quoted."""
    into = Path(folder)
    into.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([SEED, lines, customers])
    customer, second = _orders(rng, customers)
    if lines < customer.size:
        raise ValueError(f"{customer.size} orders do not fit into {lines} lines")
    more = np.bincount(rng.integers(0, customer.size, lines - customer.size), minlength=customer.size)
    chunks = _chunks(rng, customer, second, more + 1)
    if ending in ("csv", "quoted"):
        _write_csv(into / "orders.csv", chunks, csv.QUOTE_ALL if ending == "quoted" else csv.QUOTE_MINIMAL)
    else:
        _write_parquet(into, chunks, lines)
    return {"lines": lines, "orders": int(customer.size), "customers": customers}


def _orders(rng: np.random.Generator, customers: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Who ordered, and in which second after the first day began; in order of time."""
    number = np.arange(customers)
    at = rng.uniform(0, DAYS, customers)
    rate, leaving = rng.gamma(R, 1 / ALPHA, customers), rng.beta(A, B, customers)
    found = [(number, at)]
    while number.size:
        with np.errstate(divide="ignore", over="ignore"):
            at = at + rng.exponential(size=number.size) / rate
        inside = at < DAYS
        number, at, rate, leaving = number[inside], at[inside], rate[inside], leaving[inside]
        found.append((number, at))
        stays = rng.random(number.size) >= leaving
        number, at, rate, leaving = number[stays], at[stays], rate[stays], leaving[stays]
    customer, second = (np.concatenate(each) for each in zip(*found, strict=True))
    seconds = (second * DAY_SECONDS).astype(np.int64)
    order = np.lexsort((customer, seconds))
    return customer[order], seconds[order]


def _chunks(
    rng: np.random.Generator, customer: NDArray[np.int64], second: NDArray[np.int64], lines: NDArray[np.int64]
) -> Iterator[pa.Table]:
    ends = np.cumsum(lines)
    cuts = np.unique([*np.searchsorted(ends, np.arange(0, ends[-1], CHUNK_LINES)), lines.size])
    keys = rng.permutation(int(customer.max()) + 1)  # a key says nothing about when the customer came
    for begin, end in pairwise(cuts):
        of = np.repeat(np.arange(begin, end), lines[begin:end])
        yield _lines(rng, of, keys[customer[of]], second[of], lines[begin:end])


def _lines(
    rng: np.random.Generator,
    order: NDArray[np.int64],
    key: NDArray[np.int64],
    second: NDArray[np.int64],
    lines: NDArray[np.int64],
) -> pa.Table:
    n = order.size
    line_no = np.arange(n) - np.repeat(np.cumsum(lines) - lines, lines) + 1
    product = (PRODUCTS * rng.random(n) ** 2).astype(np.int64)
    price = 199 + (product * 7_919) % 4_800  # cents
    returned = (line_no > 1) & (rng.random(n) < RETURNED)
    quantity = rng.geometric(0.7, n) * np.where(returned, -1, 1)
    discount = rng.choice([0, 0, 0, 5, 10, 20], n)
    revenue = quantity * price * (100 - discount) // 100
    cost = quantity * price * 6 // 10
    known = rng.random(n) < COST_KNOWN
    moment = FIRST_DAY.astype("datetime64[s]").astype(np.int64) + second
    return pa.table(
        {
            "order_id": _named("O", order, 9),
            "line_no": pa.array(line_no.astype(np.int32)),
            "customer_key": _named("C", key, 8),
            "ordered_at": pa.array(moment.astype("datetime64[s]").astype("datetime64[us]")),
            "product_id": _named("P", product, 5),
            "quantity": pa.array(quantity.astype(np.int32)),
            "net_revenue": _cents(revenue),
            "cost_of_goods": _cents(cost, known),
        }
    )


def _named(letter: str, number: NDArray[np.int64], width: int) -> pa.Array:
    """Fixed-width keys such as C00000042, without a Python object for each."""
    digits = number[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10 + ord("0")
    signs = np.column_stack([np.full(number.size, ord(letter)), digits]).astype(np.uint8)
    return pa.array(signs.view(f"S{width + 1}").ravel()).cast(pa.string())


def _cents(cents: NDArray[np.int64], known: NDArray[np.bool_] | None = None) -> pa.Array:
    wide = np.column_stack([cents, cents >> 63]).astype("<i8")
    exact = pa.Array.from_buffers(pa.decimal128(18, 2), cents.size, [None, pa.py_buffer(wide.tobytes())])
    return exact if known is None else pc.if_else(pa.array(known), exact, None)


def _write_parquet(folder: Path, chunks: Iterator[pa.Table], lines: int) -> None:
    written, number, writer = 0, 0, None
    for chunk in chunks:
        if writer is None:
            writer = pq.ParquetWriter(folder / f"orders-{number}.parquet", chunk.schema, compression="zstd")
        writer.write_table(chunk, row_group_size=ROW_GROUP)
        written += chunk.num_rows
        if written * FILES >= lines * (number + 1):
            writer.close()
            number, writer = number + 1, None
    if writer is not None:
        writer.close()


def _write_csv(path: Path, chunks: Iterator[pa.Table], quoting: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=quoting)
        for number, chunk in enumerate(chunks):
            if number == 0:
                writer.writerow(chunk.column_names)
            moments = chunk.column("ordered_at").cast(pa.timestamp("s")).cast(pa.string())
            texts = chunk.set_column(chunk.column_names.index("ordered_at"), "ordered_at", moments)
            writer.writerows(zip(*(each.to_pylist() for each in texts.columns), strict=True))
