"""customer-base: how many customers there really are, read from a real engine through the real cube."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlglot

from clientela.analyse.customer.customer_base import CUSTOMER_BASE
from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text
from clientela.cube.knowledge import knowledge
from clientela.present.plain import plain
from clientela.present.say import say, say_value
from tests.unit.cube.published import AS_OF, Published, emptied, line
from tests.unit.cube.records_known import Company, Rec

TEN = Decimal(10)


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def known(published: Published, as_of: date | None = None, lapse_days: int | None = 60) -> KnowledgeBase:
    return knowledge(
        published.engine,
        snapshot="7",
        tables=published.tables,
        people=None,
        currency="EUR",
        timezone="UTC",
        lapse_days=lapse_days,
        run_as_of=AS_OF,
        run_known_at=datetime.fromisoformat("2024-07-01T09:30"),
        as_of=as_of,
    )


def ask(published: Published, as_of: date | None = None) -> Insight:
    return CUSTOMER_BASE.answer(known(published, as_of), {})


def said(texts: tuple[Text, ...]) -> list[str]:
    return [say(each) for each in texts]


def two_years() -> Company:
    """Four records of three customers in two systems; sales of two years."""
    return Company(
        records=[
            Rec(1, 1, "crm", created=date(2020, 1, 1), kind="person"),
            Rec(2, 1, "shop", probability="0.9", by="model"),
            Rec(3, 3, "shop", kind="organisation"),
            Rec(4, 4, "crm", created=date(2024, 2, 9)),
        ],
        bought=[
            (1, date(2022, 6, 20), TEN), (2, date(2023, 1, 10), TEN), (2, date(2024, 6, 20), TEN),
            (3, date(2024, 3, 3), TEN), (3, date(2024, 6, 2), TEN),
        ],
        uncertain=[(3, 4)],
    )  # fmt: skip


def test_records_are_said_as_the_customers_they_are_with_the_growth_of_buyers(published: Published):
    two_years().publish(published)
    insight = ask(published)
    assert insight.headline is not None and insight.figure is not None
    assert say(insight.headline) == (
        "4 records in 2 systems are 3 customers; 2 bought in the last 12 months, 100.0% more than the year before."
    )
    assert said(insight.lead) == [
        "1 customer has several records (33.3% of all).",
        "1 is known to more than one system.",
        "1 is a person and 1 is an organisation; of 1 no record says which.",
        "2 are active: their last purchase is no more than 60 days ago.",
        "1 never bought.",
    ]
    assert (insight.figure.value.value, insight.figure.change, insight.figure.better) == (2, 1.0, True)
    assert (
        say(insight.sure[1]) == "Which records are one customer is estimated: less than one join of 1 should be wrong."
    )
    assert said(insight.next) == ["Decide on the uncertain pairs: clientela identity review."]


def test_a_customer_is_new_at_the_first_purchase_and_else_when_the_record_was_made(published: Published):
    two_years().publish(published)
    table = ask(published).table
    assert table is not None
    rows = {say_value(month, "en"): numbers for month, *numbers in table.rows}
    assert rows["June 2024"] == [0, 2, 3]
    assert rows["March 2024"] == [1, 1, 3]
    assert rows["February 2024"] == [1, 0, 2]  # never bought: the day its record was made
    assert rows["January 2024"] == [0, 0, 1]


def test_months_without_anybody_new_are_drawn_too(published: Published):
    two_years().publish(published)
    chart = ask(published).chart
    assert chart is not None
    assert len(chart.data.rows) == 24
    assert dict(chart.data.rows)[date(2024, 1, 1)] == 0
    assert chart.incomplete == ()  # 30 June was the last day of its month


def test_who_came_on_an_unknown_day_is_seen(published: Published):
    Company([Rec(1, 1), Rec(2, 2)], [(1, date(2024, 5, 5), TEN)]).publish(published)
    insight = ask(published)
    assert insight.table is not None
    assert insight.table.rows[-1] == (Text("Day unknown"), 1, None, None)
    assert any(each.startswith("Of 1 customer it is not known when they came") for each in said(insight.caveats))


def test_on_an_earlier_day_customers_of_an_unknown_day_are_left_out_and_that_is_said(published: Published):
    Company([Rec(1, 1), Rec(2, 2), Rec(3, 3)], [(1, date(2024, 1, 5), TEN), (2, date(2024, 5, 5), TEN)]).publish(
        published
    )
    insight = ask(published, date(2024, 2, 1))
    assert insight.headline is not None
    assert say(insight.headline).startswith("1 record in 1 system is 1 customer; 1 bought since 5 January 2024")
    assert any(each.startswith("2 customers are left out here") for each in said(insight.caveats))


def test_without_records_no_key_was_compared_and_that_is_said(published: Published):
    company = Company([Rec(1, 1), Rec(2, 2)], [(1, date(2024, 5, 5), TEN), (2, date(2024, 6, 5), TEN)])
    company.publish(published)
    published.tables -= {"customer_record", "identity_figure", "identity_event", "identity_pair"}
    insight = ask(published)
    assert insight.headline is not None
    assert say(insight.headline) == "2 customers are known, each by a key of their own; 2 bought since 5 May 2024."
    assert any(each.startswith("No system delivers customer records") for each in said(insight.caveats))
    assert said(insight.next) == ["Deliver customer records (table customer_record), so that duplicates can be found."]
    assert insight.sure == ()


def test_records_that_were_not_compared_are_not_said_to_be_without_duplicates(published: Published):
    Company([Rec(1, 1), Rec(2, 2)]).publish(published)
    published.engine.run(
        sqlglot.parse_one("delete from identity_figure where figure = 'pairs compared'", dialect="duckdb")
    )
    insight = ask(published)
    assert not any("no duplicate was found" in each for each in said(insight.lead))
    assert any("were not compared" in each for each in said(insight.caveats))


def test_with_records_alone_it_says_nothing_of_purchases(published: Published):
    records = [Rec(1, 1, created=date(2024, 1, 2)), Rec(2, 1, created=date(2024, 3, 2)), Rec(3, 3)]
    Company(records).publish(published)
    published.tables -= {"order_line"}
    insight = ask(published)
    assert insight.headline is not None
    assert say(insight.headline) == "3 records in 1 system are 2 customers."
    assert "bought" not in " ".join(said(insight.lead))
    assert insight.table is not None
    assert [numbers for _, *numbers in insight.table.rows][-2:] == [[1, 0, 2], [1, None, None]]  # January, day unknown


def test_without_lapse_days_nobody_is_called_lapsed(published: Published):
    Company([Rec(1, 1)], [(1, date(2024, 5, 5), TEN)]).publish(published)
    insight = CUSTOMER_BASE.answer(known(published, lapse_days=None), {})
    assert "lapsed" not in " ".join(said(insight.lead))


def test_revenue_that_names_nobody_stands_beside(published: Published):
    company = Company([Rec(1, 1)], [(1, date(2024, 5, 5), TEN)])
    company.publish(published)
    published.tables -= {"order_line"}
    published.engine.run(sqlglot.parse_one("drop table order_line", dialect="duckdb"))
    published.add(order_line=[*company.lines, line("till", None, "2024-05-06", "30")])
    assert "Beside them, 75% of the revenue of that time names no customer." in said(ask(published).lead)


def test_without_anybody_it_abstains(published: Published):
    insight = ask(published)
    assert insight.abstained is not None
    assert say(insight.abstained).startswith("No customer is known yet.")


def test_one_record_is_one_customer_in_the_singular(published: Published):
    Company([Rec(1, 1, created=date(2024, 1, 2))]).publish(published)
    insight = ask(published)
    assert insight.headline is not None
    assert say(insight.headline) == "1 record in 1 system is 1 customer."
    assert said(insight.lead) == ["Each of them has one record: no duplicate was found."]


def test_many_groups_of_systems_are_drawn_as_eight_and_the_others(published: Published):
    Company([Rec(n, n, f"system{n % 10}") for n in range(1, 31)]).publish(published)
    chart = ask(published).chart  # no month is known
    assert chart is not None
    assert [n for _, n in chart.data.rows] == [3] * 8 + [6]
    assert say(chart.title) == "No customer is known to more than one system."


def test_it_can_be_shown_as_text(published: Published):
    two_years().publish(published)
    assert plain(ask(published)).startswith("4 records in 2 systems are 3 customers;")
