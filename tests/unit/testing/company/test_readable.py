"""What can be read of the sales is the truth, but for what is late and what is spoiled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc

from clientela.testing.company import truth
from clientela.testing.company.company import Company
from clientela.testing.company.readable import Readable, readable
from clientela.testing.company.world import World

WEEKS = 3


def read(folder: Path, world: World) -> Readable:
    Company(world, exports=folder / "w" / "exports", truth=folder / "truth").deliver(world.ends)
    return readable(folder / "truth", weeks=WEEKS, until=world.begins + timedelta(weeks=WEEKS))


def test_clean_files_say_the_truth(tmp_path: Path) -> None:
    found = read(tmp_path, World.plain(customers=200, weeks=WEEKS))
    assert found.best == found.true == Decimal(pc.sum(truth.read(tmp_path / "truth", "line")["revenue"]).as_py()) / 100
    assert found.true > 1_000


def test_what_is_late_or_wrong_is_the_difference_to_what_arrived_last(tmp_path: Path) -> None:
    found = read(tmp_path, World.plain(customers=200, weeks=WEEKS, late=0.2, corrected=0.2))
    arrived = truth.read(tmp_path / "truth", "arrived_line").to_pylist()
    newest = {(each["order"], each["line"]): each["revenue"] for each in arrived}
    assert found.best == Decimal(sum(newest.values())) / 100
    assert found.late == found.best - found.true != 0


def test_rows_that_cannot_be_used_are_missing(tmp_path: Path) -> None:
    found = read(tmp_path, World.plain(customers=200, weeks=WEEKS, lost_keys=0.1))
    assert found.unusable < 0 == found.late == found.slipped


def test_an_amount_in_cents_is_read_as_it_is_written(tmp_path: Path) -> None:
    found = read(tmp_path, World.plain(customers=200, weeks=WEEKS, unit_slips=0.2))
    dirt = [
        each for each in truth.read(tmp_path / "truth", "dirt").to_pylist() if each["column"] in ("Importe", "total")
    ]
    more = sum(Decimal(each["written"]) - Decimal(each["stood"].replace(",", ".")) for each in dirt)
    assert found.slipped == more > 1_000
