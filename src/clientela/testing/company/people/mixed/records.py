"""What three systems wrote down of the people: texts, made from their numbers by looking up whole columns at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.damage import with_errors
from clientela.testing.company.people.drawn import COUNTRIES, STREETS, Drawn, Flags, Numbers
from clientela.testing.company.people.mixed.people import TRAPS, people
from clientela.testing.company.people.written.addresses import postal_codes, street_lines, town_names
from clientela.testing.company.people.written.companies import company_names
from clientela.testing.company.people.written.persons import names, tax_numbers
from clientela.testing.company.people.written.reached import addresses, phone_numbers
from clientela.testing.company.people.written.words import as_typed, looked_up, text

SYSTEMS = ("shop", "crm", "till")
LIFE = ("moved", "married", "other e-mail", "other phone", "nickname", "typing", "sparse")
CHANCE = (0.12, 0.02, 0.22, 0.15, 0.08, 0.5, 0.15)
FIELDS = ("given", "surname", "email", "phone", "street", "postal", "city", "born", "tax", "company")
# How often a system does not know a field, in the order of FIELDS.
MISSING = ((0, 0, 0.02, 0.3, 0.15, 0.15, 0.12, 0.6, 1, 0.3), (0, 0, 0.35, 0.2, 0.1, 0.1, 0.05, 0.35, 0.6, 0),
           (0, 0, 0.5, 0.25, 1, 0.2, 1, 0.4, 1, 1))  # fmt: skip
PLACEHOLDERS = {
    "email": ("noemail@noemail.com", "na@na.na", "sinemail@sinemail.es", "info@info.com", "test@test.com"),
    "phone": ("000000000", "999999999", "123456789", "600000000", "0000"),
    "postal": ("00000", "99999", "0000"),
    "surname": ("desconocido", "unknown", "onbekend", "sconosciuto", "xxx"),
    "born": ("1900-01-01", "1970-01-01", "1900-01-01"),
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """All records of all systems in one table, and who they are of; rows in no order."""

    table: pa.Table
    people: Drawn

    @property
    def truth(self) -> Numbers:
        """The number of the person of each row."""
        return np.asarray(self.table["person"], np.int64)


def delivered(records: int, *, seed: int = 1, duplicates: float = 0.1) -> Delivered:
    """As many records of which the given share are of a person who had one already."""
    rng = np.random.default_rng(seed)
    again = int(records * duplicates)
    made = people(rng, records - again)
    twice = rng.integers(0, len(made), int(again * 0.75))
    who = np.concatenate([np.arange(len(made)), twice, rng.choice(twice, again - len(twice))])
    order = rng.permutation(len(who))
    who, later = who[order], (np.arange(len(who)) >= len(made))[order]
    life = {name: later & (rng.random(len(who)) < chance) for name, chance in zip(LIFE, CHANCE, strict=True)}
    life["typing"] |= rng.random(len(who)) < 0.01
    kept = made.taken(who)
    _live(rng, kept, life)
    system = rng.choice(3, len(who), p=(0.5, 0.35, 0.15)).astype(np.int64)
    columns = _texts(rng, made, kept, who, life, system)
    _hide(rng, columns, system, life["sparse"])
    _mistype(rng, columns, np.flatnonzero(life["typing"]))
    _fill(rng, columns)
    table = pa.table({
        **columns,
        "system": looked_up(SYSTEMS, system),
        "record_id": text(np.arange(len(who)) + 100_000),
        "country": looked_up([code.upper() for code in COUNTRIES], kept.country),
        "kind": looked_up(["person", "organisation"], (kept.company >= 0).astype(np.int64)),
        "created": pa.array(np.datetime64("2016-01-01") + rng.integers(0, 2900, len(who))),
        "person": pa.array(who),
        "trap": looked_up(["", *TRAPS], kept.trap),
        "life": _words(life),
    })  # fmt: skip
    return Delivered(table, made)


def _live(rng: np.random.Generator, kept: Drawn, life: dict[str, Flags]) -> None:
    """Moves and marriages: the record's person lives elsewhere or bears another name than in their first record."""
    moved, married = np.flatnonzero(life["moved"]), np.flatnonzero(life["married"] & kept.female)
    kept.town[moved] = rng.integers(0, 26, len(moved))
    kept.street[moved] = rng.integers(0, STREETS, len(moved))
    kept.house[moved] = rng.integers(1, 200, len(moved))
    kept.last[married] = rng.integers(0, 200, len(married))
    kept.phone_of[life["other phone"]] += 5_000_000


