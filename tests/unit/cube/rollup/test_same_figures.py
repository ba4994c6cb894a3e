"""A figure from a roll-up is the one that the rows give, to the last digit."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import exp

from clientela.access.area import Area, united
from clientela.access.rights import Names, Right, Scope
from clientela.config import OwnMeasure
from clientela.contracts.filter import And, Condition, Filter, Operator
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.declared.own.measures import with_own
from clientela.cube.figures import placed, query
from clientela.cube.figures.explain import explained
from clientela.cube.rollup import cover, sets
from clientela.cube.rollup.shape import SEEN_IN, Rollup
from clientela.cube.view import View
from clientela.errors import ClientelaError
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import FACTS, MEASURES, REACHED, publish
from tests.some import some
from tests.unit.cube.published import AS_OF, Published, line
from tests.unit.cube.rollup import rolled as rolled_module
from tests.unit.cube.rollup.rolled import rolled

ADDED = ("revenue", "margin", "revenue_with_cost", "returns", "sales", "discount", "order_lines", "quantity")
EVERY = (*ADDED, "customer_revenue", "anonymous_revenue", "revenue_before_discount", "other_revenue")
COUNTED = ("customers", "orders", "purchase_days", "revenue", "returns")
DIFFERENT = ("customers", "orders", "purchase_days")
COMPANIES, QUESTIONS = 6, 80
STORED, OF_SETS, TELLS_SETS = cover.stored, placed._of_sets, cover._tells_sets


def of(published: Published) -> tuple[Rollup, ...]:
    """Roll-ups of many kinds: by what is derived, by keys, with the territory that a row is seen in, at levels."""

    def lines(by: Sequence[str], measures: Sequence[str], *levels: Sequence[str]) -> Rollup:
        return rolled(published, "order_line", by, measures, levels)

    some = (
        lines(("month",), ADDED),
        lines(("day", "channel", "category"), EVERY),
        lines(("region", "quarter", SEEN_IN), EVERY),
        lines(("month", "product_id", SEEN_IN, "territory_id", "channel", "kind"), EVERY),
        lines(("day", "product_id", "campaign_id", SEEN_IN), EVERY),
        lines(("month",), COUNTED, ("month",), ()),
        lines(("channel", "month"), COUNTED, ("channel", "month"), ("channel",), ("month",), ()),
        lines((), COUNTED, ()),
        lines(("category", "year"), COUNTED, ("category", "year"), ("year",), ("category",), ()),
        rolled(published, "order_line", ("month",), DIFFERENT, (("month",), ()), by_sets=True),
        rolled(published, "customer_start", ("month",), ("new_customers",)),
    )
    return tuple(sorted(some, key=lambda each: (each.rows, each.table)))


def asked(view: View, measures: Sequence[str], by: Sequence[str], where: Filter | None) -> object:
    try:
        return query.query(view, measures, by, where)
    except ClientelaError as error:
        return str(error)


def question(rng: random.Random) -> tuple[list[str], list[str], Filter | None]:
    """A question; as often as not one of those that are asked most."""
    measures, by, where = cases.question(rng, MEASURES, REACHED, FACTS)
    if rng.random() < 0.8:
        measures = rng.sample(["customers", "orders", "revenue", "returns", "basket", "margin"], rng.randrange(1, 4))
        by = rng.sample(["month", "channel", "category", "year"], rng.choice((0, 1, 1, 2)))
        pin = Condition("channel", Operator.EQ, rng.choice(("web", "shop", "nowhere")))
        where = rng.choice((None, pin, And((pin,))))
    return measures, by, where


def differences(seed: int, questions: int = QUESTIONS) -> int:
    """How many answers of a roll-up are not those of the rows, of random questions about a random company."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        tables = cases.company(rng)
        publish(published, tables)
        rollups, given = of(published), cases.grants(rng, tables)
        differ = 0
        for number in range(questions):
            if number % 10 == 0:
                given = cases.grants(rng, tables)
            raw = published.view(scope=None if number % 3 == 0 else cases.scope(given, tables))
            measures, by, where = question(rng)
            differ += asked(replace(raw, rollups=rollups), measures, by, where) != asked(raw, measures, by, where)
    return differ


