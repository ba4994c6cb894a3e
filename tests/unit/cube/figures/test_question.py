from clientela.cube.declared.dimension import DIMENSIONS, LOOKUPS
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import MEASURES, Measure, Ratio, Sum
from clientela.cube.figures.question import describe


def test_every_measure_is_counted_on_a_fact_or_divides_two_that_are():
    for each in MEASURES.values():
        if isinstance(each, Ratio):
            assert isinstance(MEASURES[each.numerator], Measure), each.name
            assert isinstance(MEASURES[each.denominator], Measure), each.name
        elif isinstance(each, Sum):
            assert all(isinstance(MEASURES[name], Measure) for _, name in each.terms), each.name
        else:
            assert each.fact in FACTS, each.name


def test_no_measure_bears_the_name_of_a_dimension():
    assert not MEASURES.keys() & DIMENSIONS.keys()


def test_every_dimension_is_reached_by_some_fact_and_its_lookup_is_known():
    assert frozenset().union(*(each.dimensions for each in FACTS.values())) == DIMENSIONS.keys()
    assert {each.lookup for each in DIMENSIONS.values()} - {None} == LOOKUPS.keys()


def test_the_reference_has_a_row_for_every_measure_and_dimension():
    rows = {(each.kind, each.name): each for each in describe()}
    assert len(rows) == len(MEASURES) + len(DIMENSIONS)
    customers = rows["measure", "customers"]
    assert (customers.unit, customers.of, customers.adds_over) == ("count", "order_line", ("customers",))
    assert rows["measure", "basket"].of == "revenue / orders"
    fiscal = ("fiscal_month", "fiscal_quarter", "fiscal_year")
    assert rows["measure", "lost_customers"].seen_by == (
        "day",
        "week",
        "month",
        "quarter",
        "year",
        *fiscal,
        "customer",
        "segment",
        "rfm_group",
        "cluster",
        "life_state",
        "investment_tier",
        "customer_class",
        "class_before",
        "sector",
        "payment_terms",
    )
    assert rows["dimension", "month"].of == "time, level 2"
