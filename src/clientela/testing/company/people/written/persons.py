"""Given and family names, and the numbers that a state gives to persons and companies."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.drawn import LANGUAGE_OF, Drawn, Flags, Numbers
from clientela.testing.company.people.names import lists
from clientela.testing.company.people.written.words import joined, looked_up, text


@cache
def _given() -> tuple[list[str], list[str], Numbers]:
    """Given names of all languages, what friends say, where each language begins and how many it has of each sex."""
    called: list[str] = []
    friends: list[str] = []
    starts = []
    for language in lists.LANGUAGES:
        women, men = lists.first_names(language)
        size = min(len(women), len(men))
        starts.append((len(called), size))
        both = women[:size] + men[:size]
        called += both
        friends += [lists.nicknames(language).get(each, each) for each in both]
    return called, friends, np.array(starts)


@cache
def families() -> tuple[list[str], Numbers, Numbers]:
    """Family names of all languages, where each language begins, and how many it has."""
    of = [lists.family_names(language) for language in lists.LANGUAGES]
    sizes = np.array([len(each) for each in of])
    return [name for each in of for name in each], np.cumsum([0, *sizes])[:-1], sizes


def has_nickname(of: Drawn) -> Flags:
    """Who bears a name that friends say otherwise."""
    called, friends, starts = _given()
    start, size_of = starts[LANGUAGE_OF[of.country]].T
    differs = np.array([one != other for one, other in zip(called, friends, strict=True)])
    return np.asarray(differs[start + np.where(of.female, 0, size_of) + of.first % size_of])


def names(of: Drawn, familiar: Flags) -> tuple[pa.Array, pa.Array]:
    """Given and family names, some as friends say them; Spaniards bear two family names."""
    called, friends, starts = _given()
    every, bases, _ = families()
    language = LANGUAGE_OF[of.country]
    start, size_of = starts[language].T
    place = start + np.where(of.female, 0, size_of) + of.first % size_of
    given = pc.if_else(pa.array(familiar), looked_up(friends, place), looked_up(called, place))
    last = looked_up(every, bases[language] + of.last)
    second = looked_up(every, bases[language] + of.second)
    return given, pc.if_else(pa.array(of.country == 0), joined(last, " ", second), last)


def tax_numbers(of: Drawn, who: Numbers) -> pa.Array:
    """The number of a person or company for the tax office; null where persons have none that is told."""
    number = (who * 41 + 10_000_000) % 100_000_000
    digits = pc.utf8_lpad(text(number), 8, "0")
    spanish = joined(digits, looked_up(list("TRWAGMYFPDXBNJZSQVHLCKE"), number % 23))
    letters = [a + b + c for a in "BCDFGLMPRS" for b in "BCDFGLMPRS" for c in "NRSTZ"]
    born = text(40 + number % 59), "M", text(10 + number % 21), "H501", looked_up(list("ABCDEFGH"), number % 8)
    italian = joined(looked_up(letters, number % 500), looked_up(letters, number // 500 % 500), *born)
    none = pa.nulls(len(who), pa.string())
    persons = pc.choose(pa.array(of.country), spanish, italian, none, none, none)
    firms = pc.choose(pa.array(of.country), joined("B", digits), joined("0", digits, "12"),
                      joined("NL8", digits, "B01"), joined("GB", digits, "7"), none)  # fmt: skip
    return pc.if_else(pa.array(of.company >= 0), firms, persons)
