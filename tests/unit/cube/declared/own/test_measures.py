"""A company's own measures: declared, checked, counted, seen within rights."""

import random
from datetime import date
from decimal import Decimal

import pytest

from clientela.access.area import EVERYTHING
from clientela.access.rights import Names, Right, Scope
from clientela.config import OwnMeasure
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.schema import Type
from clientela.cube.declared.catalogue import Catalogue
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import MEASURES, Measure, rests_on
from clientela.cube.declared.own.columns import columns_of
from clientela.cube.declared.own.measures import adds_over, with_own
from clientela.cube.declared.own.sorts import Kind
from clientela.cube.explore import Wanted, explore
from clientela.cube.figures import counting
from clientela.cube.figures.query import plan, query
from clientela.cube.figures.question import describe, understood
from clientela.cube.filters import Bound
from clientela.errors import ConfigurationError, NotPermittedError
from clientela.warehouse.portable import check
from tests.unit.cube.published import Published, line, reference

D = Decimal
LINES = (
    line("1", 1, "2024-01-05", "10", product_id="wine", quantity=D(2), discount=D(1), channel="web"),
    line("1", 1, "2024-01-05", "5", line_no="2", product_id="soap", quantity=D(1)),
    line("2", 2, "2024-02-05", "7", product_id="wine", cost_of_goods=D(3)),
    line("3", None, "2024-02-06", "3"),
    line("4", 1, "2024-03-05", "-2", kind="return", product_id="wine", quantity=D(-1)),
)
PRODUCTS = (
    reference(product_id="soap", name="Soap", category="Home"),
    reference(product_id="wine", name="Wine", category="Drinks"),
)


def of_lines(**said):
    return OwnMeasure(fact="order_line", **said)


def own(published: Published, said, lines=LINES, **more):
    return published.add(order_line=lines, product=PRODUCTS).view(catalogue=Catalogue(with_own(said)), **more)


WINE = {
    "wine_revenue": of_lines(
        aggregate="sum", of="net_revenue", where="is_revenue and product.category = 'Drinks'", owner="Purchasing"
    ),
    "wine_share": OwnMeasure(ratio="wine_revenue / revenue"),
    "other_than_wine": OwnMeasure(sum="revenue - wine_revenue"),
    "wine_basket": OwnMeasure(ratio="wine_revenue / orders"),
}


def test_own_measures_are_counted_at_every_level_as_built_in_ones_are(published: Published):
    view = own(published, WINE)
    result = query(view, ["revenue", *WINE], ["month"])
    assert result.rows == (
        (date(2024, 1, 1), D(15), D(10), D("0.666667"), D(5), D(10)),
        (date(2024, 2, 1), D(10), D(7), D("0.7"), D(3), D("3.5")),
        (date(2024, 3, 1), D(-2), D(-2), D(1), D(0), None),
    )
    assert result.totals == (None, D(23), D(15), D("0.652174"), D(8), D(5))
    assert [column.unit for column in result.columns[1:]] == ["EUR", "EUR", None, "EUR", "EUR"]
    assert query(view, ["wine_revenue"], ["category"]).rows == (("Drinks", D(15)), ("Home", D(0)), (None, D(0)))


def test_a_dimension_in_an_expression_may_also_filter_and_divide(published: Published):
    view = own(published, WINE)
    where = Condition("category", Operator.EQ, "Drinks")
    assert query(view, ["wine_revenue", "revenue"], ["product_name"], where).rows == (("Wine", D(15), D(15)),)


def test_where_nothing_is_known_a_sum_is_unknown_and_where_nothing_happened_it_is_0(published: Published):
    said = {
        "costs": of_lines(aggregate="sum", of="cost_of_goods"),
        "costs_or_0": of_lines(aggregate="sum", of="cost_of_goods", empty="zero"),
        "sold": of_lines(aggregate="sum", of="net_revenue", where="is_sale"),
        "mean_line": of_lines(aggregate="average", of="net_revenue", where="is_sale"),
        "dearest": of_lines(aggregate="max", of="net_revenue"),
    }
    result = query(own(published, said), list(said), ["month"])
    assert [row[1:] for row in result.rows] == [
        (None, D(0), D(15), D("7.5"), D(10)),
        (D(3), D(3), D(10), D(5), D(7)),
        (None, D(0), D(0), None, D(-2)),
    ]


