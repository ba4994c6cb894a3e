"""What customers will bring: purchases to come times what one is worth, with its range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtri

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.gamma_gamma import GammaGamma
from clientela.estimators.lifetime.ways import Ahead
from clientela.estimators.total import Total

_FEWEST = 1.0  # a posterior with less shape than 2 + this has a variance that says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Purchases' worth between which ``level`` of such customers end, (n,), and its variance.

    All in units of what one purchase of the customer is worth on average.
    """

    low: Floats
    high: Floats
    variance: Floats


def range_of(coming: Ahead, amounts: GammaGamma, bought: Floats, *, level: float = 0.8) -> Range:
    """What such customers bring, in eight of ten cases (``level``).

    Nothing with the chance that nothing comes; else a gamma distribution with the mean and the variance that
    the number of purchases and their amounts give. Where nothing comes in more than a tenth of the cases the
    range begins at 0 and leaves out the highest fifth instead.

    Parameters
    ----------
    bought : (n,)
        Purchases that the mean amount of a customer rests on.

    Examples
    --------
    >>> ten = floats([10, 10])
    >>> coming = Ahead(alive=floats([1, 0.5]), purchases=ten, worth=ten, shape=floats([50, 5]))
    >>> found = range_of(coming, GammaGamma(p=9, q=9, gamma=9, log_likelihood=0, customers=9), floats([20, 20]))
    >>> found.low.round(1), found.high.round(1)
    (array([5.6, 0. ]), array([14.9, 10.4]))
    """
    shape = amounts.p * floats(bought) + amounts.q
    doubt = 1 + 1 / np.maximum(shape - 2, _FEWEST)  # the mean square of the true mean amount, by its square
    discounted = np.divide(coming.worth, coming.purchases, out=np.ones_like(coming.worth), where=coming.purchases > 0)
    mean = coming.alive * coming.purchases
    square = doubt * (coming.square + mean / amounts.p)
    comes = np.maximum(1 - coming.silent, 1e-12)
    spread = np.maximum(square / comes - (mean / comes) ** 2, 1e-12)
    by = (mean / comes) ** 2 / spread
    tail = (1 - level) / 2
    quiet = coming.silent
    at_low = np.where(quiet < tail, np.clip((tail - quiet) / comes, 0.0, 1.0), 0.0)
    at_high = np.clip((np.where(quiet < tail, 1 - tail, level) - quiet) / comes, 0.0, 1 - 1e-9)
    step = discounted * spread / np.maximum(mean / comes, 1e-12)
    low, high = (np.nan_to_num(step * gammaincinv(by, each)) for each in (at_low, at_high))
    expected = coming.expected
    return Range(
        low=floats(np.minimum(low, expected)),
        high=floats(np.maximum(high, expected)),
        variance=floats(np.maximum(square - mean**2, 0.0) * discounted**2),
    )


def sum_of(
    expected: Floats, variances: Floats, gradient: Floats, covariance: Floats | None, *, drift: float = 0.0,
    level: float = 0.8,
) -> Total:  # fmt: skip
    """What all customers bring together, with the interval that holds it in ``level`` of the cases.

    Parameters
    ----------
    expected, variances : (n,)
        Of each kind of customer, all of that kind together.
    gradient : (n, k), covariance : (k, k), optional
        How it changes with the parameters, and their covariance; None where it is not known.
    drift :
        Standard deviation of the ratio between what comes and what was expected, beyond chance.

    Examples
    --------
    >>> found = sum_of(floats([100.0]), floats([100.0]), np.zeros((1, 1)), None)
    >>> found.expected, round(found.low), round(found.high)
    (100.0, 88, 114)
    """
    total, variance = float(expected.sum()), float(variances.sum())
    if covariance is not None:
        slope = gradient.sum(0)
        variance += float(slope @ covariance @ slope)
    deviation = float(np.sqrt(variance + (drift * total) ** 2))
    if total <= 0:
        return Total(expected=total, low=total, high=total, deviation=deviation)
    half = float(ndtri((1 + level) / 2)) * min(deviation / total, 3.0)  # on the logarithm: it stays above 0
    low, high = total * float(np.exp(-half)), total * float(np.exp(half))
    return Total(expected=total, low=low, high=high, deviation=deviation)
