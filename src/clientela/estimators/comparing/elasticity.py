"""By how much more or less is bought where a price changes: an elasticity, from the prices of products over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats
from clientela.estimators.comparing.regression import Contrast

_FURTHEST = 50.0  # no elasticity lies beyond; a search that gets there has nothing to hold on to
_STEPS, _ROUNDS = 100, 4
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Elasticity:
    """``value``: the per cent by which the pieces bought change where a price rises by one per cent.

    ``pulls``: (products,), how far it would move without each product; ``products``: how many tell of it.
    """

    value: float
    pulls: Floats
    products: int

    @property
    def contrast(self) -> Contrast:
        """The elasticity with its 95 % interval, against 0."""
        return _contrast(self.value, self.pulls, self.products)


def elasticity(product: Indices, log_price: Floats, exposure: Floats, pieces: Floats) -> Elasticity:
    """The price elasticity of a group of customers, from how what they bought of each product spread over time.

    Given how many pieces of a product were bought in all, each falls into a time with a chance in proportion to
    exposure · price^elasticity: a Poisson regression of pieces on the logarithm of the price, each product with a level
    of its own. Times in which none was bought count too, where a regression of logarithms has to leave them out.
    Pieces need not be Poisson: a product bought m times in a time weighs 1 / (1 + φ·m) of what it would, φ the variance
    of what wavers beyond, so that no best seller decides alone; and the error follows from leaving out one product
    after the other.

    Parameters
    ----------
    product : (n,)
        Which product, from 0 on without a gap; each row is a product in a time.
    log_price : (n,)
        The logarithm of its price in that time.
    exposure : (n,)
        How often the group bought anything in that time, more than 0.
    pieces : (n,)
        How much of the product it bought in it.

    Raises
    ------
    UndefinedError
        No product whose price changed was bought, or only one; or there is no finite elasticity.

    Source
    ------
    Hausman, Hall & Griliches (1984), Econometric Models for Count Data, Econometrica 52, the conditional Poisson;
    Wooldridge (1999), Distribution-Free Estimation of Some Nonlinear Panel Data Models, Journal of Econometrics 90, for
    what is not Poisson; MacKinnon, Nielsen & Webb (2023), Cluster-Robust Inference, Journal of Econometrics 232, for
    the jackknife over clusters (CV3).

    Examples
    --------
    Two products, each sold at 1 and at 2; half as much is bought at twice the price:

    >>> prices = np.log([1.0, 2.0, 1.0, 2.0])
    >>> found = elasticity(np.array([0, 0, 1, 1]), prices, np.ones(4), floats([20, 10, 60, 30]))
    >>> round(found.value, 6), found.products
    (-1.0, 2)
    """
    n = int(product.max(initial=-1)) + 1
    times = np.bincount(product, minlength=n).astype(float)
    bought = floats(np.bincount(product, pieces, n))
    seen = _Seen(
        product=product,
        x=floats(log_price - (np.bincount(product, log_price, n) / times)[product]),
        exposure=exposure,
        pieces=pieces,
        bought=bought,
    )
    value, wavers = 0.0, 1.0
    for _ in range(_ROUNDS):
        weight = floats(1 / (1 + wavers * bought / times))
        value = _solved(seen, weight, value)
        wavers = _wavers(seen, value, bought / times)
    score, told = seen.pull(value)
    score, told = weight * score, weight * told
    products = int((told > _LEAST).sum())
    if products < 2:
        raise UndefinedError(f"The price of {products} product changed; an elasticity with its error takes two.")
    return Elasticity(value=value, pulls=floats(score / np.maximum(told.sum() - told, _LEAST)), products=products)


def difference(one: Elasticity, other: Elasticity) -> Contrast:
    """How much more one group is moved than another, that bought the same products: ``one`` less ``other``.

    What befell a product in a time befell both: the error is that of the difference within each product.

    Examples
    --------
    >>> product, price = np.array([0, 0, 1, 1]), np.log([1.0, 2.0, 1.0, 2.0])
    >>> both = [elasticity(product, price, np.ones(4), floats(each)) for each in ([20, 5, 80, 20], [20, 10, 60, 30])]
    >>> round(difference(*both).value, 6)
    -1.0
    """
    return _contrast(one.value - other.value, floats(one.pulls - other.pulls), min(one.products, other.products))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What was bought, and at which price beside the product's mean; ``bought``: (products,), of each in all."""

    product: Indices
    x: Floats
    exposure: Floats
    pieces: Floats
    bought: Floats

    def chances(self, value: float) -> Floats:
        """Of each row, the chance that a piece of its product falls into it, (n,)."""
        power = value * self.x
        highest = np.full(len(self.bought), -np.inf)
        np.maximum.at(highest, self.product, power)
        weight = self.exposure * np.exp(power - highest[self.product])
        return floats(weight / np.bincount(self.product, weight, len(self.bought))[self.product])

    def pull(self, value: float) -> tuple[Floats, Floats]:
        """Of each product the score at an elasticity, and how much it tells of it, (products,) each."""
        chance, n = self.chances(value), len(self.bought)
        middle = np.bincount(self.product, chance * self.x, n)
        spread = np.bincount(self.product, chance * (self.x - middle[self.product]) ** 2, n)
        score = np.bincount(self.product, self.pieces * self.x, n) - self.bought * middle
        return floats(score), floats(self.bought * spread)


def _solved(seen: _Seen, weight: Floats, begin: float) -> float:
    """The elasticity at which the weighted scores sum to 0."""
    value = begin
    for _ in range(_STEPS):
        score, told = (weight * each for each in seen.pull(value))
        information = float(told.sum())
        if value == 0 and information <= _LEAST:
            raise UndefinedError("No product whose price changed was bought, so there is no elasticity.")
        if information <= _LEAST or abs(value) > _FURTHEST:
            raise UndefinedError("All pieces were bought at the lowest price, or at the highest: no finite elasticity.")
        step = float(np.clip(score.sum() / information, -2.0, 2.0))
        value += step
        if abs(step) < 1e-10:
            break
    return value


def _wavers(seen: _Seen, value: float, level: Floats) -> float:
    """By how much demand wavers beyond a Poisson's: the variance of its share, by moments, 0 or more."""
    expected = seen.bought[seen.product] * seen.chances(value)
    counts = 1 / (1 + level[seen.product]) ** 2
    beyond = float((counts * ((seen.pieces - expected) ** 2 - expected)).sum())
    return max(beyond / max(float((counts * expected**2).sum()), _LEAST), 0.0)


def _contrast(value: float, pulls: Floats, products: int) -> Contrast:
    freedom = products - 1
    error = float(np.sqrt((pulls**2).sum() * freedom / products))
    half = float(stdtrit(freedom, 0.975)) * error
    chance = 2 * float(stdtr(freedom, -abs(value) / error)) if error > 0 else float(value == 0)
    return Contrast(value=value, low=value - half, high=value + half, error=error, chance=chance)
