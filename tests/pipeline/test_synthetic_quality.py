"""The product finds what is wrong in the synthetic company's files, where it is, and says how much of it there is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

import pyarrow.compute as pc
import pytest
from sqlglot import exp

from clientela.testing.company.company import Company
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.people.truth import who_is_who
from clientela.testing.company.truth import read
from clientela.testing.company.world import DIRTY, World
from clientela.warehouse.store.snapshot import Reader, current
from clientela.workspace import create
from clientela.workspace import open as open_workspace
from tests.pipeline.company import NOW, Shop
from tests.pipeline.light import Taken, take

TODAY = NOW.date()
QUARANTINED = {  # how the product says what it found
    "unreadable_numbers": r" must be (an amount|a number|a whole number)",
    "unreadable_dates": " must be a date",
    "impossible_dates": " must be a date",
    "swapped_dates": " must be a date",
    "negatives": " must (not be below 0|not be below 1|be 0 to 10 )",
    "lost_keys": " is missing|it has no order, by which it would be joined",
    "strange_words": " must be one of",
    "trailing_junk": " must be ",
    "spelt_nulls": " must be ",
    "clashing_rows": "another row of the file has the same key",
    "broken_bytes": "holds the byte 0x",
    "misquoted": r"a quote is opened|\d+ cells where the header has",
    "truncated": r"\d+ cells where the header has|no valid JSON",
}


class Dirty:
    """A company whose files are dirty, and what a run says of them: none of its analyses is asked."""

    def __init__(self, folder: Path, world: World, *, link: bool = False) -> None:
        create(folder / "w", name="Synthetic", currency="EUR", timezone="Europe/Madrid")
        alone = "" if link else "\n[identity]\nlink = false\n"
        (folder / "w" / "clientela.toml").write_text(settings(world) + alone, encoding="utf-8")
        self.workspace = open_workspace(folder / "w")
        self.world, self.exports = world, folder / "w" / "exports"
        self.company = Company(world, exports=self.exports, truth=folder / "truth")
        self.company.deliver(world.ends)
        self.taken: Taken = take(Shop(self.workspace), 0)
        self.dirt: list[dict[str, Any]] = read(folder / "truth", "dirt").to_pylist()
        last = world.weeks - 1
        whole = {"products.csv", "subscriptions.csv", "territories.csv"}  # of these the newest counts
        self.dirt = [each for each in self.dirt if each["file"] not in whole or each["week"] == last]

    def planted(self, source: str, table: str, **said: object) -> list[dict[str, Any]]:
        """What is wrong in what a source delivers to a table."""
        wanted = {"source": source, "table_name": table, **said}
        return [each for each in self.dirt if all(each[name] == value for name, value in wanted.items())]

    def places(self) -> set[tuple[str, str]]:
        """Sources and tables in whose files something is wrong."""
        return {(each["source"], each["table_name"]) for each in self.dirt}


def world(customers: int, **given: object) -> World:
    """Two weeks that end eight days before the run; all customers there from the first, and busy."""
    busy = dict.fromkeys(("visits", "calls", "mailings", "cases", "surveys"), 0.4)
    few = {"late": 0.0, "corrected": 0.0, "records": False, "products": 40, "begins": date(2024, 6, 10), "weeks": 2}
    much = {"founders": 1.0, "rate_weeks": 1.5, "organisations": 0.3, "promotions": 1.0, "subscribers": 0.3}
    return World(**{**busy, **few, **much, "customers": customers, **given})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Dirty:
    shares = dict.fromkeys(DIRTY, 0.012)
    return Dirty(tmp_path_factory.mktemp("dirty"), world(1_500, abroad=0.3, empty_files=0.2, **shares))


def test_what_cannot_be_used_is_in_quarantine_where_it_stands_and_nothing_else_is(dirty: Dirty) -> None:
    assert quarantined(dirty) == set(QUARANTINED)


def quarantined(dirty: Dirty) -> set[str]:
    """The kinds of what is in quarantine, all of it and only it where the truth says, for the right reason."""
    planted = {
        (each["file"], each["line"], each["column"]): each for each in dirty.dirt if each["expected"] == "quarantine"
    }
    found = defaultdict(list)
    for row in dirty.workspace.quarantine().rows:
        found[PurePath(row.path).name, row.line, row.column].append(row)
    assert set(found) == set(planted)
    for place, each in planted.items():
        assert all(re.search(QUARANTINED[each["kind"]], row.rule) for row in found[place]), (each, found[place])
        if place[2]:  # a cell, not a row
            assert {row.value for row in found[place]} == {each["written"]}
    return {each["kind"] for each in planted.values()}


def test_the_share_of_rows_that_cannot_be_used_is_the_planted_one(dirty: Dirty) -> None:
    for source, table in dirty.places():
        lost = {
            (each["file"], each["line"]) for each in dirty.planted(source, table) if each["expected"] == "quarantine"
        }
        found, checked, _ = dirty.taken.found(source, table, "", "valid")
        assert found == len(lost), (source, table)
        assert checked is not None
        assert checked > 5 * len(lost) > 0 or (source, table) in NO_ROW_LOST


NO_ROW_LOST = {("assortment", "product"), ("organisation", "territory"), ("shop", "subscription")}


def test_rows_that_come_twice_are_counted_once_and_as_not_unique(dirty: Dirty) -> None:
    twice = 0
    for source, table in dirty.places():
        kinds = Counter(each["kind"] for each in dirty.planted(source, table))
        again = kinds["doubled_rows"] + kinds["clashing_rows"]  # of those that contradict, each is a row too many
        assert dirty.taken.found(source, table, "", "unique")[0] == again, (source, table)
        twice += again
    assert twice > 50


LINES = ("till", "shop", "office")
TOUCHES = ("web", "callcentre", "mailer")
LEFT_OUT = {  # columns that are never empty unless something is wrong, as the files call them
    ("till", "order_line", "product_id"): "Artículo",
    ("till", "order_line", "quantity"): "Cantidad",
    ("till", "order_line", "cost_of_goods"): "Coste",
    ("till", "order_line", "territory_id"): "Tienda",
    ("shop", "order_line", "product_id"): "sku",
    ("shop", "order_line", "quantity"): "pieces",
    ("shop", "order_line", "cost_of_goods"): "cost",
    ("office", "order_line", "customer_ref"): "Account",
    ("office", "order_line", "product_id"): "Item",
    ("office", "order_line", "quantity"): "Qty",
    ("office", "order_line", "cost_of_goods"): "Cost",
    ("survey", "survey_answer", "score"): "Nota",
}


def test_what_is_missing_is_counted_where_it_is_missing(dirty: Dirty) -> None:
    lost = 0
    for (source, table, column), label in LEFT_OUT.items():
        planted = dirty.planted(source, table, kind="lost_values", column=label)
        assert dirty.taken.found(source, table, column, "complete")[0] == len(planted), (source, column)
        lost += len(planted)
    assert lost > 10


def ahead(rows: Iterable[dict[str, Any]], pattern: str) -> int:
    """How many of the dates that were written lie after the day of the run."""
    return sum(datetime.strptime(each["written"], pattern).date() > TODAY for each in rows)  # noqa: DTZ007


PATTERNS = {
    "till": "%d/%m/%Y %H:%M:%S",
    "office": "%m/%d/%Y %I:%M:%S %p",
    "web": "%Y-%m-%dT%H:%M:%SZ",
    "mailer": "%Y-%m-%dT%H:%M:%SZ",
    "callcentre": "%d/%m/%Y %H:%M:%S",
    "survey": "%d/%m/%Y %H:%M:%S",
}


def test_what_happened_in_the_future_is_counted(dirty: Dirty) -> None:
    events = {"order_line": "ordered_at", "interaction": "started_at", "survey_answer": "answered_at"}
    told = 0
    for source, pattern in PATTERNS.items():
        table = next(table for name, table in dirty.places() if name == source and table in events)
        wrong = dirty.planted(source, table, kind="future_dates")
        swapped = dirty.planted(source, table, kind="swapped_dates", expected="unseen")
        found = dirty.taken.found(source, table, events[table], "correct", "future")[0]
        assert found == ahead([*wrong, *swapped], pattern), source
        told += len(wrong)
    assert told > 15


def test_what_contradicts_itself_is_counted(dirty: Dirty) -> None:
    asked = {
        ("quantity", "sign"): ("negatives", ("Cantidad", "pieces", "Qty")),
        ("discount", "discount"): ("negatives", ("Descuento", "saved", "Rebate")),
        ("cost_of_goods", "cost"): ("unit_slips", ("Coste", "cost", "Cost")),
        ("product_id", "refers"): ("unknown_products", ("Artículo", "sku", "Item")),
        ("net_revenue", "price"): ("unit_slips", ("Importe", "total", "Net")),
    }
    for (column, rule), (kind, labels) in asked.items():
        planted = found = 0
        for source, label in zip(LINES, labels, strict=True):
            wrong = dirty.planted(source, "order_line", kind=kind, column=label, rule=rule)
            planted += len(wrong)
            found += dirty.taken.found(source, "order_line", column, "correct", rule)[0] or 0
        assert found == planted, (column, rule)
        assert planted > 3 or column == "discount"
    shorter = dirty.planted("callcentre", "interaction", column="Seconds", rule="sign")
    assert dirty.taken.found("callcentre", "interaction", "duration_s", "correct", "sign")[0] == len(shorter) > 0


def test_what_ends_before_it_began_is_counted(dirty: Dirty) -> None:
    told = 0
    for source, table, column, label, files in (
        ("office", "invoice", "due_on", "Fällig", "office-invoices-*.csv"),
        ("office", "invoice", "paid_on", "Bezahlt", "office-invoices-*.csv"),
        ("helpdesk", "service_case", "first_reply_at", "replied", "cases-*.jsonl"),
        ("helpdesk", "service_case", "closed_at", "solved", "cases-*.jsonl"),
    ):
        planted = dirty.planted(source, table, kind="early_dates", column=label)
        newest = [each for each in planted if not sent_again(dirty, each, files)]
        assert dirty.taken.found(source, table, column, "correct", "order")[0] == len(newest), column
        told += len(newest)
    assert told > 4


def sent_again(dirty: Dirty, wrong: dict[str, Any], files: str) -> bool:
    """Whether a later file has the record anew, as it should be."""
    unusable = {(each["file"], each["key"]) for each in dirty.dirt if each["expected"] == "quarantine"}
    return any(
        path.name > wrong["file"] and (path.name, wrong["key"]) not in unusable
        for path in dirty.exports.glob(files)
        if f'"{wrong["key"]}"'.encode() in path.read_bytes()
    )


def test_data_are_as_old_as_what_was_last_sent(dirty: Dirty) -> None:
    days = (TODAY - (dirty.world.ends - timedelta(days=1))).days  # the last day of the world is the newest that is told
    for source, table in (("till", "order_line"), ("web", "interaction"), ("office", "invoice")):
        (age,) = [
            each.measured
            for each in dirty.taken.measures
            if (each.source, each.table_name, each.property) == (source, table, "current")
        ]
        assert age == days == 8


def test_files_that_cannot_be_read_are_counted_until_they_come_again(dirty: Dirty) -> None:
    last = dirty.world.weeks - 1
    refused = [each for each in dirty.dirt if each["kind"] == "empty_files"]
    assert {each["week"] for each in refused} == {0, 1}
    for source, table in dirty.places():
        still = [
            each for each in refused if (each["source"], each["table_name"], each["week"]) == (source, table, last)
        ]
        found, _, _ = dirty.taken.found(source, table, "", "accessible")
        assert found == len(still), (source, table)


def test_what_is_billed_in_other_currencies_is_worth_what_the_truth_says(tmp_path: Path) -> None:
    made = Dirty(tmp_path, world(300, abroad=0.8, weeks=2, begins=date(2024, 6, 10), corrected=0.1))
    with Reader(current(made.workspace.folder)) as reader:  # type: ignore[arg-type] # a run was published
        named = exp.table_("order_line", db="main", catalog="facts", quoted=True)
        lines = exp.select("source", "net_revenue", "tax", "currency").from_(named).where("known_until is null")
        found = reader.fetch(lines).to_pylist()
    worth = dict[tuple[int, int], int]()
    for each in read(tmp_path / "truth", "arrived_line").to_pylist():  # in the order in which they arrived
        worth[each["order"], each["line"]] = 100 * each["revenue"]
    own = sum(worth.values())
    for each in read(tmp_path / "truth", "billed_abroad").to_pylist():
        worth[each["order"], each["line"]] = each["revenue"]
    assert sum(row["net_revenue"] for row in found) * 10_000 == sum(worth.values()) != own
    foreign = [row for row in found if row["currency"] != "EUR"]
    assert {row["currency"] for row in foreign} == {"GBP", "USD", "CHF"}
    assert {row["source"] for row in foreign} == {"office"}
    assert {row["tax"] for row in foreign} == {0}
    shares = {round(float(row["tax"] / row["net_revenue"]), 2) for row in found if row["net_revenue"] > 20}
    assert shares == {0.0, 0.09, 0.1, 0.21, 0.22}


@pytest.mark.slow
def test_what_is_measured_is_within_a_point_of_what_was_planted(tmp_path: Path) -> None:
    each_of = ("unreadable_numbers", "unreadable_dates", "impossible_dates", "lost_keys", "trailing_junk")
    shares = dict.fromkeys((*each_of, "broken_bytes", "misquoted", "truncated", "doubled_rows", "clashing_rows"), 0.01)
    more = {"lost_values": 0.18, "future_dates": 0.05, "unknown_products": 0.05, "negatives": 0.1, "unit_slips": 0.2}
    other = {"late": 0.03, "corrected": 0.02, "records": True, "weeks": 4, "begins": date(2024, 5, 27)}
    made = Dirty(tmp_path, world(3_000, **shares, **more, **other), link=True)
    assert quarantined(made) == set(shares) - {"doubled_rows"} | {"negatives"}
    planted = {  # a row in the file for what the world says; what is said twice is a row more
        ("till", "order_line", "", "valid", ""): (8 * 0.01 + 2 * 0.01) / 1.02,
        ("till", "order_line", "", "unique", ""): (0.01 + 2 * 0.01) / 1.02,
        ("till", "order_line", "product_id", "complete", "missing"): 0.18 / 9,  # one column of nine
        ("till", "order_line", "territory_id", "complete", "missing"): 0.18 / 9,
        ("till", "order_line", "ordered_at", "correct", "future"): 0.05 / 0.9,  # of the rows that count
        ("till", "order_line", "product_id", "correct", "refers"): 0.05 / 0.9,
        ("till", "order_line", "quantity", "correct", "sign"): 0.1 / 2 / 0.9 * SOLD,
        ("till", "order_line", "net_revenue", "correct", "price"): 0.2 / 4 / 0.9,  # one column of four
        ("till", "order_line", "cost_of_goods", "correct", "cost"): 0.2 / 4 / 0.9,
    }
    for place, share in planted.items():
        (measured,) = [
            each.measured
            for each in made.taken.measures
            if (each.source, each.table_name, each.column_name, each.property, each.rule) == place
        ]
        assert float(measured or 0) == pytest.approx(share, abs=0.01), place
    told = who_is_who(made.company.people)
    sent = told.filter(pc.less(told["since_week"], made.world.weeks))
    doubled = 1 - pc.count_distinct(sent["person"]).as_py() / sent.num_rows
    found, checked, _ = made.taken.found("", "customer_record", "record_id", "unique", "duplicate")
    assert (found or 0) / (checked or 1) == pytest.approx(doubled, abs=0.03)


SOLD = 0.95  # share of lines that are no returns
