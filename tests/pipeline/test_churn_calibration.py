"""The chance we gave of leaving comes true as often as it says, in a world of the model's kind and in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientela.estimators.arrays import floats
from tests.pipeline.calibration import Judged, judged, world

CUSTOMERS = 5_000  # as in docs/explanation/churn-risk.md


def test_a_judgement_counts_what_was_said_and_what_came() -> None:
    said = floats([0.2] * 50 + [0.8] * 50)
    left = floats([1] * 10 + [0] * 40 + [1] * 40 + [0] * 10)
    told = Judged(method="both", said=said, silence=said, left=left, naive=0.4).figures()
    assert told["both"]["expected"] == pytest.approx(50)
    assert told["both"]["left"] == 50
    assert told["both"]["ece"] == pytest.approx(0.0)
    assert told["both"]["brier"] == pytest.approx(0.16)
    assert told["the same for all"]["expected"] == pytest.approx(40)
    assert told["the same for all"]["brier"] == pytest.approx(0.26)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Pareto/NBD", "Not Pareto/NBD"])
def test_chances_come_true_in_both_worlds(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path, world(name, CUSTOMERS))
    ours, silence, same = found.figures().values()
    assert ours["n"] > 0.9 * CUSTOMERS
    assert ours["ece"] <= 0.02  # of chances that are exactly right .009 on average, .013 in one of twenty
    assert ours["expected"] == pytest.approx(ours["left"], rel=0.02)
    assert ours["brier"] < 0.9 * silence["brier"] < 0.9 * same["brier"]
    assert 0.9 < ours["slope"] < 1.1
    assert ours["auc"] > silence["auc"] > 0.9
