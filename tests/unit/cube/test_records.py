from datetime import date, datetime
from decimal import Decimal

import pytest

from clientela.contracts.filter import Condition, Not, Operator
from clientela.cube.records import records
from clientela.cube.view import View
from clientela.errors import NotPermittedError, QueryError, UnknownNameError
from tests.unit.cube.published import AS_OF, Published, line, reference

D = Decimal
LINES = (
    line("1", 1, "2024-01-05", "10", channel="web"),
    line("2", 2, "2024-01-06", "7"),
    line("3", None, "2024-01-07", "7", channel="web"),
    line("4", 1, "2024-01-08", "3", channel="shop"),
    line("5", 3, "2024-07-05", "1"),  # after the date
)
FEATURES = [
    {"customer_id": who, "as_of": day, "first_bought_on": date(2024, 1, 5), "repeat_purchases": repeats}
    for who, day, repeats in ((1, AS_OF, 3), (2, AS_OF, 0), (1, date(2024, 4, 1), 1))
]


def pages(view: View, *, limit: int, order: list[str], where: Condition | None = None) -> list[list[str]]:
    """The orders on each page, walked through to the end."""
    found, cursor = [], None
    while True:
        page = records(view, "order_line", ["order_id"], where, order=order, limit=limit, cursor=cursor)
        found.append([str(row[0]) for row in page.rows])
        assert len(found) < 10, "the pages never end"
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_rows_are_those_known_as_of_the_date(published: Published):
    view = published.add(order_line=LINES).view()
    result = records(view, "order_line", ["order_id", "net_revenue", "customer_id", "ordered_on"], limit=10)
    assert result.rows == (
        ("1", D(10), 1, date(2024, 1, 5)),
        ("2", D(7), 2, date(2024, 1, 6)),
        ("3", D(7), None, date(2024, 1, 7)),
        ("4", D(3), 1, date(2024, 1, 8)),
    )
    assert result.next_cursor is None
    assert [(each.name, each.type.value, each.unit) for each in result.columns[:2]] == [
        ("order_id", "text", None),
        ("net_revenue", "money", "EUR"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], ["1", "2", "3", "4"]),
        (["-net_revenue"], ["1", "2", "3", "4"]),
        (["net_revenue", "-order_id"], ["4", "3", "2", "1"]),
        (["channel"], ["4", "1", "3", "2"]),  # unknown comes last, both ways
        (["-channel"], ["1", "3", "4", "2"]),
        (["customer_id", "-happened_at"], ["4", "1", "2", "3"]),
    ],
)
def test_pages_give_every_row_once(published: Published, limit: int, order: list[str], expected: list[str]):
    walked = pages(published.add(order_line=LINES).view(), limit=limit, order=order)
    assert [each for page in walked for each in page] == expected
    assert all(len(page) == limit for page in walked[:-1])


def test_a_filter_holds_on_every_page(published: Published):
    view = published.add(order_line=LINES).view()
    assert pages(view, limit=1, order=[], where=Condition("channel", Operator.EQ, "web")) == [["1"], ["3"]]


def test_a_cursor_belongs_to_one_question(published: Published):
    view = published.add(order_line=LINES).view()
    cursor = records(view, "order_line", ["order_id"], limit=1).next_cursor
    assert cursor is not None
    with pytest.raises(QueryError, match="cursor does not belong"):
        records(view, "order_line", ["order_id"], order=["-order_id"], cursor=cursor)
    with pytest.raises(QueryError, match="cursor does not belong"):
        records(view, "order_line", ["order_id"], Condition("order_id", Operator.EQ, "1"), cursor=cursor)
    for broken in ("", "%", "e30", cursor[:-3], "bm90IGpzb24"):
        with pytest.raises(QueryError, match="cursor does not belong"):
            records(view, "order_line", ["order_id"], cursor=broken)


def test_features_are_those_of_the_date(published: Published):
    published.add(customer_feature=FEATURES)
    asked = ["customer_id", "repeat_purchases"]
    assert records(published.view(), "customer_feature", asked).rows == ((1, 3), (2, 0))
    assert records(published.view(as_of=date(2024, 4, 1)), "customer_feature", asked).rows == ((1, 1),)
    assert records(published.view(as_of=date(2024, 5, 1)), "customer_feature", asked).rows == ()


def with_people(published: Published) -> Published:
    """Customer 1 is known to two systems, customer 2 to one."""
    known = (("r1", "shop", 1, "S-1"), ("r2", "erp", 1, "E-1"), ("r3", "shop", 2, "S-2"))
    published.add(
        order_line=LINES,
        identity=[{"customer_ref": ref, "source": source, "customer_id": who} for ref, source, who, _ in known],
    )
    return published.add_people("identity", [{"customer_ref": ref, "record_id": key} for ref, _, _, key in known])


