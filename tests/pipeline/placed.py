"""A company with places, products, people, invoices and cases, small and made by chance, to see it with many rights."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import clientela
from clientela.cli.app import run as command
from clientela.workspace import Workspace, create

NOW = datetime(2024, 7, 1, 8, 0, tzinfo=UTC)
CUSTOMERS = 40
PLACES = {
    "world": ("World", "", ""),
    "north": ("North", "nation", "world"),
    "south": ("South", "nation", "world"),
    "coast": ("Coast", "region", "north"),
    "hills": ("Hills", "region", "north"),
    "plain": ("Plain", "region", "south"),
    "oslo": ("Oslo", "district", "coast"),
    "bergen": ("Bergen", "district", "coast"),
    "roros": ("Roros", "district", "hills"),
    "rome": ("Rome", "district", "plain"),
    "bari": ("Bari", "district", "plain"),
}
DISTRICTS = tuple(key for key, (_, level, _) in PLACES.items() if level == "district")
POLICY = """
[roles.plain-sales]
rows = "granted"
columns = ["*", "customer.full_name", "!*.cost_of_goods", "!invoice.paid_on"]
measures = ["*"]

[roles.stock]
rows = "granted"
columns = ["order_line.*", "product.*", "customer_territory.*", "!order_line.channel"]
measures = ["revenue", "orders", "sales", "customers"]

[roles.blind]
rows = "granted"
columns = ["*", "!order_line.territory_id"]
measures = ["*"]
"""
SOURCE = """
[[source]]
name = "{name}"
table = "{table}"
path = "{table}.csv"
delivery = "full"
"""


def home(customer: int) -> str:
    """The district where a customer buys."""
    return DISTRICTS[customer % len(DISTRICTS)]


def canaries(customer: int) -> tuple[str, ...]:
    """What stands in a customer's personal fields, and nowhere else."""
    return (f"Zq{customer:03}Nachname", f"zq{customer:03}@canary.example", f"Zq{customer:03}strasse 7")


def placed(folder: Path) -> Workspace:
    """The company, run once, with users: one manager of the north, one with two jobs, one who sells, and others."""
    create(folder, name="Placed", currency="EUR", timezone="UTC")
    rng = random.Random(7)  # noqa: S311 - a made-up company, no secret
    _write(folder, "territory", ("territory_id", "name", "level", "parent_id"), [(k, *v) for k, v in PLACES.items()])
    products = [(f"p{n}", f"Thing {n}", ("Garden", "Kitchen", "Toys")[n % 3], "XY"[n % 2]) for n in range(9)]
    _write(folder, "product", ("product_id", "name", "category", "brand"), products)
    _write(
        folder,
        "customer_record",
        ("record_id", "full_name", "email", "street", "city", "created_at"),
        [(f"c{n}", *canaries(n), home(n).title(), "2023-01-01") for n in range(CUSTOMERS)],
    )
    _write(
        folder,
        "order_line",
        ("order_id", "line_no", "customer_ref", "ordered_at", "kind", "product_id", "quantity", "net_revenue",
         "cost_of_goods", "channel", "territory_id"),
        [_line(rng, n) for n in range(600)],
    )  # fmt: skip
    _write(
        folder,
        "invoice",
        ("invoice_id", "customer_ref", "amount", "issued_on", "due_on", "paid_on"),
        [_invoice(rng, n) for n in range(120)],
    )
    _write(
        folder,
        "service_case",
        ("case_id", "customer_ref", "kind", "opened_at", "closed_at", "reason", "text"),
        [_case(rng, n) for n in range(80)],
    )
    toml = folder / "clientela.toml"
    tables = ("territory", "product", "customer_record", "order_line", "invoice", "service_case")
    toml.write_text(
        toml.read_text("utf-8") + "".join(SOURCE.format(name="shop", table=name) for name in tables), "utf-8"
    )
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    opened = clientela.open(folder)
    opened.run(now=NOW)
    for name, held in GRANTS.items():
        assert command(["user", "add", name, "-w", str(folder)]) == 0
        for role, *limits in held:
            given = ["user", "grant", name, "--role", role, *limits, "--from", "2020-01-01"]
            assert command([*given, "-w", str(folder)]) == 0
    return opened


GRANTS: dict[str, list[Sequence[str]]] = {
    "nora": [("manager", "--territory", "north")],
    "bea": [
        ("manager", "--territory", "coast"),
        ("marketing", "--product-line", "Garden"),
        ("stock", "--territory", "south"),
    ],
    "sam": [("plain-sales", "--territory", "plain")],
    "stu": [("stock", "--territory", "hills")],
    "ivy": [("analyst",)],
    "ada": [("administrator",)],
    "many": [("statistician",)],
    "blind": [("blind", "--territory", "north")],
}  # fmt: skip


def _line(rng: random.Random, number: int) -> Sequence[object]:
    customer = rng.randrange(CUSTOMERS)
    kind = rng.choice(("sale", "sale", "sale", "sale", "return", "shipping"))
    money = rng.randrange(100, 9999) / 100 * (-1 if kind == "return" else 1)
    where = rng.choice((home(customer), home(customer), home(customer), "", rng.choice(DISTRICTS)))
    day = date(2023, 1, 1) + timedelta(days=rng.randrange(0, 540))
    who = rng.choice((f"c{customer}", f"c{customer}", f"c{customer}", ""))
    cost = rng.choice(("", 70000 + number))  # so that no other number of the company reads as a cost
    channel = rng.choice(("web", "store", ""))
    return (f"o{number // 2}", number, who, day, kind, f"p{rng.randrange(9)}", 1, money, cost, channel, where)


def _invoice(rng: random.Random, number: int) -> Sequence[object]:
    issued = date(2024, 1, 1) + timedelta(days=rng.randrange(0, 150))
    paid = rng.choice(("", issued + timedelta(days=rng.randrange(5, 60))))
    who = f"c{rng.randrange(CUSTOMERS)}"
    return (f"i{number}", who, rng.randrange(100, 9999) / 100, issued, issued + timedelta(days=30), paid)


def _case(rng: random.Random, number: int) -> Sequence[object]:
    who = rng.randrange(CUSTOMERS)
    opened = date(2024, 1, 1) + timedelta(days=rng.randrange(0, 150))
    closed = rng.choice(("", opened + timedelta(days=4)))
    return (
        f"k{number}",
        f"c{who}",
        rng.choice(("complaint", "request")),
        opened,
        closed,
        "late",
        f"Zq{who:03}Wortlaut",
    )


def _write(folder: Path, table: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
