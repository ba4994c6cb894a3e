"""BG/BB: customers who may buy (or give) once a period, at an event that comes to all.

At each opportunity an active customer buys with chance p, a Beta(α, β); before each, it leaves for
good with chance θ, a Beta(γ, δ).

Source
------
Fader, Hardie & Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29(6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.histories import climb

NAMES = ("alpha", "beta", "gamma", "delta")
_LOWEST, _HIGHEST = np.full(4, -10.0), np.full(4, 12.0)
_STARTS = ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, -1.0, 1.0), (1.0, 1.0, -2.0, 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunities:
    """A fitted BG/BB. ``at_bound`` and ``covariance`` (of the logarithms) as elsewhere."""

    alpha: float
    beta: float
    gamma: float
    delta: float
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()
    covariance: Floats | None = None


def fit_opportunities(taken: Floats, last: Floats, offered: Floats, customers: Floats | None = None) -> Opportunities:
    """The BG/BB that makes what was seen most likely.

    Parameters
    ----------
    taken, last, offered : (n,)
        How many opportunities a customer took, which one last (0: none), and how many there were.
    customers : (n,), optional
        How many customers have these; 1 if left out.

    Raises
    ------
    UndefinedError
        It took more than came up to the last one it took, or that one is not among those offered.
    NotConvergedError
        Nobody took any, or the search did not settle.

    Source
    ------
    Equation (5); the gradient is exact.
    """
    x, last_at, n_offered = floats(taken), floats(last), floats(offered)
    n = np.ones(x.shape) if customers is None else floats(customers)
    if (x > last_at).any() or (last_at > n_offered).any() or (x < 0).any() or ((x == 0) & (last_at > 0)).any():
        raise UndefinedError("a customer takes 0 ≤ x ≤ t_x ≤ n opportunities, and t_x = 0 where x = 0.")
    if not (x * n).sum():
        raise NotConvergedError("nobody took an opportunity: how often one is taken cannot be estimated.")
    kinds, place = np.unique(np.column_stack([x, last_at, n_offered]), axis=0, return_inverse=True)
    n, total = floats(np.bincount(place.ravel(), n)), float(n.sum())

    def loss(at: Floats) -> tuple[float, Floats]:
        value, gradient = _terms(np.exp(at), kinds[:, 0], kinds[:, 1], kinds[:, 2], n)
        return -value / total, floats(-gradient * np.exp(at) / total)

    top = climb(loss, _STARTS, _LOWEST, _HIGHEST, NAMES, total)
    alpha, beta, gamma, delta = (float(each) for each in np.exp(top.parameters))
    return Opportunities(
        alpha=alpha, beta=beta, gamma=gamma, delta=delta, customers=round(total), at_bound=top.at_bound,
        covariance=top.covariance, log_likelihood=top.mean_log_likelihood * total,
    )  # fmt: skip


def log_likelihood(parameters: Floats, taken: Floats, last: Floats, offered: Floats) -> tuple[float, Floats]:
    """The log-likelihood at (α, β, γ, δ), and its gradient by them."""
    return _terms(floats(parameters), floats(taken), floats(last), floats(offered), np.ones(len(taken)))


def probability_alive(fit: Opportunities, taken: Floats, last: Floats, offered: Floats) -> Floats:
    """How likely a customer takes part in the next opportunity too, (n,), 0 to 1.

    Source
    ------
    Equation (11).
    """
    x, n = floats(taken), floats(offered)
    logs, _ = _by_moment(floats([fit.alpha, fit.beta, fit.gamma, fit.delta]), x, floats(last), n)
    top = logs.max(1)
    either = top + np.log(np.exp(logs - top[:, None]).sum(1))
    stays = betaln(fit.alpha + x, fit.beta + n - x) - betaln(fit.alpha, fit.beta)
    stays += betaln(fit.gamma, fit.delta + n + 1) - betaln(fit.gamma, fit.delta)
    return floats(np.exp(stays - either))


def _by_moment(at: Floats, x: Floats, last: Floats, offered: Floats) -> tuple[Floats, Floats]:
    """The logarithm of each history with each moment of leaving, (n, 1 + most); -inf where there is none.

    The first column is for who is still there after the last opportunity.
    """
    alpha, beta, gamma, delta = at
    most = int((offered - last).max(initial=0))
    moments = last[:, None] + np.arange(most)
    open_ = moments < offered[:, None]
    seen = np.column_stack([offered, np.where(open_, moments, last[:, None])])
    left = np.column_stack([np.zeros(len(x)), np.ones((len(x), most))])
    logs = betaln(alpha + x[:, None], beta + seen - x[:, None]) - betaln(alpha, beta)
    logs = logs + betaln(gamma + left, delta + seen) - betaln(gamma, delta)
    return np.where(np.column_stack([np.ones(len(x), bool), open_]), logs, -np.inf), seen


def _terms(at: Floats, x: Floats, last: Floats, offered: Floats, n: Floats) -> tuple[float, Floats]:
    alpha, beta, gamma, delta = (float(each) for each in at)
    logs, seen = _by_moment(at, x, last, offered)
    top = logs.max(1)
    share = np.exp(logs - top[:, None])
    mass = share.sum(1)
    share /= mass[:, None]
    left = np.where(np.arange(logs.shape[1]) > 0, 1.0, 0.0)
    missed = beta + seen - x[:, None]
    bought = digamma(alpha + beta) - digamma(alpha + beta + seen)
    stayed = digamma(gamma + delta) - digamma(gamma + delta + seen + left)
    slopes = (
        bought + (digamma(alpha + x) - digamma(alpha))[:, None],
        bought + digamma(missed) - digamma(beta),
        stayed + digamma(gamma + left) - digamma(gamma),
        stayed + digamma(delta + seen) - digamma(delta),
    )
    return float(n @ (top + np.log(mass))), floats([n @ (share * each).sum(1) for each in slopes])
