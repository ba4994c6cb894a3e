"""What each customer is expected to bring, where the method that serves looks at more than the purchase history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from clientela.analyse.customer.lifetime.boosted import said_by
from clientela.analyse.customer.lifetime.candidates import (
    Bought,
    Moment,
    Trial,
    coming,
    forecast,
    trial,
    way_of,
    weights,
)
from clientela.analyse.customer.lifetime.traits import Grouped, Traits, ahead_of
from clientela.contracts.analysis import Arrays, FitContext
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.gamma_gamma import expected_amount
from clientela.estimators.lifetime.ways import Ahead
from clientela.estimators.lifetime.worth import Range, range_of
from clientela.estimators.trees.hurdle import Hurdle, Told, between

_KNOWN = 1e-6
_WIDEST = 1e5


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """Customers, what each is expected to bring, and the ends of the range by that, (n,) each."""

    customers: NDArray[np.int64]
    worth: Floats
    low_share: Floats
    high_share: Floats

    def rows(self, context: FitContext) -> Mapping[str, Arrays]:
        """``lifetime_each``."""
        return {
            "lifetime_each": {
                "as_of": np.full(self.worth.size, np.datetime64(context.as_of, "D")),
                "customer_id": self.customers,
                "worth": self.worth,
                "low_share": self.low_share,
                "high_share": self.high_share,
            }
        }


NOBODY = Each(customers=np.zeros(0, dtype=np.int64), worth=floats([]), low_share=floats([]), high_share=floats([]))


def by_trees(trees: Hurdle, best: str, now: Trial, trials: Sequence[Trial], context: FitContext) -> Each:
    """What the trees say of the next horizon, stretched to all the days that count as the other method stretches it."""
    way = way_of(best, best)
    days, discount = float(context.parameters["value_days"]), float(context.parameters["discount_rate"])
    far, near = coming(now.bought, way, now, days, discount), coming(now.bought, way, now, context.horizon_days)
    model, recent = weights(best, trials)
    usual = expected_amount(now.bought.amounts, now.repeats + 1, now.amount)
    beyond = model * far.expected * usual + recent * now.busier * stretch(far, near, now, context) * now.recent
    said, plain = said_by(trees, now, trials, best), forecast(best, now, trials)
    worth = beyond * np.divide(said.worth, plain, out=np.ones_like(plain), where=plain > _KNOWN)
    low, high = between(Told(worth=floats(worth), chance=_chance(said.chance, near, far)), trees.shape)
    return Each(customers=now.customers, worth=floats(worth), low_share=_by(low, worth), high_share=_by(high, worth))


def by_groups(learned: Grouped, now: Trial, traits: Traits, context: FitContext) -> Each:
    """What the purchase model says of customers of their groups."""
    days, discount = float(context.parameters["value_days"]), float(context.parameters["discount_rate"])
    far = ahead_of(learned, now, traits, days, discount)
    low, high = shares(far, range_of(far, now.bought.amounts, now.repeats + 1))
    worth = floats(far.expected * expected_amount(now.bought.amounts, now.repeats + 1, now.amount))
    return Each(customers=now.customers, worth=worth, low_share=low, high_share=high)


def _chance(said: Floats, near: Ahead, far: Ahead) -> Floats:
    """That anything comes in all the days that count: as much likelier than in the next horizon as the model has it."""
    odds, soon, later = (logit(np.clip(each, _KNOWN, 1 - _KNOWN)) for each in (said, 1 - near.silent, 1 - far.silent))
    return floats(expit(odds + later - soon))


def _by(end: Floats, worth: Floats) -> Floats:
    """The end of a range by what is expected, at most so many times as the table can say."""
    return floats(np.clip(np.divide(end, worth, out=np.ones_like(worth), where=worth > _KNOWN), 0.0, _WIDEST))


def known_now(table: Arrays, today: Moment, bought: Bought, context: FitContext) -> Trial:
    """The customers known today, one a row as those of a test; what comes of them is not known."""
    now = trial(table, context.as_of, bought, context.horizon_days, today.season)
    if now is None:
        raise UndefinedError(f"nobody is known as of {context.as_of}, though somebody was counted.")
    return now


def stretch(far: Ahead, near: Ahead, at: Moment | Trial, context: FitContext) -> Floats:
    """How many times what comes in the next horizon comes in all the days that count; never more than these are."""
    days = float(context.parameters["value_days"])
    ratio = np.divide(far.expected, near.expected, out=np.zeros_like(near.expected), where=near.expected > 1e-9)
    return floats(np.minimum(ratio, max(float(at.season.after(days) / at.season.after(context.horizon_days)), 1.0)))


def shares(far: Ahead, between: Range) -> tuple[Floats, Floats]:
    """The ends of each range by what is expected; where next to nothing is, from nothing to that."""
    known = far.expected > _KNOWN
    low = np.divide(between.low, far.expected, out=np.zeros_like(between.low), where=known)
    high = np.divide(between.high, far.expected, out=np.ones_like(between.high), where=known)
    return floats(np.minimum(low, 1.0)), floats(np.clip(high, 1.0, _WIDEST))