def placed_question(rng: random.Random) -> tuple[list[str], list[str], Filter | None]:
    """A question that counts different ones at a level of their own."""
    measures = rng.sample(["customers", "orders", "purchase_days", "basket", "revenue"], rng.randrange(1, 4))
    by = rng.choice(([], ["month"], ["channel"], ["category"], ["region"], ["channel", "month"], ["region", "year"]))
    pins = [
        Condition("channel", Operator.EQ, rng.choice(("web", "store", "nowhere"))),
        Condition("year", Operator.EQ, AS_OF.replace(month=1, day=1)),
    ]
    where = rng.choice((None, None, pins[0])) if "region" not in by else rng.choice((None, pins[1]))
    return measures, by, where


def seen_in_places(rng: random.Random, tables: cases.Tables) -> Scope:
    """What somebody sees of some territories, of some accounts, or of both."""
    areas, places = [], [row["territory_id"] for row in tables["territory"]]
    if rng.random() < 0.9:
        areas.append(Area(territories=frozenset(rng.sample(places, rng.randrange(1, 1 + len(places))))))
    if not areas or rng.random() < 0.5:
        areas.append(Area(customers=frozenset(rng.sample([*cases.CUSTOMERS], rng.randrange(1, 4)))))
    if rng.random() < 0.2:
        areas.append(Area(customers=frozenset({1, 2}), products=frozenset({"p1"})))
    return Scope((Right(reach=united(areas), columns=Names(("*",)), measures=Names(("*",))),))


def of_known_customers(tables: cases.Tables, *, one_each: bool) -> None:
    """Let no order have lines of customers and of nobody; ``one_each``: nor of several customers, as usual."""
    first: dict[object, Any] = {}
    for row in tables["order_line"]:
        who = first.setdefault((row["source"], row["order_id"]), row["customer_id"])
        row["customer_id"] = who if one_each or who is None else row["customer_id"] or who


def by_sets(published: Published) -> tuple[Rollup, ...]:
    """Roll-ups by sets of territories, and one of what adds up."""

    def lines(by: Sequence[str], *levels: Sequence[str]) -> Rollup:
        return rolled(published, "order_line", by, DIFFERENT, levels, by_sets=True)

    return (
        lines((), ()),
        lines(("channel", "month"), ("channel", "month"), ("channel",), ("month",), ()),
        lines(("category",), ("category",), ()),
        lines(("region", "year"), ("region", "year"), ("year",), ("region",), ()),
        rolled(published, "order_line", ("month", "category", "channel", "region", "year", SEEN_IN), ("revenue",)),
    )


