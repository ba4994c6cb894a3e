"""Rows, cell by cell: what one grant gives in a row is shown, what none gives is hidden and says so."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.filters import fields_of
from clientela.cube.records import records
from clientela.cube.scoped import UnscopedError
from clientela.cube.view import View
from clientela.errors import NotPermittedError
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import MIDNIGHT, publish
from tests.access.naive import Given, Person, Row, allowed
from tests.some import some
from tests.unit.cube.published import Published, line

ORDER_LINE = ("net_revenue", "channel", "product_id", "territory_id", "customer_id", "kind", "cost_of_goods")
CUSTOMER = ("kind", "city", "full_name", "email")
SCORE = ("value", "unit", "model_version")  # some rows are made of costs, and are not for whoever sees these columns
PERSONAL = ("full_name", "email")
KEYS = {
    "order_line": ("source", "order_id", "line_no"),
    "customer": ("customer_id",),
    "score": ("analysis", "customer_id", "as_of"),
}
NAMES = {
    "order_line": tuple(dict.fromkeys((*ORDER_LINE, *KEYS["order_line"]))),
    "customer": (*CUSTOMER, *KEYS["customer"]),
    "score": (*SCORE, *KEYS["score"]),
}
COMPANIES, QUESTIONS = 40, 25


def customers(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "customer_id": who,
            "kind": rng.choice(("person", "organisation")),
            "city": rng.choice(("Roma", "Bari", None)),
            "full_name": rng.choice(("Ana", "Bo", None)),
            "email": rng.choice(("a@b.es", None)),
        }
        for who in cases.CUSTOMERS
    ]


def compared(seed: int, questions: int) -> tuple[int, int, int]:
    """How many rows of one company were shown, cells hidden and questions refused; raises where the two differ."""
    hidden = answered = refused = 0
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    tables, people = cases.company(rng), customers(rng)
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        publish(published, tables)
        published.add(customer=[{key: row[key] for key in ("customer_id", "kind", "city")} for row in people])
        published.add_people("customer", [{k: row[k] for k in ("customer_id", *PERSONAL)} for row in people])
        for _ in range(questions):
            given = cases.grants(rng, tables)
            table = rng.choice(("order_line", "order_line", "customer", "score", "score"))
            names = NAMES[table]
            columns = rng.sample(names, rng.randrange(1, 5))
            where = _filter(rng, names) if rng.random() < 0.5 else None
            view = published.view(cases.ON, MIDNIGHT, scope=cases.scope(given, tables))
            person = Person(given, tables, cases.ON)
            rows = people if table == "customer" else tables[table]
            expected = _expected(person, table, rows, columns, where)
            got = _got(view, table, columns, where)
            assert got == expected, (seed, given, table, columns, where, got, expected)
            refused += got is None
            answered += len(got or ())
            hidden += sum(value == "hidden" for row in got or () for value in row)
    return answered, hidden, refused


def _got(view: View, table: str, columns: Sequence[str], where: Filter | None) -> list[tuple[Any, ...]] | None:
    """All pages of the product's answer; None: it may not be seen."""
    told: list[tuple[Any, ...]] = []
    cursor: str | None = None
    while True:
        try:
            page = records(view, table, columns, where, order=columns[:1], limit=7, cursor=cursor)
        except NotPermittedError:
            return None
        told += [
            tuple("hidden" if (place, column) in page.hidden else value for column, value in enumerate(row))
            for place, row in enumerate(page.rows)
        ]
        cursor = page.next_cursor
        if cursor is None:
            return told


@pytest.mark.parametrize("part", some(range(2), one_in=2))
def test_each_cell_is_shown_where_one_grant_gives_its_row_and_its_column(part: int) -> None:
    counts = [compared(seed, QUESTIONS) for seed in range(part, COMPANIES, 2)]
    answered, hidden, refused = (sum(each) for each in zip(*counts, strict=True))
    assert answered > 1_000
    assert hidden > 100
    assert refused > 50


