"""Many small batches become few files that hold the same rows; what is not wanted as it is leaves them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clientela.capture.conform import Conformed
from clientela.capture.kept import collected
from clientela.capture.suppression.applied import forget
from clientela.warehouse.store.landing import Landing
from tests.unit.capture.workspaces import ORDERS, Workspace, rows

HEADER = "No,Date,Total,Customer"
SETTINGS = ORDERS + 'customer_ref = "Customer"\n'
GOOD = ("order_id", "net_revenue", "_line")


@pytest.fixture(autouse=True)
def four_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collected, "FAN", 4)


@pytest.fixture
def shop(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, SETTINGS.replace('delivery = "upsert"', 'delivery = "upsert"\nmax_bad = 0.5'))


def deliver(shop: Workspace, *numbers: int, bad: Sequence[int] = ()) -> None:
    for number in numbers:
        day = "never" if number in bad else "2024-01-02"
        shop.write(
            f"orders-{number:02}.csv", HEADER, f"a{number},{day},{number},c1", f"b{number},2024-01-01,5,c{number}"
        )
    shop.run()


def folders(shop: Workspace) -> list[str]:
    """The names of what is kept, collections first."""
    return sorted(path.name for path in (shop.folder / "landing" / "conformed").iterdir())


def together(found: Sequence[Conformed]) -> list[int]:
    return [each.batch.sequence for each in found if each.together]


def files(found: Sequence[Conformed], name: str) -> list[Path]:
    return list(dict.fromkeys(path for each in found if (path := getattr(each, name)) is not None))


def everything(found: Sequence[Conformed]) -> tuple[list[Any], list[Any], list[Any]]:
    """All rows, keys and bad rows, wherever they lie."""
    good = sorted(row for path in files(found, "facts") for row in rows(path, *GOOD))
    keys = sorted({row for path in files(found, "refs") for row in rows(path, "record_id", "customer_ref")})
    bad = sorted(row for path in files(found, "quarantine") for row in rows(path, "path", "line", "value", "run"))
    return good, keys, bad


def on_their_own(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[Any], list[Any]]:
    """What the same landing gives when each batch is typed anew and kept on its own."""
    with monkeypatch.context() as patch:
        patch.setattr(collected, "FAN", 10**9)
        shutil.rmtree(shop.folder / "landing" / "conformed")
        return everything(shop.conform())


def test_few_batches_stay_as_they_are_and_many_become_one(shop, monkeypatch):
    deliver(shop, 1, 2, 3)
    assert together(shop.conform()) == []
    deliver(shop, 4, bad=[4])
    found = shop.conform()
    assert together(found) == [1, 2, 3, 4]
    assert [(each.accepted, each.quarantined, each.batch.path) for each in found][2:] == [
        (2, 0, "orders-03.csv"),
        (1, 1, "orders-04.csv"),
    ]
    assert len(folders(shop)) == 1
    assert everything(shop.conform()) == everything(found) == on_their_own(shop, monkeypatch)


def test_a_batch_that_said_a_row_twice_lies_with_one_that_had_a_bad_row(shop, monkeypatch):
    """Of the first the engine knows that no mark is null, of the second there are no marks."""
    shop.write("orders-01.csv", HEADER + ",line_no", *["a1,2024-01-02,1,c1,1"] * 2)
    deliver(shop, 2, bad=[2])
    deliver(shop, 3, 4)
    found = shop.conform()
    assert together(found) == [1, 2, 3, 4]
    assert [(each.accepted, each.quarantined) for each in found] == [(1, 0), (1, 1), (2, 0), (2, 0)]
    assert everything(found) == on_their_own(shop, monkeypatch)


def test_a_batch_lies_with_one_that_lacks_a_column(shop, monkeypatch):
    """Of a column that every row of a batch fills the engine may know that it is never null."""
    shop.write("orders-01.csv", HEADER + ",line_no,discount", *["a1,2024-01-02,1,c1,1,2"] * 2)
    deliver(shop, 2, 3, 4)
    found = shop.conform()
    assert together(found) == [1, 2, 3, 4]
    (facts,) = files(found, "facts")
    assert [said for said in rows(facts, "order_id", "discount") if said[1] is not None] == [("a1", Decimal("2.0000"))]


def test_each_row_says_how_it_came(shop):
    deliver(shop, 1, 2)
    deliver(shop, 3, 4)
    (facts,) = files(shop.conform(), "facts")
    said = [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert rows(facts, "_sequence", "_run") == [each for each in said for _ in range(2)]
    assert {at for (at,) in rows(facts, "_arrived_at")} == {
        each.batch.arrived_at.replace(tzinfo=None) for each in shop.conform()
    }


def test_collections_of_one_size_become_one_too(shop, monkeypatch):
    for first in range(1, 17, 4):
        deliver(shop, *range(first, first + 4))
        found = shop.conform()
    assert len(folders(shop)) == 1
    assert together(found) == list(range(1, 17))
    assert everything(found) == on_their_own(shop, monkeypatch)


def test_large_batches_stay_on_their_own(shop, monkeypatch):
    monkeypatch.setattr(collected, "SMALL", 1)
    deliver(shop, 1, 2, 3, 4)
    assert together(shop.conform()) == []


def test_a_collection_holds_no_more_rows_than_it_may(shop, monkeypatch):
    monkeypatch.setattr(collected, "FULL", 5)
    deliver(shop, 1, 2, 3, 4)
    found = shop.conform()
    assert len(folders(shop)) == 2
    assert everything(found) == on_their_own(shop, monkeypatch)


def test_what_comes_again_tells_its_bad_rows_once(shop, monkeypatch):
    deliver(shop, 1, 2, 3, 4, bad=[1])
    shop.conform()
    shop.write("orders-01.csv", HEADER, "z,2024-01-05,1,c9")
    shop.run()
    deliver(shop, 1, bad=[1])
    deliver(shop, 5, 6, 7)
    found = shop.conform()
    assert everything(found)[2] == [("orders-01.csv", 2, "never", 1)]
    assert [row[0] for row in everything(found)[0]].count("b1") == 2, "it arrived twice"


def test_what_is_read_otherwise_now_leaves_the_others(shop, monkeypatch):
    deliver(shop, 1, 2, 3, 4)
    before = shop.conform()
    other = SETTINGS.replace("orders*.csv", "orders-04.csv") + '[source.constants]\nchannel = "web"\n'
    shop.configure(other + SETTINGS)
    found = shop.conform()
    assert together(found) == [1, 2, 3]
    assert rows(found[3].facts, "channel") == [("web",), ("web",)]
    assert found[0].facts != before[0].facts
    assert everything(found) == on_their_own(shop, monkeypatch)


def test_a_batch_that_no_longer_counts_leaves_the_others(shop, monkeypatch):
    deliver(shop, 1, 2, 3, 4, bad=[2])
    assert together(shop.conform()) == [1, 2, 3, 4]
    shop.configure(SETTINGS.replace('delivery = "upsert"', 'delivery = "upsert"\nmax_bad = 0.0'))
    found = shop.conform()
    assert [each.kept_out for each in found] == [False, True, False, False]
    assert together(found) == [1, 3, 4]


@pytest.mark.parametrize("name", ["rows.parquet", "refs.parquet", "quarantine.parquet", "about.json", "sums.json"])
def test_what_is_damaged_is_made_again_from_the_landing(shop, monkeypatch, name):
    deliver(shop, 1, 2, 3, 4)
    before = everything(shop.conform())
    (place,) = (shop.folder / "landing" / "conformed").iterdir()
    (place / name).write_bytes((place / name).read_bytes()[:-9])
    found = shop.conform()
    assert everything(found) == before == on_their_own(shop, monkeypatch)


def test_of_what_a_crash_left_twice_one_is_used(shop):
    deliver(shop, 1, 2, 3, 4)
    shop.conform()
    (smaller,) = (shop.folder / "landing" / "conformed").iterdir()
    shutil.copytree(smaller, shop.folder / "kept")
    for first in range(5, 17, 4):
        deliver(shop, *range(first, first + 4))
        shop.conform()
    shutil.copytree(shop.folder / "kept", smaller)
    found = shop.conform()
    assert len(everything(found)[0]) == 2 * 16
    assert not smaller.exists()


def test_what_is_forgotten_is_in_no_collection(shop):
    deliver(shop, 1, 2, 3, 4)
    found = shop.conform()
    forget(Landing(shop.folder), [found[1].batch])
    (place,) = (shop.folder / "landing" / "conformed").iterdir()
    assert {path for (path,) in rows(place / "rows.parquet", "order_id")} == {"a1", "b1", "a3", "b3", "a4", "b4"}
    assert [key for (key,) in rows(place / "refs.parquet", "record_id")] == ["c1", "c1", "c1", "c3", "c4"]
    assert "orders-02" not in (place / "about.json").read_text()
    assert together(shop.conform()) == [1, 3, 4]
    (place / "about.json").write_text("{}")
    forget(Landing(shop.folder), [found[1].batch])
    assert not place.exists(), "nobody knows what it holds"


def test_a_batch_that_was_written_again_is_typed_again(shop):
    deliver(shop, 1, 2, 3, 4)
    found = shop.conform()
    landing = Landing(shop.folder)
    written = shop.folder / "written"
    shutil.copy(landing.path_of(found[0].batch), written)
    landing.rewrite(replace(found[0].batch, sha256="5e"), written, 2, now=shop.now())
    assert together(shop.conform()) == [1, 2, 3, 4], "the same bytes"
    (place,) = (shop.folder / "landing" / "conformed").iterdir()
    about = (place / "about.json").read_text()
    shutil.copy(landing.path_of(found[1].batch), written)
    landing.rewrite(found[0].batch, written, 2, now=shop.now())
    assert [row[0] for row in rows(shop.conform()[0].facts, "order_id")] == ["a2", "b2"]
    assert about != (place / "about.json").read_text() if place.exists() else True
