"""UCI Online Retail as a Spanish shop would export it: semicolons, decimal commas, days before months."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HEADER = (
    "Nº factura",
    "Código artículo",
    "Descripción",
    "Cantidad",
    "Fecha factura",
    "Precio unitario",
    "Código cliente",
    "País",
)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the rows that were written add up to, in Python's own decimals."""

    lines: int
    revenue: Decimal
    customers: int
    buyers: int  # customers with a sale, not only returns
    of_buyers: Decimal
    quarters: dict[str, Decimal]  # by the first day


def write(data: Path, into: Path, *, lines: int | None = None) -> Sums:
    """Write the set (or its first lines) as ``ventas.csv`` in a folder; its sums."""
    table = pq.read_table(data / "online_retail" / "online_retail.parquet")
    if lines is not None:
        # every so many invoices whole, so that customers come again through the year
        invoices = sorted(set(table.column("InvoiceNo").to_pylist()))
        kept = set(invoices[:: max(1, len(invoices) * 21 // lines)])
        table = table.filter(pa.array([each in kept for each in table.column("InvoiceNo").to_pylist()])).slice(0, lines)
    revenue = Decimal(0)
    of_person: dict[int, Decimal] = {}
    buyers: set[int] = set()
    quarters: dict[str, Decimal] = {}
    into.mkdir(parents=True, exist_ok=True)
    with (into / "ventas.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEADER)
        for row in table.to_pylist():
            price = Decimal(str(row["UnitPrice"]))
            when, person = row["InvoiceDate"], row["CustomerID"]
            out.writerow(
                [row["InvoiceNo"], row["StockCode"], row["Description"] or "", row["Quantity"],
                 f"{when:%d/%m/%Y %H:%M}", str(price).replace(".", ","), "" if person is None else person,
                 row["Country"]]
            )  # fmt: skip
            money = price * row["Quantity"]
            revenue += money
            first = f"{when.year}-{when.month - (when.month - 1) % 3:02d}-01"
            quarters[first] = quarters.get(first, Decimal(0)) + money
            if person is not None:
                of_person[person] = of_person.get(person, Decimal(0)) + money
                if row["Quantity"] > 0 and money >= 0:
                    buyers.add(person)
    spent = sum((of_person[each] for each in buyers), Decimal(0))
    return Sums(table.num_rows, revenue, len(of_person), len(buyers), spent, quarters)
