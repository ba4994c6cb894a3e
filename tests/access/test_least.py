"""Whoever sees figures of many customers only sees none of few, and can work none out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.filter import Condition, Operator
from clientela.cube.explore import Wanted, explore
from clientela.cube.knowledge import SnapshotKnowledge, knowledge
from clientela.cube.many import hidden
from clientela.errors import NotPermittedError
from clientela.warehouse.engine import Engine
from tests.access import cases, few
from tests.access.compare import MIDNIGHT, publish
from tests.some import some
from tests.unit.cube.published import Published, line

COMPANIES, PARTS = 60, 6
STAR = Names(("*",))


def scope_of(least: int, **limits: Any) -> Scope:
    reach = (Area(**limits),) if limits else EVERYTHING
    return Scope((Right(reach=reach, columns=STAR, measures=STAR, least=least),))


def attacked(seed: int, published: Published) -> tuple[list[Any], int, int]:
    """The hidden cells of one company that can be worked out, and how many cells are hidden, and shown."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    tables, least = few.company(rng), rng.choice((2, 3, 5))
    publish(published, tables)
    lines = [(few.members(row, tables), row["customer_id"]) for row in tables["order_line"]]
    asked = {by: few.cells(by, told) for by, told in few.answers(published, scope_of(least), "revenue").items()}
    for by, found in asked.items():
        people = few.customers(lines, by)
        assert found.keys() == people.keys()
        small = [m for m, value in found.items() if value is not None and 0 < len(people[m]) < least]
        assert not small, (seed, by, small)
        figures = revenue(tables, by)
        assert all(value is None or value == figures[m] for m, value in found.items()), (seed, by)
    everything = [value for found in asked.values() for value in found.values()]
    gone = sum(value is None for value in everything)
    return few.worked_out([places for places, _ in lines], asked), gone, len(everything) - gone


def revenue(tables: Mapping[str, Any], by: tuple[str, ...]) -> dict[Any, Decimal]:
    figures: dict[Any, Decimal] = {}
    for row in tables["order_line"]:
        places = few.members(row, tables)
        for member in {(), tuple(places[name] for name in by)}:
            figures[member] = figures.get(member, Decimal(0)) + row["net_revenue"]
    return figures


@pytest.mark.parametrize("part", some(range(PARTS), one_in=3))
def test_no_cell_of_few_is_shown_and_no_hidden_one_can_be_worked_out(part: int) -> None:
    gone = shown = 0
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(part, COMPANIES, PARTS):
            told, hidden_here, shown_here = attacked(seed, published)
            assert told == [], seed
            gone, shown = gone + hidden_here, shown + shown_here
    assert gone > 300
    assert shown > 300


@pytest.mark.parametrize("seed", [1021, 1375])
def test_a_sum_of_shown_months_gives_no_hidden_cell_away(seed: int) -> None:
    with Engine.in_memory(threads=1) as engine:
        assert attacked(seed, Published(engine))[0] == []


def test_hiding_only_the_cells_of_few_is_seen_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden._Lattice, "settle", lambda self: None)
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        assert any(attacked(seed, published)[0] for seed in range(5))


LINES = [
    *(line(f"a{who}", who, "2024-01-10", "10", channel="web", product_id="p1") for who in range(1, 5)),
    line("b1", 5, "2024-01-11", "7", channel="store", product_id="p2"),
    *(line(f"c{who}", who, "2024-02-10", "20", channel="web", product_id="p1") for who in range(1, 6)),
    *(line(f"d{who}", who, "2024-02-11", "30", channel="store", product_id="p2") for who in range(1, 4)),
    line("t1", None, "2024-02-12", "1", channel="till", product_id="p2"),
]


@pytest.fixture
def published() -> Iterator[Published]:
    with Engine.in_memory(threads=1) as engine:
        yield Published(engine).add(order_line=[{**row, "known_until": None} for row in LINES])


def knows(published: Published, scope: Scope, **more: Any) -> SnapshotKnowledge:
    given: dict[str, Any] = {"timezone": "UTC", "lapse_days": 20, "run_as_of": cases.ON, "run_known_at": MIDNIGHT}
    return knowledge(
        published.engine,
        snapshot="s",
        tables=published.tables,
        people=None,
        currency="EUR",
        scope=scope,
        **given,
        **more,
    )


def test_one_cell_of_few_takes_a_rectangle_with_it(published: Published) -> None:
    kb = knows(published, scope_of(3))
    told = kb.query(["revenue", "customers"], ["month", "channel"])
    jan, feb = date(2024, 1, 1), date(2024, 2, 1)
    assert told.rows == (
        (jan, "store", None, None),
        (jan, "web", None, None),
        (feb, "store", None, None),
        (feb, "till", Decimal("1.0000"), 0),
        (feb, "web", None, None),
    )
    assert told.hidden == {(row, column) for row in (0, 1, 2, 4) for column in (2, 3)}
    assert told.totals == (None, None, Decimal("238.0000"), 5)
    assert [row[1] for row in kb.query(["revenue"], ["month"]).rows] == [Decimal(47), Decimal(191)]