def test_keys_of_two_systems_that_are_alike_count_twice(published: Published):
    said = {
        "tickets": of_lines(aggregate="count_distinct", of="order_id"),
        "people": of_lines(aggregate="count_distinct", of="customer_id"),
    }
    view = own(published, said, (*LINES, line("1", 3, "2024-01-09", "1", source="till")))
    assert query(view, ["tickets", "people"]).totals == (5, 3)
    assert adds_over(view.catalogue.measures["people"], view.catalogue.measures) == (False, True)
    assert adds_over(view.catalogue.measures["tickets"], view.catalogue.measures) == (False, False)


def test_what_is_asked_beside_figures_goes_for_own_ones_too(published: Published):
    class Kb:
        def __init__(self, view):
            self.view, self.last_day = view, None

        def query(self, *said, **more):
            return query(self.view, *said, **more)

    view = own(published, WINE)
    told = explore(
        Kb(view),
        ["wine_revenue", "other_than_wine"],
        ["month"],
        wanted=Wanted(running=True, compare="previous", share=True),
        catalogue=view.catalogue,
    ).result
    assert [row[1:3] for row in told.rows] == [(D(10), D(5)), (D(7), D(3)), (D(-2), D(0))]
    assert [row[-2:] for row in told.rows] == [(D(10), D(5)), (D(17), D(8)), (D(15), D(8))]


DEFINED = {
    "revenue": of_lines(aggregate="sum", of="net_revenue", where="is_revenue"),
    "sales": of_lines(aggregate="sum", of="net_revenue", where="kind = 'sale'"),
    "returns": of_lines(aggregate="sum", of="-net_revenue", where="kind = 'return'"),
    "margin": of_lines(aggregate="sum", of="net_revenue - cost_of_goods", where="is_revenue"),
    "discount": of_lines(aggregate="sum", of="discount", where="is_revenue"),
    "orders": of_lines(aggregate="count_distinct", of="order_id", where="is_sale"),
    "order_lines": of_lines(aggregate="count", where="is_sale"),
    "customers": of_lines(aggregate="count_distinct", of="customer_id", where="is_sale"),
    "customer_revenue": of_lines(aggregate="sum", of="net_revenue", where="is_revenue and customer_id is not null"),
    "quantity": of_lines(aggregate="sum", of="quantity", where="is_revenue"),
    "new_customers": OwnMeasure(fact="customer_start", aggregate="count"),
    "basket": OwnMeasure(ratio="own_revenue / own_orders"),
    "return_share": OwnMeasure(ratio="own_returns / own_sales"),
}


