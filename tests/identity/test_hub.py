"""A value that thousands of records share names nobody: it glues no customers together and costs little."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from clientela.warehouse.store.snapshot import current
from tests.identity.delivery import NOW, found, workspace, write
from tests.identity.records import Delivered, delivered
from tests.identity.scoring import score

LARGEST, RECORDS = 50, 10_000
HUBS = {
    "phone": "+34 910 123 456",
    "postal": "28001",
    "email": "pedidos@marketplace.example.com",
    "surname": "García",
}


@pytest.fixture(scope="module")
def many() -> Delivered:
    return delivered(RECORDS, seed=21)


@pytest.fixture(scope="module")
def without(many: Delivered, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[np.ndarray, float]]:
    """For each field: the customers when nobody has a value there, and how many pairs were compared for them."""
    cache: dict[str, tuple[np.ndarray, float]] = {}
    for name in HUBS:
        table = many.table.set_column(many.table.column_names.index(name), name, pa.nulls(RECORDS, pa.string()))
        cache[name] = customers(tmp_path_factory.mktemp(name) / "w", table)
    return cache


def customers(folder: Path, table: pa.Table) -> tuple[np.ndarray, float]:
    company = workspace(folder)
    write(folder, table)
    company.run(now=NOW)
    published = current(folder)
    assert published is not None
    with duckdb.connect(str(published.paths["facts"]), read_only=True) as connection:
        compared = connection.execute(
            "select coalesce(sum(value), 0) from identity_figure where figure = 'pairs compared'"
        ).fetchall()[0][0]
    return found(folder, table).customer_id, float(compared)


def shared(many: Delivered, name: str) -> pa.Table:
    return many.table.set_column(many.table.column_names.index(name), name, pa.array([HUBS[name]] * RECORDS))


@pytest.mark.slow
@pytest.mark.parametrize("name", HUBS)
def test_ten_thousand_records_with_one_value_are_as_many_customers_as_without_it(
    many: Delivered, without: dict[str, tuple[np.ndarray, float]], tmp_path: Path, name: str
) -> None:
    ours, compared = customers(tmp_path / "w", shared(many, name))
    baseline, fewest = without[name]
    assert np.unique(ours, return_counts=True)[1].max() <= LARGEST
    assert score(many.truth, ours).precision >= score(many.truth, baseline).precision - 0.01
    assert score(many.truth, ours).recall >= score(many.truth, baseline).recall - 0.02
    assert compared <= 2 * fewest + RECORDS


def test_two_thousand_records_with_one_telephone_stay_apart(tmp_path: Path) -> None:
    some = delivered(2_000, seed=22)
    table = some.table.set_column(some.table.column_names.index("phone"), "phone", pa.array([HUBS["phone"]] * 2_000))
    ours, _ = customers(tmp_path / "w", table)
    assert np.unique(ours, return_counts=True)[1].max() <= 10
    assert score(some.truth, ours).precision > 0.9


def test_placeholders_join_nobody(tmp_path: Path) -> None:
    """Records that say nothing but what clerks write for nothing are each their own customer."""
    table = delivered(400, seed=23, duplicates=0.0).table
    empty = {
        "given": None, "surname": "desconocido", "email": "noemail@noemail.com", "phone": "000000000",
        "street": "sin dirección", "postal": "00000", "city": "xxx", "company": None, "tax": "00000000T",
    }  # fmt: skip
    for name, value in empty.items():
        said = pa.array([value] * table.num_rows, pa.string())
        table = table.set_column(table.column_names.index(name), name, said)
    nothing = pa.array([None] * table.num_rows, pa.date32())
    table = table.set_column(table.column_names.index("born"), "born", nothing)
    ours, _ = customers(tmp_path / "w", table)
    assert len(np.unique(ours)) == 400