@pytest.mark.parametrize(("march", "shown"), [(3, None), (4, Decimal(36))])
def test_a_month_with_as_many_rows_as_cells_is_hidden_like_one_of_few(march: int, shown: Decimal | None) -> None:
    """Three orders by three channels: whoever sees that each has some, and the sum of orders, knows each."""
    by = ("web", "store", "fair", "fair")
    lines = [line(f"l{who}", who, "2024-03-10", "9", channel=by[who]) for who in range(march)]
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine).add(order_line=[{**row, "known_until": None} for row in (*LINES, *lines)])
        months = knows(published, scope_of(3)).query(["revenue"], ["month"]).rows
    assert months[-1] == (date(2024, 3, 1), shown)
    assert [row[1] for row in months].count(None) == (0 if shown else 2)


def test_a_ratio_and_a_second_fact_are_hidden_with_what_they_are_made_of(published: Published) -> None:
    kb = knows(published, scope_of(3))
    told = kb.query(["basket", "new_customers"], ["month"])
    assert [row[1:] for row in told.rows] == [(Decimal("9.4000"), 5), (Decimal("21.2222"), 0)]
    few = knows(published, scope_of(6)).query(["basket", "new_customers", "campaigns"], [])
    assert few.rows == ((None, None, 0),)
    assert few.hidden == {(0, 0), (0, 1), (-1, 0), (-1, 1)}


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"by": ["day"]}, "not seen by 'day'"),
        ({"by": ["customer"]}, "not seen by 'customer'"),
        ({"by": ["product_id"]}, "not seen by 'product_id'"),
        ({"by": ["month", "year"]}, "one time and one other"),
        ({"by": ["channel", "category"]}, "one time and one other"),
        ({"by": ["month"], "limit": 1}, "leave out the filter"),
        ({"where": Condition("channel", Operator.EQ, "web")}, "leave out the filter"),
        ({"by": ["month"], "order": ["-revenue"]}, "order of a figure"),
        ({"measures": ["uncertain_pairs"]}, "of how many customers"),
    ],
)
def test_a_question_outside_the_lattice_is_refused(published: Published, asked: dict[str, Any], why: str) -> None:
    kb = knows(published, scope_of(3))
    with pytest.raises(NotPermittedError, match=why):
        kb.query(**{"measures": ["revenue"], **asked})


def test_no_row_member_other_date_or_first_day_is_told(published: Published) -> None:
    kb = knows(published, scope_of(3))
    assert (kb.first_day, kb.last_day, kb.delivered("order_line")) == (None, None, False)
    with pytest.raises(NotPermittedError):
        kb.members("channel")
    with pytest.raises(NotPermittedError):
        kb.records("order_line", ["order_id", "net_revenue"])
    for more in ({"as_of": date(2024, 2, 1)}, {"asked_known_at": MIDNIGHT}):
        with pytest.raises(NotPermittedError, match="two dates, subtracted"):
            knows(published, scope_of(3), **more)


def test_what_stands_beside_a_hidden_figure_is_hidden_too(published: Published) -> None:
    kb = knows(published, scope_of(3))
    told = explore(kb, ["revenue"], ["month", "channel"], wanted=Wanted(compare="previous", share=True))
    assert [row[2:] for row in told.result.rows if row[1] == "web"] == [(None, Decimal(0), None, None), (None,) * 4]
    assert {(4, column) for column in (2, 3, 4, 5)} <= told.result.hidden
    assert told.notes[0].values == {"least": 3}
    for wanted in (Wanted(running=True), Wanted(top=1)):
        with pytest.raises(NotPermittedError):
            explore(kb, ["revenue"], ["month"], wanted=wanted)


def test_several_such_roles_are_one_and_none_beside_a_role_that_shows_rows(published: Published) -> None:
    every = Right(reach=EVERYTHING, columns=STAR, measures=Names(("revenue", "orders")), least=2)
    some = Right(reach=(Area(customers=frozenset({5})),), columns=STAR, measures=Names(("revenue",)), least=6)
    kb = knows(published, Scope((every, some)))
    assert kb.query(["revenue"]).rows == ((None,),)
    with pytest.raises(NotPermittedError, match="'orders' is not among"):
        kb.query(["orders"])
    own = Right(reach=(Area(customers=frozenset({5})),), columns=STAR, measures=Names(("revenue",)))
    assert knows(published, Scope((every, own))).query(["revenue"]).rows == ((Decimal(27),),)


@pytest.mark.slow
def test_five_hundred_companies_withstand() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        for seed in range(1_000, 1_500):
            assert attacked(seed, published)[0] == [], seed
