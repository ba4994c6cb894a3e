"""An elasticity is recovered from what is bought at prices that change, with an interval that holds it."""

import numpy as np
import pytest

from clientela.errors import UndefinedError
from clientela.estimators.comparing.elasticity import Elasticity, difference, elasticity


def bought(seed: int, value: float, *, products: int = 40, months: int = 24, level: float = 3.0) -> Elasticity:
    """What a group of this elasticity buys: seasons, products that sell well or badly, and demand that wavers."""
    rng = np.random.default_rng(seed)
    product = np.repeat(np.arange(products), months)
    change, usual = rng.normal(0, 0.12, product.size), np.repeat(rng.normal(2, 1, products), months)
    visits = np.tile(rng.uniform(50, 150, months), products)
    liked = np.repeat(rng.gamma(1.0, level, products), months)
    wavers = rng.gamma(4.0, 0.25, product.size)  # more than a Poisson: with months of its own for each product
    pieces = rng.poisson(liked * wavers * visits / 100 * np.exp(value * change))
    return elasticity(product, usual + change, visits, pieces.astype(float))


def test_a_known_elasticity_is_recovered():
    found = [bought(seed, -1.5) for seed in range(30)]
    assert np.mean([each.value for each in found]) == pytest.approx(-1.5, abs=0.06)


def test_its_interval_holds_it_as_often_as_it_says():
    held = [each.low <= -1.5 <= each.high for each in (bought(seed, -1.5).contrast for seed in range(200))]
    assert 0.90 <= np.mean(held) <= 0.985


def test_the_difference_of_two_groups_is_recovered_and_what_befell_both_does_not_count():
    rng = np.random.default_rng(1)
    held, widths, apart = [], [], []
    for _ in range(100):
        product, months = np.repeat(np.arange(30), 24), 24
        price = rng.normal(0, 0.12, product.size)
        shock = rng.gamma(2.0, 0.5, product.size)  # the weather, the same for both
        each = [
            elasticity(product, price, np.ones(30 * months), rng.poisson(20 * shock * np.exp(b * price)).astype(float))
            for b in (-2.0, -1.2)
        ]
        found = difference(*each)
        apart.append(found.value)
        held.append(found.low <= -0.8 <= found.high)
        widths.append(found.error / np.hypot(each[0].contrast.error, each[1].contrast.error))
    assert np.mean(apart) == pytest.approx(-0.8, abs=0.06)
    assert 0.88 <= np.mean(held) <= 0.99
    assert np.mean(widths) < 0.6


def test_times_in_which_none_was_bought_count():
    """Of products bought once in a while, a regression of logarithms would find hardly any elasticity."""
    found = [bought(seed, -2.0, level=0.2, products=150).value for seed in range(20)]
    assert np.mean(found) == pytest.approx(-2.0, abs=0.15)


def test_rows_in_any_order_and_prices_in_any_unit_give_the_same():
    rng = np.random.default_rng(2)
    product = np.repeat(np.arange(5), 12)
    price, pieces = rng.normal(1, 0.2, 60), rng.poisson(9, 60).astype(float)
    plain = elasticity(product, price, np.ones(60), pieces)
    order = rng.permutation(60)
    other = elasticity(product[order], price[order] + np.log(1.21), 7 * np.ones(60), pieces[order])
    assert other.value == pytest.approx(plain.value, abs=1e-9)
    assert other.contrast.error == pytest.approx(plain.contrast.error, rel=1e-6)


@pytest.mark.parametrize(
    ("price", "pieces", "why"),
    [
        ([1.0, 1.0, 2.0, 2.0], [3.0, 4.0, 5.0, 6.0], "No product whose price changed"),
        ([1.0, 2.0, 1.0, 2.0], [0.0, 0.0, 0.0, 0.0], "No product whose price changed"),
        ([1.0, 2.0, 1.0, 2.0], [3.0, 0.0, 4.0, 0.0], "no finite elasticity"),
        ([1.0, 2.0, 1.0, 1.0], [3.0, 1.0, 4.0, 4.0], "The price of 1 product changed"),
    ],
)
def test_what_tells_of_no_elasticity_is_undefined(price: list[float], pieces: list[float], why: str):
    with pytest.raises(UndefinedError, match=why):
        elasticity(np.array([0, 0, 1, 1]), np.log(np.array(price)), np.ones(4), np.array(pieces))
