"""Which files arrive: new content lands, known content is a replay, a full delivery is whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientela.capture.arrive import manifests
from clientela.errors import ConfigurationError
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.workspaces import ORDERS, Workspace, rows, states

HEADER = "No,Date,Total"
FULL = ORDERS.replace("upsert", "full")


def test_a_file_lands_once_and_again_when_it_changes(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    assert states(shop.run()) == [("orders.csv", "landed")]
    assert states(shop.run()) == [("orders.csv", "unchanged")]
    shop.write("orders.csv", HEADER, "1,2024-01-01,6")
    assert states(shop.run()) == [("orders.csv", "landed")]
    assert [(each.run, each.rows) for each in Landing(tmp_path).arrivals()] == [(1, 1), (3, 1)]


def test_content_that_came_under_another_path_is_a_replay(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    shop.write("orders-1.csv", HEADER, "1,2024-01-01,5")
    shop.run()
    shop.write("orders-2.csv", HEADER, "1,2024-01-01,5")
    found = shop.run()
    assert states(found) == [("orders-1.csv", "unchanged"), ("orders-2.csv", "replayed")]
    assert found[1].note == "orders-2.csv holds what came as orders-1.csv before; nothing was added."


def test_content_that_returns_to_its_own_path_arrives_again(tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    for total in ("5", "6", "5"):
        shop.write("orders.csv", HEADER, f"1,2024-01-01,{total}")
        assert states(shop.run()) == [("orders.csv", "landed")]
    totals = [rows(each.facts, "net_revenue")[0][0] for each in shop.conform()]
    assert totals == [5, 6, 5]


def test_files_of_one_run_are_taken_in_name_order(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace("orders*.csv", "in/**/orders*.csv"))
    for name in ("in/b/orders.csv", "in/orders-2.csv", "in/a/orders.csv", "in/orders-10.csv"):
        shop.write(name, HEADER, f"{name},2024-01-01,5")
    assert [each.path for each in shop.run()] == [
        "in/a/orders.csv",
        "in/b/orders.csv",
        "in/orders-10.csv",
        "in/orders-2.csv",
    ]


def test_a_full_delivery_lists_all_its_files_when_one_of_them_changed(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, FULL)
    shop.write("orders-a.csv", HEADER, "1,2024-01-01,5")
    shop.write("orders-b.csv", HEADER, "2,2024-01-01,5")
    shop.run()
    shop.run()
    shop.write("orders-b.csv", HEADER, "2,2024-01-01,6")
    shop.run()
    (tmp_path / "orders-a.csv").unlink()
    shop.run()
    found = [(each.run, [path for path, _ in each.files]) for each in manifests(Landing(tmp_path))]
    assert found == [
        (1, ["orders-a.csv", "orders-b.csv"]),
        (3, ["orders-a.csv", "orders-b.csv"]),
        (4, ["orders-b.csv"]),
    ]
    assert [(each.batch.run, each.batch.path) for each in shop.conform()] == [
        (1, "orders-a.csv"),
        (1, "orders-b.csv"),
        (3, "orders-a.csv"),
        (3, "orders-b.csv"),
        (4, "orders-b.csv"),
    ]


def test_a_full_delivery_that_returns_to_old_content_under_a_new_name_is_a_delivery(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, FULL)
    for name, total in (("orders-1.csv", "5"), ("orders-2.csv", "6"), ("orders-3.csv", "5")):
        for old in tmp_path.glob("orders*.csv"):
            old.unlink()
        shop.write(name, HEADER, f"1,2024-01-01,{total}")
        shop.run()
    assert [rows(each.facts, "net_revenue")[0][0] for each in shop.conform()] == [5, 6, 5]


def test_without_a_file_the_last_good_delivery_is_kept_and_it_is_said(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, FULL)
    assert [each.note for each in shop.run()] == ["source 'shop': no file fits path = 'orders*.csv'."]
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    shop.run()
    (tmp_path / "orders.csv").unlink()
    found = shop.run()
    assert states(found) == [("orders*.csv", "missing")]
    assert found[0].note == (
        "source 'shop': no file fits path = 'orders*.csv'; what it delivered up to 2024-06-03 is kept."
    )
    assert len(shop.conform()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "orders.csv is empty"),
        (b"PK\x03\x04....", "orders.csv is a damaged zip file"),
        (b"\x1f\x8b....", "orders.csv cannot be unpacked to its end"),
        (b"PAR1 nothing else", "orders.csv is a damaged Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_the_others_land(content: bytes, said: str, tmp_path: Path) -> None:
    shop = Workspace(tmp_path)
    (tmp_path / "orders.csv").write_bytes(content)
    shop.write("orders-2.csv", HEADER, "1,2024-01-01,5")
    found = shop.run()
    assert states(found) == [("orders.csv", "refused"), ("orders-2.csv", "landed")]
    assert said in found[0].note


def test_a_full_delivery_with_an_unreadable_file_does_not_land_at_all(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, FULL)
    (tmp_path / "orders-1.csv").write_bytes(b"")
    shop.write("orders-2.csv", HEADER, "1,2024-01-01,5")
    shop.run()
    assert manifests(Landing(tmp_path)) == ()
    assert shop.conform() == ()


def test_missing_columns_are_all_named_before_anything_lands(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS + 'tax = "Vat"\ndiscount = { expr = "Rebate * 2" }\n')
    shop.write("orders-1.csv", HEADER, "1,2024-01-01,5")
    shop.write("orders-2.csv", "Nr;Date;Total", "1;2024-01-01;5")
    with pytest.raises(ConfigurationError) as caught:
        shop.run()
    place = "[[source]] 'shop' (order_line)"
    assert caught.value.problems[:2] == (
        f"{place}: orders-1.csv has no column 'Vat'; known: 'Date', 'No', 'Total'.",
        f"{place}: orders-1.csv has no column 'Rebate'; known: 'Date', 'No', 'Total'. Did you mean 'Date'?",
    )
    assert caught.value.problems[2].endswith('The file seems to be separated by ";": say format = { delimiter = ";" }.')
    assert Landing(tmp_path).arrivals() == ()


def test_unknown_tables_columns_and_formulas_are_all_named(tmp_path: Path) -> None:
    wrong = (
        ORDERS.replace("order_line", "order_lines")
        + ORDERS.replace('"shop"', '"till"')
        + (
            'net_revenu = "x"\ntax = { expr = "sum(x)" }\nchannel = "c"\n'
            '[source.constants]\nchannel = "web"\ncurency = "EUR"\n'
        )
    )
    shop = Workspace(tmp_path, wrong)
    with pytest.raises(ConfigurationError) as caught:
        shop.run()
    found = [each.split("; allowed")[0].split("; known")[0] for each in caught.value.problems]
    place = "[[source]] 'till' (order_line)"
    assert found == [
        "[[source]] 'shop': unknown table 'order_lines'",
        f"{place}: unknown column 'net_revenu' in columns",
        f"{place}: tax: 'sum(x)': SUM(x) is not allowed",
        f"{place}: 'channel' stands under columns and under constants; keep one of them",
        f"{place}: unknown column 'curency' in constants",
    ]
    assert "Did you mean 'net_revenue'?" in caught.value.problems[1]


def test_a_required_column_that_nothing_gives_is_named(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace('net_revenue = "Total"\n', ""))
    shop.write("orders.csv", HEADER, "1,2024-01-01,5")
    with pytest.raises(ConfigurationError, match="nothing says where net_revenue comes from"):
        shop.run()


def test_a_column_with_the_contracts_own_name_needs_no_mapping(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.split("[source.columns]")[0])
    shop.write("orders.csv", "order_id,ordered_at,net_revenue,channel", "1,2024-01-01,5,web")
    assert rows(shop.conformed().facts, "order_id", "channel") == [("1", "web")]


def test_a_file_is_read_again_when_its_format_is_stated_differently(tmp_path: Path) -> None:
    with_shop = '[source.columns]\nchannel = "Shop"'
    shop = Workspace(tmp_path, ORDERS.replace("[source.columns]", f'format = {{ encoding = "cp1252" }}\n{with_shop}'))
    shop.write("orders.csv", HEADER + ",Shop", "1,2024-01-01,5,café")
    assert rows(shop.conformed().facts, "channel") == [("cafÃ©",)]
    shop.configure(ORDERS.replace("[source.columns]", with_shop))
    assert states(shop.run()) == [("orders.csv", "landed")]
    found = shop.conform()
    assert [(each.batch.run, rows(each.facts, "channel")) for each in found] == [(1, [("café",)])]


def test_a_parquet_file_is_kept_byte_for_byte(tmp_path: Path) -> None:
    shop = Workspace(tmp_path, ORDERS.replace(".csv", ".parquet"))
    table = pa.table({"No": [1, 2], "Date": pa.array([0, 1], pa.timestamp("us")), "Total": [1.5, 2.0]})
    pq.write_table(table, tmp_path / "orders.parquet")
    (found,) = shop.run()
    assert found.batch is not None
    kept = Landing(tmp_path).path_of(found.batch)
    assert kept.read_bytes() == (tmp_path / "orders.parquet").read_bytes()
