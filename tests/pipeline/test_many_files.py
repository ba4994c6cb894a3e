"""However many files were ever delivered, a run names few of them, and says what it would say of each on its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlglot import exp

import clientela
from clientela.capture.kept import collected
from clientela.warehouse.engine import Engine, Written
from clientela.warehouse.store.snapshot import current
from tests.pipeline.company import NONE, NOW, Shop, shop

OTHERS = """
[[source]]
name = "shop"
table = "customer_record"
path = "exports/people-*.csv"
delivery = "upsert"

[[source]]
name = "shop"
table = "product"
path = "exports/products.csv"
delivery = "full"
"""
ALONE = 10**9  # so many batches never come


def lines(number: int) -> Iterator[list[object]]:
    """Five lines of a day; the first is one of the day before with another amount, one of the third has no day."""
    for order in range(number * 4 - 1, number * 4 + 4):
        day = "never" if (number, order % 4) == (3, 1) else date(2024, 1, 1) + timedelta(days=order // 4)
        yield [f"o{order}", 1, f"c{order % 7}", day, "p1", 1, order + number, 1]


def deliver(made: Shop, *numbers: int) -> None:
    for number in numbers:
        made.deliver(f"orders-{number:04}.csv", lines(number))
        people = [[f"c{number % 7}", f"Ana {number}", f"c{number % 3}@example.org", "2023-01-01"]]
        made.deliver(f"people-{number:04}.csv", people, ["record_id", "full_name", "email", "created_at"])
        made.deliver("products.csv", [["p1", f"Tea {number}", 1]], ["product_id", "name", "unit_cost"])


def told(made: Shop) -> dict[str, list[str]]:
    """Every row of both published files; when a run ended is not compared."""
    snapshot = current(made.workspace.folder)
    assert snapshot is not None
    found = {}
    with Engine.in_memory() as engine:
        for file, path in snapshot.paths.items():
            engine.attach(path, file, read_only=True)
            for table in engine.tables(file) - {"run"}:
                rows = engine.fetch(exp.select("*").from_(exp.table_(table, db="main", catalog=file)))
                found[f"{file}.{table}"] = sorted(map(repr, rows.to_pylist()))
    return found


@pytest.mark.slow  # six whole runs
def test_what_is_kept_together_says_what_each_file_says_on_its_own(tmp_path, monkeypatch):
    said = []
    for fan in (ALONE, 2):
        monkeypatch.setattr(collected, "FAN", fan)
        made = shop(tmp_path / str(fan), extra="max_bad = 0.5", settings=OTHERS + NONE)
        if said:  # the same pseudonyms
            shutil.copytree(tmp_path / str(ALONE) / "secrets", tmp_path / str(fan) / "secrets", dirs_exist_ok=True)
        opened = clientela.open(made.workspace.folder)
        for day, numbers in enumerate([(1, 2, 3), (4, 5), (6, 7)], start=1):
            deliver(made, *numbers)
            if day == 2:
                shutil.copy(made.exports / "orders-0003.csv", made.exports / "orders-0001.csv")  # it comes again
            opened.run(now=NOW + timedelta(days=day))
        said.append(told(made))
        kept = list((made.workspace.folder / "landing" / "conformed").glob(f"{collected.PREFIX}*"))
        assert bool(kept) == (fan == 2)
    alone, together = said
    assert alone.keys() == together.keys()
    for table, rows in alone.items():
        assert together[table] == rows, table


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of every statement an engine gets."""
    said: list[str] = []

    def noting(before: Any) -> Any:
        def noted(self: Engine, tree: exp.Expr | Written, *given: Any, **named: Any) -> Any:
            said.append(tree.sql if isinstance(tree, Written) else tree.sql(dialect="duckdb"))
            return before(self, tree, *given, **named)

        return noted

    for name in ("run", "fetch", "column_types"):
        monkeypatch.setattr(Engine, name, noting(getattr(Engine, name)))
    return said


def test_a_run_names_no_more_files_the_more_were_delivered(tmp_path, statements):
    made = shop(tmp_path / "w", extra="max_bad = 0.5", settings=OTHERS + NONE)
    opened = clientela.open(made.workspace.folder)
    asked = []
    for day, numbers in enumerate([range(1, 3), range(3, 19), range(19, 21)], start=1):
        deliver(made, *numbers)
        statements.clear()
        opened.run(now=NOW + timedelta(days=day))
        files = sum(len(re.findall(r"\.parquet'", each)) for each in statements)
        asked.append((len(statements), sum(map(len, statements)), files))
    few, _, many = asked  # each with two new files of orders and two of people; of 5 files, and of 41
    assert many[0] <= few[0] * 1.2, asked
    assert many[1] <= few[1] * 1.3, asked
    assert many[2] <= few[2] * 2.5, asked
    typed = list((made.workspace.folder / "landing" / "conformed").iterdir())
    assert len(typed) <= 10, "40 files of orders and people lie in few folders; three products came in full"
