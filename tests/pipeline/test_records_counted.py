"""What a whole run counts of records: fields, orders by record, duplicates; and what is said of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

import clientela
from clientela.workspace import Workspace, create
from tests.pipeline.company import NOW, Shop, shop

RECORDS = """
[[source]]
name = "{name}"
table = "customer_record"
path = "exports/{name}.csv"
delivery = "full"
"""
HEAD = "record_id,first_name,last_name,street,postal_code,city,email,phone,birth_date,created_at"
CRM = (
    "c1,Ana,Ruiz,Calle Mayor 1,28013,Madrid,ana.ruiz@example.org,+34 600 111 222,1980-02-03,2024-01-01",
    "c2,Juan,Perez,Calle Sol 2,28014,Madrid,not-an-address,,,2024-02-01",
    "c3,Luis,Gomez,,,,,,,2024-03-01",
)
SHOP = (
    "s1,Ana,Ruiz,Calle Mayor 1,28013,Madrid,ana.ruiz@example.org,600111222,1980-02-03,2024-01-05",
    "s2,Ana,Ruiz,Calle Mayor 1,28013,Madrid,ana.ruiz@example.org,,1980-02-03,2024-01-06",
    "s3,Eva,Sanz,Plaza Real 3,08002,Barcelona,eva@sanz.example,,,2023-01-01",
)


def order(number: str, record: str, day: str, revenue: int) -> list[object]:
    return [number, "1", record, f"{day} 10:00", "p", 1, revenue, 1]


ORDERS = (
    order("o1", "s1", "2024-05-01", 100),
    order("o2", "s2", "2024-06-01", 50),
    order("o3", "s3", "2023-02-01", 20),
    order("o4", "s3", "2024-03-01", 20),
    order("o5", "", "2024-03-01", 10),
)


def people(folder: Path, name: str, *rows: str) -> None:
    (folder / "exports" / f"{name}.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")


def company(folder: Path, settings: str = "") -> Shop:
    """A shop and a CRM in which Ana is known three times."""
    made = shop(folder / "w", extra=RECORDS.format(name="crm") + RECORDS.format(name="shop"), settings=settings)
    people(made.workspace.folder, "crm", *CRM)
    people(made.workspace.folder, "shop", *SHOP)
    made.deliver("orders-1.csv", ORDERS)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    built = company(tmp_path_factory.mktemp("records"))
    built.workspace.run(now=NOW)
    return built


def rows(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    """What the newest published facts say."""
    newest = max((workspace.folder / "snapshots").glob("facts-*.duckdb"), key=lambda path: path.stat().st_mtime_ns)
    with duckdb.connect(str(newest), read_only=True) as facts:
        return facts.sql(sql).fetchall()


def test_what_the_records_know_is_counted_by_source_and_field(made: Shop) -> None:
    told = rows(made.workspace, "select field, source, records, filled, usable, copies from record_field")
    counted = {row[:2]: row[2:] for row in told}
    assert counted["email", "crm"] == (3, 2, 1, 0)  # one is no address
    assert counted["email", "shop"] == (3, 3, 3, 2)  # two say what the CRM's older record says
    assert counted["street", "crm"] == (3, 2, 2, 0)
    assert counted["street", "shop"] == (3, 3, 3, 2)
    assert counted["birth_date", "crm"] == (3, 1, 1, None)
    assert counted["name", "shop"] == (3, 3, 3, None)
    assert counted["country", "crm"][1] == 0


def test_an_order_of_a_customer_with_several_records_keeps_which_it_named(made: Shop) -> None:
    named = rows(
        made.workspace,
        "select order_id, count(*) from order_record join identity using (customer_ref, customer_id) group by all "
        "order by all",
    )
    assert named == [("o1", 1), ("o2", 1)]
    assert rows(made.workspace, "select count(distinct customer_ref) from order_record") == [(2,)]


@pytest.mark.slow
def test_a_later_delivery_of_an_order_names_its_record_anew(tmp_path: Path) -> None:
    built = company(tmp_path)
    built.workspace.run(now=NOW)
    built.deliver("orders-2.csv", [order("o1", "s2", "2024-05-01", 100)])
    built.workspace.run(now=NOW + timedelta(hours=1))
    told = rows(built.workspace, "select count(*), count(distinct customer_ref) from order_record")
    assert told == [(2, 1)]
    assert rows(built.workspace, "select * from duplicate_effect") == []  # all was bought under one record


def test_merging_changes_what_was_believed(made: Shop) -> None:
    (told,) = rows(
        made.workspace,
        "select records, repeat_records, purchase_days, revenue, best_record_revenue from duplicate_effect",
    )
    assert told == (2, 0, 2, 150, 100)


def test_unique_counts_duplicates_of_each_source_and_of_all(made: Shop) -> None:
    told = {
        each["source"]: (each["found"], each["checked"], each["verdict"])
        for each in made.workspace.status().quality
        if each["property"] == "unique" and each["rule"] == "duplicate"
    }
    assert told == {"crm": (0, 3, "good"), "shop": (1, 3, "look"), "": (2, 6, "look")}
    said = [each["says"] for each in made.workspace.status().quality if each["rule"] == "duplicate"]
    assert "Customer records of shop that are the same customer as another of it: 1 of 3, 33.3%" in said
    assert "Customer records of all systems together that are the same customer as another: 2 of 6, 33.3%" in said


def test_both_questions_are_answered(made: Shop) -> None:
    base = made.workspace.ask("customer-base").to_text()
    assert base.startswith("6 records in 2 systems are 4 customers; 2 bought in the last 12 months")
    quality = made.workspace.ask("data-quality").to_text()
    assert quality.startswith("2 of 6 records are duplicates (33.3%).")
    assert "would count 3 customers in the last 12 months instead of 2" in quality
    assert "E-mails sent twice" in quality


def test_both_are_in_the_report(made: Shop) -> None:
    page = made.workspace.report().read_text(encoding="utf-8")
    assert "6 records in 2 systems are 4" in page
    assert "2 of 6 records are duplicates" in page


@pytest.mark.slow
def test_without_comparing_the_question_is_not_answered(tmp_path: Path) -> None:
    built = company(tmp_path, settings="\n[identity]\nlink = false\n")
    built.workspace.run(now=NOW)
    assert "were not compared with each other" in built.workspace.ask("data-quality").to_text()
    base = built.workspace.ask("customer-base").to_text()
    assert base.startswith("6 records in 2 systems are 6 customers;")
    assert "were not compared" in base


def test_orders_alone_are_customers_by_their_keys(tmp_path: Path) -> None:
    built = shop(tmp_path / "w")
    built.deliver("orders-1.csv", ORDERS)
    built.workspace.run(now=NOW)
    assert (
        built.workspace.ask("customer-base").to_text().startswith("3 customers are known, each by a key of their own;")
    )
    assert "There is nothing in the table customer_record" in built.workspace.ask("data-quality").to_text()
    for table in ("order_record", "record_field", "duplicate_effect"):
        assert rows(built.workspace, f"select count(*) from {table}") == [(0,)]  # noqa: S608 -- names of ours


@pytest.mark.slow
def test_records_alone_are_enough(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    create(folder, name="Club", currency="EUR", timezone="Europe/Madrid")
    (folder / "exports").mkdir()
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + RECORDS.format(name="shop"))
    people(folder, "shop", *SHOP)
    workspace = clientela.open(folder)
    workspace.run(now=NOW)
    base = workspace.ask("customer-base").to_text()
    assert base.startswith("3 records in 1 system are 2 customers.")
    assert "bought" not in base.split("How sure")[0].replace("Who bought", "").replace("never bought", "")
    assert "so nothing is said about money" in " ".join(workspace.ask("data-quality").to_text().split())
