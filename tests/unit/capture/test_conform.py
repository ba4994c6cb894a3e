"""A landed file becomes typed rows, keys of people and quarantined rows, and every record is one of them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientela.errors import ConfigurationError
from tests.unit.capture.workspaces import COMPANY, ORDERS, SECRET, Workspace, rows

HEADER = "No,Date,Total"
BAD = ("line", "lines", "column_name", "value", "rule")
RATES = """
[[source]]
name = "bank"
table = "exchange_rate"
path = "rates.csv"
delivery = "append"
"""


def pseudonym(source: str, key: str) -> str:
    """contracts.md, "Keys of people", word for word."""
    inner = hashlib.sha256(SECRET + source.encode() + b"\x1f" + key.encode()).digest()
    return hashlib.sha256(SECRET + inner).hexdigest()


def number(source: str, key: str) -> int:
    """How a row names a person: by the first 60 bits of the pseudonym."""
    return int(pseudonym(source, key)[:15], 16)


def test_rows_are_typed_and_bad_ones_are_quarantined_with_place_value_and_rule(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", 'max_bad = 1.0\n[source.columns]\nquantity = "Pcs"'))
    shop.write(
        "orders.csv",
        "No,Date,Total,Pcs",
        "1,2024-01-31 23:30,5.00005,2",
        '2,2024-02-30,x,"1',
        "3,2024-02-01,1_000,inf",
        "",
        ",2024-02-01,,1",
        "4,2024-02-01,7,1,9",
    )
    found = shop.conformed()
    assert rows(found.facts, "order_id", "ordered_at", "ordered_on", "net_revenue", "quantity", "kind", "_line") == [
        ("1", datetime(2024, 1, 31, 22, 30), date(2024, 1, 31), Decimal("5.0001"), Decimal(2), "sale", 2)
    ]
    amount = "net_revenue must be an amount of money with a decimal point and no thousands separator"
    number = "quantity must be a number with a decimal point and no thousands separator"
    said = [(line, label, value, rule.split(", ")[0]) for line, _, label, value, rule in rows(found.quarantine, *BAD)]
    assert said == [
        (3, "", '2,2024-02-30,x,"1', "in line 3 a quote is opened and not closed"),
        (4, "Pcs", "inf", number),
        (4, "Total", "1_000", amount),
        (6, "No", None, "order_id is missing"),
        (6, "Total", None, "net_revenue is missing"),
        (7, "", "4,2024-02-01,7,1,9", "5 cells where the header has 4"),
    ]
    assert (found.accepted, found.quarantined, found.count.blank, found.count.records) == (1, 4, 1, 6)


def test_spanish_numbers_and_dates_are_read_as_stated(tmp_path: Path) -> None:
    form = 'format = { delimiter = ";", decimal = ",", date = "%d/%m/%Y", encoding = "cp1252" }\n[source.columns]'
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", form + '\nchannel = "Tienda"'))
    shop.write(
        "orders.csv",
        "No;Date;Total;Tienda",
        "1;31/01/2024;1.234,50;Málaga",
        "2;01/02/2024 10:05;3,5;€",
        encoding="cp1252",
    )
    assert rows(shop.conformed().facts, "order_id", "ordered_at", "net_revenue", "channel") == [
        ("1", datetime(2024, 1, 30, 23, 0), Decimal("1234.5"), "Málaga"),
        ("2", datetime(2024, 2, 1, 9, 5), Decimal("3.5"), "€"),
    ]


def test_a_formula_reads_numbers_in_the_sources_format(tmp_path: Path) -> None:
    columns = 'format = { delimiter = ";", decimal = "," }\nmax_bad = 1.0\n[source.columns]'
    settings = ORDERS.replace('"Total"', '{ expr = "Pcs * Price" }').replace("[source.columns]", columns)
    shop = Workspace(tmp_path, settings + "line_no = { expr = \"No || '/' || text(Pcs)\" }\n")
    shop.write("orders.csv", "No;Date;Pcs;Price", "1;2024-01-01;1.000;0,125", "2;2024-01-01;3;x")
    found = shop.conformed()
    assert rows(found.facts, "order_id", "line_no", "net_revenue") == [("1", "1/1.000", Decimal(125))]
    assert [(label, value) for _, _, label, value, _ in rows(found.quarantine, *BAD)] == [("Price", "x")]


def test_constants_fill_what_the_file_does_not_say(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS + '[source.constants]\nchannel = "web"\ntax = 0.5\nkind = "sale"\n')
    shop.write("orders.csv", HEADER, "1,2024-01-01,-5")
    assert rows(shop.conformed().facts, "channel", "tax", "kind") == [("web", Decimal("0.5"), "sale")]


def test_an_order_line_below_zero_is_a_return_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS + 'quantity = "Pcs"\nkind = "Kind"\n')
    shop.write(
        "orders.csv",
        "No,Date,Total,Pcs,Kind",
        "1,2024-01-01,5,1,",
        "2,2024-01-01,-5,1,",
        "3,2024-01-01,5,-1,",
        "4,2024-01-01,0,,",
        "5,2024-01-01,-5,-1,Cancellation",
        "6,2024-01-01,-5,-1,gift",
    )
    found = shop.conformed()
    assert rows(found.facts, "order_id", "kind") == [
        ("1", "sale"),
        ("2", "return"),
        ("3", "return"),
        ("4", "sale"),
        ("5", "cancellation"),
    ]
    assert rows(found.quarantine, "value", "rule") == [
        ("gift", "kind must be one of: sale, return, cancellation, shipping, fee")
    ]


def test_customers_are_pseudonyms_and_anonymous_sales_are_not_bad(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS + 'customer_ref = "Mail"\n')
    shop.write("orders.csv", HEADER + ",Mail", "1,2024-01-01,5, a@x.es", "2,2024-01-01,5,a@x.es", "3,2024-01-01,5,")
    found = shop.conformed()
    person = number("shop", "a@x.es")
    assert rows(found.facts, "order_id", "customer_ref") == [("1", person), ("2", person), ("3", None)]
    assert rows(found.refs, "source", "record_id", "customer_ref") == [("shop", "a@x.es", pseudonym("shop", "a@x.es"))]


def test_keys_of_another_system_give_that_systems_pseudonyms(tmp_path: Path) -> None:
    shop = Workspace(
        tmp_path, ORDERS.replace("[source.columns]", 'keys_of = "erp"\n[source.columns]\ncustomer_ref = "C"')
    )
    shop.write("orders.csv", HEADER + ",C", "1,2024-01-01,5,17")
    found = shop.conformed()
    assert rows(found.facts, "source", "customer_ref") == [("shop", number("erp", "17"))]
    assert rows(found.refs, "source", "record_id") == [("erp", "17")]


def test_a_bad_row_makes_nobody_a_customer(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS + 'customer_ref = "C"\n')
    shop.write("orders.csv", HEADER + ",C", "1,2024-01-01,5,17", "2,2024-01-01,x,18")
    assert rows(shop.conformed().refs, "record_id") == [("17",)]


def test_zones_of_source_and_company_and_days_without_a_time(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", 'timezone = "America/New_York"\n[source.columns]'))
    shop.write(
        "orders.csv",
        HEADER,
        "1,2024-01-01 20:00,5",  # two in the morning in Madrid
        "2,2024-01-01,5",  # the company's day
        "3,2024-01-01T20:00:00Z,5",
    )
    assert rows(shop.conformed().facts, "order_id", "ordered_at", "ordered_on") == [
        ("1", datetime(2024, 1, 2, 1), date(2024, 1, 2)),
        ("2", datetime(2023, 12, 31, 23), date(2024, 1, 1)),
        ("3", datetime(2024, 1, 1, 20), date(2024, 1, 1)),
    ]


def test_clocks_that_change_move_a_missing_time_forward_and_take_the_first_of_two(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-03-31 02:30,5", "2,2024-10-27 02:30,5")
    assert rows(shop.conformed().facts, "order_id", "ordered_at") == [
        ("1", datetime(2024, 3, 31, 1, 30)),  # 03:30 in summer time
        ("2", datetime(2024, 10, 27, 0, 30)),
    ]


def test_money_is_converted_at_the_latest_rate_and_without_a_rate_is_bad(tmp_path: Path) -> None:
    settings = ORDERS.replace("[source.columns]", 'max_bad = 0.5\n[source.columns]\ncurrency = "Cur"\ntax = "Vat"')
    shop = Workspace(tmp_path, RATES + settings)
    shop.write("rates.csv", "currency,on,rate", "USD,2024-01-01,0.9", "USD,2024-02-01,0.8", "GBP,2024-01-01,1.15")
    shop.write(
        "orders.csv",
        HEADER + ",Cur,Vat",
        "1,2024-01-31,10,USD,1",
        "2,2024-02-01,10,usd,",
        "3,2024-02-01,10,EUR,1",
        "4,2024-02-01,10,,1",
        "5,2023-12-31,10,GBP,1",
        "6,2024-02-01,10,CHF,1",
    )
    shop.run()
    found = next(each for each in shop.conform() if each.batch.table == "order_line")
    assert rows(found.facts, "order_id", "net_revenue", "tax", "currency") == [
        ("1", Decimal(9), Decimal("0.9"), "USD"),
        ("2", Decimal(8), None, "USD"),
        ("3", Decimal(10), Decimal(1), "EUR"),
        ("4", Decimal(10), Decimal(1), "EUR"),
    ]
    said = "no exchange rate is known for this currency on that day"
    assert rows(found.quarantine, "line", "value", "rule") == [(6, "GBP", said), (7, "CHF", said)]


def test_a_foreign_row_without_a_readable_day_is_bad_for_that_alone(tmp_path: Path) -> None:
    settings = ORDERS.replace("[source.columns]", 'max_bad = 0.5\n[source.columns]\ncurrency = "Cur"')
    shop = Workspace(tmp_path, RATES + settings)
    shop.write("rates.csv", "currency,on,rate", "USD,2024-01-01,0.9")
    shop.write("orders.csv", HEADER + ",Cur", "1,2024-01-31,10,USD", "2,soon,10,USD")
    shop.run()
    found = next(each for each in shop.conform() if each.batch.table == "order_line")
    assert rows(found.quarantine, "line", "column_name", "value") == [(3, "Date", "soon")]


def test_a_rate_that_comes_later_is_applied(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, RATES + ORDERS + 'currency = "Cur"\n')
    shop.write("orders.csv", HEADER + ",Cur", "1,2024-01-31,10,USD", "2,2024-01-31,10,EUR")
    shop.run()
    assert [each.quarantined for each in shop.conform()] == [1]
    shop.write("rates.csv", "currency,on,rate", "USD,2024-01-01,0.9")
    shop.run()
    found = next(each for each in shop.conform() if each.batch.table == "order_line")
    assert rows(found.facts, "net_revenue") == [(Decimal(9),), (Decimal(10),)]


@pytest.mark.parametrize(("bad", "kept_out"), [(9, False), (10, False), (11, True)])
def test_a_file_over_its_budget_of_bad_rows_stays_out(bad: int, kept_out: bool, tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, *(f"{n},2024-01-01,{'x' if n < bad else 5}" for n in range(1000)))
    found = shop.conformed()
    assert (found.kept_out, found.quarantined) == (kept_out, bad)
    assert found.note == (
        "source 'shop': orders.csv stays out: 11 of its 1,000 rows are bad, more than max_bad = 0.01 allows; "
        "what was delivered before is kept."
        if kept_out
        else ""
    )


def test_one_bad_row_is_forgiven_in_a_small_file_but_not_when_nothing_is_left(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders-1.csv", HEADER, "1,2024-01-01,x", "2,2024-01-01,5")
    shop.write("orders-2.csv", HEADER, "3,2024-01-01,x")
    shop.run()
    assert [each.kept_out for each in shop.conform()] == [False, True]


def test_a_corrected_mapping_brings_a_file_back_that_stayed_out(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, '1,2024-01-01,"5,5"', '2,2024-01-01,"6,5"')
    assert shop.conformed().kept_out
    shop.configure(ORDERS.replace("[source.columns]", 'format = { decimal = "," }\n[source.columns]'))
    shop.run()
    (found,) = shop.conform()
    assert (found.kept_out, found.batch.run, found.accepted, found.quarantined) == (False, 1, 2, 0)


def test_of_a_full_delivery_all_files_stay_out_when_one_does(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("upsert", "full"))
    shop.write("orders-1.csv", HEADER, "1,2024-01-01,5")
    shop.write("orders-2.csv", HEADER, "2,2024-01-01,x", "3,2024-01-01,x")
    shop.run()
    assert [(each.batch.path, each.kept_out) for each in shop.conform()] == [
        ("orders-1.csv", True),
        ("orders-2.csv", True),
    ]


def test_a_key_stands_once_in_a_file(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", 'max_bad = 1.0\n[source.columns]\nline_no = "Line"'))
    shop.write(
        "orders.csv",
        HEADER + ",Line",
        "1,2024-01-01,5,1",
        "1,2024-01-01,5,1",  # word for word
        "2,2024-01-01,5,1",
        "2,2024-01-01,6,1",  # contradicts
        "3,2024-01-01,7,1",
    )
    found = shop.conformed()
    assert rows(found.facts, "order_id", "_line") == [("1", 2), ("3", 6)]
    assert rows(found.quarantine, "line", "value", "rule") == [
        (4, "2, 1", "another row of the file has the same key but says something else"),
        (5, "2, 1", "another row of the file has the same key but says something else"),
    ]
    assert (found.accepted, found.quarantined, found.count.doubled, found.count.records) == (2, 2, 1, 5)


def test_lines_without_a_number_may_be_alike(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-01-01,5", "1,2024-01-01,5")
    assert shop.conformed().accepted == 2


def test_a_column_may_say_when_a_row_was_known(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", 'known = "Loaded"\n[source.columns]'))
    shop.write("orders.csv", HEADER + ",Loaded", "1,2024-01-01,5,2024-01-02 12:00", "2,2024-01-01,5,")
    assert rows(shop.conformed().facts, "order_id", "_known") == [("1", datetime(2024, 1, 2, 11)), ("2", None)]


def test_typed_parquet_is_taken_as_it_is(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace(".csv", ".parquet") + 'customer_ref = "Customer"\nquantity = "Pcs"\n')
    table = pa.table(
        {
            "No": pa.array([536365, 536366], pa.int64()),
            "Date": pa.array([datetime(2024, 7, 1, 12), datetime(2024, 7, 1, 13)], pa.timestamp("ns")),
            "Total": pa.array([2.00005, 15.3], pa.float64()),
            "Customer": pa.array([17850.0, None], pa.float64()),
            "Pcs": pa.array([6, -1], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    found = shop.conformed()
    assert rows(found.facts, "order_id", "ordered_at", "net_revenue", "customer_ref", "kind", "_line") == [
        ("536365", datetime(2024, 7, 1, 10), Decimal("2.0001"), number("shop", "17850"), "sale", 1),
        ("536366", datetime(2024, 7, 1, 11), Decimal("15.3"), None, "return", 2),
    ]
    assert rows(found.refs, "record_id") == [("17850",)]


def test_a_typed_batch_is_kept_and_typed_anew_only_when_something_changed(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    first = shop.conformed()
    assert shop.conform()[0].facts == first.facts
    shop.configure(ORDERS + '[source.constants]\nchannel = "web"\n')
    second = shop.conform()[0]
    assert second.facts != first.facts
    assert not first.facts.exists()
    assert shop.conform(b"another secret")[0].facts != second.facts


def test_a_landed_file_that_no_longer_fits_is_named(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders-1.csv", HEADER, "1,2024-01-01,5")
    shop.run()
    (tmp_path / "orders-1.csv").unlink()
    shop.configure(ORDERS.replace('"Total"', '"Sum"'))
    with pytest.raises(ConfigurationError, match=r"orders-1\.csv has no column 'Sum'; known: 'Date', 'No', 'Total'\."):
        shop.conform()


def test_a_source_that_left_the_settings_no_longer_counts(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    shop.run()
    shop.configure("", COMPANY)
    assert shop.conform() == ()


def test_renamed_columns_and_shuffled_rows_give_the_same_rows(tmp_path: Path) -> None:
    lines = [f"{n % 7},2024-01-{1 + n % 28:02d} 10:00,{n},c{n % 5}" for n in range(50)]
    names = ("order_id", "ordered_at", "ordered_on", "net_revenue", "customer_ref", "kind")
    found = []
    for name, header, settings, given in (
        ("a", HEADER + ",C", ORDERS + 'customer_ref = "C"\n', lines),
        (
            "b",
            'Número,"Fecha, hora",Importe,Cliente',
            ORDERS.replace("No", "Número").replace('"Date"', '"Fecha, hora"').replace("Total", "Importe")
            + 'customer_ref = "Cliente"\n',
            lines[::-1],
        ),
    ):
        (tmp_path / name).mkdir()
        shop = Workspace(tmp_path / name, settings)
        shop.write("orders.csv", header, *given)
        conformed = shop.conformed()
        found.append((rows(conformed.facts, *names), rows(conformed.refs, "record_id", "customer_ref")))
    assert found[0] == found[1]
    assert len(found[0][0]) == 50


def test_a_survey_score_keeps_the_scale_of_its_instrument(tmp_path: Path) -> None:
    survey = """
