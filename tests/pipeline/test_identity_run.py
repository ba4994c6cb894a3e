"""One customer each, through the whole run: who is joined, what stays as it is, what a second run does not do again."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from clientela.errors import ConfigurationError
from tests.pipeline.acquainted import NOW, OFFICE, SAME, SHOP, Company, acquainted, company


def fingerprints(made: Company) -> dict[str, tuple[int, int]]:
    return dict(made.workspace.fingerprints())


def test_people_whom_two_systems_know_are_one_customer_each(met: Company) -> None:
    of = met.customers()
    assert all(of[one] == of[other] for one, other in SAME)
    assert len({*of.values()}) == len(SHOP) + len(OFFICE) - len(SAME)
    known = {row[0]: row[1:] for row in met.rows("customer", "customer_id", "records", "sources")}
    assert known[of["s1"]] == (2, 2)
    assert known[of["s4"]] == (1, 1)


def test_the_orders_of_both_systems_count_for_the_one_customer(met: Company) -> None:
    of = met.customers()
    revenue: dict[int, float] = {}
    for customer, money in met.rows("order_line", "customer_id", "net_revenue"):
        revenue[customer] = revenue.get(customer, 0) + float(money)
    assert revenue == {of["s1"]: 125.0, of["s2"]: 42.5, of["s4"]: 7.0, of["9004"]: 9.0}


def test_a_second_run_compares_only_what_is_new_and_moves_nobody_else(known: Company) -> None:
    before = known.customers()
    assert known.figures()["records compared"] == 8

    again = ("s5", "Martita", "Quintanilla", "marta.q@gmail.com", "", "", "", "", "1980-02-03")
    known.deliver("shop-2.csv", [again])
    known.workspace.run(now=NOW + timedelta(days=1))
    after = known.customers()
    assert {key: after[key] for key in before} == before
    assert after["s5"] == before["s1"]
    done = known.figures()
    assert done["records compared"] <= 3, "the new one, and those with whom she shares an address"
    assert done["pairs taken over"] == 2

    kept = fingerprints(known)
    shutil.rmtree(known.folder / "landing" / "linked")
    known.workspace.run(now=NOW + timedelta(days=2))
    assert known.figures()["records compared"] == 9
    assert fingerprints(known) == kept


def test_nothing_new_compares_nothing(known: Company) -> None:
    kept = fingerprints(known)
    known.workspace.run(now=NOW + timedelta(hours=1))
    assert known.figures()["records compared"] == 0
    assert fingerprints(known) == kept


def test_a_record_that_changed_is_compared_again_and_one_that_is_gone_joins_nobody(tmp_path: Path) -> None:
    made = company(tmp_path / "w", settings="\n[identity]\nask_above = 0.5\n")
    toml = made.folder / "clientela.toml"
    toml.write_text(toml.read_text().replace('office-*.csv"\ndelivery = "upsert"', 'office-*.csv"\ndelivery = "full"'))
    made.deliver("shop-1.csv", SHOP)
    made.deliver("office-1.csv", OFFICE)
    made.workspace.run(now=NOW)
    assert made.customers()["9001"] == made.customers()["s1"]

    moved = [("9001", "Íñigo", "Otegui", "inigo@otegui.eus", "655777999", "Calle Este 5", "01001", "Vitoria", "")]
    made.deliver("office-1.csv", [*moved, *OFFICE[2:]])  # 9002 is gone
    made.workspace.run(now=NOW + timedelta(days=1))
    of = made.customers()
    assert of["9001"] != of["s1"]
    assert of["9002"] != of["s2"], "nothing is said of the key any more"
    assert of["9003"] == of["s3"]
    told = made.rows("identity_event", "run", "kind")
    assert told.count((1, "merged")) == 3
    assert told.count((2, "split")) == 2


def test_a_broken_cache_costs_time_only(known: Company) -> None:
    kept = fingerprints(known)
    pairs = known.folder / "landing" / "linked" / "rows" / "linked.duckdb"
    content = bytearray(pairs.read_bytes())
    content[len(content) // 2] ^= 255
    pairs.write_bytes(content)
    known.workspace.run(now=NOW + timedelta(days=1))
    assert known.figures()["records compared"] == 8
    assert fingerprints(known) == kept


def test_from_the_landing_alone_all_becomes_what_it_was(known: Company) -> None:
    known.deliver("office-2.csv", [("9005", "Juan", "Ibarra", "juan.ibarra@gmail.com", "", "", "", "", "1990-01-01")])
    known.workspace.run(now=NOW + timedelta(days=1))
    kept, of = fingerprints(known), known.customers()
    for name in ("snapshots", "landing/conformed", "landing/linked"):
        shutil.rmtree(known.folder / name)
    known.workspace.run(now=NOW + timedelta(days=2))
    assert known.customers() == of
    assert fingerprints(known) == kept


@pytest.mark.parametrize("threads", [1, 2])
def test_the_order_of_rows_and_files_and_threads_change_nothing(tmp_path: Path, met: Company, threads: int) -> None:
    other = company(tmp_path / "other", threads=threads)
    other.deliver("office-7.csv", OFFICE[2:])
    other.deliver("office-3.csv", OFFICE[1::-1])
    other.deliver("shop-8.csv", SHOP[::-1])
    other.order("orders-1.csv", ("o3", "s4", 7.0), ("o2", "s2", 40.0), ("o1", "s1", 100.0))
    other.order("letters-1.csv", ("l1", "9001", 25.0), ("l2", "9002", 2.5), ("l3", "9004", 9.0))
    other.workspace.run(now=NOW)
    assert other.customers() == met.customers()
    assert fingerprints(other) == fingerprints(met)


def test_without_names_a_key_is_a_customer_and_nothing_is_learned(tmp_path: Path) -> None:
    made = company(tmp_path / "w")
    made.deliver("shop-1.csv", [("s1", "Madrid", "2024-01-01")], ("record_id", "city", "created_at"))
    made.deliver("office-1.csv", [("9001", "Madrid", "2024-01-01")], ("record_id", "city", "created_at"))
    made.workspace.run(now=NOW)
    assert len({*made.customers().values()}) == 2
    assert not (made.folder / "landing" / "models").exists()
    assert {row[1] for row in made.rows("customer", "customer_id", "city")} == {"Madrid"}


def test_where_linking_is_off_each_key_is_a_customer_again(known: Company) -> None:
    toml = known.folder / "clientela.toml"
    toml.write_text(toml.read_text() + "\n[identity]\nlink = false\n")
    known.workspace.run(now=NOW + timedelta(days=1))
    assert len({*known.customers().values()}) == 8
    assert known.rows("identity_pair", "status") == []
    assert known.rows("identity_event", "run", "kind").count((2, "split")) == 3


def test_what_a_failed_run_found_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = acquainted(tmp_path / "w")
    monkeypatch.setattr("clientela.pipeline.graph.compute", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made.workspace.run(now=NOW)
    monkeypatch.undo()
    made.workspace.run(now=NOW)
    assert {run for run, _ in made.rows("identity_event", "run", "kind")} == {2}
    assert len(made.rows("identity_event", "run", "kind")) == 3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('believe = ["shopp"]', "[identity] believe: unknown system 'shopp'; known: 'office', 'shop'."),
        ('survivorship = { mail = "freshest" }', "[identity] survivorship: unknown field 'mail'"),
    ],
)
def test_settings_that_name_what_is_not_there_are_refused_at_once(tmp_path: Path, settings: str, said: str) -> None:
    made = acquainted(tmp_path / "w", settings=f"\n[identity]\n{settings}\n")
    with pytest.raises(ConfigurationError) as error:
        made.workspace.run(now=NOW)
    assert said in str(error.value)
    assert not (made.folder / "landing").exists()


def test_two_systems_that_speak_of_one_key_speak_of_one_record(tmp_path: Path) -> None:
    letters = """
[[source]]
name = "letters"
table = "customer_record"
path = "exports/reader-*.csv"
delivery = "upsert"
keys_of = "shop"
"""
    made = company(tmp_path / "w", settings=letters)
    made.deliver("shop-1.csv", [("s1", "Marta", "Quintanilla", "", "", "", "", "", "", "2024-01-05")])
    made.deliver("reader-1.csv", [("s1", "M.", "Q.", "marta.q@gmail.com", "", "", "", "", "", "2024-02-05")])
    made.deliver("office-1.csv", OFFICE[:1])
    made.workspace.run(now=NOW)
    assert made.customers()["s1"] == made.customers()["9001"], "by the address that only the letters know"
    assert made.rows("customer", "records", "sources") == [(2, 2)]
    assert made.rows("customer", "last_name", "email", people=True) == [("Quintanilla", "marta.q@gmail.com")]
