"""Logistic regression on counts: the chance of an outcome from a few features, with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, log_expit

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators.arrays import Floats, floats

LOOSE = 100.0
STEPS = 200
_FAR = 40.0  # of log-odds: so far out nothing or all is expected
NEAR, SETTLED = 1e-6, 1e-18  # a thousandth and a billionth of a standard error, squared


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A fitted logistic regression.

    ``coefficients`` has the intercept first and works on features less ``center``, divided by
    ``scale``. ``bread`` is the inverse of the observed information (penalty included): its
    covariance where the model is true.
    """

    coefficients: Floats
    center: Floats
    scale: Floats
    bread: Floats
    log_likelihood: float
    trials: float
    events: float

    def design(self, features: Floats) -> Floats:
        """The columns that ``coefficients`` multiply: ones, then the standardised features, (n, k + 1)."""
        standard = (_matrix(features) - self.center) / self.scale
        return np.column_stack([np.ones(len(standard)), standard])

    @property
    def slopes(self) -> Floats:
        """The change of the log-odds with one unit of each feature, (k,)."""
        return floats(self.coefficients[1:] / self.scale)

    @property
    def intercept(self) -> float:
        """The log-odds where every feature is 0."""
        return float(self.coefficients[0] - (self.slopes * self.center).sum())


def fit_logistic(features: Floats, trials: Floats, events: Floats, *, looseness: float = LOOSE) -> Logistic:
    """The logistic regression that makes the events most likely.

    A faint ridge on the standardised slopes (variance ``looseness`` each) keeps the fit finite where
    the features separate events from the rest completely; else it cannot be noticed.

    Parameters
    ----------
    features : (n, k)
        One row for each kind of customer.
    trials, events : (n,)
        How many customers are of that kind, and to how many the outcome happened.

    Raises
    ------
    UndefinedError
        There is no event, or nothing but events.
    NotConvergedError
        The search did not settle.

    Examples
    --------
    Without feature that varies it is the share of events:

    >>> fit = fit_logistic(floats([[0], [0]]), floats([30, 10]), floats([8, 2]))
    >>> probability(fit, floats([[0]])).round(3)
    array([0.25])
    """
    x, n, y = _matrix(features), floats(trials), floats(events)
    if not 0 < y.sum() < n.sum():
        raise UndefinedError(f"{y.sum():.0f} events in {n.sum():.0f} trials: a chance needs some of both.")
    center = (x * n[:, None]).sum(0) / n.sum()
    spread = np.sqrt(((x - center) ** 2 * n[:, None]).sum(0) / n.sum())
    scale = np.where(spread > 1e-9, spread, 1.0)
    standard = (x - center) / scale
    design = np.column_stack([np.ones(len(standard)), standard])
    ridge = np.array([0.0] + [1 / looseness] * x.shape[1])
    coefficients = _search(design, n, y, ridge)
    odds = design @ coefficients
    chance = expit(odds)
    information = design.T @ (design * (n * chance * (1 - chance))[:, None])
    information[np.diag_indices(len(information))] += np.maximum(ridge, 1e-9)
    return Logistic(
        coefficients=coefficients,
        center=center,
        scale=scale,
        bread=floats(np.linalg.inv(information)),
        log_likelihood=float((y * log_expit(odds)).sum() + ((n - y) * log_expit(-odds)).sum()),
        trials=float(n.sum()),
        events=float(y.sum()),
    )


def levelled(fit: Logistic, features: Floats, trials: Floats, events: Floats) -> Logistic:
    """The regression with the same slopes, raised or lowered until it expects as many events as there were.

    Parameters
    ----------
    features, trials, events :
        As of `fit_logistic`, of all that the level is to be right for.

    Raises
    ------
    UndefinedError
        There is no event, or nothing but events.

    Examples
    --------
    >>> fit = fit_logistic(floats([[0], [1]]), floats([100, 100]), floats([10, 30]))
    >>> other = levelled(fit, floats([[0], [1]]), floats([100, 100]), floats([20, 40]))
    >>> float((100 * probability(other, floats([[0], [1]]))).sum().round(6)), bool(other.slopes == fit.slopes)
    (60.0, True)
    """
    from scipy.optimize import brentq  # slow to load, and who only asks does not need it

    n, y = floats(trials), floats(events).sum()
    if not 0 < y < n.sum():
        raise UndefinedError(f"{y:.0f} events in {n.sum():.0f} trials: a level needs some of both.")
    odds = fit.design(features) @ fit.coefficients

    def excess(raised: float) -> float:
        return float((n * expit(odds + raised)).sum() - y)

    raised = float(brentq(excess, -odds.max() - _FAR, -odds.min() + _FAR))
    return replace(fit, coefficients=floats(fit.coefficients + np.eye(fit.coefficients.size)[0] * raised))


def _search(design: Floats, trials: Floats, events: Floats, ridge: Floats) -> Floats:
    """The coefficients at which the penalised likelihood is greatest: Newton's steps, halved where one is too long."""
    at = np.zeros(design.shape[1])
    at[0] = np.log(events.sum() / (trials.sum() - events.sum()))  # without any feature it is the share of events
    for _ in range(STEPS):
        chance = expit(design @ at)
        slope = design.T @ (trials * chance - events) + ridge * at
        curved = design.T @ (design * (trials * chance * (1 - chance))[:, None]) + np.diag(ridge)
        step = np.linalg.lstsq(curved, slope, rcond=None)[0]
        length = float(slope @ step)  # squared, in standard errors
        if abs(length) <= SETTLED:
            return floats(at - step)
        if length > NEAR:  # nearer, a whole step is right, and the loss too blunt to tell
            here = _loss(at, design, trials, events, ridge)
            while _loss(at - step, design, trials, events, ridge) > here and np.abs(step).max() > SETTLED:
                step = step / 2
        at = at - step
    raise NotConvergedError("the logistic regression did not settle; the data do not determine it.")


def _loss(at: Floats, design: Floats, trials: Floats, events: Floats, ridge: Floats) -> float:
    """What is made small: the negative logarithm of the likelihood, and half the penalty."""
    odds = design @ at
    told = (events * log_expit(odds) + (trials - events) * log_expit(-odds)).sum()
    return float((ridge * at * at).sum() / 2 - told)


def probability(fit: Logistic, features: Floats) -> Floats:
    """The chance of the outcome, (n,)."""
    return floats(expit(fit.design(features) @ fit.coefficients))


def gradient(fit: Logistic, features: Floats) -> Floats:
    """How the chance changes with each coefficient, (n, k + 1): what the delta method needs."""
    chance = probability(fit, features)
    return floats(fit.design(features) * (chance * (1 - chance))[:, None])


def influence(fit: Logistic, features: Floats, outcome: float) -> Floats:
    """How much one customer with these features and this outcome moved the coefficients, (n, k + 1).

    The sum over customers of its outer product is the covariance of the coefficients that holds even
    where the model is not quite true; side by side for several fits, of all of them together.

    Source
    ------
    White (1982), Maximum Likelihood Estimation of Misspecified Models, Econometrica 50(1).
    """
    design = fit.design(features)
    residual = outcome - expit(design @ fit.coefficients)
    return floats((design * residual[:, None]) @ fit.bread)


def _matrix(features: Floats) -> Floats:
    matrix = floats(features)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():
        raise UndefinedError("features must be a table of finite numbers, one row for each kind of customer.")
    return matrix
