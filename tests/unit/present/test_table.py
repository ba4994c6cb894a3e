import csv
import dataclasses
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from clientela.contracts.insight import Table
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, text
from clientela.present import cells
from clientela.present.arrow import arrow_table
from clientela.present.document import insight_json, plain_value
from clientela.present.plain import plain
from clientela.present.table import csv_link, table_csv, table_view
from tests.unit.present import sample

NB = "\N{NO-BREAK SPACE}"
MIXED = Table(
    columns=(
        sample.column("customer_id", Type.INT, "Customer"),
        sample.column("name", Type.TEXT, "Name"),
        sample.column("spent", Type.MONEY, "Spent", "USD"),
        sample.column("visits", Type.INT, "Visits", "days"),
        sample.column("since", Type.DATE, "Since"),
    ),
    rows=(
        (1234567890123456789, "=1+1", Decimal("61.1000"), 2469, date(2017, 12, 31)),
        (2, text("unknown"), None, None, None),
    ),
    total=(None, None, Decimal("61.1"), 2469, None),
    caption=text("Customers"),
)


def test_cells_are_said_by_the_type_of_their_column():
    assert cells.text_rows(MIXED, "es") == [
        ["1234567890123456789", "=1+1", f"61,10{NB}US$", "2.469", "31 dic 2017"],
        ["2", "desconocido", "–", "–", "–"],
        ["–", "–", f"61,10{NB}US$", "2.469", "–"],
    ]


def test_the_number_of_a_customer_is_no_amount():
    by_customer = Table(
        columns=(
            sample.column("customer", Type.INT, "Customer"),
            sample.column("customers", Type.INT, "Customers", "customers"),
        ),
        rows=((451762549027537, 1234),),
        caption=text("Customers"),
    )
    assert cells.text_rows(by_customer, "en") == [["451762549027537", "1,234"]]
    assert not cells.is_number(by_customer.columns[0])


@pytest.mark.parametrize(
    ("values", "said"),
    [(["61.1", "39.72", "845"], ["$61.10", "$39.72", "$845.00"]), (["845", "2357", "61.1"], ["$845", "$2,357", "$61"])],
)
def test_money_down_a_column_has_the_same_digits(values, said):
    column = sample.column("m", Type.MONEY, "M", "USD")
    table = Table(columns=(column,), rows=tuple((Decimal(v),) for v in values), caption=text("Total"))
    assert [row[0] for row in cells.text_rows(table, "en")] == said


def test_firsts_of_months_are_said_as_months():
    said = cells.text_rows(sample.sales_chart().data, "es")
    assert said[0] == ["ene 2017", f"372.110{NB}US$"]


def test_numbers_stand_right_and_units_in_the_head():
    view = table_view(MIXED, "en")
    assert [(head.label, head.unit, head.number) for head in view.heads] == [
        ("Customer", None, False),  # an id is a name
        ("Name", None, False),
        ("Spent", None, True),
        ("Visits", "days", True),
        ("Since", None, False),
    ]
    assert [cell.said for cell in view.total] == ["", "", "$61.10", "2,469", ""]


def test_rows_beyond_the_most_are_counted():
    view = table_view(sample.churn().table, "en", most=12)
    assert (len(view.rows), view.more) == (12, 8)


def test_only_a_single_column_of_shares_gets_bars():
    view = table_view(sample.churn().table, "en")
    assert view.rows[1][2].bar == 56  # 16.0 % is the largest
    assert view.rows[0][2].bar == pytest.approx(7.2 / 16 * 56, abs=0.1)
    assert view.rows[0][1].bar is None
    several = table_view(sample.calibration_chart().data, "en")
    assert {cell.bar for row in several.rows for cell in row} == {None}
    assert {cell.bar for row in table_view(sample.sales().table, "en").rows for cell in row} == {None}  # it has −1 %


def test_the_file_has_exact_numbers_and_no_formula():
    rows = list(csv.reader(io.StringIO(table_csv(MIXED, "en"))))
    assert rows == [
        ["Customer", "Name", "Spent (USD)", "Visits (days)", "Since"],
        ["1234567890123456789", "'=1+1", "61.1000", "2469", "2017-12-31"],
        ["2", "unknown", "", "", ""],
        ["", "", "61.1", "2469", ""],
    ]
    assert csv_link(MIXED, "en").startswith("data:text/csv;charset=utf-8;base64,77u/")  # the mark of UTF-8


def test_a_frame_library_gets_the_types_of_the_contract():
    table = arrow_table(MIXED, "es")
    assert table.schema == pa.schema(
        [
            ("customer_id", pa.int64()),
            ("name", pa.string()),
            ("spent", pa.decimal128(18, 4)),
            ("visits", pa.int64()),
            ("since", pa.date32()),
        ]
    )
    assert table.column("spent").to_pylist() == [Decimal("61.1000"), None]
    assert table.column("name").to_pylist() == ["=1+1", "desconocido"]
    assert table.schema.field("spent").metadata == {b"unit": b"USD"}
    assert arrow_table(None).num_columns == 0


