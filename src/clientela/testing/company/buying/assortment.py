"""What the company sells, what it costs, and which weeks some of it costs less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

Cents = NDArray[np.int64]
CATEGORIES = ("garden", "kitchen", "lighting", "textiles", "furniture", "toys", "stationery", "outdoor")
BRANDS = ("own", "Alba", "Noord", "Vela", "Quercia", "Lumen")
MEDIAN_PRICE, PRICE_SPREAD = 1_800.0, 0.75  # cents; standard deviation of the logarithm of a price
RETURN_WEEKS = (0.3, 3.0)  # after how long something comes back
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Assortment:
    """All products, from the cheapest to the dearest; money in cents of the company's currency, before tax.

    ``launched``: the week from which on it is sold; 0 for most.
    """

    list_price: Cents
    unit_cost: Cents
    category: Indices
    brand: Indices
    launched: Indices

    def __len__(self) -> int:
        return len(self.list_price)


def assortment(world: World) -> Assortment:
    """The products of a world."""
    n = world.products
    rng = stream(world.seed, "assortment")
    dear = np.sort(rng.normal(size=n))
    list_price = np.maximum(99, np.round(MEDIAN_PRICE * np.exp(PRICE_SPREAD * dear) / 100) * 100 - 1).astype(np.int64)
    late = rng.random(n) < 0.1
    return Assortment(
        list_price=list_price,
        unit_cost=np.round(list_price * rng.uniform(0.4, 0.75, n)).astype(np.int64),
        category=rng.integers(0, len(CATEGORIES), n),
        brand=rng.integers(0, len(BRANDS), n),
        launched=np.where(late, rng.integers(1, max(2, world.weeks), n), 0),
    )


def promoted(world: World, weeks: int | None = None) -> Indices:
    """The category that costs less in each week; `NONE` in a usual week.

    Parameters
    ----------
    weeks : how many from the world's first; all of the world's when not given. They may go beyond its end: the
        company plans its promotions ahead.
    """
    number = world.weeks if weeks is None else weeks
    drawn = [stream(world.seed, "promotion", week) for week in range(number)]
    return np.array(
        [rng.integers(0, len(CATEGORIES)) if rng.random() < world.promotions else NONE for rng in drawn], dtype=np.intp
    )


def pick(made: Assortment, dear: Floats, week: int | None = None) -> Indices:
    """The products that are as dear as wished.

    Parameters
    ----------
    dear : (n,), in standard deviations of the logarithm of a price from the median
    week : picks only among what is sold by then.
    """
    sold = np.flatnonzero(made.launched <= (week if week is not None else np.iinfo(np.intp).max))
    return sold[np.searchsorted(between(made, sold), dear)]


def between(made: Assortment, sold: Indices) -> Floats:
    """Where one product is left for the next dearer one, in standard deviations of the logarithm of a price."""
    price = np.log(made.list_price[sold] / MEDIAN_PRICE) / PRICE_SPREAD
    return np.asarray((price[1:] + price[:-1]) / 2)
