"""The people of a world as its systems know them, from its first week to its last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.people.accounts import Accounts
from clientela.testing.company.people.drawn import Drawn, Flags, Numbers
from clientela.testing.company.people.names import lists
from clientela.testing.company.people.population.changes import Change, between, runs, told
from clientela.testing.company.people.population.forms import ADDRESS, EMAIL, PHONE, Forms, Sure, forms, sure
from clientela.testing.company.people.population.persons import Persons, doors, persons, towns
from clientela.testing.company.people.population.records import Records, records
from clientela.testing.company.people.population.ties import Consents, Ties, consents, ties
from clientela.testing.company.people.written.companies import company_names
from clientela.testing.company.people.written.reached import each_their_own, hosts, local_parts, told_apart
from clientela.testing.company.people.written.words import each, folded, joined, looked_up
from clientela.testing.company.places import districts
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

_MARRY = np.array([0.03, 0.03, 0.4])  # of what befalls women at home, by nation; the others move
_MOVE_TOO = 0.5  # of those who marry
_FAR = 0.3  # of the moves lead to another town


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """All that happened, by version (0: nothing did): what changed, and to what.

    ``person``: to whom. ``phone``, ``email``, ``moved``, ``married``: whether that changed.
    """

    person: Indices
    phone: Flags
    email: Flags
    moved: Flags
    married: Flags
    last: Numbers
    town: Numbers
    street: Numbers
    house: Numbers


@dataclass(slots=True)
class People:
    """Everybody, all records of them, and what these say at each moment; nothing in it changes with the weeks.

    ``reach`` and ``home``: what each record knows of how to reach somebody, and of where they live under which name.
    """

    world: World
    everybody: Persons
    records: Records
    reach: Change
    home: Change
    lived: Lived
    forms: Forms
    ties: Ties
    consents: Consents
    _emails: list[pa.Array] = field(default_factory=list)

    @classmethod
    def begun(cls, world: World, latent: Latent, accounts: Accounts) -> Self:
        """Before the first week."""
        everybody = persons(world, latent)
        made = records(world, everybody, accounts)
        rng = stream(world.seed, "changes")
        run = runs(rng, made, world.nothing_shared)
        held = sure(rng, made, run)
        reach, at_home, lived = _lived(world, everybody, made, run, held)
        written = forms(world, made, run, held)
        return cls(
            world,
            everybody,
            made,
            reach,
            at_home,
            lived,
            written,
            ties(world, everybody, made),
            consents(world, made, written),
        )

    def sent(self, week: int, weeks: int = 1) -> tuple[Indices, Floats]:
        """The records that systems made or changed in some weeks, each once, and when last; by that moment."""
        made, until = self.records, week + weeks
        reachable = self.forms.known[EMAIL] | self.forms.known[PHONE]
        housed = self.forms.known[ADDRESS] | self.lived.married[self.home.after]
        now = (made.since >= week) & (made.since < until)
        for change, heard in ((self.reach, reachable), (self.home, housed)):
            now |= (change.at >= week) & (change.at < until) & heard
        rows = np.flatnonzero(now)
        at = made.since[rows]
        for change, heard in ((self.reach, reachable), (self.home, housed)):
            later = (change.at[rows] < until) & heard[rows]
            at = np.where(later, np.maximum(at, change.at[rows]), at)
        order = np.argsort(at, kind="stable")
        return rows[order], at[order]

    def at(self, rows: Indices, moment: Floats) -> Drawn:
        """What some records say at a moment each, in numbers."""
        person, who = self.records.person[rows], self.everybody
        said = who.drawn.taken(person)
        reach = np.where(moment >= self.reach.at[rows], self.reach.after[rows], self.reach.before[rows])
        home = np.where(moment >= self.home.at[rows], self.home.after[rows], self.home.before[rows])
        moved, married = self.lived.moved[home], self.lived.married[home]
        return replace(
            said,
            phone_of=np.where(self.lived.phone[reach], len(who) + reach, said.phone_of),
            email_of=np.where(self.lived.email[reach], len(who) + reach, said.email_of),
            last=np.where(married, self.lived.last[home], said.last),
            town=np.where(moved, self.lived.town[home], said.town),
            street=np.where(moved, self.lived.street[home], said.street),
            house=np.where(moved, self.lived.house[home], said.house),
        )

    @property
    def emails(self) -> pa.Array:
        """All addresses for e-mail, by number; made when first asked for."""
        if not self._emails:
            self._emails.append(_emails(self.everybody, self.lived))
        return self._emails[0]


def _lived(world: World, everybody: Persons, made: Records, run: Indices, held: Sure) -> tuple[Change, Change, Lived]:
    """What changed of how to reach people and of where they live, and all versions of it."""
    rng = stream(world.seed, "life")
    reach = between(world, rng, made, run)
    apart = int(reach.after.max(initial=0))  # up to here telephone and e-mail changed, after it one of them
    of_phone = rng.random(len(made)) < 0.5
    at_stake = held.held & (np.where(of_phone, PHONE, EMAIL)[made.first] == held.channel)
    reach = told(world, rng, made, reach, world.new_contacts, at_stake)
    home = between(world, rng, made, runs(rng, made, world.changed_between))
    home = told(world, rng, made, home, world.moves, np.ones(len(made), bool))
    size = 1 + max(int(reach.after.max(initial=0)), int(home.after.max(initial=0)))
    version, one_phone = np.arange(size), np.zeros(size, bool)
    one_phone[reach.after] = of_phone[made.first]
    both = (version > 0) & (version <= apart)
    lived = _at_home(rng, everybody, _persons_of(home, made, size))
    return (
        reach,
        home,
        replace(
            lived,
            person=_persons_of(reach, made, size),
            phone=both | ((version > apart) & one_phone),
            email=both | ((version > apart) & ~one_phone),
        ),
    )


def _at_home(rng: np.random.Generator, everybody: Persons, person: Indices) -> Lived:
    """Who moves and who marries, where to and under which name, by version; of telephones nothing yet."""
    drawn, size = everybody.drawn, len(person)
    nation, there = drawn.country[person], np.arange(size) > 0
    women = (drawn.company[person] < 0) & drawn.female[person]
    married = women & (rng.random(size) < _MARRY[nation]) & there
    moved = (~married | (rng.random(size) < _MOVE_TOO)) & there
    town, street, house = _new_homes(rng, everybody, person)
    families = np.array([len(lists.family_names(each)) for each in lists.LANGUAGES])[nation]
    last = np.floor(rng.random(size) ** 2 * families).astype(np.int64)
    none = np.zeros(size, bool)
    return Lived(
        person=person,
        phone=none,
        email=none,
        moved=moved,
        married=married,
        last=np.where(last == drawn.last[person], (last + 1) % families, last),
        town=town,
        street=street,
        house=house,
    )


def _persons_of(change: Change, made: Records, size: int) -> Indices:
    """To whom each version happened."""
    person = np.zeros(size, np.intp)
    person[change.after] = made.person
    return person


def _new_homes(rng: np.random.Generator, everybody: Persons, person: Indices) -> tuple[Numbers, Numbers, Numbers]:
    """Where somebody moves: within their town, or to another of the nation."""
    nation = np.array([each.nation for each in districts()])
    drawn, size = everybody.drawn, len(person)
    _, towns_of = towns()
    count = np.bincount(nation)
    first = np.cumsum(count) - count
    country = drawn.country[person]
    other = towns_of[first[country] + rng.integers(0, count[country])]
    street, house = doors(rng, size)
    return np.where(rng.random(size) < _FAR, other, drawn.town[person]), street, house


def _emails(everybody: Persons, lived: Lived) -> pa.Array:
    """Addresses of everybody, then those that were new in each version."""
    drawn, everyone = everybody.drawn, np.arange(len(everybody))
    owner = np.concatenate([everyone, lived.person])
    of = drawn.taken(owner)
    shift = np.concatenate([np.zeros(len(everyone), np.int64), 1 + np.arange(len(lived.person)) % 5])
    employer = np.full(len(everybody), -1)
    employer[everybody.companies.customer] = np.arange(len(everybody.companies.customer))
    answering = everybody.customers + np.arange(len(everybody.contacts))
    employer[answering] = employer[everybody.contacts.company]
    works = employer[owner] >= 0
    at_work = _domains(everybody).take(pa.array(employer[owner], mask=~works))
    host = pc.if_else(pa.array(works), at_work, hosts(of, 2 * shift))
    local = pc.if_else(pa.array(of.company >= 0), "info", local_parts(of, shift))
    return each_their_own(local, host)


def _domains(everybody: Persons) -> pa.Array:
    """The domain of each company; two of one name have not one domain."""
    firms = everybody.drawn.taken(everybody.companies.customer)
    named = each(company_names(firms, np.full(len(firms), 3)), folded)
    return joined(told_apart(named), looked_up((".es", ".it", ".nl"), firms.country))
