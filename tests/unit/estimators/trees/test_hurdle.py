"""Trees that begin at another model: they learn what it missed and how it is shared out, not the level of a date."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.trees import hurdle
from clientela.estimators.trees.hurdle import Hurdle, Said, between, expected, fit_hurdle

NAMES = ("a", "b")


def drawn(seed: int, n: int, level: float = 1.0) -> tuple[Said, Floats, Floats]:
    """Customers of whom a model says all alike, and what came: ``a`` makes it likelier, ``b`` more."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    chance, amount = 1 / (1 + np.exp(-1.5 * x[:, 0])), 20 * np.exp(0.6 * x[:, 1])
    came = level * amount * rng.gamma(5.0, 1 / 5.0, n) * (rng.random(n) < chance)
    return Said(features=x, worth=np.full(n, 12.0), chance=np.full(n, 0.5)), floats(came), floats(chance * amount)


@pytest.fixture(scope="module")
def fit() -> Hurdle:
    return fit_hurdle(NAMES, [drawn(1, 4_000)[:2], drawn(2, 4_000, level=3.0)[:2]])


def test_they_learn_who_brings_and_how_much(fit: Hurdle):
    at, came, true = drawn(3, 4_000)
    told = expected(fit, at)
    assert np.corrcoef(told.worth, true)[0, 1] > 0.9
    assert ((told.worth - came) ** 2).mean() < 0.75 * ((came.mean() - came) ** 2).mean()
    assert abs(told.chance.mean() - (came > 0).mean()) < 0.03
    assert 3.5 < fit.shape < 6.5  # what came strays by a gamma of shape 5


def test_together_they_bring_what_the_other_model_says(fit: Hurdle):
    at, _, _ = drawn(3, 1_000)
    assert expected(fit, at).worth.sum() == pytest.approx(12_000.0)


def test_a_date_on_which_three_times_as_much_came_teaches_the_same():
    one = fit_hurdle(NAMES, [drawn(2, 4_000)[:2]])
    other = fit_hurdle(NAMES, [drawn(2, 4_000, level=3.0)[:2]])
    at, _, _ = drawn(3, 1_000)
    assert expected(one, at).worth == pytest.approx(expected(other, at).worth, rel=1e-6)


def test_eight_of_ten_end_in_their_range(fit: Hurdle):
    at, came, _ = drawn(4, 4_000)
    scaled = Said(features=at.features, worth=at.worth * came.sum() / at.worth.sum(), chance=at.chance)
    low, high = between(expected(fit, scaled), fit.shape)
    assert ((low <= came) & (came <= high)).mean() == pytest.approx(0.8, abs=0.04)


def test_the_same_customers_in_any_order_give_the_same_trees(fit: Hurdle):
    def shuffled(seed: int, level: float) -> tuple[Said, Floats]:
        at, came, _ = drawn(seed, 4_000, level)
        order = np.random.default_rng(9).permutation(came.size)
        return Said(features=at.features[order], worth=at.worth[order], chance=at.chance[order]), came[order]

    assert fit_hurdle(NAMES, [shuffled(2, 3.0), shuffled(1, 1.0)]) == fit


def test_of_more_customers_some_teach_and_as_much_comes_of_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hurdle, "MOST_ROWS", 2_000)
    some = fit_hurdle(NAMES, [drawn(1, 4_000)[:2], drawn(2, 4_000)[:2]])
    at, _, true = drawn(3, 4_000)
    assert some.customers == 2_000
    assert np.corrcoef(expected(some, at).worth, true)[0, 1] > 0.85


def test_what_cannot_be_learned_is_said():
    at, came, _ = drawn(1, 100)
    with pytest.raises(UndefinedError, match="0 of 100 customers brought something"):
        fit_hurdle(NAMES, [(at, came * 0)])
    with pytest.raises(UndefinedError, match="above 0"):
        fit_hurdle(NAMES, [(Said(features=at.features, worth=at.worth * 0, chance=at.chance), came)])
    with pytest.raises(UndefinedError, match="finite numbers with 3 columns"):
        fit_hurdle(("a", "b", "c"), [(at, came)])
