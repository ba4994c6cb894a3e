from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.contracts.filter import Condition, Operator
from clientela.cube.declared.measure import MEASURES, Ratio, Sum
from clientela.cube.figures import counting
from clientela.cube.figures.query import members, plan, query
from clientela.cube.figures.question import describe, understood
from clientela.cube.filters import Bound
from clientela.errors import QueryError, UnknownNameError, UnreachableError
from clientela.warehouse.portable import check
from tests.unit.cube.published import Published, line, reference

JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
D = Decimal

LINES = (
    line("1", 1, "2024-01-05", "10", product_id="soap", cost_of_goods=D(4), discount=D(2)),
    line("1", 1, "2024-01-05", "5", line_no="2", product_id="salt"),
    line("2", 2, "2024-02-05", "7", product_id="soap", cost_of_goods=D(3), discount=D(1)),
    line("3", None, "2024-02-06", "3"),
    line("4", 1, "2024-03-05", "-2", kind="return", product_id="soap"),
)
PRODUCTS = (
    reference(product_id="soap", name="Soap", category="Home"),
    reference(product_id="salt", name="Salt", category="Kitchen"),
)


def test_a_total_counts_anew_and_adds_no_rows_up(published: Published):
    result = query(published.add(order_line=LINES).view(), ["revenue", "orders", "customers", "basket"], ["month"])
    assert result.rows == (
        (JANUARY, D(15), 1, 1, D(15)),
        (FEBRUARY, D(10), 2, 1, D(5)),
        (MARCH, D(-2), 0, 0, None),
    )
    assert result.totals == (None, D(23), 3, 2, D("7.6667"))


def test_one_order_in_two_categories_is_one_order_in_total(published: Published):
    result = query(published.add(order_line=LINES, product=PRODUCTS).view(), ["orders", "revenue"], ["category"])
    assert result.rows == (("Home", 2, D(15)), ("Kitchen", 1, D(5)), (None, 1, D(3)))
    assert result.totals == (None, 3, D(23))


def test_margin_is_that_of_the_lines_whose_cost_is_known(published: Published):
    view = published.add(order_line=LINES).view()
    result = query(view, ["margin", "margin_share", "cost_known_share", "discount_share"], ["month"])
    assert result.rows == (
        (JANUARY, D(6), D("0.6"), D("0.666667"), D("0.166667")),
        (FEBRUARY, D(4), D("0.571429"), D("0.7"), D("0.125")),
        (MARCH, None, None, D(0), None),
    )
    assert result.totals == (None, D(10), D("0.588235"), D("0.73913"), D("0.15"))


def test_new_and_lost_customers_stand_beside_revenue_of_the_same_month(published: Published):
    view = published.add(order_line=LINES).view(lapse_days=30)
    result = query(view, ["revenue", "new_customers", "lost_customers"], ["month"])
    assert result.rows == (
        (JANUARY, D(15), 1, 0),
        (FEBRUARY, D(10), 1, 1),  # customer 1, on 4 February: 30 days after 5 January
        (MARCH, D(-2), 0, 1),
    )
    assert result.totals == (None, D(23), 2, 2)


def test_a_gap_of_exactly_lapse_days_loses_nobody(published: Published):
    lines = (line("1", 1, "2024-01-01", "1"), line("2", 1, "2024-01-31", "1"))
    view = published.add(order_line=lines).view(as_of=date(2024, 3, 1), lapse_days=30)
    assert query(view, ["lost_customers"], ["day"]).rows == ()
    view = published.view(as_of=date(2024, 3, 2), lapse_days=30)
    assert query(view, ["lost_customers"], ["day"]).rows == ((date(2024, 3, 1), 1),)


