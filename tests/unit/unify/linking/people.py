"""Records to link: a few in sight, or many that chance made."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlglot import exp

from clientela.unify.linking.work import place, write
from clientela.warehouse.engine import Engine

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = (
    *("customer_ref", "source", "kind", "first_name", "first_key", "last_name", "last_key", "full_name", "company"),
    *("legal_form", "street", "house_number", "postal_code", "city", "country", "email", "email_key", "email_local"),
    *("email_domain", "phone", "tax_id", "gender", "generation", "content"),
)
SCHEMA = pa.schema(
    [(name, pa.string()) for name in TEXT]
    + [("first_run", pa.int64()), ("birth_date", pa.date32())]
    + [("email_verified", pa.bool_()), ("phone_verified", pa.bool_())]
)
SYLLABLES = (
    "ma",
    "ri",
    "jo",
    "an",
    "lu",
    "ca",
    "pe",
    "ter",
    "hen",
    "ro",
    "sa",
    "ti",
    "no",
    "el",
    "is",
    "be",
    "da",
    "vi",
)


def record(ref: str, **known: Any) -> dict[str, Any]:
    """One row of ``linkable``; keys of names and the parts of the address follow from what is known."""
    told: dict[str, Any] = {"customer_ref": ref, "source": "shop", "first_run": 1, "kind": "person", **known}
    told.setdefault("first_key", told.get("first_name"))
    told.setdefault("last_key", told.get("last_name"))
    names = sorted(each for each in (told.get("first_name"), told.get("last_name")) if each)
    told.setdefault("full_name", " ".join(names) or None)
    if told.get("email"):
        told.setdefault("email_key", told["email"])
        told.setdefault("email_local", told["email"].split("@")[0])
        told.setdefault("email_verified", True)
    return {name: told.get(name) for name in SCHEMA.names}


@contextmanager
def linkable(rows: Iterable[Mapping[str, Any]], *, threads: int = 2) -> Iterator[Engine]:
    """An engine with these rows as ``linkable``."""
    with Engine.in_memory(threads=threads) as engine:
        engine.register("given", pa.Table.from_pylist(list(rows), schema=SCHEMA))
        write(engine, "linkable", exp.select(*SCHEMA.names).from_("given"))
        engine.unregister("given")
        yield engine


def rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    """A work table, in the order of its columns."""
    found = engine.fetch(exp.select("*").from_(place(table))).to_pylist()
    return sorted(found, key=lambda row: [str(each) for each in row.values()])


def crowd(people: int, *, seed: int = 5) -> list[dict[str, Any]]:
    """So many people, every fifth of whom has a second record with errors; refs are hashes."""
    chance = random.Random(seed)  # noqa: S311 — made-up people, no secrets
    first, last = ([_word(chance, n) for _ in range(400)] for n in (2, 3))
    made = []
    for number in range(people):
        person = _person(chance, number, first, last)
        made.append(record(_ref(number), **person))
        if number % 5 == 0:
            made.append(record(_ref(number + 1_000_000), **_spoiled(chance, person)))
    return made


def _person(chance: random.Random, number: int, first: list[str], last: list[str]) -> dict[str, Any]:
    name, surname = (words[int(400 * chance.random() ** 2)] for words in (first, last))
    town = chance.randrange(60)
    return {
        "first_name": name,
        "last_name": surname,
        "street": f"{last[chance.randrange(300)]} street",
        "house_number": str(chance.randrange(1, 150)),
        "postal_code": f"{10000 + town * 10 + chance.randrange(10)}",
        "city": first[town],
        "country": "NL",
        "email": f"{name}.{surname}{number}@example.org" if chance.random() < 0.7 else None,
        "phone": f"+346{chance.randrange(10**8):08}" if chance.random() < 0.7 else None,
        "birth_date": date(1950 + chance.randrange(50), 1 + chance.randrange(12), 1 + chance.randrange(28)),
        "tax_id": f"{number:08}{chance.choice('TRWAGM')}" if chance.random() < 0.3 else None,
    }


def _spoiled(chance: random.Random, person: dict[str, Any]) -> dict[str, Any]:
    told = dict(person)
    for name in ("first_name", "last_name", "street"):
        if chance.random() < 0.15:
            cut = chance.randrange(1, len(told[name]))
            told[name] = told[name][:cut] + told[name][cut + 1 :]
    for name, gone in (("email", 0.3), ("phone", 0.3), ("birth_date", 0.2), ("tax_id", 0.5)):
        if chance.random() < gone:
            told[name] = None
    return told


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(syllables))


def _ref(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:16]
