"""Purchase models of customers who differ in what their first purchase was, which does not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.customer.learned import brief
from clientela.analyse.customer.lifetime.candidates import WITH_TRAITS, Trial
from clientela.contracts.analysis import Arrays
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.gamma_gamma import expected_amount
from clientela.estimators.lifetime.traits import WithTraits, fit_with_traits
from clientela.estimators.lifetime.ways import WAYS, Ahead, ahead
from clientela.estimators.lifetime.worth import range_of

TRAITS = ("channel", "category", "campaign")
FEWEST_OF_A_GROUP, FEWEST_AGAIN = 100, 30
"""Below these no group is told apart: customers, and those of them who bought again."""
MOST_GROUPS = 8
MOST_KINDS = 4_000
"""On so many kinds of histories and groups the models are fitted: each has a likelihood of its own."""
_SPREAD = 0.5  # most groups are taken to buy between half and twice as often, before anything is seen
Groups = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A purchase model whose customers differ by ``groups``, (trait, value) each; all others are alike."""

    way: str
    groups: Groups
    fit: WithTraits


def with_traits(trials: Sequence[Trial], way: str, table: Arrays, horizon_days: int) -> list[Trial] | None:
    """The dates, newest first, with what the model of ``way`` says where groups differ.

    Like the models without, it is fitted anew at each date and needs no outcome. Where no group was large enough yet
    all are alike; None where none is at the newest date, or at no older one.
    """
    name = next(each for each, plain in WITH_TRAITS.items() if plain == way)
    learned = [learn_groups(way, at, table) for at in trials]
    if learned[0] is None or not any(learned[1:]):
        return None
    told = [_told(at, name, each, table, horizon_days) for at, each in zip(trials, learned, strict=True)]
    return told if all(np.isfinite(at.said[name]).all() for at in told) else None


def _told(at: Trial, name: str, learned: Grouped | None, table: Arrays, horizon_days: int) -> Trial:
    if learned is None:
        return replace(at, said=MappingProxyType({**at.said, name: at.said[WITH_TRAITS[name]]}))
    near = ahead_of(learned, at, table, horizon_days)
    usual = expected_amount(at.bought.amounts, at.repeats + 1, at.amount)
    found, between = floats(usual * near.expected), range_of(near, at.bought.amounts, at.repeats + 1)
    ends = (floats(np.minimum(usual * between.low, found)), floats(np.maximum(usual * between.high, found)))
    return replace(
        at, said=MappingProxyType({**at.said, name: found}), ranges=MappingProxyType({**at.ranges, name: ends})
    )


def learn_groups(way: str, at: Trial, table: Arrays) -> Grouped | None:
    """The model of a date's customers with the effects of their groups, drawn towards none."""
    if at.repeats.size < 2 * FEWEST_OF_A_GROUP:
        return None
    known = _known(table, at)
    groups = _large(known, at.repeats)
    if not groups:
        return None
    kinds, customers = np.unique(np.column_stack([*at.history, _marks(known, groups)]), axis=0, return_counts=True)
    some = np.linspace(0, len(kinds) - 1, min(len(kinds), MOST_KINDS)).astype(np.intp)
    repeats, recency, age = (floats(column) for column in kinds[some, :3].T)
    try:
        fit = fit_with_traits(
            repeats, recency, age, floats(kinds[some, 3:]), floats(customers[some]), after_first=way == "mbg-nbd",
            spread=_SPREAD,
        )  # fmt: skip
    except UndefinedError:
        return None
    return Grouped(way=way, groups=groups, fit=fit)


def ahead_of(learned: Grouped, at: Trial, table: Arrays, days: float, discount: float = 0.0) -> Ahead:
    """What each customer will buy in so many days of the calendar, by the model of their groups."""
    marks = _marks(_known(table, at), learned.groups)
    kinds, place = np.unique(marks, axis=0, return_inverse=True)
    columns = {name: np.empty(at.repeats.size) for name in ("alive", "purchases", "worth", "shape")}
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(place.ravel() == number)
        repeats, recency, age = (floats(each[rows]) for each in at.history)
        fit, usual_days = learned.fit.of(floats(kind)), float(at.season.after(days))
        of_kind = ahead(WAYS[learned.way], fit, repeats, recency, age, usual_days, discount=discount)
        for name, column in columns.items():
            column[rows] = getattr(of_kind, name)
    return Ahead(**columns)


def effects(learned: Grouped) -> list[Mapping[str, object]]:
    """What each group does by what those do that are in none: how often it buys, how likely it is gone after that."""
    fit = learned.fit
    gone = fit.a * np.exp(fit.leaving)
    leaving = gone / (gone + fit.b) / (fit.a / (fit.a + fit.b))
    return [
        {"trait": trait, "value": value, "buying": brief(float(often)), "leaving": brief(float(easily))}
        for (trait, value), often, easily in zip(learned.groups, np.exp(fit.buying), leaving, strict=True)
    ]


def _known(table: Arrays, at: Trial) -> Mapping[str, NDArray[np.object_]]:
    """The traits of the customers of a date, in their order; empty where they are not known."""
    customers = np.asarray(table["customer_id"]).astype(np.int64)
    if not customers.size:
        return {name: np.full(at.customers.size, "", dtype=object) for name in TRAITS}
    order = np.argsort(customers, kind="stable")
    place = np.minimum(np.searchsorted(customers[order], at.customers), customers.size - 1)
    there = customers[order][place] == at.customers
    return {name: np.where(there, np.asarray(table[name], dtype=object)[order][place], "") for name in TRAITS}


def _large(known: Mapping[str, NDArray[np.object_]], repeats: Floats) -> Groups:
    """The groups that are told apart, the largest first: of each trait all that are large enough, less its largest."""
    found: list[tuple[int, str, str]] = []
    for name in TRAITS:
        values, place = np.unique(known[name].astype(str), return_inverse=True)
        size, again = np.bincount(place.ravel()), np.bincount(place.ravel(), repeats > 0)
        large = [
            (-int(size[n]), name, str(value))
            for n, value in enumerate(values)
            if size[n] >= FEWEST_OF_A_GROUP and again[n] >= FEWEST_AGAIN
        ]
        found += [each for each in sorted(large)[1:] if each[2]]
    return tuple((name, value) for _, name, value in sorted(found)[:MOST_GROUPS])


def _marks(known: Mapping[str, NDArray[np.object_]], groups: Groups) -> Floats:
    """Whether each customer is in each group, (n, k), 1 or 0."""
    return floats(np.column_stack([known[name] == value for name, value in groups]).astype(np.float64))