def _texts(
    rng: np.random.Generator, made: Drawn, kept: Drawn, who: Numbers, life: dict[str, Flags], system: Numbers
) -> dict[str, pa.Array]:
    given, surname = names(kept, life["nickname"])
    shown = rng.random(len(who))
    crm = system == 1
    loud, plain = crm & (shown < 0.3), shown > 0.85
    email_of = made.email_of[who] + np.where(life["other e-mail"], len(made), 0)
    return {
        "given": as_typed(given, loud, plain),
        "surname": as_typed(surname, loud, plain),
        "email": addresses(made).take(pa.array(email_of)),
        "phone": _phones(rng, kept, system),
        "street": as_typed(street_lines(kept, crm), loud, plain),
        "postal": postal_codes(kept),
        "city": as_typed(town_names(kept), loud, plain),
        "born": pa.array(kept.born.astype("datetime64[D]")),
        "tax": tax_numbers(kept, who),
        "company": company_names(kept, rng.choice(4, len(who), p=(0.5, 0.25, 0.1, 0.15)).astype(np.int64)),
    }


def _phones(rng: np.random.Generator, kept: Drawn, system: Numbers) -> pa.Array:
    way = np.where(system == 2, 0, rng.choice(4, len(system), p=(0.4, 0.35, 0.1, 0.15)))
    way[(way == 2) & (kept.country == 4)] = 0  # nobody in America writes 00 before a number
    return phone_numbers(kept, way)


def _hide(rng: np.random.Generator, columns: dict[str, pa.Array], system: Numbers, sparse: Flags) -> None:
    for place, name in enumerate(FIELDS):
        rate = np.array([each[place] for each in MISSING], float)[system]
        gone = rng.random(len(system)) < np.where(sparse & (rate > 0), 1 - (1 - rate) * 0.5, rate)
        columns[name] = pc.if_else(pa.array(gone), pa.scalar(None, columns[name].type), columns[name])


def _mistype(rng: np.random.Generator, columns: dict[str, pa.Array], rows: Numbers) -> None:
    """One or two errors in each of the rows."""
    for _ in range(2):
        field = rng.choice(8, len(rows), p=(0.2, 0.25, 0.12, 0.1, 0.1, 0.06, 0.07, 0.1))
        for place, name in enumerate(FIELDS[:8]):
            hit = rows[field == place]
            if not len(hit):
                continue
            columns[name] = with_errors(columns[name], hit, rng.random((len(hit), 4)))
        rows = rows[rng.random(len(rows)) < 0.4]


def _fill(rng: np.random.Generator, columns: dict[str, pa.Array]) -> None:
    """What clerks write where they know nothing."""
    for name, words in PLACEHOLDERS.items():
        column = columns[name]
        empty = np.asarray(pc.is_null(column)) if name != "surname" else np.ones(len(column), bool)
        hit = empty & (rng.random(len(column)) < (0.08 if name != "surname" else 0.001))
        said = looked_up(words, rng.integers(0, len(words), len(column)))
        columns[name] = pc.if_else(pa.array(hit), said.cast(column.type), column)


def _words(life: dict[str, Flags]) -> pa.Array:
    bits = sum(flags.astype(np.int64) << place for place, flags in enumerate(life.values()))
    every = [
        ", ".join(name for place, name in enumerate(life) if number >> place & 1) for number in range(1 << len(life))
    ]
    return looked_up(every, np.asarray(bits))
