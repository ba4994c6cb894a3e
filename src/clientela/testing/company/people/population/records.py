"""The records that systems have of everybody: one for each account, each contact, each line of a bought list."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.accounts import OFFICE, Accounts
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.people.population.persons import Persons
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

LIST = 3  # beside the systems of accounts
CARD, COMPANY, CONTACT, AGAIN, LISTED = range(5)  # of an account, of a company, of its contact, its second, of a list
_TWICE_AFTER = 40.0  # weeks until the sales office enters a company again, mean
LISTS = 2  # bought, each once


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records that come to be before the world ends, those of one person one after the other, the oldest first.

    ``person``: whose it is. ``what``: CARD, COMPANY, CONTACT, AGAIN or LISTED. ``number``: what its system counts:
    the account, the contact, the company, the line of the list. ``since``: in weeks from the world's beginning.
    """

    person: Indices
    what: Indices
    system: Indices
    number: Indices
    since: Floats

    def __len__(self) -> int:
        return len(self.person)

    @property
    def private(self) -> Flags:
        """Whether the record is of a person who may have several."""
        return np.asarray(self.of_persons & (self.what != CONTACT))

    @property
    def of_persons(self) -> Flags:
        """Whether the record is of a person, not of a company."""
        return np.asarray(~np.isin(self.what, (COMPANY, AGAIN)))

    @property
    def first(self) -> Indices:
        """For each record the place of the oldest of its person."""
        new = np.flatnonzero(np.diff(self.person, prepend=-1))
        return np.repeat(new, np.diff(np.append(new, len(self))))

    @property
    def many(self) -> Indices:
        """For each record how many its person has."""
        new = np.flatnonzero(np.diff(self.person, prepend=-1))
        count = np.diff(np.append(new, len(self)))
        return np.repeat(count, count)


def records(world: World, everybody: Persons, accounts: Accounts) -> Records:
    """All records of a world, whatever the week in which they come to be."""
    firm = everybody.drawn.company[accounts.customer] >= 0
    rng = stream(world.seed, "records")
    answering = everybody.contacts
    owned = everybody.companies
    again = np.flatnonzero(owned.again)
    joins = accounts.since[accounts.first[owned.customer]]
    twice = joins + rng.exponential(_TWICE_AFTER, len(joins))
    parts = [
        (
            accounts.customer,
            np.where(firm, COMPANY, CARD),
            accounts.system.astype(np.intp),
            np.arange(len(accounts)),
            accounts.since,
        ),
        _all(world.customers + np.arange(len(answering)), CONTACT, OFFICE, answering.since),
        _all(owned.customer[again], AGAIN, OFFICE, twice[again]),
        _listed(world, everybody, accounts, rng),
    ]
    columns = [np.concatenate([part[place] for part in parts]) for place in range(5)]
    there = columns[4] < world.weeks
    columns = [column[there] for column in columns]
    order = np.lexsort((columns[4], columns[0]))
    names = [each.name for each in fields(Records)]
    return Records(**dict(zip(names, (column[order] for column in columns), strict=True)))


def listed_in(world: World) -> Floats:
    """When each list is bought, in weeks from the world's beginning."""
    return np.floor(world.weeks * (1 + np.arange(LISTS)) / (1 + LISTS)) + 3 / 7


def list_of(world: World, since: Floats) -> Indices:
    """On which list a record stands that was delivered at a moment."""
    return np.searchsorted(listed_in(world), since, side="right") - 1


def _all(person: Indices, what: int, system: int, since: Floats) -> tuple[Indices, Indices, Indices, Indices, Floats]:
    size = len(person)
    return person, np.full(size, what), np.full(size, system), np.arange(size), since


def _listed(
    world: World, everybody: Persons, accounts: Accounts, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices, Indices, Floats]:
    """The lines of the lists: strangers, and persons who had an account before their list was bought."""
    strangers = np.arange(everybody.strangers, len(everybody))
    private = np.flatnonzero(everybody.drawn.company[: world.customers] < 0)
    known = rng.permutation(private)[: round(world.bought * world.customers * world.bought_known)]
    person = np.concatenate([known, strangers])
    since = listed_in(world)[rng.integers(0, LISTS, len(person))]
    customer = person < world.customers
    joins = np.where(customer, accounts.since[accounts.first[np.where(customer, person, 0)]], -1.0)
    # who was no customer yet stands on the later list; who joined after both, on none
    since = np.where(joins < since, since, listed_in(world)[-1])
    there = np.flatnonzero(joins < since)
    order = there[np.lexsort((rng.random(len(there)), since[there]))]
    return _all(person[order], LISTED, LIST, since[order])
