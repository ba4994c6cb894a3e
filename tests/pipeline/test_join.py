"""Orders delivered as heads and lines say what the same orders say in one file, through a whole run."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipeline.company import NONE, NOW, Line, Shop, buying, shop
from tests.pipeline.light import take

JOIN = 'join = { path = "exports/heads-*.csv", on = "order_id" }'
HEAD = ("order_id", "customer_ref", "ordered_at")
LINE = ("order_id", "line_no", "product_id", "quantity", "net_revenue", "cost_of_goods")
WHOLE = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue", "cost_of_goods")


def orders() -> list[list[object]]:
    """Orders of two lines each, the lines of one order apart from each other."""
    bought = buying(12, days=120)
    second = [[order, "2", *rest] for order, _, *rest in bought]
    return [*bought, *second]


def parts(lines: Sequence[Line], number: int, of: int) -> list[Line]:
    """Every ``of``-th order."""
    names = sorted({str(line[0]) for line in lines})
    chosen = set(names[number::of])
    return [line for line in lines if line[0] in chosen]


def deliver_joined(made: Shop, name: str, lines: Sequence[Line], *, numbered: bool = True) -> None:
    """One delivery in two files."""
    cells = [dict(zip(WHOLE, line, strict=True)) for line in lines]
    heads = list({each["order_id"]: [each[column] for column in HEAD] for each in cells}.values())
    with (made.exports / f"heads-{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *heads])
    columns = [column for column in LINE if numbered or column != "line_no"]
    made.deliver(f"orders-{name}.csv", [[each[column] for column in columns] for each in cells], columns)


def deliver_whole(made: Shop, name: str, lines: Sequence[Line], *, numbered: bool = True) -> None:
    """The same delivery in one file."""
    columns = [column for column in WHOLE if numbered or column != "line_no"]
    kept = [[cell for cell, column in zip(line, WHOLE, strict=True) if column in columns] for line in lines]
    made.deliver(f"orders-{name}.csv", kept, columns)


@pytest.mark.parametrize(
    ("delivery", "numbered"), [("append", True), ("append", False), ("upsert", True), ("upsert", False), ("full", True)]
)
def test_heads_and_lines_are_the_same_orders_as_one_file(delivery: str, numbered: bool, tmp_path: Path) -> None:
    lines = orders()
    changed = [[*line[:6], float(str(line[6])) + 1, line[7]] for line in parts(lines, 0, 2)[::2]]
    deliveries = [parts(lines, 0, 2), changed if delivery == "upsert" else parts(lines, 1, 2)]
    found = []
    for folder, deliver, extra in (("whole", deliver_whole, ""), ("joined", deliver_joined, JOIN)):
        made = shop(tmp_path / folder, delivery=delivery, extra=extra, settings=NONE)
        secrets = made.workspace.folder / "secrets"
        if folder == "joined":  # the same pseudonyms
            shutil.rmtree(secrets)
            shutil.copytree(tmp_path / "whole" / "secrets", secrets)
        for number, each in enumerate(deliveries):
            deliver(made, f"{number}", each, numbered=numbered)
            assert take(made, number + 1).warnings == ()
        found.append(dict(made.workspace.fingerprints()))
    whole, joined = found
    assert joined == whole
    assert whole["order_line"][0] >= len(lines) / 2


def test_a_changed_head_changes_its_orders_and_a_lonely_line_is_bad(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", extra=JOIN + "\nmax_bad = 0.5", settings=NONE)
    lines = orders()[:20]
    deliver_joined(made, "1", lines)
    made.workspace.run(now=NOW)
    heads = made.exports / "heads-1.csv"
    text = heads.read_text().splitlines()
    heads.write_text("\n".join([text[0], text[1].replace(",c", ",new-c"), *text[2:-1]]) + "\n")
    done = made.workspace.run(now=NOW + timedelta(days=1))
    assert [(each.new_files, each.quarantined) for each in done.sources] == [(1, 1)]
    assert done.warnings == ()


def test_lines_wait_for_their_heads_and_the_rest_of_the_run_goes_on(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", extra=JOIN, settings=NONE)
    lines = orders()
    deliver_joined(made, "1", parts(lines, 0, 2))
    deliver_joined(made, "2", parts(lines, 1, 2))
    late = made.exports / "heads-2.csv"
    content = late.read_bytes()
    late.unlink()
    done = made.workspace.run(now=NOW)
    assert done.warnings == (
        "source 'shop': exports/orders-2.csv waits for the file of exports/heads-*.csv that belongs to it.",
    )
    assert done.tables["order_line"] == len(parts(lines, 0, 2))
    late.write_bytes(content)
    done = made.workspace.run(now=NOW + timedelta(days=1))
    assert (done.warnings, done.tables["order_line"]) == ((), len(lines))
