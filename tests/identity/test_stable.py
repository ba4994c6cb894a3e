"""The same records give the same customers: in any order, on any number of threads, at once or bit by bit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.identity.delivery import NOW, found, split, workspace, write
from tests.identity.records import Delivered, delivered
from tests.identity.scoring import score

RECORDS = 1_500
SETTLED = (
    "identity",
    "identity_pair",
    "identity_evidence",
    "identity_figure",
    "identity_event",
    "identifier",
    "customer",
    "customer_lineage",
    "customer_relation",
    "customer_record",
)


@pytest.fixture(scope="module")
def made() -> Delivered:
    return delivered(RECORDS, seed=11, duplicates=0.3)


def run(folder: Path, table: pa.Table, *, threads: int, files: int = 1) -> Mapping[str, tuple[int, int]]:
    """Deliver the table in its order, dealt to so many files, and run: the fingerprint of each table of identity."""
    company = workspace(folder, threads=threads)
    for number in range(files):
        write(folder, table.slice(number * table.num_rows // files, table.num_rows // files + 1), files - number)
    company.run(now=NOW)
    return {name: each for name, each in company.fingerprints().items() if name.split(".")[-1] in SETTLED}


@pytest.fixture(scope="module")
def settled(made: Delivered, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, int]]:
    return run(tmp_path_factory.mktemp("settled") / "w", made.table, threads=1)


def shuffled(
    made: Delivered, settled: Mapping[str, tuple[int, int]], folder: Path, seed: int
) -> tuple[Mapping[str, tuple[int, int]], Mapping[str, tuple[int, int]]]:
    order = np.random.default_rng(seed).permutation(made.table.num_rows)
    found_now = run(folder, made.table.take(pa.array(order)), threads=1 + seed % 2, files=1 + seed % 3)
    return found_now, settled


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_shuffled_records_give_the_same_tables(
    made: Delivered, settled: Mapping[str, tuple[int, int]], tmp_path: Path, seed: int
) -> None:
    assert len(settled) >= 8
    now, before = shuffled(made, settled, tmp_path / "w", seed)
    assert now == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 23))
def test_twenty_shuffles_on_one_and_two_threads_give_the_same_tables(
    made: Delivered, settled: Mapping[str, tuple[int, int]], tmp_path: Path, seed: int
) -> None:
    now, before = shuffled(made, settled, tmp_path / "w", seed)
    assert now == before


@pytest.mark.parametrize("records", [2_000, pytest.param(6_000, marks=pytest.mark.slow)])
def test_later_records_change_no_customer_they_do_not_touch(tmp_path: Path, records: int) -> None:
    """A hundredth of the records comes later: the others keep their numbers, and all is as if it had come at once."""
    many = delivered(records, seed=12)
    first, later = split(many, 0.01)
    company = workspace(tmp_path / "w")
    write(tmp_path / "w", first, 1)
    company.run(now=NOW)
    before = found(tmp_path / "w", first).customer_id
    write(tmp_path / "w", later, 2)
    company.run(now=NOW)
    after = found(tmp_path / "w", many.table).customer_id

    touched = np.isin(after[: len(before)], after[len(before) :])
    assert 0 < touched.sum() < 0.05 * len(before)
    assert (before[~touched] == after[: len(before)][~touched]).all()
    assert set(after[: len(before)][touched]) <= set(before[touched]), "the oldest record's number stays"

    at_once = workspace(tmp_path / "at-once")
    write(tmp_path / "at-once", many.table, 1)
    at_once.run(now=NOW)
    assert score(found(tmp_path / "at-once", many.table).customer_id, after).f1 >= 0.999