def test_expected_losses_are_read_as_of_the_date(published: Published):
    scores = [
        {"analysis": analysis, "customer_id": who, "as_of": date(2024, month, 1), "value": D(value), "unit": "share"}
        for analysis, who, month, value in (
            ("churn-risk", 1, 7, "0.4"),
            ("churn-risk", 2, 7, "0.25"),
            ("churn-loss", 1, 7, "12.5"),
            ("churn-risk", 1, 6, "0.9"),
        )
    ]
    measures = ["customers_scored", "customers_at_risk", "expected_loss"]
    published.add(score=[{**row, "model_version": "1"} for row in scores])
    assert query(published.view(), measures).totals == (2, D("0.65"), D("12.5"))
    assert query(published.view(as_of=date(2024, 6, 1)), measures).totals == (1, D("0.9"), None)


def test_what_no_source_delivered_is_empty(published: Published):
    result = query(published.view(), ["revenue", "orders", "margin", "customers_at_risk"], ["customer"])
    assert result.rows == ()
    assert result.totals == (None, D(0), 0, None, None)


def test_joins_to_products_and_territories_multiply_no_line(published: Published):
    product = (*PRODUCTS, {**PRODUCTS[0], "category": "Garden"})  # two rows of one key: the contract is broken
    places = [reference(territory_id="t1", name="North", level="region")] * 2
    lines = [{**row, "territory_id": "t1"} for row in LINES]
    view = published.add(order_line=lines, product=product, territory=places).view()
    for by in (["category", "region"], ["product_name", "customer"], ["brand", "nation", "day"]):
        result = query(view, ["revenue", "order_lines"], by)
        assert sum(row[-2] for row in result.rows) == D(23), by
        assert sum(row[-1] for row in result.rows) == 4, by
        assert result.totals[-2:] == (D(23), 4), by


def test_a_line_with_members_unknown_so_far_keeps_its_revenue(published: Published):
    late = reference(product_id="soap", category="Home", known_from=date_time("2024-06-01"))
    published.add(order_line=LINES, product=[late])
    early = published.view(date(2024, 5, 1), date_time("2024-05-01"))
    assert query(early, ["revenue"], ["category"]).rows == ((None, D(23)),)
    assert query(published.view(), ["revenue"], ["category"]).rows == (("Home", D(15)), (None, D(8)))


def test_a_correction_shows_only_after_it_was_known(published: Published):
    corrected = date_time("2024-06-01")
    wrong = {**LINES[0], "known_until": corrected}
    right = {**LINES[0], "net_revenue": D(100), "known_from": corrected}
    view = published.add(order_line=[wrong, right]).view
    assert query(view(date(2024, 5, 1), date_time("2024-05-01")), ["revenue"]).totals == (D(10),)
    assert query(view(date(2024, 5, 1), date_time("2024-06-02")), ["revenue"]).totals == (D(100),)


def test_the_largest_come_first_and_the_total_is_of_all(published: Published):
    view = published.add(order_line=LINES).view()
    result = query(view, ["revenue", "basket"], ["month"], order=["-basket"], limit=2)
    assert [row[0] for row in result.rows] == [JANUARY, FEBRUARY]
    assert result.totals == (None, D(23), D("7.6667"))
    unknown_last = query(view, ["basket"], ["month"], order=["basket"])
    assert [row[0] for row in unknown_last.rows] == [FEBRUARY, JANUARY, MARCH]


def test_ties_are_broken_by_the_grain(published: Published):
    lines = [line(str(who), who, "2024-01-05", "1") for who in (3, 1, 2)]
    result = query(published.add(order_line=lines).view(), ["revenue"], ["customer"], order=["-revenue"])
    assert [row[0] for row in result.rows] == [1, 2, 3]


def test_columns_say_their_type_unit_and_label(published: Published):
    columns = query(published.view(), ["revenue", "orders", "days_since_purchase"], ["month"]).columns
    assert [(each.name, each.type.value, each.unit, each.measure) for each in columns] == [
        ("month", "date", None, False),
        ("revenue", "money", "EUR", True),
        ("orders", "int", None, True),
        ("days_since_purchase", "int", "days", True),
    ]
    assert columns[1].label is not None
    assert columns[1].label.id == "Revenue"


