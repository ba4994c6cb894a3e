"""A workspace of a few files, landed and conformed in memory of one test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela.capture.arrive import Delivery, land
from clientela.capture.conform import Conformed, conform
from clientela.config import load
from clientela.warehouse.engine import Engine, read_parquet
from clientela.warehouse.store.landing import Landing

SECRET = b"k" * 32
COMPANY = '[company]\nname = "Corner Shop"\ncurrency = "EUR"\ntimezone = "Europe/Madrid"\n'
ORDERS = """
[[source]]
name = "shop"
table = "order_line"
path = "orders*.csv"
delivery = "upsert"
[source.columns]
order_id = "No"
ordered_at = "Date"
net_revenue = "Total"
"""


class Workspace:
    """A folder with settings and files; ``run`` lands, ``conform`` types."""

    def __init__(self, folder: Path, settings: str = ORDERS, company: str = COMPANY) -> None:
        self.folder = folder
        self.configure(settings, company)
        self.runs = 0

    def configure(self, settings: str, company: str = COMPANY) -> None:
        (self.folder / "clientela.toml").write_text(company + settings, encoding="utf-8")

    def write(self, name: str, *lines: str, encoding: str = "utf-8") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))

    def now(self) -> datetime:
        return datetime(2024, 6, 1, 6, tzinfo=UTC) + timedelta(days=self.runs)

    def run(self) -> tuple[Delivery, ...]:
        self.runs += 1
        return land(load(self.folder, {}), self.folder, Landing(self.folder), run=self.runs, now=self.now())

    def conform(self, secret: bytes = SECRET) -> tuple[Conformed, ...]:
        with Engine.in_memory(threads=1) as engine:
            return conform(load(self.folder, {}), self.folder, Landing(self.folder), engine, secret)

    def conformed(self, secret: bytes = SECRET) -> Conformed:
        """Land and type the only file there is."""
        self.run()
        return self.conform(secret)[0]


def states(deliveries: Sequence[Delivery]) -> list[tuple[str, str]]:
    return [(each.path, each.state.value) for each in deliveries]


def rows(path: Path | None, *names: str) -> list[tuple[Any, ...]]:
    """Columns of a Parquet file, rows in order."""
    if path is None:
        return []
    with Engine.in_memory(threads=1) as engine:
        listed = [exp.column(exp.to_identifier(name, quoted=True)) for name in names]
        table = engine.fetch(exp.select(*listed).from_(read_parquet([path])).order_by(*listed))
    return [tuple(row.values()) for row in table.to_pylist()]
