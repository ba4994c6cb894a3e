"""Random questions on random rows, answered by the cube and by plain Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.declared.counted.records import OF_RECORDS, OF_RECORDS_DIVIDED
from clientela.cube.declared.counted.wallet import OF_WALLETS, OF_WALLETS_DIVIDED
from clientela.cube.declared.measure import MEASURES
from clientela.cube.figures.query import query
from tests.some import some
from tests.unit.cube.declared.test_dealings_counted import EXPECTED as DEALINGS
from tests.unit.cube.oracle import COUNTED, FACT_OF, RATIOS, TIME, World
from tests.unit.cube.published import LONG_AGO, Published, line, reference

LINE_DIMENSIONS = (*TIME, "category", "brand", "product_name", "product_id", "territory", "region", "nation")
LINE_DIMENSIONS += ("channel", "kind", "source", "customer", "payment_method")
REACHED = {"line": LINE_DIMENSIONS, "start": (*TIME, "customer"), "loss": (*TIME, "customer"), "score": ("customer",)}
QUESTIONS = 45
CENT = Decimal("0.0001")
MICRO = Decimal("0.000001")


@pytest.mark.parametrize("seed", some(range(6), one_in=3))
def test_the_cube_answers_as_plain_python_does(published: Published, seed: int):
    rng = random.Random(seed)  # noqa: S311 -- repeatable rows, no secret
    tables = delivered(rng)
    published.add(**tables)
    answered = 0
    for _ in range(QUESTIONS):
        as_of = date(2024, 1, 1) + timedelta(days=rng.randrange(1, 200))
        known_at = datetime.combine(as_of, datetime.min.time()) + timedelta(days=rng.choice((0, 0, 30, 400)))
        view = published.view(as_of, known_at, lapse_days=20)
        measures, by, where = question(rng)
        got = query(view, measures, by, where)
        rows, total = World(tables, as_of, known_at, 20).answer(measures, by, where)
        said = (seed, measures, by, where, as_of, known_at)
        width = len(by)
        if width:
            found = {row[:width]: row[width:] for row in got.rows}
            assert len(found) == len(got.rows), said
            assert found.keys() == rows.keys(), said
            for member, figures in rows.items():
                assert_same(found[member], figures, measures, said)
            assert [row[:width] for row in got.rows] == sorted(found, key=nulls_last), said
        assert got.totals is not None, said
        assert_same(got.totals[width:], total, measures, said)
        answered += len(rows)
    assert answered > QUESTIONS  # the questions were not all about nothing


def test_the_oracle_knows_every_measure_that_is_not_counted_by_hand():
    by_hand = {each.name for each in (*OF_RECORDS, *OF_RECORDS_DIVIDED)}
    by_hand |= {*DEALINGS, "segment_members", "buyers_of_cohort"}
    by_hand |= {"customers_in_tiers", "customers_sure_of_tier"}  # tests/unit/analyse/tiers/test_answer.py
    by_hand |= {"margin_at_stake", "margin_from_actions"}
    by_hand |= {"margin_to_come_contracts", "margin_to_come_orders", "margin_to_come_holders"}  # .../services
    by_hand |= {"contract_holders", "contract_holders_ordering", "contracts_valued"}
    by_hand |= {each.name for each in (*OF_WALLETS, *OF_WALLETS_DIVIDED)}  # test_wallet_class_satisfaction.py
    by_hand |= {"shared_cost", "unallocated_cost", "profit"}  # tests/pipeline/test_customer_profit.py
    assert {*COUNTED, *RATIOS} == set(MEASURES) - by_hand


def assert_same(got: Sequence[Any], expected: Sequence[Any], measures: Sequence[str], said: object) -> None:
    for name, mine, theirs in zip(measures, got, expected, strict=True):
        if name in RATIOS and theirs is not None:
            assert abs(mine - theirs) <= (CENT if name in ("basket", "revenue_per_customer") else MICRO), (name, said)
        elif name in ("expected_loss", "margin_to_come") and theirs is not None:  # four of six digits of a score
            assert mine == theirs.quantize(CENT, ROUND_HALF_UP), (name, said)
        else:
            assert mine == theirs, (name, said)


def nulls_last(member: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, 0 if value is None else value) for value in member]


def question(rng: random.Random) -> tuple[list[str], list[str], Filter | None]:
    measures = rng.sample(sorted({*COUNTED, *RATIOS}), rng.randrange(1, 5))
    facts = {FACT_OF.get(part, "line") for name in measures for part in RATIOS.get(name, (name,))}
    reached = sorted(set.intersection(*(set(REACHED[fact]) for fact in facts)))
    by = rng.sample(reached, min(len(reached), rng.randrange(4)))
    return measures, by, random_filter(rng, reached, 3) if rng.random() < 0.6 else None


def random_filter(rng: random.Random, fields: Sequence[str], depth: int) -> Filter:
    kind = rng.random()
    if depth == 0 or kind < 0.45:
        return random_condition(rng, rng.choice(fields))
    if kind < 0.6:
        return Not(random_filter(rng, fields, depth - 1))
    parts = tuple(random_filter(rng, fields, depth - 1) for _ in range(rng.randrange(4)))
    return And(parts) if kind < 0.8 else Or(parts)


def random_condition(rng: random.Random, name: str) -> Condition:
    operator = rng.choice(list(Operator))
    if operator is Operator.IS_NULL:
        return Condition(name, operator)
    if operator in (Operator.CONTAINS, Operator.STARTS_WITH):
        if name in TIME or name == "customer":
            return Condition(name, Operator.IS_NULL)
        return Condition(name, operator, rng.choice(("a", "_", "%", "S", "", "p1", "e", "o")))
    values = [random_value(rng, name) for _ in range(rng.randrange(4))]
    if operator is Operator.IN:
        return Condition(name, operator, tuple(values))
    low, high = random_value(rng, name), random_value(rng, name)
    return Condition(name, operator, (low, high) if operator is Operator.BETWEEN else low)


def random_value(rng: random.Random, name: str) -> Any:
    if name in TIME:
        return date(2024, 1, 1) + timedelta(days=rng.randrange(0, 200))
    if name == "customer":
        return rng.randrange(1, 9)
    return rng.choice(("a_b", "a%b", "web", "store", "sale", "return", "Soap", "Salt", "p1", "p3", "shop", "North"))


def delivered(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    lines = [version for number in range(90) for version in versions(rng, number)]
    products = [
        reference(product_id="p1", name="Soap", category="a_b", brand="X", known_until=moment(rng)),
        reference(product_id="p2", name="Salt", category="a%b", brand=None),
        reference(product_id="p3", name="Soap", category=None, brand="X", known_from=moment(rng)),
    ]
    products.append({**products[0], "category": "web", "known_from": products[0]["known_until"], "known_until": None})
    places = [
        reference(territory_id="t1", name="Store Street", level="district", parent_id="t2"),
        reference(territory_id="t2", name="North", level="region", parent_id="t3"),
        reference(territory_id="t3", name="Spain", level="nation", parent_id=None),
    ]
    scores = [
        {"analysis": each, "customer_id": who, "as_of": day, "unit": "share", "model_version": "1", "value": share(rng)}
        for each in ("churn-risk", "churn-loss", "lifetime-value")
        for who in range(1, 8)
        for day in {date(2024, 1, 1) + timedelta(days=rng.randrange(1, 200)) for _ in range(40)}
        if rng.random() < 0.7
    ]
    return {"order_line": lines, "product": products, "territory": places, "score": scores}


def versions(rng: random.Random, number: int) -> list[dict[str, Any]]:
    """One order line, some of them corrected later."""
    day = date(2024, 1, 1) + timedelta(days=rng.randrange(0, 180))
    kind = rng.choice(("sale", "sale", "sale", "sale", "return", "cancellation", "shipping", "fee"))
    first = line(
        f"o{number // 3}",
        rng.choice((None, *range(1, 8))),
        day.isoformat(),
        str(money(rng) * (-1 if kind in ("return", "cancellation") else 1)),
        line_no=str(number),
        source=rng.choice(("shop", "till")),
        kind=kind,
        product_id=rng.choice((None, "p1", "p2", "p3", "p9")),
        territory_id=rng.choice((None, "t1", "t2", "t3", "t9")),
        channel=rng.choice((None, "web", "store", "a_b", "a%b")),
        payment_method=rng.choice((None, "card")),
        quantity=rng.choice((None, Decimal(rng.randrange(1, 9)))),
        discount=rng.choice((None, money(rng))),
        cost_of_goods=rng.choice((None, money(rng))),
        cost_assumed=rng.random() < 0.3,
    )
    first["known_from"] = rng.choice((LONG_AGO, first["known_from"], moment(rng)))
    if rng.random() > 0.2:
        return [{**first, "known_until": None}]
    corrected = max(moment(rng), first["known_from"])
    second = {**first, "net_revenue": money(rng), "customer_id": rng.randrange(1, 8), "known_from": corrected}
    return [{**first, "known_until": corrected}, {**second, "known_until": None}]


def moment(rng: random.Random) -> datetime:
    return datetime.fromisoformat("2024-01-01") + timedelta(days=rng.randrange(0, 220))


def money(rng: random.Random) -> Decimal:
    return Decimal(rng.randrange(1, 99999)) / 100


def share(rng: random.Random) -> Decimal | None:
    return rng.choice((None, Decimal(rng.randrange(0, 10**6)) / 10**6))
