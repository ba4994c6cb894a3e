"""A query answered in a process of its own: what is loaded for it is the engine and a snapshot, nothing of who asks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlglot

from clientela.errors import ClientelaError
from clientela.warehouse.store.snapshot import Reader, retained

_ENGINE_MEMORY = "1GB"


def answered(folder: str, snapshot: str, sql: str, parameters: dict[str, object], people: bool) -> dict[str, Any]:
    """In the child: the rows of a query that was narrowed and written anew, as JSON takes them."""
    found = next((each for each in retained(Path(folder)) if each.name == snapshot), None)
    if found is None:
        return {"failed": f"snapshot {snapshot} is gone; ask again."}
    try:
        with Reader(found, people=people, threads=2, memory_limit=_ENGINE_MEMORY, looked=True) as reader:
            table = reader.fetch(sqlglot.parse_one(sql, dialect="duckdb"), parameters)
    except ClientelaError as error:
        return {"failed": str(error)}
    return {
        "columns": table.column_names,
        "types": [str(each) for each in table.schema.types],
        "rows": [[_plain(value) for value in row] for row in zip(*table.to_pydict().values(), strict=True)],
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
