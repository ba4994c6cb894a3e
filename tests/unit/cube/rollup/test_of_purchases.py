"""Customers who came, were lost or came back: roll-ups tell somebody who sees some territories what the rows tell."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from sqlglot import exp

from clientela.access.area import Area
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.filter import And, Condition, Filter, Not, Operator
from clientela.cube.declared.facts import FACTS
from clientela.cube.figures import placed, query
from clientela.cube.figures.explain import explained
from clientela.cube.rollup import moved
from clientela.cube.rollup.shape import SEEN_IN, Rollup
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import LAPSE_DAYS, publish
from tests.some import some
from tests.unit.cube.published import AS_OF, Published
from tests.unit.cube.rollup.rolled import rolled
from tests.unit.cube.rollup.test_same_figures import asked, seen_in_places

OF_PURCHASES = {name for name, fact in FACTS.items() if fact.of_purchases}


def of(published: Published) -> tuple[Rollup, ...]:
    """Roll-ups of the customers of one territory each, some to add up and some at levels."""

    def one(fact: str, by: Sequence[str], measure: str, *levels: Sequence[str]) -> Rollup:
        at_levels = bool(levels)
        by = by if at_levels else (*by, SEEN_IN)
        return rolled(published, fact, by, (measure,), levels, by_sets=at_levels, lapse_days=LAPSE_DAYS)

    cohort = ("first_month", "months_since_first")
    return (
        one("customer_start", ("month",), "new_customers"),
        one("customer_start", ("day",), "new_customers"),
        one("customer_loss", ("month",), "lost_customers", ("month",), ()),
        one("customer_return", ("quarter", "year"), "customers_won_back", ("quarter", "year"), ("year",), ("quarter",)),
        one("customer_return", (), "customers_won_back", ()),
        one("customer_year", (), "repeat_customers"),
        one("customer_month", cohort, "buyers_of_cohort", cohort, ()),
    )


def question(rng: random.Random) -> tuple[list[str], list[str], Filter | None]:
    """A question of customers who came, were lost or came back."""
    if rng.random() < 0.1:
        return ["buyers_of_cohort"], rng.choice((["first_month", "months_since_first"], [])), None
    if rng.random() < 0.1:
        return ["repeat_customers"], [], None
    measures = rng.sample(["new_customers", "lost_customers", "customers_won_back"], rng.randrange(1, 4))
    by = rng.choice(([], ["month"], ["month"], ["quarter"], ["week"], ["year"]))
    late = Condition("month", Operator.GE, AS_OF.replace(month=rng.randrange(1, 5), day=1))
    year = Condition("year", Operator.EQ, AS_OF.replace(month=1, day=1))
    return measures, by, rng.choice((None, None, late, year, And((late, year)), Not(late)))


def answers(seed: int, questions: int) -> Iterator[tuple[bool, int]]:
    """Of random questions, whether what roll-ups tell is not what the rows tell, and how many of these told it."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        tables = cases.company(rng)
        if seed % 4 == 0:  # nobody is at home anywhere
            del tables["customer_territory"]
        homes = {row["customer_id"]: row["territory_id"] for row in tables.get("customer_territory", ())}
        often = 0.5 if seed % 5 else 1.0  # that nobody is met in several
        steady = {who for who in cases.CUSTOMERS if rng.random() < often}
        for row in tables["order_line"]:
            if row["customer_id"] in steady:
                row["territory_id"] = rng.choice((None, homes.get(row["customer_id"])))
        publish(published, tables)
        rollups = of(published)
        rollups = tuple(replace(each, days=each.days if _rows(published, each.days) else "") for each in rollups)
        for number in range(questions):
            scope = None if number % 6 == 0 else seen_in_places(rng, tables)
            raw = published.view(scope=scope, lapse_days=LAPSE_DAYS)
            view, told = replace(raw, rollups=rollups), question(rng)
            used = sum(each.table is not None for each in explained(view, *told))
            yield asked(view, *told) != asked(raw, *told), used


