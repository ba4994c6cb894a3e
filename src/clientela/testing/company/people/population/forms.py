"""How each record is written: what its system knows, in which form, with which errors; drawn once for all its life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.accounts import SHOP, TILL
from clientela.testing.company.people.drawn import Flags
from clientela.testing.company.people.population.records import AGAIN, CARD, COMPANY, CONTACT, LISTED, Records
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

EMAIL, PHONE, ADDRESS, BIRTH, GENDER, TAX, NATIONALITY, LANGUAGE = range(8)
# How often the kinds of record know the fields above; 0: the system has no such field.
_KNOWN = {
    "till": (0.5, 0.75, 0.8, 0.7, 0.8, 0.15, 0.3, 0.95),
    "shop": (1, 0.7, 0.95, 0.4, 0.5, 0.05, 0, 1),
    "company": (0.8, 0.9, 1, 0, 0, 0.85, 0, 1),
    "contact": (0.9, 0.85, 0, 0, 0.8, 0, 0, 0.9),
    "again": (0.5, 0.7, 0.9, 0, 0, 0.35, 0, 0.9),
    "listed": (0.4, 0.5, 1, 0.25, 0.5, 0, 0, 0),
}
GIVEN, SURNAME, STREET, POSTAL, CITY, BORN, MAIL, NUMBER = range(8)
FIELDS = ("given", "surname", "street", "postal", "city", "born", "email", "phone")
_MISTYPED = (0.22, 0.28, 0.14, 0.08, 0.1, 0.08, 0.05, 0.05)  # which of them a typing error is in
_IN_TWO = 0.3  # of the records with a typing error
FILLED = (EMAIL, PHONE, BIRTH)  # where clerks write something when they know nothing
_UNLIKE = 0.5  # how often a later record, which shares nothing, lacks the field rather than has another value


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """How records are written, one entry a record.

    ``known``: (8, records), by field. ``filled``: (3, records), where something stands for nothing. ``loud``: in
    capitals. ``plain``: without accents. ``familiar``: by the nickname. ``short``: companies abbreviated. ``legal`` and
    ``dialled``: which way of writing. ``cell``: the records with an error, by place, with its field and the numbers
    that decide which error; who has two stands there twice.
    """

    known: Flags
    filled: Flags
    loud: Flags
    plain: Flags
    familiar: Flags
    short: Flags
    legal: Indices
    dialled: Indices
    cell: Indices
    cell_field: Indices
    cell_chance: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """By what the records of a run are held together: each of those knows the e-mail, or each the telephone.

    ``channel``: EMAIL or PHONE. ``held``: whether the run has several records.
    """

    channel: Indices
    held: Flags


def sure(rng: np.random.Generator, made: Records, run: Indices) -> Sure:
    """What the records of each run share."""
    starts = (np.arange(len(made)) == made.first) | (np.diff(run, prepend=0) != 0)
    of = np.cumsum(starts) - 1
    several = np.bincount(of, minlength=int(starts.sum())) > 1
    channel = np.where(rng.random(int(starts.sum())) < 0.5, EMAIL, PHONE)
    return Sure(channel=channel[of], held=several[of] & made.private)


def forms(world: World, made: Records, run: Indices, held: Sure) -> Forms:
    """How each record is written; what is shared is known."""
    rng, size = stream(world.seed, "forms"), len(made)
    known = _known(world, rng, made, run, held)
    filled = ~known[list(FILLED)] & (rng.random((3, size)) < world.placeholders)
    filled &= _has(made)[list(FILLED)]
    careless = rng.random(size)
    cell, field, chance = _errors(world, rng, made, known, held)
    return Forms(
        known=known,
        filled=filled,
        loud=careless < world.careless,
        plain=careless > 1 - world.careless,
        familiar=(rng.random(size) < world.nicknames) & made.of_persons,
        short=(rng.random(size) < world.careless) & (made.what != COMPANY),
        legal=rng.choice(4, size, p=(0.5, 0.25, 0.1, 0.15)),
        dialled=rng.choice(4, size, p=(0.4, 0.35, 0.1, 0.15)),
        cell=cell,
        cell_field=field,
        cell_chance=chance,
    )


def _kind(made: Records) -> Indices:
    """Which row of the table of what is known."""
    kinds = {COMPANY: 2, CONTACT: 3, AGAIN: 4, LISTED: 5}
    of = np.array([kinds.get(what, -1) for what in range(5)])[made.what]
    return np.where(made.what == CARD, np.where(made.system == TILL, 0, 1), of)


def _has(made: Records) -> Flags:
    """Which fields the systems have at all."""
    return np.asarray(np.array(list(_KNOWN.values()), float).T[:, _kind(made)] > 0)


def _known(world: World, rng: np.random.Generator, made: Records, run: Indices, held: Sure) -> Flags:
    usual = np.array(list(_KNOWN.values()), float).T[:, _kind(made)]
    unknown = np.where(usual > 0, np.minimum(world.unknown * (1 - usual), 1), 1)
    known = rng.random(unknown.shape) >= unknown
    for channel in (EMAIL, PHONE):
        lacks = (run > 0) & (rng.random(len(made)) < _UNLIKE * min(world.unknown, 1))
        if channel == EMAIL:
            lacks &= made.system != SHOP  # nobody has an account there without
        known[channel] &= ~lacks
        known[channel] |= held.held & (held.channel == channel)
    return np.asarray(known)


def _errors(
    world: World, rng: np.random.Generator, made: Records, known: Flags, held: Sure
) -> tuple[Indices, Indices, Floats]:
    """Typing errors: each in a field that the record knows; what holds records together is typed with care."""
    hit = np.flatnonzero(rng.random(len(made)) < world.mistyped)
    cell = np.sort(np.concatenate([hit, hit[rng.random(len(hit)) < _IN_TWO]]))
    field = rng.choice(len(FIELDS), len(cell), p=_MISTYPED)
    needs = np.array([-1, -1, ADDRESS, ADDRESS, ADDRESS, BIRTH, EMAIL, PHONE])[field]
    careful = held.held[cell] & (needs == held.channel[cell])
    possible = (needs < 0) | known[needs, cell]
    return cell, np.where(possible & ~careful, field, SURNAME), rng.random((len(cell), 4))
