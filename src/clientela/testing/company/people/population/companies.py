"""Companies: which belong to one group, which of these bear one name, and who answers for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.drawn import Flags, Numbers
from clientela.testing.company.world import World

_LARGEST = 4  # companies of a group
_NAMES = 1 << 28
_APART = 2_560  # between the numbers of two names: the last digit is the trade, what is above 255 the owner
JOBS = ("manager", "purchasing", "accounts payable", "warehouse", "reception", "owner")
DEPARTMENTS = ("management", "purchasing", "finance", "logistics", "front office", "management")
_LATER = 30.0  # weeks until a further contact is known, mean
_LEAVES = 0.003  # contacts that leave their company, a week


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """Customers that are companies, one entry each.

    ``customer``: its number. ``number``: decides its name. ``head``: the customer that leads its group, or it itself.
    ``sister``: whether its group bears one name. ``again``: whether the sales office has a second record of it.
    """

    customer: Indices
    number: Numbers
    head: Indices
    sister: Flags
    again: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Persons who answer for a company, one entry each; moments in weeks from the world's beginning."""

    company: Indices
    job: Indices
    since: Floats
    leaves: Floats
    switchboard: Flags

    def __len__(self) -> int:
        return len(self.company)


def companies(world: World, rng: np.random.Generator, customer: Indices, nation: Indices) -> Companies:
    """The companies, some in groups of two to four of one nation, the first in the lead."""
    size = len(customer)
    order = np.lexsort((rng.random(size), nation))
    grouped = round(world.grouped * size)
    begins = np.cumsum(np.concatenate([[0], rng.integers(2, _LARGEST + 1, size)]))
    group = np.searchsorted(begins, np.arange(size), side="right") - 1
    # a group that would span two nations, or be of one, is none
    first = begins[group]
    ranked = np.asarray(nation)[order]
    member = (np.arange(size) < grouped) & (ranked == ranked[np.minimum(first, max(size - 1, 0))])
    alone = np.bincount(group[member], minlength=len(begins))[group] < 2
    member &= ~alone
    head, sister = np.empty(size, np.intp), np.zeros(size, bool)
    place = np.where(member, first, np.arange(size))
    head[order] = customer[order[place]]
    sister[order] = member & (rng.random(len(begins)) < world.sisters)[group]
    own = rng.integers(0, _NAMES, size) * _APART
    number = np.empty(size, np.int64)
    number[order] = own + rng.integers(0, 10, size)
    # sisters bear the name of the first of them in another sector: the last digit
    named = np.empty(size, np.int64)
    named[order] = own[place] + (number[order[place]] + np.arange(size) - place) % 10
    return Companies(
        customer=customer,
        number=np.where(sister, named, number),
        head=head,
        sister=sister,
        again=rng.random(size) < world.entered_twice,
    )


def contacts(world: World, rng: np.random.Generator, made: Companies, joins: Floats) -> Contacts:
    """The persons whom the sales office knows in each company; the first from the company's first purchase on.

    Parameters
    ----------
    joins : (companies,), in weeks from the world's beginning
    """
    count = np.minimum(rng.poisson(world.contacts, len(made.customer)), 12)
    company = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    later = np.arange(len(company)) > first[company]
    since = joins[company] + np.where(later, rng.exponential(_LATER, len(company)), 0.0)
    return Contacts(
        company=made.customer[company],
        job=rng.integers(0, len(JOBS), len(company)),
        since=since,
        leaves=since + rng.exponential(1 / _LEAVES, len(company)) if world.moves else np.full(len(company), np.inf),
        switchboard=rng.random(len(company)) < world.shared_contacts,
    )
