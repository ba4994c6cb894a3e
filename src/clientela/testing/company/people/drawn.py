"""People as numbers that point into lists of names, streets and telephones: drawn cheaply, written as texts later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

COUNTRIES = ("es", "it", "nl", "gb", "us")
LANGUAGE_OF = np.array([0, 1, 2, 3, 3])
FIRST_BORN, LAST_BORN = np.datetime64("1938-01-01"), np.datetime64("2005-12-31")
STREETS = 1_600  # of each town: a million people need not share a door unless they live together
TOWNS = 26  # of each country
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """People or what a record says of them, in numbers that point into the lists of names; one row each.

    ``second``: the second family name of who has two. ``phone_of`` and ``email_of``: whose telephone and address for
    e-mail it is. ``style``: decides how they make an address for e-mail. ``company``: its number, -1 for a person.
    ``trap``: with whom they are easily confused; 0 for nobody.
    """

    country: Numbers
    female: Flags
    first: Numbers
    last: Numbers
    second: Numbers
    born: Numbers
    town: Numbers
    street: Numbers
    house: Numbers
    phone_of: Numbers
    email_of: Numbers
    style: Numbers
    company: Numbers
    trap: Numbers

    def __len__(self) -> int:
        return len(self.country)

    def taken(self, who: Numbers) -> Drawn:
        """The rows of some of them, in the order asked for."""
        return replace(self, **{name: getattr(self, name)[who] for name in self.__dataclass_fields__})


def skewed(rng: np.random.Generator, of: int, size: int, *, bend: float = 3.0, power: float = 1.0) -> Numbers:
    """Places in a list whose first entries are drawn far more often than its last, as names and towns are."""
    weights = (np.arange(of) + 1 + bend) ** -power
    places = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(size))
    return np.minimum(places, of - 1).astype(np.int64)
