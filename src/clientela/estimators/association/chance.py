"""How likely chance is to give what was counted, and how many of many findings chance explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from clientela.estimators.arrays import Floats

Ints = NDArray[np.int64]
_NOTHING = 1e-14  # of the sum: a term so small ends it


def upper_tail(found: Ints, *, among: Ints, drawn: Ints, marked: Ints) -> Floats:
    """The probability of at least ``found`` marked ones among those drawn at random without putting back.

    Where no more were found than chance expects, it is 1: such a finding is of no interest, and its tail is long.

    Parameters
    ----------
    found, among, drawn, marked : (n,) each
        Marked ones found in the ``drawn`` of ``among``, of which ``marked`` are marked.

    Source
    ------
    Fisher's exact test, one-sided: the tail of the hypergeometric distribution, summed term by term.

    Examples
    --------
    >>> one = np.array([4])
    >>> upper_tail(one, among=np.array([10]), drawn=np.array([4]), marked=np.array([5])).round(4)
    array([0.0238])
    """
    k, n, d, m = (np.asarray(each, dtype=float) for each in (found, among, drawn, marked))
    result = np.ones(k.shape)
    beyond = np.flatnonzero(k * n > d * m)
    k, n, d, m = (each[beyond] for each in (k, n, d, m))
    first = _log_choose(m, k) + _log_choose(n - m, d - k) - _log_choose(n, d)
    term, total, at, active = np.ones(k.shape), np.ones(k.shape), k.copy(), np.arange(k.size)
    while active.size:
        x, rest = at[active], n[active] - m[active] - d[active]
        term[active] *= (m[active] - x) * (d[active] - x) / ((x + 1) * (rest + x + 1))
        total[active] += term[active]
        at[active] += 1
        active = active[term[active] > _NOTHING * total[active]]
    result[beyond] = np.minimum(np.exp(first + np.log(total)), 1.0)
    return result


def false_share(chance: Floats, tested: int) -> Floats:
    """Of each finding: the share of false ones expected among all that are at least as unlikely by chance.

    Parameters
    ----------
    chance : (n,)
        The probability of each finding by chance.
    tested : how many were looked for, those not found among them; n or more

    Source
    ------
    Benjamini & Hochberg (1995), the step-up procedure, as adjusted probabilities.

    Examples
    --------
    >>> false_share(np.array([0.01, 0.04, 0.03]), 4).round(4).tolist()
    [0.04, 0.0533, 0.0533]
    """
    if not chance.size:
        return np.zeros(0)
    order = np.argsort(chance, kind="stable")
    raised = chance[order] * max(tested, chance.size) / np.arange(1, chance.size + 1)
    result = np.empty(chance.size)
    result[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return result


def _log_choose(n: Floats, k: Floats) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
