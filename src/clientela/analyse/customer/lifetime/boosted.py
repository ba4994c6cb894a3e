"""Boosted trees on what customers bring: they begin at what the best other method says, and learn what it missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from scipy.special import logit

from clientela.analyse.customer.learned import brief
from clientela.analyse.customer.lifetime.candidates import BOOSTED, Trial, forecast, way_of
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.trees.boosted import can_be_learned
from clientela.estimators.trees.hurdle import Hurdle, Said, Told, between, expected, fit_hurdle

FEATURES = ("silence", "gap", "late", "purchases", "age", "visits", "amount", "recent_amount", "worth", "chance")
FEWEST_CUSTOMERS, FEWEST_BROUGHT = 2_000, 200 * len(FEATURES)
"""Below these the trees are not tried: of customers at one date; of those who brought something, at all dates."""
FEWEST_OF_BOTH = 30
"""So many must have brought something at each date, and so many nothing."""
_LEAST = 1e-6  # of whom less is expected, no ratio to it says anything
_NEARLY_NO_DAYS = 30.0
_NEARLY_NOTHING = 0.01


def bears_trees(newest: Trial, older: Sequence[Trial]) -> bool:
    """Whether so much came at the older dates that trees can be learned at all but one of them, and judged at that.

    Source
    ------
    van der Ploeg, Austin & Steyerberg (2014), Modern modelling techniques are data hungry, BMC Medical Research
    Methodology 14:137: such methods need some 200 events for each thing that they look at.
    """
    if len(older) < 2 or max(each.came.size for each in older) < FEWEST_CUSTOMERS:
        return False
    brought = [int((each.came > 0).sum()) for each in older]
    fewest = min(min((each.came > 0).sum(), (each.came <= 0).sum()) for each in (newest, *older))
    return sum(brought) >= FEWEST_BROUGHT and bool(fewest >= FEWEST_OF_BOTH) and can_be_learned()


def challenged(trials: Sequence[Trial], best: str) -> list[Trial] | None:
    """The dates, newest first, with what trees say at each: of the older ones each by trees of the others.

    None where all those of whom something was expected brought something at a date, or none of them.
    """
    told, older = [], trials[1:]
    for at in trials:
        others = [each for each in older if each is not at]
        trees = learn_trees(others, best)
        if trees is None:
            return None
        found = said_by(trees, at, others, best)
        told.append(replace(
            at, said=MappingProxyType({**at.said, BOOSTED: found.worth}),
            ranges=MappingProxyType({**at.ranges, BOOSTED: between(found, trees.shape)}),
        ))  # fmt: skip
    return told


def learn_trees(trials: Sequence[Trial], best: str) -> Hurdle | None:
    """The trees of all these dates; at each they begin at what the best method says that learned from the others.

    None where all those of whom something was expected brought something at a date, or none of them.
    """
    told = []
    for at in trials:
        others = [each for each in trials if each is not at] or [at]
        known, places = _known(at, forecast(best, at, others), best)
        told.append((known, at.came[places]))
    if not all(0 < (came > 0).sum() < came.size for _, came in told):
        return None
    return fit_hurdle(FEATURES, told)


def said_by(trees: Hurdle, at: Trial, learned_from: Sequence[Trial], best: str) -> Told:
    """What the trees say of each customer of a date; what the best other method says where that is nothing."""
    worth = forecast(best, at, learned_from)
    known, places = _known(at, worth, best)
    found = expected(trees, known)
    everybody, likely = worth.copy(), np.zeros(worth.shape)
    everybody[places], likely[places] = found.worth, found.chance
    return Told(worth=floats(everybody), chance=floats(likely))


def parameters(trees: Hurdle, best: str) -> Mapping[str, object]:
    """What of the trees is kept with the model: LightGBM's text, which can be read and applied again."""
    return {
        "begins_at": best,
        "features": list(trees.names),
        "customers": trees.customers,
        "shape": brief(trees.shape),
        "bring": trees.bring,
        "much": trees.much,
    }


def _known(at: Trial, worth: Floats, best: str) -> tuple[Said, np.ndarray]:
    """What is known of the customers of a date of whom something is expected, and their places."""
    chance = 1 - at.quiet[way_of(best, best)]
    places = np.flatnonzero((worth > _LEAST) & (chance > _LEAST))
    known = _features(at, worth, chance)[places]
    return Said(features=floats(known), worth=worth[places], chance=floats(chance[places])), places


def _features(at: Trial, worth: Floats, chance: Floats) -> Floats:
    """What the trees look at, one column each, (n, len(FEATURES)).

    ``silence``: logarithm of 1 + days since the last purchase. ``gap``: of the mean gap, drawn towards a month.
    ``late``: ``silence`` less ``gap``. ``purchases``, ``age``, ``visits``: of 1 + repeat purchases, days as a customer,
    purchase days in the last horizon. ``amount``: of the own mean amount by the median one. ``recent_amount``: of that
    of the last horizon by the own. ``worth``, ``chance``: what the other method expects, as logarithm and log-odds.
    """
    spent = at.amount[at.amount > 0]
    usual = float(np.median(spent)) if spent.size else 1.0
    own = np.maximum(at.amount, _NEARLY_NOTHING * usual)
    lately = np.maximum(at.recent / np.maximum(at.visits, 1.0), _NEARLY_NOTHING * own)
    silence = np.log1p(at.age - at.recency)
    gap = np.log((at.recency + _NEARLY_NO_DAYS) / (at.repeats + 1))
    columns = (
        silence, gap, silence - gap, np.log1p(at.repeats), np.log1p(at.age), np.log1p(at.visits), np.log(own / usual),
        np.where(at.visits > 0, np.log(lately / own), 0.0), np.log(np.maximum(worth, _LEAST) / usual),
        logit(np.clip(chance, _LEAST, 1 - _LEAST)),
    )  # fmt: skip
    return floats(np.column_stack(columns))