def test_a_customer_key_tells_whom_to_contact(published: Published):
    view = with_people(published).view()
    result = records(view, "order_line", ["order_id", "customer_key"])
    assert result.rows == (("1", "E-1, S-1"), ("2", "S-2"), ("3", None), ("4", "E-1, S-1"))


def test_a_customer_is_found_by_their_key(published: Published):
    view = with_people(published).view()
    where = Condition("customer_key", Operator.CONTAINS, "E-1")
    result = records(view, "order_line", ["order_id"], where, order=["-customer_key", "-order_id"], limit=1)
    assert result.rows == (("4",),)
    again = records(
        view, "order_line", ["order_id"], where, order=["-customer_key", "-order_id"], cursor=result.next_cursor
    )
    assert again.rows == (("1",),)


def test_personal_columns_are_joined_by_key_and_version(published: Published):
    known = datetime.fromisoformat("2024-02-01")
    case = {"source": "desk", "case_id": "c1", "customer_id": 1, "happened_on": date(2024, 1, 5)}
    case |= {"happened_at": datetime.fromisoformat("2024-01-05"), "known_assumed": False, "kind": "complaint"}
    first = {**case, "known_from": datetime.fromisoformat("2024-01-05"), "known_until": known}
    published.add(service_case=[first, {**case, "known_from": known}])
    texts = (("wrong size", first["known_from"]), ("wrong colour", known))
    published.add_people(
        "service_case",
        [
            {"source": "desk", "case_id": "c1", "customer_id": 1, "text": said, "known_from": moment}
            for said, moment in texts
        ],
    )
    view = published.view()
    assert records(view, "service_case", ["case_id", "text"]).rows == (("c1", "wrong colour"),)
    where = Condition("text", Operator.STARTS_WITH, "wrong")
    assert records(view, "service_case", ["case_id"], where, order=["-text"]).rows == (("c1",),)
    early = published.view(date(2024, 1, 20), datetime.fromisoformat("2024-01-20"))
    assert records(early, "service_case", ["text"]).rows == (("wrong size",),)


def test_without_the_people_file_nothing_personal_is_said(published: Published):
    view = with_people(published).view(people=None)
    assert len(records(view, "order_line", ["order_id"]).rows) == 4
    for asked in (
        {"columns": ["customer_key"]},
        {"columns": ["order_id"], "order": ["customer_key"]},
        {"columns": ["order_id"], "where": Not(Condition("customer_key", Operator.EQ, "S-1"))},
    ):
        with pytest.raises(NotPermittedError, match="'customer_key' of 'order_line' is personal"):
            records(view, "order_line", **asked)  # type: ignore[arg-type]
    with pytest.raises(NotPermittedError, match="'quarantine' is personal"):
        records(view, "quarantine", ["line"])


def test_quarantine_is_read_from_the_people_file(published: Published):
    row = {"source": "shop", "table_name": "order_line", "path": "a.csv", "line": 7, "column_name": "quantity"}
    published.add_people("quarantine", [{**row, "value": "x", "rule": "a number", "batch": "b", "run": 1}])
    result = records(published.view(), "quarantine", ["path", "line", "value"])
    assert result.rows == (("a.csv", 7, "x"),)


def test_tables_that_nobody_delivered_have_no_rows(published: Published):
    view = with_people(published).view()
    assert records(view, "consent", ["purpose", "at", "on"], order=["-at"]).rows == ()
    assert records(view, "survey_answer", ["score", "comment"], Condition("comment", Operator.EQ, "a")).rows == ()


def test_columns_named_like_words_of_sql_can_be_asked(published: Published):
    rate = reference(currency="USD", on=date(2024, 1, 1), rate=D("0.9"))
    view = published.add(exchange_rate=[rate]).view()
    where = Condition("on", Operator.LE, date(2024, 1, 1))
    assert records(view, "exchange_rate", ["on", "rate"], where, order=["-on"]).rows == ((date(2024, 1, 1), D("0.9")),)


def test_what_is_asked_wrongly_is_answered_in_words(published: Published):
    view = published.add(order_line=LINES).view()
    with pytest.raises(UnknownNameError, match="Did you mean 'order_line'"):
        records(view, "order_lines", ["order_id"])
    with pytest.raises(UnknownNameError, match="Did you mean 'net_revenue'"):
        records(view, "order_line", ["net_revenu"])
    with pytest.raises(UnknownNameError, match="unknown column 'known_until'"):
        records(view, "order_line", ["known_until"])
    with pytest.raises(QueryError, match="at least one"):
        records(view, "order_line", [])
    with pytest.raises(QueryError, match="1 to 10000 rows"):
        records(view, "order_line", ["order_id"], limit=10_001)
