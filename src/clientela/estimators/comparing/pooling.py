"""Effects in several groups, those of small ones drawn towards that of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats

_Z = 1.959964
_STEPS, _WIDEST = 400, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """``mean`` of all groups; ``values`` of each (g,), drawn to it; 95 % between ``low`` and ``high``.

    ``spread`` is the standard deviation of the true effects among the groups, as expected from these.
    """

    mean: float
    spread: float
    values: Floats
    low: Floats
    high: Floats


def pool(effects: Floats, errors: Floats) -> Pooled:
    """The effect of each group, drawn towards the mean by as much as it is uncertain.

    Parameters
    ----------
    effects, errors : (g,)
        What was estimated in each group, and its standard error, above 0.

    Raises
    ------
    UndefinedError
        There is no group, or an error is not above 0.

    Source
    ------
    The normal hierarchical model of Rubin (1981), Estimation in Parallel Randomized Experiments, Journal of Educational
    Statistics 6, with a flat prior on the mean and on the spread as Gelman (2006), Bayesian Analysis 1, advises; the
    spread is summed over a grid, so that not knowing it widens the ranges.

    Examples
    --------
    Four groups that differ by no more than chance are told nearly alike:

    >>> found = pool(floats([1.0, 1.2, 0.8, 1.1]), floats([0.5, 0.5, 0.5, 0.5]))
    >>> round(found.mean, 3), found.values.round(2).tolist()
    (1.025, [1.02, 1.07, 0.96, 1.05])
    """
    y, s = floats(effects), floats(errors)
    if not y.size or not (s > 0).all():
        raise UndefinedError("effects are pooled over one or more groups, each with an error above 0.")
    widest = _WIDEST * max(float(y.max() - y.min()), float(s.max()))
    grid = widest * ((np.arange(_STEPS) + 0.5) / _STEPS)
    precision = 1 / (s**2 + grid[:, None] ** 2)  # (steps, groups)
    total = precision.sum(axis=1)
    means = (precision * y).sum(axis=1) / total
    likelihood = 0.5 * (
        np.log(precision).sum(axis=1) - np.log(total) - (precision * (y - means[:, None]) ** 2).sum(axis=1)
    )
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    own = grid[:, None] ** 2 * precision
    values = own * y + (1 - own) * means[:, None]
    within = own * s**2 + (1 - own) ** 2 / total[:, None]  # what is left open where the spread is known
    told = weight @ values
    error = np.sqrt(weight @ (within + (values - told) ** 2))
    return Pooled(
        mean=float(weight @ means),
        spread=float(weight @ grid),
        values=floats(told),
        low=floats(told - _Z * error),
        high=floats(told + _Z * error),
    )
