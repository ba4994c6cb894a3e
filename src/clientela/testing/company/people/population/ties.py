"""What systems know of who belongs to whom, and what records allow: contacts, groups, family cards, consents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.accounts import OFFICE, TILL
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.people.population.forms import ADDRESS, EMAIL, PHONE, Forms
from clientela.testing.company.people.population.homes import FLAT
from clientela.testing.company.people.population.persons import Persons
from clientela.testing.company.people.population.records import CARD, COMPANY, CONTACT, LIST, Records
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

WORKS_AT, GROUP, HOUSEHOLD = range(3)
TIES = ("works_at", "belongs_to_group", "household")
_FAMILY_CARDS = 0.5  # of those who live together and both have a card at the till
CHANNELS = ("e-mail", "phone", "post")
_GIVEN = 0.75  # of the first decisions
_AGAIN = 0.25  # how much more slowly who said no says yes than the other way round


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What one record is to another, as sent, by when; moments in weeks from the world's beginning.

    ``one`` and ``other``: places in the people's records. ``ends``: infinite while it lasts or is not known to end.
    """

    one: Indices
    other: Indices
    kind: Indices
    begins: Floats
    ends: Floats
    at: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """What records decided about a channel, by when."""

    record: Indices
    channel: Indices
    given: Flags
    at: Floats


def ties(world: World, everybody: Persons, made: Records) -> Ties:
    """All that systems say of who belongs to whom; what ends is sent twice."""
    owned, answering = everybody.companies, everybody.contacts
    of_company = _places(everybody, made, (made.what == COMPANY) & (made.system == OFFICE))
    contact = np.flatnonzero(made.what == CONTACT)
    which = made.person[contact] - everybody.customers
    parts = [(contact, of_company[answering.company[which]], WORKS_AT, answering.leaves[which])]
    member = owned.head != owned.customer
    one, head = of_company[owned.customer[member]], of_company[owned.head[member]]
    parts.append((one, head, GROUP, np.full(len(one), np.inf)))
    card = _places(everybody, made, (made.what == CARD) & (made.system == TILL))
    together = everybody.together
    chosen = stream(world.seed, "family cards").random(len(together.one)) < _FAMILY_CARDS
    chosen &= together.kind != FLAT
    one, other = card[together.two[chosen]], card[together.one[chosen]]
    parts.append((one, other, HOUSEHOLD, np.full(len(one), np.inf)))
    first, second, kind, ends = (
        np.concatenate([np.broadcast_to(part[place], part[0].shape) for part in parts]) for place in range(4)
    )
    both = (first >= 0) & (second >= 0)
    first, second, kind, ends = first[both], second[both], kind[both], ends[both]
    begins = np.maximum(made.since[first], made.since[second])
    ended = np.flatnonzero((ends < world.weeks) & (ends > begins))
    rows = np.concatenate([np.arange(len(first)), ended])
    at = np.concatenate([begins, ends[ended]])
    order = np.argsort(at, kind="stable")
    known = np.where(np.arange(len(rows)) < len(first), np.inf, ends[rows])
    return Ties(
        one=first[rows][order],
        other=second[rows][order],
        kind=kind[rows][order],
        begins=begins[rows][order],
        ends=known[order],
        at=at[order],
    )


def consents(world: World, made: Records, written: Forms) -> Consents:
    """All decisions: one for each channel that a record has when it is made, some more as time goes by."""
    rng = stream(world.seed, "consents")
    asked = (rng.random(len(made)) < world.consents) & made.of_persons & (made.system != LIST)
    known = written.known[[EMAIL, PHONE, ADDRESS]]
    channel, record = np.nonzero(known & asked)
    given, at = rng.random(len(record)) < _GIVEN, made.since[record]
    parts = [(record, channel, given, at)]
    while len(record) and world.consent_changes:
        pace = world.consent_changes * np.where(given, 1.0, _AGAIN)
        at = at + rng.exponential(1 / pace)
        going = at < world.weeks
        record, channel, given, at = record[going], channel[going], ~given[going], at[going]
        parts.append((record, channel, given, at))
    columns = [np.concatenate([part[place] for part in parts]) for place in range(4)]
    order = np.argsort(columns[3], kind="stable")
    record, channel, given, at = (column[order] for column in columns)
    return Consents(record=record, channel=channel, given=given, at=at)


def _places(everybody: Persons, made: Records, which: Flags) -> Indices:
    """The first of some records of each person; -1 where there is none."""
    place = np.full(len(everybody), -1)
    rows = np.flatnonzero(which)[::-1]
    place[made.person[rows]] = rows
    return place