[[source]]
name = "survey"
table = "survey_answer"
path = "answers.csv"
delivery = "append"
max_bad = 1.0
"""
    shop = Workspace(tmp_path, survey)
    shop.write(
        "answers.csv",
        "answer_id,answered_at,instrument,score",
        "1,2024-01-01,nps,10",
        "2,2024-01-01,csat,6",
        "3,2024-01-01,ces,0",
        "4,2024-01-01,ces,7",
        "5,2024-01-01,,9",
    )
    found = shop.conformed()
    assert rows(found.facts, "answer_id") == [("1",), ("4",), ("5",)]
    assert rows(found.quarantine, "value", "rule") == [
        ("0", "score must be 1 to 7 where instrument is ces"),
        ("6", "score must be 1 to 5 where instrument is csat"),
    ]


def test_one_content_under_two_runs_is_typed_once_and_counts_twice_for_nobody(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders-a.csv", "No,Date,Total", "1,2024-01-01,5")
    shop.run()
    shop.write("orders-a.csv", "No,Date,Total", "1,2024-01-01,6")
    shop.run()
    shop.write("orders-a.csv", "No,Date,Total", "1,2024-01-01,5")  # back to what it was
    shop.run()
    found = shop.conform()
    assert [rows(each.facts, "net_revenue") for each in found] == [[(Decimal(5),)], [(Decimal(6),)], [(Decimal(5),)]]


def test_an_order_line_without_a_currency_is_in_the_company_s(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", "No,Date,Total", "1,2024-01-01,5")
    assert rows(shop.conformed().facts, "order_id", "currency") == [("1", "EUR")]
