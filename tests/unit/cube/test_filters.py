from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlglot import exp

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.contracts.schema import Type
from clientela.cube.figures.query import query
from clientela.cube.filters import Bound, condition, fields_of
from clientela.errors import QueryError, UnknownNameError
from tests.unit.cube.published import Published, line

CHANNELS = ("web", "w_b", "50% off", "it's", None)


def bought(published: Published, where: Filter) -> list[str | None]:
    """The channels of the lines that a filter keeps."""
    lines = [line(str(n), n, "2024-01-05", "1", channel=channel) for n, channel in enumerate(CHANNELS)]
    if "order_line" not in published.tables:
        published.add(order_line=lines)
    return [row[0] for row in query(published.view(), ["revenue"], ["channel"], where).rows]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        (Condition("channel", Operator.EQ, "web"), ["web"]),
        (Condition("channel", Operator.NE, "web"), ["50% off", "it's", "w_b"]),
        (Not(Condition("channel", Operator.EQ, "web")), ["50% off", "it's", "w_b"]),
        (Condition("channel", Operator.IS_NULL), [None]),
        (Not(Condition("channel", Operator.IS_NULL)), ["50% off", "it's", "w_b", "web"]),
        (Condition("channel", Operator.CONTAINS, "_"), ["w_b"]),
        (Condition("channel", Operator.CONTAINS, "%"), ["50% off"]),
        (Condition("channel", Operator.STARTS_WITH, "w_"), ["w_b"]),
        (Condition("channel", Operator.STARTS_WITH, "b"), []),
        (Condition("channel", Operator.EQ, "it's"), ["it's"]),
        (Condition("channel", Operator.EQ, "' or 1=1 --"), []),
        (Condition("channel", Operator.IN, ("web", "none")), ["web"]),
        (Condition("channel", Operator.IN, ()), []),
        (Not(Condition("channel", Operator.IN, ())), ["50% off", "it's", "w_b", "web", None]),
        (Condition("channel", Operator.BETWEEN, ("w", "wz")), ["w_b", "web"]),
        (And(()), ["50% off", "it's", "w_b", "web", None]),
        (Or(()), []),
        (Or((Condition("channel", Operator.EQ, "web"), Condition("channel", Operator.IS_NULL))), ["web", None]),
        (And((Condition("channel", Operator.GT, "i"), Condition("customer", Operator.GE, 1))), ["it's", "w_b"]),
    ],
)
def test_a_filter_keeps_what_sql_keeps(published: Published, where: Filter, kept: list[str | None]):
    assert bought(published, where) == kept


GOLD, OLD = Condition("segment", Operator.EQ, "gold"), Condition("segment", Operator.EQ, "old")
OTHER, NONE = Condition("segment", Operator.NE, "gold"), Condition("segment", Operator.IS_NULL)
WEB = Condition("channel", Operator.EQ, "web")


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        (GOLD, ["1"]),
        (OTHER, ["2"]),
        (NONE, ["2", "nobody"]),
        (Not(GOLD), ["2"]),
        (Not(OTHER), ["1"]),
        (Not(NONE), ["1"]),
        (OLD, []),
        (Not(OLD), ["1", "2"]),  # nothing is known of nobody, though nobody is in it
        (Condition("segment", Operator.NE, "old"), ["1", "2"]),
        (Or((GOLD, Not(Or((GOLD, WEB))))), ["1", "2"]),
        (And((OTHER, Not(And((GOLD, WEB))))), ["2"]),
    ],
)
def test_of_whom_no_segment_is_known_is_in_none_and_not_outside_one(
    published: Published, where: Filter, kept: list[str]
):
    lines = [line(str(n), n, "2024-01-05", "1", channel=str(n or "nobody")) for n in (1, 2, None)]
    days = {"gold": None, "old": date(2024, 2, 1)}
    stays = [{"customer_id": 1, "segment": name, "version": 1, "valid_to": until} for name, until in days.items()]
    published.add(order_line=lines, segment_member=[{**each, "valid_from": date(2024, 1, 1)} for each in stays])
    assert [row[0] for row in query(published.view(), ["revenue"], ["channel"], where).rows] == kept


