"""A shop of two districts with categories, one of which would be a script if a page did not escape it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.pipeline.company import HEADER, NOW, shop
from tests.web.conftest import visitors

SOURCES = """
[[source]]
name = "assortment"
table = "product"
path = "exports/products.csv"
delivery = "full"

[[source]]
name = "places"
table = "territory"
path = "exports/territories.csv"
delivery = "full"
"""
POLICY = """
[roles.without-categories]
description = "Sees all but which category a product is of."
rows = "everything"
columns = ["*", "!product.category"]
measures = ["*"]
"""
SCRIPT = "<script>alert(1)</script>"
PRODUCTS = [("p1", "Loaf", "Bread"), ("p2", "Roll", "Bread"), ("p3", "Pear", "Fruit"), ("p4", "Nail", SCRIPT)]
TERRITORIES = [("ES", "Spain", "", "nation"), ("N", "North", "ES", "region"), ("S", "South", "ES", "region")]
# Of each month of 2024: in the north 100 of bread and 40 of fruit, in the south 10 of bread and 3 of what is a script.
SOLD = [("N", "p1", 60), ("N", "p2", 40), ("N", "p3", 40), ("S", "p1", 10), ("S", "p4", 3)]
Visitor = Callable[..., TestClient]


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


@pytest.fixture(scope="session")
def districts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop, published; nobody changes it."""
    made = shop(tmp_path_factory.mktemp("districts") / "company", settings=SOURCES)
    lines: list[tuple[object, ...]] = []
    for month in range(1, 7):
        for place, product, money in SOLD:
            number, who = len(lines) + 1, f"c{place}{month % 3}"
            when = f"2024-{month:02}-10 11:30:00"
            lines.append((f"o{number}", "1", who, when, product, "1", money, money / 2, place, "shop"))
    _write(made.exports / "orders-1.csv", (*HEADER, "territory_id", "channel"), lines)
    _write(made.exports / "products.csv", ("product_id", "name", "category"), list(PRODUCTS))
    _write(made.exports / "territories.csv", ("territory_id", "name", "parent_id", "level"), list(TERRITORIES))
    (made.workspace.folder / "policy.toml").write_text(POLICY)
    made.workspace.run(now=NOW)
    return made.workspace.folder


@pytest.fixture
def exploring(districts: Path) -> Iterator[Visitor]:
    """``exploring("Ana", "executive")``: a browser with which Ana has come in to the shop of two districts."""
    with visitors(districts) as made:
        yield made
