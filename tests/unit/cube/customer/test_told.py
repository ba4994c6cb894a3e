"""What was written down of a customer is narrowed as the query of whoever asks would narrow it, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from sqlglot import exp, parse_one

from clientela.contracts.derived.pages import RESTS_ON
from clientela.contracts.schema import AS_STORED, Type
from clientela.cube.customer.asked import Question
from clientela.cube.customer.told import FORM, Part, form, of_everybody, remaining, told
from clientela.pipeline.pages.parts import PARTS

LISTS = {"places": ["north", "coast"]}
WHOLE = "select day from order_line where customer_id = $customer"


def select(sql: str) -> exp.Select:
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Select)
    return tree


def let_through(condition: str, row: dict[str, Any], *passing: str) -> bool | None:
    """What a person's further condition says of a row."""
    more = remaining(select(WHOLE), select(f"{WHOLE} and ({condition})"), tuple(row))
    assert more is not None and len(more) == 1
    return more[0](row, lambda name: name in passing, LISTS)


HERE = "list_contains($places, territory_id)"
OWN = f"{HERE} or (territory_id is null and $passes_0)"


@pytest.mark.parametrize(
    ("condition", "territory", "passing", "seen"),
    [
        ("$passes_0", None, ("passes_0",), True),
        ("$passes_0", None, (), False),
        (HERE, "coast", (), True),
        (HERE, "rome", (), False),
        (HERE, None, (), None),
        (OWN, "north", (), True),
        (OWN, "rome", ("passes_0",), False),
        (OWN, None, ("passes_0",), True),
        (OWN, None, (), None),  # unknown or not so: not shown
        (f"not coalesce({HERE}, false)", None, (), True),
        (f"not {HERE}", None, (), None),
        (f"({HERE} and $passes_0) or territory_id is null", "coast", (), False),
    ],
)
def test_a_condition_says_of_a_row_what_the_engine_would(
    condition: str, territory: str | None, passing: tuple[str, ...], seen: bool | None
):
    assert let_through(condition, {"territory_id": territory}, *passing) is seen


ELSEWHERE = exp.table_("customer_territory")
ELSEWHERE.meta[AS_STORED] = True


def at_home(column: str) -> exp.In:
    """The condition of the access layer that a customer is at home in one of the places."""
    listed = exp.select(exp.Explode(this=exp.Placeholder(this="places"))).subquery()
    there = exp.In(this=exp.column("territory_id"), query=listed)
    whose = exp.select("customer_id").from_(ELSEWHERE.copy()).where(there).subquery()
    return exp.In(this=exp.column(column), query=whose)


@pytest.mark.parametrize(
    ("homes", "seen"), [('["rome", "coast"]', True), ('["rome"]', False), ("[]", False), (None, False)]
)
def test_another_customer_who_is_named_must_be_at_home_there(homes: str | None, seen: bool):
    narrowed = select(WHOLE).where(at_home("from_customer_id"))
    more = remaining(select(WHOLE), narrowed, ("from_homes", "to_homes"))
    assert more is not None
    assert [each({"from_homes": homes}, lambda _: False, LISTS) for each in more] == [seen]


def test_where_another_customer_is_at_home_is_asked_where_the_rows_do_not_tell():
    assert remaining(select(WHOLE), select(WHOLE).where(at_home("from_customer_id")), ("to_homes",)) is None
    assert remaining(select(WHOLE), select(WHOLE).where(at_home("other_id")), ("from_homes",)) is None
    turned = exp.not_(at_home("from_customer_id"))
    assert remaining(select(WHOLE), select(WHOLE).where(turned), ("from_homes",)) is None


def test_what_the_rows_do_not_tell_is_asked():
    narrowed = f"{WHOLE} and list_contains($products, product_id)"
    assert remaining(select(WHOLE), select(narrowed), ("territory_id",)) is None
    assert remaining(select(WHOLE), select(f"{WHOLE} and kind <> 'x'"), ("territory_id",)) is None


@pytest.mark.parametrize(
    "other",
    [
        "select day, kind from order_line where customer_id = $customer",
        "select day from order_line group by day",
        "select day from (select day, customer_id from order_line limit 1) as t where customer_id = $customer",
        "select day from people.order_line where customer_id = $customer",
        "select day from order_line where kind = 'sale'",
    ],
)
def test_another_query_is_not_narrowed_here(other: str):
    assert remaining(select(WHOLE), select(other), ("territory_id",)) is None


def test_the_same_query_asks_for_nothing_more():
    assert remaining(select(WHOLE), select(WHOLE), ()) == ()


def test_a_part_is_asked_about_everybody_without_the_number():
    question = Question(
        gives=("day", "n"),
        sql="select happened_on, count(*) from order_line where customer_id = :customer and kind = 'sale' "
        "group by happened_on order by happened_on limit 5",
        rests_on=(),
    )
    part = Part(name="days", question=question, types=(Type.DATE, Type.INT), beside=("territory_id",))
    assert of_everybody(part).sql("duckdb") == (
        'SELECT happened_on AS "day", COUNT(*) AS "n", customer_id, territory_id FROM order_line '
        "WHERE kind = 'sale' GROUP BY happened_on, customer_id, territory_id"
    )


def test_what_was_written_in_another_form_is_not_read():
    written = f'{{"{FORM}": "{form(PARTS)}", "contact": []}}'
    assert told(form(PARTS), written) is not None
    assert told(form(PARTS[:-1]), written) is None


def test_who_may_not_see_something_of_a_page_does_not_read_all_of_it():
    for part in PARTS:
        rests = RESTS_ON["customer_told.of_runs" if part.of_runs else "customer_told.told"]
        wanted = {each for each in part.question.rests_on if not each.endswith(".customer_id")}
        assert wanted <= {*rests}, part.name
        assert {each for name in wanted for each in RESTS_ON.get(name, ())} <= {*rests}, part.name
