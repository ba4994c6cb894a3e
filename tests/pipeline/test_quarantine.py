"""Rows that broke a rule: what stays out, for how long, and what brings it in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from clientela.errors import NothingPublishedError, QualityGateError, UnknownNameError
from tests.pipeline.company import HEADER, NOW, Line, Shop, shop
from tests.pipeline.light import take


def order(number: int, revenue: object = 10, day: int = 1) -> list[object]:
    return [f"o{number}", "1", f"c{number % 7}", f"2024-06-{day:02d} 12:00:00", "p", "1", revenue, 5]


def orders(good: int, bad: int = 0, *, first: int = 0) -> list[Line]:
    return [order(first + n, "x" if n < bad else 10) for n in range(good + bad)]


def run(made: Shop, day: int = 0) -> tuple[int, tuple[str, ...]]:
    """Order lines that count after a run, and its warnings."""
    taken = take(made, day + 1)
    return taken.current["order_line"], taken.warnings


def add(made: Shop, line: str) -> None:
    """Say one thing more of the source, which stands last in the settings."""
    with (made.workspace.folder / "clientela.toml").open("a") as file:
        file.write(line + "\n")


def rows(made: Shop) -> list[tuple[str, int, str, str | None, str]]:
    return [
        (each.path.rpartition("/")[2], each.line, each.column, each.value, each.status)
        for each in made.workspace.quarantine().rows
    ]


@pytest.mark.parametrize("delivery", ["append", "upsert", "full"])
@pytest.mark.parametrize(("bad", "out"), [(10, False), (11, True)])
def test_one_in_a_hundred_may_be_bad_exactly(tmp_path: Path, delivery: str, bad: int, out: bool) -> None:
    made = shop(tmp_path / "w", delivery=delivery)
    made.deliver("orders-1.csv", orders(1000 - bad, bad))
    assert run(made)[0] == (0 if out else 1000 - bad)
    assert {each[-1] for each in rows(made)} == {"held" if out else "open"}
    assert len(rows(made)) == bad


@pytest.mark.parametrize(
    ("good", "bad", "rows_in"),
    [(0, 0, 0), (0, 1, 0), (2, 1, 2), (1, 2, 0)],
)
def test_in_a_small_file_one_row_may_be_bad_but_not_the_only_one(
    tmp_path: Path, good: int, bad: int, rows_in: int
) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", orders(good, bad))
    found, warnings = run(made)
    assert found == rows_in
    assert bool(warnings) == (rows_in < good or (good == 0 and bad > 0))


def test_a_share_that_binary_fractions_miss_is_exact(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", extra="max_bad = 0.29")  # 0.29 * 100 is 28.999… in a computer
    made.deliver("orders-1.csv", orders(71, 29))
    assert run(made)[0] == 71


@pytest.mark.parametrize(("delivery", "counted"), [("append", 30), ("upsert", 30), ("full", 10)])
def test_a_source_keeps_its_last_good_batches(tmp_path: Path, delivery: str, counted: int) -> None:
    made = shop(tmp_path / "w", delivery=delivery)
    for day in range(3):
        if delivery == "full" and day:
            (made.exports / f"orders-{day - 1}.csv").unlink()
        made.deliver(f"orders-{day}.csv", orders(10, first=10 * day))
        run(made, day)
    if delivery == "full":
        (made.exports / "orders-2.csv").unlink()
    made.deliver("orders-3.csv", orders(5, 5, first=30))
    found, warnings = run(made, 3)
    assert found == counted
    assert len(warnings) == 1
    assert "orders-3.csv stays out: 5 of its 10 rows are bad" in warnings[0]
    assert "clientela status --quarantine --source shop" in warnings[0]


def test_strict_publishes_nothing(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", orders(10))
    made.workspace.run(now=NOW)
    before = made.workspace.status().snapshot
    made.deliver("orders-2.csv", orders(5, 5, first=10))
    with pytest.raises(QualityGateError, match=r"nothing was published \(--strict\): .*orders-2.csv stays out"):
        made.workspace.run(now=NOW + timedelta(days=1), strict=True)
    assert made.workspace.status().snapshot == before
    done = made.workspace.run(now=NOW + timedelta(days=2))  # without it the rest is published
    assert (done.tables["order_line"], len(done.warnings)) == (10, 1)


def test_a_corrected_mapping_mends_and_doubles_nothing(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    comma = [order(n, f"{n},5" if n % 2 else "7") for n in range(10)]
    made.deliver("orders-1.csv", comma)
    assert run(made)[0] == 0
    assert {each[-1] for each in rows(made)} == {"held"}
    add(made, 'format = { decimal = "," }')
    assert run(made, 1) == (10, ())
    assert rows(made) == [("orders-1.csv", n + 2, "net_revenue", None, "mended") for n in range(1, 10, 2)]
    assert {each.mended_in for each in made.workspace.quarantine().rows} == {2}
    run(made, 2)
    assert {each.mended_in for each in made.workspace.quarantine().rows} == {2}  # remembered, not mended anew


def test_a_higher_max_bad_brings_the_good_rows_in_and_leaves_the_bad_ones_open(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", orders(8, 2))
    assert run(made)[0] == 0
    add(made, "max_bad = 0.2")
    assert run(made, 1) == (8, ())
    assert [each[-1] for each in rows(made)] == ["open", "open"]


@pytest.mark.parametrize(
    ("delivery", "name"),
    [("append", "orders-1-corrected.csv"), ("upsert", "orders-1.csv"), ("full", "orders-1-corrected.csv")],
)
def test_a_corrected_file_mends_what_was_held(tmp_path: Path, delivery: str, name: str) -> None:
    made = shop(tmp_path / "w", delivery=delivery)
    made.deliver("orders-1.csv", orders(8, 2))
    assert run(made)[0] == 0
    (made.exports / "orders-1.csv").unlink()
    made.deliver(name, orders(10))
    assert run(made, 1) == (10, ())
    assert rows(made) == [("orders-1.csv", n, "net_revenue", None, "mended") for n in (2, 3)]


def test_a_corrected_file_mends_single_rows_too(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", orders(300, 2))
    assert run(made)[0] == 300
    made.deliver("orders-1.csv", orders(301, 1))
    run(made, 1)
    assert sorted(rows(made), key=str) == [
        ("orders-1.csv", 2, "net_revenue", "x", "open"),
        ("orders-1.csv", 2, "net_revenue", None, "mended"),
        ("orders-1.csv", 3, "net_revenue", None, "mended"),
    ]


def test_other_orders_under_the_same_name_mend_nothing(tmp_path: Path) -> None:
    """Each day's file takes the place of the one of the day before."""
    made = shop(tmp_path / "w", delivery="append")
    made.deliver("orders-today.csv", orders(8, 2))
    run(made)
    made.deliver("orders-today.csv", orders(10, first=100))
    found, warnings = run(made, 1)
    assert found == 10
    assert len(warnings) == 1  # what was held is still missing, and is still said
    assert {each[-1] for each in rows(made)} == {"held"}