def test_districts_roll_up_to_regions_and_nations(published: Published):
    places = (
        reference(territory_id="d", name="Harbour", level="district", parent_id="r"),
        reference(territory_id="r", name="Coast", level="region", parent_id="n"),
        reference(territory_id="n", name="Spain", level="nation"),
    )
    lines = [line(place, 1, "2024-01-05", "1", territory_id=place) for place in ("d", "r", "n", "x")]
    result = query(
        published.add(order_line=lines, territory=places).view(),
        ["revenue"],
        ["territory", "district", "region", "nation"],
    )
    assert [row[:4] for row in result.rows] == [
        ("Coast", None, "Coast", "Spain"),
        ("Harbour", "Harbour", "Coast", "Spain"),
        ("Spain", None, None, "Spain"),
        (None, None, None, None),
    ]


def test_members_are_the_values_that_occur(published: Published):
    view = published.add(order_line=LINES, product=PRODUCTS).view()
    assert members(view, "category") == ("Home", "Kitchen")
    assert members(view, "month", limit=2) == (JANUARY, FEBRUARY)
    assert members(view, "product_name", where=Condition("month", Operator.EQ, FEBRUARY)) == ("Soap",)


def test_a_dimension_that_a_fact_cannot_reach_is_refused_by_name(published: Published):
    view = published.view()
    with pytest.raises(UnreachableError, match="'new_customers' is counted on 'customer_start', which has no dim"):
        query(view, ["revenue", "new_customers"], ["category"])
    with pytest.raises(UnreachableError, match="'score' can be seen by: class_before, cluster, customer"):
        query(view, ["customers_at_risk"], where=Condition("month", Operator.EQ, JANUARY))


def test_unknown_names_are_answered_with_the_nearest(published: Published):
    view = published.view()
    with pytest.raises(UnknownNameError, match="Did you mean 'revenue'"):
        query(view, ["revenu"])
    with pytest.raises(UnknownNameError, match="Did you mean 'month'"):
        query(view, ["revenue"], ["months"])
    with pytest.raises(UnknownNameError, match="unknown column to order by 'orders'"):
        query(view, ["revenue"], ["month"], order=["orders"])
    with pytest.raises(UnknownNameError, match="unknown dimension 'net_revenue'"):
        query(view, ["revenue"], where=Condition("net_revenue", Operator.GT, D(1)))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"measures": []}, "at least one measure"),
        ({"measures": "revenue"}, "list of names"),
        ({"measures": ["revenue", "revenue"]}, "asked for twice"),
        ({"measures": ["revenue"], "by": ["day", "day"]}, "asked for twice"),
        ({"measures": ["revenue"], "limit": 0}, "limit takes 1 or more"),
    ],
)
def test_a_question_that_makes_no_sense_says_why(published: Published, asked: dict[str, object], said: str):
    with pytest.raises(QueryError, match=said):
        query(published.view(), **asked)  # type: ignore[arg-type]


def test_lost_customers_need_lapse_days(published: Published):
    with pytest.raises(QueryError, match="lapse_days"):
        query(published.add(order_line=LINES).view(lapse_days=None), ["lost_customers"])
    assert query(published.view(lapse_days=None), ["new_customers"]).totals == (2,)


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_measure_is_portable_and_answers_on_nothing(published: Published, monkeypatch, name: str):
    seen_by = sorted(next(each.seen_by for each in describe() if each.name == name))
    with monkeypatch.context() as patch:
        patch.setattr(counting, "met", lambda *_: None)  # bits are this engine's own
        check(plan(understood([name], seen_by[:1], None, ["-" + name], None), Bound(), published.view()), name)
    figure = query(published.view(), [name]).totals
    measure = MEASURES[name]
    assert figure == (None if isinstance(measure, Ratio | Sum) else measure.empty,)


def date_time(said: str) -> datetime:
    return datetime.fromisoformat(said)