def test_the_document_has_the_agreed_keys():
    document = insight_json(sample.churn())
    assert list(document) == [
        "analysis", "area", "level", "question", "headline", "as_of", "snapshot",
        "table", "chart", "evidence", "caveats", "next", "abstained",
    ]  # fmt: skip
    assert list(document["evidence"]) == [
        "method", "baseline", "metric", "value", "baseline_value", "interval", "n", "parameters",
    ]  # fmt: skip
    assert document["table"]["columns"][1] == {
        "name": "loss",
        "type": "money",
        "unit": "USD",
        "label": "Expected loss",
    }
    assert document["table"]["rows"][0][:4] == [1574, "61.10", "0.072", "845"]
    assert document["evidence"]["parameters"] == {"horizon_days": 92, "penalty": "0.10"}
    assert (document["level"], document["as_of"], document["abstained"]) == ("forecast", "2018-01-01", None)
    assert document["headline"] == "About 151 of 2,469 customers may not return before 1 April 2018."
    assert document["chart"]["$schema"].endswith("v6.json")


def test_the_document_of_an_abstained_insight_claims_nothing():
    document = insight_json(sample.abstained(), "es")
    assert document["abstained"] == "One year is too short. It needs 24 months."
    assert [document[key] for key in ("headline", "table", "chart", "evidence")] == [None] * 4


def test_values_of_a_document_are_exact():
    assert plain_value(Amount(Decimal("1E+3"), "money", "USD")) == "1000"
    assert plain_value(datetime(2018, 1, 1, 5, 12, tzinfo=UTC)) == "2018-01-01T05:12:00+00:00"
    assert plain_value(text("yes"), "es") == "sí"


def test_the_terminal_says_the_insight_in_plain_text():
    said = plain(sample.sales(), "en")
    assert said.startswith("Revenue rose 4.0% to $1,195,556 in October–December 2017.\n")
    assert (
        "Whole periods, the latest first\n"
        "                                                      Revenue per\n"
        "Period                    Revenue  Change  Purchases     purchase\n"
        "---------------------  ----------  ------  ---------  -----------\n"
        "October–December 2017  $1,195,556    4.0%     39,083       $30.59\n"
    ) in said
    assert "Total                  $2,344,631             78,877       $29.73\n" in said
    assert "How sure are we?\n  - Counted, not estimated.\n" in said
    assert "\nKeep in mind\n  - Returns are taken off" in said
    assert "\x1b" not in said


def test_the_terminal_shows_ten_rows_and_counts_the_rest():
    said = plain(sample.churn(), "es")
    assert "… y 10 más; --json las tiene todas." in said
    assert "¿Hasta qué punto es seguro?" in said
    assert max(len(line) for line in said.splitlines()) <= 110


def test_a_value_cannot_steer_the_terminal():
    table = dataclasses.replace(MIXED, rows=((1, "\x1b[31mred\x07\n", None, None, None),), total=None)
    said = plain(dataclasses.replace(sample.churn(), table=table))
    assert "\x1b" not in said
    assert "1         [31mred  " in said


def test_the_terminal_says_why_there_is_no_answer():
    assert plain(sample.abstained(), "en") == (
        "How much will we sell?\nOne year is too short. It needs 24 months.\n\nWhat to do next\n  - Add older orders.\n"
    )


def test_a_table_of_nothing_is_shown():
    empty = dataclasses.replace(MIXED, rows=(), total=None)
    assert table_view(empty, "en").rows == ()
    assert table_csv(empty, "en").count("\n") == 1


def test_a_head_says_days_but_not_what_a_count_counts():
    heads = {name: cells.head(sample.column("n", Type.INT, label, unit), "en") for name, label, unit in (
        ("gap", "Own mean gap", "days"), ("silent", "Days silent", "days"), ("left", "Left", "customers"),
        ("orders", "Orders", "orders"),
    )}  # fmt: skip
    assert heads == {
        "gap": ("Own mean gap", "days"),
        "silent": ("Days silent", None),
        "left": ("Left", None),
        "orders": ("Orders", None),
    }


def test_a_range_is_as_exact_as_the_figure_it_belongs_to():
    def money(name: str):
        return dataclasses.replace(sample.column(name, Type.MONEY, name, "USD"), name=name)

    table = Table(
        columns=tuple(money(name) for name in ("at_stake", "low", "high", "all")),
        rows=((Decimal("41.33"), Decimal("16.26"), Decimal("209.99"), Decimal("1176.4")),),
        caption=text("At stake"),
    )
    assert cells.text_rows(table, "en") == [["$41.33", "$16.26", "$209.99", "$1,176"]]