def test_a_full_delivery_that_no_longer_has_the_row_ends_it(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", delivery="full")
    made.deliver("orders-1.csv", orders(200, 1))
    run(made)
    assert [each[-1] for each in rows(made)] == ["open"]
    made.deliver("orders-1.csv", orders(150, first=1))
    run(made, 1)
    assert [each[3:] for each in rows(made)] == [(None, "mended")]


def test_a_line_that_is_no_record_says_where_it_stands(tmp_path: Path) -> None:
    made = shop(tmp_path / "w", extra="max_bad = 0.5")
    made.deliver("orders-1.csv", orders(3))
    path = made.exports / "orders-1.csv"
    path.write_text(path.read_text() + "o9;1;c1\n")
    run(made)
    (row,) = made.workspace.quarantine().rows
    assert (row.line, row.column, row.status, row.run) == (5, "", "open", 1)
    assert row.value is not None
    assert "o9;1;c1" in row.value


def test_rows_are_chosen_by_source_and_state(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    with pytest.raises(NothingPublishedError):
        made.workspace.quarantine()
    made.deliver("orders-1.csv", orders(300, 2))
    made.deliver("orders-2.csv", orders(5, 5, first=900))
    run(made)
    found = made.workspace.quarantine(limit=3)
    assert (len(found.rows), found.total, found.counts) == (3, 7, {"open": 2, "held": 5})
    assert [each.status for each in made.workspace.quarantine(status="open").rows] == ["open", "open"]
    assert made.workspace.quarantine(source="shop").total == 7
    with pytest.raises(UnknownNameError, match=r"unknown source 'shp'; .*Did you mean 'shop'"):
        made.workspace.quarantine(source="shp")
    with pytest.raises(UnknownNameError, match="unknown status 'opened'"):
        made.workspace.quarantine(status="opened")


def test_values_lie_in_the_people_file_alone(tmp_path: Path) -> None:
    made = shop(tmp_path / "w")
    lines = orders(300)
    lines[0] = [*lines[0][:6], "canary@example.org", 5]
    made.deliver("orders-1.csv", lines, header=HEADER)
    run(made)
    (row,) = made.workspace.quarantine().rows
    assert row.value == "canary@example.org"
    facts = next((made.workspace.folder / "snapshots").glob("facts-*.duckdb")).read_bytes()
    people = next((made.workspace.folder / "snapshots").glob("people-*.duckdb")).read_bytes()
    assert (b"canary" in facts, b"canary" in people) == (False, True)
