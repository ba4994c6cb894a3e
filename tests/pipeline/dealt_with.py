"""A company that invoices, asks how content its customers are, and sells in several categories; all drawn by chance."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tests.pipeline.company import Shop, shop

LAST = date(2024, 6, 30)
DAYS = 900
CATEGORIES = ("Coffee", "Tea", "Biscuits")
SECTORS = ("hotels", "offices")
HEADER = (
    "order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue", "discount",
)  # fmt: skip

SETTINGS = """
[[source]]
name = "shop"
table = "product"
path = "exports/products.csv"
delivery = "full"

[[source]]
name = "erp"
table = "customer_record"
path = "exports/customers.csv"
keys_of = "shop"
delivery = "full"
[source.constants]
kind = "organisation"

[[source]]
name = "erp"
table = "invoice"
path = "exports/invoices.csv"
keys_of = "shop"
delivery = "upsert"

[[source]]
name = "survey"
table = "survey_answer"
path = "exports/answers.csv"
keys_of = "shop"
delivery = "append"
[source.constants]
instrument = "nps"
about = "company"

[[source]]
name = "erp"
table = "preference"
path = "exports/stated.csv"
keys_of = "shop"
delivery = "upsert"
[source.constants]
basis = "stated"
"""


@dataclass(slots=True)
class Made:
    """What is delivered, by file; and of each customer what was drawn."""

    orders: list[Sequence[object]] = field(default_factory=list)
    invoices: list[Sequence[object]] = field(default_factory=list)
    answers: list[Sequence[object]] = field(default_factory=list)
    sector: list[str] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)


def made(customers: int, seed: int = 1) -> Made:
    """Customers of two sectors: hotels spend twice as much; each third pays late since a year; the unhappy buy less."""
    rng, told = np.random.default_rng(seed), Made()
    first = LAST - timedelta(days=DAYS - 1)
    for customer in range(customers):
        sector = SECTORS[customer % 2]
        told.sector.append(sector)
        told.late.append(customer % 3 == 0)
        size = (2.0 if sector == "hotels" else 1.0) * float(np.exp(rng.normal(0, 0.5)))
        liked = rng.dirichlet([2.0, 1.0, 1.0])
        gap = float(np.exp(rng.normal(3.0, 0.3)))
        asked, unhappy = int(rng.integers(300, 780)), customer % 4 == 1
        day = float(rng.integers(0, 30))
        while day < DAYS:
            on = first + timedelta(days=int(day))
            order = f"o{len(told.orders)}"
            money = 0.0
            for place in np.flatnonzero(rng.random(3) < 0.8):
                spent = round(float(size * 120 * liked[place] * rng.gamma(8.0, 0.125)) + 1, 2)
                cut = round(spent * 0.1, 2) if rng.random() < 0.2 else 0
                told.orders.append((order, place + 1, f"c{customer}", f"{on} 11:30:00", f"p{place}", 1, spent, cut))
                money += spent
            if money:
                due = on + timedelta(days=30)
                after = rng.integers(-20, 1) if not told.late[-1] or day < 500 else 45
                paid = due + timedelta(days=int(after))
                row = (f"i{order}", f"c{customer}", order, round(money, 2), on, due, paid if paid <= LAST else "")
                told.invoices.append(row)
            day += max(1.0, rng.exponential(gap * (2.5 if unhappy and day > asked else 1.0)))
        score = int(rng.integers(0, 7)) if unhappy else int(rng.integers(9, 11))
        told.answers.append((f"a{customer}", f"c{customer}", f"{first + timedelta(days=asked)} 18:00:00", score))
    return told


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def company(folder: Path, customers: int, *, settings: str = "") -> tuple[Shop, Made]:
    """A workspace with all these files delivered, not run yet."""
    kept, told = shop(folder, settings=SETTINGS + settings), made(customers)
    kept.deliver("orders-1.csv", told.orders, HEADER)
    write(kept.exports / "products.csv", ("product_id", "name", "category"), [
        (f"p{at}", f"House {name.lower()}", name) for at, name in enumerate(CATEGORIES)
    ])  # fmt: skip
    write(kept.exports / "customers.csv", ("record_id", "company", "sector", "payment_terms_days", "created_at"), [
        (f"c{at}", f"Firm number {at}", sector, 30 if at % 5 else 60, "2021-12-01 08:00:00")
        for at, sector in enumerate(told.sector)
    ])  # fmt: skip
    invoices = ("invoice_id", "customer_ref", "order_id", "amount", "issued_on", "due_on", "paid_on")
    write(kept.exports / "invoices.csv", invoices, told.invoices)
    write(kept.exports / "answers.csv", ("answer_id", "customer_ref", "answered_at", "score"), told.answers)
    write(kept.exports / "stated.csv", ("record_id", "topic", "value", "at"), [
        ("c2", "wallet", "9000", "2023-01-01 08:00:00"),
    ])  # fmt: skip
    return kept, told
