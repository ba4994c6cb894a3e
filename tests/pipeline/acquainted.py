"""A company whose people are known to two systems: a shop that sells, an office that writes letters."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clientela
from clientela.pipeline import serving
from clientela.workspace import Workspace, create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
SETTINGS = """
[run]
threads = {threads}

[[source]]
name = "shop"
table = "order_line"
path = "exports/orders-*.csv"
delivery = "upsert"

[[source]]
name = "shop"
table = "customer_record"
path = "exports/shop-*.csv"
delivery = "upsert"

[[source]]
name = "office"
table = "order_line"
path = "exports/letters-*.csv"
delivery = "upsert"

[[source]]
name = "office"
table = "customer_record"
path = "exports/office-*.csv"
delivery = "upsert"
"""
RECORD = (
    "record_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "birth_date",
    "created_at",
)
LINE = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue", "cost_of_goods")
Row = Sequence[object]

# Marta changed her address, Pepe writes his name another way, Lucía's was mistyped; Juan and Jesús are nobody else.
SHOP: tuple[Row, ...] = (
    ("s1", "Marta", "Quintanilla", "marta.q@gmail.com", "600111222", "Calle Mayor 3", "28013", "Madrid", "1980-02-03"),
    ("s2", "Pepe", "Zubizarreta", "", "611222333", "Calle Luna 9", "28004", "Madrid", "1975-05-06"),
    ("s3", "Lucía", "Fernández Ochoa", "lucia@ochoa.es", "622333444", "Avenida del Sol 12", "41001", "Sevilla", ""),
    ("s4", "Juan", "Ibarra", "juan.ibarra@gmail.com", "633444555", "Calle Norte 1", "48001", "Bilbao", "1990-01-01"),
)
OFFICE: tuple[Row, ...] = (
    ("9001", "Marta", "Quintanilla", "marta.q@gmail.com", "699888777", "Plaza Nueva 8", "08001", "Barcelona", ""),
    ("9002", "José", "Zubizarreta", "", "+34 611 222 333", "C/ Luna, 9", "28004", "Madrid", "1975-05-06"),
    ("9003", "Lucia", "Fernandes Ochoa", "LUCIA@ochoa.es", "", "Avda. Sol 12", "41001", "Sevilla", ""),
    ("9004", "Jesús", "Etxeberria", "jesus@etxe.eus", "644555666", "Calle Sur 4", "20001", "Donostia", "1966-06-06"),
)
SAME = (("s1", "9001"), ("s2", "9002"), ("s3", "9003"))


@dataclass(frozen=True, slots=True)
class Company:
    """A workspace with both systems."""

    workspace: Workspace

    @property
    def folder(self) -> Path:
        return self.workspace.folder

    def deliver(self, name: str, rows: Sequence[Row], header: Sequence[str] = RECORD) -> None:
        """Write one file; records that do not say when they were made were made in January."""
        told = [(*row, "2024-01-05")[: len(header)] if header is RECORD else row for row in rows]
        with (self.folder / "exports" / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *told])

    def order(self, name: str, *lines: tuple[str, str, float]) -> None:
        """Write orders: number, customer, money."""
        rows = [(number, 1, who, "2024-03-01 10:00:00", "p1", 1, money, "") for number, who, money in lines]
        self.deliver(name, rows, LINE)

    def rows(self, table: str, *columns: str, people: bool = False) -> list[tuple[Any, ...]]:
        """Some columns of a published table, in order."""
        return rows_of(self.folder, table, *columns, people=people)

    def customers(self) -> dict[str, int]:
        """The customer of each key."""
        refs = dict(self.rows("identity", "customer_ref", "record_id", people=True))
        return {refs[ref]: customer for ref, customer in self.rows("identity", "customer_ref", "customer_id")}

    def figures(self) -> dict[str, int]:
        """What the last run did, of the whole."""
        told = self.rows("identity_figure", "figure", "about", "value")
        return {figure: int(value) for figure, about, value in told if about == ""}


def rows_of(folder: Path, table: str, *columns: str, people: bool = False) -> list[tuple[Any, ...]]:
    """Some columns of a published table, in order."""
    from sqlglot import exp

    with serving.opened(folder) as (reader, _):
        place = exp.table_(table, db="main", catalog="people" if people else "facts")
        listed = [exp.column(each, quoted=True) for each in columns]
        told = reader.fetch(exp.select(*listed).from_(place)).to_pylist()
    return sorted((tuple(row.values()) for row in told), key=repr)


def company(folder: Path, *, settings: str = "", threads: int = 2, secret: str = "5e" * 32) -> Company:
    """A new workspace without any file."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / "secrets" / "pseudonym.key").write_text(secret)
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + settings + SETTINGS.format(threads=threads))
    return Company(clientela.open(folder))


def acquainted(folder: Path, **given: Any) -> Company:
    """The company with everything delivered, nothing run."""
    made = company(folder, **given)
    made.deliver("shop-1.csv", SHOP)
    made.deliver("office-1.csv", OFFICE)
    made.order("orders-1.csv", ("o1", "s1", 100.0), ("o2", "s2", 40.0), ("o3", "s4", 7.0))
    made.order("letters-1.csv", ("l1", "9001", 25.0), ("l2", "9002", 2.5), ("l3", "9004", 9.0))
    return made
