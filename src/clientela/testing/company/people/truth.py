"""Who is who, as the product should find it: tables of the truth about the people of a world.

Records are those of the whole world: who asks about an earlier week leaves out those whose ``since_week`` is later.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Indices
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.people.population.homes import ALONE, KINDS
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.population.records import AGAIN, COMPANY
from clientela.testing.company.people.said import record_numbers
from clientela.testing.company.people.written.persons import has_nickname
from clientela.testing.company.people.written.words import looked_up

SYSTEMS = ("till", "shop", "office", "addresses")


def tables(people: People) -> dict[str, pa.Table]:
    """All of them, by the names of their contracts."""
    return {
        "who_is_who": who_is_who(people),
        "duplicate_pair": duplicate_pairs(people),
        "household": households(people),
        "group_member": groups(people),
        "similar_pair": similar_pairs(people),
    }


def who_is_who(people: People) -> pa.Table:
    """Every record: whose it is, and what sets it apart from the other records of its person.

    Two records of one person share an e-mail address or a telephone where ``reach_run`` is the same, and have one
    surname and address where ``home_run`` is; both as they are when the world ends. ``life``: what the record has
    learned since the world began, ``damage``: what is wrong in it.
    """
    made, forms, rows = people.records, people.forms, np.arange(len(people.records))
    reach, home, lived = people.reach.after, people.home.after, people.lived
    known = has_nickname(people.everybody.drawn.taken(made.person))
    life = {
        "moved": lived.moved[home],
        "married": lived.married[home],
        "new telephone": lived.phone[reach],
        "new e-mail": lived.email[reach],
    }
    damage = {
        "nickname": forms.familiar & known,
        "typing": np.isin(rows, forms.cell),
        "capitals": forms.loud,
        "without accents": forms.plain,
        "abbreviated": forms.short & (made.what == AGAIN),
        "placeholder": forms.filled.any(axis=0),
    }
    return pa.table({
        "system": looked_up(SYSTEMS, made.system),
        "record_id": record_numbers(people, rows),
        "person": pa.array(made.person),
        "kind": looked_up(("person", "organisation"), np.isin(made.what, (COMPANY, AGAIN)).astype(np.intp)),
        "since_week": pa.array(made.since),
        "reach_run": pa.array(people.reach.run),
        "home_run": pa.array(people.home.run),
        "life": _words(life),
        "damage": _words(damage),
    })  # fmt: skip


def duplicate_pairs(people: People) -> pa.Table:
    """Every two records of one person who has several: what they share."""
    made = people.records
    one, other = _pairs(made.person)
    one, other = (each[made.private[one] & made.private[other]] for each in (one, other))
    numbers, systems = record_numbers(people, np.arange(len(made))), looked_up(SYSTEMS, made.system)
    return pa.table({
        "person": pa.array(made.person[one]),
        "system_l": systems.take(pa.array(one)),
        "record_l": numbers.take(pa.array(one)),
        "system_r": systems.take(pa.array(other)),
        "record_r": numbers.take(pa.array(other)),
        "shares_contact": pa.array(people.reach.run[one] == people.reach.run[other]),
        "changed": pa.array(people.home.run[one] != people.home.run[other]),
    })  # fmt: skip


def households(people: People) -> pa.Table:
    """Which customer lives in which household when the world begins, and in which week they leave it, if they do."""
    everybody, made = people.everybody, people.records
    private = np.flatnonzero(everybody.drawn.company[: everybody.customers] < 0)
    leaves = np.full(len(everybody), np.inf)
    moved = people.lived.moved[people.home.after]
    np.minimum.at(leaves, made.person[moved], people.home.happened[moved])
    together = everybody.together
    kind = np.full(len(everybody), ALONE)
    kind[together.one] = kind[together.two] = together.kind
    left = leaves[private]
    return pa.table({
        "household": pa.array(everybody.home[private]),
        "person": pa.array(private),
        "kind": looked_up(KINDS, kind[private]),
        "until_week": pa.array(left, mask=~np.isfinite(left)),
    })  # fmt: skip


def groups(people: People) -> pa.Table:
    """Which companies belong to a group, by the number of the company that leads it."""
    owned = people.everybody.companies
    member = np.isin(owned.head, owned.head[owned.head != owned.customer])
    return pa.table({
        "group": pa.array(owned.head[member]),
        "company": pa.array(owned.customer[member]),
        "one_name": pa.array(owned.sister[member]),
    })  # fmt: skip


def similar_pairs(people: People) -> pa.Table:
    """Every two customers who live together when the world begins, and what they share."""
    together, drawn = people.everybody.together, people.everybody.drawn
    one, two = together.one, together.two
    return pa.table({
        "one": pa.array(one),
        "two": pa.array(two),
        "kind": looked_up(KINDS, together.kind),
        "shares_phone": pa.array(drawn.phone_of[one] == drawn.phone_of[two]),
        "shares_email": pa.array(drawn.email_of[one] == drawn.email_of[two]),
    })  # fmt: skip


def _pairs(person: Indices) -> tuple[Indices, Indices]:
    """The places of every two rows of one person; rows of one lie beside each other."""
    one, other, apart = [np.empty(0, np.intp)], [np.empty(0, np.intp)], 1
    while True:
        here = np.flatnonzero(person[apart:] == person[:-apart])
        if not len(here):
            return np.concatenate(one), np.concatenate(other)
        one.append(here)
        other.append(here + apart)
        apart += 1


def _words(flags: Mapping[str, Flags]) -> pa.Array:
    """The names of what holds, with commas between."""
    bits = sum((np.asarray(each).astype(np.int64) << place for place, each in enumerate(flags.values())), np.int64(0))
    every = [
        ", ".join(name for place, name in enumerate(flags) if number >> place & 1) for number in range(1 << len(flags))
    ]
    return pc.cast(looked_up(every, np.asarray(bits)), pa.string())
