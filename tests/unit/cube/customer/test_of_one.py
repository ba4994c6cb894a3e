"""A query about one customer in fewer words shows neither more nor less than the whole one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlglot import exp, parse_one

from clientela.access.area import Area, Reach
from clientela.access.rights import Names, Right, Scope
from clientela.cube.customer.asked import Question, cells, rows
from clientela.cube.customer.of_one import One
from clientela.cube.view import View
from clientela.warehouse.engine import Engine, Statement, written

TABLES = {
    "customer_territory": "select * from (values (1, 'N'), (2, 'S'), (4, 'N'), (4, 'S')) t(customer_id, territory_id)",
    "customer_page": "select * from (values (1, 'N', 5), (2, 'S', 6), (3, null, 7), (4, null, 8)) "
    "t(customer_id, territory_id, orders)",
    "identity": "select * from (values ('a', 'till', 1), ('b', 'shop', 1), ('c', 'till', 2), ('d', 'till', 4)) "
    "t(customer_ref, source, customer_id)",
    "identity_event": "select * from (values (1, 2, 'merged'), (4, 4, 'split')) "
    "t(to_customer_id, from_customer_id, kind)",
}
RECORDS = Question(
    gives=("source",),
    sql="select source from identity where customer_id = :customer order by source",
    rests_on=("identity.source",),
)
EVENTS = Question(
    gives=("kind",),
    sql="select kind from identity_event where to_customer_id = :customer or from_customer_id = :customer",
    rests_on=("identity_event.kind",),
)
ANYBODY = Question(
    gives=("source",),
    sql="select source from identity where customer_id = :customer or source = 'shop' order by source",
    rests_on=("identity.source",),
)
REACHES: tuple[Reach, ...] = (
    (Area(territories=frozenset({"N"})),),
    (Area(territories=frozenset({"S"})),),
    (Area(customers=frozenset({2, 3})),),
    (Area(territories=frozenset({"N"})), Area(customers=frozenset({2}))),
    (Area(territories=frozenset({"N"}), customers=frozenset({4})),),
    (Area(territories=frozenset({"nowhere"})),),
)


class Noting:
    """An engine that keeps what it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.asked = engine, []

    def fetch(self, query, parameters=None):  # type: ignore[no-untyped-def] # as the engine's own
        return self.engine.fetch(query, parameters or {})

    def rows(self, query: Statement, parameters) -> list[tuple[object, ...]]:  # type: ignore[no-untyped-def] # as above
        self.asked.append(written(query).sql)
        return self.engine.rows(query, parameters)


@pytest.fixture
def whole() -> Iterator[View]:
    with Engine.in_memory() as engine:
        for name, sql in TABLES.items():
            made = parse_one(sql, dialect="duckdb")
            engine.run(exp.Create(this=exp.to_table(name), kind="TABLE", expression=made))
        moment = datetime(2024, 1, 1)
        yield View(reader=Noting(engine), as_of=date(2024, 1, 1), known_at=moment, tables=frozenset(TABLES))


def seen(view: View, reach: Reach) -> View:
    return replace(view, scope=Scope((Right(reach=reach, columns=Names(("*",)), measures=Names(("*",))),)))


@pytest.mark.parametrize("reach", REACHES)
def test_one_customer_is_seen_as_in_the_query_over_all_of_them(whole: View, reach: Reach):
    view = seen(whole, reach)
    for number in (1, 2, 3, 4, 5):
        one = One(view, number)
        for question in (RECORDS, EVENTS, ANYBODY):
            assert rows(view, question, one) == rows(view, question, customer=number), (number, question)
        page = cells(view, "customer_page", ("orders",), "customer_id = :customer", one)
        assert page == cells(view, "customer_page", ("orders",), "customer_id = :customer", customer=number)


def test_whom_a_territory_shows_is_looked_up_once(whole: View):
    view = seen(whole, (Area(territories=frozenset({"N"})),))
    one = One(view, 1)
    assert rows(view, RECORDS, one) == [{"source": "shop"}, {"source": "till"}]
    assert cells(view, "customer_page", ("orders",), "customer_id = :customer", one)[0] == [
        {"customer_id": 1, "orders": 5}
    ]
    asked = view.reader.asked
    assert sum("FROM customer_territory" in sql for sql in asked) == 1
    assert not any("IN (SELECT" in sql for sql in asked)


def test_a_question_that_others_answer_too_keeps_its_condition(whole: View):
    view = seen(whole, (Area(territories=frozenset({"S"})),))
    assert rows(view, ANYBODY, One(view, 2)) == [{"source": "till"}]  # not the shop's record of 1, who is not seen
    assert any("IN (SELECT" in sql for sql in view.reader.asked)
