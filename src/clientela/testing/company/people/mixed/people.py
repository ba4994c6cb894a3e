"""People and companies of four languages, each once, with the traps in which two are easily taken for one.

Everything is drawn from one seed. A person is a row of numbers (which name, which street, which telephone); a record is
a person as one system wrote them down at one time: in its form, moved, married, mistyped, half empty.
"""

from __future__ import annotations

import numpy as np

from clientela.testing.company.people.drawn import (
    COUNTRIES,
    FIRST_BORN,
    LANGUAGE_OF,
    LAST_BORN,
    STREETS,
    Drawn,
    Numbers,
    skewed,
)
from clientela.testing.company.people.names import lists as names

SHARE = (0.35, 0.25, 0.2, 0.13, 0.07)

# Shares of all people that each trap takes; a trap of two takes both from it.
TRAPS = {
    "father and son": 0.012,
    "twins": 0.006,
    "couple": 0.03,
    "flat share": 0.01,
    "sister companies": 0.006,
    "usual name in one town": 0.01,
    "one door, many flats": 0.02,
}


def people(rng: np.random.Generator, size: int) -> Drawn:
    """As many people and companies, each once, with the traps in which two are easily taken for one."""
    country = rng.choice(len(COUNTRIES), size=size, p=SHARE).astype(np.int64)
    language = LANGUAGE_OF[country]
    female = rng.random(size) < 0.5
    first, last, second = (np.zeros(size, np.int64) for _ in range(3))
    for number, name in enumerate(names.LANGUAGES):
        here = np.flatnonzero(language == number)
        women, men = names.first_names(name)
        drawn = skewed(rng, min(len(women), len(men)), len(here))
        first[here] = drawn
        families = len(names.family_names(name))
        last[here] = skewed(rng, families, len(here), bend=8)
        second[here] = skewed(rng, families, len(here), bend=8)
    who = np.arange(size)
    company = np.where(rng.random(size) < 0.07, rng.integers(0, 1 << 40, size), -1)
    made = Drawn(
        country=country,
        female=female,
        first=first,
        last=last,
        second=second,
        born=rng.integers(FIRST_BORN.astype(int), LAST_BORN.astype(int), size),
        town=skewed(rng, 26, size, bend=1),
        street=skewed(rng, STREETS, size, bend=60),
        house=1 + (rng.gamma(1.3, 25, size)).astype(np.int64) % 240,
        phone_of=who,
        email_of=who.copy(),
        style=rng.integers(0, 1 << 40, size),
        company=company,
        trap=np.zeros(size, np.int64),
    )
    _set_traps(rng, made)
    for number, name in enumerate(names.LANGUAGES):  # a trap gave its second another country
        here = LANGUAGE_OF[made.country] == number
        made.last[here] %= len(names.family_names(name))
        made.second[here] %= len(names.family_names(name))
    return made


def _set_traps(rng: np.random.Generator, made: Drawn) -> None:
    """Make pairs of people alike in what real ones share; the rows are drawn alike, so the first will do."""
    start = 0
    for number, (name, share) in enumerate(TRAPS.items(), 1):
        half = int(len(made) * share) // 2
        one, two = np.arange(start, start + half), np.arange(start + half, start + 2 * half)
        start += 2 * half
        made.trap[np.concatenate([one, two])] = number
        made.company[np.concatenate([one, two])] = -1
        _trap(rng, made, name, one, two)


def _trap(rng: np.random.Generator, made: Drawn, name: str, one: Numbers, two: Numbers) -> None:
    size = len(one)
    if not size:
        return

    def same(*fields: str) -> None:
        for field in fields:
            getattr(made, field)[two] = getattr(made, field)[one]

    same("country", "town")
    if name == "usual name in one town":
        both = np.concatenate([one, two])
        made.first[both], made.last[both] = rng.integers(0, 2, 2 * size), rng.integers(0, 2, 2 * size)
        made.second[both], made.town[both] = rng.integers(0, 2, 2 * size), 0
        return
    if name == "sister companies":
        made.company[one] = rng.integers(0, 1 << 40, size)
        same("company", "last")
        made.town[two] = (made.town[one] + 1) % 26
        made.company[two] |= 1 << 41
        made.company[one] |= 1 << 42
        return
    same("street", "house")
    if name == "one door, many flats":
        return
    share = rng.random(size)
    if name in {"father and son", "twins"}:
        same("last", "second", "female")
    if name == "father and son":
        made.female[one] = made.female[two] = False
        same("first")
        made.born[two] = made.born[one] + rng.integers(8_000, 13_000, size)
        made.phone_of[two] = np.where(share < 0.5, one, two)
    elif name == "twins":
        same("born")
        made.first[two] = (made.first[one] + 1 + rng.integers(0, 20, size)) % 90
        made.phone_of[two] = np.where(share < 0.3, one, two)
    elif name == "couple":
        made.female[one], made.female[two] = True, False
        made.second[two] = made.second[one]
        made.last[two] = np.where(made.country[one] == 0, made.last[two] % 300, made.last[one])
        made.last[two] = np.where(rng.random(size) < 0.25, made.last[two] % 300, made.last[two])
        made.email_of[two] = np.where(share < 0.5, one, two)
        made.phone_of[two] = np.where(share > 0.4, one, two)
        made.born[two] = made.born[one] + rng.integers(-1_500, 1_500, size)
    else:
        made.phone_of[two] = np.where(share < 0.7, one, two)