def _expected(
    person: Person, table: str, rows: Sequence[Row], columns: Sequence[str], where: Filter | None
) -> list[tuple[Any, ...]] | None:
    named = dict.fromkeys((*columns, *sorted(fields_of(where))))
    by = {name: [g for g in person.grants if allowed(f"{table}.{name}", g.columns, name in PERSONAL)] for name in named}
    if not all(by.values()):
        return None

    def seen(row: Row, name: str) -> bool:
        return person.sees([g for g in by[name] if person.tells([g], [*row])], table, row)

    shown = []
    for row in rows:
        if not any(seen(row, name) for name in columns):
            continue
        if where is not None and _holds(where, {name: row[name] for name in named if seen(row, name)}) is not True:
            continue
        shown.append(row)
    first = columns[0]

    def place(row: Row) -> tuple[Any, ...]:
        value = row[first] if seen(row, first) else None
        return (value is None, "" if value is None else value, *(row[key] for key in KEYS[table]))

    return [tuple(row[name] if seen(row, name) else "hidden" for name in columns) for row in sorted(shown, key=place)]


def _holds(where: Filter, seen: Row) -> bool | None:
    """True, False, or None where it is unknown, as it is where the field is hidden."""
    if isinstance(where, Not):
        inner = _holds(where.part, seen)
        return None if inner is None else not inner
    if isinstance(where, (And, Or)):
        parts = [_holds(part, seen) for part in where.parts]
        decisive = isinstance(where, Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if where.field not in seen:
        return None
    value = seen[where.field]
    if where.operator is Operator.IS_NULL:
        return value is None
    return None if value is None else bool(value == where.value)


def _filter(rng: random.Random, names: Sequence[str], depth: int = 3) -> Filter:
    kind = rng.random() if depth else 1.0
    if kind < 0.3:
        return Not(_filter(rng, names, depth - 1))
    if kind < 0.5:
        return rng.choice((And, Or))((_filter(rng, names, depth - 1), _filter(rng, names, depth - 1)))
    name = rng.choice(names)
    if rng.random() < 0.4:
        return Condition(name, Operator.IS_NULL)
    return Condition(name, Operator.EQ, _value(rng, name))


def _value(rng: random.Random, name: str) -> Any:
    if name in ("net_revenue", "cost_of_goods"):
        return Decimal(rng.randrange(1, 99))
    if name == "value":
        return Decimal(rng.randrange(0, 10**6)) / 10**6
    if name == "as_of":
        return cases.ON
    if name == "customer_id":
        return rng.choice(cases.CUSTOMERS)
    if name == "analysis":
        return rng.choice(("churn-risk", "lifetime-value"))
    return rng.choice(("web", "p1", "t1", "sale", "person", "Roma", "Ana", "a@b.es"))


def test_a_query_that_nobody_narrowed_is_not_sent() -> None:
    from sqlglot import exp

    scope = Scope((Right(reach=(Area(),), columns=Names(("*",)), measures=Names(("*",))),))
    with Engine.in_memory() as engine:
        published = Published(engine).add(order_line=[line("o1", 1, "2024-01-02", "5")])
        view = published.view(scope=scope)
        with pytest.raises(UnscopedError, match="order_line"):
            view.fetch(exp.select("net_revenue").from_("order_line"), {})


def test_who_has_no_right_to_personal_data_is_told_so() -> None:
    given = [Given(("*",), ("*",), everything=True)]
    tables = cases.company(random.Random(1))  # noqa: S311 -- repeatable cases, no secret
    with Engine.in_memory() as engine:
        published = Published(engine).add(customer=[{"customer_id": 1, "kind": "person"}])
        published.add_people("customer", [{"customer_id": 1, "full_name": "Ana"}])
        view = published.view(date(2024, 7, 1), scope=cases.scope(given, tables))
        with pytest.raises(NotPermittedError, match="'full_name' of 'customer' cannot be seen with your rights"):
            records(view, "customer", ["full_name"])


def test_a_table_that_is_all_personal_is_for_who_sees_its_columns_as_such() -> None:
    found = {"kind": "email", "value": "a@b.es", "customer_ref": "1", "customer_id": 1}
    with Engine.in_memory() as engine:
        published = Published(engine).add(customer=[{"customer_id": 1, "kind": "person"}])
        published.add_people("identifier", [found])
        view = published.view(date(2024, 7, 1), scope=_seeing("*", "customer.full_name"))
        with pytest.raises(NotPermittedError, match="'value' of 'identifier' cannot be seen with your rights"):
            records(view, "identifier", ["value"])
        one = published.view(date(2024, 7, 1), scope=_seeing("*", "identifier.value"))
        assert records(one, "identifier", ["value"]).rows == (("a@b.es",),)


def _seeing(*columns: str) -> Scope:
    return Scope((Right(reach=(Area(),), columns=Names(columns), measures=Names(())),))
