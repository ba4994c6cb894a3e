"""`clientela segment`, `records`, `members`, and figures across and by levels, as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.errors import NOT_PERMITTED, USAGE
from clientela.workspace import create
from tests.interfaces.marked import marked

Call = Callable[..., tuple[int, str, str]]
ORDERS = "order_id,customer_ref,ordered_at,net_revenue,territory_id,channel\n" + "".join(
    f"{number},{customer},{day},{money},{place},{channel}\n"
    for number, (customer, day, money, place, channel) in enumerate(
        [
            ("ana", "2024-01-05", 100, "madrid", "web"),
            ("ana", "2024-02-05", 50, "madrid", "web"),
            ("ana", "2024-03-05", 30, "madrid", "=store"),
            ("ben", "2024-02-06", 30, "bilbao", "web"),
            ("ben", "2024-03-09", 20, "bilbao", "web"),
            ("ben", "2024-03-10", 5, "bilbao", "web"),
            ("cid", "2024-03-08", 300, "bilbao", "web"),
        ]
    )
)
PLACES = "territory_id,name,level,parent_id\nmadrid,Madrid,district,\nbilbao,Bilbao,district,\n"
SETTINGS = """
[[source]]
name = "shop"
table = "order_line"
path = "orders.csv"
delivery = "upsert"
[[source]]
name = "shop"
table = "territory"
path = "places.csv"
delivery = "full"
[segment.loyal]
where = "orders >= 3"
title = { en = "Loyal", es = "Fieles" }
owner = "ana"
[segment.earners]
where = "margin > 0 or revenue > 200"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("company") / "w"
    create(made, name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    (made / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (made / "places.csv").write_text(PLACES, encoding="utf-8")
    toml = made / "clientela.toml"
    toml.write_text(toml.read_text("utf-8") + SETTINGS, encoding="utf-8")
    clientela.open(made).run(now=datetime(2024, 4, 1, 8, tzinfo=UTC))
    grants = {
        "lucia": ("manager", "--territory", "bilbao"),
        "mara": ("marketing", "--territory", "bilbao"),
        "noor": ("statistician",),
    }
    for name, (role, *limits) in grants.items():
        assert command(["user", "add", name, "-w", str(made)]) == 0
        assert command(["user", "grant", name, "--role", role, *limits, "-w", str(made)]) == 0
    return made


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = command([*arguments, "-w", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def customers(folder: Path) -> dict[str, str]:
    said = "select record_id, customer_id from people.identity as p join identity using (customer_ref)"
    return {str(key): str(number) for key, number in clientela.open(folder).sql(said).rows}


def test_segments_are_listed_with_how_many_are_in_each(call: Call) -> None:
    code, out, _ = call("segment", "list", "--lang", "es")
    assert code == 0
    shares = [["earners", "1", "33,3"], ["loyal", "2", "66,7"]]  # the sign stands after a space in Spanish
    assert [line.split()[:3] for line in out.splitlines()[1:3]] == shares
    assert "Fieles" in out
    told = json.loads(call("segment", "list", "--json")[1])
    assert [(each["name"], each["size"], each["version"]) for each in told["segments"]] == [
        ("earners", 1, 1),
        ("loyal", 2, 1),
    ]


def test_what_is_told_of_segments_is_told_in_the_language(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    marked(monkeypatch)
    told = call("segment", "list", "--lang", "es")[1].splitlines()
    assert [told[0], told[-1]] == [
        "«Segments as of 2024-03-11»",
        "«A customer may be in several; there is 3 customer.»",
    ]
    hidden = call("segment", "list", "--lang", "es", "--as", "noor")[1].splitlines()
    assert "«hidden»" in hidden[1]
    assert hidden[-2:] == [
        "«A customer may be in several.»",
        "«Hidden is a segment that fewer than 10 customers are in, or that all but so few are in.»",
    ]
    shown = call("segment", "show", "loyal", "--lang", "es")[1].splitlines()
    assert shown == [
        "loyal: Fieles",
        "«Where: orders >= 3»",
        "«Owner: ana»",
        "«2 customer is in it as of 2024-03-11.»",
        "",
        "«Versions:»",
        "  1  «from the first fact on»",
        "     orders >= 3",
    ]


def test_who_sees_a_part_of_the_company_sees_that_part_of_a_segment(call: Call, folder: Path) -> None:
    number = customers(folder)
    told = json.loads(call("segment", "members", "loyal", "--as", "lucia", "--json")[1])
    assert [row[0] for row in told["rows"]] == [number["ben"]]
    assert call("segment", "why", "loyal", "--customer", number["ana"], "--as", "lucia")[0] == USAGE
    told = json.loads(call("segment", "count", "orders >= 3", "--as", "lucia", "--json")[1])
    assert (told["fitting"], told["customers"]) == (1, 2)


def test_what_a_measure_came_to_is_hidden_from_who_lacks_measures(call: Call, folder: Path) -> None:
    number = customers(folder)["ben"]
    told = json.loads(call("segment", "why", "loyal", "--customer", number, "--as", "mara", "--json")[1])
    assert told["stays"][0]["entered"]["by"] == "orders >= 3"
    assert told["stays"][0]["entered"]["now"] is None
    assert call("segment", "count", "margin > 0", "--as", "mara")[0] == NOT_PERMITTED
    assert call("records", "segment_member", "entered_is", "--as", "mara")[0] == NOT_PERMITTED


def test_who_sees_figures_of_many_sees_sizes_alone_and_none_of_few(call: Call) -> None:
    told = json.loads(call("segment", "list", "--as", "noor", "--json")[1])
    assert [each["size"] for each in told["segments"]] == [None, None]
    assert told["customers"] is None
    for asked in (
        ("segment", "members", "loyal"),
        ("segment", "count", "orders >= 3"),
        ("segment", "why", "loyal", "--customer", "1"),
        ("records", "order_line"),
        ("members", "channel"),
        ("query", "customers", "--by", "segment"),
        ("query", "customers", "--where", "segment = 'loyal'"),
    ):
        assert call(*asked, "--as", "noor")[0] == NOT_PERMITTED, asked


def test_why_names_the_fact_in_words(call: Call, folder: Path) -> None:
    out = call("segment", "why", "loyal", "--customer", customers(folder)["ben"])[1]
    assert "in: orders >= 3, 2 -> 3 by order_line shop / 5 / 1 of 2024-03-10" in " ".join(out.split())


def test_why_and_how_many_are_said_in_the_language(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked(monkeypatch)
    number = customers(folder)["ben"]
    told = call("segment", "why", "loyal", "--customer", number, "--lang", "es")[1].splitlines()
    assert [told[0], told[2]] == [f"«Customer {number} is in 'loyal' as of 2024-03-11.»", "«How the conditions stand:»"]
    assert told[5] == "«From 2024-03-11 until now (version 1)»"
    turned = " ".join(" ".join(told[6:]).split())
    assert turned == "«in: ««orders >= 3, 2 -> 3» by order_line shop / 5 / 1 of 2024-03-10»»"
    counted = call("segment", "count", "orders >= 3", "--lang", "es")[1].splitlines()
    assert counted[0].startswith("«2 of 3 customer (66,7") and counted[0].endswith(" as of 2024-03-11 fits:»")
    assert (
        call("segment", "count", "orders >= 3")[1].splitlines()[0] == "2 of 3 customers (66.7%) as of 2024-03-11 fit:"
    )
    for asked in (("why", "loyal", "--customer", number), ("count", "orders >= 3")):
        assert call("segment", *asked, "--lang", "fr")[0] == USAGE


def test_rows_come_page_by_page_and_none_twice(call: Call) -> None:
    found: list[str] = []
    cursor: list[str] = []
    while True:
        asked = ("records", "order_line", "order_id", "net_revenue", "--order", "channel", "--limit", "2", "--json")
        told = json.loads(call(*asked, *cursor)[1])
        found += [row[0] for row in told["rows"]]
        if told["next_cursor"] is None:
            break
        cursor = ["--cursor", told["next_cursor"]]
    assert sorted(found) == ["0", "1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("cursor", ["abc", "W10", "WzFd", "é", "x" * 5000])
def test_a_cursor_of_something_else_is_one_sentence(call: Call, cursor: str) -> None:
    code, out, err = call("records", "order_line", "order_id", "--cursor", cursor)
    assert (code, out) == (USAGE, "")
    assert err.strip() == "clientela: the cursor does not belong to this question; ask for the first page again."


def test_rows_are_written_so_that_no_spreadsheet_computes_them(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    asked = ("records", "order_line", "order_id", "channel", "--where", "channel = '=store'", "--csv", str(file))
    assert call(*asked)[0] == 0
    assert file.read_text("utf-8-sig").splitlines() == ["order_id,channel", "2,'=store"]


def test_members_are_what_a_filter_may_name(call: Call) -> None:
    assert call("members", "channel")[1].split() == ["=store", "web"]
    assert call("members", "channel", "--like", "we")[1].split() == ["web"]
    assert call("members", "segment")[1].split() == ["earners", "loyal"]
    assert call("members", "chanel")[0] == USAGE
    assert call("members", "channel", "--as", "lucia")[1].split() == ["web"]


def test_a_pivot_is_a_table_of_at_most_eighty_columns(call: Call) -> None:
    code, out, _ = call("query", "revenue", "customers", "basket", "--by", "channel", "--pivot", "month")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    told = json.loads(call("query", "customers", "--by", "channel", "--pivot", "month", "--json")[1])
    assert [each["name"] for each in told["columns"]][1:] == [
        *("customers[2024-01]", "customers[2024-02]", "customers[2024-03]", "customers[Total]"),
    ]
    assert told["total"] == [None, 1, 2, 3, 3]


def test_subtotals_say_at_which_level_each_row_is(call: Call) -> None:
    told = json.loads(call("query", "customers", "--by", "channel", "month", "--subtotals", "--json")[1])
    assert told["levels"] == [2, 1, 2, 2, 2, 1]
    assert [row[2] for row, level in zip(told["rows"], told["levels"], strict=True) if level == 1] == [1, 3]


def test_a_drill_holds_to_a_member_and_goes_one_level_down(call: Call) -> None:
    told = json.loads(call("query", "revenue", "--by", "quarter", "--drill", "quarter=2024-Q1", "--json")[1])
    assert [row[0] for row in told["rows"]] == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert call("query", "revenue", "--by", "quarter", "--drill", "quarter")[0] == USAGE
