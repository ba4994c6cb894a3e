"""data-quality: duplicates, what they distort, what the records know; read through the real cube."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlglot

from clientela.analyse.customer.data_quality import DATA_QUALITY
from clientela.contracts.insight import Insight
from clientela.contracts.text import Text
from clientela.present.arrow import arrow_table
from clientela.present.plain import plain
from clientela.present.say import say, say_value
from tests.unit.analyse.test_customer_base import known
from tests.unit.cube.declared.test_records_counted import with_effect
from tests.unit.cube.published import Published, Row, emptied
from tests.unit.cube.records_known import Company, Rec

MAY, JUNE = date(2024, 5, 5), date(2024, 6, 5)


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)


def ask(published: Published, as_of: date | None = None) -> Insight:
    return DATA_QUALITY.answer(known(published, as_of), {})


def said(texts: tuple[Text, ...]) -> list[str]:
    return [say(each) for each in texts]


def rows(insight: Insight) -> dict[str, list[str]]:
    assert insight.table is not None
    return {say_value(name, "en"): [say_value(each, "en") for each in numbers] for name, *numbers in insight.table.rows}


def shops() -> Company:
    """Eleven customers who bought 10 each; the first under two records, with 60 each, in two systems."""
    return Company(
        records=[
            Rec(1, 1, "crm"),
            Rec(2, 1, "shop", probability="0.96", by="model"),
            *(Rec(n, n, "shop") for n in range(3, 13)),
            Rec(13, 3, "shop", by="rule"),
        ],
        bought=[(1, MAY, Decimal(60)), (2, JUNE, Decimal(60)), *((n, MAY, Decimal(100 - n)) for n in range(3, 13))],
        uncertain=[(4, 5)],
        bridges=[(1, 2)],
    )


def field(source: str, name: str, filled: int, usable: int, copies: int | None = None) -> Row:
    return {"source": source, "field": name, "records": 10, "filled": filled, "usable": usable, "copies": copies}


def test_duplicates_are_said_with_what_they_make_believe(published: Published):
    with_effect(published, shops())
    insight = ask(published)
    assert insight.headline is not None
    assert say(insight.headline) == "2 of 13 records are duplicates (15.4%)."
    assert said(insight.lead) == [
        "Record by record the company would count 12 customers in the last 12 months instead of 11, and believe that "
        "each spends €87.08 instead of €95.00.",
        "1 of the best customers would not be seen as such: €120 of revenue.",
        "A rule found 1 of them, the model 1.",
        "1 pair waits for a person to decide; its customers brought €191 in the last 12 months.",
    ]


def test_each_figure_stands_before_and_after_merging(published: Published):
    with_effect(published, shops())
    published.add(record_field=[field("crm", "email", 9, 9, 1), field("shop", "street", 8, 8, 2)])
    assert rows(ask(published)) == {
        "Customers known": ["13", "11", "−0.15"],
        "Customers who bought": ["12", "11", "−0.08"],
        "Revenue per customer": ["€87.08", "€95.00", "0.09"],
        "Customers who came back": ["0", "1", "unknown"],
        "Share who came back": ["0.0%", "9.1%", "unknown"],
        "Best customers not seen": ["1", "0", "−1"],
        "E-mails sent twice": ["1", "0", "−1"],
        "Letters sent twice": ["2", "0", "−1"],
    }


def test_what_is_not_known_for_sure_is_said(published: Published):
    company = shops()
    with_effect(published, company)
    published.engine.run(
        sqlglot.parse_one(
            "insert into identity_figure values ('values shared by too many records', 'same phone', 3)",
            dialect="duckdb",
        )
    )
    assert said(ask(published).caveats) == [
        "Nobody knows the truth. By the model's own probabilities we expect less than one of the 2 joins to be wrong; "
        "what a rule or a person joined counts as certain.",
        "1 pair alone holds two groups of records together; if it is wrong, one customer is two.",
        "By 3 values no duplicate was looked for, because too many records share them: they name nobody.",
    ]


def test_how_many_joins_are_probably_wrong_is_the_sum_of_what_their_probabilities_lack(published: Published):
    records = [Rec(1, 1), *(Rec(n, 1, probability="0.8") for n in range(2, 12))]
    with_effect(published, Company(records))
    assert "about 2 of the 10 joins" in said(ask(published).caveats)[0]


def test_it_says_what_to_do(published: Published):
    with_effect(published, shops())
    published.add(record_field=[field("crm", "email", 10, 8), field("crm", "phone", 10, 10)])
    assert said(ask(published).next) == [
        "Decide on 1 uncertain pair: clientela identity review.",
        "Have the duplicates mended where they arise, in the systems that hold them.",
        "Have the values mended that cannot be used: E-mail address, 20.0% of them.",
    ]


def test_the_picture_shows_where_the_duplicates_lie(published: Published):
    with_effect(published, shops())
    chart = ask(published).chart
    assert chart is not None
    assert [(say_value(pair, "en"), n) for pair, n in chart.data.rows] == [("crm and shop", 1), ("within shop", 1)]
    assert say(chart.title) == "Duplicates lie above all between crm and shop."


def test_each_field_is_told_over_all_systems_and_by_each(published: Published):
    with_effect(published, shops())
    published.add(
        record_field=[
            field("crm", "email", 8, 6), field("shop", "email", 2, 2),
            field("crm", "phone", 10, 10), field("shop", "phone", 0, 0),
            field("crm", "street", 10, 10), field("shop", "street", 10, 9),
        ]
    )  # fmt: skip
    chart = ask(published).details[-1]
    told = {
        say_value(name, "en"): [each and float(str(each)) for each in numbers] for name, *numbers in chart.data.rows
    }
    assert told["E-mail address"] == [0.4, 0.5, 0.8, 0.6, 0.2]  # usable, filled, usable of filled, crm, shop
    assert told["Telephone number"] == [0.5, 0.5, 1.0, 1.0, 0]
    assert say(chart.title) == "E-mail address: 40.0% of the records have one that can be used."


def test_without_duplicates_it_says_so(published: Published):
    with_effect(published, Company([Rec(1, 1), Rec(2, 2)], [(1, MAY, Decimal(5))]))
    insight = ask(published)
    assert insight.headline is not None
    assert say(insight.headline) == "None of the 2 records is the duplicate of another."
    assert (insight.lead, insight.chart, insight.caveats) == ((), None, ())


def test_records_that_were_not_compared_give_no_answer(published: Published):
    company = shops()
    company = replace(company, records=[replace(each, of=each.number) for each in company.records])
    with_effect(published, company)
    published.engine.run(
        sqlglot.parse_one("delete from identity_figure where figure = 'pairs compared'", dialect="duckdb")
    )
    insight = ask(published)
    assert insight.abstained is not None
    assert say(insight.abstained).startswith("The customer records were not compared with each other")


def test_of_an_earlier_day_nothing_is_said_about_money(published: Published):
    with_effect(published, shops())
    insight = ask(published, date(2024, 6, 1))
    assert "Customers who bought" not in rows(insight)
    assert any("counted only as of the last run, 1 July 2024" in each for each in said(insight.caveats))


def test_without_purchases_nothing_is_said_about_money(published: Published):
    with_effect(published, replace(shops(), bought=()))
    insight = ask(published)
    assert list(rows(insight)) == ["Customers known", "E-mails sent twice", "Letters sent twice"]
    assert any("so nothing is said about money" in each for each in said(insight.caveats))


def test_it_can_be_shown_and_taken_as_a_frame(published: Published):
    with_effect(published, shops())
    insight = ask(published)
    assert plain(insight).startswith("2 of 13 records are duplicates")
    assert arrow_table(insight.table)["by_customer"][2].as_py() == Decimal("95")