def test_an_own_measure_defined_as_a_built_in_one_gives_the_same_figures_in_100_random_questions(published: Published):
    rng = random.Random(20240601)  # noqa: S311 -- a test
    days = [f"2024-0{month}-{day:02}" for month in range(1, 7) for day in (1, 14, 28)]
    lines = [
        line(
            str(number // 3),
            rng.choice([1, 2, 3, 4, None]),
            rng.choice(days),
            str(rng.randint(-500, 5000) / 100),
            line_no=str(number),
            kind=rng.choice(["sale", "sale", "sale", "return", "cancellation", "shipping"]),
            product_id=rng.choice(["soap", "wine", "gone", None]),
            channel=rng.choice(["web", "store", None]),
            source=rng.choice(["shop", "till"]),
            quantity=rng.choice([None, D(1), D("2.5")]),
            discount=rng.choice([None, D("0.5")]),
            cost_of_goods=rng.choice([None, D("1.25")]),
        )
        for number in range(400)
    ]
    view = own(published, {f"own_{name}": each for name, each in DEFINED.items()}, lines)
    dimensions = ["day", "week", "month", "quarter", "year", "fiscal_year", "category", "brand", "channel", "source"]
    wheres = [
        None,
        Condition("channel", Operator.EQ, "web"),
        Condition("category", Operator.IN, ("Home", "Drinks")),
        Condition("month", Operator.GE, date(2024, 3, 1)),
    ]
    for _ in range(100):
        names = rng.sample(sorted(DEFINED), rng.randint(1, 4))
        only = "new_customers" in names
        by = rng.sample(dimensions[:6] if only else dimensions, rng.randint(0, 2))
        where = rng.choice([None, wheres[3]] if only else wheres)
        told, same = query(view, names, by, where), query(view, [f"own_{name}" for name in names], by, where)
        assert (told.rows, told.totals) == (same.rows, same.totals), (names, by, where)
        assert [column.type for column in told.columns] == [column.type for column in same.columns]


@pytest.mark.parametrize("name", sorted(WINE))
def test_the_query_of_an_own_measure_is_portable(name, published: Published, monkeypatch):
    view = own(published, WINE)
    monkeypatch.setattr(counting, "met", lambda *_: None)  # bits are this engine's own
    check(plan(understood([name], ["month"], None, [], None, view.catalogue.measures), Bound(), view), name)


def test_a_sum_of_sums_and_a_ratio_of_a_sum_are_made_of_what_is_counted():
    known = with_own({**WINE, "twice": OwnMeasure(sum="other_than_wine + wine_revenue - returns")})
    assert known["twice"].terms == ((1, "other_than_wine"), (1, "wine_revenue"), (-1, "returns"))
    assert adds_over(known["twice"], known) == (True, True)
    assert adds_over(known["wine_share"], known) == (False, False)


WRONG = [
    ("revenue", of_lines(aggregate="count"), "'revenue' is a measure of clientela's own"),
    ("month", of_lines(aggregate="count"), "'month' is a dimension"),
    ("Wine", of_lines(aggregate="count"), "small letters"),
    ("a b", of_lines(aggregate="count"), "small letters"),
    ("revenue_share", of_lines(aggregate="count"), "beside 'revenue'"),
    ("x", OwnMeasure(fact="order_lines", aggregate="count"), "Did you mean 'order_line'?"),
    ("x", of_lines(aggregate="sum", of="channel"), "is a text, and sum takes a number"),
    ("x", of_lines(aggregate="sum", of="is_sale"), "write aggregate = 'count' and where"),
    ("x", of_lines(aggregate="sum", of="customer_id"), "can be counted"),
    ("x", of_lines(aggregate="sum", of="net_revenue", where="net_revenue"), "where a condition is needed"),
    ("x", of_lines(aggregate="sum", of="net_revenue", unit="count"), "unit = 'count' does not fit; what it counts is"),
    ("x", of_lines(aggregate="count", empty="unknown"), "the count is 0"),
    ("x", of_lines(aggregate="average", of="net_revenue", adds_over=("time",)), "does not add over it"),
    ("x", OwnMeasure(fact="score", aggregate="count", adds_over=("time",)), "does not add over it"),
    ("x", OwnMeasure(ratio="revenue"), "one measure divided by another"),
    ("x", OwnMeasure(ratio="revenue / (orders + customers)"), "declare what stands in parentheses"),
    ("x", OwnMeasure(ratio="basket / orders"), "divides a ratio"),
    ("x", OwnMeasure(ratio="orders / revenue"), "unit = 'number'"),
    ("x", OwnMeasure(ratio="revenue / order"), "unknown measure 'order'; 131 are known. Did you mean 'orders'?"),
    ("x", OwnMeasure(sum="revenue + orders"), "money and a count cannot be put together with '+'"),
    ("x", OwnMeasure(sum="revenue * 2"), "holds measures, + and -"),
    ("x", OwnMeasure(sum="revenue"), "takes 2 to 20 measures"),
    ("x", OwnMeasure(sum="x + revenue"), "made of itself"),
    ("x", OwnMeasure(sum="revenue + (select 1)"), "holds measures, + and -"),
    ("x", OwnMeasure(sum="revenue; select 1"), "no single expression"),
]


@pytest.mark.parametrize(("name", "said", "because"), WRONG, ids=[f"{each[0]}-{each[2][:30]}" for each in WRONG])
def test_every_mistake_is_one_sentence_that_names_its_place(name, said, because):
    with pytest.raises(ConfigurationError) as wrong:
        with_own({name: said})
    known = str(len(MEASURES))
    assert because.replace("131", known) in str(wrong.value)
    assert str(wrong.value).startswith(f"clientela.toml cannot be used: [measure.{name}]: ")


def test_all_mistakes_are_said_at_once_and_what_follows_from_one_is_not_one():
    with pytest.raises(ConfigurationError) as wrong:
        with_own(
            {
                "a": of_lines(aggregate="sum", of="net_revenu"),
                "b": OwnMeasure(ratio="a / revenue"),
                "c": OwnMeasure(sum="d + revenue"),
                "d": OwnMeasure(sum="c + revenue"),
            }
        )
    assert [each.split(":")[0] for each in wrong.value.problems] == ["[measure.a]", "[measure.c]", "[measure.d]"]


def seen(published: Published, measures=("*",), columns=("*",)):
    scope = Scope((Right(reach=EVERYTHING, columns=Names(columns), measures=Names(measures)),))
    return own(published, WINE, scope=scope)


def test_who_may_see_a_column_is_given_the_measures_made_of_it(published: Published):
    view = seen(published, ("wine_revenue",), ("order_line.kind", "order_line.net_revenue", "product.category"))
    assert query(view, ["wine_revenue"]).totals == (D(15),)


@pytest.mark.parametrize("columns", [("*", "!product.category"), ("*", "!order_line.net_revenue"), ("customer.*",)])
def test_a_column_that_a_role_takes_out_takes_the_own_measures_with_it(columns, published: Published):
    view = seen(published, columns=columns)
    for name in WINE:
        with pytest.raises(NotPermittedError, match=f"'{name}' is not among the figures you may see"):
            query(view, [name])
    assert query(view, ["revenue"]).totals == (D(23),)  # a built-in measure is given by its name


@pytest.mark.parametrize(
    ("measures", "name"),
    [
        (("*", "!wine*"), "wine_revenue"),
        (("*", "!revenue"), "wine_share"),
        (("*", "!wine_revenue"), "other_than_wine"),
        (("wine_share",), "wine_share"),
    ],
)
def test_who_may_not_see_a_measure_may_not_see_what_is_made_of_it(measures, name, published: Published):
    with pytest.raises(NotPermittedError, match=f"'{name}' is not among"):
        query(seen(published, measures), [name])


def test_a_built_in_figure_rests_on_its_own_name_alone():
    assert rests_on(MEASURES["basket"]).measures == ("basket",)
    known = with_own(WINE)
    assert rests_on(known["wine_share"], known).measures == ("wine_share", "wine_revenue", "revenue")
    assert rests_on(known["wine_share"], known).columns == (
        "order_line.kind",
        "order_line.net_revenue",
        "product.category",
    )


def test_the_reference_shows_own_measures_with_their_owner():
    rows = {each.name: each for each in describe(with_own(WINE))}
    assert (rows["wine_revenue"].owner, rows["wine_revenue"].adds_over) == ("Purchasing", ("time", "customers"))
    assert rows["other_than_wine"].of == "revenue - wine_revenue"
    assert "category" in rows["wine_revenue"].seen_by


def test_every_fact_has_a_sort_for_every_column_that_the_engine_agrees_with(published: Published):
    """The sort decides what may be added to what; it is compared with the types the engine gives."""
    kinds = {
        "VARCHAR": {Kind.TEXT, Kind.KEY},
        "BIGINT": {Kind.NUMBER, Kind.KEY},
        "BOOLEAN": {Kind.BOOL},
        "DATE": {Kind.DATE},
        "DECIMAL(18,4)": {Kind.NUMBER},
        "DECIMAL(18,6)": {Kind.NUMBER},
        "DECIMAL(38,4)": {Kind.NUMBER},
        "DECIMAL(38,6)": {Kind.NUMBER},
        "DOUBLE": {Kind.NUMBER},
    }
    view = published.view(lapse_days=30)
    for name, fact in FACTS.items():
        told = view.fetch(fact.rows, {})
        for column, kind in zip(told.column_names, map(str, told.schema.types), strict=True):
            engine = {"string": "VARCHAR", "int64": "BIGINT", "int32": "BIGINT", "bool": "BOOLEAN"}
            said = engine.get(kind) or ("DATE" if kind.startswith("date") else kind.replace("decimal128", "DECIMAL"))
            said = said.replace(", ", ",").replace("double", "DOUBLE")
            assert columns_of(name)[column].sort.kind in kinds[said], (name, column, kind)


def test_a_dimension_that_a_fact_has_as_a_column_is_that_column():
    """Else an own measure would count one thing, and a question that is seen by the dimension another."""
    from clientela.cube.declared.dimension import DIMENSIONS

    for name, fact in FACTS.items():
        for dimension in sorted(fact.dimensions & set(fact.rows.named_selects)):
            told = DIMENSIONS[dimension]
            assert (told.lookup, told.expression) == (None, dimension), (name, dimension)


def test_own_measures_have_types_of_their_units():
    known = with_own({"mean_days": OwnMeasure(fact="invoice", aggregate="average", of="days_late")})
    found = known["mean_days"]
    assert isinstance(found, Measure)
    assert found.unit.type is Type.NUMBER


MANY = (
    *(line(f"w{who}", who, "2024-01-05", "10", channel="web") for who in range(12)),
    *(line(f"s{who}", who, "2024-01-06", "10", channel="store") for who in range(30)),
    line("v0", 0, "2024-01-07", "90", channel="web", product_id="wine"),
    line("v1", 1, "2024-01-07", "5", channel="store", product_id="wine"),
)
FEW = {
    "dear": of_lines(aggregate="sum", of="net_revenue", where="net_revenue > 50"),
    "hidden_in_case": of_lines(aggregate="sum", of="case when net_revenue > 50 then net_revenue else 0 end"),
    "all_lines": of_lines(aggregate="sum", of="net_revenue"),
    "dearest": of_lines(aggregate="max", of="net_revenue"),
}


def of_many(published: Published, names, by=()):
    from clientela.cube.many.answer import of_many as answered

    scope = Scope((Right(reach=EVERYTHING, columns=Names(("*",)), measures=Names(("*",)), least=10),))
    view = own(published, FEW, MANY, scope=scope)
    assert scope.of_many is not None
    return answered(view, scope.of_many, names, by)


def test_an_own_measure_of_few_customers_is_hidden_though_its_fact_has_many(published: Published):
    told = of_many(published, ["dear", "hidden_in_case", "all_lines", "revenue"])
    assert told.totals == (None, None, D(515), D(515))
    assert {place for place in told.hidden if place[0] < 0} == {(-1, 0), (-1, 1)}


def test_an_own_measure_of_many_is_shown_by_what_many_are_seen_by(published: Published):
    assert of_many(published, ["all_lines"], ["channel"]).rows == (("store", D(305)), ("web", D(210)))


def test_the_figure_of_a_single_row_is_not_given_to_who_sees_many_only(published: Published):
    with pytest.raises(NotPermittedError, match="'dearest' is the figure of a single row"):
        of_many(published, ["dearest"])
