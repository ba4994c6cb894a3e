"""Order lines with their heads: what joins, what is bad and why, which files belong together."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from clientela.warehouse.store.landing import Landing
from tests.unit.capture.workspaces import Workspace, rows, states

SETTINGS = """
[[source]]
name = "shop"
table = "order_line"
path = "lines-*.csv"
join = { path = "heads-*.csv", on = "No" }
delivery = "upsert"
max_bad = 1.0
[source.columns]
order_id = "No"
line_no = "Pos"
ordered_at = "Date"
net_revenue = "Total"
channel = "Total (2)"
"""
LINES = "No,Pos,Total"
HEADS = "No,Date,Total"
FACTS = ("order_id", "line_no", "net_revenue", "channel", "_line")
BAD = ("line", "value", "rule")


def test_each_line_gets_its_head_and_a_second_name_gets_a_number(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", LINES, "1,1,5", "2,1,7", "1,2,6", " 3 ,1,8")
    shop.write("heads-1.csv", HEADS, "3,2024-01-03,phone", "1,2024-01-01,web", "2,2024-01-02,till", "1,2024-01-01,web")
    found = shop.conformed()
    assert rows(found.facts, *FACTS) == [
        ("1", "1", 5, "web", 2),
        ("1", "2", 6, "web", 4),
        ("2", "1", 7, "till", 3),
        ("3", "1", 8, "phone", 5),
    ]
    assert (found.count.accepted, found.count.quarantined) == (4, 0)


def test_every_line_is_accepted_bad_or_blank_and_bad_heads_are_told_too(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", LINES, "1,1,5", "4,1", ",,", ",1,9", "5,1,1", "3,1,8", "8,1,x")
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,web", "3,2024-01-03,c", "3,2024-01-03,d", "7", ",2024-01-01,e")
    found = shop.conformed()
    told = rows(found.quarantine, *BAD)
    assert rows(found.facts, "order_id") == [("1",)]
    assert told == [
        (3, "4,1", "2 cells where the header has 3"),
        (5, "", "it has no No, by which it would be joined to heads-1.csv"),
        (5, "7", "heads-1.csv: 1 cells where the header has 3"),
        (6, "", "heads-1.csv: a head without No, by which lines would find it"),
        (6, "5", "no head in heads-1.csv has its No"),
        (7, "3", "two heads in heads-1.csv have its No and say different things"),
        (8, "8", "no head in heads-1.csv has its No"),
    ]
    of_heads = sum(rule.startswith("heads-1.csv: ") for _, _, rule in told)
    count = found.count
    assert count.accepted + count.quarantined - of_heads + count.blank == 7  # lines below the header


def test_heads_that_no_line_is_for_are_counted_and_not_bad(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", LINES, "1,1,5")
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,web", "2,2024-01-01,web", "3,2024-01-01,web")
    (found,) = shop.run()
    assert (found.state.value, found.note) == ("landed", "heads-1.csv: 2 without any line in lines-1.csv.")
    assert [each.quarantined for each in shop.conform()] == [0]


def test_files_with_the_same_text_in_place_of_the_star_belong_together(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    for month, channel in (("01", "web"), ("02", "till")):  # one number means another order each month
        shop.write(f"lines-{month}.csv", LINES, f"{month}-1,1,5")
        shop.write(f"heads-{month}.csv", HEADS, f"{month}-1,2024-{month}-01,{channel}")
    shop.write("lines-03.csv", LINES, "1,1,5")
    found = shop.run()
    assert states(found) == [("lines-03.csv", "refused"), ("lines-01.csv", "landed"), ("lines-02.csv", "landed")]
    assert found[0].note == "source 'shop': lines-03.csv waits for the file of heads-*.csv that belongs to it."
    assert [rows(each.facts, "order_id", "channel") for each in shop.conform()] == [
        [("01-1", "web")],
        [("02-1", "till")],
    ]


def test_otherwise_all_heads_are_for_all_lines(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-a.csv", LINES, "1,1,5", "2,1,6")
    shop.write("lines-b.csv", LINES, "3,1,7")
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,web", "3,2024-01-01,till")
    shop.write("heads-2.csv", "No,Total,Date", "2,phone,2024-01-01")
    found = shop.run()
    assert [(each.path, each.state.value, each.note) for each in found] == [
        ("lines-a.csv", "landed", ""),
        ("lines-b.csv", "landed", ""),
    ]
    assert [rows(each.facts, "order_id", "channel") for each in shop.conform()] == [
        [("1", "web"), ("2", "phone")],
        [("3", "till")],
    ]


def test_a_file_that_fits_both_patterns_is_what_the_narrower_says(tmp_path: Path) -> None:
    narrow = SETTINGS.replace("lines-*.csv", "orders-*.csv").replace("heads-*.csv", "orders-heads-*.csv")
    shop = Workspace(tmp_path, narrow)
    shop.write("orders-1.csv", LINES, "1,1,5")
    shop.write("orders-heads-1.csv", HEADS, "1,2024-01-01,web")
    assert states(shop.run()) == [("orders-1.csv", "landed")]


def test_a_changed_head_is_a_new_arrival_and_an_equal_one_is_not(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", LINES, "1,1,5")
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,web")
    shop.run()
    assert states(shop.run()) == [("lines-1.csv", "unchanged")]
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,till")
    assert states(shop.run()) == [("lines-1.csv", "landed")]
    assert [rows(each.facts, "channel") for each in shop.conform()] == [[("web",)], [("till",)]]


def test_files_are_read_again_when_the_heads_format_is_stated_differently(tmp_path: Path) -> None:
    stated = SETTINGS.replace('on = "No" }', 'on = "No", format = { encoding = "cp1252" } }')
    shop = Workspace(tmp_path, stated)
    shop.write("lines-1.csv", LINES, "1,1,5")
    shop.write("heads-1.csv", HEADS, "1,2024-01-01,café")
    assert rows(shop.conformed().facts, "channel") == [("cafÃ©",)]
    shop.configure(SETTINGS)
    assert states(shop.run()) == [("lines-1.csv", "landed")]
    assert [rows(each.facts, "channel") for each in shop.conform()] == [[("café",)]]


@pytest.mark.parametrize("kind", ["json", "parquet", "xlsx"])
def test_heads_and_lines_of_any_format_join(kind: str, tmp_path: Path) -> None:
    lines = [{"No": 1, "Pos": 1, "Total": 5}, {"No": 2, "Pos": 1, "Total": 6}]
    heads = [{"No": 1, "Date": "2024-01-01", "Total": "web"}, {"No": 2, "Date": "2024-01-02", "Total": "till"}]
    for written, read in (
        ((lines, "csv"), (heads, kind)),
        ((lines, kind), (heads, "csv")),
        ((lines, kind), (heads, kind)),
    ):
        folder = tmp_path / f"{written[1]}-{read[1]}"
        folder.mkdir()
        settings = SETTINGS.replace("lines-*.csv", f"lines.{written[1]}").replace("heads-*.csv", f"heads.{read[1]}")
        shop = Workspace(folder, settings)
        for name, (records, form) in (("lines", written), ("heads", read)):
            save(folder / f"{name}.{form}", records, form)
        assert [row[:4] for row in rows(shop.conformed().facts, *FACTS)] == [
            ("1", "1", 5, "web"),
            ("2", "1", 6, "till"),
        ]


def save(path: Path, records: list[dict[str, object]], form: str) -> None:
    header = list(records[0])
    if form == "csv":
        cells = [header, *([str(value) for value in each.values()] for each in records)]
        path.write_text("".join(",".join(map(str, row)) + "\n" for row in cells))
    elif form == "json":
        path.write_text("".join(json.dumps(each) + "\n" for each in records))
    elif form == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    else:
        book = Workbook()
        assert book.active is not None
        for row in [header, *(list(each.values()) for each in records)]:
            book.active.append(row)
        book.save(path)


def test_several_columns_may_make_the_key(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS.replace('on = "No"', 'on = ["No", "Shop"]'))
    shop.write("lines-1.csv", "No,Shop,Pos,Total", "1,a,1,5", "1,b,2,6", "1,c,3,7")
    shop.write("heads-1.csv", "Shop,No,Date,Total", "a,1,2024-01-01,web", "b,1,2024-01-01,till")
    found = shop.conformed()
    assert rows(found.facts, "line_no", "channel") == [("1", "web"), ("2", "till")]
    assert rows(found.quarantine, *BAD) == [(4, "1, c", "no head in heads-1.csv has its No and Shop")]


@pytest.mark.parametrize(
    ("lines", "heads", "said"),
    [
        (
            "Nr,Pos,Total",
            HEADS,
            "lines-1.csv has no column 'No' to join on; known: 'Nr', 'Pos', 'Total'.",
        ),
        (
            LINES,
            "Nr,Date,Total",
            "heads-1.csv has no column 'No' to join on; known: 'Date', 'Nr', 'Total'.",
        ),
    ],
)
def test_a_file_without_the_key_is_refused(lines: str, heads: str, said: str, tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", lines, "1,1,5")
    shop.write("heads-1.csv", heads, "1,2024-01-01,web")
    (found,) = shop.run()
    assert found.state.value == "refused"
    assert found.note.startswith(f"source 'shop': {said}")


def test_without_heads_or_with_heads_that_cannot_be_read_the_lines_stay_out(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, SETTINGS)
    shop.write("lines-1.csv", LINES, "1,1,5")
    assert [each.note for each in shop.run()] == [
        "source 'shop': lines-1.csv stays out: no file fits join.path = 'heads-*.csv'."
    ]
    (tmp_path / "heads-1.csv").write_bytes(b"PAR1 nothing else")
    found = shop.run()
    assert {each.state.value for each in found} == {"refused"}
    assert Landing(tmp_path).arrivals() == ()