@pytest.mark.parametrize(("where", "joined"), [(GOLD, True), (And((WEB, OTHER)), True), (Not(GOLD), False)])
def test_the_engine_joins_a_segment_wherever_unknown_is_as_good_as_false(where: Filter, joined: bool):
    types = {"channel": Type.TEXT, "segment": Type.TEXT}
    tree = condition(where, types, exp.column, Bound(), customer=exp.column("customer_id"))
    assert (tree.find(exp.Case) is None) == joined


def nested(depth: int) -> Filter:
    where: Filter = Condition("channel", Operator.IS_NULL)
    for _ in range(depth - 1):
        where = Not(where)
    return where


def test_eight_levels_are_read_and_nine_refused():
    assert fields_of(nested(8)) == {"channel"}
    with pytest.raises(QueryError, match="more than 8 levels"):
        fields_of(nested(9))
    with pytest.raises(QueryError, match="more than 8 levels"):
        fields_of(nested(100_000))


def test_two_hundred_parts_are_read_and_more_refused():
    one = Condition("channel", Operator.IS_NULL)
    assert fields_of(Or((one,) * 199)) == {"channel"}
    with pytest.raises(QueryError, match="more than 200 parts"):
        fields_of(Or((one,) * 200))


TYPES = {"text": Type.TEXT, "int": Type.INT, "bool": Type.BOOL, "date": Type.DATE, "at": Type.INSTANT} | {
    "money": Type.MONEY
}


def compiled(name: str, operator: Any, value: Any) -> tuple[str, list[object]]:
    bound = Bound()
    return condition(Condition(name, operator, value), TYPES, exp.column, bound).sql("duckdb"), [*bound.values.values()]


def test_values_are_bound_and_never_written():
    assert compiled("text", "eq", "'; drop table x") == ("(text = $value_0)", ["'; drop table x"])
    assert compiled("money", "between", (1, Decimal("2.5"))) == (
        "(money BETWEEN $value_0 AND $value_1)",
        [1, Decimal("2.5")],
    )


def test_a_moment_with_a_zone_is_bound_as_utc():
    moment = datetime.fromisoformat("2024-01-01T02:00:00+02:00")
    assert compiled("at", "lt", moment)[1] == [moment.astimezone(UTC).replace(tzinfo=None)]


@pytest.mark.parametrize(
    ("name", "operator", "value", "said"),
    [
        ("text", "eq", 1, "'text' takes a text; 1 is not one"),
        ("text", "eq", "a\0b", "takes a text"),
        ("text", "eq", "\ud800", "takes a text"),
        ("int", "eq", "1", "'int' takes a whole number; '1' is not one"),
        ("int", "eq", True, "takes a whole number"),
        ("int", "eq", 2**63, "takes a whole number"),
        ("int", "eq", Decimal(1), "takes a whole number"),
        ("bool", "eq", 1, "takes true or false"),
        ("bool", "lt", True, "has no order"),
        ("date", "ge", "2017-10-01", "'date' takes a date, such as 2017-10-01; '2017-10-01' is not one"),
        ("date", "eq", datetime.fromisoformat("2017-10-01"), "takes a date"),
        ("at", "eq", date(2017, 10, 1), "takes a moment"),
        ("money", "gt", 1.5, "takes a decimal number"),
        ("money", "gt", Decimal("nan"), "takes a decimal number"),
        ("money", "gt", Decimal("1e400"), "takes a decimal number"),
        ("text", "eq", None, "ask is_null"),
        ("text", "in", ("a", None), "ask is_null"),
        ("text", "in", "a", "takes a tuple"),
        ("text", "in", ("a",) * 1001, "at most 1000 values"),
        ("int", "between", (1,), "takes two values"),
        ("text", "is_null", "a", "takes no value"),
        ("int", "contains", 1, "is not a text"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_so_in_a_sentence(name: str, operator: str, value: Any, said: str):
    with pytest.raises(QueryError, match=said):
        compiled(name, operator, value)


def test_unknown_fields_operators_and_parts_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'money'"):
        compiled("mony", "eq", 1)
    with pytest.raises(UnknownNameError, match="unknown operator 'like'"):
        compiled("text", "like", "a")
    with pytest.raises(QueryError, match="str is none of them"):
        fields_of("channel = 1")  # type: ignore[arg-type]
