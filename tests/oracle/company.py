"""A small and nasty company: what its systems deliver, in four deliveries a month apart, typed and as files.

Customers whom two systems know, found to be one only later; keys that no record explains; orphans of every
reference; currencies, one without a rate; returns of other orders; corrections of every kind after the fact; orders
just after midnight; two files of one run that say different things of one key.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.layout import SOURCES, Source

ZONE = ZoneInfo("Europe/Madrid")
LAPSE_DAYS = 60
FISCAL_MONTH, FISCAL_DAY = 4, 6
FIRST_DAY, LAST_DAYS = date(2023, 12, 1), (date(2024, 12, 9), date(2025, 1, 12), date(2025, 2, 20), date(2025, 3, 8))
NOWS = tuple(datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1, hours=7) for day in LAST_DAYS)
WORTH = {"USD": ("0.9213", "0.9187", "0.9401"), "GBP": ("1.1702", "1.2003")}  # and none of CHF
PEOPLE = 26
TWICE = range(1, 8)  # whom the office knows too, under a key of its own
NAMES = (
    "Adela Bermejo Couso", "Bruno Castellote Egea", "Carmela Dieguez Funes", "Damián Echeverz Gallo",
    "Eulalia Ferrándiz Haro", "Fermín Goyeneche Illán", "Gisela Hinojar Jarque", "Hilario Insausti Kortabarria",
    "Irune Jiménez-Lara", "Jacobo Kerrigan Moltó", "Keka Larrañaga Nuez", "Leocadio Mondéjar Oria",
    "Maite Navascués Pinto", "Nicanor Olazábal Quer", "Olga Palomeque Roig", "Plácido Quiroga Sanz",
    "Queralt Roselló Tena", "Remigio Salvatierra Ubach", "Soledad Trespalacios Vila", "Tirso Urrutia Wandosell",
    "Úrsula Valdivieso Xirgu", "Valero Wences Yagüe", "Wilfredo Ximénez Zorita", "Xenia Yrigoyen Abad",
    "Yago Zabaleta Bru", "Zoraida Alcaraz Cid",
)  # fmt: skip

Row = dict[str, Any]


@dataclass
class World:
    """What was delivered. ``rows``: of each source, a list for each delivery; ``same``: the keys of each person."""

    seed: int
    honest: bool
    rows: dict[tuple[str, str], list[list[Row]]] = field(default_factory=dict)
    same: dict[tuple[str, str], str] = field(default_factory=dict)


def world(seed: int, *, honest: bool) -> World:
    """The company of a seed.

    Parameters
    ----------
    honest : what a system says it knew at once, or since a moment that it names, was not delivered late: else it would
        change what was known in the past, as such a system claims that it was
    """
    made = World(seed, honest)
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    for person in range(PEOPLE):
        made.same["shop", f"s{person}"] = f"person-{person}"
        if person in TWICE:
            made.same["office", f"f{person}"] = f"person-{person}"
    for key in ("s-ghost", "f-ghost"):  # keys in orders alone
        made.same["shop" if key[0] == "s" else "office", key] = key
    for source in SOURCES:
        made.rows[source.name, source.table] = [[] for _ in NOWS]
    _references(made, rng)
    _records(made, rng)
    for number in range(len(NOWS)):
        for source in SOURCES:
            if source.makes is not None:
                _facts(made, rng, source, number)
    return made


def _references(made: World, rng: random.Random) -> None:
    places = [
        ("n1", "Iberia", "nation", None), ("r1", "North", "region", "n1"), ("r2", "South", "region", "n1"),
        ("d1", "Hill", "district", "r1"), ("d2", "Coast", "district", "r2"), ("d3", "Hill", "district", "r2"),
        ("d4", "Lost", "district", "r9"), ("x1", None, None, "r1"), ("r5", "Lone", "region", None),
        ("x2", "Deep", None, "d1"), ("x3", "Deeper", "district", "x2"), ("x4", "Deepest", None, "x3"),
    ]  # fmt: skip
    products = [
        ("p1", "Soap", "a_b", "wash", "X"), ("p2", "Salt", "a%b", None, None), ("p3", "Soap", None, "wash", "Y"),
        ("p4", "Bread", "food", "baked", "X"), ("p5", None, "food", None, None), ("p6", "O'Hara", "a_b", "wash", "Z"),
    ]  # fmt: skip
    for number in range(len(NOWS)):
        if number == 1:  # a district moves, its name too; a product is late, another gone
            places[4] = ("d2", "Shore", "district", "r1")
            products.append(("p7", "Late", "food", "baked", "Y"))
        if number == 2:
            products = [each for each in products if each[0] != "p2"]
            products[0] = ("p1", "Soap", "tools", "wash", "X")
        made.rows["office", "territory"][number] = [
            dict(zip(("territory_id", "name", "level", "parent_id"), each, strict=True)) for each in places
        ]
        made.rows["office", "product"][number] = [
            dict(zip(("product_id", "name", "category", "subcategory", "brand"), each, strict=True))
            for each in products
        ]
    made.rows["office", "exchange_rate"][0] = [
        {"currency": currency, "on": FIRST_DAY + timedelta(days=150 * step), "rate": Decimal(rate)}
        for currency, rates in WORTH.items()
        for step, rate in enumerate(rates)
    ]
    for number in range(len(NOWS)):
        made.rows["mailer", "campaign"][number] = [
            {
                "campaign_id": f"c{key}", "name": rng.choice(("Spring", "Autumn", None)),
                "owner_id": rng.choice(("ann", "ben", None)), "budget": _money(rng),
                "starts_on": rng.choice((None, _day(rng, number))),
            }
            for key in rng.sample(range(5), 4 if number == 0 else 2)
        ]  # fmt: skip
        made.rows["mailer", "contact_list"][number] = [
            {
                "list_id": f"l{key}", "supplier": rng.choice(("Acme", "Bolt", None)),
                "cost": rng.choice((None, _money(rng))),
                "delivered_on": rng.choice((None, _day(rng, number))), "records": rng.choice((None, 10, 250)),
            }
            for key in rng.sample(range(4), 3 if number == 0 else 1)
        ]  # fmt: skip
        made.rows["office", "target"][number] = [
            {
                "measure": measure, "territory_id": place, "period": date(2024, month, 1),
                "value": Decimal(rng.randrange(100, 90_000)) / 7, "owner_id": rng.choice(("ann", None)),
            }
            for measure in ("revenue", "orders") for place in ("r1", "d2", "zz") for month in (3, 9)
            if number == 0 or rng.random() < 0.2
        ]  # fmt: skip
        for row in made.rows["office", "target"][number]:
            row["value"] = row["value"].quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _records(made: World, rng: random.Random) -> None:
    def said(person: int) -> Row:
        first, *last = NAMES[person].split()
        return {
            "first_name": first, "last_name": " ".join(last), "email": f"{first.lower()}.{person}@example.org",
            "phone": f"6{person:02}11{person * 37 % 100:02}{person * 53 % 100:02}", "postal_code": f"{28001 + person}",
            "city": ("Roma", "Bari", "Lodi", "Asti")[person % 4],
            "birth_date": date(1950 + person, 1 + person % 12, 2 + person),
            "tax_id": f"T{person * 7919:08}", "kind": rng.choice(("person", "organisation", None)),
        }  # fmt: skip

    shop, office = made.rows["shop", "customer_record"], made.rows["office", "customer_record"]
    for person in range(PEOPLE):
        made_at = _moment(rng, 0)
        shop[0].append({"record_id": f"s{person}", **said(person), "created_at": made_at})
        if person in TWICE:  # the second delivery brings the first three, the others were there from the beginning
            office[1 if person < 4 else 0].append(
                {"record_id": f"f{person}", **said(person), "created_at": _moment(rng, 0)}
            )


def _facts(made: World, rng: random.Random, source: Source, number: int) -> None:
    """New rows of one delivery, and corrections of older ones."""
    assert source.makes is not None
    count = source.often if number == 0 else source.often // 6
    held = made.rows[source.name, source.table]
    new = [source.makes(rng, _Place(made, source, number, index)) for index in range(count)]
    old = [row for rows in held[:number] for row in rows]
    again: list[Row] = []
    tells = made.honest and number > 0 and source.known not in (None, "arrival")
    if tells:
        new = [row for row in new if _told_since(source, row, NOWS[number - 1].replace(tzinfo=None))]
    if source.delivery == "upsert" and old and not tells:
        for row in rng.sample(old, max(2, len(old) // 9)):
            fresh = source.makes(rng, _Place(made, source, number, 0))
            changed = rng.sample([name for name in row if name not in source.key], max(1, len(row) // 3))
            again.append({**row, **{name: fresh[name] for name in changed}, **_said_at(source, fresh)})
    latest = {tuple(row[name] for name in source.key): row for row in (*new, *again)}  # a key once in a file
    held[number] = [*latest.values()]


def _told_since(source: Source, row: Row, moment: datetime) -> bool:
    """Whether a row is known since after a moment, as its source says."""
    said = row.get(str(source.known), row.get("ordered_at"))
    return said is None or in_utc(said) > moment


def _said_at(source: Source, row: Row) -> Row:
    return {source.known: row[source.known]} if source.known in row else {}


@dataclass(frozen=True)
class _Place:
    """Where a row is made: gives what several kinds of rows have."""

    made: World
    source: Source
    number: int
    index: int

    def key(self, letter: str) -> str:
        return f"{letter}{self.number}-{self.index}"

    def who(self, rng: random.Random) -> str | None:
        letter = "f" if self.source.keys == "office" else "s"
        people = TWICE if letter == "f" else range(PEOPLE)
        return rng.choice((None, f"{letter}-ghost", *(f"{letter}{each}" for each in people)))

    def at(self, rng: random.Random) -> datetime:
        return _moment(rng, self.number)

    def on(self, rng: random.Random) -> date:
        return _day(rng, self.number)


def _day(rng: random.Random, number: int) -> date:
    """A day that is over when it is delivered; many share the month's ends and leap days."""
    last = LAST_DAYS[number]
    if rng.random() < 0.12:
        return rng.choice(
            (date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2023, 12, 31), date(2024, 1, 1))
        )
    if number and rng.random() < 0.6:
        return LAST_DAYS[number - 1] + timedelta(days=rng.randrange(1, (last - LAST_DAYS[number - 1]).days + 1))
    return FIRST_DAY + timedelta(days=rng.randrange((last - FIRST_DAY).days + 1))


