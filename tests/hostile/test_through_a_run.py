"""Hostile files in a company's workspace: the run publishes the rest, says what is wrong and keeps every bad row."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clientela
from clientela.workspace import Workspace, create
from tests.hostile.corpus import TEXTS, Case
from tests.pipeline.company import NONE
from tests.some import some

NOW = datetime(2024, 7, 1, 8, tzinfo=UTC)
ORDERS = """
[[source]]
name = "shop"
table = "order_line"
path = "orders.csv"
delivery = "append"
{extra}
[source.columns]
order_id = "No"
ordered_at = "Date"
net_revenue = "Total"
"""
HEADER = "No,Date,Total\n"
GOOD = "".join(f"{number},2024-0{1 + number % 6}-15,10.50\n" for number in range(300))
CUT = (HEADER + GOOD).encode("utf-16")[:-1]


def company(folder: Path, content: bytes, extra: str = "", name: str = "orders.csv") -> Workspace:
    """A workspace with one file of orders."""
    create(folder, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (folder / name).write_bytes(content)
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + NONE + ORDERS.format(extra=extra))
    return clientela.open(folder)


def quarantined(workspace: Workspace) -> list[tuple[int, str, str | None]]:
    """The bad rows that were published: line, column and value."""
    import duckdb

    from clientela.warehouse.store.snapshot import current

    snapshot = current(workspace.folder)
    assert snapshot is not None
    with duckdb.connect(str(snapshot.paths["people"]), read_only=True) as connection:
        found = connection.execute("select line, column_name, value from quarantine order by line, column_name")
        return found.fetchall()


# what follows the good rows, and the line, column and value of each row that must be in quarantine
SPOILED: dict[str, tuple[bytes, list[tuple[int, str, str | None]]]] = {
    "a quote that is not closed": (b'x1,2024-01-15,"5\nx2,2024-01-16,6\n', [(302, "", 'x1,2024-01-15,"5')]),
    "nul": (b"x1,2024-01-15,5\x00\n", [(302, "", "x1,2024-01-15,5\x00")]),
    "a byte of latin-1": (b"caf\xe9,2024-01-15,5\n", [(302, "", "caf\\xe9,2024-01-15,5")]),
    "a day that is not": (b"x1,2023-02-29,5\n", [(302, "Date", "2023-02-29")]),
    "a date that could be two": (b"x1,01/02/2024,5\n", [(302, "Date", "01/02/2024")]),
    "a year of two digits": (b"x1,24-02-01,5\n", [(302, "Date", "24-02-01")]),
    "infinity": (b"x1,2024-01-15,inf\n", [(302, "Total", "inf")]),
    "hexadecimal": (b"x1,2024-01-15,0x10\n", [(302, "Total", "0x10")]),
    "more than money can be": (b"x1,2024-01-15,123456789012345\n", [(302, "Total", "123456789012345")]),
    "a row of totals": (b",,3150.00\n", [(302, "Date", None), (302, "No", None)]),
    "no newline at the end": (b"x1,2024-01-15", [(302, "", "x1,2024-01-15")]),
}


@pytest.mark.parametrize("name", some(SPOILED, one_in=2))
def test_one_bad_row_is_kept_apart_and_the_run_publishes_the_rest(name: str, tmp_path: Path) -> None:
    spoiled, expected = SPOILED[name]
    workspace = company(tmp_path / "shop", (HEADER + GOOD).encode() + spoiled)
    done = workspace.run(now=NOW)
    assert quarantined(workspace) == expected
    assert done.tables["order_line"] == 300 + spoiled.count(b"x2")


UNREADABLE = {
    "cut within a character of utf-16": (Case(CUT), "is not utf-16 text (truncated data)"),
    "no utf-32": (TEXTS["encodings"]["utf-32 that is none"], ""),
    "a broken header": (TEXTS["quotes"]["never closed, in the header"], "the header of orders.csv cannot be read"),
    "nothing": (TEXTS["shapes"]["nothing"], "orders.csv is empty"),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace that has run with a good file, to be copied."""
    workspace = company(tmp_path_factory.mktemp("ran") / "shop", (HEADER + GOOD).encode())
    workspace.run(now=NOW)
    return workspace.folder


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_stays_out_whole_and_what_was_there_stays(
    name: str, ran: Path, tmp_path: Path
) -> None:
    case, said = UNREADABLE[name]
    workspace = clientela.open(Path(shutil.copytree(ran, tmp_path / "shop")))
    (tmp_path / "shop" / "orders.csv").write_bytes(case.content)
    done = workspace.run(now=NOW)
    assert [warning for warning in done.warnings if (said or case.refused) in warning]
    assert done.tables["order_line"] == 300


@pytest.mark.parametrize(
    "day",
    some(["9999-12-31", "9999-12-31 23:59:59", "1000-01-01", "2100-07-01 12:00", "1899-12-30"], one_in=2),
)
def test_a_day_of_another_age_breaks_nothing(day: str, tmp_path: Path) -> None:
    workspace = company(tmp_path / "shop", f"{HEADER}{GOOD}x1,{day},5\n".encode())
    done = workspace.run(now=NOW)
    assert done.tables["order_line"] + len(quarantined(workspace)) == 301
    assert workspace.ask("sales-trend").to_text()


def test_the_command_ends_with_1_and_names_the_file_that_stayed_out(tmp_path: Path) -> None:
    company(tmp_path / "shop", CUT)
    done = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "-w", str(tmp_path / "shop")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "orders.csv is not utf-16 text (truncated data)" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode != 0


NAMES = ["or ders.csv", "pedidos año.csv", "注文.csv", "a'b\"c.csv", "a;b$c.csv", "#1 %20.csv", "-rf.csv", "a\\b.csv"]


@pytest.mark.parametrize("name", some([*NAMES, "a\nb.csv"], one_in=2))
def test_a_file_may_be_called_as_it_likes(name: str, tmp_path: Path) -> None:
    workspace = company(tmp_path / "shop", (HEADER + GOOD + "x1,2024-01-15,?\n").encode(), name=name)
    toml = tmp_path / "shop" / "clientela.toml"
    toml.write_text(toml.read_text().replace('"orders.csv"', '"*.csv"'))
    done = clientela.open(workspace.folder).run(now=NOW)
    assert done.tables["order_line"] == 300
    assert quarantined(workspace) == [(302, "Total", "?")]


@pytest.mark.parametrize("name", ["orders[1].csv", "orders*.csv", "what?.csv", "[a-z].csv"])
def test_a_file_named_like_a_pattern_is_found_by_its_own_name(name: str, tmp_path: Path) -> None:
    workspace = company(tmp_path / "shop", (HEADER + GOOD).encode(), name=name)
    toml = tmp_path / "shop" / "clientela.toml"
    toml.write_text(toml.read_text().replace('"orders.csv"', f'"{name}"'))
    assert clientela.open(workspace.folder).run(now=NOW).tables["order_line"] == 300


@pytest.mark.parametrize("name", ["of [b]*", "año nuevo", "it's", "a;b,c"])
def test_a_workspace_may_lie_anywhere(name: str, tmp_path: Path) -> None:
    workspace = company(tmp_path / name, (HEADER + GOOD).encode())
    assert workspace.run(now=NOW).tables["order_line"] == 300
    assert workspace.ask("sales-trend").to_text()
