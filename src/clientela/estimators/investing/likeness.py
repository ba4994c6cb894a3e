"""How like the best customers others are, by traits that have a few values each; and how well that finds the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.logistic import Logistic, fit_logistic, probability

Traits = Mapping[str, NDArray[np.object_]]
"""The value of each trait, by name, (n,) each."""
FEWEST = 10
"""So many customers a value needs to count by itself: fewer tell of single people, and of chance."""
_SHRUNK = 0.5  # the variance that the slopes are expected to have
_Z = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The chance of being one of the best, by traits.

    ``values`` are those that count, as (trait, value); ``usual`` the most frequent one of each trait, which the others
    are compared with.
    """

    values: tuple[tuple[str, str], ...]
    usual: tuple[tuple[str, str], ...]
    fit: Logistic

    def chance(self, traits: Traits) -> Floats:
        """The chance of each kind, (n,)."""
        return probability(self.fit, _design(traits, self.values))

    def speaks_for(self, traits: Traits, most: int = 3) -> list[tuple[tuple[str, str], ...]]:
        """The traits that raise the chance of each kind most, against the average, each with its value; (n,).

        A trait raises the log-odds by the slope of its value less the mean of the slopes of all values. Rare values,
        which do not count by themselves, are no reason.
        """
        design = _design(traits, self.values)
        each = (design - self.fit.center) * self.fit.slopes
        names = list(dict.fromkeys(trait for trait, _ in self.values))
        at = np.array([names.index(trait) for trait, _ in self.values], dtype=np.intp)
        raised = np.stack([each[:, at == number].sum(axis=1) for number in range(len(names))], axis=1)
        told = np.stack([_counts(traits[name], name, (*self.values, *self.usual)) for name in names], axis=1)
        order = np.argsort(-raised, axis=1, kind="stable")[:, :most]
        return [
            tuple(
                (names[place], str(traits[names[place]][row]))
                for place in order[row]
                if raised[row, place] > 0.05 and told[row, place]
            )
            for row in range(len(design))
        ]


def fit_likeness(traits: Traits, customers: Floats, best: Floats) -> Likeness:
    """The likeness that makes it most likely that the best are the best.

    A logistic regression on the values of the traits, drawn towards no effect; of each trait the most frequent value is
    what the others are compared with.

    Parameters
    ----------
    traits : the kinds of customers
    customers, best : (n,), how many are of each kind, and how many of them are the best

    Raises
    ------
    UndefinedError
        No trait has two values of `FEWEST` customers each, or there are none of the best, or nothing but the best.
    """
    count = floats(customers)
    values: list[tuple[str, str]] = []
    usual: list[tuple[str, str]] = []
    for name, said in traits.items():
        found, place = np.unique(said.astype(str), return_inverse=True)
        sizes = np.bincount(place, count, len(found)) if len(found) else np.zeros(0)
        enough = [at for at in np.argsort(-sizes, kind="stable") if sizes[at] >= FEWEST]
        values += [(name, str(found[at])) for at in enough[1:]]
        usual += [(name, str(found[at])) for at in enough[:1]]
    if not values:
        raise UndefinedError("no trait tells the customers apart: every one has the same value for nearly all of them.")
    fit = fit_logistic(_design(traits, values), count, floats(best), looseness=_SHRUNK)
    return Likeness(values=tuple(values), usual=tuple(usual), fit=fit)


def _design(traits: Traits, values: Sequence[tuple[str, str]]) -> Floats:
    """1 where a kind has the value, (n, k)."""
    said = {trait: traits[trait].astype(str) for trait in dict.fromkeys(trait for trait, _ in values)}
    return floats(np.column_stack([said[trait] == value for trait, value in values]))


def _counts(said: NDArray[np.object_], name: str, values: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
    return np.isin(said.astype(str), [value for trait, value in values if trait == name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """How many times as many of the best are found as by chance; ``low`` to ``high`` is its 95 % interval."""

    value: float
    low: float
    high: float


def found_in_top(scores: Floats, customers: Floats, share: float) -> Floats:
    """Which part of each kind is in the top, (n,), 0 to 1: so many as ``share`` of all; equal scores in equal parts.

    Examples
    --------
    >>> found_in_top(floats([3, 2, 2, 1]), floats([1, 1, 1, 1]), 0.5)
    array([1. , 0.5, 0.5, 0. ])
    """
    values, place = np.unique(-floats(scores), return_inverse=True)
    sizes = np.bincount(place, floats(customers), len(values))
    before = np.cumsum(sizes) - sizes
    parts = np.clip((share * sizes.sum() - before) / np.maximum(sizes, 1e-12), 0.0, 1.0)
    return floats(parts[place])


def lift(scores: Floats, customers: Floats, best: Floats, *, share: float) -> Lift:
    """The lift of the top share: the part of the best that are in it, divided by the share.

    Raises
    ------
    UndefinedError
        There are none of the best.

    Source
    ------
    Wilson (1927), JASA 22: the interval of the part of the best that is found.

    Examples
    --------
    >>> found = lift(floats([9, 8, 1, 0]), floats([10, 10, 10, 10]), floats([8, 0, 1, 1]), share=0.25)
    >>> round(found.value, 1), round(found.low, 1), round(found.high, 1)
    (3.2, 2.0, 3.8)
    """
    return lift_of(float((found_in_top(scores, customers, share) * best).sum()), float(floats(best).sum()), share=share)


def lift_of(found: float, best: float, *, share: float) -> Lift:
    """The lift where so many of the best were found in the top share, in one order or in several together.

    Raises
    ------
    UndefinedError
        There are none of the best.

    Examples
    --------
    >>> lift_of(8, 10, share=0.25).value
    3.2
    """
    if not best > 0:
        raise UndefinedError("there are none of the best: nothing to find.")
    part = found / best
    middle = (part + _Z**2 / 2 / best) / (1 + _Z**2 / best)
    half = _Z / (1 + _Z**2 / best) * float(np.sqrt(max(part * (1 - part), 0.0) / best + _Z**2 / 4 / best**2))
    return Lift(value=part / share, low=max(middle - half, 0.0) / share, high=min(middle + half, 1.0) / share)


def lift_beyond(scores: Floats, rival: Floats, customers: Floats, best: Floats, *, share: float) -> Lift:
    """How much more lift one order has than another on the same customers, with its interval, paired by the best."""
    total = float(floats(best).sum())
    if not total > 0:
        raise UndefinedError("there are none of the best: nothing to find.")
    each = found_in_top(scores, customers, share) - found_in_top(rival, customers, share)
    mean = float((each * best).sum()) / total
    half = _Z * float(np.sqrt((best * (each - mean) ** 2).sum())) / total
    return Lift(value=mean / share, low=(mean - half) / share, high=(mean + half) / share)