def _rows(published: Published, table: str | None) -> int:
    return int(published.engine.fetch(exp.select("count(*) as n").from_(table or ""))["n"][0].as_py())


def test_what_is_worked_out_of_purchases_is_what_the_rows_give() -> None:
    found = [each for seed in range(4, 7) for each in answers(seed, 12)]
    assert not any(differs for differs, _ in found)
    assert sum(used for _, used in found) > 25


@pytest.mark.slow
def test_of_many_companies_too() -> None:
    found = [each for seed in range(100, 200) for each in answers(seed, 60)]
    assert not any(differs for differs, _ in found)
    assert sum(used for _, used in found) > 3_000


def without_those_of_several(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(query, "of_several", lambda *_: None)
    patch.setattr(placed, "over_days", lambda *_: None)


def everybody_in_one(patch: pytest.MonkeyPatch) -> None:
    """Who was met in two territories stands in the first of them too."""
    patch.setattr(moved, "_MOVED", "false")


def those_at_home_elsewhere_in_one(patch: pytest.MonkeyPatch) -> None:
    """A line without a territory lies where its customer's others do, wherever they are at home."""
    patch.setattr(moved, "_MOVED", "lowest <> highest")


def days_of_any_territory(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moved, "limited_to", lambda *_: None)


def customers_of_any_territory(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(placed, "limited_to", lambda *_: None)


def without_the_accounts(patch: pytest.MonkeyPatch) -> None:
    parted = moved.parted
    patch.setattr(moved, "parted", lambda rollup, reach: (parted(rollup, reach)[0], ()))


def accounts_told_twice(patch: pytest.MonkeyPatch) -> None:
    """Accounts of one territory that is seen are counted beside it."""
    patch.setattr(moved, "already_told", lambda *_: None)


@pytest.mark.parametrize(
    "bug",
    some(
        [
            without_those_of_several,
            everybody_in_one,
            those_at_home_elsewhere_in_one,
            days_of_any_territory,
            customers_of_any_territory,
            without_the_accounts,
            accounts_told_twice,
        ],
        one_in=3,
    ),
)
def test_a_bug_put_in_on_purpose_is_found(bug: Callable[[pytest.MonkeyPatch], None], monkeypatch) -> None:
    bug(monkeypatch)
    assert any(differs for seed in range(1, 12) for differs, _ in answers(seed, 12))


@pytest.mark.parametrize("name", sorted(OF_PURCHASES))
def test_a_fact_of_purchases_reads_nothing_but_who_bought_on_which_day(name: str) -> None:
    rows = FACTS[name].rows
    made = {each.alias_or_name for select in rows.find_all(exp.Select) for each in select.selects}
    read = {column.name for column in rows.find_all(exp.Column)} - (made - {"customer_id", "happened_on"})
    assert FACTS[name].tables == {moved.LINES}
    assert read <= {"customer_id", "happened_on", "kind"}
    assert any(each.name == "customer_id" for each in rows.selects)


def test_whoever_is_limited_by_more_than_territories_and_accounts_is_answered_by_the_rows() -> None:
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        publish(published, cases.company(random.Random(1)))  # noqa: S311 -- repeatable cases, no secret
        rollups = of(published)
        for area in (
            Area(products=frozenset({"p1"})),
            Area(campaigns=frozenset({"c1"})),
            Area(customers=frozenset({1})),
        ):
            view = published.view(scope=_sees(area), lapse_days=LAPSE_DAYS, rollups=rollups)
            assert {each.table for each in explained(view, ["new_customers"], ["month"], None)} == {None}
        view = published.view(scope=_sees(Area(territories=frozenset({"t0"}))), rollups=rollups)
        assert {each.table for each in explained(view, ["new_customers"], ["month"], None)} != {None}


def _sees(area: Area) -> Scope:
    return Scope((Right(reach=(area,), columns=Names(("*",)), measures=Names(("*",))),))
