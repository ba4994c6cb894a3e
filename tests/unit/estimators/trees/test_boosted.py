"""Boosted trees: the same counts give the same model, what features add adds up, and published data are told apart."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.calibration import brier, calibration_bins
from clientela.estimators.discrimination import discrimination
from clientela.estimators.logistic import fit_logistic, probability
from clientela.estimators.trees.boosted import Boosted, contributions, fit_boosted, log_odds

NAMES = ("a", "b", "c")


def drawn(seed: int, n: int) -> tuple[Floats, Floats]:
    """Features of which the first pushes up, and the others only together."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).round(1)
    return x, floats(rng.random(n) < 1 / (1 + np.exp(-(x[:, 0] + 2 * x[:, 1] * x[:, 2]))))


@pytest.fixture(scope="module")
def fit() -> Boosted:
    x, y = drawn(1, 4_000)
    return fit_boosted(NAMES, x, np.ones(len(y)), y)


def test_it_says_what_no_straight_line_can(fit: Boosted):
    x, y = drawn(2, 4_000)
    one = np.ones(len(y))
    line = fit_logistic(x, one, y)
    trees, straight = (discrimination(each, one, y).auc for each in (log_odds(fit, x), probability(line, x)))
    assert trees > straight + 0.1


def test_the_same_counts_give_the_same_model_in_any_order_and_counted_in_any_way(fit: Boosted):
    x, y = drawn(1, 4_000)
    order = np.random.default_rng(3).permutation(len(y))
    assert fit_boosted(NAMES, x[order], np.ones(len(y)), y[order]).text == fit.text
    kinds, at = np.unique(x, axis=0, return_inverse=True)
    counted = fit_boosted(NAMES, kinds, floats(np.bincount(at.ravel())), floats(np.bincount(at.ravel(), y)))
    assert counted.text == fit.text


def test_what_the_features_add_adds_up_exactly(fit: Boosted):
    x, _ = drawn(4, 500)
    told = contributions(fit, x)
    assert told.shape == (500, 4)
    assert told.sum(1) == pytest.approx(log_odds(fit, x), abs=1e-12)
    assert np.ptp(told[:, 3]) == 0


def test_a_model_read_again_says_the_same(fit: Boosted):
    x, _ = drawn(4, 500)
    again = Boosted(text=str(fit.text), names=NAMES, trials=0, events=0)
    assert (log_odds(again, x) == log_odds(fit, x)).all()


def test_more_of_a_feature_can_be_held_to_mean_likelier():
    x, y = drawn(1, 2_000)
    held = fit_boosted(NAMES, x, np.ones(len(y)), y, monotone=(1, 0, 0))
    ladder = np.column_stack([np.linspace(-3, 3, 50), np.zeros(50), np.zeros(50)])
    assert (np.diff(log_odds(held, ladder)) >= 0).all()


def test_what_cannot_be_learned_from_is_refused():
    x, y = drawn(1, 50)
    with pytest.raises(UndefinedError, match="0 events in 50 trials"):
        fit_boosted(NAMES, x, np.ones(50), np.zeros(50))
    with pytest.raises(UndefinedError, match="a table of finite numbers with 2 columns"):
        fit_boosted(NAMES[:2], x, np.ones(50), y)
    with pytest.raises(UndefinedError, match="finite"):
        fit_boosted(NAMES, np.where(x > 2, np.nan, x), np.ones(50), y)


def telco(folder: Path) -> tuple[tuple[str, ...], Floats, Floats]:
    """IBM's telephone customers: each word of a column a feature of 0 and 1, numbers as they are; who left."""
    with gzip.open(folder / "telco_churn" / "Telco-Customer-Churn.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names: list[str] = []
    columns: list[Floats] = []
    for name in rows[0]:
        if name in ("customerID", "Churn"):
            continue
        values = [row[name].strip() for row in rows]
        if name in ("tenure", "MonthlyCharges", "TotalCharges"):
            names.append(name)
            columns.append(floats([float(each or 0) for each in values]))
            continue
        for word in sorted(set(values))[1:]:
            names.append(f"{name}_{word}".replace(" ", "_"))
            columns.append(floats([each == word for each in values]))
    return tuple(names), np.column_stack(columns), floats([row["Churn"] == "Yes" for row in rows])


def folds(n: int, parts: int) -> Floats:
    return np.random.default_rng(20).permutation(n) % parts


def test_telco_is_told_apart_and_calibrated_in_five_folds(shared_data: Path):
    names, x, y = telco(shared_data)
    assert (len(y), y.sum()) == (7_043, 1_869)
    part, said = folds(len(y), 5), np.zeros(len(y))
    for fold in range(5):
        rest = np.flatnonzero(part != fold)
        later = rest[np.arange(len(rest)) % 4 == 0]  # at which the log-odds of the trees are calibrated
        early = np.setdiff1d(rest, later)
        trees = fit_boosted(names, x[early], np.ones(len(early)), y[early])
        line = fit_logistic(log_odds(trees, x[later])[:, None], np.ones(len(later)), y[later])
        held = np.flatnonzero(part == fold)
        said[held] = probability(line, log_odds(trees, x[held])[:, None])
    one = np.ones(len(y))
    assert discrimination(said, one, y).auc >= 0.84
    assert brier(said, one, y) <= 0.137
    assert calibration_bins(said, one, y).error <= 0.03
