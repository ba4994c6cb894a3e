"""What is counted of records and of the customers they are, against plain Python counts."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clientela.contracts.filter import Condition, Operator
from clientela.cube.figures.query import query
from clientela.cube.view import AS_OF_TABLES
from clientela.warehouse.asof import as_known
from clientela.warehouse.model import ALL, load_models
from tests.unit.cube.published import AS_OF, KNOWN_AT, Published, line
from tests.unit.cube.records_known import Company, Rec, grown

LAPSE = 30


def totals(published: Published, *measures: str) -> tuple[object, ...]:
    found = query(published.view(lapse_days=LAPSE), measures).totals
    assert found is not None
    return found


def effect(published: Published) -> list[dict[str, object]]:
    """What the model of the run makes of the published tables."""
    model = next(each for each in load_models("clientela.analyse.customer") if each.name == "duplicate_effect")
    tree = as_known(model.tree, ALL, as_of_tables=AS_OF_TABLES)
    return published.engine.fetch(tree, {"as_of": AS_OF, "known_at": KNOWN_AT}).to_pylist()


def with_effect(published: Published, company: Company) -> Published:
    """The company with what the model of the run makes of it."""
    company.publish(published)
    return published.add(duplicate_effect=[{**row, "as_of": AS_OF} for row in effect(published)])


@pytest.mark.parametrize("seed", range(5))
def test_customers_and_records_are_counted_as_plain_python_does(published: Published, seed: int):
    company = grown(seed)
    company.publish(published)
    started = _started(company)
    known = {who for who, day in started.items() if day is None or day < AS_OF}
    records = [each for each in company.records if each.of in known]
    last: dict[int, date] = {}
    for record, day, money in company.bought:
        if money > 0:
            last[company.customer_of[record]] = max(last.get(company.customer_of[record], date.min), day)
    active = sum((AS_OF - day).days <= LAPSE for day in last.values())
    assert totals(published, "known_customers", "records", "buyers", "active_customers") == (
        len(known), len(records), len(last), active,
    )  # fmt: skip
    view = published.view()
    each = Counter(min(4, n) for n in Counter(record.of for record in records).values())
    assert dict(query(view, ["known_customers"], ["records_each"]).rows) == dict(each)
    systems = Counter(", ".join(sorted({record.source for record in records if record.of == who})) for who in known)
    assert dict(query(view, ["known_customers"], ["systems"]).rows) == dict(systems)
    months = Counter(day.replace(day=1) if day else None for who, day in started.items() if who in known)
    assert dict(query(view, ["known_customers"], ["month"]).rows) == dict(months)


def _started(company: Company) -> dict[int, date | None]:
    """When each customer came: the first purchase, else the oldest record that says when it was made."""
    started: dict[int, date | None] = {}
    for each in company.records:
        days = [day for record, day, money in company.bought if money > 0 and company.customer_of[record] == each.of]
        made_on = [other.created for other in company.records if other.of == each.of and other.created]
        started[each.of] = min(days, default=min(made_on, default=None))
    return started


@pytest.mark.parametrize("seed", range(5))
def test_what_duplicates_distort_is_what_counting_record_by_record_would_say(published: Published, seed: int):
    company = grown(seed)
    with_effect(published, company)
    year = company.in_the_year()
    sales = [each for each in year if each[2] > 0]
    records, customers = {each[0] for each in sales}, {company.customer_of[each[0]] for each in sales}
    during = Condition("day", Operator.BETWEEN, (AS_OF - timedelta(days=365), AS_OF - timedelta(days=1)))
    assert query(published.view(), ["customers"], where=during).totals == (len(customers),)
    days = {(record, day) for record, day, _ in sales}
    days_of = {(company.customer_of[record], day) for record, day, _ in sales}
    returned_by_record = sum(n > 1 for n in Counter(record for record, _ in days).values())
    returned = sum(n > 1 for n in Counter(who for who, _ in days_of).values())
    assert totals(published, "counted_twice", "repeat_customers", "repeat_gap") == (
        len(records) - len(customers), returned, returned_by_record - returned,
    )  # fmt: skip
    several = {who for who, n in Counter(company.customer_of[record] for record in records).items() if n > 1}
    hidden = several & company.top(by_record=False) - company.top(by_record=True)
    revenue = sum((money for record, _, money in year if company.customer_of[record] in hidden), Decimal(0))
    assert totals(published, "hidden_best", "hidden_best_revenue") == (len(hidden), revenue)


@pytest.mark.parametrize("seed", range(3))
def test_duplicates_pairs_and_the_money_at_stake(published: Published, seed: int):
    company = grown(seed)
    company.publish(published)
    later = [each for each in company.records if each.number != each.of]
    source = {each.number: each.source for each in company.records}
    pairs = Counter(", ".join(sorted({each.source, source[each.of]})) for each in later)
    view = published.view()
    assert dict(query(view, ["duplicate_records"], ["system_pair"]).rows) == dict(pairs)
    assert dict(query(view, ["duplicate_records"], ["found_by"]).rows) == dict(Counter(each.by for each in later))
    wrong = sum((1 - Decimal(each.probability) for each in later), Decimal(0))
    asked = {company.customer_of[number] for pair in company.uncertain for number in pair}
    stake = sum((money for record, _, money in company.bought if company.customer_of[record] in asked), Decimal(0))
    assert totals(published, "duplicate_records", "joins_expected_wrong", "uncertain_pairs", "uncertain_revenue") == (
        len(later), wrong, 4, stake,
    )  # fmt: skip


def test_a_hidden_best_customer_is_of_the_first_tenth_only_as_a_whole(published: Published):
    day = date(2024, 6, 1)
    records = [Rec(1, 1), Rec(2, 1, "shop"), *(Rec(n, n) for n in range(3, 13))]
    bought = [(1, day, Decimal(60)), (2, day, Decimal(60)), *((n, day, Decimal(100 - n)) for n in range(3, 13))]
    with_effect(published, Company(records, bought))
    # of 11 customers the first tenth are the two with 120 and 97; of 12 records those with 97 and 96
    assert totals(published, "hidden_best", "hidden_best_revenue", "counted_twice") == (1, Decimal(120), 1)


def test_who_bought_on_one_day_under_each_of_two_records_came_back_only_as_one(published: Published):
    records = [Rec(1, 1), Rec(2, 1, "shop"), Rec(3, 3)]
    bought = [(1, date(2024, 5, 1), Decimal(1)), (2, date(2024, 6, 1), Decimal(1)), (3, date(2024, 6, 1), Decimal(1))]
    with_effect(published, Company(records, bought))
    assert totals(published, "repeat_customers", "repeat_gap") == (1, -1)


def test_a_return_takes_its_revenue_off_the_record_that_gave_back(published: Published):
    day = date(2024, 5, 2)
    bought = [(1, day, Decimal(50)), (2, day, Decimal(30)), (2, day + timedelta(days=9), Decimal(-30))]
    Company([Rec(1, 1), Rec(2, 1)], bought).publish(published)
    (row,) = effect(published)
    assert (row["records"], row["revenue"], row["best_record_revenue"]) == (2, Decimal(50), Decimal(50))


def test_without_duplicates_nothing_is_distorted(published: Published):
    company = Company([Rec(1, 1), Rec(2, 2)], [(1, date(2024, 6, 1), Decimal(5)), (2, date(2024, 6, 1), Decimal(5))])
    with_effect(published, company)
    assert effect(published) == []
    assert totals(published, "counted_twice", "repeat_gap", "hidden_best", "duplicate_records") == (0, 0, 0, 0)


def test_a_pair_of_one_system_bears_its_name_alone(published: Published):
    Company([Rec(1, 1), Rec(2, 1), Rec(3, 1, "shop")]).publish(published)
    found = query(published.view(), ["duplicate_records"], ["system_pair"])
    assert found.rows == (("crm", 1), ("crm, shop", 1))


def test_fields_are_counted_over_systems_and_by_each(published: Published):
    published.add(
        record_field=[
            {"source": "crm", "field": "email", "records": 10, "filled": 8, "usable": 6, "copies": 2},
            {"source": "shop", "field": "email", "records": 30, "filled": 30, "usable": 30, "copies": 1},
            {"source": "crm", "field": "name", "records": 10, "filled": 10, "usable": 9, "copies": None},
        ]
    )
    found = query(
        published.view(), ["field_records", "filled_share", "usable_share", "field_copies"], ["field"], order=["field"]
    )
    assert found.rows == (
        ("email", 40, Decimal("0.95"), Decimal("0.947368"), 3),
        ("name", 10, Decimal(1), Decimal("0.9"), None),
    )


def test_customers_who_may_be_contacted_are_counted_once(published: Published):
    at = AS_OF - timedelta(days=1)
    published.add(
        customer_consent=[
            {"customer_id": who, "purpose": "news", "channel": channel, "decision": said, "records": 1}
            for who, channel, said in ((1, "mail", "given"), (1, "post", "given"), (2, "mail", "withdrawn"))
        ],
        order_line=[line("1", 1, str(at), "1")],
    )
    assert totals(published, "customers_asked", "customers_to_contact") == (2, 1)
