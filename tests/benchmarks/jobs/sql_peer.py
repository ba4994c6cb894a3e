"""The same tables by hand: DuckDB and one script, for one file that is known to be clean."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import duckdb

SCRIPT = Path(__file__).with_suffix(".sql")
STEP = re.compile(r"^-- step: (\w+)$", re.MULTILINE)


def build(
    orders: str,
    folder: str,
    *,
    as_of: str,
    now: str,
    secret: str,
    horizon_days: int,
    sample_permille: int,
    parameters: dict[str, float],
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
        "secret": secret,
        "horizon_days": horizon_days,
        "sample_permille": sample_permille,
        **parameters,
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
    seconds = _steps(connection)
    connection.execute("use memory")
    connection.close()
    _publish(into)
    return {"steps": seconds}


def _steps(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    seconds = {}
    _, *pieces = STEP.split(SCRIPT.read_text(encoding="utf-8"))
    for name, statements in zip(pieces[::2], pieces[1::2], strict=True):
        began = perf_counter()
        for statement in statements.split(";"):
            if statement.strip():
                connection.execute(statement)
        seconds[name] = round(perf_counter() - began, 2)
    return seconds


def _publish(folder: Path) -> None:
    for name in ("facts", "people"):
        built = folder / f"{name}.build"
        with built.open("rb") as file:
            os.fsync(file.fileno())
        built.rename(folder / f"{name}.duckdb")
