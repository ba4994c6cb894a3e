"""One CSV file to one Parquet file of texts, by three readers; pandas runs where it is installed."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq


def careful(path: str, out: str) -> dict[str, object]:
    """By clientela's own reader, which knows the line of every record and loses none."""
    from clientela.capture.files.csv_reader import Dialect, read_csv

    count = read_csv(Path(path), Dialect(), source="shop", into=Path(out))
    return {"rows": count.accepted, "quarantined": count.quarantined}


def record_by_record(path: str, out: str) -> dict[str, object]:
    """By the careful part of it alone, as a file is read in which every block holds something odd."""
    from clientela.capture.files import csv_reader

    csv_reader._at_once = lambda *_: None  # type: ignore[assignment] # the fast way is taken away
    return careful(path, out)


def duckdb(path: str, out: str, *, threads: int) -> dict[str, object]:
    """By DuckDB's reader."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    connection.read_csv(path, all_varchar=True).write_parquet(out, compression="zstd")
    return {"rows": pq.read_metadata(out).num_rows}


def pandas(path: str, out: str) -> dict[str, object]:
    """By pandas' reader."""
    import pandas as pd

    pd.read_csv(path, dtype=str).to_parquet(out, compression="zstd")
    return {"rows": pq.read_metadata(out).num_rows}
