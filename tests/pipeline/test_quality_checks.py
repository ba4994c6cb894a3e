"""The six properties on tables small enough to count by hand."""

from __future__ import annotations

import pytest

from tests.pipeline.company import Shop, shop
from tests.pipeline.light import Taken, take

SOURCES = """
owner = "Ana Ruiz"
fresh_within = "3 days"

[[source]]
name = "till"
table = "order_line"
path = "exports/till.csv"
delivery = "append"

[[source]]
name = "erp"
table = "product"
path = "exports/product.csv"
delivery = "upsert"
fresh_within = "1 day"

[[source]]
name = "ledger"
table = "invoice"
path = "exports/invoice.csv"
delivery = "upsert"

[[source]]
name = "crm"
table = "customer_record"
path = "exports/people.csv"
delivery = "upsert"
keys_of = "shop"

[[source]]
name = "desk"
table = "service_case"
path = "exports/cases.csv"
delivery = "upsert"
"""


def line(number: int, **other: object) -> list[object]:
    said: dict[str, object] = {
        "order_id": f"o{number}",
        "line_no": "1",
        "customer_ref": f"c{number % 5}",
        "ordered_at": "2024-06-30 12:00:00",
        "product_id": "p1",
        "quantity": 1,
        "net_revenue": 10,
        "cost_of_goods": 5,
    }
    return list({**said, **other}.values())


def write(made: Shop, name: str, *lines: str) -> None:
    (made.exports / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    made = shop(tmp_path_factory.mktemp("checks") / "w", extra=SOURCES)
    weak = [
        line(0, customer_ref=""),
        line(1, product_id="p9"),
        line(2, product_id=""),
        line(3, net_revenue=0),
        line(4, quantity=-1),
        line(5, net_revenue=1000),  # cents for euros
        line(6, cost_of_goods=500),
        line(7, ordered_at="2024-07-09 12:00:00"),
        line(8, quantity=""),
        line(9),
        line(9),  # word for word
    ]
    made.deliver("orders-1.csv", [*weak, *(line(n) for n in range(10, 20))])
    made.deliver("till.csv", [[f"t{n}", "1", "", "2024-06-28 12:00:00", "p1", 10, 1] for n in range(4)], header=TILL)
    write(made, "product.csv", "product_id,name,unit_cost,list_price", "p1,Tea,5,10", "p2,,12,10")
    write(
        made,
        "invoice.csv",
        "invoice_id,order_id,amount,issued_on,paid_on",
        "i1,o10,10,2024-06-30,2024-06-29",  # paid before it was issued
        "i2,o11,12.1,2024-06-30,2024-07-01",  # with a tax that nobody delivers
        "i3,o12,100,2024-06-30,",  # not what the order came to
        "i4,o99,10,2024-06-30,",  # of no order
    )
    write(
        made,
        "people.csv",
        "record_id,full_name,email,created_at",
        "c0,Ana,ana@example.org,2024-01-01",
        "c1,Ben,,2024-01-01",
        "c2,Cleo,,2024-01-01",
    )
    write(
        made,
        "cases.csv",
        "case_id,customer_ref,opened_at,first_reply_at,closed_at",
        "k1,c0,2024-06-01 10:00,2024-06-01 09:00,2024-06-02 10:00",
        "k2,c0,2024-06-01 10:00,2024-06-01 11:00,",
    )
    return take(made, 1)


TILL = ("order_id", "line_no", "customer_ref", "ordered_at", "product_id", "quantity", "net_revenue")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("shop", "order_line", "", "valid"), (0, 20, "good")),
        (("shop", "order_line", "", "unique"), (1, 21, "look")),
        (("shop", "order_line", "", "accessible"), (0, 1, "good")),
        (("shop", "order_line", "customer_ref", "complete"), (1, 20, "look")),
        (("till", "order_line", "customer_ref", "complete"), (4, 4, "look")),  # a till knows nobody: never unfit
        (("shop", "order_line", "product_id", "complete"), (1, 20, "look")),
        (("shop", "order_line", "quantity", "complete"), (1, 20, "look")),
        (("shop", "order_line", "product_id", "correct", "refers"), (1, 19, "look")),
        (("shop", "order_line", "net_revenue", "correct", "zero"), (1, 19, "look")),  # of sales
        (("shop", "order_line", "quantity", "correct", "sign"), (1, 19, "look")),
        (("shop", "order_line", "cost_of_goods", "correct", "cost"), (1, 19, "look")),
        (("shop", "order_line", "ordered_at", "correct", "future"), (1, 20, "look")),
        (("shop", "order_line", "customer_ref", "correct", "refers"), (8, 19, "look")),  # c3 and c4 have no record
        (("shop", "order_line", "net_revenue", "correct", "price"), (1, 14, "look")),  # of those whose price is known
        (("till", "order_line", "net_revenue", "correct", "price"), (4, 4, "unfit")),
        (("erp", "product", "name", "complete"), (1, 2, "unfit")),
        (("erp", "product", "unit_cost", "correct", "cost"), (1, 2, "unfit")),
        (("ledger", "invoice", "paid_on", "correct", "order"), (1, 2, "unfit")),
        (("ledger", "invoice", "amount", "correct", "billed"), (1, 3, "unfit")),
        (("ledger", "invoice", "order_id", "correct", "refers"), (1, 4, "unfit")),
        (("crm", "customer_record", "email", "complete"), (2, 3, "look")),
        (("desk", "service_case", "first_reply_at", "correct", "order"), (1, 2, "unfit")),
        (("desk", "service_case", "closed_at", "correct", "order"), (0, 1, "good")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value[0], str) else None,
)
def test_weak_rows_are_counted(taken: Taken, place: tuple[str, ...], told: tuple[int, int, str]) -> None:
    assert taken.found(*place) == told


def test_what_nobody_delivers_is_not_missing(taken: Taken) -> None:
    asked = {(m.source, m.table_name, m.column_name) for m in taken.measures if m.property == "complete"}
    assert ("shop", "order_line", "channel") not in asked
    assert ("till", "order_line", "cost_of_goods") not in asked


def test_age_is_that_of_the_newest_fact_or_of_the_last_delivery(taken: Taken) -> None:
    told = {
        (m.source, m.table_name): (int(m.measured or 0), m.verdict) for m in taken.measures if m.property == "current"
    }
    assert told == {
        ("shop", "order_line"): (2, "good"),  # what lies in the future is not the newest that happened
        ("till", "order_line"): (4, "shown"),
        ("erp", "product"): (0, "good"),
        ("ledger", "invoice"): (2, "shown"),
        ("crm", "customer_record"): (183, "shown"),
        ("desk", "service_case"): (31, "shown"),
    }


def test_runs_are_compared(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = shop(tmp_path_factory.mktemp("runs") / "w")
    made.deliver("orders-1.csv", [line(n, product_id="" if n < 10 else "p1") for n in range(100)])
    take(made, 1)
    made.deliver("orders-2.csv", [line(n) for n in range(100, 200)])
    second = take(made, 2)
    (each,) = [m for m in second.measures if (m.column_name, m.property) == ("product_id", "complete")]
    assert [(past.run, str(past.measured), past.verdict) for past in each.before] == [(1, "0.100000", "look")]
    assert str(each.measured) == "0.050000"
