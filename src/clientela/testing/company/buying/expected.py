"""What customers are going to buy, known exactly: the truth that a forecast is measured against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.buying.purchases import STAGES, Habit, Pull
from clientela.testing.company.world import World

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True, slots=True)
class Guess:
    """What is known of customers by who knows their habits and purchases, and not whether they have left.

    ``chance``: that they are still customers; not a number for who is still to come. ``stages``: (customers, stages),
    the chance of having passed 0, 1, … stages of the gap since the last purchase, if they are customers.
    """

    chance: Floats
    stages: Floats


def expected_purchases(habit: Habit, horizon_weeks: int) -> Floats:
    """The purchases to expect of each customer in the weeks to come, given all that decides it.

    Parameters
    ----------
    habit : at the moment from which on is asked: the end of its last week.
    horizon_weeks : how many weeks; they may go beyond the world's end.

    Returns
    -------
    (customers,), in purchases; 0 for who has left. Who is still to come counts with the first purchase and all after.
    """
    total = sum((each for _, each in expected_by_week(habit, horizon_weeks)), np.zeros(len(habit.latent)))
    return np.where(habit.latent.leaves > habit.week, total, 0.0)


def expected_by_week(
    habit: Habit, horizon_weeks: int, *, more: Floats | None = None, stages: Floats | None = None
) -> Iterator[tuple[int, Floats]]:
    """Each week to come, with the purchases to expect in it of each customer, if they are one or come.

    Parameters
    ----------
    more : (customers,), in shares; how much more is bought in the first week, because of a contact
    stages : (customers, stages), the chance of having passed so many stages; by default the stages really passed

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
    latent, start = habit.latent, habit.week
    pull = Pull.of(habit.world, start + horizon_weeks)
    from_ = np.maximum(start, latent.joins)
    phase = _phase(habit.world, np.eye(STAGES[habit.world.process])[habit.passed] if stages is None else stages)
    operational = np.zeros(len(latent))
    for week in range(start, start + horizon_weeks):
        left = np.clip(from_, week, week + 1)
        width, rate = week + 1 - left, latent.rate * pull.on(latent, week)
        if more is not None and week == start:
            rate = rate * (1 + more)
        total = ((latent.joins >= week) & (latent.joins < week + 1)).astype(np.float64)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            at = left + width * (node + 1) / 2
            alive = np.exp(-latent.hazard * (at - from_))
            total += weight / 2 * width * rate * alive * _in_last_stage(phase, operational + rate * (at - left))
        operational += rate * width
        yield week, total


def guessed(habit: Habit, more: Callable[[int], Floats | None] = lambda week: None) -> Guess:
    """What can be known of each customer at the end of the last week from habits and purchases alone.

    Parameters
    ----------
    more : how much more than else each customer bought in a week because of contacts, in shares; None for nothing

    Notes
    -----
    Since the last purchase, at t_x, operational time X(t) = ∫ λ b has passed. A customer who stays has not bought
    again with the chance S(X), S(x) = exp(-kx) Σ_{j<k} (kx)^j/j! for gaps of k stages. So, with A = exp(-μ(T - t_x))
    S(X(T)) and B = ∫ μ exp(-μ(t - t_x)) S(X(t)) dt from t_x to T, the chance is A / (A + B).

    Source
    ------
    Schmittlein, Morrison & Colombo (1987), the appendix, for one stage and a constant rate.
    """
    latent, stages = habit.latent, STAGES[habit.world.process]
    operational, left_before = np.zeros(len(latent)), np.zeros(len(latent))
    for week in range(habit.week):
        who = np.flatnonzero(habit.last < week + 1)
        if not len(who):
            continue
        last, hazard = habit.last[who], latent.hazard[who]
        begins = np.maximum(last, week)
        rate = latent.rate[who] * habit.pull.on(latent, week)[who]
        raised = more(week)
        if raised is not None:
            rate = rate * (1 + raised[who])
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            after = (week + 1 - begins) * (node + 1) / 2
            silent = _terms(operational[who] + rate * after, stages).sum(axis=1)
            part = hazard * np.exp(-hazard * (begins + after - last)) * silent
            left_before[who] += weight / 2 * (week + 1 - begins) * part
        operational[who] += rate * (week + 1 - begins)
    terms = _terms(operational, stages)
    stayed = np.exp(-latent.hazard * (habit.week - habit.last)) * terms.sum(axis=1)
    return Guess(stayed / (stayed + left_before), terms / terms.sum(axis=1, keepdims=True))


def alive(latent: Latent, at: float) -> NDArray[np.bool_]:
    """Who is a customer at a moment, in weeks from the world's beginning."""
    return np.asarray((latent.joins <= at) & (latent.leaves > at))


def _terms(operational: Floats, stages: int) -> Floats:
    """The chance to have passed 0, 1, … stages and not all of them, after ``operational`` mean gaps: (n, stages)."""
    steps = stages * operational
    made = [np.exp(-steps)]
    for number in range(1, stages):
        made.append(made[-1] * steps / number)
    return np.stack(made, axis=1)


def _phase(world: World, chances: Floats) -> NDArray[np.complex128]:
    """(stages - 1, customers): where on the cycle each begins, for each of its eigenvalues but the first."""
    stages = STAGES[world.process]
    turns = np.outer(np.arange(1, stages), (stages - 1 - np.arange(stages)) % stages)
    return np.asarray(np.exp(-2j * np.pi * turns / stages) @ chances.T)


def _in_last_stage(phase: NDArray[np.complex128], operational: Floats) -> Floats:
    """The chance that only one stage is left, times the number of stages; after ``operational`` mean gaps."""
    stages, root = len(phase) + 1, np.exp(2j * np.pi / (len(phase) + 1))
    swing = np.zeros(len(operational))
    for number, each in enumerate(phase, 1):
        swing += np.real(np.exp(stages * operational * (root**number - 1)) * each)
    return np.asarray(1 + swing)