def placed_answers(seed: int, questions: int) -> Iterator[tuple[bool, bool]]:
    """Of random questions, whether an answer by sets of territories is not that of the rows, and whether it was one."""
    rng = random.Random(seed)  # noqa: S311 -- repeatable cases, no secret
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine)
        tables = cases.company(rng)
        if seed % 3:  # else orders are of customers and of nobody, and those of accounts are counted from the rows
            of_known_customers(tables, one_each=seed % 3 == 2)
        publish(published, tables)
        rollups = by_sets(published)
        of_sets = {each.table for each in rollups if each.by_sets}
        for _ in range(questions):
            raw = published.view(scope=seen_in_places(rng, tables))
            view, (measures, by, where) = replace(raw, rollups=rollups), placed_question(rng)
            differs = asked(view, measures, by, where) != asked(raw, measures, by, where)
            yield differs, any(each.table in of_sets for each in explained(view, measures, by, where))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The roll-ups that were read."""
    names: list[str] = []

    def stored(rollup: Rollup) -> exp.Table:
        names.append(rollup.table)
        return STORED(rollup)

    monkeypatch.setattr(cover, "stored", stored)
    return names


@pytest.mark.parametrize("seeds", [(0, 1), pytest.param(range(2, COMPANIES), marks=pytest.mark.slow)])
def test_what_roll_ups_answer_is_what_the_rows_answer(read: list[str], seeds: Sequence[int]) -> None:
    assert [each for each in seeds if differences(each)] == []
    assert len(read) > 50 * len(seeds), len(read)
    assert len({*read}) >= 8


def test_different_ones_by_sets_of_territories_are_those_of_the_rows() -> None:
    found = [each for seed in range(3) for each in placed_answers(seed, 15)]
    assert not any(differs for differs, _ in found)
    assert sum(was_by_sets for _, was_by_sets in found) > 20


@pytest.mark.slow
def test_of_many_companies_too() -> None:
    found = [each for seed in range(100, 200) for each in placed_answers(seed, 60)]
    assert not any(differs for differs, _ in found)


def summed_over_territories(patch: pytest.MonkeyPatch) -> None:
    """Who was met in two territories is counted in each of them."""
    patch.setattr(sets, "_met_often", lambda names, told, moved: sets._met_once(names, told))


def seen_in_any_territory(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        placed, "_of_sets", lambda rollup, names, columns, own, bound: OF_SETS(rollup, names, columns, (), bound)
    )


def without_the_accounts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(placed, "parted", lambda rollup, reach: (cover.parted(rollup, reach)[0], ()))


def accounts_told_twice(patch: pytest.MonkeyPatch) -> None:
    """Of the accounts those too who were met in a territory that is seen."""
    patch.setattr(placed, "already_told", lambda *_: exp.false())


def without_empty_cells(patch: pytest.MonkeyPatch) -> None:
    there = sets._there
    patch.setattr(sets, "_there", lambda names: there(names).limit(0))


def orders_of_two_customers(patch: pytest.MonkeyPatch) -> None:
    """An order of an account and of somebody in a territory is counted in both."""
    patch.setattr(rolled_module, "shareable", lambda rollup: {})


def orders_of_a_customer_and_of_nobody(patch: pytest.MonkeyPatch) -> None:
    """Lines that name nobody are not looked for among those of others who share an order."""
    patch.setattr(
        cover,
        "_tells_sets",
        lambda rollup, by, pinned, said, reach: TELLS_SETS(replace(rollup, shared=()), by, pinned, said, reach),
    )
    patch.setattr(placed, "_met_with", lambda table, those: those.this)


@pytest.mark.parametrize(
    "bug",
    some(
        [
            summed_over_territories,
            seen_in_any_territory,
            without_the_accounts,
            accounts_told_twice,
            without_empty_cells,
            orders_of_two_customers,
            orders_of_a_customer_and_of_nobody,
        ],
        one_in=3,
    ),
)
def test_a_bug_in_sets_of_territories_is_found(bug: Callable[[pytest.MonkeyPatch], None], monkeypatch) -> None:
    bug(monkeypatch)
    assert any(differs for seed in range(10) for differs, _ in placed_answers(seed, 30))


def a_stale_one(patch: pytest.MonkeyPatch) -> None:
    """Lines went after the roll-ups were counted."""
    counted = of

    def before(published: Published) -> tuple[Rollup, ...]:
        rollups = counted(published)
        early = exp.LT(this=exp.column("happened_on"), expression=exp.Placeholder(this="day"))
        published.engine.run(exp.delete("order_line").where(early), {"day": AS_OF.replace(month=2)})
        return rollups

    patch.setitem(globals(), "of", before)


def without_the_filter(patch: pytest.MonkeyPatch) -> None:
    kept = query.kept

    def whole(rows: exp.Select, asked: object, *more: object) -> exp.Select:
        return rows if "figures_of" in rows.sql() else kept(rows, asked, *more)  # type: ignore[arg-type]

    patch.setattr(query, "kept", whole)


def without_the_scope(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cover, "_within", lambda rollup, reach, bound: None)


def added_up_though_different(patch: pytest.MonkeyPatch) -> None:
    """Different customers of the months added up, though some bought in several."""
    levels = cover.level_of
    patch.setattr(cover, "level_of", lambda by, names: levels(by, by))


def told_twice(patch: pytest.MonkeyPatch) -> None:
    """The rows of a few customers counted beside a roll-up that has them already."""
    parted, beside = cover.parted, cover.beside

    def again(rollup: Rollup, names: Sequence[str], aggregates: object, reach: object, *more: object) -> object:
        patch.setattr(cover, "parted", lambda rollup, reach: ((Area(customers=frozenset()),), parted(rollup, reach)[1]))
        try:
            return beside(rollup, names, aggregates, reach, *more)  # type: ignore[arg-type]
        finally:
            patch.setattr(cover, "parted", parted)

    patch.setattr(query, "beside", again)


@pytest.mark.parametrize(
    "bug",
    some([a_stale_one, without_the_filter, without_the_scope, added_up_though_different, told_twice], one_in=2),
)
def test_a_bug_put_in_on_purpose_is_found(bug: Callable[[pytest.MonkeyPatch], None], monkeypatch) -> None:
    bug(monkeypatch)
    assert any(differences(seed, questions=40) for seed in range(10))


@pytest.mark.parametrize(
    ("fact", "measure"), [("order_line", "of_food"), ("order_line", "food_orders"), ("customer_start", "early")]
)
def test_a_measure_of_the_company_reads_a_dimension_beside_a_roll_up_too(
    published: Published, fact: str, measure: str
) -> None:
    own = {
        "of_food": OwnMeasure(
            fact="order_line", aggregate="sum", of="net_revenue", where="is_revenue and product.category = 'food'"
        ),
        "food_orders": OwnMeasure(
            fact="order_line", aggregate="count_distinct", of="order_id", where="is_sale and product.category = 'food'"
        ),
        "early": OwnMeasure(fact="customer_start", aggregate="count", where="quarter = '2024-01-01'"),
    }
    known = with_own(own)
    rng = random.Random(5)  # noqa: S311 -- repeatable cases, no secret
    publish(published, cases.company(rng))
    if measure == "food_orders":
        rollups = (rolled(published, fact, ("month",), (measure,), (("month",), ()), by_sets=True, known=known),)
    else:
        rollups = (rolled(published, fact, ("month", SEEN_IN), (measure,), known=known),)
    areas = (Area(territories=frozenset({"t0", "t1"})), Area(customers=frozenset(cases.CUSTOMERS[:5])))
    right = Right(reach=united(areas), columns=Names(("*",)), measures=Names(("*",)))
    raw = published.view(scope=Scope((right,)), catalogue=Catalogue(known))
    view = replace(raw, rollups=rollups)
    assert {each.table for each in explained(view, [measure], ["month"], None)} == {rollups[0].table}
    assert query.query(view, [measure], ["month"]) == query.query(raw, [measure], ["month"])
    assert query.query(view, [measure], ["month"]).rows


def test_of_another_date_the_rows_answer(published: Published) -> None:
    from clientela.cube.knowledge import knowledge

    published.add(order_line=[line("1", 1, "2024-01-05", "10"), line("2", 2, "2024-02-05", "20")])
    rollups = (rolled(published, "order_line", ("month",), ("revenue",)),)
    view = published.view()

    def of_date(day: object) -> object:
        return knowledge(
            published.engine, snapshot="1", tables=view.tables, people=None, currency="EUR", timezone="UTC",
            lapse_days=None, run_as_of=AS_OF, run_known_at=view.known_at, as_of=day, rollups=rollups,
        )  # fmt: skip

    assert of_date(None).view.rollups == rollups
    assert of_date(AS_OF.replace(day=1, month=2)).view.rollups == ()
    assert of_date(AS_OF.replace(day=1, month=2)).query(["revenue"]).totals == (10,)
