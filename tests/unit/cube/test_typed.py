"""What a person types is read into the filter tree, or refused in one sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.schema import Type
from clientela.cube.typed import read
from clientela.errors import ClientelaError, QueryError, UnknownNameError

TYPES = {
    "channel": Type.TEXT, "brand": Type.TEXT, "month": Type.DATE, "customer": Type.INT, "net_revenue": Type.MONEY,
    "is_sale": Type.BOOL, "at": Type.INSTANT,
}  # fmt: skip
WEB = Condition("channel", Operator.EQ, "web")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("channel = 'web'", WEB),
        ("'web' = channel", WEB),
        ("(channel = 'web')", WEB),
        ("channel <> 'web'", Condition("channel", Operator.NE, "web")),
        ("channel = 'O''Neil; drop table x --'", Condition("channel", Operator.EQ, "O'Neil; drop table x --")),
        ("customer = -3", Condition("customer", Operator.EQ, -3)),
        ("5 < customer", Condition("customer", Operator.GT, 5)),
        ("5 >= customer", Condition("customer", Operator.LE, 5)),
        ("net_revenue >= 1.50", Condition("net_revenue", Operator.GE, Decimal("1.50"))),
        ("channel in ('web', 'store')", Condition("channel", Operator.IN, ("web", "store"))),
        ("channel not in ('web')", Not(Condition("channel", Operator.IN, ("web",)))),
        ("customer between 1 and 9", Condition("customer", Operator.BETWEEN, (1, 9))),
        ("brand is null", Condition("brand", Operator.IS_NULL)),
        ("brand is not null", Not(Condition("brand", Operator.IS_NULL))),
        ("is_sale", Condition("is_sale", Operator.EQ, True)),
        ("not is_sale", Not(Condition("is_sale", Operator.EQ, True))),
        ("is_sale = false", Condition("is_sale", Operator.EQ, False)),
        ("starts_with(brand, 'A')", Condition("brand", Operator.STARTS_WITH, "A")),
        ("contains(brand, 'A')", Condition("brand", Operator.CONTAINS, "A")),
        ("brand like 'A%'", Condition("brand", Operator.STARTS_WITH, "A")),
        ("brand like '%A%'", Condition("brand", Operator.CONTAINS, "A")),
        ("at > '2024-01-02 03:04'", Condition("at", Operator.GT, datetime(2024, 1, 2, 3, 4))),
        ("month = '2024-03-05'", Condition("month", Operator.EQ, date(2024, 3, 5))),
        ("month = '2024-02'", Condition("month", Operator.BETWEEN, (date(2024, 2, 1), date(2024, 2, 29)))),
        ("month != '2024'", Not(Condition("month", Operator.BETWEEN, (date(2024, 1, 1), date(2024, 12, 31))))),
        ("month >= '2024-Q4'", Condition("month", Operator.GE, date(2024, 10, 1))),
        ("month > '2024-Q4'", Condition("month", Operator.GT, date(2024, 12, 31))),
        ("month <= '2020-W53'", Condition("month", Operator.LE, date(2021, 1, 3))),
        ("month < '2024'", Condition("month", Operator.LT, date(2024, 1, 1))),
        ("month between '2023' and '2024-06'",
         Condition("month", Operator.BETWEEN, (date(2023, 1, 1), date(2024, 6, 30)))),
        ("month in ('2024-01-01')", Or((Condition("month", Operator.EQ, date(2024, 1, 1)),))),
        ("channel = 'web' and brand = 'X' and customer = 1",
         And((WEB, Condition("brand", Operator.EQ, "X"), Condition("customer", Operator.EQ, 1)))),
        ("channel = 'web' or (brand = 'X' and not customer = 1)",
         Or((WEB, And((Condition("brand", Operator.EQ, "X"), Not(Condition("customer", Operator.EQ, 1))))))),
    ],
)  # fmt: skip
def test_a_text_becomes_a_tree(said: str, expected: Filter) -> None:
    assert read(said, TYPES) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "the filter is empty"),
        ("channel =", "the filter cannot be read"),
        ("channel = 'web", "the filter cannot be read"),
        ("channel ->", "the filter cannot be read"),
        ("channel = 'web' order by 1", "more than a condition"),
        ("channel = 'web' limit 1", "more than a condition"),
        ("channel = 'web' union select 1", "more than a condition"),
        ("channel = 'web'; select 1", "more than a condition"),
        ("1 = 1", "'1' is no field"),
        ("true", "'TRUE' is no comparison"),
        ("channel = brand", "compared with a value, not with 'brand'; a text stands in quotes. A filter is made of"),
        ("channel = (select 1)", "compared with a value"),
        ("channel in (select brand from x)", "takes a list of values in parentheses. A filter is made of"),
        ("exists (select 1)", "is no comparison"),
        ("read_csv('x') = 1", "is no field"),
        ("x.channel = 'web'", "is no field"),
        ("channel = 3", "'channel' is a text: put quotes around 3"),
        ("customer = 'x'", "'customer' takes a number; 'x' is not one"),
        ("customer = 1.5", "takes a whole number"),
        ("month = '2024-13'", "'month' takes a day, month, quarter"),
        ("month = '2024-W54'", "'month' takes a day"),
        ("month = '٢٠٢٤'", "'month' takes a day"),
        ("month = 3", "'month' takes a day"),
        ("at = 'x'", "'at' takes a moment"),
        ("brand like 'A_%'", "takes 'abc%' or '%abc%'"),
        ("brand like '%'", "takes 'abc%' or '%abc%'"),
        ("brand is true", "'brand is' takes null, or not null. A filter is made of"),
        ("channel", "is no comparison"),
        ("lower(channel) = 'web'", "is no field"),
        ("a" * 10_001, "10001 letters"),
    ],
)
def test_what_is_no_filter_is_one_sentence(said: str, expected: str) -> None:
    with pytest.raises(QueryError, match="(?s)" + expected.replace("(", r"\(").replace(")", r"\)")):
        read(said, TYPES)


def test_an_unknown_field_says_which_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"chanel.*Did you mean 'channel'"):
        read("chanel = 'web'", TYPES)


def test_parentheses_without_end_are_refused() -> None:
    with pytest.raises(QueryError):
        read("(" * 4_000 + "is_sale" + ")" * 4_000, TYPES)


@given(st.text(alphabet="()'\"=<>-;,.% abcdehilnorstw0123456789", max_size=60))
def test_whatever_is_typed_is_a_filter_or_a_sentence(said: str) -> None:
    try:
        read(said, TYPES)
    except ClientelaError as error:
        assert str(error)
