"""Published sets through the whole product: files, mapping, run. Nothing is chosen per set but what a column means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.identity import sets
from tests.identity.baselines import splink_untuned
from tests.identity.delivery import NOW, found, workspace
from tests.identity.scoring import Score, joined_by, score

SPLINK_FEBRL = {
    "given_name": "name",
    "surname": "name",
    "date_of_birth": "%Y%m%d",
    "soc_sec_id": "term",
    "postcode": "term",
    "suburb": "term",
}
SPLINK_FAKE = {"first_name": "name", "surname": "name", "dob": "%Y-%m-%d", "city": "term", "email": "email"}


@pytest.fixture
def through(tmp_path: Path) -> Callable[[sets.Published], np.ndarray]:
    """The customer of each record after one run of the product with its own settings."""

    def run(chosen: sets.Published) -> np.ndarray:
        made = workspace(tmp_path / "w", sources=chosen.settings, timezone=chosen.timezone)
        chosen.write(tmp_path / "w" / "exports")
        made.run(now=NOW)
        return found(tmp_path / "w", chosen.table).customer_id

    return run


Through = Callable[[sets.Published], np.ndarray]


def untuned(chosen: sets.Published, kinds: dict[str, str]) -> Score:
    return score(chosen.truth, splink_untuned(chosen.rows, kinds)[0])


def test_febrl4_is_linked_as_well_as_good_linkers_do(shared_data: Path, through: Through) -> None:
    chosen = sets.febrl4(shared_data)
    ours = score(chosen.truth, through(chosen))
    assert ours.f1 >= 0.995, ours
    assert ours.f1 > untuned(chosen, SPLINK_FEBRL).f1


def test_febrl3_is_deduplicated_better_than_by_one_number_or_by_splink_untuned(
    shared_data: Path, through: Through
) -> None:
    chosen = sets.febrl3(shared_data)
    ours = score(chosen.truth, through(chosen))
    by_number = score(chosen.truth, joined_by([row["soc_sec_id"] for row in chosen.rows]))
    assert ours.f1 >= 0.98, ours
    assert ours.f1 > by_number.f1
    assert ours.f1 > untuned(chosen, SPLINK_FEBRL).f1


def test_fake_1000_is_found_better_than_by_e_mail_alone_and_about_as_well_as_by_splink_untuned(
    shared_data: Path, through: Through
) -> None:
    """In 58 % of its true pairs the birth dates differ: that says less there than among real people."""
    chosen = sets.fake_1000(shared_data)
    ours = score(chosen.truth, through(chosen))
    by_email = score(chosen.truth, joined_by([row["email"] for row in chosen.rows]))
    assert ours.precision >= 0.98, ours
    assert ours.f1 >= 0.72, ours
    assert ours.f1 > by_email.f1
    assert ours.f1 > untuned(chosen, SPLINK_FAKE).f1 - 0.03