def _moment(rng: random.Random, number: int) -> datetime:
    """A local time, often just after or before midnight, where the day in UTC is another."""
    hour, minute = rng.choice(((0, 10), (0, 0), (9, 30), (12, 0), (23, 50)))
    return datetime.combine(_day(rng, number), datetime.min.time()) + timedelta(hours=hour, minutes=minute)


def _money(rng: random.Random) -> Decimal:
    return Decimal(rng.randrange(1, 99_999)) / 100


def in_utc(local: datetime) -> datetime:
    """A local time of the company as naive UTC."""
    return local.replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


def rate_on(currency: str | None, day: date) -> Decimal | None:
    """What a currency is worth on a day: the rate of the latest day on or before it; None where there is none."""
    if currency in (None, "EUR"):
        return Decimal(1)
    steps = [
        (FIRST_DAY + timedelta(days=150 * step), Decimal(rate))
        for step, rate in enumerate(WORTH.get(str(currency), ()))
    ]
    return next((rate for since, rate in reversed(steps) if since <= day), None)


def in_euro(amount: Decimal | None, rate: Decimal) -> Decimal | None:
    """Money converted, half a unit rounded away from zero."""
    return None if amount is None else (amount * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def deliver(folder: Path, made: World, number: int) -> None:
    """Write the files of one delivery; those of orders in two, of which the later says something else of one key."""
    for source in SOURCES:
        rows = made.rows[source.name, source.table][number]
        again = "" if source.delivery == "full" else f"{number}a"  # a whole table is sent under one name
        files = [(f"{source.name}-{source.table}-{again}.csv", rows)]
        if source.splits and number and len(rows) > 3:
            said_before = [{**row, "net_revenue": Decimal(666)} for row in rows[:2]]
            files = [
                (files[0][0], [*said_before, *rows[2:]]),
                (f"{source.name}-{source.table}-{number}b.csv", rows[:2]),
            ]
        for name, held in files:
            if held:
                _write(folder / "exports" / name, held)


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
