"""Purchase models of customers who differ in what their first purchase was, which nothing they do later changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from clientela.analyse.customer.learned import brief
from clientela.analyse.customer.lifetime.candidates import WITH_TRAITS, Trial
from clientela.contracts.analysis import Arrays
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats
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
class Traits:
    """The traits of customers, (n,) each, as the places of their values in ``names``, whose first is unknown."""

    customers: Indices
    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Indices]

    def of(self, customers: Indices) -> Traits:
        """Those of some customers, in their order; unknown where they are not known."""
        if not self.customers.size:
            codes = {name: np.zeros(customers.size, dtype=np.int64) for name in self.codes}
            return Traits(customers=customers, names=self.names, codes=codes)
        place = np.minimum(np.searchsorted(self.customers, customers), self.customers.size - 1)
        there = self.customers[place] == customers
        codes = {name: np.where(there, each[place], 0) for name, each in self.codes.items()}
        return Traits(customers=customers, names=self.names, codes=codes)


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
    traits = traits_of(table)
    known = [traits.of(at.customers) for at in trials]
    learned = [learn_groups(way, at, each) for at, each in zip(trials, known, strict=True)]
    if learned[0] is None or not any(learned[1:]):
        return None
    told = [_told(*each, name, horizon_days) for each in zip(trials, learned, known, strict=True)]
    return told if all(np.isfinite(at.said[name]).all() for at in told) else None


def _told(at: Trial, learned: Grouped | None, known: Traits, name: str, horizon_days: int) -> Trial:
    if learned is None:
        return replace(at, said=MappingProxyType({**at.said, name: at.said[WITH_TRAITS[name]]}))
    near = ahead_of(learned, at, known, horizon_days)
    usual = expected_amount(at.bought.amounts, at.repeats + 1, at.amount)
    found, between = floats(usual * near.expected), range_of(near, at.bought.amounts, at.repeats + 1)
    ends = (floats(np.minimum(usual * between.low, found)), floats(np.maximum(usual * between.high, found)))
    return replace(
        at, said=MappingProxyType({**at.said, name: found}), ranges=MappingProxyType({**at.ranges, name: ends})
    )


def learn_groups(way: str, at: Trial, known: Traits) -> Grouped | None:
    """The model of a date's customers, whose traits are ``known``, with the effects of their groups, drawn to none."""
    if at.repeats.size < 2 * FEWEST_OF_A_GROUP:
        return None
    groups = _large(known, at.repeats)
    if not groups:
        return None
    kinds, customers = np.unique(np.column_stack([*at.history, _which(known, groups)]), axis=0, return_counts=True)
    some = np.linspace(0, len(kinds) - 1, min(len(kinds), MOST_KINDS)).astype(np.intp)
    repeats, recency, age = (floats(column) for column in kinds[some, :3].T)
    try:
        fit = fit_with_traits(
            repeats, recency, age, _marks(kinds[some, 3], groups), floats(customers[some]),
            after_first=way == "mbg-nbd", spread=_SPREAD,
        )  # fmt: skip
    except UndefinedError:
        return None
    return Grouped(way=way, groups=groups, fit=fit)


def ahead_of(learned: Grouped, at: Trial, known: Traits, days: float, discount: float = 0.0) -> Ahead:
    """What each customer will buy in so many days of the calendar, by the model of their groups."""
    kinds, place = np.unique(_which(known, learned.groups), return_inverse=True)
    columns = {name: np.empty(at.repeats.size) for name in ("alive", "purchases", "worth", "shape")}
    for number, kind in enumerate(_marks(kinds, learned.groups)):
        rows = np.flatnonzero(place == number)
        repeats, recency, age = (floats(each[rows]) for each in at.history)
        fit, usual_days = learned.fit.of(kind), float(at.season.after(days))
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


def traits_of(table: Arrays) -> Traits:
    """What ``lifetime_trait`` holds."""
    customers = np.asarray(table["customer_id"]).astype(np.int64)
    order = np.argsort(customers, kind="stable")
    codes: dict[str, Indices] = {}
    names: dict[str, tuple[str, ...]] = {}
    for name in TRAITS:
        seen = {"": 0}
        places = (seen.setdefault(str(each), len(seen)) for each in table[name])
        codes[name] = np.fromiter(places, np.int64, order.size)[order]
        names[name] = tuple(seen)
    return Traits(customers=customers[order], names=names, codes=codes)


def _large(known: Traits, repeats: Floats) -> Groups:
    """The groups that are told apart, the largest first: of each trait all that are large enough, less its largest."""
    found: list[tuple[int, str, str]] = []
    for name, values in known.names.items():
        code = known.codes[name]
        size, again = np.bincount(code, minlength=len(values)), np.bincount(code, repeats > 0, len(values))
        large = [
            (-int(size[n]), name, value)
            for n, value in enumerate(values)
            if size[n] >= FEWEST_OF_A_GROUP and again[n] >= FEWEST_AGAIN
        ]
        found += [each for each in sorted(large)[1:] if each[2]]
    return tuple((name, value) for _, name, value in sorted(found)[:MOST_GROUPS])


def _which(known: Traits, groups: Groups) -> Indices:
    """In which of the groups each customer is, (n,), one binary digit a group, the first group's first."""
    which = np.zeros(known.customers.size, dtype=np.int64)
    for name, value in groups:
        which = 2 * which + (known.codes[name] == known.names[name].index(value))
    return which


def _marks(which: Floats | Indices, groups: Groups) -> Floats:
    """The same with a column a group, (n, k), 1 or 0."""
    digits = np.arange(len(groups))[::-1]
    return floats((which.astype(np.int64)[:, None] >> digits) & 1)
