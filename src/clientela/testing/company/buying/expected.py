"""What customers are going to buy, known exactly: the truth that a forecast is measured against."""

from __future__ import annotations

import numpy as np

from clientela.estimators.arrays import Floats
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.buying.purchases import STAGES, Habit, Pull
from clientela.testing.company.world import World

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def expected_purchases(habit: Habit, horizon_weeks: int) -> Floats:
    """The purchases to expect of each customer in the weeks to come, given all that decides it.

    Parameters
    ----------
    habit : at the moment from which on is asked: the end of its last week.
    horizon_weeks : how many weeks; they may go beyond the world's end.

    Returns
    -------
    (customers,), in purchases; 0 for who has left. Who is still to come counts with the first purchase and all after.

    Notes
    -----
    While a customer, purchases come at the rate λ·b(t), b being the pull of the week, and the hazard of leaving is
    μ. Given that somebody is a customer at t₀, the expectation is ∫ λ b(t) q(t) exp(-μ (t - t₀)) dt; q is the chance,
    relative to its mean, that the gap is in its last stage: 1 where gaps have one stage. For gaps of three stages that
    pass at 3λb each, the chance to be in the last after operational time x, having passed p, follows from the
    eigenvalues of the cycle, 3(ω - 1), ω = exp(2πi/3). Each week is integrated by four Gauss-Legendre nodes.

    Source
    ------
    Cox (1962), Renewal Theory, section 1.4, on gaps of several stages.
    """
    latent, start = habit.latent, float(habit.week)
    pull = Pull.of(habit.world, habit.week + horizon_weeks)
    from_ = np.maximum(start, latent.joins)
    operational = np.zeros(len(latent))
    total = ((latent.joins >= start) & (latent.joins < start + horizon_weeks)).astype(np.float64)
    for week in range(habit.week, habit.week + horizon_weeks):
        left = np.clip(from_, week, week + 1)
        width, rate = week + 1 - left, latent.rate * pull.on(latent, week)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            at = left + width * (node + 1) / 2
            alive = np.exp(-latent.hazard * (at - from_))
            passed = operational + rate * (at - left)
            last = _in_last_stage(habit.world, habit.passed, passed)
            total += weight / 2 * width * rate * alive * last
        operational += rate * width
    return np.where(latent.leaves > start, total, 0.0)


def alive(latent: Latent, at: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Who is a customer at a moment, in weeks from the world's beginning."""
    return np.asarray((latent.joins <= at) & (latent.leaves > at))


def _in_last_stage(world: World, passed: np.ndarray, operational: Floats) -> Floats:
    """The chance that only one stage is left, times the number of stages; after ``operational`` mean gaps."""
    stages = STAGES[world.process]
    if stages == 1:
        return np.ones(len(operational))
    root = np.exp(2j * np.pi / stages)
    away = (stages - 1 - passed.astype(np.float64)) % stages
    powers = np.arange(1, stages)
    swing = sum(np.exp(stages * operational * (root**k - 1)) * root ** (k * away) for k in powers)
    return np.asarray(1 + np.real(swing))
