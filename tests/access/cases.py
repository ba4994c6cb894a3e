"""Random companies, trees, grants and questions."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.access.grants import Company, Grant
from clientela.access.grants import scope as scope_of
from clientela.access.policy import Policy, Role
from clientela.access.rights import Names, Scope
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from tests.access.naive import Given
from tests.unit.cube.published import LONG_AGO, line, reference

Tables = dict[str, list[dict[str, Any]]]
ON = date(2024, 5, 1)
COLUMNS = (
    ("*",),
    ("*", "@personal"),
    ("*", "!product.category"),
    ("*", "!customer.*"),
    ("order_line.*", "territory.*"),
    ("order_line.*", "territory.*", "subscription.*", "product.unit_cost", "product.list_price"),  # what a value is of
    ("product.*", "customer.customer_id", "order_line.customer_id"),
    ("*", "!order_line.channel", "!order_line.net_revenue"),
    ("*", "!segment_member.*"),
    ("*", "!order_line.cost_of_goods"),
)
MEASURES = (
    ("*",),
    ("*", "!margin*", "!revenue_with_cost"),
    ("revenue", "orders", "customers", "basket"),
    ("margin*", "customers_*", "sales"),
    ("new_customers", "returns", "return_share", "revenue*"),
)
CUSTOMERS = range(1, 9)
CATEGORIES = ("food", "tools", "toys")
BRANDS = ("X", "Y")
PRODUCTS = ("p1", "p2", "p3", "p4")
CAMPAIGNS = ("c1", "c2")
SEGMENTS = ("gold", "lapsing", "web")
YEAR = timedelta(days=366)  # to the same day of 2023 and after February, to the day before it


def company(rng: random.Random) -> Tables:
    """A company with a tree of territories up to eight levels deep; some lines name no or an unknown one."""
    depth = rng.randrange(1, 9)
    count = rng.randrange(depth, depth + 8)
    parents = {f"t{number}": _parent(rng, number, depth) for number in range(count)}
    names = rng.choices(("North", "South", "Hill"), k=len(parents))
    territory = [
        reference(territory_id=key, name=name, level=rng.choice(("district", "region", "nation")), parent_id=parent)
        for (key, parent), name in zip(parents.items(), names, strict=True)
    ]
    everywhere = [*parents, None, "t99"]
    product = [
        reference(
            product_id=key, name=rng.choice("AB"), category=rng.choice(CATEGORIES), brand=rng.choice((*BRANDS, None))
        )
        for key in PRODUCTS[:3]
    ]
    home = [{"customer_id": who, "territory_id": rng.choice([*parents])} for who in CUSTOMERS if rng.random() < 0.8]
    score = [
        {"analysis": each, "customer_id": who, "as_of": ON, "unit": "share", "model_version": "1", "value": _share(rng)}
        for each in ("churn-risk", "churn-loss", "lifetime-value")
        for who in CUSTOMERS
        if rng.random() < 0.7
    ]
    lines = [_line(rng, number, everywhere) for number in range(40)]
    member = [row for name in SEGMENTS for who in CUSTOMERS if rng.random() < 0.5 for row in _stays(rng, name, who)]
    return {
        "order_line": lines, "product": product, "territory": territory, "customer_territory": home, "score": score,
        "segment_member": member,
    }  # fmt: skip


def _parent(rng: random.Random, number: int, depth: int) -> str | None:
    """The first ``depth`` make one path down; the others hang somewhere, a few of them nowhere."""
    if number == 0 or (number >= depth and rng.random() < 0.2):
        return None
    return f"t{number - 1}" if number < depth else f"t{rng.randrange(0, depth)}"


def _line(rng: random.Random, number: int, everywhere: Sequence[str | None]) -> dict[str, Any]:
    day = date(2024, 1, 1) + timedelta(days=rng.randrange(0, 118)) - (YEAR if rng.random() < 0.25 else timedelta())
    kind = rng.choice(("sale", "sale", "sale", "sale", "return", "shipping"))
    sign = -1 if kind == "return" else 1
    row = line(
        f"o{number // 2}",
        rng.choice((None, *CUSTOMERS)),
        day.isoformat(),
        str(sign * Decimal(rng.randrange(1, 9999)) / 100),
        line_no=str(number),
        source=rng.choice(("shop", "till")),
        kind=kind,
        product_id=rng.choice((None, *PRODUCTS)),
        territory_id=rng.choice(everywhere),
        channel=rng.choice((None, "web", "store")),
        campaign_id=rng.choice((None, *CAMPAIGNS)),
        payment_method=rng.choice((None, "card")),
        quantity=rng.choice((None, Decimal(rng.randrange(1, 9)))),
        discount=rng.choice((None, Decimal(rng.randrange(0, 900)) / 100)),
        cost_of_goods=rng.choice((None, Decimal(rng.randrange(1, 9999)) / 100)),
    )
    return {**row, "known_from": LONG_AGO, "known_until": None}


def _stays(rng: random.Random, segment: str, customer: int) -> list[dict[str, Any]]:
    """One or two times in a segment, one after the other; some are over, some begin after the date."""
    days = sorted(rng.sample(range(150), rng.randrange(2, 5)))
    dates = [date(2024, 1, 1) + timedelta(days=each) for each in days]
    stays = list(zip(dates[::2], [*dates[1::2], None], strict=False))
    row = {"customer_id": customer, "segment": segment, "version": 1}
    return [{**row, "valid_from": since, "valid_to": until} for since, until in stays]


def _share(rng: random.Random) -> Decimal:
    return Decimal(rng.randrange(0, 10**6)) / 10**6


def grants(rng: random.Random, tables: Tables) -> list[Given]:
    """One to four grants of one person, of different columns and measures."""
    return [_given(rng, tables) for _ in range(rng.randrange(1, 5))]


def _given(rng: random.Random, tables: Tables) -> Given:
    territories = [row["territory_id"] for row in tables["territory"]]
    limits: dict[str, tuple[str, ...]] = {}
    for name, values in (
        ("territory", territories), ("customer", [str(each) for each in CUSTOMERS]), ("category", CATEGORIES),
        ("brand", BRANDS), ("product", PRODUCTS), ("campaign", CAMPAIGNS),
    ):  # fmt: skip
        if rng.random() < (0.6 if name == "territory" else 0.15):
            limits[name] = tuple(rng.sample(list(values), rng.randrange(1, min(3, len(values)) + 1)))
    window = rng.choice(((None, None), (None, None), (ON, None), (None, ON), (date(2024, 1, 1), date(2025, 1, 1))))
    return Given(rng.choice(COLUMNS), rng.choice(MEASURES), rng.random() < 0.5, limits, *window)


def scope(given: Sequence[Given], tables: Tables) -> Scope:
    """What the product makes of grants."""
    roles = {
        f"role-{place}": Role(
            name=f"role-{place}",
            description="",
            everything=each.everything,
            columns=Names(each.columns),
            measures=Names(each.measures),
        )
        for place, each in enumerate(given)
    }
    said = [
        Grant(role=f"role-{place}", within=each.within, since=each.since, until=each.until)
        for place, each in enumerate(given)
    ]
    above = {row["territory_id"]: row["parent_id"] for row in tables["territory"]}

    def products(limit: str, value: str) -> list[str]:
        column = "product_id" if limit == "product" else limit
        return [row["product_id"] for row in tables["product"] if row[column] == value]

    return scope_of(said, Policy(roles, "test"), Company(above, products), on=ON)


def question(
    rng: random.Random, measures: Sequence[str], reached: Mapping[str, Sequence[str]], facts: Mapping[str, set[str]]
) -> tuple[list[str], list[str], Filter | None]:
    """Measures, what they are seen by, and a filter."""
    asked = rng.sample(measures, rng.randrange(1, 4))
    shared = sorted(set.intersection(*(set(reached[fact]) for name in asked for fact in facts[name])))
    by = rng.sample(shared, min(len(shared), rng.choice((0, 1, 1, 2))))
    if "segment" in by:  # a filter beside it only picks some of them
        shared.remove("segment")
    where = _filter(rng, rng.sample(shared, min(len(shared), 2)), 2) if shared and rng.random() < 0.4 else None
    return asked, by, where


def _filter(rng: random.Random, fields: Sequence[str], depth: int) -> Filter:
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return _condition(rng, rng.choice(fields))
    if kind < 0.65:
        return Not(_filter(rng, fields, depth - 1))
    parts = tuple(_filter(rng, fields, depth - 1) for _ in range(2))
    return And(parts) if kind < 0.8 else Or(parts)


def _condition(rng: random.Random, name: str) -> Condition:
    if rng.random() < 0.2:
        return Condition(name, Operator.IS_NULL)
    value: Any = rng.choice(("web", "store", "food", "tools", "X", "p1", "North", "A", "sale", "shop"))
    if name in ("day", "week", "month", "quarter", "year"):
        value = date(2024, 1, 1) + timedelta(days=rng.randrange(0, 118))
    if name == "customer":
        value = rng.choice(CUSTOMERS)
    if name == "segment":
        value = rng.choice(SEGMENTS)
    return Condition(name, rng.choice((Operator.EQ, Operator.NE, Operator.LE, Operator.GT)), value)
